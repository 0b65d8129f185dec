// SPDX-License-Identifier: MIT
#include "http/token_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "model/digest.hpp"
#include "strandline/error.hpp"

namespace strandline::http {
namespace {

using Json = nlohmann::json;

constexpr std::size_t largest_file = std::size_t{1} << 20U;  // bytes
constexpr off_t reserved = off_t{64} << 10U;                 // bytes

// Closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

[[noreturn]] void refuse_to_read(const std::filesystem::path& file,
                                 const std::string& why) {
  throw Error(ExitCode::io,
              fmt::format("cannot read the refresh token in {}: {}",
                          file.string(), why),
              {{"try",
                "if it cannot be brought back, delete it, log in again, and "
                "configure the new refresh token"}});
}

[[noreturn]] void fail_to_write(const std::filesystem::path& file, int error) {
  throw Error(ExitCode::io,
              fmt::format("cannot write the refresh token to {}: {}",
                          file.string(), reason_of(error)),
              {{"try", "make room, or make the database's folder writable"}});
}

std::string read_all(const std::filesystem::path& file, int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const auto count = read(descriptor, part.data(), part.size());
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      refuse_to_read(file, reason_of(errno));
    }
    if (count == 0) {
      return text;
    }
    text.append(part.data(), static_cast<std::size_t>(count));
    if (text.size() > largest_file) {
      refuse_to_read(file, "it is too long");
    }
  }
}

bool write_all(int descriptor, std::string_view text) {
  off_t at = 0;
  while (!text.empty()) {
    const auto count = pwrite(descriptor, text.data(), text.size(), at);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return false;
    }
    at += count;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return ftruncate(descriptor, at) == 0;
}

// A name is on the disk when its folder is.
bool sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(
      open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.number() >= 0 && fsync(opened.number()) == 0;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

}  // namespace

TokenFile::TokenFile(std::filesystem::path file, std::string_view configured)
    : file_(std::move(file)),
      temporary_(file_),
      digest_(model::sha256_hex(configured)) {
  temporary_ += ".new";
}

TokenFile::~TokenFile() {
  discard();
}

std::optional<std::string> TokenFile::kept() const {
  const Descriptor opened(
      open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (opened.number() < 0) {
    if (errno == ENOENT) {
      return {};
    }
    refuse_to_read(file_, reason_of(errno));
  }
  const auto content =
      Json::parse(read_all(file_, opened.number()), nullptr, false);
  if (!content.is_object()) {
    refuse_to_read(file_, "it is not what was written there");
  }
  const auto token = text_of(content, "refresh_token");
  const auto digest = text_of(content, "configured_sha256");
  if (token.empty() || digest.empty()) {
    refuse_to_read(file_, "it is not what was written there");
  }
  return digest == digest_ ? std::optional(token) : std::nullopt;
}

void TokenFile::prepare() {
  if (descriptor_ >= 0) {
    return;
  }
  // What a killed run left.
  unlink(temporary_.c_str());
  descriptor_ = open(temporary_.c_str(),
                     O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                     S_IRUSR | S_IWUSR);
  if (descriptor_ < 0) {
    fail_to_write(temporary_, errno);
  }
  const int error = posix_fallocate(descriptor_, 0, reserved);
  if (error != 0 && error != EOPNOTSUPP && error != EINVAL) {
    discard();
    fail_to_write(temporary_, error);
  }
}

void TokenFile::keep(const std::string& token) {
  prepare();
  const auto text =
      Json{{"configured_sha256", digest_}, {"refresh_token", token}}.dump() +
      "\n";
  if (!write_all(descriptor_, text) || fsync(descriptor_) != 0 ||
      rename(temporary_.c_str(), file_.c_str()) != 0) {
    const int error = errno;
    discard();
    fail_to_write(file_, error);
  }
  close(std::exchange(descriptor_, -1));
  if (!sync_folder(file_.parent_path())) {
    fail_to_write(file_, errno);
  }
}

void TokenFile::discard() noexcept {
  if (descriptor_ >= 0) {
    close(std::exchange(descriptor_, -1));
    unlink(temporary_.c_str());
  }
}

std::filesystem::path token_file(const std::filesystem::path& database,
                                 const std::string& source) {
  std::error_code error;
  // Beside the file itself, where a link leads to it.
  auto file = std::filesystem::weakly_canonical(
      std::filesystem::absolute(database, error), error);
  file += "." + source + ".token";
  return file;
}

}  // namespace strandline::http
