// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/console.hpp"
#include "strandline/rejects.hpp"
#include "strandline/rewind.hpp"

namespace strandline::cli {

/// What every verb takes.
struct Common {
  std::string config;  ///< empty: where it is looked for
  bool json = false;
  report::Console::Detail detail = report::Console::Detail::normal;
};

/// What `sync` is asked for, as written.
struct SyncRequest {
  std::vector<std::string> streams;  ///< empty: all
  bool full = false;
  bool allow_sweep = false;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> max_time;  ///< a duration of the configuration
  std::filesystem::path record;
  std::filesystem::path replay;
  bool scrub = false;
  std::vector<std::string> ignore;
};

/// What `check` is asked for.
struct CheckRequest {
  std::vector<std::string> streams;  ///< empty: all
  bool offline = false;              ///< ask no source
};

/// What `har redact` is asked for.
struct HarRedaction {
  std::string file;
  std::string out;  ///< empty: standard output
  bool scrub = false;
};

/// What `verify` is asked for, as written.
struct VerifyRequest {
  std::vector<std::string> streams;  ///< empty: all
  std::optional<std::string> replay;
  bool crash = false;
  bool digest = false;
  std::optional<std::uint64_t> seed;
  bool keep = false;
};

// Each verb prints its answer on stdout and everything else on stderr, and
// returns the exit code. They throw Error for what ends them as a whole.

int sync(const Common& common, const SyncRequest& request);
int status(const Common& common, const std::vector<std::string>& streams);
int runs(const Common& common, const std::vector<std::string>& streams,
         std::size_t limit);
int rejects(const Common& common, RejectOptions options);
int rejects_retry(const Common& common, const std::vector<std::string>& streams,
                  bool dry_run);
int rewind(const Common& common, const std::string& stream,
           const RewindTarget& target, bool yes);
int reset(const Common& common, const std::string& stream, bool rows, bool yes);
int check(const Common& common, const CheckRequest& request);
int har_list(const Common& common, const std::string& file);
int har_redact(const Common& common, const HarRedaction& request);
int demo(const std::filesystem::path& directory, bool json);
int verify(const Common& common, const VerifyRequest& request);
int init(const std::string& connector);
int connectors_list(const Common& common);
int connectors_show(const Common& common, const std::string& name);
int schema(bool of_connector);
int version(const Common& common);

/// Returns the configuration to use: the one named, else `$STRANDLINE_CONFIG`,
/// else the first there is of `strandline.toml` in the working directory, the
/// user's configuration folder and /etc/strandline. Throws Error
/// (ExitCode::no_input) if there is none.
std::filesystem::path configuration_file(const Common& common);

}  // namespace strandline::cli
