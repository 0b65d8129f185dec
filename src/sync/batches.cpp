// SPDX-License-Identifier: MIT
#include "sync/batches.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace strandline::sync {
namespace {

using std::chrono::steady_clock;

// Fills the batch; false if no page follows it.
bool collect(PageQueue& queue, const BatchLimits& limits, const BatchWork& work,
             store::Batch& batch) {
  std::size_t rows = 0;
  std::optional<steady_clock::time_point> deadline;
  while (rows < limits.rows) {
    source::Page page;
    switch (queue.pop(page, deadline)) {
      case PageQueue::Got::end:
        return false;
      case PageQueue::Got::timeout:
        return true;
      case PageQueue::Got::page:
        break;
    }
    if (!deadline) {
      deadline = steady_clock::now() + limits.time;
    }
    rows += page.records.records.size() + page.records.rejects.size();
    work.add(std::move(page), batch);
  }
  return true;
}

}  // namespace

void write_batches(PageQueue& queue, const BatchLimits& limits,
                   const BatchWork& work) {
  std::exception_ptr error;
  bool more = true;
  while (more) {
    auto batch = work.begin();
    try {
      more = collect(queue, limits, work, batch);
    } catch (...) {
      error = std::current_exception();
      more = false;
    }
    work.commit(batch);
  }
  if (error) {
    std::rethrow_exception(error);
  }
}

}  // namespace strandline::sync
