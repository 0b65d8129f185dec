// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "http/transport.hpp"
#include "http/url.hpp"
#include "model/instant.hpp"
#include "recording/recording.hpp"
#include "recording/request_key.hpp"

namespace strandline::recording {

/// Answers requests from a recording, and opens no socket.
///
/// A recorded answer belongs to a request of the same method, origin, path,
/// query and body: the order of the query's parameters apart, and of the
/// members of a JSON body and the fields of a form; less what the recording
/// says to ignore. Other headers than the body's type are not looked at, nor
/// the values of fields that hold secrets by their name (see `normal_form`).
/// The same request asked again gets the next answer recorded for it; each is
/// given once, but for the last one of a request for an access token, which
/// does not run out. Thread-safe.
class Replay {
 public:
  explicit Replay(Recording recording);

  /// Throws HttpError (ExitCode::data) if no answer is left for `request`, with
  /// notes about the nearest one recorded and what differs; and what the
  /// recording has in the place of an answer.
  void answer(const http::Request& request, http::Response& response);

  /// The clock of the recording: the end of the exchange that was given last;
  /// before the first, the begin of the run.
  model::Instant now() const;
  model::Instant started() const { return started_; }

  /// Returns the requests, such as "GET https://…", whose answers nobody asked
  /// for, in the order recorded.
  std::vector<std::string> unused() const;

  std::size_t size() const { return exchanges_.size(); }

  /// True if there was no answer for a request.
  bool missed() const;

  /// Returns which exchanges were given, in that order, as their places in the
  /// recording.
  std::vector<std::size_t> given() const;

  /// Takes the exchanges at `places` for given.
  void skip(std::span<const std::size_t> places);

  /// Lets the last answers to the requests at `places` not run out.
  void repeat(std::span<const std::size_t> places);

 private:
  struct Recorded {
    std::vector<std::size_t> exchanges;  ///< in the order recorded
    std::size_t used = 0;                ///< so many of them
    bool repeats = false;                ///< the last one
    std::string shown;                   ///< for messages
  };

  const Exchange* next(Recorded& recorded);
  [[noreturn]] void miss(const RequestKey& asked,
                         const std::string& text) const;

  std::vector<Exchange> exchanges_;
  Ignored ignored_;
  bool scrubbed_;
  model::Instant started_;

  mutable std::mutex mutex_;
  model::Instant now_;
  std::map<RequestKey, Recorded> recorded_;
  std::vector<Recorded*> owners_;  ///< of each exchange
  std::vector<std::size_t> given_;
  bool missed_ = false;
};

/// A transport that answers from a replay, for one of its clients.
class ReplayTransport : public http::Transport {
 public:
  explicit ReplayTransport(std::shared_ptr<Replay> replay)
      : replay_(std::move(replay)) {}

  void send(const http::Request& request, http::Response& response) override {
    replay_->answer(request, response);
  }

 private:
  std::shared_ptr<Replay> replay_;
};

}  // namespace strandline::recording
