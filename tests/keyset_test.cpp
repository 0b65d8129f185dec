// SPDX-License-Identifier: MIT
#include "model/keyset.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace strandline::model;

namespace {

CursorValue at(std::int64_t seconds, std::int32_t nanoseconds = 0) {
  return Instant{1'700'000'000 + seconds, nanoseconds};
}

constexpr auto format = CursorFormat::rfc3339;

KeysetPosition from(CursorValue bound) {
  KeysetPosition position;
  position.bound = bound;
  return position;
}

/// A full page whose last record is `last`, with another behind it.
KeysetPage page(CursorValue last, std::string place = "2",
                std::string digest = {}) {
  return {last, 10, false, std::move(digest), std::move(place)};
}

KeysetPage last_page(std::optional<CursorValue> last, std::string digest = {}) {
  return {last, 3, false, std::move(digest), {}};
}

}  // namespace

TEST_SUITE("keyset") {
  TEST_CASE("the bound rises to the last record's cursor, in whole units") {
    const auto step = advance(from(at(0)), page(at(7, 900'000'000)), format);
    CHECK(step.kind == KeysetStep::Kind::on);
    CHECK(step.next == from(at(7)));
  }

  TEST_CASE("without a bound it begins at the first page's last record") {
    const auto step = advance({}, page(at(7)), format);
    CHECK(step.next == from(at(7)));
  }

  TEST_CASE("the end is what the kind says") {
    CHECK(advance(from(at(0)), last_page(at(7)), format).kind ==
          KeysetStep::Kind::end);
    CHECK(advance(from(at(0)), last_page({}), format).kind ==
          KeysetStep::Kind::end);
    // A tie that one answer holds whole needs no second look.
    CHECK(advance(from(at(0)), last_page(at(0), "a"), format).kind ==
          KeysetStep::Kind::end);
  }

  TEST_CASE("where it would be the same request again the kind leads on") {
    // The filter cannot tell the tenths of a second apart.
    const auto step =
        advance(from(at(0)), page(at(0, 900'000'000), "2", "a"), format);
    CHECK(step.kind == KeysetStep::Kind::on);
    CHECK(step.next.bound == at(0));
    CHECK(step.next.place == "2");
    CHECK(step.next.read == 10);
    CHECK(step.next.digest == "a");
    const auto none = advance(from(at(0)), {{}, 0, false, "", "2"}, format);
    CHECK(none.next.place == "2");
  }

  TEST_CASE("a tie longer than a page is read until two passes agree") {
    auto position = from(at(0));
    const auto go = [&](const KeysetPage& next) {
      const auto step = advance(position, next, format);
      position = step.next;
      return step.kind;
    };
    // The first pass, and the record beyond that shows its end.
    go(page(at(0), "2", "a"));
    CHECK(go(page(at(5), "3", "ab")) == KeysetStep::Kind::on);
    CHECK(position.bound == at(0));
    CHECK(position.place.empty());
    CHECK(position.pass == 1);
    CHECK(position.earlier == "ab");
    CHECK(position.digest.empty());
    // The second brings something else, the third the same as the second.
    go(page(at(0), "2", "a"));
    CHECK(go(page(at(5), "3", "ac")) == KeysetStep::Kind::on);
    CHECK(position.pass == 2);
    CHECK(position.earlier == "ac");
    go(page(at(0), "2", "a"));
    CHECK(go(page(at(6), "3", "ac")) == KeysetStep::Kind::on);
    CHECK(position == from(at(6)));
  }

  TEST_CASE("the list's end in a tie is proved by two passes too") {
    auto position = from(at(0));
    position = advance(position, page(at(0), "2", "a"), format).next;
    auto step = advance(position, last_page(at(0), "ab"), format);
    REQUIRE(step.kind == KeysetStep::Kind::on);
    position = step.next;
    CHECK(position.pass == 1);
    position = advance(position, page(at(0), "2", "a"), format).next;
    step = advance(position, last_page(at(0), "ab"), format);
    CHECK(step.kind == KeysetStep::Kind::end);
  }

  TEST_CASE("a tie that shrinks to a page needs a second look all the same") {
    auto position = from(at(0));
    position.pass = 1;
    position.earlier = "ab";
    auto step = advance(position, last_page(at(0), "a"), format);
    REQUIRE(step.kind == KeysetStep::Kind::on);
    CHECK(step.next.pass == 2);
    step = advance(step.next, last_page(at(0), "a"), format);
    CHECK(step.kind == KeysetStep::Kind::end);
  }

  TEST_CASE("a pass that brought a record twice does not count") {
    auto position = from(at(0));
    position = advance(position, page(at(0), "2", "a"), format).next;
    auto again = page(at(0), "3", "ab");
    again.repeated = true;
    position = advance(position, again, format).next;
    CHECK(position.repeated);
    // Nor do two of them that agree.
    position = advance(position, last_page(at(0), "abc"), format).next;
    CHECK(position.pass == 1);
    CHECK(position.earlier.empty());
    CHECK_FALSE(position.repeated);
    position = advance(position, page(at(0), "2", "a"), format).next;
    position = advance(position, last_page(at(0), "abc"), format).next;
    CHECK(position.pass == 2);
    CHECK(position.earlier == "abc");
    position = advance(position, page(at(0), "2", "a"), format).next;
    auto last = last_page(at(0), "abc");
    last.repeated = true;
    CHECK(advance(position, last, format).kind == KeysetStep::Kind::on);
    last.repeated = false;
    CHECK(advance(position, last, format).kind == KeysetStep::Kind::end);
  }

  TEST_CASE("a tie that never holds still is given up") {
    auto position = from(at(0));
    KeysetStep step;
    int passes = 0;
    do {
      position = advance(position, page(at(0), "2", "a"), format).next;
      step = advance(position, page(at(5), "3", "a" + std::to_string(++passes)),
                     format);
      position = step.next;
    } while (step.kind == KeysetStep::Kind::on && passes < 100);
    CHECK(step.kind == KeysetStep::Kind::restless);
    CHECK(passes == max_tie_passes);
  }

  TEST_CASE("integers are walked one by one") {
    const auto number = [](std::int64_t value) { return CursorValue(value); };
    const auto step =
        advance(from(number(5)), page(number(9)), CursorFormat::integer);
    CHECK(step.next == from(number(9)));
    CHECK(advance(from(number(9)), page(number(9)), CursorFormat::integer)
              .next.place == "2");
  }

  TEST_CASE("a position is read back as it was written") {
    KeysetPosition position;
    CHECK(parse_keyset(to_text(position), true) == position);
    position = {at(5), "a\nb c", 30, 2, true, "digest", "earlier"};
    CHECK(parse_keyset(to_text(position), true) == position);
    position.bound = std::int64_t{-7};
    CHECK(parse_keyset(to_text(position), false) == position);
    for (const auto* text :
         {"", "x", "x\n1 2\n\n\n", "\n1\n\n\n", "\na b\n\n\n"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_keyset(text, true));
    }
  }
}
