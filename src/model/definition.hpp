// SPDX-License-Identifier: MIT
//
// What a configuration says, as values: what to read, how, and into which
// table. src/config makes them; everything else only reads them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/body.hpp"
#include "model/cursor.hpp"
#include "model/path.hpp"
#include "model/template.hpp"

namespace strandline::model {

/// Where a secret is kept; never the secret itself.
struct SecretReference {
  enum class Kind {
    env,   ///< `name` is an environment variable
    file,  ///< `name` is a file, already resolved against the configuration's
    credential,  ///< `name` is a systemd credential
    command,     ///< `command` prints it
  };
  Kind kind = Kind::env;
  std::string name;
  std::vector<std::string> command = {};  ///< program and arguments
};

/// How requests of a source are authorised.
enum class Auth { none, bearer, header, query, basic, oauth2 };

/// At most so many requests in any span of a time.
struct Rate {
  std::int64_t requests = 1;
  std::chrono::seconds time{1};
};

/// One API with its address and credentials.
struct SourceDefinition {
  std::string name;
  /// Absolute, http or https, no query or fragment, as it is written: with
  /// oauth2 it may have placeholders, `${token.NAME}`.
  std::string base_url;
  bool allow_http = false;
  Auth auth = Auth::none;
  std::optional<SecretReference> token;
  std::variant<std::string, SecretReference> user;  ///< basic
  std::string header = "Authorization";             ///< bearer, header, oauth2
  std::string prefix;     ///< "Bearer " for bearer and oauth2
  std::string param;      ///< query
  std::string token_url;  ///< oauth2: absolute, as base_url
  std::variant<std::string, SecretReference> client_id;  ///< oauth2
  std::optional<SecretReference> client_secret;          ///< oauth2
  std::optional<SecretReference> refresh_token;  ///< oauth2: chooses the grant
  std::string scope;                             ///< oauth2; may be empty
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::seconds timeout{60};               ///< longest silence
  std::size_t max_body = std::size_t{64} << 20U;  ///< bytes, decoded
  std::optional<Rate> rate;                       ///< over all its streams
  std::optional<Path> error;  ///< in an answer: a value here is a failure
  std::string proxy;          ///< empty: none
  std::filesystem::path ca;   ///< PEM; empty: the system's
  std::vector<std::string> origins;  ///< besides base_url's: no credentials
  /// The options that base_url is made of and what they say, for people.
  std::vector<std::string> address_options;
};

/// Returns where all secrets of `source` are kept.
std::vector<SecretReference> secrets_of(const SourceDefinition& source);

/// A query parameter; an array in the configuration repeats it.
struct QueryParameter {
  std::string name;
  Template value;
};

/// The order in which a stream's records come.
enum class Order { unordered, ascending, descending };

/// What orders a stream's changes.
struct CursorRule {
  enum class Kind {
    field,  ///< a timestamp or integer of each record
    token,  ///< a token of the answer that the next run begins with
    next,   ///< a URL of the answer that the next run begins with
  };
  Kind kind = Kind::field;
  Path field;         ///< field: in a record; token, next: in the answer
  std::string param;  ///< token: where it is sent, as in PageRule
  Order order = Order::unordered;
  CursorFormat format;
  std::optional<CursorValue> start;               ///< none: no lower bound
  std::chrono::seconds overlap{0};                ///< timestamps
  std::int64_t integer_overlap = 0;               ///< integers
  std::optional<std::chrono::seconds> step;       ///< length of windows
  std::optional<std::chrono::seconds> retention;  ///< older changes are gone
  bool exclusive = false;                         ///< the filter is `>`
  bool immutable = false;  ///< a record's value never changes
};

/// How the next page is found.
struct PageRule {
  enum class Kind { single, next, link, token, after, offset, number, header };
  Kind kind = Kind::single;
  Path path;             ///< next, token: in the answer; after: in a record
  std::string relation;  ///< link
  std::string header;    ///< header: its name
  /// token, header, after, offset, number: the query parameter, or with a `/`
  /// the place in the body (a JSON Pointer). Of `after` it may be empty: then
  /// `${last}` stands in the request.
  std::string param;
  std::int64_t first = 1;                 ///< number: that of the first page
  std::optional<std::string> first_last;  ///< after: the first page's `${last}`
  bool first_is_number = false;           ///< and that is a number, not a text
  bool keyset = false;        ///< ask again from the last record's cursor
  std::optional<Path> more;   ///< truthy: there is another page
  std::optional<Path> end;    ///< true: this was the last page
  std::optional<Path> total;  ///< length of the list
  std::optional<std::int64_t> size;  ///< a shorter page is the last

