// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace strandline::http {

/// Where the refresh token is kept that an API gave in the place of the
/// configured one: a file for its owner alone. It counts as long as the
/// configured one stays what it was. Who uses it holds the database's lock, so
/// nobody else writes the file. Not thread-safe.
class TokenFile {
 public:
  /// The file is made when there is something to keep.
  TokenFile(std::filesystem::path file, std::string_view configured);
  ~TokenFile();
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;

  /// Returns the token that was kept for the configured one, if there is one.
  /// Throws Error (ExitCode::io) if the file cannot be read.
  std::optional<std::string> kept() const;

  /// Makes sure that a token can be kept, before there is one: afterwards it
  /// would be lost. Throws Error (ExitCode::io).
  void prepare();

  /// Keeps `token`: when this returns it is on the disk, and a crash leaves
  /// either it or what was kept before. Throws Error (ExitCode::io).
  void keep(const std::string& token);

  const std::filesystem::path& path() const { return file_; }

 private:
  void discard() noexcept;

  std::filesystem::path file_;
  std::filesystem::path temporary_;
  std::string digest_;   ///< of the configured token
  int descriptor_ = -1;  ///< of the temporary file, once prepared
};

/// Returns the file for `source`, beside `database`.
std::filesystem::path token_file(const std::filesystem::path& database,
                                 const std::string& source);

}  // namespace strandline::http
