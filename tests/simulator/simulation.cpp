// SPDX-License-Identifier: MIT
#include "simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "config/load.hpp"
#include "http/error.hpp"
#include "store/store.hpp"

namespace strandline::simulator {
namespace {

// A lock's holder is told with the time of the world outside, which no seed
// repeats.
std::string without_holder(const std::string& message) {
  return message.substr(0, message.find(": process "));
}

namespace fs = std::filesystem;

constexpr Ms day_ms = 86'400'000;

void remove_database(const fs::path& file) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock"}) {
    fs::remove(file.string() + suffix);
  }
}

// Of a request, what the story shows.
std::string shown(const std::string& url) {
  return url.substr(url.find("/items"));
}

}  // namespace

Simulation::Simulation(const Scenario& scenario, const fs::path& folder,
                       Totals& totals, bool story)
    : scenario_(scenario),
      folder_(folder),
      totals_(totals),
      tells_(story),
      world_(scenario),
      source_(scenario, world_),
      oracle_(scenario, world_),
      made_(scenario.changes.size()) {}

Simulation::~Simulation() = default;

void Simulation::tell(const std::string& line) {
  story_.push_back(time_text(world_.now()) + "  " + line);
}

void Simulation::fail(const std::string& invariant, const std::string& text) {
  if (!violation_) {
    violation_ = Violation{invariant, text};
    say([&] { return "BROKEN: " + invariant + ": " + text; });
  }
}

const model::Configuration& Simulation::configuration(int limit) {
  auto found = configurations_.find(limit);
  if (found == configurations_.end()) {
    const auto file = folder_ / "sim.toml";
    std::ofstream(file) << simulator::configuration(scenario_, limit);
    found = configurations_.emplace(limit, config::load(file)).first;
  }
  return found->second;
}

std::pair<std::int64_t, std::optional<std::int64_t>> Simulation::earlier_run(
    int how_many) const {
  const auto& history = oracle_.history();
  auto run = history.rbegin();
  for (int i = 0; i < how_many && run != history.rend() &&
                  std::next(run) != history.rend();
       ++i) {
    ++run;
  }
  if (run == history.rend()) {
    return {0, mark()};
  }
  return {run->first, run->second};
}

void Simulation::prepare_file() {
  remove_database(database());
  if (scenario_.new_file) {
    return;
  }
  // Making the tables takes longer than a whole case.
  const auto made = folder_ / "empty.db";
  if (!fs::exists(made)) {
    const store::Store store(made, model::Journal::wal);
  }
  fs::copy_file(made, database());
}

std::optional<Violation> Simulation::run() {
  prepare_file();
  for (int id = 1; id <= scenario_.records; ++id) {
    Change change;
    change.kind = Change::Kind::create;
    change.id = id;
    change.wait_ms = static_cast<Ms>(
        mix(scenario_.seed, static_cast<std::uint64_t>(id)) % 3000);
    world_.apply(change);
  }
  world_.pass(day_ms);
  for (run_ = 0; run_ < scenario_.runs.size() && !failed(); ++run_) {
    play(run_);
  }
  if (!failed()) {
    rest();
  }
  oracle_.close();
  return violation_;
}

void Simulation::make(const Change& change) {
  if (change.kind == Change::Kind::set_back) {
    world_.set_back(change);
    say([&] {
      return "the source's clock is set back to " +
             time_text(world_.clock(world_.now()));
    });
    return;
  }
  const auto& version = world_.apply(change);
  ++totals_.changes;
  say([&] {
    return (version.removed ? "deleted: " : "  new at the source: ") +
           oracle_.describe(version);
  });
}

// What happens by now in this run.
void Simulation::change(bool in_flight) {
  for (std::size_t i = 0; i < scenario_.changes.size(); ++i) {
    const auto& each = scenario_.changes[i];
    if (!made_[i] && each.run == run_ && each.request <= request_ &&
        (!each.in_flight || in_flight)) {
      made_[i] = true;
      make(each);
    }
  }
}

void Simulation::play(std::size_t index) {
  const auto& plan = scenario_.runs[index];
  request_ = 0;
  world_.pass(plan.gap_ms / 2);
  change(false);
  world_.pass(plan.gap_ms - plan.gap_ms / 2);
  Process process(*this, plan, fmt::format("run {}", index + 1), false);
  const auto summary = run(process);
  judge_summary(process, summary);
  request_ = 1'000'000;
  change(true);
}

