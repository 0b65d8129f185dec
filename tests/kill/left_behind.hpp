// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace strandline::test {

class ChangingSource;

/// A database that is not as it must be; the text says how.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An open window as it stands in the file.
struct FoundWindow {
  std::int64_t number = 0;
  std::string mode;
  std::string from;     ///< empty: none
  std::string anchor;   ///< T0
  std::string maximum;  ///< empty: none
  std::int64_t read = 0;
  std::string position;
};

/// A stream as it stands in the file.
struct FoundStream {
  std::vector<int> revisions;  ///< by id - 1; 0: no row
  bool known = false;          ///< it has a row in pipeline_checkpoints
  std::string mark;            ///< empty: none
  std::int64_t generation = 0;
  std::int64_t last_run_id = 0;
  std::int64_t complete_number = 0;
  std::string complete_anchor;
  std::optional<FoundWindow> window;
};

/// A run's row of a stream: run id and pipeline's name.
using RunKey = std::pair<std::int64_t, std::string>;

/// What a process left behind in a database.
struct LeftBehind {
  bool has_schema = false;
  std::int64_t last_run_id = 0;
  std::map<std::string, FoundStream> streams;  ///< by name
  std::map<RunKey, std::string> outcomes;      ///< of the newest fifty rows
};

/// Reads a database through a connection of its own, from a copy made at
/// `copy`: to open the file itself would roll it back or forward in the place
/// of the next run. `thorough` checks the indexes against the tables too.
/// Throws Violation for a file that is damaged, a half-made schema, two rows of
/// one key and a row that is no version the source ever had.
LeftBehind read_left_behind(const std::filesystem::path& database,
                            const std::filesystem::path& copy,
                            const ChangingSource& source, bool thorough);

/// Everything in the streams' tables, our columns too, as one text.
std::string data_tables(const std::filesystem::path& database,
                        const std::filesystem::path& copy);

}  // namespace strandline::test
