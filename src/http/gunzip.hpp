// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace strandline::http {

/// Takes the coding gzip (RFC 1952) off a body as it comes. libcurl does that
/// as well, and is content with less than the whole: a body without its
/// checksum passes there.
class Gunzip {
 public:
  /// What is not gzip, or is damaged.
  class Damaged : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };
  using Sink = std::function<void(std::string_view)>;

  Gunzip();
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// Gives what `bytes` hold to `sink`, in pieces that are valid until it
  /// returns. One member may follow another. Throws Damaged; what came before
  /// the damage was given by then.
  void take(std::string_view bytes, const Sink& sink);

  /// True if every member that began came to its end, checksum and length
  /// included, and there was one.
  bool whole() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace strandline::http
