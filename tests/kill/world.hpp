// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "changing_source.hpp"
#include "child.hpp"
#include "ledger.hpp"
#include "left_behind.hpp"
#include "temp_dir.hpp"

namespace strandline::test {

/// One start of the program.
struct Start {
  std::string token;                 ///< that the source knows it by
  std::vector<std::string> streams;  ///< none: all
  bool full = false;
};

/// A database, the configuration that fills it from a ChangingSource, and what
/// must be in it.
class World {
 public:
  /// `journal` is "wal" or "rollback"; `parallel` streams are read at once;
  /// `streams` are some of the source's.
  World(ChangingSource& source, const std::string& journal, int parallel,
        std::vector<std::string> streams = ChangingSource::stream_names());

  /// Starts `sync`; `environment` ("NAME=value") besides the token. The output
  /// is in files of `output`.
  Child start(const Start& start, const TempDir& output,
              const std::vector<std::string>& environment = {}) const;

  /// Looks at what these starts, which all have ended, left behind. None of
  /// them worked while another did. Throws Violation.
  void check(const std::vector<Start>& starts, bool thorough);
  /// After a run that was done: no window of its streams is open.
  void require_closed(const Start& start) const;
  /// After a run over all streams that was done while the source stood still.
  void require_complete() const;
  const std::map<std::string, Ledger>& ledgers() const { return ledgers_; }
  /// The rows of all streams' tables.
  std::string data() const;

  /// Removes the database and begins with an empty one.
  void remove_database();
  /// Takes the database, and what must be in it, of another.
  void copy_database(const World& other);

  std::filesystem::path database() const { return dir_.path() / "test.db"; }
  bool uses_wal() const { return wal_; }
  TempDir& dir() { return dir_; }

 private:
  using Pages = std::vector<ServedPage>;

  static bool reads(const Start& start, const std::string& stream);
  void check_runs(const LeftBehind& left);
  std::filesystem::path copy() const { return copies_.path() / "test.db"; }

  ChangingSource& source_;
  bool wal_;
  std::vector<std::string> streams_;
  TempDir dir_;
  TempDir copies_;
  std::filesystem::path config_;
  std::map<std::string, Ledger> ledgers_;
  LeftBehind left_;  // when it was last looked at
};

}  // namespace strandline::test
