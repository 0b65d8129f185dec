// SPDX-License-Identifier: MIT
#include "store/lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

#include "model/instant.hpp"
#include "model/text.hpp"
#include "store/error.hpp"

namespace strandline::store {
namespace {

// An open file description's lock, unlike a process's, is not dropped when
// another descriptor of the same file is closed.
bool take(int descriptor) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return fcntl(descriptor, F_OFD_SETLK, &whole) == 0;
}

std::string holder(int descriptor) {
  std::array<char, 100> text{};
  const auto length = pread(descriptor, text.data(), text.size(), 0);
  return length > 0
             ? model::printable({text.data(), static_cast<std::size_t>(length)},
                                text.size())
             : "another program";
}

void write_holder(int descriptor) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const auto text = "process " + std::to_string(getpid()) + " since " +
                    model::to_rfc3339({now.count(), 0}, 0);
  // Only for people to read: the lock holds without it.
  if (ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, text.data(), text.size(), 0) < 0) {
    return;
  }
}

}  // namespace

Lock::Lock(const std::filesystem::path& database) {
  auto file = database;
  file += ".lock";
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                     S_IRUSR | S_IWUSR);
  if (descriptor_ < 0) {
    throw StoreError(ExitCode::cannot_create,
                     "cannot open the lock file " + file.string() + ": " +
                         std::strerror(errno),
                     {{"try",
                       "`database` names a file in a folder that exists and is "
                       "writable"}});
  }
  if (!take(descriptor_)) {
    const int error = errno;
    const auto who = holder(descriptor_);
    close(descriptor_);
    if (error == EAGAIN || error == EACCES) {
      throw StoreError(
          ExitCode::busy,
          "another run is at work on " + database.string() + ": " + who,
          {{"try", "wait until it is done, and run again"}});
    }
    throw StoreError(ExitCode::io, "cannot lock " + file.string() + ": " +
                                       std::strerror(error));
  }
  write_holder(descriptor_);
}

Lock::~Lock() {
  close(descriptor_);
}

bool is_locked(const std::filesystem::path& database) {
  std::error_code error;
  // The file's real name is the one whose lock a run takes.
  auto file = std::filesystem::weakly_canonical(
      std::filesystem::absolute(database, error), error);
  file += ".lock";
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) {
    return errno != ENOENT;
  }
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  const bool answered = fcntl(descriptor, F_OFD_GETLK, &whole) == 0;
  close(descriptor);
  return !answered || whole.l_type != F_UNLCK;
}

}  // namespace strandline::store
