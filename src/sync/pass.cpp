// SPDX-License-Identifier: MIT
#include "sync/pass.hpp"

#include <chrono>
#include <csignal>
#include <utility>

#include "http/error.hpp"
#include "sync/playback.hpp"
#include "sync/run.hpp"
#include "sync/scratch.hpp"

namespace strandline::sync {
namespace {

// Long enough that only rows and pages make a batch.
constexpr std::chrono::hours never{24};

// A share of rejects depends on where a run was killed and how large its
// batches are, and what is forgotten at its end on how old the recording is.
void lift_limits(model::Configuration& configuration) {
  constexpr model::RejectLimit none{{}, 1};
  configuration.keep_runs = std::chrono::years(100);
  for (auto& stream : configuration.streams) {
    stream.max_rejects = none;
    for (auto& also : stream.also) {
      also.max_rejects = none;
    }
  }
}

// What hears of a run as it goes on, and may end it.
class Listener {
 public:
  Listener(const PassOptions& options, const std::atomic<int>* stop)
      : options_(options), stop_(stop) {}

  void listen(Environment& environment) {
    environment.stop = &ended_;
    environment.on_commit = options_.on_commit;
    environment.on_begin = [this](const Found& found) {
      list_ = found.pipeline_name;
      tell(Moment::Kind::begun, 0);
    };
    environment.on_progress = [this](const Progress& progress) {
      tell(progress.ended ? Moment::Kind::ended : Moment::Kind::batch,
           progress.counts.requests);
      before_ += progress.ended ? progress.counts.requests : 0;
    };
    if (options_.may_open) {
      environment.may_open = [this](const std::string& list,
                                    const model::Window& window) {
        bool may = false;
        or_end([&] { may = options_.may_open(list, window); });
        return may;
      };
    }
  }

 private:
  void tell(Moment::Kind kind, std::int64_t requests) {
    or_end([&] {
      stop_if_told(stop_);
      if (options_.on_moment) {
        options_.on_moment({kind, list_, before_ + requests});
      }
    });
  }

  template <typename Work>
  void or_end(const Work& work) {
    try {
      work();
    } catch (...) {
      ended_ = SIGTERM;
      throw;
    }
  }

  const PassOptions& options_;
  const std::atomic<int>* stop_;
  std::atomic<int> ended_{0};
  std::string list_;
  std::int64_t before_ = 0;  ///< requests of the lists that are read
};

}  // namespace

void stop_if_told(const std::atomic<int>* stop) {
  if (stop != nullptr && stop->load() != 0) {
    throw http::Interrupted(stop->load());
  }
}

Pass::Pass(const model::Configuration& configuration, const Family& family,
           const Start& start, const Input& input, const Prepare& prepare,
           const std::atomic<int>* stop)
    : configuration_(configuration),
      family_(family),
      start_(start),
      input_(input),
      prepare_(prepare),
      stop_(stop) {
  for (const auto& [child, due] : start.due) {
    read_[child];
    for (const auto& parent : due) {
      read_[child].insert(parent.key);
    }
  }
}

void Pass::begin(const std::filesystem::path& file) const {
  remove_database(file);
  put_back(file);
}

void Pass::put_back(const std::filesystem::path& file) const {
  store::Store store(file, configuration_.journal);
  for (const auto& each : lists_of(family_)) {
    const auto name = each.list->pipeline_name();
    store.seed(name, standing(name), system_now());
  }
  store.checkpoint_log();
}

store::Standing Pass::standing(const std::string& list) const {
  store::Standing standing;
  if (const auto found = start_.checkpoints.find(list);
      found != start_.checkpoints.end()) {
    standing.checkpoint = found->second;
  }
  if (const auto found = start_.full_at.find(list);
      found != start_.full_at.end()) {
    standing.full_at = found->second;
  }
  if (const auto found = start_.due.find(list); found != start_.due.end()) {
    for (const auto& parent : found->second) {
      if (!parent.values.empty()) {
        standing.due.push_back(
            {parent.key, parent.values, 1, 0, parent.position});
      }
    }
  }
  return standing;
}

// The rows of a scratch file are all new: of those that the recorded run found
// as they were the children were not read.
bool Pass::may_read(const std::string& child, const std::string& key) const {
  return !start_.due.contains(child) || read_.at(child).contains(key);
}

PassEnd Pass::run(const std::filesystem::path& file,
                  const PassOptions& options) const {
  stop_if_told(stop_);
  auto configuration = configuration_;
  configuration.database = file;
  lift_limits(configuration);
  Playback playback(input_(), configuration, stop_);
  playback.replay().skip(options.answered);
  playback.replay().repeat(options.repeated);
  Environment environment;
  playback.set(environment);
  environment.batch = {options.batch_rows, never};
  environment.may_read = [this](const std::string& child,
                                const std::string& key) {
    return may_read(child, key);
  };
  Listener listener(options, stop_);
  listener.listen(environment);
  if (prepare_) {
    prepare_(environment);
  }
  RunOptions all;
  for (const auto& stream : family_.streams) {
    all.streams.push_back(stream.name);
  }
  all.full = options.full;
  all.allow_sweep = true;
  all.always = true;
  auto summary = sync::run(configuration, all, environment);
  stop_if_told(stop_);
  PassEnd end{std::move(summary.streams), std::move(summary.failure),
              playback.replay().given()};
  for (const auto& list : end.lists) {
    end.failure = end.failure ? end.failure : list.failure;
  }
  return end;
}

}  // namespace strandline::sync