SyncSummary Simulation::run(Process& process) {
  ++totals_.runs;
  const auto verb = process.plan().verb;
  totals_.backfills += verb == Verb::backfill ? 1 : 0;
  const auto mark = this->mark();
  const auto generation = oracle_.checkpoint().generation;
  say([&] { return process.name() + " begins, mark " + oracle_.mark_text(); });
  auto summary = process.run();
  totals_.resyncs += process.token_refused ? 1 : 0;
  const bool acts = verb == Verb::rewind || verb == Verb::reset;
  totals_.actions += acts && process.run_id != 0 ? 1 : 0;
  if (mark && this->mark() < mark &&
      oracle_.checkpoint().generation == generation) {
    ++totals_.set_back;
  }
  say([&] {
    std::string end = process.dead() ? "is dead" : "ends";
    const Failure* failure = nullptr;
    if (summary.failure) {
      failure = &*summary.failure;
    } else if (!summary.streams.empty() && summary.streams[0].failure) {
      failure = &*summary.streams[0].failure;
    }
    if (failure != nullptr && !process.dead()) {
      end += fmt::format(" with {}: {}", static_cast<int>(summary.exit_code),
                         without_holder(failure->message));
    }
    return fmt::format("{} {}, mark {}", process.name(), end,
                       oracle_.mark_text());
  });
  return summary;
}

void Simulation::judge_summary(const Process& process,
                               const SyncSummary& summary) {
  if (process.dead() || failed()) {
    return;
  }
  if (summary.exit_code == ExitCode::bug) {
    fail("bug", "the program calls it its own fault");
  }
  // Before the list has answered nothing is begun anew.
  if (process.token_refused && !summary.streams.empty() &&
      summary.streams[0].warnings.empty() &&
      process.pages.size() > process.pages_before_refusal) {
    fail("silence", "a token was refused, and the run does not say so");
  }
  if (process.token_refused && !summary.streams.empty() &&
      summary.streams[0].outcome == "stuck") {
    fail("stuck", "a token was refused, and the stream does not begin anew");
  }
  if (process.plan().verb == Verb::backfill && !process.fenced &&
      summary.exit_code == ExitCode::ok && oracle_.is_backfill_open()) {
    fail("I4", "a backfill that is done leaves something to go on from");
  }
  if (!summary.streams.empty() && summary.streams[0].failure &&
      summary.streams[0].failure->message.find("it was set back") !=
          std::string::npos) {
    if (auto violation = oracle_.refused(process)) {
      fail(violation->invariant, violation->text);
    }
  }
  if (process.fenced && summary.exit_code != ExitCode::ok) {
    ++totals_.fenced;
  }
}

// A second run while the first is at work, from begin to end.
void Simulation::overtake(Process& first, const RunPlan& plan) {
  ++totals_.seconds;
  if (plan.lock_fails) {
    fs::rename(database().string() + ".lock", database().string() + ".gone");
  }
  RunPlan second = plan;
  second.verb = plan.second_verb;
  second.full = plan.second_full;
  second.dies_at = plan.second_dies_at;
  second.second_at = 0;
  second.fault_at = 0;
  Process process(*this, second, "a second run", true);
  const auto before = oracle_.checkpoint();
  const auto summary = run(process);
  judge_summary(process, summary);
  // What needs no lock is said first: that there is no mark to move.
  const bool is_refused =
      summary.exit_code == ExitCode::busy ||
      (second.verb == Verb::rewind && summary.exit_code == ExitCode::usage);
  if (!plan.lock_fails && !process.dead() && !is_refused) {
    fail("lock", "a second run began while another was at work");
  }
  if (!plan.lock_fails && oracle_.checkpoint() != before) {
    fail("lock", "a second run wrote while another was at work");
  }
  first.fenced = first.run_id != 0 && oracle_.holder(first) != first.run_id;
}

void Simulation::committed(Process& process) noexcept {
  try {
    ++totals_.commits;
    if (!std::exchange(opened_, true)) {
      oracle_.open(database());
    }
    if (auto violation = oracle_.committed(process)) {
      fail(violation->invariant, violation->text);
    }
  } catch (const std::exception& error) {
    fail("harness", error.what());
  }
}

