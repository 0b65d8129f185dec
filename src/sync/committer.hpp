// SPDX-License-Identifier: MIT
#pragma once

#include "model/definition.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// Commits the batches of a list in one run, and tells how far it is. Holds
/// references to what it was made from.
class Committer {
 public:
  Committer(const model::StreamDefinition& stream, store::StreamWriter& writer,
            const Environment& environment, StreamSummary& summary);

  /// Commits `batch`, if it has pages. Throws Error (ExitCode::data) if more of
  /// the list's records did not fit than may be, and what StreamWriter::commit
  /// throws.
  void commit(const store::Batch& batch);

  /// Tells how far the list is, after everything that is committed.
  void tell(bool is_done) const;

  const store::Counts& committed() const { return committed_; }

 private:
  const model::StreamDefinition& stream_;
  store::StreamWriter& writer_;
  const Environment& environment_;
  StreamSummary& summary_;
  store::Counts committed_;
};

}  // namespace strandline::sync
