// SPDX-License-Identifier: MIT
#include "sync/committer.hpp"

#include "sync/advice.hpp"

namespace strandline::sync {

Committer::Committer(const model::StreamDefinition& stream,
                     store::StreamWriter& writer,
                     const Environment& environment, StreamSummary& summary)
    : stream_(stream),
      writer_(writer),
      environment_(environment),
      summary_(summary) {}

void Committer::commit(const store::Batch& batch) {
  if (batch.pages.empty()) {
    return;
  }
  committed_ += writer_.commit(batch, environment_.now());
  if (const auto& swept = writer_.swept()) {
    warn_of_sweep(*swept, stream_, summary_);
  }
  summary_.counts = public_counts(committed_);
  tell(batch.steps.empty() ? !writer_.checkpoint().window
                           : batch.steps.back().done);
  if (model::exceeds(stream_.max_rejects, committed_.rejected,
                     committed_.fetched)) {
    throw too_many_rejects(stream_, committed_, writer_.commonest_reason());
  }
}

void Committer::tell(bool is_done) const {
  if (environment_.on_progress) {
    environment_.on_progress(
        {summary_.stream, summary_.counts, is_done, false});
  }
}

}  // namespace strandline::sync
