// SPDX-License-Identifier: MIT
#include "sync/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recording/normal_form.hpp"
#include "store/store.hpp"
#include "sync/crash_test.hpp"
#include "sync/finding.hpp"
#include "sync/run.hpp"
#include "sync/scratch.hpp"

namespace strandline::sync {
namespace {

// Returns `start` with the definition's own texts where they are those of the
// recording but for secrets and persons, in whose place that has stand-ins.
model::Checkpoint fitted(model::Checkpoint start,
                         const model::Configuration& configuration,
                         const model::StreamDefinition& stream) {
  const auto fit = [](std::string& recorded, std::string own) {
    if (recording::may_be(recorded, own)) {
      recorded = std::move(own);
    }
  };
  fit(start.fingerprint,
      model::fingerprint(configuration.source(stream.source), stream));
  if (start.window) {
    fit(start.window->position.basis, model::position_basis(stream));
  }
  return start;
}

// The proof of one stream.
class Prover {
 public:
  Prover(const model::Configuration& configuration,
         const model::StreamDefinition& stream, const VerifyTask& task,
         const Input& input, std::filesystem::path folder)
      : stream_(stream),
        task_(task),
        folder_(std::move(folder)),
        pass_(configuration, stream, input, task.prepare, task.stop) {
    const auto found = task.checkpoints.find(stream.pipeline_name());
    if (found != task.checkpoints.end()) {
      start_ = fitted(found->second, configuration, stream);
    }
    proof_.stream = stream.name;
    proof_.source = stream.source;
    if (!stream.also.empty()) {
      proof_.notes.emplace_back(
          "of the two lists of the table the first is proved alone");
    }
    if (!stream.parent.empty()) {
      proof_.notes.emplace_back("what is read for the records of " +
                                stream.parent +
                                " is not proved: nothing is due in a proof");
    }
  }

  StreamProof prove() {
    std::filesystem::create_directory(folder_);
    if (run_once()) {
      run_again();
      if (task_.crash) {
        CrashTest(pass_, stream_, task_, start_, first_, folder_, proof_).run();
      }
    }
    return std::move(proof_);
  }

 private:
  std::filesystem::path once() const { return folder_ / "once.db"; }

  // False if it fails.
  bool run_once() {
    tell("first run");
    pass_.begin(once(), start_);
    PassOptions options;
    options.full = task_.full;
    options.on_batch = [&](const Progress&) { ++proof_.batches; };
    const auto summary = pass_.run(once(), options);
    first_ = store::read_content(once(), stream_);
    updated_ = summary.counts.updated;
    proof_.rows = first_.table.rows;
    proof_.rejects = first_.rejects.rows;
    proof_.digest = first_.table.sha256;
    proof_.rejects_digest = first_.rejects.sha256;
    proof_.mark = summary.mark_after;
    proof_.requests = summary.counts.requests;
    proof_.records = summary.counts.fetched;
    proof_.failure = summary.failure;
    if (!proof_.failure) {
      compare_with(summary);
    }
    return !proof_.failure;
  }

  // What the file holds must be what the run says that it put there.
  void compare_with(const StreamSummary& summary) {
    const std::string where = "in the first run";
    if (first_.table.rows != summary.counts.inserted) {
      add({fmt::format("a run says that it inserted {} rows, and there are {}",
                       summary.counts.inserted, first_.table.rows),
           where, true},
          proof_);
    }
    if (first_.checkpoint.window) {
      add({"a run says that it read to the end, and leaves its window open",
           where, true},
          proof_);
    }
  }

  void run_again() {
    tell("second run");
    const auto file = folder_ / "twice.db";
    copy_database(once(), file);
    store::Store(file, model::Journal::wal)
        .seed(stream_.pipeline_name(), start_, system_now());
    PassOptions options;
    options.full = task_.full;
    const auto summary = pass_.run(file, options);
    proof_.ran_twice = true;
    const std::string where = "after a second run from the same checkpoint";
    if (summary.failure) {
      Finding finding{"a second run fails", where, true};
      add_failure(*summary.failure, finding);
      add(std::move(finding), proof_);
      return;
    }
    const auto second = store::read_content(file, stream_);
    if (second != first_) {
      Finding finding{"a second run leaves " + difference(first_, second),
                      where, true};
      add_checkpoint(first_.checkpoint, second.checkpoint, finding);
      add_rows(once(), file, stream_, finding);
      add(std::move(finding), proof_);
    } else if (const auto again =
                   summary.counts.updated + summary.counts.inserted;
               updated_ == 0 && again > 0) {
      // No record came twice with other values: each row was as it came.
      add({fmt::format("a second run writes {} rows although nothing changed",
                       again),
           where, true},
          proof_);
    }
  }

  void tell(const std::string& what) const {
    if (task_.on_progress) {
      task_.on_progress({proof_.stream, what, 0, 0});
    }
  }

  const model::StreamDefinition& stream_;
  const VerifyTask& task_;
  std::filesystem::path folder_;
  Pass pass_;
  model::Checkpoint start_;
  store::Content first_;
  std::int64_t updated_ = 0;
  StreamProof proof_;
};

}  // namespace

std::vector<StreamProof> verify(const model::Configuration& configuration,
                                const VerifyTask& task, const Input& input,
                                const std::filesystem::path& folder) {
  std::vector<StreamProof> proofs;
  for (const auto& stream : chosen(configuration, task.streams)) {
    proofs.push_back(
        Prover(configuration, stream, task, input, folder / stream.name)
            .prove());
  }
  return proofs;
}

ExitCode exit_code(const std::vector<StreamProof>& proofs) {
  std::vector<StreamSummary> runs;
  for (const auto& proof : proofs) {
    if (!proof.findings.empty()) {
      return ExitCode::data;
    }
    runs.emplace_back().failure = proof.failure;
  }
  return exit_code(runs);
}

}  // namespace strandline::sync
