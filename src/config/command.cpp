// SPDX-License-Identifier: MIT
#include "config/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>

#include "model/text.hpp"
#include "strandline/error.hpp"

namespace strandline::config {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::vector<std::string>& command,
                       const std::string& how,
                       ExitCode code = ExitCode::no_input) {
  throw Error(code, name_of(command) + " " + how);
}

void check(int error, const std::vector<std::string>& command) {
  if (error != 0) {
    fail(command, "cannot be run: " + std::generic_category().message(error));
  }
}

// The end of a pipe from which we read, and the one that the program gets.
class Pipe {
 public:
  explicit Pipe(const std::vector<std::string>& command) {
    check(pipe2(ends_.data(), O_CLOEXEC) == 0 ? 0 : errno, command);
    check(fcntl(ends_[0], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno, command);
  }
  ~Pipe() {
    close(ends_[0]);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }

  void close_writer() {
    if (ends_[1] >= 0) {
      close(std::exchange(ends_[1], -1));
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// How a program starts: with nothing to read, `output` for what it prints, and
// no signal ignored or blocked.
class Start {
 public:
  explicit Start(int output) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    // Not every library opens what it opens for us alone.
    posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
#endif
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGCHLD}) {
      sigaddset(&signals, signal);
    }
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETPGROUP);
  }
  ~Start() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  pid_t run(const std::vector<std::string>& command) const {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const auto& argument : command) {
      arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    pid_t process = 0;
    check(posix_spawnp(&process, arguments.front(), &files_, &attributes_,
                       arguments.data(), environ),
          command);
    return process;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

// A program that runs; killed, with those that it has started, if it is not
// seen to end.
class Process {
 public:
  explicit Process(pid_t id) : id_(id) {}
  ~Process() {
    if (!ended_) {
      kill(-id_, SIGKILL);
      wait(0);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool has_ended() {
    if (!ended_) {
      wait(WNOHANG);
    }
    return ended_;
  }

  /// Of one that has ended, as waitpid has it.
  int status() const { return status_; }

  /// The status where somebody else waits for all children, or nobody is to.
  static constexpr int unknown = -1;

 private:
  void wait(int options) {
    int status = 0;
    pid_t ended = 0;
    do {
      ended = waitpid(id_, &status, options);
    } while (ended < 0 && errno == EINTR);
    if (ended != 0) {
      ended_ = true;
      status_ = ended == id_ ? status : unknown;
    }
  }

  pid_t id_;
  bool ended_ = false;
  int status_ = unknown;
};

void check_patience(const std::vector<std::string>& command,
                    const Patience& patience, Clock::time_point begin) {
  const int signal = patience.stop != nullptr ? patience.stop->load() : 0;
  if (signal != 0) {
    throw Error(
        signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted,
        fmt::format("stopped by signal {}", signal));
  }
  const auto now = Clock::now();
  if (patience.deadline && now >= *patience.deadline) {
    fail(command, "was not done when the time that --max-time allows was over",
         ExitCode::temporary);
  }
  if (now - begin >= patience.longest) {
    const std::chrono::duration<double> longest = patience.longest;
    fail(command,
         fmt::format("has printed no secret within {:g} s", longest.count()));
  }
}

// Takes what there is; false at the end.
bool take(int descriptor, std::string& text, std::size_t limit,
          const std::vector<std::string>& command) {
  std::array<char, 4096> part{};
  for (;;) {
    const auto count = read(descriptor, part.data(), part.size());
    if (count == 0) {
      return false;
    }
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno == EAGAIN) {
        return true;
      }
      check(errno, command);
    }
    text.append(part.data(), static_cast<std::size_t>(count));
    if (text.size() > limit) {
      fail(command, fmt::format("printed more than {} bytes", limit));
    }
  }
}

void check_status(int status, const std::vector<std::string>& command) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return;
  }
  if (status == Process::unknown) {
    fail(command,
         "has ended, and how it did cannot be known: SIGCHLD is ignored, or "
         "another part of this process waits for all children");
  }
  fail(command, WIFEXITED(status)
                    ? fmt::format("ended with status {}", WEXITSTATUS(status))
                    : fmt::format("was ended by signal {}", WTERMSIG(status)));
}

}  // namespace

std::string name_of(const std::vector<std::string>& command) {
  return fmt::format("the command \"{}\"",
                     model::printable(command.front(), 200));
}

std::string output_of(const std::vector<std::string>& command,
                      std::size_t limit, const Patience& patience) {
  const auto begin = Clock::now();
  Pipe pipe(command);
  Process process(Start(pipe.writer()).run(command));
  pipe.close_writer();
  std::string text;
  for (bool open = true; open;) {
    // In this order: what it printed before its end is there after it. A
    // program that it left behind may hold the pipe open for ever.
    const bool ended = process.has_ended();
    open = take(pipe.reader(), text, limit, command) && !ended;
    if (open) {
      check_patience(command, patience, begin);
      pollfd waiting{pipe.reader(), POLLIN, 0};
      poll(&waiting, 1, 20);
    }
  }
  while (!process.has_ended()) {
    check_patience(command, patience, begin);
    poll(nullptr, 0, 5);
  }
  check_status(process.status(), command);
  return text;
}

}  // namespace strandline::config
