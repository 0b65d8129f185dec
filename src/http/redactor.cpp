// SPDX-License-Identifier: MIT
#include "http/redactor.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <mutex>
#include <utility>

#include "http/secret_forms.hpp"

namespace strandline::http {
namespace {

constexpr std::size_t key_size = sizeof(std::uint32_t);

std::uint32_t key_of(const char* text) {
  std::uint32_t key = 0;
  std::memcpy(&key, text, key_size);
  return key;
}

std::size_t bit_of(std::uint32_t key) {
  return (key * 0x9E3779B1U) >> 16U;
}

void insert(std::vector<std::size_t>& lengths, std::size_t length) {
  const auto at =
      std::ranges::lower_bound(lengths, length, std::ranges::greater());
  if (at == lengths.end() || *at != length) {
    lengths.insert(at, length);
  }
}

}  // namespace

Redactor::Redactor() {
  placeholder_number(default_placeholder);
}

Redactor::Redactor(const Redactor& other) {
  const std::shared_lock lock(other.mutex_);
  placeholders_ = other.placeholders_;
  forms_ = other.forms_;
  by_text_ = other.by_text_;
  by_begin_ = other.by_begin_;
  filter_ = other.filter_;
  short_ = other.short_;
}

void Redactor::add(std::string_view secret, std::string_view placeholder) {
  const auto forms = forms_of(secret);
  const std::lock_guard lock(mutex_);
  const auto number = placeholder_number(placeholder);
  for (const auto& form : forms) {
    add_form(form, number, true);
  }
}

void Redactor::add_plain(std::string_view text, std::string_view placeholder) {
  const std::lock_guard lock(mutex_);
  add_form(std::string(text), placeholder_number(placeholder), true);
}

void Redactor::add_all_of(const Redactor& other) {
  // A copy first: never two locks at once.
  const Redactor known(other);
  const std::lock_guard lock(mutex_);
  for (const auto& [text, place] : known.by_text_) {
    const auto& form = known.forms_[place];
    const auto number =
        placeholder_number(known.placeholders_[form.placeholder]);
    if (form.secret) {
      add_form(text, number, true);
    }
  }
}

void Redactor::leave(std::string_view text) {
  const std::lock_guard lock(mutex_);
  placeholder_number(text);
}

// A placeholder is looked for as well, so that no secret is found inside it.
std::uint32_t Redactor::placeholder_number(std::string_view placeholder) {
  const auto known = by_text_.find(placeholder);
  if (known != by_text_.end() && !forms_[known->second].secret) {
    return forms_[known->second].placeholder;
  }
  const auto number = static_cast<std::uint32_t>(placeholders_.size());
  placeholders_.emplace_back(placeholder);
  add_form(placeholders_.back(), number, false);
  return number;
}

void Redactor::add_form(const std::string& text, std::uint32_t placeholder,
                        bool secret) {
  const auto place = static_cast<std::uint32_t>(forms_.size());
  if (text.empty() || !by_text_.emplace(text, place).second) {
    return;
  }
  forms_.push_back({text.size(), placeholder, secret});
  if (text.size() < key_size) {
    insert(short_.at(static_cast<unsigned char>(text.front())), text.size());
    return;
  }
  const auto key = key_of(text.data());
  filter_.set(bit_of(key));
  insert(by_begin_[key], text.size());
}

const Redactor::Form* Redactor::longest(const Lengths& lengths,
                                        std::string_view rest) const {
  for (const auto length : lengths) {
    if (length > rest.size()) {
      continue;
    }
    const auto found = by_text_.find(rest.substr(0, length));
    if (found != by_text_.end()) {
      return &forms_[found->second];
    }
  }
  return nullptr;
}

const Redactor::Form* Redactor::form_at(std::string_view text,
                                        std::size_t at) const {
  const auto rest = text.substr(at);
  if (rest.size() >= key_size) {
    const auto key = key_of(rest.data());
    if (filter_.test(bit_of(key))) {
      const auto found = by_begin_.find(key);
      const auto* form =
          found == by_begin_.end() ? nullptr : longest(found->second, rest);
      if (form != nullptr) {
        return form;
      }
    }
  }
  const auto& places = short_[static_cast<unsigned char>(rest.front())];
  return places.empty() ? nullptr : longest(places, rest);
}

// Returns the first secret from `from` on, with those that overlap it.
Redactor::Found Redactor::next(std::string_view text, std::size_t from) const {
  for (auto at = from; at < text.size(); ++at) {
    const auto* form = form_at(text, at);
    if (form == nullptr) {
      continue;
    }
    Found found{at, at + form->length, form};
    while (++at < found.end) {
      form = form_at(text, at);
      if (form != nullptr && at + form->length > found.end) {
        found.end = at + form->length;
        found.form = found.form->secret ? found.form : form;
      }
    }
    if (found.form->secret) {
      return found;
    }
    at = found.end - 1;
  }
  return {text.size(), text.size(), nullptr};
}

std::size_t Redactor::redact_in(std::string& text) const {
  const std::shared_lock lock(mutex_);
  auto found = next(text, 0);
  if (found.form == nullptr) {
    return 0;
  }
  std::string result;
  std::size_t count = 0;
  std::size_t copied = 0;
  for (; found.form != nullptr; found = next(text, copied)) {
    result.append(text, copied, found.begin - copied);
    result += placeholders_[found.form->placeholder];
    copied = found.end;
    ++count;
  }
  text = result.append(text, copied);
  return count;
}

std::string Redactor::redact(std::string_view text) const {
  std::string result(text);
  redact_in(result);
  return result;
}

bool Redactor::finds_any(std::string_view text) const {
  const std::shared_lock lock(mutex_);
  return next(text, 0).form != nullptr;
}

std::optional<std::string> Redactor::placeholder_of(
    std::string_view text) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_text_.find(text);
  if (found == by_text_.end() || !forms_[found->second].secret) {
    return {};
  }
  return placeholders_[forms_[found->second].placeholder];
}

}  // namespace strandline::http
