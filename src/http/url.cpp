// SPDX-License-Identifier: MIT
#include "http/url.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "http/error.hpp"
#include "model/text.hpp"

namespace strandline::http {
namespace {

struct HandleDeleter {
  void operator()(CURLU* handle) const noexcept { curl_url_cleanup(handle); }
};
using Handle = std::unique_ptr<CURLU, HandleDeleter>;

struct CurlStringDeleter {
  void operator()(char* text) const noexcept { curl_free(text); }
};
using CurlString = std::unique_ptr<char, CurlStringDeleter>;

constexpr unsigned lenient = CURLU_ALLOW_SPACE | CURLU_URLENCODE;

Handle new_handle() {
  Handle handle(curl_url());
  if (!handle) {
    throw std::bad_alloc();
  }
  return handle;
}

// Returns nothing if the URL has no such part.
std::string part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  const auto code = curl_url_get(handle, which, &text, flags);
  const CurlString owner(text);
  if (code == CURLUE_OUT_OF_MEMORY) {
    throw std::bad_alloc();
  }
  return code == CURLUE_OK ? std::string(text) : std::string();
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return text;
}

// What a message may show of a text that is not known to be a URL.
std::string presentable(std::string_view text) {
  text = text.substr(0, text.find_first_of("?#"));
  const auto at = text.rfind('@');
  if (at != text.npos) {
    text = text.substr(at + 1);
  }
  return model::printable(text, 200);
}

[[noreturn]] void refuse(ExitCode failure, std::string_view text,
                         std::string_view why) {
  throw HttpError(failure, fmt::format("cannot read the URL \"{}\": {}",
                                       presentable(text), why));
}

// Puts `text`, absolute or seen from what is there already, into `handle`.
void put(CURLU* handle, std::string_view text, ExitCode failure) {
  if (text.find('\0') != text.npos) {
    refuse(failure, text, "it has a NUL character");
  }
  const auto code =
      curl_url_set(handle, CURLUPART_URL, std::string(text).c_str(),
                   lenient | CURLU_DISALLOW_USER);
  if (code == CURLUE_OUT_OF_MEMORY) {
    throw std::bad_alloc();
  }
  if (code == CURLUE_USER_NOT_ALLOWED) {
    refuse(failure, text, "it has a user name or password in it");
  }
  if (code != CURLUE_OK) {
    refuse(failure, text, curl_url_strerror(code));
  }
}

std::string decode(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '+', ' ');
  return percent_decode(plain);
}

// The pieces of a query between its `&`, as they stand; empty ones left out.
std::vector<std::string_view> pieces(std::string_view query) {
  std::vector<std::string_view> found;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    if (end > 0) {
      found.push_back(query.substr(0, end));
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return found;
}

std::string name_of(std::string_view piece) {
  return decode(piece.substr(0, piece.find('=')));
}

std::string written(std::string_view name, std::string_view value) {
  return percent_encode(name) + "=" + percent_encode(value);
}

void join(std::string& query, std::string_view more) {
  if (!query.empty() && !more.empty()) {
    query += '&';
  }
  query += more;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  // To libcurl a length of zero means a text that ends with NUL.
  if (text.empty()) {
    return {};
  }
  const CurlString encoded(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
  if (!encoded) {
    throw std::bad_alloc();
  }
  return encoded.get();
}

std::string percent_decode(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  int length = 0;
  const CurlString decoded(curl_easy_unescape(
      nullptr, text.data(), static_cast<int>(text.size()), &length));
  if (!decoded) {
    throw std::bad_alloc();
  }
  return {decoded.get(), static_cast<std::size_t>(length)};
}

Url::Url(std::string_view text, ExitCode failure) {
  const auto handle = new_handle();
  put(handle.get(), text, failure);
  scheme_ = lower_case(part(handle.get(), CURLUPART_SCHEME));
  if (scheme_ != "https" && scheme_ != "http") {
    refuse(failure, text, "it is neither http nor https");
  }
  host_ = part(handle.get(), CURLUPART_HOST);
  port_ = part(handle.get(), CURLUPART_PORT);
  path_ = part(handle.get(), CURLUPART_PATH);
  query_ = part(handle.get(), CURLUPART_QUERY);
  origin_ = fmt::format("{}://{}:{}", scheme_, lower_case(host_),
                        part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

void Url::append_path(std::string_view path) {
  if (path.empty()) {
    return;
  }
  if (path.find('#') != path.npos) {
    refuse(ExitCode::configuration, path, "a # in it must be written %23");
  }
  const auto question = std::min(path.find('?'), path.size());
  auto query = query_;
  join(query, path.substr(std::min(question + 1, path.size())));
  path = path.substr(0, question);

  auto base = without_query();
  if (!path.empty()) {
    base.erase(base.find_last_not_of('/') + 1);
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    base += '/';
  }
  *this =
      Url(fmt::format("{}{}?{}", base, path, query), ExitCode::configuration);
}

void Url::add_query(std::string_view name, std::string_view value) {
  join(query_, written(name, value));
}

void Url::set_query(std::string_view name, std::string_view value) {
  std::string query;
  bool placed = false;
  for (const auto piece : pieces(query_)) {
    if (name_of(piece) != name) {
      join(query, piece);
    } else if (!placed) {
      join(query, written(name, value));
      placed = true;
    }
  }
  query_ = std::move(query);
  if (!placed) {
    add_query(name, value);
  }
}

void Url::remove_query(std::string_view name) {
  std::string query;
  for (const auto piece : pieces(query_)) {
    if (name_of(piece) != name) {
      join(query, piece);
    }
  }
  query_ = std::move(query);
}

Url Url::resolve(std::string_view reference) const {
  // libcurl 7.88 takes a reference that is empty, or a fragment alone, for the
  // folder instead of the document.
  reference = reference.substr(0, reference.find('#'));
  if (reference.empty()) {
    return *this;
  }
  const auto handle = new_handle();
  put(handle.get(), text(), ExitCode::protocol);
  put(handle.get(), reference, ExitCode::protocol);
  return Url(part(handle.get(), CURLUPART_URL));
}

std::string Url::text() const {
  return query_.empty() ? without_query() : without_query() + "?" + query_;
}

std::string Url::without_query() const {
  return fmt::format("{}://{}{}{}{}", scheme_, host_, port_.empty() ? "" : ":",
                     port_, path_);
}

// What has no name may be a value.
std::string Url::without_values() const {
  std::string names;
  for (const auto piece : pieces(query_)) {
    const auto equals = piece.find('=');
    join(names, equals != piece.npos ? piece.substr(0, equals) : "");
  }
  return names.empty() ? without_query() : without_query() + "?" + names;
}

std::string Url::path_and_query() const {
  return query_.empty() ? path_ : path_ + "?" + query_;
}

Query Url::query() const {
  Query parameters;
  for (const auto piece : pieces(query_)) {
    const auto equals = std::min(piece.find('='), piece.size());
    parameters.emplace_back(
        decode(piece.substr(0, equals)),
        decode(piece.substr(std::min(equals + 1, piece.size()))));
  }
  return parameters;
}

bool Url::loopback() const {
  if (lower_case(host_) == "localhost") {
    return true;
  }
  in_addr v4{};
  if (inet_pton(AF_INET, host_.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24U) == 127;
  }
  return host_ == "[::1]";
}

}  // namespace strandline::http
