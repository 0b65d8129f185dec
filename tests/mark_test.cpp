// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/checkpoint.hpp"
#include "model/mark.hpp"

using namespace strandline::model;

namespace {

constexpr std::int64_t noon = 1'704'110'400;  // 2024-01-01T12:00:00Z

Instant at(std::int64_t seconds_after_noon, std::int32_t nanoseconds = 0) {
  return {noon + seconds_after_noon, nanoseconds};
}

CursorValue cursor(std::int64_t seconds_after_noon,
                   std::int32_t nanoseconds = 0) {
  return at(seconds_after_noon, nanoseconds);
}

CursorValue number(std::int64_t value) {
  return value;
}

// A stream followed by time, with five minutes' overlap.
StreamDefinition timed() {
  StreamDefinition stream;
  stream.name = "tickets";
  stream.source = "helpdesk";
  stream.path = parse_template("/tickets");
  stream.key = {{"id", parse_path("id"), {}}};
  stream.page.kind = PageRule::Kind::token;
  stream.page.param = "after";
  stream.page.path = parse_path("next");
  stream.cursor.emplace();
  stream.cursor->field = parse_path("updated_at");
  stream.cursor->overlap = std::chrono::minutes(5);
  return stream;
}

// A stream followed by an integer.
StreamDefinition counted() {
  auto stream = timed();
  stream.cursor->format = CursorFormat::integer;
  stream.cursor->overlap = {};
  return stream;
}

// A window in which `cursors` were seen, complete.
Window seen(const StreamDefinition& stream, const Checkpoint& before,
            std::optional<Instant> anchor,
            const std::vector<CursorValue>& cursors) {
  auto window = open_window(before, stream, WindowMode::incremental);
  window.anchor = anchor;
  CursorCounts counts;
  for (const auto& value : cursors) {
    observe(window, counts, *stream.cursor, value, anchor);
  }
  return window;
}

Checkpoint after(const StreamDefinition& stream, const Checkpoint& before,
                 std::optional<Instant> anchor,
                 const std::vector<CursorValue>& cursors) {
  return close_window(before, seen(stream, before, anchor, cursors), stream);
}

// A window that was left open in its middle, with everything set.
Window left_open(const StreamDefinition& stream) {
  Window window;
  window.number = 7;
  window.mode = WindowMode::full;
  window.from = cursor(-600);
  window.until = cursor(600);
  window.anchor = at(60);
  window.maximum = cursor(30);
  window.last = cursor(20);
  window.ordered = false;
  window.read = 200;
  window.restarts = 2;
  window.position = {"page-2", position_basis(stream)};
  return window;
}

}  // namespace

