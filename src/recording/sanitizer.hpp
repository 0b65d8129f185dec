// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "recording/json_edit.hpp"
#include "recording/secret_names.hpp"
#include "recording/stand_ins.hpp"

namespace strandline::recording {

/// How many places of a recording got a stand-in, by what was there.
struct Replaced {
  std::size_t headers = 0;    ///< such as Authorization; cookies
  std::size_t fields = 0;     ///< known by name, of queries and bodies
  std::size_t tokens = 0;     ///< that look like a JWT
  std::size_t logins = 0;     ///< user names and passwords of URLs
  std::size_t elsewhere = 0;  ///< a secret that is known from another place
  std::size_t addresses = 0;
  std::size_t phones = 0;
  std::size_t persons = 0;

  std::size_t secrets() const {
    return headers + fields + tokens + logins + elsewhere;
  }
  friend bool operator==(const Replaced&, const Replaced&) = default;
};

/// Puts stand-ins in the place of secrets, and of what is about persons if
/// `scrub`, in the parts of a request or an answer. What stays, stays byte for
/// byte. Takes any text. Not thread-safe.
class Sanitizer {
 public:
  /// `stand_ins` must outlive it.
  Sanitizer(StandIns& stand_ins, bool scrub)
      : stand_ins_(stand_ins), scrub_(scrub) {}

  /// Any text, with the URLs in it.
  std::string text(std::string_view text);

  /// A URL, also a relative one.
  std::string url(std::string_view whole);

  /// Parameters as queries and forms have them.
  std::string form(std::string_view form, FieldPlace place);

  std::string json(std::string_view json);

  /// A body, of which `type` is the media type; it may be empty.
  std::string body(std::string_view body, std::string_view type);

  /// The value of a field, decoded.
  std::string field(std::string_view name, std::string_view value,
                    FieldPlace place);

  /// The value of a header.
  std::string header(std::string_view name, std::string_view value);

  /// The value of a cookie alone.
  std::string cookie(std::string_view value);

  const Replaced& replaced() const { return replaced_; }

 private:
  /// Counts how deep texts are nested, while it lives.
  class Deeper {
   public:
    explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

    bool too_deep() const { return depth_ > 4; }

   private:
    int& depth_;
  };

  std::string hidden(std::string_view text);
  std::string credentials(std::string_view value, std::size_t& count);
  std::string secret(std::string_view value, StandIns::Reach reach,
                     std::size_t& count);
  std::string cookies(std::string_view name, std::string_view value);
  std::string authority(std::string_view authority);
  std::string path(std::string_view path);
  std::string plain(std::string_view text);
  std::string tokens(std::string_view text);
  std::string phone(std::string_view value, const std::string& digits);
  std::string person(std::string_view value);
  unsigned flags_of(std::string_view name);
  std::optional<std::string> edited(const JsonToken& token, bool contact);
  std::optional<std::string> edited_text(const JsonToken& token, bool contact);
  std::optional<std::string> edited_scalar(const JsonToken& token);

  StandIns& stand_ins_;
  bool scrub_;
  int depth_ = 0;  ///< of texts inside texts
  Replaced replaced_;
  std::unordered_map<std::string, unsigned> flags_;
};

}  // namespace strandline::recording
