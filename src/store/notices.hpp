// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace strandline::store {

/// What a run did with the columns of a table that a person should know. What
/// is said again counts once, and only so much is kept of it.
class Notices {
 public:
  enum class About {
    renamed,  ///< "'a\nb' in 'a_b'": a member whose column is not called so
    retyped,  ///< "'price' to REAL for 1.5"
    ignored,  ///< "'x'": a new member, with new_fields = "ignore"
    beyond,   ///< "'x'": a member for which there is no room
  };

  void add(About about, std::string what);

  void add(const Notices& others);

  /// Returns a sentence for each subject that there is something of, with the
  /// first few of it.
  std::vector<std::string> sentences() const;

 private:
  /// In the order in which they came, each once, at most so many.
  struct Subject {
    std::vector<std::string> first;
    std::set<std::string> all;
  };

  std::array<Subject, 4> subjects_;
};

}  // namespace strandline::store
