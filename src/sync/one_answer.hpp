// SPDX-License-Identifier: MIT
#pragma once

#include "model/definition.hpp"
#include "source/reader.hpp"

namespace strandline::sync {

/// Watches over a window whether one answer held all that it owes: then no
/// record can have moved from what was to be read to what was read.
class OneAnswer {
 public:
  /// A reading begins `window`, or goes on with it.
  void begin(const model::Window& window);

  /// Takes the window's next page.
  void add(const source::Page& page, const model::StreamDefinition& stream);

  /// Of the pages so far. False if not all of them are known.
  bool holds() const { return pages_ == 1 || reached_; }

 private:
  int pages_ = 0;         ///< at most 2
  bool reached_ = false;  ///< the first went beyond the window's lower bound
};

}  // namespace strandline::sync
