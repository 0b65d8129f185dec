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

// Puts the definition's own text in the place of that of the recording, if it
// is the same but for secrets and persons, for which that has stand-ins.
void fit(std::string& recorded, std::string own) {
  if (recording::may_be(recorded, own)) {
    recorded = std::move(own);
  }
}

model::Checkpoint fitted(model::Checkpoint start,
                         const model::Configuration& configuration,
                         const model::StreamDefinition& stream) {
  fit(start.fingerprint,
      model::fingerprint(configuration.source(stream.source), stream));
  if (start.window) {
    fit(start.window->position.basis, model::position_basis(stream));
  }
  return start;
}

Start fitted(const Start& start, const model::Configuration& configuration,
             const Family& family) {
  Start result;
  result.full_at = start.full_at;
  for (const auto& [list, stream, number] : lists_of(family)) {
    const auto name = list->pipeline_name();
    if (const auto found = start.checkpoints.find(name);
        found != start.checkpoints.end()) {
      result.checkpoints[name] = fitted(found->second, configuration, *list);
    }
    if (const auto found = start.due.find(name); found != start.due.end()) {
      auto& due = result.due[name] = found->second;
      for (auto& parent : due) {
        fit(parent.position.basis, model::position_basis(*list));
      }
    }
  }
  return result;
}

// The proof of one family.
class Prover {
 public:
  Prover(const model::Configuration& configuration, const Family& family,
         const VerifyTask& task, const Input& input,
         std::filesystem::path folder)
      : family_(family),
        task_(task),
        folder_(std::move(folder)),
        start_(fitted(task.start, configuration, family)),
        pass_(configuration, family, start_, input, task.prepare, task.stop) {
    proof_.stream = family.head().name;
    proof_.source = family.head().source;
    for (const auto& stream : family.streams) {
      proof_.tables.push_back({stream.name, 0, 0, {}, {}});
    }
    for (const auto& each : lists_of(family)) {
      proof_.lists.push_back({shown_name(*each.list), {}});
    }
    note_others(configuration);
  }

  StreamProof prove() {
    std::filesystem::create_directory(folder_);
    if (run_once()) {
      run_again();
      if (task_.crash) {
        CrashTest(pass_, family_, task_, first_, other_commits_, folder_,
                  proof_)
            .run();
      }
    }
    return std::move(proof_);
  }

 private:
  std::filesystem::path once() const { return folder_ / "once.db"; }

  // Children and second lists that are no part of it.
  void note_others(const model::Configuration& configuration) {
    for (const auto& name : task_.unread) {
      if (std::any_of(
              proof_.lists.begin(), proof_.lists.end(), [&](const auto& each) {
                return name == each.list + std::string(model::also_list);
              })) {
        proof_.notes.push_back(
            name + " was not due in the recorded run, and is not proved by it");
      }
    }
    const auto has = [&](const std::string& name) {
      return std::any_of(family_.streams.begin(), family_.streams.end(),
                         [&](const auto& each) { return each.name == name; });
    };
    for (const auto& stream : configuration.streams) {
      if (has(stream.parent) && !has(stream.name)) {
        proof_.notes.push_back(
            fmt::format("{}, which is read for the records of {}, is not in "
                        "the recording, and not proved",
                        stream.name, stream.parent));
      }
    }
  }

  // False if it fails.
  bool run_once() {
    tell("first run");
    pass_.begin(once());
    PassOptions options;
    options.full = task_.full;
    std::int64_t commits = 0;
    options.on_commit = [&](store::CommitMoment moment) {
      commits += moment == store::CommitMoment::after ? 1 : 0;
    };
    options.on_moment = [&](const Moment& moment) {
      proof_.batches += moment.kind == Moment::Kind::batch ? 1 : 0;
    };
    const auto run = pass_.run(once(), options);
    other_commits_ = commits - proof_.batches;
    first_ = read_content(once(), family_);
    for (std::size_t i = 0; i < first_.size(); ++i) {
      auto& table = proof_.tables[i];
      const auto& found = first_[i];
      table.rows = found.table.rows;
      table.rejects = found.rejects.rows;
      table.digest = found.table.sha256;
      table.rejects_digest = found.rejects.sha256;
    }
    for (const auto& list : run.lists) {
      proof_.requests += list.counts.requests;
      proof_.records += list.counts.fetched;
      for (auto& each : proof_.lists) {
        each.mark = each.list == list.stream ? list.mark_after : each.mark;
      }
    }
    proof_.failure = run.failure;
    if (!proof_.failure) {
      counts_ = counts_of(run);
      compare_with();
    }
    return !proof_.failure;
  }

