// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "http/client.hpp"
#include "model/definition.hpp"
#include "model/mark.hpp"
#include "source/reader.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"
#include "sync/committer.hpp"
#include "sync/one_answer.hpp"
#include "sync/page_queue.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// One run of one list: the window that was left open, and then new ones until
/// there is nothing more to read. Holds references to what it was made from.
class StreamRun {
 public:
  StreamRun(const model::StreamDefinition& stream, const Task& task,
            http::Client& client, store::StreamWriter& writer,
            const Environment& environment, StreamSummary& summary);

  /// Reads to the end. Throws what ends the run before it; everything that was
  /// fetched until then is committed.
  void run();

  const store::Counts& committed() const { return committer_.committed(); }

 private:
  bool has_bounds() const { return task_.backfill.has_value(); }
  bool has_lapsed() const;
  model::WindowMode mode();
  model::Instant horizon() const;
  void look_ahead();
  bool is_last(const model::Window& window) const;
  void read_open_window();
  void read_new_windows(model::WindowMode mode);
  void read_for_sweep();
  void require_progress(const model::Window& window,
                        const model::Checkpoint& before) const;
  void go_back(const source::ClockSetBack& error);
  void move_mark(const std::optional<model::CursorValue>& mark);

  void read(model::Window window);
  store::Batch empty_batch() const;
  void add(source::Page page, store::Batch& batch);
  void close(const model::Window& window, store::Batch& batch);
  bool looks_for_missing() const;
  bool begins_reading() const;
  bool awaits_window() const;
  void warn_of_missing();
  void note_keys(const model::Window& window, store::Batch& batch) const;
  void end_reading(const model::Window& window, store::Batch& batch) const;
  bool is_full_due() const;

  const model::StreamDefinition& stream_;
  const Task& task_;
  http::Client& client_;
  store::StreamWriter& writer_;
  const Environment& environment_;
  StreamSummary& summary_;
  Committer committer_;
  std::optional<model::Instant> anchor_;  ///< the first T0 of this run
  model::Instant horizon_;                ///< what the window was opened with
  bool assumed_ = true;                   ///< from our own clock
  bool resuming_ = false;
  bool done_ = false;  ///< a backfill has come to its upper bound
  bool went_back_ = false;
  bool read_whole_ = false;
  OneAnswer one_answer_;  ///< of the window that is written
};

}  // namespace strandline::sync
