// SPDX-License-Identifier: MIT
//
// What is wanted of an answer, as trees that a single pass over the answer
// walks along with the JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/definition.hpp"

namespace strandline::source {

/// A value of the answer, beside its records, that paging needs, or the next
/// run, or that says that it failed.
enum class EnvelopeSlot : std::uint8_t { page, more, end, total, state, error };
inline constexpr std::size_t envelope_slots = 6;

/// What a value is taken for.
struct Leaf {
  enum class Kind : std::uint8_t {
    column,
    cursor,
    after,
    version,
    envelope,
    deleted,      ///< whether the record tells of a deletion
    deleted_key,  ///< a part of the key in such a record, by `field`
    child_value,  ///< needed to read the record's children, by `field`
    hash,         ///< the part `field` of what a hash key is made of
  };
  Kind kind = Kind::column;
  EnvelopeSlot slot = EnvelopeSlot::page;
  std::uint32_t field = 0;
  model::ColumnType type = model::ColumnType::as_found;
  /// One for each array on the way, outermost first: which of the array's
  /// conditions the element must meet.
  std::vector<std::uint8_t> conditions;
};

/// Which element of an array is meant: by index, or by a member's value.
struct Condition {
  std::optional<std::size_t> index;
  std::string member;
  std::string value;

  friend bool operator==(const Condition&, const Condition&) = default;
};

/// A place in the JSON where something is wanted, at or below it.
struct Node {
  struct Member {
    std::string name;
    std::unique_ptr<Node> node;  ///< none: only a column of `*`, or unwanted
    bool declared = false;       ///< a declared column takes its name or value
    std::optional<std::uint32_t> field;  ///< its column of `*`, once not null
    std::uint64_t visit = 0;             ///< the last visit that met it
  };

  std::vector<Leaf> leaves;
  bool is_records = false;
  bool rest = false;  ///< `*`: every other member is a column

  std::deque<Member> members;  ///< stays in place as it grows
  std::unordered_map<std::string_view, std::size_t> by_name;
  std::vector<Condition> conditions;  ///< at most 64
  std::unique_ptr<Node> element;      ///< of an array: all elements' wishes
  std::vector<std::size_t> tests;     ///< in an element: the array's conditions
  /// Of an array on the way to the records: in which element they stand.
  std::optional<std::size_t> records_index;

  std::uint64_t visits = 0;

  /// Returns the member `name`, or null.
  Member* find(std::string_view name);

  /// Returns the member `name`, added if it is not there.
  Member& member(std::string_view name);
};

/// The trees of one stream. On the way to the records an element is named by
/// its index alone: its members may come after the records in it. Not
/// thread-safe: a walk keeps its notes in the trees.
class Shape {
 public:
  /// Throws Error (configuration) for more than 64 different elements of one
  /// array.
  explicit Shape(const model::StreamDefinition& stream);

  Node answer;  ///< from the answer's root: envelope values and the records
  Node record;  ///< from a record's root: its columns and cursor

  std::size_t key_size = 0;       ///< fields 0 to key_size - 1 are the key
  std::uint32_t field_count = 0;  ///< known so far; members found add to it

  /// Takes back the fields from `first` on that members found were given.
  void forget_fields(std::uint32_t first);

 private:
  void add_key(const model::StreamDefinition& stream);
  void add_column(const model::StreamDefinition& stream,
                  const model::ColumnRule& column);
};

}  // namespace strandline::source
