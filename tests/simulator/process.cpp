// SPDX-License-Identifier: MIT
#include "process.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <utility>

#include "http/client.hpp"
#include "simulation.hpp"
#include "strandline/rewind.hpp"
#include "sync/run.hpp"

namespace strandline::simulator {
namespace {

// Whose connections are being opened on this thread.
thread_local Process* opener = nullptr;

class Opener {
 public:
  explicit Opener(Process* process) : before_(std::exchange(opener, process)) {}
  ~Opener() { opener = before_; }
  Opener(const Opener&) = delete;
  Opener& operator=(const Opener&) = delete;

 private:
  Process* before_;
};

class SimulatedTransport : public http::Transport {
 public:
  explicit SimulatedTransport(Process& process) : process_(process) {}
  void send(const http::Request& request, http::Response& response) override {
    process_.send(request, response);
  }

 private:
  Process& process_;
};

int on_commit(void* process) {
  return static_cast<Process*>(process)->before_commit() ? 0 : 1;
}

void on_rollback(void* process) {
  static_cast<Process*>(process)->after_rollback();
}

int on_statement_end(unsigned, void* process, void*, void*) {
  static_cast<Process*>(process)->after_statement();
  return 0;
}

int on_open(sqlite3* database, char**, const void*) {
  if (opener != nullptr) {
    opener->attach(database);
  }
  return SQLITE_OK;
}

}  // namespace

void watch_connections() {
  // The type that SQLite's documentation asks for.
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(on_open));
}

Process::Process(Simulation& simulation, const RunPlan& plan, std::string name,
                 bool second)
    : simulation_(simulation),
      plan_(plan),
      name_(std::move(name)),
      second_(second) {}

void Process::attach(sqlite3* database) {
  sqlite3_commit_hook(database, on_commit, this);
  sqlite3_rollback_hook(database, on_rollback, this);
  sqlite3_trace_v2(database, SQLITE_TRACE_PROFILE, on_statement_end, this);
}

model::Instant Process::now() const {
  if (dead_) {
    throw Death();
  }
  const auto ms = simulation_.world().now() + plan_.clock_error_ms;
  const auto seconds = ms / 1000;
  return {seconds, static_cast<std::int32_t>(ms % 1000) * 1'000'000};
}

std::int64_t Process::since() const {
  return plan_.since + (simulation_.scenario().counts() ? 0 : world_begin_ms);
}

std::optional<std::int64_t> Process::until() const {
  if (plan_.until == 0) {
    return {};
  }
  return plan_.until + world_begin_ms;
}

// As a person writes it.
std::string Process::bound(std::int64_t bound) const {
  return simulation_.scenario().counts() ? std::to_string(bound)
                                         : time_text(bound);
}

SyncSummary Process::run() {
  const Opener of_this(this);
  return plan_.verb == Verb::rewind || plan_.verb == Verb::reset ? act()
                                                                 : sync();
}

// What a person does to where the stream stands.
SyncSummary Process::act() {
  const auto file = simulation_.configuration(plan_.limit).file;
  SyncSummary summary;
  try {
    if (plan_.verb == Verb::reset) {
      reset_stream(file, "items", plan_.rows);
      return summary;
    }
    RewindTarget to;
    if (plan_.to_run) {
      const auto run = simulation_.earlier_run(*plan_.to_run);
      to.run = run.first;
      target = run.second;
    } else {
      target = simulation_.mark().value_or(0) - plan_.back;
      to.mark = bound(*target);
    }
    rewind_stream(file, "items", to);
  } catch (const Error& error) {
    summary.exit_code = error.code();
    summary.failure = Failure{error.code(), error.what(), {}};
  }
  return summary;
}

SyncSummary Process::sync() {
  sync::Environment environment;
  environment.now = [this] { return now(); };
  environment.client = [this](const model::SourceDefinition& source) {
    return std::make_unique<http::Client>(
        source, http::Credentials{},
        std::make_unique<SimulatedTransport>(*this));
  };
  environment.on_progress = [this](const Progress& progress) {
    if (!progress.ended) {
      told(progress);
    }
  };
  environment.batch = {plan_.batch_rows, std::chrono::hours(1)};
  sync::RunOptions options;
  options.full = plan_.full;
  if (plan_.verb == Verb::backfill) {
    options.full = false;
    options.since = bound(since());
    if (const auto end = until()) {
      options.until = bound(*end);
    }
  }
  return sync::run(simulation_.configuration(plan_.limit), options,
                   environment);
}

