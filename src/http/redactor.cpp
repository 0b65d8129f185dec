// SPDX-License-Identifier: MIT
#include "http/redactor.hpp"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "http/url.hpp"

namespace strandline::http {
namespace {

using Json = nlohmann::json;

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

// `%2F` as `%2f`: both mean the same, and servers echo either.
std::string lower_case_escapes(std::string text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] != '%') {
      continue;
    }
    for (const auto at : {i + 1, i + 2}) {
      if (text[at] >= 'A' && text[at] <= 'F') {
        text[at] = static_cast<char>(text[at] - 'A' + 'a');
      }
    }
  }
  return text;
}

std::string json_escaped(std::string_view text) {
  auto quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

void Redactor::add(std::string_view secret) {
  const auto encoded = percent_encode(secret);
  const auto escaped = json_escaped(secret);
  add_plain(std::string(secret));
  add_plain(encoded);
  add_plain(lower_case_escapes(encoded));
  add_plain(replaced(encoded, "%20", "+"));
  add_plain(escaped);
  // As PHP writes it, among others.
  add_plain(replaced(escaped, "/", "\\/"));
}

void Redactor::add_plain(std::string text) {
  const std::lock_guard lock(mutex_);
  if (text.empty() || std::ranges::find(forms_, text) != forms_.end()) {
    return;
  }
  // The longest first: a form that is part of another would leave its rest.
  const auto place = std::ranges::find_if(
      forms_, [&](const auto& form) { return form.size() < text.size(); });
  forms_.insert(place, std::move(text));
}

std::string Redactor::redact(std::string_view text) const {
  const std::shared_lock lock(mutex_);
  std::string result(text);
  for (const auto& form : forms_) {
    result = replaced(result, form, "REDACTED");
  }
  return result;
}

bool Redactor::finds_any(std::string_view text) const {
  const std::shared_lock lock(mutex_);
  return std::ranges::any_of(
      forms_, [&](const auto& form) { return text.find(form) != text.npos; });
}

}  // namespace strandline::http
