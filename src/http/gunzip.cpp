// SPDX-License-Identifier: MIT
#include "http/gunzip.hpp"

#include <zlib.h>

#include <array>
#include <new>
#include <string>

namespace strandline::http {
namespace {

// The largest window there is, and of all headers gzip's alone.
constexpr int gzip_only = MAX_WBITS + 16;

constexpr std::size_t piece_size = std::size_t{32} << 10U;

}  // namespace

struct Gunzip::Impl {
  z_stream stream{};
  std::array<char, piece_size> piece{};
  bool at_end = false;  ///< of a member
};

Gunzip::Gunzip() : impl_(std::make_unique<Impl>()) {
  if (inflateInit2(&impl_->stream, gzip_only) != Z_OK) {
    throw std::bad_alloc();
  }
}

Gunzip::~Gunzip() {
  inflateEnd(&impl_->stream);
}

void Gunzip::take(std::string_view bytes, const Sink& sink) {
  auto& [stream, piece, at_end] = *impl_;
  // zlib's interface is older than const; it does not write there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (stream.avail_in > 0) {
    if (at_end) {
      inflateReset(&stream);
      at_end = false;
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) {
      throw std::bad_alloc();
    }
    // Z_BUF_ERROR: nothing more to do for now.
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      throw Damaged(stream.msg != nullptr ? stream.msg : "it is no gzip");
    }
    sink({piece.data(), piece.size() - stream.avail_out});
    at_end = code == Z_STREAM_END;
  }
}

bool Gunzip::whole() const noexcept {
  return impl_->at_end;
}

}  // namespace strandline::http
