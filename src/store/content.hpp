// SPDX-License-Identifier: MIT
//
// What a database file holds of a stream, for comparison with another file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/checkpoint.hpp"
#include "model/definition.hpp"

namespace strandline::store {

/// How many rows there are, and the SHA-256 of all in the form that
/// doc/database.md describes, in lower-case hex. Which run wrote a row and when
/// is not part of it, nor are columns and tables of the user's own.
struct TableDigest {
  std::int64_t rows = 0;
  std::string sha256;

  friend bool operator==(const TableDigest&, const TableDigest&) = default;
};

/// All that a run leaves of a stream, but for its history and the times.
struct Content {
  TableDigest table;
  TableDigest rejects;
  TableDigest due;         ///< parents whose children it is still to read
  TableDigest tombstones;  ///< deletions that no row tells of
  TableDigest seen;        ///< keys that its lists have seen
  /// Of its lists, the first one's first. Without generation, and without
  /// whether the last window was a whole list, which are of runs.
  std::vector<model::Checkpoint> checkpoints;

  friend bool operator==(const Content&, const Content&) = default;
};

/// Returns what `file` holds of a stream. Memory does not grow with the rows.
/// Throws StoreError.
Content read_content(const std::filesystem::path& file,
                     const model::StreamDefinition& stream);

/// A value that differs: as SQL writes it, control characters escaped, cut.
struct ValueDifference {
  std::string column;
  std::string first;
  std::string second;
};

/// A row that two files do not both have as it is.
struct RowDifference {
  enum class Where { both, first, second };
  std::string table;
  std::string key;            ///< as SQL writes its values, with commas
  Where where = Where::both;  ///< which file has it
  std::vector<ValueDifference> values;  ///< where both have it
};

/// Returns the first rows, at most `limit`, in which the table of a stream, and
/// then what else of it is in `Content`, differ between two files, in the order
/// of the key. Throws StoreError.
std::vector<RowDifference> first_differences(
    const std::filesystem::path& first, const std::filesystem::path& second,
    const model::StreamDefinition& stream, std::size_t limit);

}  // namespace strandline::store
