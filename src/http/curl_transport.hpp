// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "http/transport.hpp"

namespace strandline::http {

/// The network, by libcurl. One connection is kept open from request to
/// request. TLS is verified and at least 1.2; redirects are not followed; no
/// cookies, no .netrc, no proxy, whatever the environment says.
class CurlTransport : public Transport {
 public:
  struct Options {
    /// The longest silence. A connection may take as long, but at most thirty
    /// seconds, a whole answer ten times that. From 1 s to a day.
    std::chrono::seconds timeout{60};
    std::size_t max_body = std::size_t{64} << 20U;  ///< bytes, decoded
    bool allow_http = false;  ///< http to other hosts than this machine

    /// Not 0, but the number of a signal, when the program is to stop; what is
    /// under way is then given up within about a second. May be null; else it
    /// must outlive the transport.
    const std::atomic<int>* stop = nullptr;

    /// From when on what is under way is given up as well.
    std::optional<std::chrono::steady_clock::time_point> deadline;
  };

  explicit CurlTransport(const Options& options);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  /// Throws HttpError: ExitCode::temporary where the network failed or the
  /// answer was cut off, ExitCode::protocol where TLS cannot be trusted, the
  /// answer is not sound HTTP or is too large, ExitCode::configuration where
  /// the request must not be sent as it is. Throws Interrupted when told to
  /// stop, TimeUp at the deadline. Its messages name the URL without its query.
  ///
  /// Not found out here: a body that was cut where its length is not known
  /// (no Content-Length, no chunks), where that was cut to fit, or in gzip. It
  /// ends early, and who reads it must ask for a complete document.
  void send(const Request& request, Response& response) override;

 private:
  class Transfer;
  std::unique_ptr<Transfer> transfer_;
};

}  // namespace strandline::http
