// SPDX-License-Identifier: MIT
//
// A function for each kind of table of the file, all under the same rules: the
// strict check has passed the table before; what is wrong beyond it is
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

/// Reads `[stream.NAME]`. `sources` are the names in the file; a stream that
/// names none has the only one.
model::StreamDefinition read_stream(const Table& table, std::string name,
                                    const std::vector<std::string>& sources);

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

/// Reads `columns`, `key`, `new_fields` and `volatile` of the stream in `table`
/// into `stream`. `raw` is known.
void read_columns(const Table& table, model::StreamDefinition& stream);

/// Reports what does not go together in the stream in `table`, and warns of
/// what is allowed and probably not meant.
void check_stream(const Table& table, const model::StreamDefinition& stream);

/// Reports what does not go together with GET, or with POST and its body.
void check_method(const Table& table, const model::StreamDefinition& stream);

}  // namespace strandline::config
