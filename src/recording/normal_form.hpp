// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "http/redactor.hpp"
#include "http/transport.hpp"

namespace strandline::recording {

/// Returns `request` as a request that is asked and one that was recorded are
/// to be compared: in URL and body the values of fields that are known to hold
/// secrets (see Redaction), user names of URLs, what looks like a JWT, and all
/// that `known` knows (it may be null) are the one word `REDACTED`, as is every
/// placeholder, whatever its number or name. With `scrubbed` e-mail addresses,
/// telephone numbers and names of persons are one of each kind as well. Method
/// and headers stay as they are. Both sides of a comparison go through it, with
/// the same `known`. Done twice, it changes nothing more. Throws HttpError
/// (ExitCode::data) if what comes out is no URL.
http::Request normal_form(const http::Request& request, bool scrubbed,
                          const http::Redactor* known = nullptr);

/// True if `recorded`, a text that is no request but was recorded with one
/// (`model::Checkpoint::fingerprint`, `Position::basis`), is `text` with
/// stand-ins in the place of some of its parts, or just that.
bool may_be(std::string_view recorded, std::string_view text);

}  // namespace strandline::recording
