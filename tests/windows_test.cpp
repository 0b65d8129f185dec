// SPDX-License-Identifier: MIT
//
// Windows with an upper bound, settled marks, clocks set back, tokens: the
// rules of the mark that mark_test.cpp does not have.
#include <doctest/doctest.h>

#include <random>

#include "model/mark.hpp"

using namespace strandline::model;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1'704'110'400;  // 2024-01-01T12:00:00Z

Instant at(std::int64_t seconds_after_noon, std::int32_t nanoseconds = 0) {
  return {noon + seconds_after_noon, nanoseconds};
}

StreamDefinition followed() {
  StreamDefinition stream;
  stream.name = "tickets";
  stream.source = "helpdesk";
  stream.path = parse_template("/tickets?since=${from}");
  stream.key = {{"id", parse_path("id"), {}}};
  stream.page.kind = PageRule::Kind::token;
  stream.cursor.emplace();
  stream.cursor->field = parse_path("at");
  stream.cursor->overlap = 5min;
  return stream;
}

/// Asked up to a bound, in steps of an hour from noon on.
StreamDefinition stepped() {
  auto stream = followed();
  stream.path = parse_template("/tickets?since=${from}&till=${until}");
  stream.cursor->start = at(0);
  stream.cursor->step = 1h;
  return stream;
}

StreamDefinition by_token() {
  auto stream = followed();
  stream.cursor->kind = CursorRule::Kind::token;
  stream.cursor->param = "delta";
  stream.cursor->start = at(0);
  return stream;
}

Checkpoint marked(std::optional<CursorValue> mark,
                  std::optional<Instant> complete_anchor = {}) {
  Checkpoint checkpoint;
  checkpoint.mark = mark;
  checkpoint.complete_anchor = complete_anchor;
  checkpoint.complete_number = 1;
  return checkpoint;
}

}  // namespace

