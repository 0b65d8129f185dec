// SPDX-License-Identifier: MIT
#include "sync/one_answer.hpp"

#include <algorithm>

namespace strandline::sync {
namespace {

// Newest first, what follows a record that is older than the window is older
// still.
bool reaches_the_begin(const source::Page& page,
                       const model::StreamDefinition& stream) {
  if (!stream.has_mark() || stream.cursor->order != model::Order::descending) {
    return false;
  }
  const auto& window = page.window;
  const auto& cursors = page.records.cursors;
  return window.from && window.ordered && !cursors.empty() && cursors.back() &&
         *cursors.back() < *window.from;
}

}  // namespace

void OneAnswer::begin(const model::Window& window) {
  // Of what an earlier run read nothing is known any more.
  pages_ = window.position.first_page() && window.read == 0 ? 0 : 1;
  reached_ = false;
}

void OneAnswer::add(const source::Page& page,
                    const model::StreamDefinition& stream) {
  if (page.restarted || page.resynced) {
    pages_ = 0;
  }
  pages_ = std::min(pages_ + 1, 2);
  if (pages_ == 1) {
    reached_ = reaches_the_begin(page, stream);
  }
}

}  // namespace strandline::sync
