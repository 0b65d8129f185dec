// SPDX-License-Identifier: MIT
#include "sync/scratch.hpp"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "strandline/error.hpp"

namespace strandline::sync {
namespace {

namespace fs = std::filesystem;

// What belongs to a database file besides itself.
constexpr const char* companions[] = {"-wal", "-shm", "-journal", ".lock"};

fs::path beside(fs::path file, const char* suffix) {
  file += suffix;
  return file;
}

fs::path temporary_folder() {
  std::error_code failure;
  const auto folder = fs::temp_directory_path(failure);
  return failure ? fs::path("/tmp") : folder;
}

}  // namespace

Scratch::Scratch() {
  auto name = (temporary_folder() / "strandline-verify-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Error(ExitCode::cannot_create,
                "cannot make the folder " + name + ": " + std::strerror(errno),
                {{"try", "TMPDIR=/a/folder/that/is/writable"}});
  }
  path_ = name;
}

Scratch::~Scratch() {
  if (!kept_) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
}

void copy_database(const fs::path& from, const fs::path& to) {
  remove_database(to);
  fs::copy_file(from, to);
  for (const auto* suffix : {"-wal", "-journal"}) {
    if (fs::exists(beside(from, suffix))) {
      fs::copy_file(beside(from, suffix), beside(to, suffix));
    }
  }
}

void remove_database(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
  for (const auto* suffix : companions) {
    fs::remove(beside(file, suffix), ignored);
  }
}

}  // namespace strandline::sync
