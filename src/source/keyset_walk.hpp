// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "model/definition.hpp"
#include "model/keyset.hpp"
#include "source/decoder.hpp"

namespace strandline::source {

/// A window's list, walked by the cursor's value: where the walk stands, and
/// what of a tie was seen. Not thread-safe; holds a reference to the stream.
class KeysetWalk {
 public:
  /// Begins at `from`.
  KeysetWalk(const model::StreamDefinition& stream,
             const std::optional<model::CursorValue>& from);

  /// Returns the walk that another run left at `position`, with as many passes
  /// over a tie ahead of it as a new one; nothing if the text is no position.
  static std::optional<KeysetWalk> resumed(
      const model::StreamDefinition& stream, std::string_view position);

  /// Where the next page is asked for.
  const model::KeysetPosition& position() const { return position_; }

  /// Takes a page with `records` records, rejects among them, behind which the
  /// kind of paging goes on at `place`, if the list does. False if it ended,
  /// and that is proved. Throws DecodeError for a tie that does not hold still.
  bool take(const Answer& answer, std::int64_t records,
            std::optional<std::string> place);

 private:
  void take_tie(const model::RecordBatch& batch, model::KeysetPage& page);

  const model::StreamDefinition* stream_;
  model::KeysetPosition position_;
  std::set<std::string> last_keys_;  ///< of the page before, in a tie
};

}  // namespace strandline::source
