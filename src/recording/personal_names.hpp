// SPDX-License-Identifier: MIT
//
// What is known by its name to be about a person.
#pragma once

#include <string_view>

namespace strandline::recording {

/// True if a member of this name holds a telephone number: `phone`,
/// `mobile_phone`, `faxNumber`… Not `phone_id`, `phone_verified_at` and the
/// like, which are about one.
bool is_phone_field(std::string_view name);

/// True if a member of this name holds an e-mail address.
bool is_email_field(std::string_view name);

/// True if a member of this name holds a person's name, whatever it stands
/// beside: `first_name`, `surname`, `displayName`… Not `name`.
bool is_person_field(std::string_view name);

/// True for members that hold what the member around them is named for:
/// `value`, `number`…
bool is_value_field(std::string_view name);

}  // namespace strandline::recording
