// SPDX-License-Identifier: MIT
#include "model/sweep_moment.hpp"

#include <algorithm>

namespace strandline::model {

SweepMoment sweep_moment(const StreamDefinition& list) {
  if (!list.has_mark()) {
    return SweepMoment::at_its_end;
  }
  if (asks(list, "until")) {
    return SweepMoment::never;
  }
  return list.cursor->immutable || list.cursor->order == Order::ascending
             ? SweepMoment::at_its_end
             : SweepMoment::later;
}

bool finds_missing(const StreamDefinition& stream) {
  const bool apart =
      stream.element.empty() || element_column(stream) != nullptr;
  return apart && stream.deleted.missing &&
         sweep_moment(stream) != SweepMoment::never &&
         std::all_of(stream.also.begin(), stream.also.end(),
                     [](const auto& also) {
                       return sweep_moment(also) != SweepMoment::never;
                     });
}

}  // namespace strandline::model
