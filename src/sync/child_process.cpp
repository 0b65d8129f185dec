// SPDX-License-Identifier: MIT
#include "sync/child_process.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>

#include "strandline/error.hpp"

namespace strandline::sync {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::microseconds look_every{200};

// Signals for the group of a terminal end it as any other program.
int run(const std::function<int()>& work, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    return static_cast<int>(ExitCode::terminated);
  }
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  try {
    return work();
  } catch (...) {
    return static_cast<int>(ExitCode::bug);
  }
}

}  // namespace

ChildProcess::ChildProcess(const std::function<int()>& work) {
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) {
    throw Error(ExitCode::temporary,
                std::string("cannot start a process: ") + std::strerror(errno));
  }
  if (pid_ == 0) {
    // No destructor of the parent's runs here.
    _exit(run(work, parent));
  }
}

ChildProcess::~ChildProcess() {
  kill();
}

bool ChildProcess::ends_within(std::chrono::microseconds time,
                               const std::atomic<int>* stop) {
  const auto end = steady_clock::now() + time;
  while (!look(WNOHANG)) {
    const auto now = steady_clock::now();
    if (now >= end || (stop != nullptr && stop->load() != 0)) {
      return false;
    }
    std::this_thread::sleep_for(
        std::min<steady_clock::duration>(look_every, end - now));
  }
  return true;
}

void ChildProcess::kill() {
  if (!look(WNOHANG)) {
    ::kill(pid_, SIGKILL);
    look(0);
  }
}

bool ChildProcess::look(int options) {
  while (!ended_) {
    const auto pid = waitpid(pid_, &status_, options);
    if (pid < 0 && errno == EINTR) {
      continue;
    }
    if (pid == 0) {
      return false;
    }
    ended_ = true;
  }
  return true;
}

bool ChildProcess::was_killed() const {
  return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL;
}

int ChildProcess::exit_code() const {
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

}  // namespace strandline::sync
