// SPDX-License-Identifier: MIT
//
// The keys of the configuration language as plain data. The strict check, the
// documentation and the JSON Schema come from this table and nothing else.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strandline::config {

/// A kind of table: which keys may stand in it.
enum class Section {
  top,        ///< the file itself
  connector,  ///< the file itself, of a connector
  sources,    ///< `[source]`: a name and its source
  source,
  options,  ///< `[option]`: a name and its option
  option,
  streams,  ///< `[stream]`: a name and its stream
  stream,
  query,
  headers,
  body,
  cursor,
  page,
  deleted,
  columns,  ///< a name and its column
  column,
  also,
  secret,  ///< `{ env = … }` and its like
  hash,    ///< `{ hash = … }` as a key
};

/// What a value is. Several kinds may be written with the same TOML type.
enum class Kind : std::uint32_t {
  text = 1U << 0U,         ///< a string in which placeholders may stand
  word = 1U << 1U,         ///< one of the words that the rule lists
  name = 1U << 2U,         ///< of a header, a parameter, a source, …
  path = 1U << 3U,         ///< where a value stands in JSON
  place = 1U << 4U,        ///< a place in a request's body: begins with `/`
  pattern = 1U << 5U,      ///< of `%Y %m %d %H %M %S %z`
  zone = 1U << 6U,         ///< `UTC` or `±hh:mm`
  zone_name = 1U << 7U,    ///< of the IANA time-zone database
  file = 1U << 8U,         ///< relative to the configuration
  duration = 1U << 9U,     ///< "5m"
  rate = 1U << 10U,        ///< "5/s"
  size = 1U << 11U,        ///< "64MiB"
  percentage = 1U << 12U,  ///< "20%"
  instant = 1U << 13U,     ///< RFC 3339 text, or TOML's own date or date-time
  integer = 1U << 14U,
  real = 1U << 15U,
  boolean = 1U << 16U,
  off = 1U << 17U,     ///< `false`, which takes away what a lower layer said
  paths = 1U << 18U,   ///< a list of paths
  texts = 1U << 19U,   ///< a list of strings
  values = 1U << 20U,  ///< a list of strings, numbers and booleans
  secret = 1U << 21U,  ///< a table that says where a secret is kept
  list = 1U << 22U,    ///< a list of anything that JSON knows
  table = 1U << 23U,   ///< a table with the keys of the rule's `members`
};

/// A set of kinds.
class Kinds {
 public:
  constexpr Kinds() = default;
  // Implicit, so that a rule may name a single kind.
  constexpr Kinds(Kind kind) : bits_(static_cast<std::uint32_t>(kind)) {}

  constexpr bool has(Kind kind) const {
    return (bits_ & static_cast<std::uint32_t>(kind)) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }

  friend constexpr Kinds operator|(Kinds a, Kinds b) {
    a.bits_ |= b.bits_;
    return a;
  }
  friend bool operator==(Kinds, Kinds) = default;

 private:
  std::uint32_t bits_ = 0;
};

constexpr Kinds operator|(Kind a, Kind b) {
  return Kinds(a) | Kinds(b);
}

/// Every kind, in the order of the enumeration.
std::span<const Kind> all_kinds();

/// Whether this version does what a key says. What comes later is known and
/// refused with "not supported yet", so that it is not taken for a misspelling.
enum class Support { now, later };

/// A word that an enumerated key takes.
struct Word {
  std::string_view text;
  Support support = Support::now;
};

/// The values that a key takes.
struct Values {
  Kinds kinds;                       ///< taken once the key is supported
  Kinds later = {};                  ///< known, but not supported yet
  std::span<const Word> words = {};  ///< for `Kind::word`
  Section members = Section::top;    ///< for `Kind::table`
};

/// A key of a section.
struct KeyRule {
  Section section;
  std::string_view name;  ///< or `any_name`
  Values values;
  Support support;
  std::string_view default_text;  ///< for people; `required` is checked
  std::string_view meaning;
};

/// The name in rules for sections whose keys the user names.
inline constexpr std::string_view any_name;

/// The default of keys that must be set, whatever else is.
inline constexpr std::string_view required = "required";

/// A placeholder of requests, `${NAME}`.
struct PlaceholderRule {
  std::string_view name;
  bool alone;    ///< `${NAME}` is one
  bool members;  ///< `${NAME.PATH}` is one
  Support support;
  std::string_view meaning;
};

/// Every rule, by section.
std::span<const KeyRule> key_rules();

/// Every placeholder but the options' names.
std::span<const PlaceholderRule> placeholder_rules();

/// Returns the rule for `name` in `section`, or null.
const KeyRule* find_rule(Section section, std::string_view name);

/// Returns the rule for what stands between `${` and `}`, or null.
const PlaceholderRule* find_placeholder(std::string_view text);

/// Returns the keys of `section`, without `any_name`.
std::vector<std::string_view> names_in(Section section);

/// Returns the sections that have a key `name`.
std::vector<Section> sections_with(std::string_view name);

/// True if a table of `section` that lies over another is merged with it key by
/// key; else it takes its place.
bool is_merged(Section section);

/// Returns how a section is written: "[stream.NAME.page]".
std::string_view heading(Section section);

/// Returns what a kind of value is called: `a duration such as "5m"`.
std::string_view description(Kind kind);

}  // namespace strandline::config
