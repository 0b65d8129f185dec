// SPDX-License-Identifier: MIT
#include "sync/stream_sync.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "http/error.hpp"
#include "model/mark.hpp"
#include "source/reader.hpp"
#include "sync/page_queue.hpp"

namespace strandline::sync {
namespace {

using std::chrono::steady_clock;

// Pages that wait for the writer; one more is being decoded and one batch
// written meanwhile.
constexpr std::size_t queue_bytes = std::size_t{2} << 20U;

std::optional<std::string> shown(
    const std::optional<model::CursorValue>& mark) {
  return mark ? std::optional(model::to_display(*mark)) : std::nullopt;
}

// Joins its thread before the scope ends, whichever way.
class Fetcher {
 public:
  Fetcher(source::Reader& reader, PageQueue& queue)
      : queue_(queue), thread_([&reader, &queue] { fetch(reader, queue); }) {}
  ~Fetcher() {
    queue_.close();
    thread_.join();
  }
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

 private:
  static void fetch(source::Reader& reader, PageQueue& queue) noexcept {
    try {
      while (auto page = reader.next()) {
        if (!queue.push(std::move(*page))) {
          return;
        }
      }
      queue.end(nullptr);
    } catch (...) {
      queue.end(std::current_exception());
    }
  }

  PageQueue& queue_;
  std::thread thread_;
};

class StreamSync {
 public:
  StreamSync(const model::StreamDefinition& stream, http::Client& client,
             store::StreamWriter& writer, const Environment& environment,
             StreamSummary& summary)
      : stream_(stream),
        client_(client),
        writer_(writer),
        environment_(environment),
        summary_(summary) {}

  void run(bool full) {
    const auto& open = writer_.checkpoint().window;
    if (open) {
      summary_.resumed = true;
      read(model::resume(*open, stream_));
    }
    read(model::open_window(writer_.checkpoint(), stream_, mode(full)));
    summary_.complete = true;
  }

  const store::Counts& committed() const { return committed_; }

 private:
  model::WindowMode mode(bool full) const {
    return !stream_.cursor ? model::WindowMode::snapshot
           : full          ? model::WindowMode::full
                           : model::WindowMode::incremental;
  }

  void read(model::Window window) {
    summary_.mode = model::to_text(window.mode);
    PageQueue queue(queue_bytes);
    source::Reader reader(stream_, client_, std::move(window),
                          environment_.now);
    const Fetcher fetcher(reader, queue);
    write(queue);
  }

  // What was fetched before an error is committed all the same.
  void write(PageQueue& queue) {
    std::exception_ptr error;
    bool more = true;
    while (more) {
      auto batch = empty_batch();
      try {
        more = collect(queue, batch);
      } catch (...) {
        error = std::current_exception();
        more = false;
      }
      commit(batch);
    }
    if (error) {
      std::rethrow_exception(error);
    }
  }

  store::Batch empty_batch() const {
    store::Batch batch;
    batch.after = writer_.checkpoint();
    return batch;
  }

  // Fills the batch; false if no page follows it.
  bool collect(PageQueue& queue, store::Batch& batch) {
    std::size_t rows = 0;
    std::optional<steady_clock::time_point> deadline;
    while (rows < environment_.batch.rows) {
      source::Page page;
      switch (queue.pop(page, deadline)) {
        case PageQueue::Got::end:
          return false;
        case PageQueue::Got::timeout:
          return true;
        case PageQueue::Got::page:
          break;
      }
      if (!deadline) {
        deadline = steady_clock::now() + environment_.batch.time;
      }
      rows += page.records.records.size() + page.records.rejects.size();
      add(std::move(page), batch);
    }
    return true;
  }

  void add(source::Page page, store::Batch& batch) {
    batch.counts.requests += page.requests;
    batch.counts.bytes += page.bytes;
    batch.counts.cursors += page.counts;
    if (page.restarted) {
      summary_.warnings.push_back(
          "the source did not let the run continue where the last one ended; "
          "the window was begun anew");
    }
    batch.after.window = page.window;
    if (page.complete) {
      batch.after = model::close_window(batch.after, page.window, stream_);
    }
    batch.pages.push_back(std::move(page.records));
  }

  void commit(const store::Batch& batch) {
    if (batch.pages.empty()) {
      return;
    }
    committed_ += writer_.commit(batch, environment_.now());
    summary_.counts = {committed_.fetched,  committed_.inserted,
                       committed_.updated,  committed_.unchanged,
                       committed_.rejected, committed_.requests,
                       committed_.bytes};
    if (environment_.on_progress) {
      environment_.on_progress(
          {stream_.name, summary_.counts, !batch.after.window});
    }
  }

