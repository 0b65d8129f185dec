// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http/transport.hpp"
#include "http/url.hpp"
#include "model/checkpoint.hpp"
#include "model/instant.hpp"
#include "strandline/error.hpp"

namespace strandline::recording {

/// Why a request had no answer.
struct NoAnswer {
  ExitCode code = ExitCode::temporary;
  std::string message;  ///< holds no secret

  friend bool operator==(const NoAnswer&, const NoAnswer&) = default;
};

/// A request and its answer, as recorded.
struct Exchange {
  std::string method;
  http::Url url;
  int status = 0;  ///< 0: there was no answer
  http::Headers response_headers = {};
  std::string body = {};  ///< of the answer, decoded
  http::Headers request_headers = {};
  std::string request_body = {};
  /// When the request was sent, by the clock of the machine that recorded it,
  /// in whole milliseconds as the times that follow.
  std::optional<model::Instant> started = {};
  std::chrono::milliseconds time_to_first_byte{0};
  std::chrono::milliseconds time{0};  ///< to the end of the answer
  std::optional<NoAnswer> no_answer = {};

  friend bool operator==(const Exchange&, const Exchange&) = default;
};

/// What does not count when a request is looked for in a recording.
struct Ignored {
  std::vector<std::string> query;  ///< names of parameters
  std::vector<std::string> body;   ///< JSON Pointers into JSON bodies

  friend bool operator==(const Ignored&, const Ignored&) = default;
};

/// A record for which a stream of children was to be read.
struct DueParent {
  std::string key;
  /// As store::PendingParent; empty if the run itself made it due.
  std::string values = {};
  model::Position position = {};  ///< from where; empty: from the begin

  friend bool operator==(const DueParent&, const DueParent&) = default;
};

/// What the run was asked to do, besides to go on.
struct Asked {
  bool full = false;
  std::optional<std::string> since = {};
  std::optional<std::string> until = {};

  friend bool operator==(const Asked&, const Asked&) = default;
};

/// What went over the wire in a run, and where it began.
struct Recording {
  /// When the run began, by the recording's clock.
  std::optional<model::Instant> started = {};
  /// By `pipeline_name`: what the streams of the run began with. A stream that
  /// was never read before has an empty one; nothing is said of the others.
  std::map<std::string, model::Checkpoint> checkpoints = {};
  /// By `pipeline_name`: when the lists of the run had last been read whole.
  std::map<std::string, model::Instant> full_at = {};
  /// By `pipeline_name`, of streams of children that the run read: for which
  /// records, in the order in which those had become due.
  std::map<std::string, std::vector<DueParent>> due = {};
  Asked asked = {};
  Ignored ignored = {};
  /// E-mail addresses, telephone numbers and names are stand-ins.
  bool scrubbed = false;
  std::vector<Exchange> exchanges = {};  ///< in the order in which they began

  friend bool operator==(const Recording&, const Recording&) = default;
};

}  // namespace strandline::recording
