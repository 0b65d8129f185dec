// SPDX-License-Identifier: MIT
//
// Loaded into the program by LD_PRELOAD: counts what it asks of a database's
// files and lets the nth call meet a fault. Of the program it knows nothing but
// that the C library stands between it and the disk.
//
// STRANDLINE_FAULT_FILE  the database; its journals, its lock and its folder
//                        belong to it
// STRANDLINE_FAULT       a kind of fault, as in `faults` below
// STRANDLINE_FAULT_AT    n, from 1
// STRANDLINE_FAULT_LOG   where a line is written when the fault comes; with
//                        the kind "none" for each call
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <string>

namespace {

enum class Call { open, write, truncate, sync, remove };

enum class Action { proceed, fail, half, die_after, half_and_die };

struct Fault {
  std::string file;
  std::string folder;
  std::string kind;
  long at = 0;
  std::string log;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

const Fault& fault() {
  static const Fault known = [] {
    Fault read;
    read.file = variable("STRANDLINE_FAULT_FILE");
    read.folder = read.file.substr(0, read.file.rfind('/'));
    read.kind = variable("STRANDLINE_FAULT");
    read.at = std::atol(variable("STRANDLINE_FAULT_AT").c_str());
    read.log = variable("STRANDLINE_FAULT_LOG");
    return read;
  }();
  return known;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string path_of(int descriptor) {
  std::array<char, PATH_MAX> path{};
  const auto link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto length = readlink(link.c_str(), path.data(), path.size());
  return {path.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

// Past the functions of this file.
void tell(Call call, const std::string& path) {
  static constexpr std::array names = {"open", "write", "truncate", "sync",
                                       "remove"};
  const auto line = names.at(static_cast<std::size_t>(call)) +
                    (" " + path.substr(path.rfind('/') + 1)) + "\n";
  const auto log = syscall(SYS_openat, AT_FDCWD, fault().log.c_str(),
                           O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  syscall(SYS_write, log, line.data(), line.size());
  syscall(SYS_close, log);
}

[[noreturn]] void die() {
  while (true) {
    kill(getpid(), SIGKILL);
  }
}

Action fail(int error) {
  errno = error;
  return Action::fail;
}

// A full disk refuses what needs room.
bool needs_room(Call call) {
  return call == Call::open || call == Call::write || call == Call::truncate;
}

// What the nth call meets, and those after it.
Action meet(Call call, bool first) {
  const auto& kind = fault().kind;
  if (kind == "kill") {
    die();
  }
  if (kind == "kill_after") {
    return Action::die_after;
  }
  if (kind == "torn") {
    return call == Call::write ? Action::half_and_die : Action::die_after;
  }
  if (kind == "io_error_once") {
    return first ? fail(EIO) : Action::proceed;
  }
  if (kind == "io_error") {
    return fail(EIO);
  }
  if (kind == "short_write" && first && call == Call::write) {
    return Action::half;
  }
  return needs_room(call) ? fail(ENOSPC) : Action::proceed;  // "no_space"
}

Action decide(Call call, const std::string& path) {
  static std::atomic<long> calls{0};
  const int saved = errno;
  if (fault().file.empty() ||
      (path.rfind(fault().file, 0) != 0 && path != fault().folder)) {
    errno = saved;
    return Action::proceed;
  }
  const long number = ++calls;
  if (fault().kind == "none" || number == fault().at) {
    tell(call, path);
  }
  errno = saved;
  return fault().kind == "none" || number < fault().at
             ? Action::proceed
             : meet(call, number == fault().at);
}

// Does what `decide` says with a call that takes no size.
template <typename Do>
int act(Action action, Do&& call) {
  if (action == Action::fail) {
    return -1;
  }
  const int result = call();
  if (action == Action::die_after || action == Action::half_and_die) {
    die();
  }
  return result;
}

}  // namespace

extern "C" {

ssize_t pwrite64(int descriptor, const void* data, size_t size,
                 off64_t offset) {
  static auto* const real =
      next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  const auto action = decide(Call::write, path_of(descriptor));
  if (action == Action::fail) {
    return -1;
  }
  const bool half = action == Action::half || action == Action::half_and_die;
  const auto written =
      real(descriptor, data, half ? (size + 1) / 2 : size, offset);
  if (action == Action::die_after || action == Action::half_and_die) {
    die();
  }
  return written;
}

int ftruncate64(int descriptor, off64_t length) noexcept {
  static auto* const real = next<int(int, off64_t)>("ftruncate64");
  return act(decide(Call::truncate, path_of(descriptor)),
             [&] { return real(descriptor, length); });
}

// What the kernel has survives a kill: to wait for the disk would only take
// time.
int fdatasync(int descriptor) {
  return act(decide(Call::sync, path_of(descriptor)), [] { return 0; });
}

int fsync(int descriptor) {
  return act(decide(Call::sync, path_of(descriptor)), [] { return 0; });
}

int unlink(const char* path) noexcept {
  static auto* const real = next<int(const char*)>("unlink");
  return act(decide(Call::remove, path), [&] { return real(path); });
}

int open64(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open64");
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  // To look into the folder, as a sync of it begins, is no fault of a disk.
  const auto action = (flags & O_DIRECTORY) != 0 || fault().folder == path
                          ? Action::proceed
                          : decide(Call::open, path);
  return act(action, [&] { return real(path, flags, mode); });
}

}  // extern "C"
