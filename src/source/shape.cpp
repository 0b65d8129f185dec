// SPDX-License-Identifier: MIT
#include "source/shape.hpp"

#include <algorithm>

#include "model/records.hpp"
#include "strandline/error.hpp"

namespace strandline::source {
namespace {

constexpr std::size_t max_conditions = 64;

// The number of the condition in the array `node`, added if it is new.
std::uint8_t condition_number(Node& node, const model::Segment& segment) {
  Condition wanted{segment.index, segment.member, segment.value};
  if (wanted.index) {
    wanted.member.clear();
    wanted.value.clear();
  }
  const auto found =
      std::find(node.conditions.begin(), node.conditions.end(), wanted);
  const auto number = found - node.conditions.begin();
  if (found == node.conditions.end()) {
    if (node.conditions.size() == max_conditions) {
      throw Error(ExitCode::configuration,
                  "more than 64 elements of one array are named by paths");
    }
    node.conditions.push_back(wanted);
  }
  return static_cast<std::uint8_t>(number);
}

// A segment that can mean an element is followed into both: the member of that
// name, should the value be an object, and the element of an array.
void add(Node& node, const std::vector<model::Segment>& segments,
         std::size_t at, Leaf leaf) {
  if (at == segments.size()) {
    node.leaves.push_back(std::move(leaf));
    return;
  }
  const auto& segment = segments[at];
  auto& member = node.member(segment.text);
  if (!member.node) {
    member.node = std::make_unique<Node>();
  }
  add(*member.node, segments, at + 1, leaf);
  if (segment.index || !segment.member.empty()) {
    const auto number = condition_number(node, segment);
    if (!node.element) {
      node.element = std::make_unique<Node>();
    }
    if (!segment.member.empty() && !segment.index) {
      auto& tests = node.element->tests;
      if (std::find(tests.begin(), tests.end(), number) == tests.end()) {
        tests.push_back(number);
      }
      node.element->member(segment.member);
    }
    leaf.conditions.push_back(number);
    add(*node.element, segments, at + 1, std::move(leaf));
  }
}

void add_records(Node& node, const std::vector<model::Segment>& segments,
                 std::size_t at) {
  if (at == segments.size()) {
    node.is_records = true;
    return;
  }
  auto& member = node.member(segments[at].text);
  if (!member.node) {
    member.node = std::make_unique<Node>();
  }
  add_records(*member.node, segments, at + 1);
  if (segments[at].index) {
    node.records_index = segments[at].index;
    if (!node.element) {
      node.element = std::make_unique<Node>();
    }
    add_records(*node.element, segments, at + 1);
  }
}

bool is_column(const Node::Member& member) {
  return member.node &&
         std::any_of(
             member.node->leaves.begin(), member.node->leaves.end(),
             [](const Leaf& leaf) { return leaf.kind == Leaf::Kind::column; });
}

void forget(Node& node, std::uint32_t first) {
  for (auto& member : node.members) {
    if (member.field && *member.field >= first) {
      member.field.reset();
    }
    if (member.node) {
      forget(*member.node, first);
    }
  }
}

Node& reach(Node& node, const model::Path& path) {
  Node* at = &node;
  for (const auto& segment : path.segments) {
    auto& member = at->member(segment.text);
    if (!member.node) {
      member.node = std::make_unique<Node>();
    }
    at = member.node.get();
  }
  return *at;
}

// Where a record's path begins: at the record, or at its `fields`.
std::vector<model::Segment> from_record(const model::Path& path,
                                        const model::Path& fields) {
  std::vector<model::Segment> segments;
  if (!path.absolute) {
    segments = fields.segments;
  }
  segments.insert(segments.end(), path.segments.begin(), path.segments.end());
  return segments;
}

}  // namespace

Node::Member* Node::find(std::string_view name) {
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &members[found->second];
}

Node::Member& Node::member(std::string_view name) {
  if (auto* known = find(name)) {
    return *known;
  }
  members.emplace_back();
  members.back().name = name;
  by_name.emplace(members.back().name, members.size() - 1);
  return members.back();
}

Shape::Shape(const model::StreamDefinition& stream)
    : key_size(stream.key.size()) {
  const auto envelope = [&](const model::Path& path, EnvelopeSlot slot) {
    Leaf leaf;
    leaf.kind = Leaf::Kind::envelope;
    leaf.slot = slot;
    add(answer, path.segments, 0, leaf);
  };
  const auto& page = stream.page;
  if (page.kind == model::PageRule::Kind::next ||
      page.kind == model::PageRule::Kind::token) {
    envelope(page.path, EnvelopeSlot::page);
  }
  if (page.more) {
    envelope(*page.more, EnvelopeSlot::more);
  }
  if (page.end) {
    envelope(*page.end, EnvelopeSlot::end);
  }
  if (page.total) {
    envelope(*page.total, EnvelopeSlot::total);
  }
  if (stream.cursor && !stream.has_mark()) {
    envelope(stream.cursor->field, EnvelopeSlot::state);
  }
  if (stream.error) {
    envelope(*stream.error, EnvelopeSlot::error);
  }
  add_records(answer, stream.records.segments, 0);

  add_key(stream);
  for (const auto& column : stream.columns) {
    add_column(stream, column);
  }
  const auto of_record = [&](const model::Path& path, Leaf::Kind kind) {
    Leaf leaf;
    leaf.kind = kind;
    add(record, from_record(path, stream.fields), 0, leaf);
  };
  if (stream.has_mark()) {
    of_record(stream.cursor->field, Leaf::Kind::cursor);
  }
  if (page.kind == model::PageRule::Kind::after) {
    of_record(page.path, Leaf::Kind::after);
  }
  if (stream.version) {
    of_record(*stream.version, Leaf::Kind::version);
  }
  if (stream.deleted.when) {
    of_record(*stream.deleted.when, Leaf::Kind::deleted);
    std::uint32_t part = 0;
    for (const auto& path : stream.deleted.key) {
      Leaf leaf;
      leaf.kind = Leaf::Kind::deleted_key;
      leaf.field = part++;
      add(record, from_record(path, stream.fields), 0, leaf);
    }
  }
  std::uint32_t needed = 0;
  for (const auto& path : stream.child_paths) {
    Leaf leaf;
    leaf.kind = Leaf::Kind::child_value;
    leaf.field = needed++;
    add(record, from_record(path, stream.fields), 0, leaf);
  }
  if (stream.all_columns) {
    auto& fields = reach(record, stream.fields);
    fields.rest = true;
    const auto names = model::initial_fields(stream);
    // No member is the hash that is a key, whatever its name.
    for (auto i = stream.hash ? key_size : 0; i < names.size(); ++i) {
      fields.member(names[i]).declared = true;
    }
    for (auto& member : fields.members) {
      member.declared = member.declared || is_column(member);
    }
  }
}

void Shape::forget_fields(std::uint32_t first) {
  if (field_count != first) {
    field_count = first;
    forget(record, first);
  }
}

void Shape::add_key(const model::StreamDefinition& stream) {
  if (!stream.hash) {
    for (const auto& part : stream.key) {
      add_column(stream, part);
    }
    return;
  }
  field_count = static_cast<std::uint32_t>(key_size);
  Leaf leaf;
  leaf.kind = Leaf::Kind::hash;
  if (stream.hash->paths.empty()) {
    reach(record, stream.fields).leaves.push_back(leaf);
  }
  for (const auto& path : stream.hash->paths) {
    add(record, from_record(path, stream.fields), 0, leaf);
    ++leaf.field;
  }
}

void Shape::add_column(const model::StreamDefinition& stream,
                       const model::ColumnRule& column) {
  Leaf leaf;
  leaf.field = field_count++;
  leaf.type = column.type;
  if (!column.of_parent) {
    add(record, from_record(column.path, stream.fields), 0, leaf);
  }
}

}  // namespace strandline::source
