// SPDX-License-Identifier: MIT
#include "model/path.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace strandline::model {
namespace {

std::string unescape(std::string_view segment) {
  std::string text;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '~') {
      text += segment[i];
      continue;
    }
    ++i;
    if (i == segment.size() || (segment[i] != '0' && segment[i] != '1')) {
      throw std::invalid_argument(
          "`~` in a path stands before 0 (for `~`) or 1 (for `/`)");
    }
    text += segment[i] == '0' ? '~' : '/';
  }
  return text;
}

// RFC 6901: no sign, and no zero before other digits.
std::optional<std::size_t> array_index(std::string_view text) {
  std::size_t index = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, index);
  if (text.empty() || error != std::errc() || stop != end ||
      (text.size() > 1 && text.front() == '0')) {
    return {};
  }
  return index;
}

Segment make_segment(std::string_view escaped) {
  Segment segment{
      .text = unescape(escaped), .index = {}, .member = {}, .value = {}};
  segment.index = array_index(segment.text);
  const auto equals = segment.text.find('=');
  if (equals != std::string::npos && equals > 0) {
    segment.member = segment.text.substr(0, equals);
    segment.value = segment.text.substr(equals + 1);
  }
  return segment;
}

}  // namespace

std::string escape_segment(std::string_view name) {
  std::string segment;
  for (const char c : name) {
    if (c == '~') {
      segment += "~0";
    } else if (c == '/') {
      segment += "~1";
    } else {
      segment += c;
    }
  }
  return segment;
}

Path parse_path(std::string_view text) {
  Path path;
  path.absolute = text.starts_with('/');
  if (text.empty()) {
    return path;
  }
  auto rest = path.absolute ? text.substr(1) : text;
  while (true) {
    const auto slash = rest.find('/');
    path.segments.push_back(make_segment(rest.substr(0, slash)));
    if (slash == std::string_view::npos) {
      return path;
    }
    rest.remove_prefix(slash + 1);
  }
}

std::string to_text(const Path& path) {
  std::string text;
  for (const auto& segment : path.segments) {
    if (path.absolute || &segment != &path.segments.front()) {
      text += '/';
    }
    text += escape_segment(segment.text);
  }
  return text;
}

std::string column_name(const Path& path) {
  Path relative = path;
  relative.absolute = false;
  auto name = to_text(relative);
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

}  // namespace strandline::model
