// SPDX-License-Identifier: MIT
//
// A function for each kind of table of the file, all under the same rules: the
// strict check has passed its layers before; what is wrong beyond it is
// reported to the table's context; the value returned is only good if nothing
// was reported.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/read_value.hpp"
#include "config/table.hpp"
#include "model/definition.hpp"

namespace strandline::config {

/// Reads `[source.NAME]`.
model::SourceDefinition read_source(const Table& table, std::string name);

/// Reads the way to a source: `proxy`, `ca`, `origins`. base_url is known.
void read_network(const Table& table, model::SourceDefinition& source);

/// Returns the name of the source that the stream in `table` says. `sources`
/// are those in the file; a stream that names none has the only one.
std::string read_source_name(const Table& table,
                             const std::vector<std::string>& sources);

/// Reads `[stream.NAME]`, of `source`.
model::StreamDefinition read_stream(const Table& table, std::string name,
                                    std::string source);

/// Returns what `${columns}` stands for in a request of `stream`, all of which
/// but its request is known: what the table needs of the record's `fields`.
Option column_option(const Table& table, const model::StreamDefinition& stream);

/// Reads a table of query parameters.
std::vector<model::QueryParameter> read_query(const Table& table);

/// Reads a table of request headers.
std::vector<std::pair<std::string, model::Template>> read_headers(
    const Table& table, Placeholders allowed);

/// Reads a request's `body`.
model::BodyValue read_body(const Table& table);

/// Reads a stream's `cursor`.
model::CursorRule read_cursor(const Table& table);

/// Reads the `format` of a cursor or column, without its zone; RFC 3339 if it
/// has none, and nothing if it is refused: what goes with it is not known then.
std::optional<model::CursorFormat> read_format(const Table& table);

/// Reads the `zone` of a cursor or column.
std::optional<model::Zone> read_zone(const Table& table);

/// Reads a stream's `page`.
model::PageRule read_page(const Table& table);

/// Reads a stream's `deleted`, or that of its second list.
void read_deleted(const Table& table, model::StreamDefinition& stream);

/// Reads `also` of `stream`, of which everything else is known.
model::StreamDefinition read_also(const Table& table,
                                  const model::StreamDefinition& stream);

/// Reads the paths of the key of a second list into `also`, which has the
/// stream's.
void read_other_key(const Table& table, model::StreamDefinition& also);

/// Reads `{ hash = … }`, the key of a stream with the declared `columns`.
model::HashKey read_hash(const Table& key,
                         const std::vector<model::ColumnRule>& columns);

/// Reads `columns`, `key`, `new_fields` and `volatile` of the stream in `table`
/// into `stream`. `raw` is known.
void read_columns(const Table& table, model::StreamDefinition& stream);

/// Reports what does not go together in the stream in `table`, and warns of
/// what is allowed and probably not meant.
void check_stream(const Table& table, const model::StreamDefinition& stream);

/// Reports what does not go together with the stream's `deleted`.
void check_deleted(const Table& table, const model::StreamDefinition& stream);

/// Reports a `full_every` in vain. The second list is known.
void check_full_every(const Table& table,
                      const model::StreamDefinition& stream);

/// Reports values of a parent in a stream that has none.
void check_no_parent(const Table& table, const model::StreamDefinition& stream);

/// Tells the parent of the stream `name` in `table`, if it has one, what its
/// child needs, and reports what does not go together. All streams are known.
void link_parent(const Table& table, model::Configuration& configuration,
                 const std::string& name);

/// Reports what does not go together with GET, or with POST and its body.
void check_method(const Table& table, const model::StreamDefinition& stream);

}  // namespace strandline::config
