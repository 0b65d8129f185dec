// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "http/error.hpp"
#include "http/pace.hpp"
#include "http/waiter.hpp"

using namespace std::chrono_literals;
using namespace strandline::http;
using strandline::ExitCode;
using strandline::model::Rate;

namespace {

using Clock = Pace::Clock;

constexpr Clock::time_point begin{std::chrono::hours(1000)};

// The most of `places` in any span of `time`.
std::size_t most_within(std::vector<Clock::time_point> places,
                        Clock::duration time) {
  std::ranges::sort(places);
  std::size_t most = 0;
  for (auto first = places.begin(); first != places.end(); ++first) {
    const auto end = std::ranges::lower_bound(places, *first + time);
    most = std::max(most, static_cast<std::size_t>(end - first));
  }
  return most;
}

}  // namespace

TEST_SUITE("Pace") {
  TEST_CASE("without a rate everybody may send at once") {
    Pace pace;
    for (int i = 0; i < 100; ++i) {
      CHECK(pace.next(begin) == begin);
      CHECK(pace.reserve(begin) == begin);
    }
    CHECK_FALSE(pace.held(begin));
  }

  TEST_CASE("so many at once, and the next when the first is long enough ago") {
    Pace pace(Rate{3, 10s});
    CHECK(pace.reserve(begin) == begin);
    CHECK(pace.reserve(begin + 1s) == begin + 1s);
    CHECK(pace.reserve(begin + 4s) == begin + 4s);
    CHECK(pace.next(begin + 5s) == begin + 10s);
    CHECK(pace.next(begin + 5s) == begin + 10s);  // it took nothing
    CHECK(pace.reserve(begin + 5s) == begin + 10s);
    CHECK(pace.reserve(begin + 5s) == begin + 11s);
    CHECK(pace.reserve(begin + 5s) == begin + 14s);
    CHECK(pace.reserve(begin + 5s) == begin + 20s);
    CHECK(pace.reserve(begin + 100s) == begin + 100s);
    CHECK(pace.reserve(begin + 100s) == begin + 100s);
    CHECK(pace.reserve(begin + 100s) == begin + 100s);
    CHECK(pace.reserve(begin + 100s) == begin + 110s);
  }

  TEST_CASE("who comes first is served first") {
    Pace pace(Rate{1, 1s});
    auto last = begin - 1s;
    for (int i = 0; i < 50; ++i) {
      // Threads look at the clock before they are let in.
      const auto place = pace.reserve(begin + (i % 2 == 0 ? 2ms : 1ms));
      CHECK(place > last);
      last = place;
    }
  }

  TEST_CASE("no span of the rate's time has more than its requests") {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
      const Rate rate{1 + static_cast<int>(random() % 6),
                      std::chrono::seconds(1 + random() % 5)};
      Pace pace(rate);
      auto now = begin;
      std::vector<Clock::time_point> places;
      for (int i = 0; i < 100; ++i) {
        now += std::chrono::milliseconds(random() % 800);
        const auto place = pace.reserve(now);
        CHECK(place >= now);
        places.push_back(place);
        // Now and then whoever has the place waits for it.
        if (random() % 2 == 0) {
          now = std::max(now, place);
        }
      }
      CHECK(most_within(places, rate.time) <=
            static_cast<std::size_t>(rate.requests));
    }
  }

  TEST_CASE("a rate is used to the full") {
    Pace pace(Rate{5, 1s});
    auto place = begin;
    for (int i = 0; i < 500; ++i) {
      place = pace.reserve(begin);
    }
    CHECK(place == begin + 99s);
  }

  TEST_CASE("threads share a rate, and none of them starves") {
    Pace pace(Rate{4, 1s});
    constexpr int threads = 4;
    constexpr int each = 250;
    std::vector<std::vector<Clock::time_point>> places(threads);
    std::atomic<int> ready{0};
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        ++ready;
        while (ready < threads) {
        }
        auto now = begin;
        for (int n = 0; n < each; ++n) {
          // A thread's own time: it asks again when its turn has come.
          now = pace.reserve(now);
          places.at(static_cast<std::size_t>(i)).push_back(now);
        }
      });
    }
    for (auto& thread : running) {
      thread.join();
    }
    std::vector<Clock::time_point> all;
    for (const auto& own : places) {
      CHECK(std::ranges::is_sorted(own));
      all.insert(all.end(), own.begin(), own.end());
    }
    CHECK(most_within(all, 1s) == 4);
    CHECK(*std::ranges::max_element(all) - begin == 249s);
  }

  TEST_CASE("a hold lasts to its end, and the latest end counts") {
    Pace pace(Rate{1, 1s});
    pace.hold(begin + 10s, "ten");
    pace.hold(begin + 5s, "five");
    REQUIRE(pace.held(begin));
    CHECK(pace.held(begin)->until == begin + 10s);
    CHECK(pace.held(begin)->why == "ten");
    CHECK(pace.held(begin + 10s - 1ns));
    CHECK_FALSE(pace.held(begin + 10s));
    pace.hold(begin + 20s, "twenty");
    CHECK(pace.held(begin)->why == "twenty");
    CHECK(pace.reserve(begin) == begin);  // it is no rate
  }
}

