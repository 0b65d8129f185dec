// SPDX-License-Identifier: MIT
#include "sync/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>

#include "http/clock.hpp"
#include "http/error.hpp"
#include "model/checkpoint.hpp"
#include "model/text.hpp"
#include "store/store.hpp"
#include "sync/advice.hpp"
#include "sync/backfill.hpp"
#include "sync/clients.hpp"
#include "sync/side_by_side.hpp"

namespace strandline::sync {
namespace {

bool stopped(const Environment& environment) {
  return environment.stop != nullptr && environment.stop->load() != 0;
}

bool by_signal(ExitCode code) {
  return code == ExitCode::interrupted || code == ExitCode::terminated;
}

bool time_is_up(const Environment& environment) {
  return environment.deadline &&
         std::chrono::steady_clock::now() >= *environment.deadline;
}

// A stream, and what is to be done with it.
struct Plan {
  model::StreamDefinition stream;
  Task task;
  std::string bounds;             ///< what tells one backfill from another
  bool always = false;            ///< read, however short a time ago it was
  std::vector<Plan> others = {};  ///< of the same table, for other elements
  std::vector<Plan> children = {};
};

// Puts the plans of a stream's other elements to that of the first: they write
// one table, one after the other.
std::vector<Plan> by_table(std::vector<Plan> plans) {
  std::vector<Plan> tables;
  for (auto& plan : plans) {
    const auto first = std::find_if(
        tables.begin(), tables.end(),
        [&](const Plan& each) { return each.stream.name == plan.stream.name; });
    if (first == tables.end()) {
      tables.push_back(std::move(plan));
    } else {
      first->others.push_back(std::move(plan));
    }
  }
  return tables;
}

// Moves the children of `parent` out of `plans` to it, and theirs to them.
void adopt(Plan& parent, std::vector<Plan>& plans) {
  const auto children =
      std::stable_partition(plans.begin(), plans.end(), [&](const Plan& each) {
        return each.stream.parent != parent.stream.name;
      });
  parent.children.assign(std::make_move_iterator(children),
                         std::make_move_iterator(plans.end()));
  plans.erase(children, plans.end());
  for (auto& child : parent.children) {
    adopt(child, plans);
  }
}

// Returns the plans with those of children at their parents', where both are
// read.
std::vector<Plan> with_children(std::vector<Plan> plans) {
  std::set<std::string> names;
  for (const auto& plan : plans) {
    names.insert(plan.stream.name);
  }
  const auto children = std::stable_partition(
      plans.begin(), plans.end(),
      [&](const Plan& each) { return !names.contains(each.stream.parent); });
  std::vector<Plan> rest(std::make_move_iterator(children),
                         std::make_move_iterator(plans.end()));
  plans.erase(children, plans.end());
  for (auto& plan : plans) {
    adopt(plan, rest);
  }
  return plans;
}

std::vector<Plan> plans(const model::Configuration& configuration,
                        const RunOptions& options) {
  if (options.full && options.since) {
    throw Error(ExitCode::usage,
                "--full and --since exclude each other: --full reads from "
                "`start`");
  }
  if (options.until && !options.since) {
    throw Error(ExitCode::usage, "--until goes with --since only",
                {{"try", "--since TIME --until TIME"}});
  }
  std::vector<Plan> plans;
  for (auto& stream : chosen(configuration, options.streams)) {
    if (!stream.parent.empty()) {
      if (!options.since) {
        plans.push_back(
            {std::move(stream),
             {options.full, {}, options.allow_sweep},
             {},
             options.always || options.full || !options.streams.empty()});
      }
      continue;
    }
    if (options.since) {
      auto plan = plan_backfill(stream, *options.since, options.until);
      plans.push_back({std::move(plan.stream),
                       {false, plan.bounds, false},
                       std::move(plan.identity),
                       true});
    } else {
      plans.push_back(
          {std::move(stream),
           {options.full, {}, options.allow_sweep},
           {},
           options.always || options.full || !options.streams.empty()});
    }
  }
  return with_children(by_table(std::move(plans)));
}

// The lists that are read at least.
std::size_t count(const std::vector<Plan>& plans) {
  std::size_t lists = plans.size();
  for (const auto& plan : plans) {
    lists += count(plan.others) + count(plan.children);
  }
  return lists;
}

class Run {
 public:
  Run(const model::Configuration& configuration, const Environment& environment)
      : configuration_(configuration),
        environment_(with_one_voice(environment)),
        clients_(environment_),
        store_(configuration.database, configuration.journal,
               store::default_patience, environment_.on_commit) {}

