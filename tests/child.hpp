// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "temp_dir.hpp"

namespace strandline::test {

/// A program of its own process; killed and waited for at the scope's end.
class Child {
 public:
  /// Starts `arguments[0]` with its output in files of `dir`, and with the
  /// variables `environment` ("NAME=value") before those of this process.
  Child(const TempDir& dir, const std::vector<std::string>& arguments,
        const std::vector<std::string>& environment = {})
      : out_(dir.path() / "stdout.txt"), err_(dir.path() / "stderr.txt") {
    const auto argv = pointers(arguments, nullptr);
    const auto variables = pointers(environment, environ);
    pid_ = fork();
    if (pid_ < 0) {
      throw std::runtime_error("cannot fork");
    }
    if (pid_ == 0) {
      redirect(out_, STDOUT_FILENO);
      redirect(err_, STDERR_FILENO);
      execve(argv[0], argv.data(), variables.data());
      _exit(127);
    }
  }
  ~Child() {
    if (pid_ > 0) {
      kill(SIGKILL);
      wait();
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }

  void kill(int signal) const { ::kill(pid_, signal); }

  /// Waits so long; whether it has ended, and only wait() has yet to be called.
  bool ends_within(std::chrono::microseconds time) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    const timespec timeout{seconds.count(),
                           std::chrono::nanoseconds(time - seconds).count()};
    const auto descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    pollfd ended{descriptor, POLLIN, 0};
    const bool yes = ppoll(&ended, 1, &timeout, nullptr) > 0;
    close(descriptor);
    return yes;
  }

  /// Returns the exit code; less than 0 is the signal that ended it.
  int wait() {
    int status = 0;
    if (pid_ > 0) {
      while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
      }
      pid_ = 0;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  std::string out() const { return read(out_); }
  std::string err() const { return read(err_); }

 private:
  // Null-terminated; `more`, if any, stand behind.
  static std::vector<char*> pointers(const std::vector<std::string>& texts,
                                     char* const* more) {
    std::vector<char*> all;
    for (const auto& text : texts) {
      all.push_back(const_cast<char*>(text.c_str()));
    }
    for (; more != nullptr && *more != nullptr; ++more) {
      all.push_back(*more);
    }
    all.push_back(nullptr);
    return all;
  }

  static void redirect(const std::filesystem::path& file, int descriptor) {
    const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(opened, descriptor);
    close(opened);
  }
  static std::string read(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t pid_ = 0;
};

/// The program under test.
inline std::string program() {
  const char* path = std::getenv("STRANDLINE");
  if (path == nullptr) {
    throw std::runtime_error("STRANDLINE names the program under test");
  }
  return path;
}

/// What the program printed, and how it ended.
struct Result {
  int code;
  std::string out;
  std::string err;
};

/// Runs the program under test to its end.
inline Result run(const TempDir& dir, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program());
  Child child(dir, arguments);
  const int code = child.wait();
  return {code, child.out(), child.err()};
}

/// True if `part` stands in `text`.
inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace strandline::test
