// SPDX-License-Identifier: MIT
#include "source/walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "model/text.hpp"
#include "source/json_text.hpp"

namespace strandline::source {
namespace {

namespace ondemand = simdjson::ondemand;
using model::CellKind;

// Deeper answers are refused: no API's are, and the walk is recursive.
constexpr unsigned max_depth = 128;
constexpr std::size_t top_level_limit = 200;

std::string_view trim_end(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

void check(simdjson::error_code error) {
  if (error == simdjson::SUCCESS) {
    return;
  }
  if (error == simdjson::UTF8_ERROR) {
    throw DecodeError("the answer is not UTF-8");
  }
  const auto lower = [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  };
  std::string what = simdjson::error_message(error);
  // In the middle of a sentence: "the document …", but still "JSON …".
  if (what.size() > 1 && what[1] == lower(what[1])) {
    what.front() = lower(what.front());
  }
  while (what.ends_with('.')) {
    what.pop_back();
  }
  throw DecodeError("the answer is not JSON: " + what);
}

}  // namespace

Walk::Walk(const model::StreamDefinition& stream, Shape& shape,
           const std::string& body, Answer& answer, const Parent& parent)
    : stream_(stream),
      shape_(shape),
      body_(body),
      answer_(answer),
      record_(stream, shape, answer, parent) {}

void Walk::run(ondemand::parser& parser) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  const std::size_t begin = body_.starts_with(byte_order_mark) ? 3 : 0;
  if (trim_end(std::string_view(body_).substr(begin)).empty()) {
    throw DecodeError("the answer is empty");
  }
  check(parser
            .iterate(body_.data() + begin, body_.size() - begin,
                     body_.capacity() - begin)
            .get(document_));
  walk_root();
  const char* where = nullptr;
  if (document_.current_location().get(where) != simdjson::OUT_OF_BOUNDS) {
    fail("something follows its end", where);
  }
  require_success();
  require_records();
}

void Walk::walk_root() {
  ondemand::json_type type{};
  check(document_.type().get(type));
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    check(document_.get_object().get(object));
    walk_object(object, &shape_.answer, 1);
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    check(document_.get_array().get(array));
    if (shape_.answer.is_records) {
      meet_records('[');
    }
    walk_array(array, &shape_.answer, 1);
  } else {
    throw DecodeError("the answer is a single value, not an object or array");
  }
}

Value Walk::walk(ondemand::value value, Node* node, unsigned depth) {
  const auto token = trim_end(value.raw_json_token());
  if (token.empty()) {
    fail("a value is missing", token.data());
  }
  const char first = token.front();
  if (node != nullptr && node->is_records && to_records_) {
    meet_records(first);
  }
  const auto walked = first == '{' || first == '['
                          ? walk_container(value, node, depth)
                          : walk_scalar(value, token);
  if (node == nullptr) {
    return walked;
  }
  for (const auto& leaf : node->leaves) {
    if (level_ > 0) {
      pending_.push_back({&leaf, walked});
    } else {
      take(leaf, walked);
    }
  }
  return walked;
}

Value Walk::walk_container(ondemand::value value, Node* node, unsigned depth) {
  const char* begin = value.raw_json_token().data();
  if (depth == max_depth) {
    fail(fmt::format("it is nested deeper than {} levels", max_depth), begin);
  }
  if (*begin == '{') {
    ondemand::object object;
    check(value.get_object().get(object));
    walk_object(object, node, depth + 1);
  } else {
    ondemand::array array;
    check(value.get_array().get(array));
    walk_array(array, node, depth + 1);
  }
  const char* end = nullptr;
  if (document_.current_location().get(end) != simdjson::SUCCESS) {
    fail("an object or array does not end", begin);
  }
  Value walked;
  walked.kind = CellKind::json;
  walked.raw = trim_end({begin, static_cast<std::size_t>(end - begin)});
  return walked;
}

Value Walk::walk_scalar(ondemand::value value, std::string_view token) const {
  Value walked;
  walked.raw = token;
  if (token.front() == '"') {
    // Moves past the string; a name that stands where a value should would
    // else be skipped together with its colon.
    check(value.get_raw_json_string().error());
    if (token.size() < 2 || token.back() != '"') {
      fail("a string does not end", token.data());
    }
    if (!valid_escapes(token.substr(1, token.size() - 2))) {
      fail("a string has an escape that JSON has not", token.data());
    }
    walked.kind = CellKind::text;
    return walked;
  }
  const auto cell = parse_scalar(token);
  if (!cell) {
    fail("'" + model::printable(token, 20) + "' is not a value", token.data());
  }
  walked.kind = cell->kind;
  walked.cell = *cell;
  return walked;
}

void Walk::walk_object(ondemand::object object, Node* node, unsigned depth) {
  if (node != nullptr) {
    ++node->visits;
  }
  const auto base = unknown_.size();
  for (auto result : object) {
    ondemand::field field;
    check(std::move(result).get(field));
    const auto name = member_name(field.key().raw());
    if (depth == 1 && top_level_.size() < top_level_limit) {
      top_level_ += top_level_.empty() ? "" : ", ";
      top_level_ += model::printable(name, 40);
    }
    auto* member = node == nullptr ? nullptr
                   : node->rest    ? &node->member(name)
                                   : node->find(name);
    if (member != nullptr) {
      walk_member(field.value(), *node, *member, depth);
      continue;
    }
    if (in_record_) {
      unknown_.push_back(name);
    }
    walk(field.value(), nullptr, depth);
  }
  meet_unknown(base);
}

