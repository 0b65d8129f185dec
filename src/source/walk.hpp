// SPDX-License-Identifier: MIT
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "source/decoder.hpp"
#include "source/record_builder.hpp"
#include "source/shape.hpp"

namespace strandline::source {

/// One pass over one answer, along the trees of what is wanted of it. simdjson
/// finds the structure; each value is visited once, in document order, so that
/// nothing in it goes unchecked. Not thread-safe; holds references to what it
/// was made from.
class Walk {
 public:
  /// `body` has `simdjson::SIMDJSON_PADDING` bytes of capacity to spare.
  Walk(const model::StreamDefinition& stream, Shape& shape,
       const std::string& body, Answer& answer, const Parent& parent);

  /// Fills the answer. Throws DecodeError.
  void run(simdjson::ondemand::parser& parser);

 private:
  /// What a value inside of an array counts for, once its element is known to
  /// be the one meant.
  struct Pending {
    const Leaf* leaf = nullptr;
    Value value;
  };
  /// The innermost element around the value, and the conditions that it meets.
  struct Element {
    const Node* array = nullptr;
    std::uint64_t matched = 0;
  };

  void walk_root();
  Value walk(simdjson::ondemand::value value, Node* node, unsigned depth);
  Value walk_container(simdjson::ondemand::value value, Node* node,
                       unsigned depth);
  Value walk_scalar(simdjson::ondemand::value value,
                    std::string_view token) const;
  void walk_object(simdjson::ondemand::object object, Node* node,
                   unsigned depth);
  void walk_member(simdjson::ondemand::value value, Node& node,
                   Node::Member& member, unsigned depth);
  void walk_array(simdjson::ondemand::array array, Node* node, unsigned depth);
  void walk_element(simdjson::ondemand::value value, Node& array,
                    std::size_t index, std::uint64_t& satisfied,
                    unsigned depth);
  void walk_record(simdjson::ondemand::value value, unsigned depth);

  std::string_view member_name(const char* key);
  void meet(Node::Member& member, const Node& node);
  void meet_unknown(std::size_t base);
  void meet_records(char first);
  void require_success() const;
  void require_records() const;

  void test_element(const Node& element, std::string_view member,
                    const Value& value);
  void take_pending(std::size_t base, std::uint64_t chosen);
  void take(const Leaf& leaf, const Value& value);

  void reject(std::string reason);
  [[noreturn]] void fail(const std::string& what, const char* where) const;

  const model::StreamDefinition& stream_;
  Shape& shape_;
  const std::string& body_;
  Answer& answer_;
  RecordBuilder record_;
  simdjson::ondemand::document document_;

  bool in_record_ = false;
  std::size_t level_ = 0;  // arrays with conditions around the value
  Element element_;
  std::vector<Pending> pending_;
  std::vector<std::string_view> unknown_;  // members that nobody asked for
  std::deque<std::string> unescaped_;      // names

  bool to_records_ = true;  // the records may stand at or below the value
  bool records_met_ = false;
  const char* records_problem_ = "is not there";  // null: none
  std::string top_level_;
};

}  // namespace strandline::source
