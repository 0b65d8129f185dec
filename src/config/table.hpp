// SPDX-License-Identifier: MIT
//
// A table of the file together with what is known about it: the one way in
// which the rest of this folder looks at TOML. It may lie over others: then it
// shows what they make together, and knows of each value where it stands.
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "config/keys.hpp"
#include "config/options.hpp"
#include "config/reporter.hpp"

namespace strandline::config {

/// What the parts of a check share.
struct Context {
  Reporter& reporter;
  std::filesystem::path folder;  ///< of the configuration

  /// The names of the options that a table of a source or stream may set.
  std::map<const toml::table*, std::set<std::string, std::less<>>> settable =
      {};

  /// Values that the strict check has refused: nobody else looks at them.
  std::unordered_set<const toml::node*> refused = {};

  /// Keys that are missing for a reason that has been reported already; with
  /// the name `any_name` all of the table.
  std::set<std::pair<const toml::table*, std::string_view>> excused = {};
};

/// A member of a table.
struct Entry {
  std::string name;
  const toml::node* node;
  Place place;  ///< of the name
};

/// A table as it is written in one place.
struct Layer {
  const toml::table* values;
  std::string path;    ///< "stream.tickets.page"; empty at the top
  Place place;         ///< its header or its brace
  bool below = false;  ///< of what another stream or source lies over
};

/// A table and the section whose keys it has: one layer, or several, of which
/// the upper ones win. Refers to the documents and the context, which must live
/// longer. Nothing is copied out of a document: a copy would not know its
/// place.
class Table {
 public:
  /// A whole file: `section` is `top` or `connector`.
  Table(const toml::table& document, Context& context,
        Section section = Section::top);

  /// The table `entry` of `parent`, with the keys of `section`. Where these are
  /// merged it lies over the tables of that name in the lower layers.
  Table(const Table& parent, const Entry& entry, Section section);

  /// Puts the layers of `lower`, a table of the same section, beneath those
  /// that are there.
  void lay_over(const Table& lower);

  /// True if `key` does not stand in the uppermost layer.
  bool is_below(std::string_view key) const;

  /// Sets the connector that it lies over, and what stands for `${NAME}` in its
  /// texts, and in those of the tables in it that are made from now on.
  void set_connector(std::string name, Options options);

  /// The name of the connector that it lies over, or may; empty if none was
  /// set.
  const std::string& connector() const { return connector_; }

  /// Sets what stands for `${NAME}` as above.
  void set_options(Options options);

  /// Empty if none were set.
  const Options& options() const { return *options_; }

  /// Among the names of options: any, of a connector that is not known.
  static constexpr std::string_view any_option = "*";

  /// The names of the options that it may set.
  std::vector<std::string_view> settable() const;

  /// True if it may set the option `name`.
  bool may_set(std::string_view name) const;

  Section section() const { return section_; }

  /// What its uppermost layer holds.
  const toml::table& uppermost() const { return *layers_.front().values; }

  Context& context() const { return context_; }

  /// Where the table, its uppermost layer, begins: its header or its brace.
  const Place& place() const { return layers_.front().place; }

  /// "[stream.tickets.page]", or "the top level": the uppermost layer's.
  std::string heading() const;

  /// "in [stream.tickets.page]", or "at the top level".
  std::string where() const;

  /// The same, of the layer in which `key` stands.
  std::string where(std::string_view key) const;

  /// True if the uppermost layer was written in braces.
  bool is_inline() const { return layers_.front().values->is_inline(); }

  /// False if layers that it should lie over are not known, so that nothing can
  /// be said of what is missing.
  bool is_whole() const;

  /// True if `key` stands in it, refused or not, and is not taken away.
  bool contains(std::string_view key) const;

  /// True if `false` stands in the place of `key`.
  bool takes_away(std::string_view key) const;

  /// True if a value of `key` stands beneath the uppermost one.
  bool lies_over(std::string_view key) const;

  /// Returns which of two keys stands in the upper layer; `b` if both do.
  std::string_view upper(std::string_view a, std::string_view b) const;

  /// True if `key` is missing and nothing was said that explains it.
  bool lacks(std::string_view key) const;

  /// Declares that what is missing needs no further word.
  void excuse(std::string_view key) const;

  /// Returns the value of `key`, or null if it is missing, taken away or
  /// refused.
  const toml::node* find(std::string_view key) const;

  /// Returns the table `key` as one of `section`, or nothing if it is missing,
  /// refused, or no table.
  std::optional<Table> child(std::string_view key, Section section) const;

  /// Returns the layers from the one on in which `key` is a list, if only
  /// tables lie over it, or nothing; nothing too if it is refused.
  std::optional<Table> from_list(std::string_view key) const;

  /// Where `key` stands; the table's place if it does not.
  Place place_of(std::string_view key) const;

  /// Every member, refused, taken away or not, in the order of the file; first
  /// those of the lowest layer. What replaces a lower one is in its place.
  std::vector<Entry> all_entries() const;

  /// Every member that is neither refused nor taken away, in the same order.
  std::vector<Entry> entries() const;

  /// Adds the problem "'KEY' in [TABLE] SAYS", of the layer that KEY stands in.
  void refuse(std::string_view key, std::string_view says,
              std::vector<Note> notes = {}) const;

  /// Adds the problem "missing key 'KEY' in [TABLE]", unless it is excused.
  /// `why` is put behind it.
  void require(std::string_view key, std::string_view why = {}) const;

 private:
  // A value and the layer that it stands in.
  struct Found {
    const Layer* layer;
    const toml::node* node;
  };

  std::vector<Found> stack(std::string_view key) const;
  const Layer& layer_of(std::string_view key) const;
  bool replaces(const Layer& layer, std::string_view key) const;
  bool is_off(std::string_view key, const toml::node& node) const;
  std::vector<Note> notes_on_stray(std::string_view key) const;

  std::vector<Layer> layers_;  // from the uppermost down, at least one
  Section section_;
  std::string top_;       // path of the stream or source that lies over others
  bool partial_ = false;  // as a part of a table that is not whole
  std::string connector_;
  std::shared_ptr<const Options> options_ = std::make_shared<Options>();
  Context& context_;
};

/// Returns where `region` is, and in which file; the width is that of its first
/// line.
Place place_in(const toml::source_region& region, bool sealed);

/// Returns `name` in quotes, fit for a message.
std::string in_quotes(std::string_view name);

}  // namespace strandline::config
