// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/transport.hpp"

namespace strandline::http {

/// The way from one request over the redirects that answer it. Whether a place
/// may be asked is not decided here. Not thread-safe.
class Redirects {
 public:
  /// As many are followed one after the other.
  static constexpr int most = 3;

  /// Returns where `response`, the answer to `request`, sends on to; nothing
  /// if it is no redirect that may be followed: 301, 302, 303, 307 or 308 of a
  /// GET, 307 or 308 of a POST. Throws HttpError (ExitCode::protocol) for one
  /// that does not say where, or not by a URL, for one from https to http, for
  /// one that leads back, and for one more than `most`.
  std::optional<Url> next(const Request& request, const Response& response);

 private:
  std::vector<std::string> seen_;  ///< the URLs asked
};

}  // namespace strandline::http