void Walk::walk_member(ondemand::value value, Node& node, Node::Member& member,
                       unsigned depth) {
  meet(member, node);
  const auto walked = walk(value, member.node.get(), depth);
  if (!node.tests.empty()) {
    test_element(node, member.name, walked);
  }
  if (node.rest && !member.declared) {
    record_.take_rest(member, walked);
  }
}

void Walk::walk_array(ondemand::array array, Node* node, unsigned depth) {
  const bool records = node != nullptr && node->is_records && to_records_;
  std::size_t index = 0;
  std::uint64_t satisfied = 0;
  for (auto result : array) {
    ondemand::value value;
    // get() is for rvalues only. NOLINTNEXTLINE(performance-move-const-arg)
    check(std::move(result).get(value));
    if (records) {
      walk_record(value, depth);
    } else if (node != nullptr && node->element) {
      walk_element(value, *node, index, satisfied, depth);
    } else {
      walk(value, nullptr, depth);
    }
    ++index;
  }
}

void Walk::walk_record(ondemand::value value, unsigned depth) {
  const char* begin = value.raw_json_token().data();
  const auto outer_level = std::exchange(level_, 0);
  in_record_ = true;
  unescaped_.clear();
  record_.begin(begin);
  if (*begin != '{') {
    reject("the record is not an object");
  }
  const auto walked = walk(value, &shape_.record, depth);
  record_.end(walked.raw);
  in_record_ = false;
  level_ = outer_level;
}

// `key` is behind the opening quote; simdjson does not say where the name ends.
// What is returned stays until the next record.
std::string_view Walk::member_name(const char* key) {
  const char* end = key;
  bool escaped = false;
  while (*end != '"') {
    escaped = escaped || *end == '\\';
    end += *end == '\\' ? 2 : 1;
  }
  const std::string_view inside(key, static_cast<std::size_t>(end - key));
  if (!escaped) {
    return inside;
  }
  if (!valid_escapes(inside)) {
    fail("a member's name has an escape that JSON has not", inside.data());
  }
  auto& name = unescaped_.emplace_back();
  if (!unescape(inside, name)) {
    reject("a member's name holds half a surrogate pair");
    return inside;
  }
  return name;
}

void Walk::meet(Node::Member& member, const Node& node) {
  if (member.visit == node.visits) {
    reject("the member '" + model::printable(member.name, 60) +
           "' stands in it twice");
  }
  member.visit = node.visits;
}

// Of the names that an object left behind `base`. Sorted, because an object may
// have very many.
void Walk::meet_unknown(std::size_t base) {
  const auto begin = unknown_.begin() + static_cast<std::ptrdiff_t>(base);
  std::sort(begin, unknown_.end());
  const auto twice = std::adjacent_find(begin, unknown_.end());
  if (twice != unknown_.end()) {
    reject("the member '" + model::printable(*twice, 60) +
           "' stands in an object twice");
  }
  unknown_.resize(base);
}

void Walk::meet_records(char first) {
  if (records_met_) {
    throw DecodeError("`records`: '" + model::to_text(stream_.records) +
                      "' stands in the answer twice");
  }
  records_met_ = true;
  records_problem_ = first == '['   ? nullptr
                     : first == 'n' ? "is null"
                                    : "is not an array";
}

void Walk::require_success() const {
  const auto& error = answer_.envelope[EnvelopeSlot::error];
  if (!error || !error->truthy()) {
    return;
  }
  DecodeError failure("the answer says that it failed: '" +
                      model::to_text(*stream_.error) + "' is " + error->text);
  failure.set_passing();
  throw failure;
}

void Walk::require_records() const {
  if (records_problem_ == nullptr) {
    return;
  }
  std::vector<Note> notes;
  if (!top_level_.empty()) {
    notes.push_back({"answer", "has " + top_level_});
  }
  notes.push_back({"try",
                   "`records` in the stream names the array of records in the "
                   "answer"});
  if (stream_.records.segments.empty()) {
    throw DecodeError("the answer is not an array of records", notes);
  }
  throw DecodeError(
      fmt::format("`records`: '{}' {} in the answer",
                  model::to_text(stream_.records), records_problem_),
      notes);
}

void Walk::take(const Leaf& leaf, const Value& value) {
  if (leaf.kind != Leaf::Kind::envelope) {
    record_.take(leaf, value);
    return;
  }
  auto found = envelope_value(value);
  if (!found) {
    throw DecodeError("a value that paging needs holds half a surrogate pair");
  }
  answer_.envelope.slots.at(static_cast<std::size_t>(leaf.slot)) =
      std::move(found);
}

// Outside of records nothing is rejected.
void Walk::reject(std::string reason) {
  if (in_record_) {
    record_.reject(std::move(reason));
  }
}

void Walk::fail(const std::string& what, const char* where) const {
  const auto place =
      where >= body_.data() && where <= body_.data() + body_.size()
          ? fmt::format(" at byte {}", where - body_.data())
          : std::string();
  throw DecodeError("the answer is not JSON: " + what + place);
}

}  // namespace strandline::source