  // By stream, of all its lists.
  std::vector<Counts> counts_of(const PassEnd& run) const {
    std::vector<Counts> counts(family_.streams.size());
    for (const auto& each : lists_of(family_)) {
      for (const auto& list : run.lists) {
        if (list.stream == shown_name(*each.list)) {
          auto& sum = counts[each.stream];
          sum.inserted += list.counts.inserted;
          sum.updated += list.counts.updated;
          sum.deleted += list.counts.deleted;
        }
      }
    }
    return counts;
  }

  // What the file holds must be what the run says that it put there.
  void compare_with() {
    const std::string where = "in the first run";
    for (std::size_t i = 0; i < first_.size(); ++i) {
      const auto& counts = counts_[i];
      const bool removed = family_.streams[i].deleted.remove;
      const auto wanted = counts.inserted - (removed ? counts.deleted : 0);
      if (first_[i].table.rows != wanted) {
        add({fmt::format("a run says that it put {} rows into {}, and there "
                         "are {}",
                         wanted, family_.streams[i].name, first_[i].table.rows),
             where, true},
            proof_);
      }
    }
    for (const auto& each : lists_of(family_)) {
      if (checkpoint_of(first_, each).window) {
        add({"a run says that it read to the end, and leaves a window open",
             where, true},
            proof_);
      }
      if (first_[each.stream].due.rows > 0) {
        add({"a run says that it read to the end, and leaves children due",
             where, true},
            proof_);
      }
    }
  }

  void run_again() {
    tell("second run");
    const auto file = folder_ / "twice.db";
    copy_database(once(), file);
    pass_.put_back(file);
    PassOptions options;
    options.full = task_.full;
    const auto run = pass_.run(file, options);
    proof_.ran_twice = true;
    const std::string where = "after a second run from the same checkpoint";
    if (run.failure) {
      Finding finding{"a second run fails", where, true};
      add_failure(*run.failure, finding);
      add(std::move(finding), proof_);
      return;
    }
    const auto second = read_content(file, family_);
    if (second != first_) {
      Finding finding{"a second run leaves " + difference(first_, second),
                      where, true};
      add_checkpoints(first_, second, family_, finding);
      add_rows(once(), file, family_, finding);
      add(std::move(finding), proof_);
    } else {
      compare_writes(counts_of(run), where);
    }
  }

  // Where no record came twice with other values, and none was deleted, each
  // row is as it came.
  void compare_writes(const std::vector<Counts>& second,
                      const std::string& where) {
    for (std::size_t i = 0; i < second.size(); ++i) {
      const auto written = second[i].updated + second[i].inserted;
      if (counts_[i].updated + counts_[i].deleted == 0 && written > 0) {
        add({fmt::format("a second run writes {} rows although nothing changed",
                         written),
             where, true},
            proof_);
      }
    }
  }

  void tell(const std::string& what) const {
    if (task_.on_progress) {
      task_.on_progress({proof_.stream, what, 0, 0});
    }
  }

  const Family& family_;
  const VerifyTask& task_;
  std::filesystem::path folder_;
  Start start_;
  Pass pass_;
  FamilyContent first_;
  std::vector<Counts> counts_;      ///< by stream
  std::int64_t other_commits_ = 0;  ///< than those of batches
  StreamProof proof_;
};

}  // namespace

std::vector<StreamProof> verify(const model::Configuration& configuration,
                                const VerifyTask& task, const Input& input,
                                const std::filesystem::path& folder) {
  auto members = task.recorded;
  if (!members.empty()) {
    members.insert(members.end(), task.streams.begin(), task.streams.end());
  }
  std::vector<StreamProof> proofs;
  for (const auto& family : families(configuration, members)) {
    if (is_wanted(family, task.streams)) {
      proofs.push_back(Prover(configuration, family, task, input,
                              folder / family.head().name)
                           .prove());
    }
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
