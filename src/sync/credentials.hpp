// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "http/session.hpp"
#include "model/definition.hpp"

namespace strandline::sync {

/// Returns the secret that is meant. `role` is its key in the configuration:
/// "token", "user", "client_id" and so on.
using Resolve = std::function<std::string(const model::SecretReference&,
                                          std::string_view role)>;

/// Returns what authorises the requests of a source. Throws what `resolve`
/// does.
http::Credentials credentials_of(const model::SourceDefinition& source,
                                 const Resolve& resolve);

}  // namespace strandline::sync
