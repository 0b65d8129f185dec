// SPDX-License-Identifier: MIT
#include "cli/signals.hpp"

namespace strandline::cli {
namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free,
              "a signal handler may set it");

extern "C" void strandline_stop(int signal) {
  received = signal;
}

}  // namespace

void keep_child_statuses() {
  std::signal(SIGCHLD, SIG_DFL);
}

StopOnSignal::StopOnSignal() {
  received = 0;
  struct sigaction action {};
  action.sa_handler = strandline_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &interrupt_);
  sigaction(SIGTERM, &action, &terminate_);
}

StopOnSignal::~StopOnSignal() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGTERM, &terminate_, nullptr);
}

const std::atomic<int>& StopOnSignal::signal() const {
  return received;
}

}  // namespace strandline::cli
