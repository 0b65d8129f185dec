// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/error.hpp"
#include "http/pace.hpp"
#include "http/retry.hpp"
#include "http/session.hpp"
#include "http/transport.hpp"
#include "http/waiter.hpp"
#include "model/definition.hpp"

namespace strandline::http {

/// When a client may send: after what the source asked for, at the rates of the
/// source and of the stream, and a while after a failure. Not thread-safe: one
/// for each client.
class Turns {
 public:
  /// Without a `waiter` it never waits. What a source asks for beyond
  /// `patience` is not waited for.
  Turns(std::shared_ptr<Session> session, std::shared_ptr<Waiter> waiter,
        std::chrono::milliseconds patience);

  /// The requests that follow are those of `stream`.
  void set_stream(const std::string& stream, std::optional<model::Rate> rate);

  /// The waiter's clock; without one the steady clock.
  Waiter::Clock::time_point now() const;

  /// Waits until a request may be sent, and counts it. Throws HttpError
  /// (ExitCode::temporary) if the source asks for a longer wait than there is
  /// patience or time for, TimeUp if a rate does, Interrupted when told to
  /// stop.
  void take();

  /// Makes as if the turn that `take` gave had not been taken: nothing was
  /// sent.
  void give_back();

  /// As `take` for a request that no rate counts.
  void take_uncounted();

  /// Keeps what the answer to `request` says about when to come again.
  void note(const Request& request, const Response& response);

  /// Waits after an attempt that failed, and returns true if there may be
  /// another; false after the last. Throws as `take` does, with the failure's
  /// notes, and TimeUp with the failure among them where the time is too short.
  bool wait_after(const HttpError& failure, Retries& retries);

 private:
  void wait_out_holds();
  void wait_out(const Pace::Hold& hold, const std::vector<Note>& notes);
  void wait_for_rate(Pace::Clock::time_point place);
  HttpError too_long(const Pace::Hold& hold, std::vector<Note> notes) const;

  std::shared_ptr<Session> session_;
  std::shared_ptr<Waiter> waiter_;
  std::chrono::milliseconds patience_;
  std::string stream_;
  std::unique_ptr<Pace> rate_;              ///< the stream's
  Pace::Clock::time_point place_{};         ///< of the last turn
  Pace::Clock::time_point stream_place_{};  ///< in the stream's rate
};

}  // namespace strandline::http
