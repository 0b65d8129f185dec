// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/definition.hpp"
#include "model/records.hpp"
#include "source/canonical_json.hpp"

namespace strandline::source {

/// Makes the keys of a stream whose key is a hash of its records' content: the
/// SHA-256 of the canonical form of the members that the stream names, as one
/// object whose members are called as their paths are written, or of the whole
/// of `fields`. A member that is null is a part of it like any other; one that
/// is not there is no part but a reason to have no key, as is that all of them
/// are null. Not thread-safe.
class HashKey {
 public:
  /// The stream's key is a hash.
  explicit HashKey(const model::StreamDefinition& stream);

  /// Begins with the next record.
  void begin();

  /// Takes the record's value at the path number `part`, or its `fields` where
  /// no paths are named. `raw` stays until the record's end.
  void take(std::size_t part, model::CellKind kind, std::string_view raw);

  /// Returns the key, 64 hex digits in lower case; empty if the record has
  /// none.
  std::string digest();

  /// Returns why `digest` was empty, as a sentence.
  const std::string& problem() const { return problem_; }

 private:
  struct Part {
    std::string name;       ///< as messages show it
    std::string hashed_as;  ///< as it stands in the canonical form
    std::string begin;      ///< what the canonical form has before the value
    std::optional<model::CellKind> kind;  ///< none: it is not there
    std::string_view raw;
  };

  bool is_whole() const { return order_.empty(); }
  bool find_problem();
  bool append(const Part& part);

  std::vector<Part> parts_;         // in the order of the stream's paths
  std::vector<std::size_t> order_;  // in that of the form; empty: the whole
  CanonicalJson canonical_;
  std::string form_;
  std::string problem_;
};

}  // namespace strandline::source
