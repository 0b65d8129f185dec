// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace strandline::model {

/// The SHA-256 (FIPS 180-4) of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();

  void add(std::string_view bytes);

  /// Returns the digest of all that was added, in lower-case hex. Called once,
  /// as the last.
  std::string hex();

 private:
  struct FreeContext {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };

  std::unique_ptr<evp_md_ctx_st, FreeContext> context_;
};

/// Returns the SHA-256 (FIPS 180-4) of `bytes` in lower-case hex.
std::string sha256_hex(std::string_view bytes);

}  // namespace strandline::model
