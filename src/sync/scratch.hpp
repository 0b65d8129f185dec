// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace strandline::sync {

/// A folder of its own, which nobody else may look into, in $TMPDIR or /tmp.
/// It is removed with all that is in it, unless it is kept.
class Scratch {
 public:
  /// Throws Error (ExitCode::cannot_create).
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void keep() { kept_ = true; }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

/// Makes `to` hold what the database file `from` holds, which nobody has open.
void copy_database(const std::filesystem::path& from,
                   const std::filesystem::path& to);

/// Removes a database file with its log and lock, if it is there.
void remove_database(const std::filesystem::path& file);

}  // namespace strandline::sync
