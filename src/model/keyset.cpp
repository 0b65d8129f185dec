// SPDX-License-Identifier: MIT
#include "model/keyset.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace strandline::model {
namespace {

constexpr std::string_view repeated_mark = " repeated";

// Cuts the text before the next line's end off `text`.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

template <typename Integer>
bool read_integer(std::string_view text, Integer& value) {
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

KeysetPosition again_from(const std::optional<CursorValue>& bound) {
  KeysetPosition position;
  position.bound = bound;
  return position;
}

}  // namespace

std::string to_text(const KeysetPosition& position) {
  // The place comes last: it is the source's, and may hold anything.
  return fmt::format("{}\n{} {}{}\n{}\n{}\n{}",
                     position.bound ? to_stored(*position.bound) : "",
                     position.read, position.pass,
                     position.repeated ? repeated_mark : "", position.digest,
                     position.earlier, position.place);
}

std::optional<KeysetPosition> parse_keyset(std::string_view text,
                                           bool is_time) {
  KeysetPosition position;
  const auto bound = take_line(text);
  if (!bound.empty()) {
    position.bound = parse_stored(bound, is_time);
    if (!position.bound) {
      return {};
    }
  }
  auto counts = take_line(text);
  position.repeated = counts.ends_with(repeated_mark);
  counts.remove_suffix(position.repeated ? repeated_mark.size() : 0);
  const auto space = counts.find(' ');
  if (space == std::string_view::npos ||
      !read_integer(counts.substr(0, space), position.read) ||
      !read_integer(counts.substr(space + 1), position.pass)) {
    return {};
  }
  position.digest = take_line(text);
  position.earlier = take_line(text);
  position.place = text;
  return position;
}

bool in_tie(const KeysetPosition& position,
            const std::optional<CursorValue>& cursor,
            const CursorFormat& format) {
  return !cursor ||
         (position.bound && round_down(*cursor, format) <= *position.bound);
}

KeysetStep advance(const KeysetPosition& position, const KeysetPage& page,
                   const CursorFormat& format) {
  using Kind = KeysetStep::Kind;
  const bool tie_goes_on = in_tie(position, page.last, format);
  const bool repeated = position.repeated || page.repeated;
  const bool in_pass = !position.place.empty() || position.pass > 0;
  if (tie_goes_on && page.place) {
    KeysetPosition next = position;
    next.place = *page.place;
    next.read += page.records;
    next.digest = page.digest;
    next.repeated = repeated;
    return {Kind::on, std::move(next)};
  }
  if (in_pass && (repeated || page.digest != position.earlier)) {
    auto next = again_from(position.bound);
    next.pass = position.pass + 1;
    next.earlier = repeated ? std::string() : page.digest;
    return {next.pass == max_tie_passes ? Kind::restless : Kind::on,
            std::move(next)};
  }
  if (!page.place) {
    return {Kind::end, {}};
  }
  return {Kind::on, again_from(round_down(*page.last, format))};
}

}  // namespace strandline::model
