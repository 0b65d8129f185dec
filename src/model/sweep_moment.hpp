// SPDX-License-Identifier: MIT
#pragma once

#include "model/definition.hpp"

namespace strandline::model {

/// When a whole reading of a list tells which rows are missing.
enum class SweepMoment {
  at_its_end,  ///< a record that changes is still to come, or stays in its
               ///< place
  later,  ///< a changed record may have moved past it: a later window brings it
  never,  ///< a record that changes again and again may be in no window at all
};

/// Returns that of one list; a second one has its own.
SweepMoment sweep_moment(const StreamDefinition& list);

/// True if whole readings of a stream's lists are to tell, and can, which rows
/// are missing.
bool finds_missing(const StreamDefinition& stream);

}  // namespace strandline::model