TEST_SUITE("bounds") {
  TEST_CASE("a window begins the overlap before the mark, rounded down") {
    struct Case {
      CursorFormat::Kind format;
      int overlap_seconds;
      CursorValue expected;
    };
    const auto mark = cursor(0, 123'456'789);
    const std::vector<Case> cases = {
        {CursorFormat::rfc3339, 300, cursor(-300)},
        {CursorFormat::epoch_s, 300, cursor(-300)},
        {CursorFormat::datetime, 300, cursor(-300)},
        {CursorFormat::rfc3339_ms, 300, cursor(-300, 123'000'000)},
        {CursorFormat::epoch_ms, 300, cursor(-300, 123'000'000)},
        {CursorFormat::rfc3339_us, 300, cursor(-300, 123'456'000)},
        {CursorFormat::date, 300, cursor(-12 * 3600 - 24 * 3600)},
        {CursorFormat::date, 3 * 86'400, cursor(-12 * 3600 - 3 * 24 * 3600)},
        // At least one unit.
        {CursorFormat::rfc3339, 0, cursor(-1)},
        {CursorFormat::rfc3339_ms, 0, cursor(0, 122'000'000)},
        {CursorFormat::rfc3339_us, 0, cursor(0, 123'455'000)},
        {CursorFormat::epoch_ms, 0, cursor(0, 122'000'000)},
    };
    for (const auto& c : cases) {
      CAPTURE(static_cast<int>(c.format));
      CAPTURE(c.overlap_seconds);
      CursorRule rule;
      rule.format = c.format;
      rule.overlap = std::chrono::seconds(c.overlap_seconds);
      const auto bound = lower_bound(mark, rule);
      REQUIRE(bound);
      CHECK(to_stored(*bound) == to_stored(c.expected));
    }
  }

  TEST_CASE("an integer window begins its overlap before the mark") {
    CursorRule rule;
    rule.format = CursorFormat::integer;
    CHECK(lower_bound(number(100), rule) == number(100));
    rule.integer_overlap = 20;
    CHECK(lower_bound(number(100), rule) == number(80));
    CHECK(lower_bound(number(INT64_MIN + 3), rule) == number(INT64_MIN));
  }

  TEST_CASE("without a mark a window begins at start, else nowhere") {
    CursorRule rule;
    CHECK_FALSE(lower_bound({}, rule));
    rule.start = cursor(0, 500'000'000);
    CHECK(lower_bound({}, rule) == cursor(0));
    CHECK(lower_bound(cursor(900), rule) == cursor(899));
  }

  TEST_CASE("a mark at the beginning of time has a lower bound all the same") {
    CursorRule rule;
    rule.overlap = std::chrono::hours(1);
    CHECK(lower_bound(CursorValue(earliest_instant), rule) ==
          CursorValue(earliest_instant));
  }

  TEST_CASE("an exclusive filter is sent one unit less") {
    CursorRule rule;
    CHECK(filter_bound(cursor(0), rule) == cursor(0));
    rule.exclusive = true;
    CHECK(filter_bound(cursor(0), rule) == cursor(-1));
    rule.format = CursorFormat::epoch_ms;
    CHECK(filter_bound(cursor(0), rule) == cursor(-1, 999'000'000));
    rule.format = CursorFormat::date;
    // The day before noon's.
    CHECK(filter_bound(cursor(0), rule) == cursor(-86'400 - 12 * 3600));
    rule.format = CursorFormat::integer;
    CHECK(filter_bound(number(100), rule) == number(99));
  }

  TEST_CASE("T0 is the Date less the time to first byte, less a second") {
    CHECK_FALSE(anchor({}, 5));
    CHECK(anchor(at(0), 0) == at(-1));
    CHECK(anchor(at(0), 250'000'000) == at(-2, 750'000'000));
    CHECK(anchor(at(0), 3'000'000'000) == at(-4));
  }
}

TEST_SUITE("observe") {
  TEST_CASE("the maximum is the largest cursor, whatever the order") {
    const auto stream = timed();
    const auto window =
        seen(stream, {}, at(100), {cursor(5), cursor(9), cursor(7)});
    CHECK(window.maximum == cursor(9));
    CHECK(window.last == cursor(7));
    CHECK(window.ordered);
  }

  TEST_CASE("a cursor beyond the limit is counted and does not count") {
    const auto stream = timed();
    Window window;
    CursorCounts counts;
    const auto limit = at(10);
    observe(window, counts, *stream.cursor, cursor(10), limit);
    CHECK(window.maximum == cursor(10));
    CHECK(counts.future == 0);
    observe(window, counts, *stream.cursor, cursor(10, 1), limit);
    observe(window, counts, *stream.cursor, cursor(70'000'000), limit);
    CHECK(window.maximum == cursor(10));
    CHECK(counts.future == 2);
    CHECK(counts.missing == 0);
  }

  TEST_CASE("integers have no limit") {
    const auto stream = counted();
    Window window;
    CursorCounts counts;
    observe(window, counts, *stream.cursor, number(INT64_MAX), at(10));
    CHECK(window.maximum == number(INT64_MAX));
    CHECK(counts.future == 0);
  }

  TEST_CASE("a missing cursor is counted and ends what is known of the order") {
    const auto stream = timed();
    Window window;
    window.maximum = cursor(3);
    window.last = cursor(3);
    CursorCounts counts;
    observe(window, counts, *stream.cursor, {}, at(10));
    CHECK(counts.missing == 1);
    CHECK_FALSE(window.ordered);
    CHECK(window.maximum == cursor(3));
    CHECK(window.last == cursor(3));
  }

  TEST_CASE("inversions are against the declared order, from page to page") {
    struct Case {
      Order order;
      std::vector<std::int64_t> cursors;
      std::int64_t inversions;
    };
    const std::vector<Case> cases = {
        {Order::ascending, {1, 2, 2, 3}, 0},
        {Order::ascending, {1, 3, 2, 4, 0}, 2},
        {Order::descending, {3, 2, 2, 1}, 0},
        {Order::descending, {3, 1, 2, 0, 4}, 2},
        {Order::unordered, {3, 1, 2, 0, 4}, 0},
        {Order::ascending, {5}, 0},
        {Order::descending, {5}, 0},
    };
    for (const auto& c : cases) {
      CAPTURE(static_cast<int>(c.order));
      CAPTURE(c.cursors.size());
      auto stream = timed();
      stream.cursor->order = c.order;
      Window window;
      CursorCounts counts;
      for (const auto value : c.cursors) {
        observe(window, counts, *stream.cursor, cursor(value), at(100));
      }
      CHECK(counts.inversions == c.inversions);
      CHECK(window.ordered == (c.inversions == 0));
    }
  }

  TEST_CASE("a record dated in the future takes its place in the order") {
    auto stream = timed();
    stream.cursor->order = Order::descending;
    Window window;
    CursorCounts counts;
    for (const auto value : {900, 5, 4}) {
      observe(window, counts, *stream.cursor, cursor(value), at(100));
    }
    CHECK(counts.inversions == 0);
    CHECK(counts.future == 1);
    CHECK(window.maximum == cursor(5));
  }

  TEST_CASE("a record from before the window is counted, and counts") {
    const auto stream = timed();
    Window window;
    window.from = cursor(0);
    CursorCounts counts;
    observe(window, counts, *stream.cursor, cursor(0), at(100));
    CHECK(counts.outside == 0);
    observe(window, counts, *stream.cursor, cursor(-1, 999'999'999), at(100));
    CHECK(counts.outside == 1);
    CHECK(window.maximum == cursor(0));
  }

  TEST_CASE("counts add up") {
    CursorCounts sum{1, 2, 3, 4};
    sum += {10, 20, 30, 40};
    CHECK(sum.missing == 11);
    CHECK(sum.future == 22);
    CHECK(sum.outside == 33);
    CHECK(sum.inversions == 44);
  }
}

TEST_SUITE("close_window") {
  TEST_CASE("with T0 the mark is the largest cursor not beyond it") {
    const auto stream = timed();
    const auto closed =
        after(stream, {}, at(10), {cursor(5), cursor(9), cursor(20)});
    CHECK(closed.mark == cursor(9));
    CHECK(closed.complete_anchor == at(10));
    CHECK(closed.complete_maximum == cursor(9));
    CHECK_FALSE(closed.window);
  }

  TEST_CASE("the mark never goes back") {
    const auto stream = timed();
    Checkpoint before;
    before.mark = cursor(100);
    CHECK(after(stream, before, at(200), {cursor(-50)}).mark == cursor(100));
    CHECK(after(stream, before, at(200), {}).mark == cursor(100));
    auto full = open_window(before, stream, WindowMode::full);
    full.anchor = at(200);
    full.maximum = cursor(50);
    CHECK(close_window(before, full, stream).mark == cursor(100));
  }

  TEST_CASE(
      "a window whose records are all dated in the future moves nothing") {
    const auto stream = timed();
    CHECK_FALSE(after(stream, {}, at(10), {cursor(11), cursor(900)}).mark);
    Checkpoint before;
    before.mark = cursor(3);
    CHECK(after(stream, before, at(10), {cursor(11)}).mark == cursor(3));
  }

  TEST_CASE("without T0 the mark follows one complete window behind") {
    const auto stream = timed();
    const auto first = after(stream, {}, {}, {cursor(10)});
    CHECK_FALSE(first.mark);
    const auto second = after(stream, first, {}, {cursor(30)});
    CHECK(second.mark == cursor(10));
    const auto third = after(stream, second, {}, {cursor(20)});
    CHECK(third.mark == cursor(20));
    const auto fourth = after(stream, third, {}, {cursor(50)});
    CHECK(fourth.mark == cursor(20));
  }

  TEST_CASE("integers follow one window behind even with a T0") {
    const auto stream = counted();
    const auto first = after(stream, {}, at(10), {number(7)});
    CHECK_FALSE(first.mark);
    const auto second = after(stream, first, at(20), {number(9)});
    CHECK(second.mark == number(7));
  }

  TEST_CASE("an immutable cursor is followed at once newest first") {
    for (const auto order :
         {Order::descending, Order::ascending, Order::unordered}) {
      CAPTURE(static_cast<int>(order));
      const bool at_once = order == Order::descending;
      for (auto stream : {counted(), timed()}) {
        stream.cursor->immutable = true;
        stream.cursor->order = order;
        const bool time = is_time(stream.cursor->format);
        const auto first =
            after(stream, {}, {}, {time ? cursor(7) : number(7)});
        CHECK(first.mark.has_value() == at_once);
        const auto second =
            after(stream, first, {}, {time ? cursor(9) : number(9)});
        CHECK(second.mark == (at_once ? (time ? cursor(9) : number(9))
                                      : (time ? cursor(7) : number(7))));
      }
    }
  }

  TEST_CASE("an empty window leaves the mark and what the last one saw") {
    const auto stream = counted();
    const auto first = after(stream, {}, {}, {number(7)});
    const auto empty = after(stream, first, {}, {});
    CHECK_FALSE(empty.mark);
    CHECK(empty.complete_maximum == number(7));
    CHECK(empty.complete_number == 2);
    CHECK(after(stream, empty, {}, {number(9)}).mark == number(7));
  }

  TEST_CASE("a source that loses its Date falls back to one window behind") {
    const auto stream = timed();
    const auto first = after(stream, {}, at(10), {cursor(10)});
    CHECK(first.mark == cursor(10));
    const auto second = after(stream, first, {}, {cursor(30)});
    CHECK(second.mark == cursor(10));
    const auto third = after(stream, second, at(50), {cursor(40)});
    CHECK(third.mark == cursor(40));
  }

  TEST_CASE("windows are numbered, and full ones told from the others") {
    const auto stream = timed();
    const auto first = after(stream, {}, at(10), {cursor(5)});
    CHECK(first.complete_number == 1);
    CHECK(first.complete_full);
    const auto second = after(stream, first, at(20), {cursor(6)});
    CHECK(second.complete_number == 2);
    CHECK_FALSE(second.complete_full);
    const auto full = close_window(
        second, open_window(second, stream, WindowMode::full), stream);
    CHECK(full.complete_full);
  }

  TEST_CASE("what is not the window's stays as it was") {
    const auto stream = timed();
    Checkpoint before;
    before.generation = 4;
    before.fingerprint = "f";
    before.complete_number = 8;
    const auto closed = after(stream, before, at(10), {cursor(5)});
    CHECK(closed.generation == 4);
    CHECK(closed.fingerprint == "f");
    CHECK(closed.complete_number == 9);
  }

  TEST_CASE("a snapshot has no mark") {
    auto stream = timed();
    stream.cursor.reset();
    const auto window = open_window({}, stream, WindowMode::snapshot);
    CHECK_FALSE(window.from);
    const auto closed = close_window({}, window, stream);
    CHECK_FALSE(closed.mark);
    CHECK(closed.complete_number == 1);
    CHECK(closed.complete_full);
  }
}

TEST_SUITE("windows") {
  TEST_CASE("a new window begins behind the mark, a full one at start") {
    auto stream = timed();
    stream.cursor->start = cursor(-86'400);
    Checkpoint checkpoint;
    checkpoint.mark = cursor(0);
    checkpoint.complete_number = 3;
    const auto next = open_window(checkpoint, stream, WindowMode::incremental);
    CHECK(next.from == cursor(-300));
    CHECK(next.number == 4);
    CHECK(next.mode == WindowMode::incremental);
    CHECK(next.position.first_page());
    CHECK(next.position.basis == position_basis(stream));
    CHECK_FALSE(next.anchor);
    CHECK_FALSE(next.maximum);
    CHECK(next.ordered);
    const auto full = open_window(checkpoint, stream, WindowMode::full);
    CHECK(full.from == cursor(-86'400));
    CHECK(full.mode == WindowMode::full);
    CHECK(open_window({}, stream, WindowMode::incremental).from ==
          cursor(-86'400));
  }

  TEST_CASE("a restarted window keeps its bounds and forgets what it saw") {
    const auto stream = timed();
    const auto again = restart(left_open(stream));
    CHECK(again.number == 8);  // a pass of its own
    CHECK(again.mode == WindowMode::full);
    CHECK(again.from == cursor(-600));
    CHECK(again.until == cursor(600));
    CHECK(again.restarts == 3);
    CHECK(again.position.first_page());
    CHECK(again.position.basis == position_basis(stream));
    CHECK_FALSE(again.anchor);
    CHECK_FALSE(again.maximum);
    CHECK_FALSE(again.last);
    CHECK(again.ordered);
    CHECK(again.read == 0);
  }

  TEST_CASE("a window is resumed as it was left") {
    const auto stream = timed();
    const auto open = left_open(stream);
    const auto resumed = resume(open, stream);
    CHECK(resumed.number == 7);
    CHECK(resumed.mode == WindowMode::full);
    CHECK(resumed.from == cursor(-600));
    CHECK(resumed.until == cursor(600));
    CHECK(resumed.anchor == at(60));
    CHECK(resumed.maximum == cursor(30));
    CHECK(resumed.last == cursor(20));
    CHECK_FALSE(resumed.ordered);
    CHECK(resumed.read == 200);
    CHECK(resumed.restarts == 2);
    CHECK(resumed.position == open.position);
  }

  TEST_CASE("without a position that fits a window begins at its first page") {
    struct Case {
      std::string what;
      StreamDefinition stream;
      bool keeps_position;
    };
    std::vector<Case> cases;
    const auto add = [&](std::string what, auto change, bool keeps) {
      auto stream = timed();
      stream.query = {{"per_page", parse_template("100")},
                      {"state", parse_template("open")}};
      change(stream);
      cases.push_back({std::move(what), stream, keeps});
    };
    add(
        "nothing", [](auto&) {}, true);
    add(
        "columns", [](auto& s) { s.all_columns = false; }, true);
    add(
        "overlap", [](auto& s) { s.cursor->overlap = {}; }, true);
    add(
        "page size", [](auto& s) { s.query[0].value = parse_template("50"); },
        false);
    add(
        "filter", [](auto& s) { s.query.pop_back(); }, false);
    add(
        "path", [](auto& s) { s.path = parse_template("/all"); }, false);
    add(
        "kind", [](auto& s) { s.page.kind = PageRule::Kind::next; }, false);
    add(
        "token", [](auto& s) { s.page.path = parse_path("cursor"); }, false);
    add(
        "param", [](auto& s) { s.page.param = "cursor"; }, false);
    add(
        "relation", [](auto& s) { s.page.relation = "next"; }, false);
    add(
        "first", [](auto& s) { s.page.first = 0; }, false);
    for (const auto& c : cases) {
      CAPTURE(c.what);
      auto stream = timed();
      stream.query = {{"per_page", parse_template("100")},
                      {"state", parse_template("open")}};
      const auto resumed = resume(left_open(stream), c.stream);
      CHECK(resumed.position.first_page() != c.keeps_position);
      CHECK(resumed.position.basis == position_basis(c.stream));
      CHECK(resumed.restarts == 2);
      CHECK(resumed.from == cursor(-600));
      CHECK(resumed.anchor.has_value() == c.keeps_position);
      CHECK(resumed.maximum.has_value() == c.keeps_position);
    }
  }

  TEST_CASE("a window whose position was not kept begins at its first page") {
    const auto stream = timed();
    auto open = left_open(stream);
    open.position.value.clear();
    const auto resumed = resume(open, stream);
    CHECK(resumed.position.first_page());
    CHECK_FALSE(resumed.anchor);
    CHECK_FALSE(resumed.maximum);
    CHECK(resumed.read == 0);
    CHECK(resumed.restarts == 2);
  }
}

TEST_SUITE("fingerprint") {
  TEST_CASE("it changes exactly with what a mark depends on") {
    struct Case {
      std::string what;
      SourceDefinition source;
      StreamDefinition stream;
      bool same;
    };
    SourceDefinition source;
    source.name = "helpdesk";
    source.base_url = "https://api.example.com/v2";
    auto stream = timed();
    stream.query = {{"per_page", parse_template("100")},
                    {"updated_since", parse_template("${from}")}};
    std::vector<Case> cases;
    const auto add = [&](std::string what, auto change, bool same) {
      cases.push_back({std::move(what), source, stream, same});
      change(cases.back().source, cases.back().stream);
    };
    add(
        "nothing", [](auto&, auto&) {}, true);
    add(
        "token", [](auto& s, auto&) { s.token = SecretReference{}; }, true);
    add(
        "timeout", [](auto& s, auto&) { s.timeout *= 2; }, true);
    add(
        "page size",
        [](auto&, auto& t) { t.query[0].value = parse_template("50"); }, true);
    add(
        "no page size", [](auto&, auto& t) { t.query.erase(t.query.begin()); },
        true);
    add(
        "columns", [](auto&, auto& t) { t.all_columns = false; }, true);
    add(
        "raw", [](auto&, auto& t) { t.raw = true; }, true);
    add(
        "overlap", [](auto&, auto& t) { t.cursor->overlap *= 2; }, true);
    add(
        "start", [](auto&, auto& t) { t.cursor->start = cursor(0); }, true);
    add(
        "unit",
        [](auto&, auto& t) { t.cursor->format = CursorFormat::epoch_ms; },
        true);
    add(
        "origin",
        [](auto& s, auto&) { s.base_url = "https://eu.example.com/v2"; },
        false);
    add(
        "path", [](auto&, auto& t) { t.path = parse_template("/all"); }, false);
    add(
        "filter",
        [](auto&, auto& t) { t.query[1].value = parse_template("x"); }, false);
    add(
        "filter's name", [](auto&, auto& t) { t.query[1].name = "since"; },
        false);
    add(
        "one more filter",
        [](auto&, auto& t) {
          t.query.push_back({"state", parse_template("open")});
        },
        false);
    add(
        "records", [](auto&, auto& t) { t.records = parse_path("d"); }, false);
    add(
        "fields", [](auto&, auto& t) { t.fields = parse_path("f"); }, false);
    add(
        "key", [](auto&, auto& t) { t.key[0].path = parse_path("k"); }, false);
    add(
        "composite key",
        [](auto&, auto& t) {
          t.key.push_back({"n", parse_path("n"), {}});
        },
        false);
    add(
        "cursor",
        [](auto&, auto& t) { t.cursor->field = parse_path("created"); }, false);
    add(
        "kind of cursor",
        [](auto&, auto& t) { t.cursor->format = CursorFormat::integer; },
        false);
    add(
        "exclusive", [](auto&, auto& t) { t.cursor->exclusive = true; }, false);
    add(
        "no cursor", [](auto&, auto& t) { t.cursor.reset(); }, false);
    add(
        "a header, which may choose an account",
        [](auto&, auto& t) {
          t.headers = {{"X-Tenant", parse_template("5")}};
        },
        false);
    add(
        "a header of the source",
        [](auto& s, auto&) {
          s.headers = {{"X-Tenant", "5"}};
        },
        false);
    add(
        "a token for a cursor",
        [](auto&, auto& t) { t.cursor->kind = CursorRule::Kind::token; },
        false);
    for (const auto& c : cases) {
      CAPTURE(c.what);
      CHECK((fingerprint(c.source, c.stream) == fingerprint(source, stream)) ==
            c.same);
    }
  }

  TEST_CASE("a header's value is not to be read in a fingerprint or basis") {
    SourceDefinition source;
    source.headers = {{"X-Key", "hunter2-hunter2"}};
    auto stream = timed();
    stream.headers = {{"X-Other", parse_template("hunter3-hunter3")}};
    const auto all = fingerprint(source, stream) + position_basis(stream);
    CHECK(all.find("X-Key") != std::string::npos);
    CHECK(all.find("hunter") == std::string::npos);
  }

  TEST_CASE("a position depends on what its request says, headers too") {
    const auto stream = timed();
    const auto differs = [&](auto change) {
      auto other = stream;
      change(other);
      return position_basis(other) != position_basis(stream);
    };
    CHECK(differs([](auto& t) { t.page.keyset = true; }));
    CHECK(differs([](auto& t) { t.page.first_last = "0"; }));
    CHECK(differs([](auto& t) {
      t.headers = {{"X-Size", parse_template("5")}};
    }));
    CHECK_FALSE(differs([](auto& t) { t.name = "other"; }));
  }

  TEST_CASE("keys that run together differ") {
    const SourceDefinition source;
    auto one = timed();
    one.key = {{"x", parse_path("a,b"), {}}};
    auto two = timed();
    two.key = {{"x", parse_path("a"), {}}, {"y", parse_path("b"), {}}};
    CHECK(fingerprint(source, one) != fingerprint(source, two));
  }
}

TEST_CASE("a window that a sweep waits for begins before the one before it") {
  const auto stream = timed();
  Checkpoint before;
  before.mark = cursor(100);
  before.complete_anchor = at(40);
  const auto from = [&](WindowMode mode) {
    return open_window(before, stream, mode).from;
  };
  CHECK(from(WindowMode::incremental) == cursor(100 - 300));
  before.sweep_from = 7;
  CHECK(from(WindowMode::incremental) == cursor(100 - 300));
  before.sweep_after = 8;
  CHECK(from(WindowMode::incremental) == cursor(40 - 300));
  before.complete_anchor = at(160);
  CHECK(from(WindowMode::incremental) == cursor(100 - 300));
  before.mark.reset();
  CHECK(!from(WindowMode::incremental));
}

TEST_CASE("the overlap does not go back behind start") {
  auto rule = *timed().cursor;
  rule.start = cursor(0);
  CHECK(lower_bound(cursor(0), rule) == cursor(0));
  CHECK(lower_bound(cursor(100), rule) == cursor(0));
  CHECK(lower_bound(cursor(301), rule) == cursor(1));
  // A start that is later than the mark is of a configuration that changed.
  CHECK(lower_bound(cursor(-1), rule) == cursor(-301));
  auto integers = *counted().cursor;
  integers.integer_overlap = 5;
  integers.start = number(10);
  CHECK(lower_bound(number(12), integers) == number(10));
  CHECK(lower_bound(number(9), integers) == number(4));
}
