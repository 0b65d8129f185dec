// SPDX-License-Identifier: MIT
//
// What of JSON is replaced, token by token: so it stays JSON.
#include "recording/sanitizer.hpp"

#include <optional>
#include <unordered_set>

#include "recording/personal_names.hpp"
#include "recording/scrub.hpp"

namespace strandline::recording {
namespace {

using Reach = StandIns::Reach;

enum Flag : unsigned {
  secret_flag = 1U,
  phone_flag = 2U,
  email_flag = 4U,
  person_flag = 8U,
  name_flag = 16U,   // `name`, of whatever
  value_flag = 32U,  // what holds what the member around it is named for
};

bool is_word(std::string_view scalar) {
  return scalar == "null" || scalar == "true" || scalar == "false";
}

// A member may hold an object with what it is named for.
bool has_flag(const JsonToken& token, Flag flag) {
  return (token.flags & flag) != 0 ||
         ((token.flags & value_flag) != 0 && (token.around & flag) != 0);
}

}  // namespace

unsigned Sanitizer::flags_of(std::string_view name) {
  const auto [found, added] = flags_.emplace(name, 0U);
  if (added) {
    const auto flag = [](bool is_it, Flag which) {
      return is_it ? static_cast<unsigned>(which) : 0U;
    };
    found->second = flag(is_secret_field(name, FieldPlace::json), secret_flag) |
                    flag(is_phone_field(name), phone_flag) |
                    flag(is_email_field(name), email_flag) |
                    flag(is_person_field(name), person_flag) |
                    flag(plain_name(name) == "name", name_flag) |
                    flag(is_value_field(name), value_flag);
  }
  return found->second;
}

std::string Sanitizer::json(std::string_view json) {
  const Deeper deeper(depth_);
  if (deeper.too_deep()) {
    return hidden(json);
  }
  const auto classify = [this](std::string_view name) {
    return flags_of(name);
  };
  // Objects that have an e-mail address or a telephone number.
  std::unordered_set<std::size_t> contacts;
  if (scrub_) {
    edit_json(json, classify,
              [&](const JsonToken& token) -> std::optional<std::string> {
                if (token.kind == JsonToken::Kind::name &&
                    (token.flags & (phone_flag | email_flag)) != 0) {
                  contacts.insert(token.object);
                }
                return {};
              });
  }
  return edit_json(json, classify, [&](const JsonToken& token) {
    return edited(token, contacts.contains(token.object));
  });
}

std::optional<std::string> Sanitizer::edited(const JsonToken& token,
                                             bool contact) {
  return token.kind == JsonToken::Kind::scalar ? edited_scalar(token)
                                               : edited_text(token, contact);
}

std::optional<std::string> Sanitizer::edited_text(const JsonToken& token,
                                                  bool contact) {
  const auto before = token.decoded();
  std::string after;
  if (token.kind == JsonToken::Kind::name) {
    after = text(before);
  } else if (has_flag(token, secret_flag)) {
    after = credentials(before, replaced_.fields);
  } else if (auto digits = scrub_ && has_flag(token, phone_flag)
                               ? phone_digits(before)
                               : std::nullopt) {
    after = phone(before, std::move(*digits));
  } else if (scrub_ && ((token.flags & person_flag) != 0 ||
                        ((token.flags & name_flag) != 0 && contact))) {
    after = person(before);
  } else {
    after = looks_like_json(before) ? json(before) : text(before);
  }
  if (after == before) {
    return {};
  }
  // What needs no escape is left as it was written.
  const bool plain = token.text.find('\\') == token.text.npos &&
                     after.find_first_of("\"\\") == after.npos;
  return plain ? '"' + after + '"' : json_quoted(after);
}

// Numbers. A secret is a text from then on.
std::optional<std::string> Sanitizer::edited_scalar(const JsonToken& token) {
  if (is_word(token.text)) {
    return {};
  }
  if (has_flag(token, secret_flag)) {
    return '"' + secret(token.text, Reach::everywhere, replaced_.fields) + '"';
  }
  std::string hidden(token.text);
  if (const auto count = stand_ins_.hide_known(hidden); count > 0) {
    replaced_.elsewhere += count;
    return json_quoted(hidden);
  }
  if (scrub_ && has_flag(token, phone_flag)) {
    const auto digits = phone_digits(token.text);
    if (digits && *digits == token.text) {
      auto stand_in = stand_ins_.phone(*digits);
      replaced_.phones += stand_in == *digits ? 0U : 1U;
      return stand_in;
    }
  }
  return {};
}

}  // namespace strandline::recording
