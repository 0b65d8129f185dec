// SPDX-License-Identifier: MIT
#include "http/curl_transport.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <utility>

#include "http/certificates.hpp"
#include "http/curl_easy.hpp"
#include "http/error.hpp"
#include "http/gunzip.hpp"
#include "http/transfer_error.hpp"
#include "model/text.hpp"
#include "strandline/version.hpp"

namespace strandline::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_header = std::size_t{256} << 10U;

}  // namespace

// One easy handle, and what is known of the request under way.
class CurlTransport::Transfer {
 public:
  explicit Transfer(const Options& options);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void send(const Request& request, Response& response);

 private:
  void set_callbacks();
  void set_proxy();
  void set_trust();
  void set_method(const Request& request);

  static std::size_t on_header(char* data, std::size_t size, std::size_t count,
                               void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t size, std::size_t count,
                             void* self) noexcept;
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t,
                         curl_off_t) noexcept;

  void take_header(std::string_view line);
  void begin_body();
  void take_coded(std::string_view bytes);
  void take_body(std::string_view bytes);
  Headers with_coding(Headers headers) const;
  bool stays_here(const Url& url) const;
  bool time_is_up() const {
    return options_.deadline && Clock::now() >= *options_.deadline;
  }
  int signal() const { return options_.stop ? options_.stop->load() : 0; }
  bool abandoned() const { return options_.abandoned && *options_.abandoned; }
  void require_going_on() const;
  bool must_give_up();
  bool is_sent() const;

  void read_answer();
  void check_answer() const;
  [[noreturn]] void fail(CURLcode code) const;
  HttpError error(ExitCode code, std::string_view why) const;

  // The request under way.
  struct Call {
    Response* response = nullptr;
    std::string where;  // "GET https://…", without the query
    std::size_t header_bytes = 0;
    bool header_complete = false;
    bool body_begun = false;
    std::unique_ptr<Gunzip> gzip = {};  // where the body is so coded
    // libcurl's own time to first byte is that of an interim answer (1xx),
    // which a server may send long before it looks at the data.
    Clock::time_point begin = Clock::now();
    Clock::time_point header_end{};
    bool keep_answer = false;
    std::optional<Clock::time_point> grace_end{};  // once told to stop
    std::exception_ptr failure{};                  // of a callback
  };

  Options options_;
  std::chrono::seconds grace_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  CurlEasy easy_;
  Call call_;
  bool takes_gzip_ = true;
};

CurlTransport::Transfer::Transfer(const Options& options) : options_(options) {
  // libcurl counts in milliseconds of 32 bits.
  const std::chrono::seconds day = std::chrono::hours(24);
  const auto timeout =
      std::clamp(options.timeout, std::chrono::seconds(1), day);
  const auto connect = std::min(timeout, std::chrono::seconds(30));
  grace_ = std::min(timeout, grace);
  easy_.set(CURLOPT_CONNECTTIMEOUT, long{connect.count()});
  easy_.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  easy_.set(CURLOPT_LOW_SPEED_TIME, long{timeout.count()});
  easy_.set(CURLOPT_TIMEOUT, long{10 * timeout.count()});
  easy_.set(CURLOPT_NOSIGNAL, 1L);
  // Else whoever gives up waits for the thread that looks a name up.
  easy_.set(CURLOPT_QUICK_EXIT, 1L);

  // The coding is taken off here: see Gunzip.
  easy_.set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  easy_.set(CURLOPT_FOLLOWLOCATION, 0L);
  easy_.set(CURLOPT_HTTP09_ALLOWED, 0L);
  easy_.set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2TLS});
  easy_.set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  set_proxy();
  set_trust();
  easy_.set(CURLOPT_USERAGENT, fmt::format("strandline/{}", version).c_str());
  set_callbacks();
}

void CurlTransport::Transfer::set_proxy() {
  // Empty, and not unset: no proxy and no exception but what is configured,
  // whatever the environment says.
  easy_.set(CURLOPT_PROXY, options_.proxy.c_str());
  easy_.set(CURLOPT_NOPROXY, "");
  // What is for the source is not for the proxy's eyes, and the other way.
  easy_.set(CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});
}

