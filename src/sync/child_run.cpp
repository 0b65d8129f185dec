// SPDX-License-Identifier: MIT
#include "sync/child_run.hpp"

#include <fmt/format.h>

#include <utility>

#include "http/error.hpp"
#include "model/text.hpp"
#include "source/parent.hpp"
#include "sync/advice.hpp"
#include "sync/batches.hpp"
#include "sync/fetcher.hpp"

namespace strandline::sync {
namespace {

// As in StreamRun.
constexpr std::size_t queue_bytes = std::size_t{2} << 20U;

// Parents that are taken up at once: their number may be large.
constexpr std::size_t parents_at_once = 500;

bool is_gone(const http::HttpError& error) {
  return error.status() == 404 || error.status() == 410;
}

}  // namespace

ChildRun::ChildRun(const model::StreamDefinition& stream, const Task& task,
                   http::Client& client, store::Store& store,
                   store::StreamWriter& writer, const Environment& environment,
                   StreamSummary& summary)
    : stream_(stream),
      task_(task),
      client_(client),
      store_(store),
      writer_(writer),
      environment_(environment),
      summary_(summary),
      committer_(stream, writer, environment, summary) {}

void ChildRun::run() {
  summary_.mode = model::to_text(model::WindowMode::incremental);
  if (environment_.may_open &&
      !environment_.may_open(stream_.pipeline_name(), {})) {
    summary_.complete = true;
    return;
  }
  for (;;) {
    auto parents = store_.pending(stream_.owner(), parents_at_once);
    if (parents.empty()) {
      break;
    }
    read(std::move(parents));
  }
  close();
  summary_.complete = true;
}

// When nothing is due any more the stream is complete.
void ChildRun::close() {
  auto batch = empty_batch();
  ++batch.after.complete_number;
  writer_.commit(batch, environment_.now());
  if (gone_ > 0) {
    summary_.warnings.push_back(
        fmt::format("{} of {} {} no longer at the source: no rows were read",
                    model::plural(gone_, "record"), stream_.parent,
                    gone_ == 1 ? "is" : "are"));
  }
}

void ChildRun::read(std::vector<store::PendingParent> parents) {
  parents_ = std::move(parents);
  at_ = 0;
  PageQueue queue(queue_bytes);
  const Fetcher fetcher([this] { return next(); }, client_, queue,
                        environment_.deadline);
  write_batches(
      queue, environment_.batch,
      {[this] { return empty_batch(); },
       [this](source::Page page, store::Batch& batch) {
         add(std::move(page), batch);
       },
       [this](const store::Batch& batch) { committer_.commit(batch); }});
}

void ChildRun::open(const store::PendingParent& parent) {
  model::Window window;
  window.mode = model::WindowMode::snapshot;
  window.position = parent.position;
  begins_ = parent.position.first_page();
  source::Basis basis;
  basis.parent = source::Parent(parent.values);
  reader_ = std::make_unique<source::Reader>(
      stream_, client_, model::resume(window, stream_), environment_.now,
      std::move(basis));
}

std::optional<source::Page> ChildRun::next() {
  if (at_ == parents_.size()) {
    return {};
  }
  if (!reader_) {
    open(parents_[at_]);
  }
  auto page = next_of_parent();
  page->list = at_;
  page->list_begins = std::exchange(begins_, false) || page->restarted;
  // The next parent is asked for only while there is time.
  page->list_ends = std::exchange(page->complete, false);
  if (page->list_ends) {
    reader_.reset();
    ++at_;
  }
  return page;
}

// A parent that is gone has no children: that is an outcome, and no failure.
std::optional<source::Page> ChildRun::next_of_parent() {
  const auto requests = client_.requests();
  try {
    if (!environment_.may_read ||
        environment_.may_read(stream_.pipeline_name(), parents_[at_].key)) {
      return reader_->next();
    }
  } catch (const http::HttpError& error) {
    if (!is_gone(error)) {
      throw;
    }
  }
  source::Page page;
  page.requests = client_.requests() - requests;
  page.records.first_new_field =
      static_cast<std::uint32_t>(stream_.key.size() + stream_.columns.size());
  page.gone = true;
  page.complete = true;
  return page;
}

store::Batch ChildRun::empty_batch() const {
  store::Batch batch;
  batch.after = writer_.checkpoint();
  return batch;
}

store::ParentStep ChildRun::step(const source::Page& page) const {
  const auto& parent = parents_.at(page.list);
  store::ParentStep step;
  step.parent_key = parent.key;
  step.version = parent.version;
  step.begins = page.list_begins;
  step.done = page.list_ends;
  step.position = page.window.position;
  if (!page.list_ends || page.gone || !stream_.deleted.missing) {
    return step;
  }
  const source::Parent values(parent.values);
  for (const auto* columns : {&stream_.key, &stream_.columns}) {
    for (const auto& column : *columns) {
      const auto value = column.of_parent
                             ? values.value(model::to_text(column.path))
                             : std::nullopt;
      if (auto text = value ? source::text_of(*value) : std::nullopt) {
        step.scope.emplace_back(column.name, *std::move(text));
      }
    }
  }
  return step;
}

void ChildRun::add(source::Page page, store::Batch& batch) {
  batch.counts.requests += page.requests;
  batch.counts.retries += page.retries;
  batch.counts.bytes += page.bytes;
  gone_ += page.gone ? 1 : 0;
  if (stream_.deleted.missing) {
    batch.noted = 1;
    store::Sweep sweep;
    sweep.remove = stream_.deleted.remove;
    sweep.limit = stream_.deleted.limit;
    sweep.approved = task_.allow_sweep;
    sweep.before = committer_.committed().deleted;
    batch.sweep = std::move(sweep);
  }
  batch.children_due = task_.full;
  batch.steps.push_back(step(page));
  batch.pages.push_back(std::move(page.records));
}

}  // namespace strandline::sync
