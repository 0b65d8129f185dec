// SPDX-License-Identifier: MIT
#include "source/link_header.hpp"

#include <algorithm>
#include <utility>

#include "model/text.hpp"
#include "source/decoder.hpp"

namespace strandline::source {
namespace {

// Reads one header value: link-value *( "," link-value ).
class LinkScanner {
 public:
  explicit LinkScanner(std::string_view header)
      : header_(header), rest_(header) {}

  // The next link's target; nothing at the end.
  std::optional<std::string_view> target() {
    skip(" \t,");
    if (rest_.empty()) {
      return {};
    }
    const auto end = rest_.find('>');
    if (!take('<') || end == std::string_view::npos) {
      fail();
    }
    const auto target = rest_.substr(0, end - 1);
    rest_.remove_prefix(end);
    return target;
  }

  // The next parameter of that link; false at the link's end.
  bool parameter(std::string_view& name, std::string& value) {
    skip(" \t");
    if (!take(';')) {
      return false;
    }
    skip(" \t");
    name = word("=;, \t");
    value.clear();
    skip(" \t");
    if (take('=')) {
      skip(" \t");
      value = take('"') ? quoted() : std::string(word(";, \t"));
    }
    return true;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  void skip(std::string_view any_of) {
    rest_.remove_prefix(
        std::min(rest_.find_first_not_of(any_of), rest_.size()));
  }

  std::string_view word(std::string_view until) {
    const auto found = rest_.substr(0, rest_.find_first_of(until));
    rest_.remove_prefix(found.size());
    return found;
  }

  std::string quoted() {
    std::string text;
    while (!take('"')) {
      take('\\');
      if (rest_.empty()) {
        fail();
      }
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    return text;
  }

  [[noreturn]] void fail() const {
    throw DecodeError("the Link header '" + model::printable(header_, 200) +
                      "' cannot be read");
  }

  std::string_view header_;
  std::string_view rest_;
};

bool has_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const auto word = words.substr(0, words.find(' '));
    if (http::same_header(word, wanted)) {
      return true;
    }
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return false;
}

std::optional<std::string> linked_in(std::string_view header,
                                     std::string_view relation) {
  LinkScanner scan(header);
  while (const auto target = scan.target()) {
    std::string_view name;
    std::string value;
    bool found = false;
    bool first_rel = true;
    while (scan.parameter(name, value)) {
      // RFC 8288 §3.3: only the first `rel` counts.
      if (http::same_header(name, "rel") && std::exchange(first_rel, false)) {
        found = has_word(value, relation);
      }
    }
    if (found) {
      return std::string(*target);
    }
  }
  return {};
}

}  // namespace

std::optional<std::string> linked(const http::Headers& headers,
                                  std::string_view relation) {
  for (const auto& [name, value] : headers) {
    if (http::same_header(name, "Link")) {
      if (auto target = linked_in(value, relation)) {
        return target;
      }
    }
  }
  return {};
}

}  // namespace strandline::source
