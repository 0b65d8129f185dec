// SPDX-License-Identifier: MIT
#include "http/base64.hpp"

#include <openssl/evp.h>

#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

namespace strandline::http {
namespace {

struct DecoderDeleter {
  void operator()(EVP_ENCODE_CTX* context) const noexcept {
    EVP_ENCODE_CTX_free(context);
  }
};

// OpenSSL counts in int.
int checked_size(std::string_view text) {
  if (text.size() > std::numeric_limits<int>::max() / 2) {
    throw std::length_error("base64: more than a gibibyte");
  }
  return static_cast<int>(text.size());
}

std::vector<unsigned char> unsigned_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  const int size = checked_size(bytes);
  // EVP_EncodeBlock ends what it writes with a NUL.
  std::vector<unsigned char> text((bytes.size() + 2) / 3 * 4 + 1);
  const int length =
      EVP_EncodeBlock(text.data(), unsigned_bytes(bytes).data(), size);
  return {text.begin(), text.begin() + length};
}

std::optional<std::string> base64_decode(std::string_view text) {
  const int size = checked_size(text);
  const std::unique_ptr<EVP_ENCODE_CTX, DecoderDeleter> context(
      EVP_ENCODE_CTX_new());
  if (!context) {
    throw std::bad_alloc();
  }
  EVP_DecodeInit(context.get());
  // OpenSSL writes whole blocks, of up to 64 characters, as it meets them.
  std::vector<unsigned char> bytes(text.size() / 4 * 3 + 64);
  int length = 0;
  int rest = 0;
  if (EVP_DecodeUpdate(context.get(), bytes.data(), &length,
                       unsigned_bytes(text).data(), size) < 0 ||
      EVP_DecodeFinal(context.get(), bytes.data() + length, &rest) < 0) {
    return {};
  }
  return std::string(bytes.begin(), bytes.begin() + length + rest);
}

}  // namespace strandline::http
