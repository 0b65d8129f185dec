// SPDX-License-Identifier: MIT
#include "source/canonical_json.hpp"

#include <algorithm>
#include <tuple>

#include "source/canonical_scalar.hpp"
#include "source/json_text.hpp"

namespace strandline::source {

std::optional<std::string_view> CanonicalJson::append(std::string_view json,
                                                      std::string& to) {
  rest_ = json;
  to_ = &to;
  unfit_.reset();
  members_.clear();
  unescaped_.clear();
  value();
  return unfit_;
}

void CanonicalJson::value() {
  skip_space();
  if (rest_.starts_with('{')) {
    object();
  } else if (rest_.starts_with('[')) {
    array();
  } else if (rest_.starts_with('"')) {
    append_canonical_string(take_string(), *to_);
  } else {
    const auto token = take_token();
    if (!is_number(token)) {
      *to_ += token;
    } else if (!append_canonical_number(token, *to_) && !unfit_) {
      unfit_ = token;
    }
  }
}

void CanonicalJson::object() {
  const auto base = members_.size();
  *to_ += take();
  skip_space();
  while (!rest_.empty() && rest_.front() != '}') {
    *to_ += members_.size() == base ? "" : ", ";
    const auto begin = to_->size();
    const auto inside = take_string();
    append_canonical_string(inside, *to_);
    skip_space();
    take();
    *to_ += ": ";
    value();
    members_.push_back({name_of(inside), begin, to_->size()});
    skip_space();
    if (rest_.starts_with(',')) {
      take();
      skip_space();
    }
  }
  *to_ += take();
  sort(base);
  members_.resize(base);
}

void CanonicalJson::array() {
  *to_ += take();
  skip_space();
  while (!rest_.empty() && rest_.front() != ']') {
    if (rest_.starts_with(',')) {
      take();
      *to_ += ", ";
    }
    value();
    skip_space();
  }
  *to_ += take();
}

// Puts the members behind `base`, whose text is the end of what was written,
// into the order of their names. UTF-8 sorts as code points do.
void CanonicalJson::sort(std::size_t base) {
  const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(base);
  const auto before = [](const Member& a, const Member& b) {
    return std::tie(a.name, a.begin) < std::tie(b.name, b.begin);
  };
  if (std::is_sorted(begin, members_.end(), before)) {
    return;
  }
  const auto first = begin->begin;
  std::sort(begin, members_.end(), before);
  sorted_.clear();
  for (auto member = begin; member != members_.end(); ++member) {
    sorted_ += member == begin ? "" : ", ";
    sorted_.append(*to_, member->begin, member->end - member->begin);
  }
  std::copy(sorted_.begin(), sorted_.end(),
            to_->begin() + static_cast<std::ptrdiff_t>(first));
}

// The string at the begin, without its quotes.
std::string_view CanonicalJson::take_string() {
  std::size_t end = 1;
  while (end < rest_.size() && rest_[end] != '"') {
    end += rest_[end] == '\\' ? 2 : 1;
  }
  end = std::min(end, rest_.size());
  const auto inside = rest_.substr(1, end - 1);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return inside;
}

std::string_view CanonicalJson::take_token() {
  if (rest_.empty()) {
    return {};
  }
  const auto token = rest_.substr(0, rest_.find_first_of(",]} \t\r\n", 1));
  rest_.remove_prefix(token.size());
  return token;
}

char CanonicalJson::take() {
  if (rest_.empty()) {
    return ' ';
  }
  const char c = rest_.front();
  rest_.remove_prefix(1);
  return c;
}

void CanonicalJson::skip_space() {
  rest_.remove_prefix(
      std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
}

// A name with half a surrogate pair is nobody's, and stands for itself.
std::string_view CanonicalJson::name_of(std::string_view inside) {
  if (inside.find('\\') == std::string_view::npos) {
    return inside;
  }
  auto& name = unescaped_.emplace_back();
  return unescape(inside, name) ? std::string_view(name) : inside;
}

}  // namespace strandline::source
