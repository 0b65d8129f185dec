// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "recording/recording.hpp"

namespace strandline::recording {

/// Reads a recording in HAR 1.2, in the order recorded. `name` is the file's,
/// for messages.
///
/// Taken as programs write it: a byte-order mark, headers as objects or as
/// [name, value], pseudo-headers (left out), missing headers and bodies, bodies
/// in base64. Left out are requests that had no answer (status 0) or were no
/// http, and the headers of the answer that tell of its transfer, as the body
/// is recorded decoded: Content-Encoding, Content-Length, Transfer-Encoding.
/// Throws Error (ExitCode::data) if it is not such a recording.
Recording read_har(std::string_view text, std::string_view name);

}  // namespace strandline::recording
