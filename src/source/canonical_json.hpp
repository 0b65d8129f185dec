// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strandline::source {

/// JSON in one form for each value, byte for byte what Python's
/// `json.dumps(value, sort_keys=True)` makes of what `json.loads` read: the
/// members of objects in the order of their names' code points, `, ` and `: `
/// between, ASCII alone, numbers as Python prints them. Keeps its room from one
/// value to the next. Not thread-safe.
class CanonicalJson {
 public:
  /// Appends the value whose text is `json`, which a Walk has checked. Returns
  /// the first number in it that is beyond the range of a double, where there
  /// is one; what was appended is worth nothing then. Of members of one name
  /// each stays, in the order they came.
  std::optional<std::string_view> append(std::string_view json,
                                         std::string& to);

 private:
  struct Member {
    std::string_view name;  ///< unescaped
    std::size_t begin = 0;  ///< of its text in to_
    std::size_t end = 0;
  };

  void value();
  void object();
  void array();
  void sort(std::size_t base);
  std::string_view take_string();
  std::string_view take_token();
  char take();
  void skip_space();
  std::string_view name_of(std::string_view inside);

  std::string_view rest_;
  std::string* to_ = nullptr;
  std::optional<std::string_view> unfit_;
  std::vector<Member> members_;        // of the objects that are open
  std::deque<std::string> unescaped_;  // names
  std::string sorted_;
};

}  // namespace strandline::source
