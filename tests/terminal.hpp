// SPDX-License-Identifier: MIT
#pragma once

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

namespace strandline::test {

/// A program at a terminal of its own, at which somebody sits.
class Terminal {
 public:
  /// Starts `arguments[0]`, and waits no longer than `patience` for it to say
  /// something. The terminal has so many columns; 0: it does not say.
  explicit Terminal(
      const std::vector<std::string>& arguments,
      std::chrono::milliseconds patience = std::chrono::seconds(10),
      unsigned short columns = 0)
      : patience_(patience) {
    std::vector<char*> argv;
    for (const auto& argument : arguments) {
      argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    const winsize size{0, columns, 0, 0};
    pid_ = forkpty(&descriptor_, nullptr, nullptr, &size);
    if (pid_ < 0) {
      throw std::runtime_error("cannot open a terminal");
    }
    if (pid_ == 0) {
      execv(argv[0], argv.data());
      _exit(127);
    }
  }
  ~Terminal() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      wait();
    }
    close(descriptor_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Reads on until `text` stands there; false if the program ended before, or
  /// nothing more came while there was patience.
  bool shows(const std::string& text) {
    while (screen_.find(text) == std::string::npos) {
      if (!read()) {
        return false;
      }
    }
    return true;
  }

  void type(const std::string& text) const {
    if (write(descriptor_, text.data(), text.size()) < 0) {
      throw std::runtime_error("cannot type");
    }
  }

  /// Reads to the end and returns the exit code; less than 0 is a signal: that
  /// which ends a program that is still there and says nothing.
  int wait() {
    while (read()) {
    }
    // At its end there is a hang-up. Without, it is not the end.
    pollfd ended{descriptor_, POLLIN, 0};
    if (poll(&ended, 1, 0) == 0) {
      kill(pid_, SIGKILL);
    }
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  /// All that was shown, with what was typed; lines end with "\r\n".
  const std::string& screen() const { return screen_; }

 private:
  bool read() {
    pollfd ready{descriptor_, POLLIN, 0};
    std::array<char, 1000> text{};
    if (poll(&ready, 1, static_cast<int>(patience_.count())) != 1) {
      return false;
    }
    // At the end of the program a terminal answers with an error.
    const auto length = ::read(descriptor_, text.data(), text.size());
    if (length <= 0) {
      return false;
    }
    screen_.append(text.data(), static_cast<std::size_t>(length));
    return true;
  }

  std::chrono::milliseconds patience_;
  int descriptor_ = -1;
  pid_t pid_ = 0;
  std::string screen_;
};

}  // namespace strandline::test