void CurlTransport::Transfer::set_trust() {
  easy_.set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  easy_.set(CURLOPT_SSL_VERIFYHOST, 2L);
  easy_.set(CURLOPT_SSL_VERIFYPEER, 1L);
  easy_.set(CURLOPT_PROXY_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  easy_.set(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
  easy_.set(CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
  if (options_.ca.empty()) {
    return;
  }
  require_certificates(options_.ca);
  const char* const none = nullptr;
  easy_.set(CURLOPT_CAINFO, options_.ca.c_str());
  easy_.set(CURLOPT_CAPATH, none);
  easy_.set(CURLOPT_PROXY_CAINFO, options_.ca.c_str());
  easy_.set(CURLOPT_PROXY_CAPATH, none);
}

void CurlTransport::Transfer::set_callbacks() {
  easy_.set(CURLOPT_ERRORBUFFER, static_cast<void*>(reason_.data()));
  easy_.set(CURLOPT_HEADERDATA, this);
  easy_.set(CURLOPT_WRITEDATA, this);
  easy_.set(CURLOPT_XFERINFODATA, this);
  easy_.set(CURLOPT_NOPROGRESS, 0L);
  easy_.set(CURLOPT_HEADERFUNCTION, &on_header);
  easy_.set(CURLOPT_WRITEFUNCTION, &on_body);
  easy_.set(CURLOPT_XFERINFOFUNCTION, &on_progress);
}

void CurlTransport::Transfer::send(const Request& request, Response& response) {
  const auto& url = request.url;
  require_going_on();
  call_ = {&response, name_of(request)};
  call_.keep_answer = request.keep_answer;
  if (!url.encrypted() && !stays_here(url) && !options_.allow_http) {
    auto refusal = error(ExitCode::configuration,
                         "http without TLS goes only to this machine itself");
    refusal.add_note("try", "use https, or set allow_http = true");
    throw refusal;
  }
  const auto headers = header_list(with_coding(request.headers));

  response.headers.clear();
  response.body.clear();
  reason_.front() = '\0';
  easy_.set(CURLOPT_PROTOCOLS_STR, url.encrypted() ? "https" : "http");
  easy_.set(CURLOPT_URL, url.text().c_str());
  easy_.set(CURLOPT_HTTPHEADER, static_cast<void*>(headers.get()));
  set_method(request);
  const auto code = curl_easy_perform(easy_.handle());
  easy_.set(CURLOPT_HTTPHEADER, static_cast<void*>(nullptr));
  if (code != CURLE_OK) {
    fail(code);
  }
  read_answer();
  check_answer();
}

// To a proxy elsewhere "this machine" is that one.
bool CurlTransport::Transfer::stays_here(const Url& url) const {
  const auto& proxy = options_.proxy;
  const auto host = std::min(proxy.find("://"), proxy.size());
  return url.loopback() &&
         (proxy.empty() || Url("http" + proxy.substr(host)).loopback());
}

void CurlTransport::Transfer::set_method(const Request& request) {
  if (request.method == Method::get) {
    easy_.set(CURLOPT_HTTPGET, 1L);
    return;
  }
  easy_.set(CURLOPT_POST, 1L);
  easy_.set(CURLOPT_POSTFIELDS, request.body.data());
  easy_.set_large(CURLOPT_POSTFIELDSIZE_LARGE,
                  static_cast<curl_off_t>(request.body.size()));
}

void CurlTransport::Transfer::read_answer() {
  long status = 0;
  curl_easy_getinfo(easy_.handle(), CURLINFO_RESPONSE_CODE, &status);
  call_.response->status = static_cast<int>(status);
  call_.response->time_to_first_byte = call_.header_end - call_.begin;

  curl_header* header = nullptr;
  while ((header = curl_easy_nextheader(easy_.handle(), CURLH_HEADER, -1,
                                        header)) != nullptr) {
    // libcurl 7.88 leaves the line's end in a value that is empty.
    std::string_view value = header->value;
    value = value.substr(0, value.find_last_not_of("\r\n") + 1);
    call_.response->headers.emplace_back(header->name, value);
  }
  const auto date = find_header(call_.response->headers, "Date");
  call_.response->date = date ? parse_date(*date) : std::nullopt;
  call_.response->body.reserve(call_.response->body.size() + body_padding);
}

// What libcurl lets pass.
void CurlTransport::Transfer::check_answer() const {
  if (!call_.header_complete) {
    throw error(ExitCode::temporary, "the answer was cut off in its header");
  }
  if (call_.gzip && !call_.gzip->whole()) {
    throw error(ExitCode::temporary, "the answer was cut off in its gzip");
  }
  std::optional<std::string_view> length;
  for (const auto& [name, value] : call_.response->headers) {
    if (!same_header(name, "Content-Length")) {
      continue;
    }
    if (length && *length != value) {
      throw error(ExitCode::protocol,
                  "the answer has two different lengths in its header");
    }
    length = value;
  }
}

HttpError CurlTransport::Transfer::error(ExitCode code,
                                         std::string_view why) const {
  return HttpError(code, fmt::format("{}: {}", call_.where, why));
}

void CurlTransport::Transfer::fail(CURLcode code) const {
  if (call_.failure) {
    std::rethrow_exception(call_.failure);
  }
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    require_going_on();
  }
  if (code == CURLE_OUT_OF_MEMORY) {
    // libcurl 7.88 says so of a single header beyond its own limit, 100 KiB.
    throw error(ExitCode::protocol,
                "a header of the answer is too long, or memory is short");
  }
  const char* reason =
      reason_.front() != '\0' ? reason_.data() : curl_easy_strerror(code);
  auto failure = error(classify_failure(easy_.handle(), code, reason),
                       model::printable(reason, 300));
  if (const auto advice = advice_on_failure(easy_.handle(), code)) {
    failure.add_note("try", *advice);
  }
  throw failure;
}

void CurlTransport::Transfer::require_going_on() const {
  if (const int number = signal(); number != 0) {
    throw Interrupted(number);
  }
  if (abandoned()) {
    throw Abandoned();
  }
  if (time_is_up()) {
    throw TimeUp();
  }
}

bool CurlTransport::Transfer::must_give_up() {
  if (signal() == 0 && !abandoned() && !time_is_up()) {
    return false;
  }
  if (!call_.keep_answer || !is_sent()) {
    return true;
  }
  const auto now = Clock::now();
  if (!call_.grace_end) {
    call_.grace_end = now + grace_;
  }
  return now >= *call_.grace_end;
}

bool CurlTransport::Transfer::is_sent() const {
  curl_off_t ready = 0;  // when connection and TLS were: the next is to send
  curl_easy_getinfo(easy_.handle(), CURLINFO_PRETRANSFER_TIME_T, &ready);
  return ready > 0;
}

void CurlTransport::Transfer::take_header(std::string_view line) {
  call_.header_bytes += line.size();
  if (call_.header_bytes > max_header) {
    throw error(ExitCode::protocol,
                fmt::format("the header of the answer is larger than {} KiB",
                            max_header >> 10U));
  }
  // Interim answers (1xx) have headers of their own, each with its end.
  if (line.starts_with("HTTP/")) {
    call_.header_complete = false;
  }
  if (line == "\r\n" || line == "\n") {
    call_.header_complete = true;
    call_.header_end = Clock::now();
  }
}

// A source that sends damaged gzip may do without it.
Headers CurlTransport::Transfer::with_coding(Headers headers) const {
  if (!find_header(headers, "Accept-Encoding")) {
    headers.emplace(headers.begin(), "Accept-Encoding",
                    takes_gzip_ ? "gzip" : "identity");
  }
  return headers;
}

void CurlTransport::Transfer::begin_body() {
  call_.body_begun = true;
  curl_header* header = nullptr;
  if (curl_easy_header(easy_.handle(), "Content-Encoding", 0, CURLH_HEADER, -1,
                       &header) != CURLHE_OK) {
    return;
  }
  const std::string_view coding = header->value;
  if (header->amount == 1 &&
      (same_header(coding, "gzip") || same_header(coding, "x-gzip"))) {
    call_.gzip = std::make_unique<Gunzip>();
  } else if (header->amount != 1 || !same_header(coding, "identity")) {
    throw error(ExitCode::protocol,
                fmt::format("the answer is in the coding '{}', which was not "
                            "asked for",
                            model::printable(coding, 40)));
  }
}

void CurlTransport::Transfer::take_coded(std::string_view bytes) {
  if (!call_.body_begun) {
    begin_body();
  }
  if (!call_.gzip) {
    take_body(bytes);
    return;
  }
  try {
    call_.gzip->take(bytes, [this](auto piece) { take_body(piece); });
  } catch (const Gunzip::Damaged& damage) {
    // Asked again it is asked without.
    const auto code = std::exchange(takes_gzip_, false) ? ExitCode::temporary
                                                        : ExitCode::protocol;
    throw error(code, fmt::format("the answer's gzip is damaged: {}",
                                  model::printable(damage.what(), 80)));
  }
}

void CurlTransport::Transfer::take_body(std::string_view bytes) {
  auto& body = call_.response->body;
  if (bytes.size() > options_.max_body - body.size()) {
    auto refusal =
        error(ExitCode::protocol,
              fmt::format("the answer is larger than {} bytes, decoded",
                          options_.max_body));
    refusal.add_note("try", "ask for smaller pages, or raise max_body");
    throw refusal;
  }
  body.append(bytes);
}

std::size_t CurlTransport::Transfer::on_header(char* data, std::size_t size,
                                               std::size_t count,
                                               void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  try {
    transfer.take_header({data, size * count});
    return size * count;
  } catch (...) {
    transfer.call_.failure = std::current_exception();
    return 0;
  }
}

std::size_t CurlTransport::Transfer::on_body(char* data, std::size_t size,
                                             std::size_t count,
                                             void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  try {
    transfer.take_coded({data, size * count});
    return size * count;
  } catch (...) {
    transfer.call_.failure = std::current_exception();
    return 0;
  }
}

int CurlTransport::Transfer::on_progress(void* self, curl_off_t, curl_off_t,
                                         curl_off_t, curl_off_t) noexcept {
  return static_cast<Transfer*>(self)->must_give_up() ? 1 : 0;
}

CurlTransport::CurlTransport(const Options& options)
    : transfer_(std::make_unique<Transfer>(options)) {}

CurlTransport::~CurlTransport() = default;

void CurlTransport::send(const Request& request, Response& response) {
  transfer_->send(request, response);
}

}  // namespace strandline::http
