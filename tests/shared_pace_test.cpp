// SPDX-License-Identifier: MIT
//
// Several clients of one source, each in a thread, in a time of their own.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/client.hpp"

using namespace std::chrono_literals;
using namespace strandline::http;
using strandline::model::Instant;
using strandline::model::Rate;
using strandline::model::SourceDefinition;

namespace {

using Clock = Waiter::Clock;

constexpr Clock::time_point begin{std::chrono::hours(1000)};

// A time that goes on, to the next moment somebody waits for, when all threads
// wait.
class SharedTime : public Waiter {
 public:
  explicit SharedTime(int threads) : running_(threads) {}

  Clock::time_point now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  Instant utc() const override {
    return {1'772'539'200 +
                std::chrono::duration_cast<std::chrono::seconds>(now() - begin)
                    .count(),
            0};
  }

  bool wait_until(Clock::time_point until, const Wait&) override {
    std::unique_lock lock(mutex_);
    if (until <= now_) {
      return true;
    }
    wanted_.push_back(until);
    go_on();
    passed_.wait(lock, [&] { return now_ >= until; });
    return true;
  }

  // A thread has ended.
  void leave() {
    const std::lock_guard lock(mutex_);
    --running_;
    go_on();
  }

 private:
  void go_on() {
    if (wanted_.empty() || static_cast<int>(wanted_.size()) < running_) {
      return;
    }
    now_ = *std::ranges::min_element(wanted_);
    std::erase(wanted_, now_);
    passed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable passed_;
  std::vector<Clock::time_point> wanted_;
  int running_;
  Clock::time_point now_ = begin;
};

// What the source saw, and one refusal.
struct Source {
  std::mutex mutex;
  std::vector<std::pair<Clock::time_point, std::size_t>> asked;
  std::size_t refuse = 0;  // the how manieth request, from 1

  void answer(Clock::time_point now, std::size_t client, Response& response) {
    const std::lock_guard lock(mutex);
    asked.emplace_back(now, client);
    const bool refused = asked.size() == refuse;
    response = {};
    response.status = refused ? 429 : 200;
    response.body = "[]";
    if (refused) {
      response.headers = {{"Retry-After", "32"}};
    }
  }
};

class SourceTransport : public Transport {
 public:
  SourceTransport(Source& source, Waiter& time, std::size_t client)
      : source_(source), time_(time), client_(client) {}
  void send(const Request&, Response& response) override {
    source_.answer(time_.now(), client_, response);
  }

 private:
  Source& source_;
  Waiter& time_;
  std::size_t client_;
};

constexpr std::size_t clients = 5;
constexpr int each = 24;

void ask(Source& source, const Rate& rate) {
  SourceDefinition definition;
  definition.base_url = "https://h.example";
  definition.rate = rate;
  const auto session = std::make_shared<Session>(definition, Credentials{});
  const auto time = std::make_shared<SharedTime>(static_cast<int>(clients));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      Client client(session,
                    std::make_unique<SourceTransport>(source, *time, i), time);
      for (int n = 0; n < each; ++n) {
        client.fetch({Url("https://h.example/x")});
      }
      time->leave();
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

// The most requests in any span of `time`.
std::size_t most_within(const Source& source, Clock::duration time) {
  std::size_t most = 0;
  for (const auto& asked : source.asked) {
    const auto first = asked.first;
    most = std::max(most, static_cast<std::size_t>(std::ranges::count_if(
                              source.asked, [&](const auto& request) {
                                return request.first >= first &&
                                       request.first < first + time;
                              })));
  }
  return most;
}

}  // namespace

TEST_SUITE("clients in threads") {
  TEST_CASE("they share a rate to the full, and each has its turn") {
    Source source;
    ask(source, {2, 10s});
    REQUIRE(source.asked.size() == clients * each);
    CHECK(most_within(source, 10s) == 2);
    CHECK(source.asked.back().first - begin == 590s);
    std::array<Clock::time_point, clients> last;
    last.fill(begin);
    for (const auto& [time, client] : source.asked) {
      // Four others may have asked before: it is the fifth from there on.
      CHECK(time - last.at(client) <= 30s);
      last.at(client) = time;
    }
  }

  TEST_CASE("a refusal of one keeps all away") {
    Source source;
    source.refuse = 21;
    ask(source, {2, 10s});
    REQUIRE(source.asked.size() == clients * each + 1);
    const auto refused = source.asked.at(20).first;
    for (const auto& [time, client] : source.asked) {
      CHECK((time <= refused || time >= refused + 32s));
    }
    CHECK(most_within(source, 10s) <= 2);
  }
}