  // The summary has them in the order of the plans, whichever ended first.
  void sync(const std::vector<Plan>& plans, SyncSummary& summary) {
    summary.run_id = store_.begin_run(environment_.now());
    std::vector<std::vector<StreamSummary>> lists(plans.size());
    const auto report = [&] {
      for (auto& of_stream : lists) {
        for (auto& list : of_stream) {
          summary.streams.push_back(std::move(list));
        }
      }
    };
    try {
      side_by_side(plans.size(), environment_.parallel, [&](std::size_t i) {
        if (!stopped(environment_)) {
          sync_family(plans[i], summary.run_id, lists[i]);
        }
      });
    } catch (...) {
      report();
      throw;
    }
    report();
    prune(summary);
    store_.checkpoint_log();
  }

 private:
  // Several streams tell how far they are, one after the other.
  Environment with_one_voice(Environment environment) {
    if (environment.on_progress) {
      environment.on_progress =
          [this, tell = environment.on_progress](const Progress& progress) {
            const std::lock_guard lock(voice_);
            tell(progress);
          };
    }
    return environment;
  }

  // What the run did is committed, and no worse for a history that grows.
  void prune(SyncSummary& summary) {
    try {
      store_.prune(configuration_.keep_runs, environment_.now());
    } catch (const std::exception& error) {
      summary.warnings.push_back(
          std::string("the history was not cut to `keep_runs`: ") +
          error.what());
    }
  }

  // A table's lists, and then what is read for its records. That is due
  // whatever became of the lists.
  void sync_family(const Plan& plan, std::int64_t run_id,
                   std::vector<StreamSummary>& lists) {
    sync_lists(plan, run_id, lists);
    for (const auto& other : plan.others) {
      if (stopped(environment_)) {
        return;
      }
      sync_lists(other, run_id, lists);
    }
    for (const auto& child : plan.children) {
      if (stopped(environment_)) {
        return;
      }
      sync_family(child, run_id, lists);
    }
  }

  // The second list of a table is read after the first, if that came to its
  // end.
  void sync_lists(const Plan& plan, std::int64_t run_id,
                  std::vector<StreamSummary>& lists) {
    lists.push_back(sync(plan, run_id));
    if (lists.back().failure) {
      return;
    }
    if (plan.stream.also.empty() || plan.task.backfill ||
        stopped(environment_)) {
      return;
    }
    auto also = plan;
    also.stream = plan.stream.also.front();
    // A whole reading of the first list waits for one of the second.
    const auto first = store_.checkpoint(plan.stream.first_list());
    if (first && first->sweep_is_due()) {
      also.task.full = true;
      also.always = true;
    }
    lists.push_back(sync(also, run_id));
  }

  // Nothing if the list is to be read.
  std::optional<StreamSummary> not_due(const Plan& plan) {
    const auto& stream = plan.stream;
    if (!stream.every || plan.always) {
      return {};
    }
    const auto last = store_.complete_times(stream.pipeline_name()).any;
    const auto checkpoint = store_.checkpoint(stream.pipeline_name());
    if (!last || (checkpoint && checkpoint->window) ||
        environment_.now().seconds - last->seconds >= stream.every->count()) {
      return {};
    }
    StreamSummary summary;
    summary.stream = shown_name(stream);
    summary.source = stream.source;
    summary.complete = true;
    summary.outcome = "not due";
    return summary;
  }

  StreamSummary sync(const Plan& plan, std::int64_t run_id) {
    if (auto summary = not_due(plan)) {
      return *std::move(summary);
    }
    auto task = plan.task;
    if (was_added_later(plan.stream, run_id)) {
      task.notices.push_back(
          fmt::format("{} was added after records of {} were loaded, and is "
                      "read for those that change; {} reads the others",
                      plan.stream.name, plan.stream.parent,
                      model::whole_reading_command(plan.stream)));
    }
    auto summary = sync_or_fail(plan, task, run_id);
    if (environment_.on_progress) {
      environment_.on_progress(
          {summary.stream, summary.counts, summary.complete, true});
    }
    return summary;
  }

  bool was_added_later(const model::StreamDefinition& child,
                       std::int64_t run_id) {
    const auto& streams = configuration_.streams;
    const auto parent =
        std::find_if(streams.begin(), streams.end(), [&](const auto& each) {
          return each.name == child.parent && each.source == child.source;
        });
    return parent != streams.end() &&
           store_.was_added_later(child, *parent, run_id);
  }

