// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace strandline {

/// What became of a run, said by what can be done about it. The values are the
/// program's exit codes: those of sysexits.h, and a few from the range that
/// neither sysexits nor systemd names.
enum class ExitCode : int {
  ok = 0,              ///< everything asked for is done
  not_fresh = 1,       ///< `status`: a stream is not fresh
  partial = 10,        ///< some streams are done, some failed
  busy = 11,           ///< another run holds the lock
  usage = 64,          ///< the command line
  data = 65,           ///< a record or fixture is not as declared
  no_input = 66,       ///< a configuration, fixture or secret is missing
  unavailable = 69,    ///< the source says: gone, or not part of the plan
  bug = 70,            ///< a fault of this program
  cannot_create = 73,  ///< the database file cannot be created
  io = 74,             ///< the database file cannot be read or written
  temporary = 75,      ///< network, throttling, a lost fence: run again
  protocol = 76,       ///< the answer is not what was described
  credentials = 77,    ///< the source refuses the credentials
  configuration = 78,  ///< the configuration
  interrupted = 130,   ///< SIGINT; the last committed batch stays
  terminated = 143,    ///< SIGTERM; the last committed batch stays
};

/// One labelled line below an error's message: `request`, `kept`, `try`, …
struct Note {
  std::string label;
  std::string text;
};

/// Every failure that this library throws. `what()` is one sentence without a
/// final stop that says what went wrong and where; it never holds a secret.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message, std::vector<Note> notes = {})
      : std::runtime_error(message), code_(code), notes_(std::move(notes)) {}

  /// What can be done about it.
  ExitCode code() const noexcept { return code_; }

  /// What else helps, in the order to print it.
  const std::vector<Note>& notes() const noexcept { return notes_; }

  /// Adds a note; used by callers that know more than the thrower did.
  void add_note(std::string label, std::string text) {
    notes_.push_back({std::move(label), std::move(text)});
  }

 private:
  ExitCode code_;
  std::vector<Note> notes_;
};

}  // namespace strandline
