// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/instant.hpp"

namespace strandline::store {

/// A record that did not fit, as the file keeps it.
struct RejectRecord {
  std::string owner;       ///< `source.stream`
  std::string record_key;  ///< a JSON array, or `sha256:` and a hash
  std::string reason;
  std::optional<std::string> raw;  ///< nothing: not asked for
  std::int64_t first_run_id = 0;
  std::int64_t last_run_id = 0;
  std::optional<model::Instant> first_seen_at;
  std::optional<model::Instant> last_seen_at;
  std::optional<model::Instant> resolved_at;  ///< nothing: it is open
};

/// Which rejects are wanted.
struct RejectQuery {
  std::vector<std::string> owners = {};  ///< none: all
  bool resolved = false;                 ///< these too
  bool raw = false;                      ///< with the records as sent
  std::size_t limit = 20;
};

/// Some of the rejects, and how many there are.
struct RejectList {
  std::vector<RejectRecord> records;  ///< those of the newest runs first
  std::int64_t total = 0;
};

/// Reads the rejects; none where there is no file. Takes no lock and changes
/// nothing. Throws StoreError.
RejectList read_rejects(const std::filesystem::path& file,
                        const RejectQuery& query);

}  // namespace strandline::store
