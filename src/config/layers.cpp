// SPDX-License-Identifier: MIT
#include "config/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "config/read_value.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

constexpr std::size_t longest_circle = 300;  // bytes of a message
constexpr std::size_t longest_list = 400;    // bytes of a note

// Each stream is like the next, and the last like the first.
using Circle = std::vector<std::string>;

// Whichever of its streams is asked, it is the same: one problem.
Circle from_first_in_file(const Table& streams, Circle circle) {
  const auto first = std::min_element(
      circle.begin(), circle.end(), [&](const auto& a, const auto& b) {
        const auto one = streams.place_of(a);
        const auto other = streams.place_of(b);
        return std::tie(one.line, one.column) <
               std::tie(other.line, other.column);
      });
  std::rotate(circle.begin(), first, circle.end());
  return circle;
}

void refuse_circle(const Table& streams, Circle circle) {
  circle = from_first_in_file(streams, std::move(circle));
  const auto table = streams.child(circle.front(), Section::stream);
  if (circle.size() == 1) {
    table->refuse("like", "is the stream itself");
    return;
  }
  circle.push_back(circle.front());
  table->refuse(
      "like",
      fmt::format("leads in a circle: {}",
                  model::printable(fmt::format("{}", fmt::join(circle, ", ")),
                                   longest_circle)));
}

std::string hint(const Table& streams, const std::string& name) {
  const auto others = streams.all_entries();
  std::vector<std::string_view> names;
  names.reserve(others.size());
  for (const auto& entry : others) {
    names.push_back(entry.name);
  }
  const auto meant = model::nearest(name, names);
  return meant ? fmt::format("; did you mean {}?", in_quotes(*meant))
               : std::string();
}

// Finds what lies below the stream of a chain, and what lies below that.
class Chain {
 public:
  Chain(const Table& streams, const toml::table& document,
        const Connectors& connectors)
      : streams_(&streams), document_(document), connectors_(connectors) {}

  // The stream that `table`, whose name is `name`, lies over, if there is one.
  // What is wrong with that is reported, and `failed` set.
  std::optional<Table> below(const Table& table, const std::string& name) {
    names_.push_back(name);
    if (!in_connector_ && !enter_connector(table)) {
      return {};
    }
    if (table.contains("like")) {
      return like(table);
    }
    return just_entered_ ? of_own_name(table, name) : std::nullopt;
  }

  bool failed() const { return failed_; }

  // The name of what `below` returned.
  const std::string& name() const { return name_; }

 private:
  // If the stream's source has a connector, what is below is looked for there.
  // False if it has one that is not known.
  bool enter_connector(const Table& table) {
    just_entered_ = false;
    const auto source = Connectors::source_of(document_, table.uppermost());
    if (connectors_.lacks(source)) {
      failed_ = true;
      return false;
    }
    connector_ = connectors_.of_source(source);
    if (connector_ == nullptr) {
      return true;
    }
    if (!connector_->streams) {
      failed_ = true;
      return false;
    }
    streams_ = &*connector_->streams;
    in_connector_ = true;
    just_entered_ = true;
    names_.clear();
    return true;
  }

  std::optional<Table> like(const Table& table) {
    const auto name = read_name(table, "like");
    if (!name) {
      failed_ = true;
      return {};
    }
    const auto before = std::find(names_.begin(), names_.end(), *name);
    if (before != names_.end()) {
      refuse_circle(*streams_, {before, names_.end()});
      failed_ = true;
      return {};
    }
    if (!streams_->contains(*name)) {
      const auto where =
          in_connector_
              ? fmt::format("the connector {}", in_quotes(connector_->name))
              : std::string("the file");
      table.refuse("like",
                   fmt::format("is {}, which {} does not have{}",
                               in_quotes(*name), where, hint(*streams_, *name)),
                   notes());
      failed_ = true;
      return {};
    }
    return take(*name);
  }

  // Without one of its name the stream must say everything itself.
  std::optional<Table> of_own_name(const Table& table,
                                   const std::string& name) {
    if (streams_->contains(name)) {
      return take(name);
    }
    if (!table.contains("get") && !table.contains("post")) {
      table.context().reporter.problem(
          table.place(),
          fmt::format("the connector {} has no stream {}{}",
                      in_quotes(connector_->name), in_quotes(name),
                      hint(*streams_, name)),
          notes());
      failed_ = true;
    }
    return {};
  }

  std::optional<Table> take(const std::string& name) {
    just_entered_ = false;
    name_ = name;
    auto table = streams_->child(name, Section::stream);
    failed_ = !table;  // it is no table, which is reported
    return table;
  }

  std::vector<Note> notes() const {
    if (!in_connector_) {
      return {};
    }
    std::string names;
    for (const auto& entry : streams_->all_entries()) {
      names += (names.empty() ? "" : ", ") + entry.name;
    }
    return {{"has", model::printable(names, longest_list)},
            {"try", fmt::format("like = \"NAME\" for another of its kind; "
                                "strandline connectors show {}",
                                connector_->name)}};
  }

  const Table* streams_;
  const toml::table& document_;
  const Connectors& connectors_;
  const Connector* connector_ = nullptr;
  std::vector<std::string> names_;  // of the chain, in one file
  std::string name_;
  bool in_connector_ = false;
  bool just_entered_ = false;  // by the stream that is asked about
  bool failed_ = false;
};

}  // namespace

Table layered_stream(const Table& streams, const Entry& entry,
                     const toml::table& document,
                     const Connectors& connectors) {
  Table layers(streams, entry, Section::stream);
  Chain chain(streams, document, connectors);
  auto lowest = std::optional(layers);
  auto name = entry.name;
  while (const auto below = chain.below(*lowest, name)) {
    layers.lay_over(*below);
    lowest.emplace(*below);
    name = chain.name();
  }
  if (chain.failed()) {
    layers.excuse(any_name);
  }
  return layers;
}

}  // namespace strandline::config
