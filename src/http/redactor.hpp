// SPDX-License-Identifier: MIT
#pragma once

#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace strandline::http {

/// Knows secrets in every form in which they may come back: as they are,
/// percent-encoded, escaped in JSON, in base64 as Basic authorisation has it.
/// Thread-safe: some secrets come while others work.
class Redactor {
 public:
  /// Adds `secret` in its forms; an empty one is none.
  void add(std::string_view secret);

  /// Adds `text` as it is and nothing else; an empty one is none.
  void add_plain(std::string text);

  /// Returns `text` with `REDACTED` in the place of every secret.
  std::string redact(std::string_view text) const;

  /// True if a secret stands in `text`, in any of its forms.
  bool finds_any(std::string_view text) const;

 private:
  mutable std::shared_mutex mutex_;
  std::vector<std::string> forms_;  ///< the longest first, each once
};

}  // namespace strandline::http
