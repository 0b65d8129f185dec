// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace strandline::recording {

/// Parses a HAR file, whoever wrote it; a byte-order mark is taken. What comes
/// back has an array log/entries. Throws Error (ExitCode::data), with `name`,
/// the file's, in the message, if it is no such document or is nested deeper
/// than any of them.
nlohmann::ordered_json parse_document(std::string_view text,
                                      std::string_view name);

/// Returns `document` as it is written to a file: indented, with a newline at
/// the end, the same for the same document.
std::string document_text(const nlohmann::ordered_json& document);

}  // namespace strandline::recording
