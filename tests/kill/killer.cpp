// SPDX-License-Identifier: MIT
#include "killer.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace strandline::test {

using std::chrono::microseconds;
using std::chrono::seconds;

const char* to_text(Moment moment) {
  static constexpr std::array names = {"after a while",
                                       "at a request",
                                       "after an answer",
                                       "at a write to a file",
                                       "at a write to the database",
                                       "at a journal's end"};
  return names.at(static_cast<std::size_t>(moment));
}

namespace {

// Counts the threads that are in a function.
class Visit {
 public:
  explicit Visit(std::atomic<int>& count) : count_(count) { ++count_; }
  ~Visit() { --count_; }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  std::atomic<int>& count_;
};

}  // namespace

Killer::Killer(ChangingSource& source)
    : source_(source), events_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  source_.set_hook(
      [this](const auto& run, int request) { at_request(run, request); });
}

Killer::~Killer() {
  release();
  victim_ = -1;
  source_.set_hook({});
  while (inside_ > 0) {
    std::this_thread::sleep_for(microseconds(100));
  }
  close(events_);
}

void Killer::aim(const KillPlan& plan, const std::string& token,
                 const std::filesystem::path& database) {
  {
    const std::lock_guard lock(mutex_);
    token_ = token;
    plan_ = plan;
  }
  victim_ = 0;
  answered_ = false;
  seen_ = 0;
  database_name_ = database.filename();
  const auto folder = database.parent_path();
  const auto [known, added] = watches_.try_emplace(folder);
  if (added) {
    known->second = inotify_add_watch(events_, folder.c_str(),
                                      IN_CREATE | IN_MODIFY | IN_DELETE);
  }
  watch_ = known->second;
  if (watch_ < 0) {
    throw std::runtime_error("cannot watch " + folder.string());
  }
  std::array<char, 4096> old{};
  while (read(events_, old.data(), old.size()) > 0) {
  }
}

void Killer::at_request(const std::string& run, int request) {
  const Visit visit(inside_);
  KillPlan plan;
  {
    const std::lock_guard lock(mutex_);
    if (run != token_) {
      return;
    }
    plan = plan_;
  }
  while (request == 1 && hold_) {
    held_ = true;
    std::this_thread::sleep_for(microseconds(100));
  }
  if (request != plan.nth) {
    return;
  }
  if (plan.moment == Moment::answer) {
    answered_ = true;
  } else if (plan.moment == Moment::request) {
    // The child may be at work before its parent knows its id.
    pid_t victim = 0;
    while ((victim = victim_) == 0 && is_aimed_at(run)) {
      std::this_thread::yield();
    }
    if (victim > 0 && is_aimed_at(run)) {
      kill(victim, plan.signal);
      hold_while_it_ends(run, victim);
    }
  }
}

// The thread that takes a signal may have no turn before others have read the
// answer to this request, and be done: so there is none.
void Killer::hold_while_it_ends(const std::string& run, pid_t victim) {
  while (victim_ == victim && is_aimed_at(run)) {
    std::this_thread::sleep_for(microseconds(100));
  }
}

bool Killer::is_aimed_at(const std::string& run) {
  const std::lock_guard lock(mutex_);
  return run == token_;
}

// Whether one of the files' changes since the last call was the nth.
bool Killer::has_come() {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  ssize_t length = 0;
  while ((length = read(events_, buffer.data(), buffer.size())) > 0) {
    for (const char* at = buffer.data(); at < buffer.data() + length;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof *event + event->len;
      const std::string name = event->len > 0 ? event->name : "";
      const bool ours = plan_.moment == Moment::file
                            ? name.starts_with(database_name_)
                        : plan_.moment == Moment::main_file
                            ? name == database_name_
                            : (event->mask & IN_DELETE) != 0 &&
                                  name.starts_with(database_name_);
      seen_ += ours && event->wd == watch_ ? 1 : 0;
      if (seen_ == plan_.nth) {
        return true;
      }
    }
  }
  return false;
}

void Killer::hold() {
  held_ = false;
  hold_ = true;
}

void Killer::release() {
  hold_ = false;
}

bool Killer::holds(const Child& child) {
  while (!held_) {
    if (child.ends_within(microseconds(100))) {
      return false;
    }
  }
  return true;
}

int Killer::strike(Child& child) {
  victim_ = child.pid();
  switch (plan_.moment) {
    case Moment::delay:
      if (!child.ends_within(plan_.delay)) {
        child.kill(plan_.signal);
      }
      break;
    case Moment::request:
      break;
    case Moment::answer:
      while (!answered_ && !child.ends_within(microseconds(100))) {
      }
      if (!child.ends_within(plan_.delay)) {
        child.kill(plan_.signal);
      }
      break;
    case Moment::file:
    case Moment::main_file:
    case Moment::journal_end:
      wait_for_files(child);
      break;
  }
  if (!child.ends_within(seconds(30))) {
    victim_ = -1;
    throw std::runtime_error("a run does not end");
  }
  const int code = child.wait();
  victim_ = 0;
  return code;
}

void Killer::wait_for_files(const Child& child) {
  while (!has_come()) {
    pollfd news{events_, POLLIN, 0};
    if (poll(&news, 1, 1) == 0 && child.ends_within(microseconds(0))) {
      return;
    }
  }
  if (!child.ends_within(plan_.delay)) {
    child.kill(plan_.signal);
  }
}

}  // namespace strandline::test
