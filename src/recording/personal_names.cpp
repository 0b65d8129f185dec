// SPDX-License-Identifier: MIT
#include "recording/personal_names.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "recording/secret_names.hpp"

namespace strandline::recording {
namespace {

constexpr auto phone_words = std::to_array<std::string_view>({
    "cell",        "cellphone", "fax",         "faxes",     "faxnumber",
    "mobile",      "mobiles",   "mobilephone", "msisdn",    "phone",
    "phonenumber", "phones",    "tel",         "telefon",   "telephone",
    "telephones",  "whatsapp",  "workphone",   "homephone",
});

// Behind these words a member says something else of a telephone.
constexpr auto other_words = std::to_array<std::string_view>({
    "app",
    "at",
    "code",
    "count",
    "country",
    "date",
    "device",
    "id",
    "ids",
    "is",
    "status",
    "time",
    "type",
    "uid",
    "uuid",
    "valid",
    "verified",
    "version",
});

constexpr auto person_fields = std::to_array<std::string_view>({
    "assigneename",  "authorname",  "birthname",     "contactname",
    "createdbyname", "creatorname", "customername",  "displayname",
    "familyname",    "fathername",  "firstname",     "fname",
    "forename",      "forenames",   "fullname",      "givenname",
    "lastname",      "legalname",   "lname",         "maidenname",
    "middlename",    "mothername",  "nachname",      "nickname",
    "ownername",     "personname",  "preferredname", "secondname",
    "surname",       "username",    "vorname",
});

constexpr auto value_fields = std::to_array<std::string_view>({
    "canonical",
    "canonicalform",
    "display",
    "e164",
    "formatted",
    "international",
    "national",
    "number",
    "raw",
    "value",
});

bool is_one_of(std::string_view name, const auto& names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

// `mobilePhone_2` as mobile, phone: a word begins at a capital behind a small
// letter, and ends at whatever is no letter.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  char before = '\0';
  for (const char c : name) {
    const char lower = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    const bool letter = lower >= 'a' && lower <= 'z';
    if ((!letter || (is_upper(c) && !is_upper(before))) &&
        !words.back().empty()) {
      words.emplace_back();
    }
    if (letter) {
      words.back() += lower;
    }
    before = c;
  }
  return words;
}

}  // namespace

bool is_phone_field(std::string_view name) {
  const auto words = words_of(name);
  const auto any = [&](const auto& list) {
    return std::ranges::any_of(
        words, [&](const auto& word) { return is_one_of(word, list); });
  };
  return any(phone_words) && !any(other_words);
}

bool is_email_field(std::string_view name) {
  const auto plain = plain_name(name);
  return plain.ends_with("email") || plain.ends_with("emails") ||
         plain.ends_with("emailaddress") || plain.ends_with("mail");
}

bool is_person_field(std::string_view name) {
  return is_one_of(plain_name(name), person_fields);
}

bool is_value_field(std::string_view name) {
  return is_one_of(plain_name(name), value_fields);
}

}  // namespace strandline::recording
