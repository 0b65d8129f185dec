// SPDX-License-Identifier: MIT
//
// A table of the file together with what is known about it: the one way in
// which the rest of this folder looks at TOML.
#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "config/keys.hpp"
#include "config/reporter.hpp"

namespace strandline::config {

/// What the parts of a check share.
struct Context {
  Reporter& reporter;
  std::filesystem::path folder;                ///< of the configuration
  std::set<std::string, std::less<>> options;  ///< names of `[option.NAME]`

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

/// A table and the section whose keys it has. Refers to the document and the
/// context, which must live longer.
class Table {
 public:
  /// The whole file.
  Table(const toml::table& document, Context& context);

  /// The table `entry` of `parent`, with the keys of `section`.
  Table(const Table& parent, const Entry& entry, Section section);

  Section section() const { return section_; }
  Context& context() const { return context_; }

  /// Where the table begins: its header or its brace.
  const Place& place() const { return place_; }

  /// "[stream.tickets.page]", or "the top level".
  std::string heading() const;

  /// "in [stream.tickets.page]", or "at the top level".
  std::string where() const;

  /// True if it was written in braces.
  bool is_inline() const { return values_.is_inline(); }

  /// True if `key` stands in it, refused or not.
  bool contains(std::string_view key) const;

  /// True if `key` is missing and nothing was said that explains it.
  bool lacks(std::string_view key) const;

  /// Declares that what is missing needs no further word.
  void excuse(std::string_view key) const;

  /// Returns the value of `key`, or null if it is missing or refused.
  const toml::node* find(std::string_view key) const;

  /// Returns the table `key` as one of `section`, or nothing if it is missing,
  /// refused, or no table.
  std::optional<Table> child(std::string_view key, Section section) const;

  /// Where `key` stands; the table's place if it does not.
  Place place_of(std::string_view key) const;

  /// Every member, refused or not, in the order of the file.
  std::vector<Entry> all_entries() const;

  /// Every member that is not refused, in the order of the file.
  std::vector<Entry> entries() const;

  /// Adds the problem "'KEY' in [TABLE] SAYS".
  void refuse(std::string_view key, std::string_view says,
              std::vector<Note> notes = {}) const;

  /// Adds the problem "missing key 'KEY' in [TABLE]", unless it is excused.
  /// `why` is put behind it.
  void require(std::string_view key, std::string_view why = {}) const;

 private:
  std::vector<Note> notes_on_stray(std::string_view key) const;

  const toml::table& values_;
  Section section_;
  std::string path_;  ///< "stream.tickets.page"; empty at the top
  Place place_;
  Context& context_;
};

/// Returns where `region` is; the width is that of its first line.
Place place_in(const toml::source_region& region, bool sealed);

/// Returns `name` in quotes, fit for a message.
std::string in_quotes(std::string_view name);

}  // namespace strandline::config