  /// True if a page is found by counting records or pages.
  bool counts() const { return kind == Kind::offset || kind == Kind::number; }

  /// True if the answer names the next page, so that its absence is the end.
  bool is_named() const {
    return kind == Kind::next || kind == Kind::link || kind == Kind::token ||
           kind == Kind::header;
  }
};

/// What a column holds.
enum class ColumnType {
  as_found,
  text,
  integer,
  real,
  boolean,
  timestamp,
  date,
  decimal,
  json,
};

/// A declared column.
struct ColumnRule {
  std::string name;
  Path path;
  ColumnType type = ColumnType::as_found;
  /// timestamp, date: how values that are not RFC 3339 are written, and the
  /// zone of those without an offset.
  CursorFormat format = {};
  bool of_parent = false;  ///< `path` is one of the parent record
};

/// A key that is a hash of content, the column `_key`.
struct HashKey {
  std::vector<Path> paths;  ///< in a record; none: every member of `fields`
  /// Of a second list, so that its keys are those of the first: what the values
  /// at the paths are hashed as, and the `hash_text` of the first.
  std::vector<std::string> names = {};
  std::string text = {};
};

/// How deletions show.
struct DeletedRule {
  std::optional<Path> when;  ///< a record with a value here tells of one
  /// The texts that count in `when`, as the source writes them, strings without
  /// their quotes; none: any but null, false, 0 and nothing.
  std::vector<std::string> is;
  std::vector<Path> key;  ///< in such a record; none: the stream's
  bool remove = false;    ///< the row goes; else it is marked
  bool missing = true;    ///< rows that a complete reading lacks are deleted
  double limit = 0.2;     ///< share of the table that `missing` may delete
};

/// What happens when `*` meets a member for the first time.
enum class NewFields { add, ignore, fail };

/// How many records of a run may not fit before its stream stops.
struct RejectLimit {
  std::optional<std::int64_t> count;  ///< none: `share` counts
  double share = 0.1;  ///< of the records; below a hundred at least ten may
};

/// True if `rejected` of the `fetched` records of a run are more than may be.
bool exceeds(const RejectLimit& limit, std::int64_t rejected,
             std::int64_t fetched);

/// The list of what a person asked for by its bounds, beside the stream's own.
inline constexpr std::string_view backfill_list = "@backfill";

/// The second list of a table.
inline constexpr std::string_view also_list = "@also";

/// One kind of record of a source, loaded into one table.
struct StreamDefinition {
  std::string name;    ///< the table's too
  std::string source;  ///< a SourceDefinition's name
  bool post = false;   ///< read with POST, not GET
  Template path;       ///< of the request, appended to the source's base_url
  std::vector<QueryParameter> query;
  std::vector<std::pair<std::string, Template>> headers;
  std::optional<BodyValue> body;  ///< of a POST
  std::optional<Path> error;      ///< in the answer: a value here is a failure
  Path records;                   ///< in the answer
  Path fields;                    ///< in a record
  /// One or more, in order; with `hash` the column `_key` alone.
  std::vector<ColumnRule> key;
  std::optional<HashKey> hash;
  std::optional<Path> version;  ///< a lower one than the row's is stale
  std::optional<CursorRule> cursor;
  PageRule page;
  std::vector<ColumnRule> columns;  ///< declared; without those of the key
  bool all_columns = true;          ///< `*`: every other member of `fields`
  bool raw = false;                 ///< keep the record as sent in `_raw`
  NewFields new_fields = NewFields::add;
  /// Names of columns whose change alone does not rewrite a row.
  std::vector<std::string> volatile_columns;
  RejectLimit max_rejects;
  DeletedRule deleted;
  /// The second list of the table, read after this one: at most one, which has
  /// none itself.
  std::vector<StreamDefinition> also;
  /// Deletions of the table tell their times: its rows keep the cursors of
  /// their records, so that a late list does not bring back what is gone.
  bool keeps_cursors = false;
  std::string parent;  ///< a stream: read for each of its records; else empty
  /// The parent and its parents, the topmost first.
  std::vector<std::string> ancestors;
  /// The names of the streams that are read for each record of this one, as of
  /// `owner`, and the paths of the values that their requests and columns need.
  std::vector<std::string> children;
  std::vector<Path> child_paths;
  std::optional<std::chrono::seconds> every;       ///< not read more often
  std::optional<std::chrono::seconds> full_every;  ///< the whole list
  std::optional<Rate> rate;                        ///< beside the source's
  std::chrono::seconds expect_every{24 * 3600};    ///< fresh for `status`
  int line = 0;                                    ///< in the configuration

