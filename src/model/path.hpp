// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strandline::model {

/// One step of a path. In an object it names a member by `text`. In an array it
/// is an index, or `NAME=VALUE` for the first element with that member.
struct Segment {
  std::string text;                  ///< unescaped
  std::optional<std::size_t> index;  ///< set if `text` reads as an array index
  std::string member;                ///< NAME of NAME=VALUE, else empty
  std::string value;                 ///< VALUE of NAME=VALUE

  friend bool operator==(const Segment&, const Segment&) = default;
};

/// Where a value stands in JSON: a JSON Pointer (RFC 6901) whose first `/` may
/// be left out. Without segments it is the whole.
struct Path {
  std::vector<Segment> segments;
  bool absolute = false;  ///< written with a leading `/`: from the record

  friend bool operator==(const Path&, const Path&) = default;
};

/// Returns the path that `text` writes. Throws std::invalid_argument with a
/// sentence about what is wrong: an empty segment name is allowed (RFC 6901),
/// `~` before anything but 0 or 1 is not.
Path parse_path(std::string_view text);

/// Returns `name` as the segment of a path that names it is written: `/` as
/// `~1`, `~` as `~0`.
std::string escape_segment(std::string_view name);

/// Returns `path` as it is written: the inverse of `parse_path`.
std::string to_text(const Path& path);

/// Returns the name of the column that a path in a list of columns makes:
/// without its first `/`, the others as `_`.
std::string column_name(const Path& path);

}  // namespace strandline::model
