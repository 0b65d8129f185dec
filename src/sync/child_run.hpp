// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "http/client.hpp"
#include "model/definition.hpp"
#include "source/reader.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"
#include "sync/committer.hpp"
#include "sync/page_queue.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// One run of a stream that is read for each record of another: the parents
/// that are due, one after the other, each to its end. Holds references to what
/// it was made from.
class ChildRun {
 public:
  ChildRun(const model::StreamDefinition& stream, const Task& task,
           http::Client& client, store::Store& store,
           store::StreamWriter& writer, const Environment& environment,
           StreamSummary& summary);

  /// Reads until nothing is due. Throws what ends the run before it; everything
  /// that was fetched until then is committed, and the rest stays due.
  void run();

  const store::Counts& committed() const { return committer_.committed(); }

 private:
  // The fetcher's part.
  std::optional<source::Page> next();
  std::optional<source::Page> next_of_parent();
  void open(const store::PendingParent& parent);

  // The writer's part.
  void read(std::vector<store::PendingParent> parents);
  store::Batch empty_batch() const;
  void add(source::Page page, store::Batch& batch);
  store::ParentStep step(const source::Page& page) const;
  void close();

  const model::StreamDefinition& stream_;
  const Task& task_;
  http::Client& client_;
  store::Store& store_;
  store::StreamWriter& writer_;
  const Environment& environment_;
  StreamSummary& summary_;
  Committer committer_;
  std::vector<store::PendingParent> parents_;  ///< that are read now
  std::size_t at_ = 0;                         ///< of them, for the fetcher
  bool begins_ = false;
  std::unique_ptr<source::Reader> reader_;
  std::int64_t gone_ = 0;  ///< parents that the source no longer has
};

}  // namespace strandline::sync