Served Simulation::serve(Process& process, const RunPlan& plan,
                         const http::Request& request,
                         http::Response& response) {
  ++request_;
  ++totals_.requests;
  change(false);
  const auto asked_ms = world_.now();
  const auto salt =
      mix(scenario_.seed, run_, static_cast<std::uint64_t>(request_));
  const auto latency =
      1 + static_cast<Ms>(salt % static_cast<std::uint64_t>(plan.latency_ms));
  const auto until_look = latency * static_cast<Ms>(salt >> 32U & 0xFFU) / 256;
  world_.pass(until_look);
  const auto fault = plan.fault_at == request_ ? plan.fault : Fault::none;
  totals_.faults += fault == Fault::none ? 0 : 1;
  const auto behind =
      static_cast<Ms>((salt >> 40U) % static_cast<std::uint64_t>(
                                          scenario_.source.replica_lag_ms + 1));
  const auto served =
      source_.answer(request.url.text(), behind, fault, response);
  world_.pass(1);  // what happens now happens later
  change(true);
  world_.pass(std::max<Ms>(latency - until_look - 1, 0));
  response.time_to_first_byte =
      std::chrono::milliseconds(world_.now() - asked_ms);
  response.date.reset();
  if (scenario_.source.date_skew_ms) {
    const auto shown = world_.clock(world_.now());
    response.date =
        model::Instant{(shown + *scenario_.source.date_skew_ms) / 1000, 0};
  }
  response.body.reserve(response.body.size() + http::body_padding);
  totals_.refused += response.status == scenario_.source.refusal ? 1 : 0;
  say([&] {
    std::string rows;
    for (const auto number : served.rows) {
      const auto& version = world_.version(number);
      rows += fmt::format(" {}({} at {})", version.id, number,
                          world_.stamp_text(version));
    }
    return fmt::format(
        "{} asks {}: {}{}{}", process.name(), shown(request.url.text()),
        fault == Fault::connection ? "no answer"
        : served.usable            ? "records" + rows
                                   : fmt::format("{}", response.status),
        served.end ? ", the end" : "", fault == Fault::cut ? ", cut off" : "");
  });
  if (fault == Fault::connection) {
    throw http::HttpError(ExitCode::temporary, "there is no answer");
  }
  return served;
}

// True if the run read a window from its begin to its end.
bool Simulation::quiet_run(const std::string& name, bool full) {
  RunPlan plan;
  plan.limit = scenario_.runs.empty() ? 2 : scenario_.runs.back().limit;
  plan.full = full;
  Process process(*this, plan, name, false);
  const auto summary = run(process);
  judge_summary(process, summary);
  world_.pass(60'000);
  if (failed()) {
    return false;
  }
  const bool complete = !summary.streams.empty() && summary.streams[0].complete;
  if (!complete && full) {
    fail("quiet", "a run that nothing disturbs does not come to its end: " +
                      (summary.streams.empty() || !summary.streams[0].failure
                           ? std::string("no failure")
                           : summary.streams[0].failure->message));
  }
  return complete;
}

void Simulation::rest() {
  world_.pass(10 * day_ms);  // longer than anything is late
  run_ = scenario_.runs.size();
  bool complete = false;
  for (int i = 1; i <= 6 && !complete && !failed(); ++i) {
    complete = quiet_run(fmt::format("quiet run {}", i), false);
  }
  // Only a stream that is stuck needs a person.
  if (!complete && !failed()) {
    quiet_run("quiet run --full", true);
  }
  // What shifting lists have hidden comes in with the next window; and behind a
  // resumed one the next ends at the resumed one's T0, if it has an end.
  if ((!promise(scenario_).every_window || scenario_.source.bounded) &&
      !failed()) {
    quiet_run("another quiet run", false);
  }
  if (!failed()) {
    judge_rest();
  }
  if (!failed()) {
    read_again();
  }
  // What is always so need not be looked at each time.
  if (!failed() && scenario_.seed % 8 == 0) {
    if (auto violation = oracle_.finished()) {
      fail(violation->invariant, violation->text);
    }
  }
}

// Where nothing is missing, the same input leaves everything as it is; and a
// full read brings what is.
void Simulation::read_again() {
  const auto before = oracle_.view().dump();
  const bool whole = oracle_.missing().empty();
  if (whole && scenario_.seed % 3 != 0) {
    quiet_run("the same again", false);
  }
  if (whole && scenario_.seed % 3 == 1) {
    quiet_run("and again", false);
  }
  if (!failed() && (!whole || scenario_.seed % 3 == 0)) {
    quiet_run("the last run, --full", true);
  }
  if (failed()) {
    return;
  }
  if (!whole || scenario_.seed % 3 == 0) {
    if (auto violation = oracle_.swept()) {
      fail(violation->invariant, violation->text);
      return;
    }
  }
  // What is gone is marked by the full read.
  if (whole && (!scenario_.stream.sweeps || oracle_.marked() == 0) &&
      oracle_.view().dump() != before) {
    fail("I6", "the same input again has changed the table");
  }
  for (const auto& [version, held] : oracle_.missing()) {
    fail("I2", fmt::format("{} is not in after a full read; the table has "
                           "version {}",
                           oracle_.describe(*version), held));
  }
}

void Simulation::judge_rest() {
  const auto promised = promise(scenario_);
  const auto missing = oracle_.missing();
  for (const auto& [version, held] : missing) {
    if (!oracle_.may_be_lost(*version)) {
      fail("I2", fmt::format("{} is not in at the end; the table has version "
                             "{}",
                             oracle_.describe(*version), held));
      return;
    }
  }
  ++totals_.scenarios[promised.why];
  totals_.lost += static_cast<std::int64_t>(missing.size());
  totals_.losing[promised.why] += missing.empty() ? 0 : 1;
}

}  // namespace strandline::simulator