  std::string list;  ///< also_list, backfill_list; empty: the stream's own
  /// Of an option's list for each element of which the stream is read, that
  /// which this one is of; empty: of none.
  std::string element;
  /// What a connector's list is, whatever its path: connector, version of its
  /// state, options. Empty without a connector.
  std::string identity;

  /// `source.stream`: whose its table and rejects are.
  std::string owner() const { return source + "." + name; }

  /// `[element]`; empty if it is of none.
  std::string bracketed_element() const {
    return element.empty() ? element : "[" + element + "]";
  }

  /// `name` and `[element]`: what people call it.
  std::string called() const { return name + bracketed_element(); }

  /// `source.` and what it is called: `pipeline_name` of the first of its
  /// lists.
  std::string first_list() const { return source + "." + called(); }

  /// `first_list` and `list`: the name of the list's checkpoint and history.
  std::string pipeline_name() const { return first_list() + list; }

  /// True if a field of the records orders their changes, so that the stream
  /// has a mark.
  bool has_mark() const {
    return cursor && cursor->kind == CursorRule::Kind::field;
  }
};

/// Returns the column that holds the `element` of the stream, or null if it has
/// none: without one the rows of its lists cannot be told apart.
const ColumnRule* element_column(const StreamDefinition& stream);

/// Returns the command, or two of them, that reads everything of a stream anew;
/// with `option` for the stream alone, such as "--allow-sweep". Children are
/// read where the records are that they belong to.
std::string whole_reading_command(const StreamDefinition& stream,
                                  const std::string& option = {});

/// Returns the column of a key that is a hash.
ColumnRule hash_column();

/// Returns what a stream's hash key is made of, as text that is the same for
/// the same keys: `hash *` or `hash a, b/c`, and behind ` of ` the stream's
/// `fields` where they matter.
std::string hash_text(const StreamDefinition& stream);

/// True if a page's or token's place is in the request's body.
inline bool is_in_body(std::string_view param) {
  return param.starts_with('/');
}

/// Returns the placeholders of the stream's request, each once, in order.
std::set<std::string> placeholders_of(const StreamDefinition& stream);

/// True if the placeholder `name` stands in the stream's request.
bool asks(const StreamDefinition& stream, std::string_view name);

enum class Journal { wal, rollback };

/// A whole configuration, checked.
struct Configuration {
  std::filesystem::path file;
  std::filesystem::path database;
  Journal journal = Journal::wal;
  std::size_t parallel = 2;  ///< streams that are read at once
  /// How long the run history and resolved rejects are kept.
  std::chrono::seconds keep_runs{90 * 24 * 3600};
  std::vector<SourceDefinition> sources;  ///< in the order of the file
  std::vector<StreamDefinition> streams;  ///< in the order of the file
  std::vector<std::string> warnings;

  const SourceDefinition& source(const std::string& name) const;
};

}  // namespace strandline::model
