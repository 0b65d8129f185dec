// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "http/transport.hpp"
#include "recording/recording.hpp"

namespace strandline::recording {

/// Answers from a recording and opens no socket. A recorded answer belongs to a
/// request of the same method, origin, path and query, the order of the query's
/// parameters apart; headers are not looked at. The same request asked again
/// gets the next answer recorded for it; each is given once.
class ReplayTransport : public http::Transport {
 public:
  explicit ReplayTransport(std::vector<Exchange> exchanges);

  /// Throws HttpError (ExitCode::data) if no answer is left for `request`, with
  /// notes about the nearest one recorded and what differs.
  void send(const http::Request& request, http::Response& response) override;

  /// Returns the requests, such as "GET https://…", whose answers nobody asked
  /// for, in the order recorded.
  std::vector<std::string> unused() const;

 private:
  /// What a request is recognised by.
  struct Key {
    std::string origin;
    std::string path;
    std::string method;
    http::Query query;  ///< sorted

    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Recorded {
    std::vector<std::size_t> exchanges;  ///< in the order recorded
    std::size_t used = 0;                ///< so many of them
  };

  static Key key(const std::string& method, const http::Url& url);
  [[noreturn]] void miss(const Key& asked, const std::string& text) const;

  std::vector<Exchange> exchanges_;
  std::map<Key, Recorded> recorded_;
};

}  // namespace strandline::recording
