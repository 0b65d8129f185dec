// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "strandline/error.hpp"

namespace strandline::http {

/// A request that brought no answer to work with.
class HttpError : public Error {
 public:
  HttpError(ExitCode code, const std::string& message, int status = 0,
            std::vector<Note> notes = {})
      : Error(code, message, std::move(notes)), status_(status) {}

  /// The status of the answer; 0 if there was none.
  int status() const noexcept { return status_; }

  /// True if the same request may succeed a little later: by itself, where the
  /// code is ExitCode::temporary.
  bool passing() const noexcept {
    return passing_ || code() == ExitCode::temporary;
  }
  void set_passing() noexcept { passing_ = true; }

 private:
  int status_;
  bool passing_ = false;
};

/// A request that was given up because the program is to stop.
class Interrupted : public Error {
 public:
  /// `signal` is the number of the signal that asked for it: SIGTERM is
  /// ExitCode::terminated, any other ExitCode::interrupted.
  explicit Interrupted(int signal);
};

/// A request that was given up because nobody waits for its answer any more.
class Abandoned : public Error {
 public:
  Abandoned();
};

/// The run has taken as long as it may.
class TimeUp : public Error {
 public:
  /// `notes` stand before what to try.
  explicit TimeUp(std::vector<Note> notes = {});
};

/// Returns what can be done about an answer of `status` where one of 2xx was
/// expected.
ExitCode classify(int status) noexcept;

}  // namespace strandline::http
