// SPDX-License-Identifier: MIT
#include "recording/private_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "strandline/error.hpp"

namespace strandline::recording {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file,
                         const std::string& why) {
  throw Error(ExitCode::cannot_create,
              fmt::format("cannot write {}: {}", file.string(), why));
}

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

// A file without a name of its own yet, gone at the scope's end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& beside)
      : name_(beside.string() + ".XXXXXX"),
        descriptor_(mkostemp(name_.data(), O_CLOEXEC)) {}
  ~TemporaryFile() {
    if (descriptor_ >= 0) {
      close(descriptor_);
      unlink(name_.c_str());
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // These set errno if they fail.
  bool is_open() const { return descriptor_ >= 0; }

  bool fill(std::string_view text) const {
    while (!text.empty()) {
      const auto count = write(descriptor_, text.data(), text.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count <= 0) {
        return false;
      }
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return fchmod(descriptor_, S_IRUSR | S_IWUSR) == 0 &&
           fsync(descriptor_) == 0;
  }

  bool take_place_of(const std::filesystem::path& file) {
    if (rename(name_.c_str(), file.c_str()) != 0) {
      return false;
    }
    close(std::exchange(descriptor_, -1));
    return true;
  }

 private:
  std::string name_;
  int descriptor_;
};

// A name is on the disk when its folder is.
bool sync_folder(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : ".";
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) {
    return false;
  }
  const bool synced = fsync(opened) == 0;
  close(opened);
  return synced;
}

}  // namespace

void write_private_file(const std::filesystem::path& file,
                        std::string_view text) {
  struct stat there {};
  if (lstat(file.c_str(), &there) == 0 && !S_ISREG(there.st_mode) &&
      !S_ISLNK(there.st_mode)) {
    refuse(file, "it is there, and is no file");
  }
  TemporaryFile temporary(file);
  if (!temporary.is_open() || !temporary.fill(text) ||
      !temporary.take_place_of(file) || !sync_folder(file)) {
    refuse(file, reason_of(errno));
  }
}

}  // namespace strandline::recording
