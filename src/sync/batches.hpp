// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "source/reader.hpp"
#include "store/store.hpp"
#include "sync/page_queue.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// What makes batches of pages.
struct BatchWork {
  std::function<store::Batch()> begin;
  std::function<void(source::Page, store::Batch&)> add;
  std::function<void(const store::Batch&)> commit;
};

/// Takes pages out of `queue` until it ends, in batches of whole pages within
/// `limits`. What was fetched before an error is committed all the same; then
/// the error is thrown.
void write_batches(PageQueue& queue, const BatchLimits& limits,
                   const BatchWork& work);

}  // namespace strandline::sync
