// SPDX-License-Identifier: MIT
#include "http/secret_forms.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "http/base64.hpp"
#include "http/url.hpp"

namespace strandline::http {
namespace {

using Json = nlohmann::json;

// Shorter ones would be met by chance.
constexpr std::size_t shortest_core = 8;

std::string replaced(std::string_view text, std::string_view what,
                     std::string_view with) {
  std::string result;
  for (;;) {
    const auto found = text.find(what);
    result += text.substr(0, found);
    if (found == text.npos) {
      return result;
    }
    result += with;
    text.remove_prefix(found + what.size());
  }
}

// The hexadecimal digits behind each `mark` in the other case: `%2F` as `%2f`,
// `\u00fc` as `\u00FC`. Both mean the same, and servers write either.
std::string with_digits(std::string text, std::string_view mark,
                        std::size_t digits, std::pair<char, char> range,
                        int shift) {
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
    at += mark.size();
    for (std::size_t i = at; i < at + digits && i < text.size(); ++i) {
      if (text[i] >= range.first && text[i] <= range.second) {
        text[i] = static_cast<char>(text[i] + shift);
      }
    }
  }
  return text;
}

std::string lower_case_escapes(std::string text) {
  return with_digits(std::move(text), "%", 2, {'A', 'F'}, 'a' - 'A');
}

std::string upper_case_escapes(std::string text) {
  return with_digits(std::move(text), "\\u", 4, {'a', 'f'}, 'A' - 'a');
}

std::string json_escaped(std::string_view text, bool ascii) {
  auto quoted = Json(text).dump(-1, ' ', ascii, Json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

// As programs write it that want JSON to be safe in HTML.
std::string html_safe(std::string escaped) {
  constexpr std::array<std::pair<const char*, const char*>, 4> unsafe = {
      {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"'", "\\u0027"}}};
  for (const auto& [character, escape] : unsafe) {
    escaped = replaced(escaped, character, escape);
  }
  return escaped;
}

void add_percent_encoded(std::string_view text,
                         std::vector<std::string>& forms) {
  const auto encoded = percent_encode(text);
  const auto lower = lower_case_escapes(encoded);
  forms.push_back(encoded);
  forms.push_back(lower);
  forms.push_back(replaced(encoded, "%20", "+"));
  forms.push_back(replaced(lower, "%20", "+"));
}

void add_escaped(std::string_view text, std::vector<std::string>& forms) {
  for (const bool ascii : {false, true}) {
    const auto escaped = json_escaped(text, ascii);
    for (const auto& form : {escaped, html_safe(escaped)}) {
      forms.push_back(form);
      // As PHP writes it, among others.
      forms.push_back(replaced(form, "/", "\\/"));
      forms.push_back(upper_case_escapes(form));
      forms.push_back(upper_case_escapes(forms[forms.size() - 2]));
    }
  }
}

// What base64 writes for `secret` behind `before` bytes (modulo 3), without the
// characters that hold bits of its neighbours too.
std::string base64_core(std::string_view secret, std::size_t before) {
  constexpr std::array<std::size_t, 3> first = {0, 2, 3};
  const auto all = std::string(before, '\0').append(secret);
  const auto end = all.size() * 8 / 6;
  const auto begin = first[before];
  return end < begin + shortest_core
             ? std::string()
             : base64_encode(all).substr(begin, end - begin);
}

void add_base64(std::string_view secret, std::vector<std::string>& forms) {
  for (const std::size_t before : {0U, 1U, 2U}) {
    const auto core = base64_core(secret, before);
    if (core.empty()) {
      continue;
    }
    forms.push_back(core);
    forms.push_back(replaced(replaced(core, "+", "-"), "/", "_"));
    forms.push_back(replaced(core, "/", "\\/"));
    forms.push_back(percent_encode(core));
    forms.push_back(lower_case_escapes(percent_encode(core)));
  }
}

}  // namespace

std::vector<std::string> forms_of(std::string_view secret) {
  std::vector<std::string> forms;
  if (secret.empty()) {
    return forms;
  }
  forms.emplace_back(secret);
  add_percent_encoded(secret, forms);
  add_escaped(secret, forms);
  add_base64(secret, forms);
  return forms;
}

}  // namespace strandline::http