void Process::die() {
  const std::lock_guard lock(mutex_);
  dead_ = true;
  written_.notify_all();
}

// False if the process is dead now.
bool Process::survives(const char* what) noexcept {
  if (simulation_.failed()) {
    die();
  }
  if (dead_) {
    return false;
  }
  ++steps_;
  if (steps_ != plan_.dies_at) {
    return true;
  }
  simulation_.say([&] {
    return fmt::format("{} dies at step {}: {}", name_, steps_, what);
  });
  ++simulation_.totals().deaths;
  die();
  return false;
}

void Process::step(const char* what, bool may_be_overtaken) {
  if (!survives(what)) {
    throw Death();
  }
  if (may_be_overtaken && !second_ && !overtaken_ && plan_.second_at != 0 &&
      steps_ >= plan_.second_at) {
    overtaken_ = true;
    const Opener none(nullptr);
    simulation_.overtake(*this, plan_);
  }
}

bool Process::before_commit() noexcept {
  committing_ = survives("before a commit");
  return committing_;
}

void Process::after_statement() noexcept {
  if (!std::exchange(committing_, false)) {
    return;
  }
  const Opener none(nullptr);
  simulation_.committed(*this);
  survives("after a commit");
}

void Process::told(const Progress& progress) {
  simulation_.say([&] {
    return fmt::format("{} has committed {} records{}", name_,
                       progress.counts.fetched,
                       progress.complete ? ", the window is complete" : "");
  });
  step("after it told of a commit", true);
  const std::lock_guard lock(mutex_);
  unwritten_rows_ = 0;
  written_.notify_all();
}

void Process::drop_pages() {
  const std::lock_guard lock(mutex_);
  pages.resize(committed_pages);
  unwritten_rows_ = 0;
  written_.notify_all();
}

void Process::await_writer() {
  std::unique_lock lock(mutex_);
  const bool on = written_.wait_for(lock, std::chrono::minutes(5), [this] {
    return dead_ || fenced || unwritten_rows_ < plan_.batch_rows;
  });
  if (!on) {
    simulation_.fail("harness", "the writer did not commit a whole batch");
  }
  if (dead_ || !on) {
    throw Death();
  }
  if (unwritten_rows_ >= plan_.batch_rows) {
    throw http::HttpError(ExitCode::temporary, "the connection is lost");
  }
}

void Process::send(const http::Request& request, http::Response& response) {
  await_writer();
  step("before a request", true);
  ++requests_;
  const auto served = simulation_.serve(*this, plan_, request, response);
  if (served.token_refused) {
    token_refused = true;
    refused_token = simulation_.token();
    pages_before_refusal = pages.size();
  }
  // What a run goes on with where a list is counted is no end if it is empty:
  // the window begins anew, and the page is none of it.
  const auto carrier = simulation_.scenario().source.carrier;
  const bool dropped =
      requests_ == 1 && !served.first && served.rows.empty() &&
      (carrier == Carrier::offset || carrier == Carrier::number);
  if (served.usable && !dropped) {
    GivenPage page;
    page.rows = served.rows;
    page.end = served.end;
    page.rows_so_far = static_cast<std::int64_t>(served.rows.size()) +
                       (pages.empty() ? 0 : pages.back().rows_so_far);
    page.looked_ms = served.looked_ms;
    page.token = served.token;
    page.of_all = served.of_all;
    if (response.date) {
      page.anchor_ms = response.date->seconds * 1000 - 1000 -
                       response.time_to_first_byte.count() / 1'000'000;
    }
    const std::lock_guard lock(mutex_);
    pages.push_back(std::move(page));
    unwritten_rows_ += served.rows.size();
  }
  step("after an answer", true);
}

}  // namespace strandline::simulator
