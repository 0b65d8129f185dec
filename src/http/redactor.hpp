// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace strandline::http {

/// Knows secrets in every form in which they may come back (see forms_of), and
/// puts a placeholder in their place, each secret its own. A text is gone
/// through once, however many secrets there are. Thread-safe: some secrets come
/// while others work.
class Redactor {
 public:
  /// What stands for a secret that has no placeholder of its own.
  static constexpr std::string_view default_placeholder = "REDACTED";

  Redactor();
  Redactor(const Redactor& other);
  Redactor& operator=(const Redactor&) = delete;
  ~Redactor() = default;

  /// Adds `secret` in its forms; an empty one is none. A form that is known
  /// keeps the placeholder that it has.
  void add(std::string_view secret,
           std::string_view placeholder = default_placeholder);

  /// Adds `text` as it is and nothing else; an empty one is none.
  void add_plain(std::string_view text,
                 std::string_view placeholder = default_placeholder);

  /// Adds what `other` knows: a run has a Redactor for each source.
  void add_all_of(const Redactor& other);

  /// Leaves `text`, a placeholder, as it is: no secret is found in it.
  void leave(std::string_view text);

  /// Returns `text` with a placeholder for every secret. Where two overlap, one
  /// stands for both: that of the first, of several there the longest.
  /// Placeholders that are in the text already stay as they are.
  std::string redact(std::string_view text) const;

  /// Does that to `text`, and returns how many placeholders were put there.
  std::size_t redact_in(std::string& text) const;

  /// True if a secret stands in `text`, in any of its forms.
  bool finds_any(std::string_view text) const;

  /// Returns the placeholder of the secret that `text` is as a whole, in any of
  /// its forms; nothing if it is none.
  std::optional<std::string> placeholder_of(std::string_view text) const;

 private:
  struct Form {
    std::size_t length = 0;
    std::uint32_t placeholder = 0;
    bool secret = true;  ///< false: a placeholder, which stays
  };
  /// So that a part of a text is looked up without a copy.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  using Lengths = std::vector<std::size_t>;  ///< falling, each once

  /// What is replaced by one placeholder.
  struct Found {
    std::size_t begin = 0;
    std::size_t end = 0;
    const Form* form = nullptr;
  };

  // All with the mutex held.
  void add_form(const std::string& text, std::uint32_t placeholder,
                bool secret);
  std::uint32_t placeholder_number(std::string_view placeholder);
  const Form* form_at(std::string_view text, std::size_t at) const;
  const Form* longest(const Lengths& lengths, std::string_view rest) const;
  Found next(std::string_view text, std::size_t from) const;

  mutable std::shared_mutex mutex_;
  std::vector<std::string> placeholders_;
  std::vector<Form> forms_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>
      by_text_;
  /// How long forms are, by their first four bytes; `filter_` says what of
  /// those there may be.
  std::unordered_map<std::uint32_t, Lengths> by_begin_;
  std::bitset<65536> filter_;
  std::array<Lengths, 256> short_;  ///< of fewer than four bytes, by the first
};

}  // namespace strandline::http
