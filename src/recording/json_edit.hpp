// SPDX-License-Identifier: MIT
//
// Values of a JSON text put in the place of others, the rest staying byte for
// byte. What is no JSON, or was cut short, is gone through as far as it has the
// form of it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace strandline::recording {

/// A name, or a value that is no object or array, where it stands in its text.
struct JsonToken {
  enum class Kind { name, string, scalar };

  Kind kind = Kind::scalar;
  std::string_view text;  ///< as written; of strings without the quotes
  /// What `classify` said of names: of the member that the value belongs to (an
  /// array's elements are the array's member's, a name its own), and of the
  /// member around that.
  unsigned flags = 0;
  unsigned around = 0;
  std::size_t object = 0;  ///< counts the objects of the text; 0: in none

  /// Returns what the inside of a name or string stands for; as it is written,
  /// if its escapes are not JSON.
  std::string decoded() const;
};

/// Returns flags for a member's name.
using Classify = std::function<unsigned(std::string_view name)>;

/// Returns what stands in a token's place as it is written there, of a string
/// with its quotes; nothing if it stays.
using EditToken = std::function<std::optional<std::string>(const JsonToken&)>;

/// Returns `text` with each token as `edit` has it. Takes any text.
std::string edit_json(std::string_view text, const Classify& classify,
                      const EditToken& edit);

/// Returns `text` as a JSON string, with quotes. `text` is UTF-8; what is not
/// is replaced.
std::string json_quoted(std::string_view text);

/// True if `text` begins as an object or array, after blanks, a byte-order mark
/// and what some put before JSON so that no browser runs it.
bool looks_like_json(std::string_view text);

}  // namespace strandline::recording
