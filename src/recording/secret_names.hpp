// SPDX-License-Identifier: MIT
//
// What is known by its name to hold a secret.
#pragma once

#include <string>
#include <string_view>

namespace strandline::recording {

/// Returns `name` in lower case without `_`, `-`, `.` and blanks, of
/// `user[password]` only what stands in the last brackets: what names of fields
/// are compared by.
std::string plain_name(std::string_view name);

/// Where a field stands.
enum class FieldPlace { query, form, json };

/// True if a field of this name holds a secret there: `access_token`,
/// `client_secret`, `password`… `code` and signatures only outside JSON. Tokens
/// of paging and of change feeds are none.
bool is_secret_field(std::string_view name, FieldPlace place);

/// True if the value of the header `name` is a secret: Authorization,
/// X-Api-Key, X-…-Token… Those of cookies are not among them.
bool is_secret_header(std::string_view name);

/// True for Cookie and Set-Cookie.
bool is_cookie_header(std::string_view name);

}  // namespace strandline::recording