TEST_SUITE("windows with an upper bound") {
  TEST_CASE(
      "a window ends a step after its begin, or at T0 if that is earlier") {
    const auto stream = stepped();
    const auto first =
        open_window({}, stream, WindowMode::incremental, at(100 * 3600));
    CHECK(first.from == CursorValue(at(0)));
    CHECK(first.until == CursorValue(at(3600)));
    CHECK_FALSE(reaches(first, *stream.cursor, at(100 * 3600)));

    const auto last =
        open_window({}, stream, WindowMode::incremental, at(1800, 700'000'000));
    CHECK(last.until == CursorValue(at(1800)));  // rounded, and kept rounded
    CHECK(reaches(last, *stream.cursor, at(1800, 700'000'000)));
  }

  TEST_CASE(
      "without a step it ends at T0, without a bound in the request never") {
    auto stream = stepped();
    stream.cursor->step.reset();
    CHECK(open_window({}, stream, WindowMode::incremental, at(99)).until ==
          CursorValue(at(99)));
    CHECK_FALSE(
        open_window({}, followed(), WindowMode::incremental, at(99)).until);
    CHECK(reaches({}, *stream.cursor, at(99)));
  }

  TEST_CASE(
      "a complete window moves the mark to its bound, also an empty one") {
    const auto stream = stepped();
    auto window = open_window({}, stream, WindowMode::incremental, at(99'999));
    window.anchor = at(100'000);
    auto closed = close_window({}, window, stream);
    CHECK(closed.mark == CursorValue(at(3600)));
    CHECK_FALSE(closed.complete_full);

    // What lies beyond the bound does not count.
    CursorCounts counts;
    observe(window, counts, *stream.cursor, CursorValue(at(7200)), at(100'000));
    CHECK(close_window({}, window, stream).mark == CursorValue(at(3600)));

    const auto next =
        open_window(closed, stream, WindowMode::incremental, at(100'000));
    CHECK(next.from == CursorValue(at(3300)));
    CHECK(next.until == CursorValue(at(3300 + 3600)));
  }

  TEST_CASE("the mark of a bounded window is never past its T0") {
    const auto stream = stepped();
    auto window = open_window({}, stream, WindowMode::incremental, at(3000));
    window.anchor = at(2000);  // our clock was ahead of the source's
    CHECK(close_window({}, window, stream).mark == CursorValue(at(2000)));
  }

  TEST_CASE("without a T0 it is at most the largest of the window before") {
    const auto stream = stepped();
    auto window = open_window({}, stream, WindowMode::incremental, at(99'999));
    window.maximum = at(1000);
    auto closed = close_window({}, window, stream);
    CHECK_FALSE(closed.mark);
    closed = close_window(closed, window, stream);
    CHECK(closed.mark == CursorValue(at(1000)));
    closed.complete_maximum = at(50'000);
    CHECK(close_window(closed, window, stream).mark == CursorValue(at(3600)));
  }

  TEST_CASE(
      "a clock behind the source's gives a window that ends after it begins") {
    const auto stream = stepped();
    const auto checkpoint = marked(at(50'000));
    const auto window =
        open_window(checkpoint, stream, WindowMode::incremental, at(-99'999));
    CHECK(*window.until > *window.from);
  }

  TEST_CASE("a window passes an hour that its zone repeats") {
    auto stream = stepped();
    auto& rule = *stream.cursor;
    rule.format =
        CursorFormat(CursorFormat::datetime, Zone::named("Europe/Berlin"));
    const auto autumn = *parse_rfc3339("2024-10-27T00:00:00Z");
    rule.start = plus(autumn, -5 * 3600);
    rule.overlap = 10min;
    rule.step = 30min;
    const auto horizon = plus(autumn, 5 * 3600);
    Checkpoint checkpoint;
    int windows = 0;
    bool reached = false;
    while (!reached && ++windows < 100) {
      auto window =
          open_window(checkpoint, stream, WindowMode::incremental, horizon);
      window.anchor = horizon;
      checkpoint = close_window(checkpoint, window, stream);
      reached = reaches(window, rule, horizon);
    }
    CHECK(reached);
    CHECK(checkpoint.mark == CursorValue(horizon));
  }

  TEST_CASE("windows one behind the other leave no gap and reach T0") {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
      CAPTURE(round);
      auto stream = stepped();
      stream.cursor->overlap = std::chrono::seconds(random() % 600);
      stream.cursor->step =
          2 * std::max(stream.cursor->overlap, std::chrono::seconds(1)) +
          std::chrono::seconds(1 + random() % 5000);
      const auto horizon = at(static_cast<std::int64_t>(random() % 40'000));
      Checkpoint checkpoint;
      CursorValue covered = at(0);
      int windows = 0;
      for (;;) {
        auto window =
            open_window(checkpoint, stream, WindowMode::incremental, horizon);
        window.anchor = horizon;
        REQUIRE(*window.from <= covered);
        covered = std::max(covered, *window.until);
        checkpoint = close_window(checkpoint, window, stream);
        if (reaches(window, *stream.cursor, horizon)) {
          break;
        }
        REQUIRE(++windows < 50'000);
      }
      CHECK(covered >= CursorValue(horizon));
      CHECK(checkpoint.mark == CursorValue(horizon));
    }
  }
}

TEST_SUITE("settled marks") {
  TEST_CASE("a mark is settled when T0 is further from it than the overlap") {
    auto stream = followed();
    auto& rule = *stream.cursor;
    // The overlap counts from the end of the mark's unit, a second.
    CHECK_FALSE(settled(marked(at(0, 5), at(301)), rule));
    CHECK(settled(marked(at(0, 5), at(301, 1)), rule));
    CHECK_FALSE(settled(marked(at(0)), rule));
    CHECK_FALSE(settled(marked({}, at(9999)), rule));
    rule.overlap = 1h;  // the current overlap counts, not that of the window
    CHECK_FALSE(settled(marked(at(0), at(301, 1)), rule));
    rule.format = CursorFormat::integer;
    CHECK_FALSE(settled(marked(CursorValue(std::int64_t{5}), at(9999)), rule));
  }

  TEST_CASE("an exclusive filter is then asked from the mark itself") {
    auto stream = followed();
    auto& rule = *stream.cursor;
    rule.exclusive = true;
    const auto sent = [&](const Checkpoint& checkpoint, WindowMode mode) {
      return filter_bound(*open_window(checkpoint, stream, mode).from, rule);
    };
    const auto calm = marked(at(1000, 5), at(9999));
    CHECK(sent(calm, WindowMode::incremental) == CursorValue(at(1000)));
    CHECK(sent(marked(at(1000, 5), at(1100)), WindowMode::incremental) ==
          CursorValue(at(1000 - 300 - 1)));
    rule.start = at(0);
    CHECK(sent(calm, WindowMode::full) == CursorValue(at(-1)));
    // An inclusive filter reads the overlap again.
    rule.exclusive = false;
    CHECK(sent(calm, WindowMode::incremental) == CursorValue(at(700)));
  }

  TEST_CASE("a bounded window's mark is never taken for settled") {
    // Its own records may lie beyond an upper bound that is exclusive.
    auto stream = stepped();
    stream.cursor->exclusive = true;
    const auto window = open_window(marked(at(900), at(90'000)), stream,
                                    WindowMode::incremental, at(99'000));
    CHECK(window.from == CursorValue(at(600)));
  }
}

TEST_SUITE("clocks set back") {
  TEST_CASE("a mark more than five minutes beyond T0 tells of it") {
    CHECK_FALSE(clock_set_back(CursorValue(at(300)), at(0)));
    CHECK(clock_set_back(CursorValue(at(300, 1)), at(0)));
    CHECK_FALSE(clock_set_back({}, at(0)));
    CHECK_FALSE(clock_set_back(CursorValue(at(9999)), {}));
    CHECK_FALSE(
        clock_set_back(CursorValue(std::int64_t{99'999'999'999}), at(0)));
  }

  TEST_CASE("a mark to go back to is the overlap before T0 at the latest") {
    const auto stream = followed();
    CHECK(latest_mark_before(at(0), *stream.cursor) == CursorValue(at(-300)));
  }
}

TEST_SUITE("what a source forgets") {
  TEST_CASE("what counts is when the last complete window was") {
    auto stream = followed();
    auto& rule = *stream.cursor;
    CHECK_FALSE(outlived(marked(at(0), at(0)), rule, at(999'999)));
    rule.retention = 1h;
    CHECK_FALSE(outlived(marked(at(-9999), at(0)), rule, at(3600)));
    CHECK(outlived(marked(at(-9999), at(0)), rule, at(3601)));
    // Without a T0 only the mark is known.
    CHECK_FALSE(outlived(marked(at(0)), rule, at(3600)));
    CHECK(outlived(marked(at(0)), rule, at(3601)));
    CHECK_FALSE(outlived({}, rule, at(999'999)));
  }

  TEST_CASE("of a token the last complete window's T0 counts") {
    auto stream = by_token();
    auto& rule = *stream.cursor;
    rule.retention = 1h;
    auto checkpoint = marked({}, at(0));
    CHECK_FALSE(outlived(checkpoint, rule, at(3601)));
    checkpoint.state = "token";
    CHECK_FALSE(outlived(checkpoint, rule, at(3600)));
    CHECK(outlived(checkpoint, rule, at(3601)));
  }
}

TEST_SUITE("tokens") {
  TEST_CASE(
      "a window of a token stream begins at start until there is a token") {
    const auto stream = by_token();
    Checkpoint checkpoint;
    CHECK(open_window(checkpoint, stream, WindowMode::incremental).from ==
          CursorValue(at(0)));
    checkpoint.state = "token";
    CHECK_FALSE(open_window(checkpoint, stream, WindowMode::incremental).from);
    CHECK(open_window(checkpoint, stream, WindowMode::full).from ==
          CursorValue(at(0)));
  }

  TEST_CASE("a complete window leaves its token, and has no mark") {
    const auto stream = by_token();
    auto window = open_window({}, stream, WindowMode::incremental);
    window.state = "a";
    window.maximum = at(5);
    auto closed = close_window({}, window, stream);
    CHECK(closed.state == "a");
    CHECK_FALSE(closed.mark);
    CHECK(closed.complete_full);
    // An answer without a token leaves the one before.
    window.state.reset();
    closed = close_window(closed, window, stream);
    CHECK(closed.state == "a");
    CHECK_FALSE(closed.complete_full);
  }

  TEST_CASE("a refused token begins the stream anew at its start") {
    const auto stream = by_token();
    Checkpoint checkpoint;
    checkpoint.state = "gone";
    auto window = open_window(checkpoint, stream, WindowMode::incremental);
    window.restarts = 2;
    window.state = "half";
    const auto again = resync(window, stream);
    CHECK(again.from == CursorValue(at(0)));
    CHECK(again.mode == WindowMode::full);
    CHECK(again.restarts == 0);
    CHECK_FALSE(again.state);
    CHECK(again.number == window.number + 1);
  }
}

TEST_SUITE("newest first") {
  TEST_CASE("within a unit of the filter a source may sort as it likes") {
    auto stream = followed();
    stream.cursor->order = Order::descending;
    Window window;
    CursorCounts counts;
    for (const auto& cursor :
         {at(5, 200), at(5, 700), at(5, 100), at(4, 900)}) {
      observe(window, counts, *stream.cursor, CursorValue(cursor), at(99));
    }
    CHECK(counts.inversions == 0);
    CHECK(window.ordered);
    observe(window, counts, *stream.cursor, CursorValue(at(5)), at(99));
    CHECK(counts.inversions == 1);
    CHECK_FALSE(window.ordered);
  }

  TEST_CASE(
      "the first of two records wins where a list is not counted through") {
    auto stream = followed();
    using Kind = PageRule::Kind;
    for (const auto kind : {Kind::token, Kind::next, Kind::link, Kind::after,
                            Kind::offset, Kind::number, Kind::single}) {
      CAPTURE(static_cast<int>(kind));
      stream.page.kind = kind;
      stream.cursor->order = Order::ascending;
      CHECK_FALSE(first_wins(stream));
      stream.cursor->order = Order::descending;
      CHECK(first_wins(stream) ==
            (kind != Kind::offset && kind != Kind::number &&
             kind != Kind::single));
    }
    stream.cursor.reset();
    CHECK_FALSE(first_wins(stream));
  }
}

TEST_SUITE("backfill") {
  TEST_CASE("a window that a person bounded says nothing of the whole list") {
    auto stream = stepped();
    stream.cursor->step.reset();
    const auto window = open_window({}, stream, WindowMode::backfill, at(7200));
    CHECK(window.until == CursorValue(at(7200)));
    CHECK_FALSE(close_window({}, window, stream).complete_full);
    auto unbounded = followed();
    CHECK_FALSE(close_window({},
                             open_window({}, unbounded, WindowMode::backfill),
                             unbounded)
                    .complete_full);
  }
}
