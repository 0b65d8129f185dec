// SPDX-License-Identifier: MIT
#pragma once

#include "model/instant.hpp"

namespace strandline::http {

/// This machine's own clock, which may be wrong, and may be set. Thread-safe.
model::Instant system_time();

}  // namespace strandline::http
