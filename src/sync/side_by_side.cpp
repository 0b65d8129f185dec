// SPDX-License-Identifier: MIT
#include "sync/side_by_side.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace strandline::sync {
namespace {

// What is still to do, and what went wrong. Thread-safe.
class Jobs {
 public:
  Jobs(std::size_t count, const std::function<void(std::size_t)>& work)
      : count_(count), work_(work) {}

  // Works until nothing is left.
  void work_off() noexcept {
    for (auto job = next(); job < count_; job = next()) {
      try {
        work_(job);
      } catch (...) {
        give_up(std::current_exception());
      }
    }
  }

  void rethrow() const {
    if (error_) {
      std::rethrow_exception(error_);
    }
  }

 private:
  std::size_t next() {
    const std::lock_guard lock(mutex_);
    return error_ ? count_ : std::min(next_++, count_);
  }

  void give_up(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) {
      error_ = std::move(error);
    }
  }

  std::size_t count_;
  const std::function<void(std::size_t)>& work_;
  std::mutex mutex_;
  std::size_t next_ = 0;
  std::exception_ptr error_;
};

}  // namespace

void side_by_side(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t)>& work) {
  Jobs jobs(count, work);
  {
    std::vector<std::jthread> others;
    try {
      while (others.size() + 1 < std::min(threads, count)) {
        others.emplace_back([&jobs] { jobs.work_off(); });
      }
    } catch (const std::system_error&) {
      // The more is left for those that are there.
    }
    jobs.work_off();
  }
  jobs.rethrow();
}

}  // namespace strandline::sync
