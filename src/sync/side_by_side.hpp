// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>

namespace strandline::sync {

/// Calls `work` with every number below `count`, each once and begun in their
/// order, in as many as `threads` threads at once: the caller's own, and others
/// beside it, which are gone when this returns. Where the system gives fewer
/// threads, it is done by those. After one call of `work` has thrown no other
/// begins; those at work come to their end, and then what the first threw is
/// thrown.
void side_by_side(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t)>& work);

}  // namespace strandline::sync
