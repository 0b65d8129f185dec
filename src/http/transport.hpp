// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/url.hpp"
#include "model/instant.hpp"

namespace strandline::http {

/// Header names and values in the order sent; names compare without case.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// Returns the value of the first header `name`, or nothing.
std::optional<std::string_view> find_header(const Headers& headers,
                                            std::string_view name);

/// True if `a` and `b` name the same header: equal but for the case of ASCII
/// letters.
bool same_header(std::string_view a, std::string_view b) noexcept;

/// Returns the instant that the value of a `Date` header writes, or nothing if
/// it cannot be read (see parse_http_date).
std::optional<model::Instant> parse_date(std::string_view text);

/// The capacity that every body has to spare after its end, for parsers that
/// read in blocks and so past it.
inline constexpr std::size_t body_padding = 64;

/// How a request reads. What we send changes nothing at a source: a POST here
/// is a read as well, and may be sent again like a GET.
enum class Method { get, post };

/// "GET", "POST".
const char* to_text(Method method);

/// What is asked of a source.
struct Request {
  Url url;
  Headers headers = {};
  Method method = Method::get;
  std::string body = {};  ///< of a POST; its type stands in the headers

  /// Its answer cannot be had again, as one that changes a refresh token: once
  /// sent it is not given up at once.
  bool keep_answer = false;
};

/// Returns "GET https://…", without the query: what messages may show.
std::string name_of(const Request& request);

/// Returns "GET https://…?page&since", of the query the names alone: a value
/// may be of a record, or somebody's secret.
std::string outline_of(const Request& request);

/// An answer, whatever its status.
struct Response {
  int status = 0;
  Headers headers;
  std::string body;  ///< decoded; `body_padding` bytes to spare behind it
  std::optional<model::Instant> date;  ///< its `Date` header

  /// From when the transport was asked until the header of the answer was
  /// there. It includes name look-up, connection and TLS, so it is never less
  /// than the time that the server had: `date` less this is before it looked.
  std::chrono::nanoseconds time_to_first_byte{0};
};

/// The way out of the program: a network (CurlTransport), or a recording
/// (ReplayTransport). Not thread-safe: one for each thread.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Sends `request` and fills `response`, reusing the memory of its body. Any
  /// status is an answer; only when there is none does it throw HttpError.
  virtual void send(const Request& request, Response& response) = 0;
};

}  // namespace strandline::http