  const model::StreamDefinition& stream_;
  http::Client& client_;
  store::StreamWriter& writer_;
  const Environment& environment_;
  StreamSummary& summary_;
  store::Counts committed_;
};

std::string plural(std::int64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// What a person should know although nothing failed.
void warn(const model::StreamDefinition& stream, const store::Counts& counts,
          StreamSummary& summary) {
  const auto say = [&](std::string text) {
    summary.warnings.push_back(std::move(text));
  };
  if (counts.rejected > 0) {
    say(plural(counts.rejected, "record") +
        " did not fit; kept in pipeline_rejects with the reason");
  }
  if (!stream.cursor) {
    return;
  }
  const auto cursor = model::to_text(stream.cursor->field);
  if (counts.cursors.missing > 0) {
    say(plural(counts.cursors.missing, "record") + " without a readable '" +
        cursor + "': loaded, not counted for the mark");
  }
  if (counts.cursors.future > 0) {
    say(plural(counts.cursors.future, "record") +
        " dated in the future: loaded, not counted for the mark");
  }
  if (counts.cursors.inversions > 0) {
    say(plural(counts.cursors.inversions, "record") +
        " against the declared order: the mark moves at the window's end only, "
        "so nothing is lost, but `order` is wrong");
  }
  if (stream.cursor->order != model::Order::descending &&
      counts.cursors.outside > 10 &&
      counts.cursors.outside * 2 > counts.fetched) {
    say(plural(counts.cursors.outside, "record") +
        " from before what was asked for: does the source know the filter?");
  }
}

void warn_of_missing(const store::StreamWriter& writer,
                     const store::Counts& counts, StreamSummary& summary) {
  const auto gone = writer.rows() - (counts.fetched - counts.rejected);
  if (summary.mode == "snapshot" && !summary.resumed && gone > 0) {
    summary.warnings.push_back(
        plural(gone, "row") + " of the table " + (gone == 1 ? "is" : "are") +
        " no longer in the source's list: kept, and not marked deleted");
  }
}

void say_what_is_kept(const store::Counts& committed, Failure& failure) {
  const Note kept{"kept", committed.fetched == 0
                              ? "everything as it was before"
                              : plural(committed.fetched, "record") +
                                    "; the next run continues after them"};
  const auto advice =
      std::find_if(failure.notes.begin(), failure.notes.end(),
                   [](const Note& note) { return note.label == "try"; });
  failure.notes.insert(advice, kept);
}

store::Ending ending(const StreamSummary& summary,
                     const store::Counts& committed) {
  store::Ending ending;
  ending.warnings = summary.warnings;
  ending.uncommitted.requests = summary.counts.requests - committed.requests;
  ending.uncommitted.bytes = summary.counts.bytes - committed.bytes;
  if (summary.failure) {
    const auto code = summary.failure->code;
    ending.outcome =
        code == ExitCode::interrupted || code == ExitCode::terminated
            ? store::Outcome::interrupted
            : store::Outcome::failed;
    ending.exit_code = static_cast<int>(code);
    ending.error = summary.failure->message;
  }
  return ending;
}

}  // namespace

StreamSummary sync_stream(const model::StreamDefinition& definition,
                          const std::string& fingerprint, http::Client& client,
                          store::Store& store, std::int64_t run_id, bool full,
                          const Environment& environment) {
  const auto begun = steady_clock::now();
  StreamSummary summary;
  summary.stream = definition.name;
  summary.source = definition.source;
  const auto requests = client.requests();
  const auto bytes = client.bytes();
  store::StreamWriter writer(store, run_id, definition,
                             {fingerprint, full, {}, {}}, environment.now());
  summary.mark_before = shown(writer.checkpoint().mark);
  StreamSync sync(definition, client, writer, environment, summary);
  const auto& committed = sync.committed();
  try {
    sync.run(full);
    warn_of_missing(writer, committed, summary);
  } catch (const std::exception& error) {
    summary.failure = describe(error);
    say_what_is_kept(committed, *summary.failure);
  }
  warn(definition, committed, summary);
  summary.mark_after = shown(writer.checkpoint().mark);
  summary.counts.requests = client.requests() - requests;
  summary.counts.bytes = client.bytes() - bytes;
  try {
    writer.finish(ending(summary, committed), environment.now());
  } catch (const std::exception& error) {
    // What the file refuses now does not hide what failed before.
    summary.failure = summary.failure ? summary.failure : describe(error);
  }
  summary.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      steady_clock::now() - begun);
  return summary;
}

Failure describe(const std::exception& error) {
  if (const auto* ours = dynamic_cast<const Error*>(&error)) {
    return {ours->code(), ours->what(), ours->notes()};
  }
  return {ExitCode::bug,
          std::string("a fault of this program: ") + error.what(),
          {{"try", "report it, with the command and what it printed"}}};
}

}  // namespace strandline::sync
