// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/cursor.hpp"
#include "model/records.hpp"

namespace strandline::source {

/// Makes of `cell`, whose text is `text`, a cell of a declared column of
/// `type`. Text that reads as the type is converted, an empty text becomes null
/// except in text columns, and a text that is made anew is appended to `made`.
/// Returns what is wrong, as the rest of a sentence that begins with the
/// column, if the value does not fit; nothing if it does.
///
/// A timestamp becomes RFC 3339 in UTC with six digits, what is finer is cut;
/// it is read as `format` says, and RFC 3339 whatever that says, in the
/// format's zone or UTC where it has no offset. A date is the one on which the
/// timestamp falls there; one without an offset is the date that is written.
std::optional<std::string> convert(model::Cell& cell, std::string_view text,
                                   model::ColumnType type, std::string& made,
                                   const model::CursorFormat& format = {});

}  // namespace strandline::source
