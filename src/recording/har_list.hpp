// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/instant.hpp"

namespace strandline::recording {

/// An entry of a HAR file, as far as it can be read.
struct ListedEntry {
  std::string method;
  std::string url;
  std::optional<std::int64_t> status;  ///< none: there was no answer
  std::optional<std::int64_t> bytes;   ///< of the answer's body, decoded
  std::chrono::milliseconds time{0};
  std::string content;  ///< media type of the answer
  /// Why it answers nothing in a replay, or what the answer was if not 2xx;
  /// empty: nothing.
  std::string problem;
  bool replayed = false;  ///< a replay takes it
};

/// What a HAR file is, and what is in it.
struct Listing {
  std::string creator;  ///< "Strandline 0.1.0"; empty: it does not say
  std::optional<model::Instant> started;
  bool redacted = false;
  bool scrubbed = false;
  std::vector<std::string> streams;  ///< whose checkpoints it has
  std::vector<ListedEntry> entries;
};

/// Reads what a HAR file is, and is content with less than `read_har`: what is
/// wrong with an entry is said there. Throws Error (ExitCode::data) if it is no
/// HAR file at all.
Listing list_har(std::string_view file, std::string_view name);

}  // namespace strandline::recording
