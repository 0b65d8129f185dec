// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "recording/recording.hpp"

namespace strandline::recording {

/// Reads a recording in HAR 1.2, in the order recorded. `name` is the file's,
/// for messages.
///
/// Taken as programs write it (doc/recordings.md): a byte-order mark, headers
/// as objects or as [name, value], pseudo-headers and headers without a name
/// (left out), missing headers, bodies and times, bodies in base64, forms as
/// parameters alone. Left out are requests that had no answer (status 0; those
/// that `write_har` wrote are read, with the reason), or were no http, and the
/// headers of the answer that tell of its transfer, as the body is recorded
/// decoded: Content-Encoding, Content-Length, Transfer-Encoding. Throws Error
/// (ExitCode::data) if it is not such a recording.
Recording read_har(std::string_view text, std::string_view name);

/// Returns `recording` as a HAR document (1.2), in which nothing is redacted
/// yet (see Redaction). What HAR has no member for is in members `_strandline`
/// of the log and of its entries. Bodies that are not UTF-8 are in base64.
nlohmann::ordered_json har_document(const Recording& recording);

/// Returns `har_document` as the text of a file: the same recording gives the
/// same bytes, and `read_har` reads it back as it was; but headers of its
/// transfer, and bytes of headers that are not UTF-8, are lost.
std::string write_har(const Recording& recording);

}  // namespace strandline::recording