  StreamSummary sync_or_fail(const Plan& plan, const Task& task,
                             std::int64_t run_id) {
    const auto& source = configuration_.source(plan.stream.source);
    try {
      if (time_is_up(environment_)) {
        throw http::TimeUp();
      }
      const auto client = clients_.borrow(source);
      return sync_stream(plan.stream,
                         model::fingerprint(source, plan.stream) + plan.bounds,
                         *client, store_, run_id, task, environment_);
    } catch (const std::exception& error) {
      return could_not_begin(plan, error, run_id);
    }
  }

  StreamSummary could_not_begin(const Plan& plan, const std::exception& error,
                                std::int64_t run_id) {
    auto failure = describe(error);
    store::Ending ending;
    const bool cut_short =
        dynamic_cast<const http::TimeUp*>(&error) != nullptr ||
        by_signal(failure.code);
    ending.outcome =
        cut_short ? store::Outcome::interrupted : store::Outcome::failed;
    ending.exit_code = static_cast<int>(failure.code);
    ending.error = failure.message;
    store_.enter_failure(run_id, plan.stream.pipeline_name(), ending,
                         environment_.now());
    StreamSummary summary;
    summary.stream = shown_name(plan.stream);
    summary.source = plan.stream.source;
    summary.outcome = store::to_text(ending.outcome);
    summary.failure = std::move(failure);
    return summary;
  }

  const model::Configuration& configuration_;
  std::mutex voice_;
  Environment environment_;
  Clients clients_;
  store::Store store_;
};

// The smaller, the more it needs a person.
std::size_t rank(ExitCode code) {
  static constexpr std::array order = {
      ExitCode::interrupted,   ExitCode::terminated, ExitCode::configuration,
      ExitCode::credentials,   ExitCode::protocol,   ExitCode::data,
      ExitCode::unavailable,   ExitCode::no_input,   ExitCode::io,
      ExitCode::cannot_create, ExitCode::bug,        ExitCode::temporary};
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), code) -
                                  order.begin());
}

}  // namespace

ExitCode exit_code(const std::vector<StreamSummary>& streams) {
  bool any_good = false;
  std::optional<ExitCode> worst;
  for (const auto& stream : streams) {
    if (!stream.failure) {
      any_good = true;
    } else if (!worst || rank(stream.failure->code) < rank(*worst)) {
      worst = stream.failure->code;
    }
  }
  if (!worst) {
    return ExitCode::ok;
  }
  return any_good && !by_signal(*worst) ? ExitCode::partial : *worst;
}

std::vector<model::StreamDefinition> chosen(
    const model::Configuration& configuration,
    const std::vector<std::string>& names) {
  if (names.empty()) {
    return configuration.streams;
  }
  std::vector<std::string> known;
  for (const auto& stream : configuration.streams) {
    known.push_back(stream.name);
    known.push_back(stream.called());
  }
  for (const auto& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const auto meant = model::nearest(name, {known.begin(), known.end()});
      throw Error(
          ExitCode::usage,
          "no stream '" + name + "' in " + configuration.file.string() +
              (meant ? "; did you mean '" + std::string(*meant) + "'?" : ""));
    }
  }
  std::vector<model::StreamDefinition> streams;
  for (const auto& stream : configuration.streams) {
    if (std::any_of(names.begin(), names.end(), [&](const auto& name) {
          return name == stream.name || name == stream.called();
        })) {
      streams.push_back(stream);
    }
  }
  return streams;
}

SyncSummary run(const model::Configuration& configuration,
                const RunOptions& options, const Environment& environment) {
  using std::chrono::steady_clock;
  SyncSummary summary;
  summary.started_at = model::to_rfc3339(environment.now(), 3);
  summary.database = configuration.database;
  summary.warnings = configuration.warnings;
  const auto begun = steady_clock::now();
  try {
    const auto wanted = plans(configuration, options);
    Run(configuration, environment).sync(wanted, summary);
    summary.exit_code = exit_code(summary.streams);
    // No stream that failed before tells that others were left out.
    const bool left_out = summary.streams.size() < count(wanted);
    if ((summary.exit_code == ExitCode::ok || left_out) &&
        stopped(environment)) {
      summary.exit_code = http::Interrupted(environment.stop->load()).code();
    }
  } catch (const std::exception& error) {
    summary.failure = describe(error);
    summary.exit_code = summary.failure->code;
  }
  summary.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      steady_clock::now() - begun);
  return summary;
}

model::Instant system_now() {
  return http::system_time();
}

}  // namespace strandline::sync
