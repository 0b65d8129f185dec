// SPDX-License-Identifier: MIT
#include "http/curl_easy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "http/error.hpp"
#include "model/text.hpp"

namespace strandline::http {
namespace {

void check(CURLcode code) {
  if (code == CURLE_OUT_OF_MEMORY) {
    throw std::bad_alloc();
  }
  if (code != CURLE_OK) {
    throw Error(ExitCode::bug, fmt::format("libcurl refuses an option: {}",
                                           curl_easy_strerror(code)));
  }
}

bool is_token(std::string_view text) {
  constexpr std::string_view characters =
      "!#$%&'*+-.^_`|~0123456789"
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

// Of a value that comes from data it would begin another header, or a body.
bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

void append(CurlList& list, const std::string& line) {
  auto* grown = curl_slist_append(list.get(), line.c_str());
  if (grown == nullptr) {
    throw std::bad_alloc();
  }
  // What was the list is part of `grown`, or is it.
  static_cast<void>(list.release());
  list.reset(grown);
}

}  // namespace

CurlEasy::CurlEasy() {
  // Once, and before any thread's first handle.
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready == CURLE_OK) {
    handle_.reset(curl_easy_init());
  }
  if (!handle_) {
    throw Error(ExitCode::bug, "libcurl cannot be initialised");
  }
}

void CurlEasy::set(CURLoption option, long value) {
  check(curl_easy_setopt(handle(), option, value));
}

void CurlEasy::set_large(CURLoption option, curl_off_t value) {
  check(curl_easy_setopt(handle(), option, value));
}

void CurlEasy::set(CURLoption option, const char* value) {
  check(curl_easy_setopt(handle(), option, value));
}

void CurlEasy::set(CURLoption option, void* value) {
  check(curl_easy_setopt(handle(), option, value));
}

void CurlEasy::set(CURLoption option, Sink value) {
  check(curl_easy_setopt(handle(), option, value));
}

void CurlEasy::set(CURLoption option, Progress value) {
  check(curl_easy_setopt(handle(), option, value));
}

CurlList header_list(const Headers& headers) {
  CurlList list;
  for (const auto& [name, value] : headers) {
    if (!is_token(name)) {
      throw HttpError(ExitCode::configuration,
                      fmt::format("\"{}\" is not a header's name",
                                  model::printable(name, 80)));
    }
    if (std::ranges::any_of(value, is_control)) {
      throw HttpError(
          ExitCode::protocol,
          fmt::format("the value of the header {} has a line break or another "
                      "control character in it",
                      name));
    }
    // "Name:" would mean to libcurl that the header is to be left out.
    append(list,
           value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  return list;
}

}  // namespace strandline::http
