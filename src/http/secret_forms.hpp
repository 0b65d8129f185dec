// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace strandline::http {

/// Returns the texts by which `secret` may be written where it is sent or sent
/// back: as it is; percent-encoded, with `%20` or `+`, with capitals or
/// without; escaped in JSON as the usual programs do it; and what of a longer
/// base64 text is the secret's alone, in each of the three places that it can
/// have in the groups of four, in both alphabets, where that is eight
/// characters or more. Some may be equal; none is empty. An empty secret has
/// none.
std::vector<std::string> forms_of(std::string_view secret);

}  // namespace strandline::http
