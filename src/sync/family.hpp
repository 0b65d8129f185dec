// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/definition.hpp"
#include "store/content.hpp"

namespace strandline::sync {

/// Streams that a run reads together: one, and what is read for its records.
struct Family {
  /// One a table, in the order in which they are read: each parent before its
  /// children. Not empty; the first is no child of one of them.
  std::vector<model::StreamDefinition> streams;

  /// By name, of a stream that is read for each element of a list: those of the
  /// other elements, which fill the same table.
  std::map<std::string, std::vector<model::StreamDefinition>> others = {};

  const model::StreamDefinition& head() const { return streams.front(); }
};

/// A list of a family.
struct FamilyList {
  const model::StreamDefinition* list = nullptr;
  std::size_t stream = 0;  ///< whose it is, of the family's
  std::size_t number = 0;  ///< of the table's lists

  bool is_child() const { return !list->parent.empty(); }
};

/// Returns the families of the streams that are named, of all if none is: in
/// the order of the configuration. Children whose parent is not named are a
/// family of their own. Throws Error (ExitCode::usage) for a name that is not
/// there.
std::vector<Family> families(const model::Configuration& configuration,
                             const std::vector<std::string>& names);

/// True if `names` is empty or names a stream of the family.
bool is_wanted(const Family& family, const std::vector<std::string>& names);

/// Returns every list in the order in which they are read. `family` must
/// outlive it.
std::vector<FamilyList> lists_of(const Family& family);

/// What a file holds of each stream of a family.
using FamilyContent = std::vector<store::Content>;

/// As store::read_content, of each table.
FamilyContent read_content(const std::filesystem::path& file,
                           const Family& family);

/// Returns where a list stands.
inline const model::Checkpoint& checkpoint_of(const FamilyContent& content,
                                              const FamilyList& list) {
  return content.at(list.stream).checkpoints.at(list.number);
}

}  // namespace strandline::sync
