// SPDX-License-Identifier: MIT
//
// What a person may do to where a stream stands. Each is planned without a
// change, to be shown, and done by a call of its own, as a run of the history.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "strandline/error.hpp"

namespace strandline {

/// Where a stream's mark goes back to: one of the two.
struct RewindTarget {
  std::optional<std::string> mark;  ///< RFC 3339, a date, or an integer
  std::optional<std::int64_t> run;  ///< the mark that this run ended with
};

/// A mark going back. Marks are RFC 3339 UTC, or integers.
struct Rewind {
  std::string stream;
  std::string source;
  std::string mark_before;
  std::string mark_after;
  std::string reads_from;     ///< the new mark less the overlap
  bool drops_window = false;  ///< the last run was cut short: read anew
};

/// Returns what `rewind_stream` would do. Takes the database's lock for a
/// moment. Throws as `rewind_stream` does.
Rewind plan_rewind(const std::filesystem::path& config,
                   const std::string& stream, const RewindTarget& target);

/// Moves a stream's mark back, so that the next run reads from there again; an
/// open window is dropped. Throws Error, and changes nothing: ExitCode::usage
/// if the stream has no mark or the target is not before it, ExitCode::busy if
/// a run is at work.
Rewind rewind_stream(const std::filesystem::path& config,
                     const std::string& stream, const RewindTarget& target);

/// What of a stream is forgotten.
struct Reset {
  std::string stream;
  std::string source;
  std::optional<std::string> mark;  ///< nothing: it had none
  std::int64_t rows = 0;            ///< deleted ones, as the rejects
  std::int64_t rejects = 0;
};

/// Returns what `reset_stream` would do. Takes the database's lock for a
/// moment. Throws as `reset_stream` does.
Reset plan_reset(const std::filesystem::path& config, const std::string& stream,
                 bool rows);

/// Forgets a stream's mark and position, so that the next run begins as the
/// first did. With `rows` the table's rows and the stream's rejects are deleted
/// too. Where there is no database nothing is done. Throws Error:
/// ExitCode::busy if a run is at work, ExitCode::configuration if the rows are
/// to be deleted of a table that is not the stream's.
Reset reset_stream(const std::filesystem::path& config,
                   const std::string& stream, bool rows);

}  // namespace strandline
