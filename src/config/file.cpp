// SPDX-License-Identifier: MIT
#include "config/file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "strandline/error.hpp"

namespace strandline::config {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

[[noreturn]] void refuse(const std::filesystem::path& file,
                         std::string_view what, std::string_view reason) {
  throw Error(ExitCode::no_input, fmt::format("cannot read {} {}: {}", what,
                                              file.string(), reason));
}

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

}  // namespace

std::string read_file(const std::filesystem::path& file, std::string_view what,
                      std::size_t limit) {
  const std::unique_ptr<std::FILE, CloseFile> input(
      std::fopen(file.c_str(), "rbe"));
  if (!input) {
    refuse(file, what, reason_of(errno));
  }
  std::string text;
  char part[4096];
  std::size_t count = 0;
  errno = 0;
  while ((count = std::fread(part, 1, sizeof part, input.get())) > 0) {
    text.append(part, count);
    if (text.size() > limit) {
      refuse(file, what, fmt::format("it is longer than {} bytes", limit));
    }
  }
  if (std::ferror(input.get()) != 0) {
    refuse(file, what, reason_of(errno));
  }
  return text;
}

}  // namespace strandline::config
