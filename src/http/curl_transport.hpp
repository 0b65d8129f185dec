// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "http/transport.hpp"

namespace strandline::http {

/// The network, by libcurl. One connection is kept open from request to
/// request, HTTP/2 where the server offers it with TLS. TLS is always verified,
/// and at least 1.2; redirects are not followed; no cookies, no .netrc, and no
/// proxy but `Options::proxy`, whatever the environment says.
class CurlTransport : public Transport {
 public:
  struct Options {
    /// The longest silence. A connection may take as long, but at most thirty
    /// seconds, a whole answer ten times that. From 1 s to a day.
    std::chrono::seconds timeout{60};
    std::size_t max_body = std::size_t{64} << 20U;  ///< bytes, decoded
    bool allow_http = false;  ///< http to other hosts than this machine

    /// `http://`, `https://` or `socks5h://`, host and port, through which
    /// everything goes; empty: none. A proxy elsewhere makes of http to this
    /// machine one to another host.
    std::string proxy;

    /// The certificates, in PEM, that are trusted in place of the system's, for
    /// the proxy too; empty: the system's.
    std::filesystem::path ca;

    /// Not 0, but the number of a signal, when the program is to stop; what is
    /// under way is then given up within about a second. May be null; else it
    /// must outlive the transport.
    const std::atomic<int>* stop = nullptr;

    /// True while nobody waits for an answer; what is under way is then given
    /// up as well. May be null.
    std::shared_ptr<const std::atomic<bool>> abandoned;

    /// From when on what is under way is given up as well.
    std::optional<std::chrono::steady_clock::time_point> deadline;
  };

  /// A request that is to `keep_answer` and was sent is waited for so long, or
  /// as long as the timeout if that is less, before it is given up.
  static constexpr std::chrono::seconds grace{10};

  /// Throws Error with `ExitCode::no_input` for a `ca` that cannot be used.
  explicit CurlTransport(const Options& options);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  /// Throws HttpError: ExitCode::temporary where the network failed or the
  /// answer was cut off, ExitCode::protocol where TLS cannot be trusted, the
  /// answer is not sound HTTP or is too large, or where the request must not be
  /// sent as it is, ExitCode::configuration where that is for its scheme or a
  /// header's name, ExitCode::credentials where the proxy wants a password.
  /// Throws Interrupted when told to stop, Abandoned where nobody waits, TimeUp
  /// at the deadline; nothing is begun then. Its messages name the URL without
  /// its query.
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