TEST_SUITE("SteadyWaiter") {
  TEST_CASE("a wait for what nobody waits for ends, and the next does not") {
    const auto abandoned = std::make_shared<std::atomic<bool>>(false);
    SteadyWaiter::Options options;
    options.abandoned = abandoned;
    SteadyWaiter waiter(options);
    std::thread other([&] {
      std::this_thread::sleep_for(100ms);
      *abandoned = true;
    });
    const auto begin = Clock::now();
    CHECK_THROWS_AS(waiter.wait_until(begin + 60s, {}), Abandoned);
    CHECK(Clock::now() - begin < 10s);
    other.join();
    CHECK_THROWS_AS(waiter.wait_until(begin, {}), Abandoned);
    *abandoned = false;
    CHECK(waiter.wait_until(begin, {}));
  }

  TEST_CASE("it waits until then, and not at all for what is past") {
    SteadyWaiter waiter({});
    const auto before = Clock::now();
    CHECK(waiter.wait_until(before - 1s, {}));
    CHECK(Clock::now() - before < 500ms);
    CHECK(waiter.wait_until(before + 120ms, {}));
    CHECK(Clock::now() - before >= 120ms);
  }

  TEST_CASE("beyond its deadline it waits no moment") {
    const auto before = Clock::now();
    SteadyWaiter::Options options;
    options.deadline = before + 1h;
    int told = 0;
    options.told = [&](const Wait&, auto) { ++told; };
    SteadyWaiter waiter(options);
    CHECK_FALSE(waiter.wait_until(before + 1h + 1ns, {}));
    CHECK(Clock::now() - before < 500ms);
    CHECK(told == 0);
  }

  TEST_CASE("a signal ends a wait, and a wait that is none") {
    for (const int signal : {2, 15}) {
      std::atomic<int> stop{0};
      SteadyWaiter waiter({&stop, {}, {}});
      const auto before = Clock::now();
      std::thread handler([&] {
        std::this_thread::sleep_for(100ms);
        stop = signal;
      });
      const auto code = [&](Clock::time_point until) {
        try {
          waiter.wait_until(until, {});
        } catch (const Interrupted& interrupted) {
          return interrupted.code();
        }
        return ExitCode::ok;
      };
      const auto expected =
          signal == 15 ? ExitCode::terminated : ExitCode::interrupted;
      CHECK(code(before + 1h) == expected);
      CHECK(Clock::now() - before < 1s);
      CHECK(code(before) == expected);
      handler.join();
    }
  }

  TEST_CASE("it tells of waits of a second or more, as they begin") {
    std::atomic<int> stop{2};
    SteadyWaiter::Options options{&stop, {}, {}};
    std::vector<std::string> told;
    options.told = [&](const Wait& wait, Clock::duration time) {
      CHECK(time > 31s);
      CHECK(time <= 32s);
      told.push_back(wait.stream + ": " + wait.why);
    };
    SteadyWaiter waiter(options);
    CHECK_THROWS_AS(waiter.wait_until(Clock::now() + 900ms, {"a", "short"}),
                    Interrupted);
    CHECK(told.empty());
    CHECK_THROWS_AS(waiter.wait_until(Clock::now() + 32s, {"a", "long"}),
                    Interrupted);
    CHECK(told == std::vector<std::string>{"a: long"});
  }

  TEST_CASE("its time of day is this machine's") {
    const SteadyWaiter waiter({});
    CHECK(waiter.utc().seconds - std::time(nullptr) <= 1);
    CHECK(waiter.utc().seconds - std::time(nullptr) >= -1);
  }
}
