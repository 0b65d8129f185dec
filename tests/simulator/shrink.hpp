// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "scenario.hpp"

namespace strandline::simulator {

/// Returns a scenario that is as `scenario`, less what can be left out while
/// `fails` still says so of it. Tries at most `attempts` times.
Scenario shrink(Scenario scenario,
                const std::function<bool(const Scenario&)>& fails,
                int attempts);

}  // namespace strandline::simulator
