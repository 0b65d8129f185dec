// SPDX-License-Identifier: MIT
//
// Lists that are asked for again from their last record, by key and by cursor.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "feed.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

std::string since(std::int64_t seconds_after_noon) {
  auto text = model::to_rfc3339(at(seconds_after_noon), 0);
  for (auto colon = text.find(':'); colon != std::string::npos;
       colon = text.find(':')) {
    text.replace(colon, 1, "%3A");
  }
  return items + "?since=" + text;
}

/// An answer with records of these ids and times.
std::string timed_page(const std::vector<std::pair<int, int>>& records,
                       const std::string& envelope = "") {
  std::string text;
  for (const auto& [id, time] : records) {
    text += (text.empty() ? "" : ",") + record(id, time);
  }
  return R"({"data":[)" + text + "]" + (envelope.empty() ? "" : ",") +
         envelope + "}";
}

std::string error_of(Feed& feed, const Window& window) {
  try {
    feed.read(window);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::protocol);
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_SUITE("by key") {
  TEST_CASE("the next page begins behind the last record's key") {
    Feed feed(Kind::after);
    feed.answer(items, page({1, 2}));
    feed.answer(items + "?after=2", page({7, 3}));
    feed.answer(items + "?after=3", page({}));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2, 7, 3});
    CHECK(feed.pages.at(0).window.position.value == "2");
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("the first page may have a key of its own") {
    Feed feed(Kind::after);
    feed.stream.page.first_last = "0";
    feed.answer(items + "?after=0", page({}));
    feed.read();
    CHECK(feed.fake.urls() == Urls{items + "?after=0"});
  }

  TEST_CASE("the key may stand in a longer text, if it can say nothing there") {
    Feed feed(Kind::after);
    feed.stream.page.param.clear();
    feed.stream.page.first_last = "0";
    feed.stream.page.path = model::parse_path("name");
    feed.stream.query = {{"q", model::parse_template("id > ${last}")}};
    feed.answer(items + "?q=id%20%3E%200",
                R"({"data":[{"id":1,"name":"a_.:@+-Z9"}]})");
    feed.answer(items + "?q=id%20%3E%20a_.%3A%40%2B-Z9",
                R"({"data":[{"id":2,"name":"0 OR 1=1"}]})");
    CHECK(error_of(feed, feed.window()) ==
          "the last record's 'name' is '0 OR 1=1': inside a longer text only "
          "letters, digits and . _ : @ + - are sent");
    CHECK(feed.fake.urls().size() == 2);
  }

  TEST_CASE("a key that a header cannot say is an error too") {
    Feed feed(Kind::after);
    feed.stream.page.param.clear();
    feed.stream.page.first_last = "0";
    feed.stream.page.path = model::parse_path("name");
    feed.stream.headers = {{"X-After", model::parse_template("id:${last}")}};
    feed.answer(items, R"({"data":[{"id":1,"name":"a/b"}]})");
    CHECK(error_of(feed, feed.window()).find("inside a longer text only") !=
          std::string::npos);
  }

  TEST_CASE("alone a key is sent whatever it is") {
    Feed feed(Kind::after);
    feed.stream.page.path = model::parse_path("name");
    feed.answer(items, R"({"data":[{"id":1,"name":"a&b=c/d"}]})");
    feed.answer(items + "?after=a%26b%3Dc%2Fd", page({}));
    feed.read();
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("the last record counts, though it is a reject") {
    Feed feed(Kind::after);
    feed.answer(items, R"({"data":[{"id":1},{"id":5,"a":1,"a":2}]})");
    feed.answer(items + "?after=5", page({}));
    feed.read();
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("a last record without a key is an error") {
    for (const std::string last : {R"({"x":1})", R"({"id":null})",
                                   R"({"id":""})", R"({"id":{"a":1}})"}) {
      CAPTURE(last);
      Feed feed(Kind::after);
      feed.answer(items, R"({"data":[{"id":1},)" + last + "]}");
      CHECK(error_of(feed, feed.window()) ==
            "the last record has no 'id', behind which the next page begins");
    }
  }

  TEST_CASE("a key that was seen before is an error") {
    Feed feed(Kind::after);
    feed.answer(items, page({1, 2}));
    feed.answer(items + "?after=2", page({5, 2}));
    CHECK(error_of(feed, feed.window()) ==
          "the list goes in circles: a page that was read before comes again");
  }

  TEST_CASE("a short page is the last where pages are full") {
    Feed feed(Kind::after);
    feed.stream.page.size = 2;
    feed.answer(items, page({1, 2}));
    feed.answer(items + "?after=2", page({3}));
    feed.read();
    CHECK(feed.fake.urls().size() == 2);
    CHECK(feed.pages.back().complete);
  }
}

TEST_SUITE("by cursor") {
  TEST_CASE("the source is asked again from the last record's cursor") {
    Feed feed(Kind::offset);
    feed.walk().stream.page.size = 2;
    feed.answer(items + "?offset=0", timed_page({{1, 10}, {2, 20}}));
    feed.answer(since(20) + "&offset=0", timed_page({{2, 20}, {3, 30}}));
    feed.answer(since(30) + "&offset=0", timed_page({{3, 30}}));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2, 2, 3, 3});
    CHECK(feed.pages.back().complete);
    CHECK(feed.pages.back().window.maximum == CursorValue(at(30)));
  }

  TEST_CASE("an exclusive filter is asked a unit earlier") {
    Feed feed(Kind::offset);
    feed.walk().stream.page.size = 1;
    feed.stream.cursor->exclusive = true;
    feed.answer(items + "?offset=0", timed_page({{1, 10}}));
    feed.answer(since(9) + "&offset=0", timed_page({{1, 10}}));
    feed.answer(since(9) + "&offset=1", timed_page({{2, 11}}));
    feed.answer(since(10) + "&offset=0", timed_page({}));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 1, 2, 1, 2});
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("a tie longer than a page is read until two passes agree") {
    Feed feed(Kind::offset);
    feed.walk().stream.page.size = 2;
    feed.answer(items + "?offset=0", timed_page({{1, 10}, {2, 20}}));
    const auto tie = since(20);
    feed.answer(tie + "&offset=0", timed_page({{2, 20}, {3, 20}}));
    // The first pass misses what moved; the second and third agree.
    feed.answer(tie + "&offset=2", timed_page({{5, 20}, {6, 30}}));
    feed.answer(tie + "&offset=2", timed_page({{4, 20}, {5, 20}}));
    feed.answer(tie + "&offset=4", timed_page({{6, 30}}));
    feed.read();
    CHECK(feed.fake.urls() ==
          Urls{items + "?offset=0", tie + "&offset=0", tie + "&offset=2",
               tie + "&offset=0", tie + "&offset=2", tie + "&offset=4",
               tie + "&offset=0", tie + "&offset=2", tie + "&offset=4"});
    CHECK(feed.pages.back().complete);
    const auto ids = feed.ids();
    CHECK(std::count(ids.begin(), ids.end(), 4) == 2);
  }

  TEST_CASE(
      "passes that bring a record twice do not count, though they agree") {
    Feed feed(Kind::offset);
    feed.walk().stream.page.size = 2;
    feed.answer(items + "?offset=0", timed_page({{1, 10}, {2, 20}}));
    const auto tie = since(20);
    feed.answer(tie + "&offset=0", timed_page({{2, 20}, {3, 20}}));
    // Twice something has come in front, and 4 was behind the end.
    feed.answer(tie + "&offset=2", timed_page({{3, 20}}));
    feed.answer(tie + "&offset=2", timed_page({{3, 20}}));
    feed.answer(tie + "&offset=2", timed_page({{4, 20}}));
    feed.read();
    CHECK(feed.pages.back().complete);
    const auto ids = feed.ids();
    CHECK(std::count(ids.begin(), ids.end(), 4) == 2);
  }

  TEST_CASE("a tie that never holds still is an error that says so") {
    Feed feed(Kind::offset);
    feed.walk().stream.page.size = 1;
    feed.answer(items + "?offset=0", timed_page({{1, 10}}));
    for (int pass = 0; pass < 30; ++pass) {
      feed.answer(since(10) + "&offset=0", timed_page({{100 + pass, 10}}));
      feed.answer(since(10) + "&offset=1", timed_page({{1, 30}}));
    }
    CHECK(error_of(feed, feed.window()) ==
          "more records than a page holds share one 'at', and no two readings "
          "of them bring the same");
  }

  TEST_CASE("a run after one that gave a tie up may read it as often again") {
    Feed feed(Kind::offset);
    feed.walk().stream.page.size = 1;
    feed.answer(items + "?offset=0", timed_page({{1, 10}}));
    for (int pass = 0; pass < 30; ++pass) {
      feed.answer(since(10) + "&offset=0", timed_page({{100 + pass, 10}}));
      feed.answer(since(10) + "&offset=1", timed_page({{1, 30}}));
    }
    error_of(feed, feed.window());
    REQUIRE_FALSE(feed.pages.empty());
    const auto left = feed.pages.back().window;
    feed.fake = {};
    // Now it holds still.
    feed.answer(since(10) + "&offset=0", timed_page({{7, 10}}));
    feed.answer(since(10) + "&offset=1", timed_page({{1, 30}}));
    feed.answer(since(30) + "&offset=0", timed_page({}));
    feed.read(model::resume(left, feed.stream));
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("204 behind a tie is its end, and a pass as any other") {
    Feed feed(Kind::offset);
    feed.walk();
    feed.answer(items + "?offset=0", timed_page({{1, 10}}));
    feed.answer(since(10) + "&offset=0", timed_page({{1, 10}}));
    feed.answer(since(10) + "&offset=1", "", 204);
    feed.read();
    CHECK(feed.pages.back().complete);
    CHECK(feed.fake.urls().size() == 5);
  }

  TEST_CASE("an inversion is an error") {
    for (const bool across_pages : {false, true}) {
      CAPTURE(across_pages);
      Feed feed(Kind::token);
      feed.walk();
      if (across_pages) {
        // Below the bound that was asked for: is the filter known?
        feed.answer(items, timed_page({{1, 10}, {2, 20}}, R"("next":"t")"));
        feed.answer(since(20), timed_page({{3, 15}, {4, 40}}));
      } else {
        feed.answer(items, timed_page({{1, 10}, {2, 9}}));
      }
      CHECK(error_of(feed, feed.window())
                .starts_with("the records are not in ascending order of 'at', "
                             "or from before"));
      CHECK(feed.pages.size() == (across_pages ? 1 : 0));
    }
  }

  TEST_CASE("within a unit of the filter a source may sort as it likes") {
    Feed feed(Kind::token);
    feed.walk();
    feed.answer(items, R"({"data":[{"id":1,"at":"2024-01-01T12:00:00.9Z"},)"
                       R"({"id":2,"at":"2024-01-01T12:00:00.1Z"}]})");
    feed.read();
    CHECK(feed.pages.at(0).complete);
    CHECK(feed.pages.at(0).counts.inversions == 0);
  }

  TEST_CASE("a killed walk goes on at its bound, in a tie at its pass") {
    Feed feed(Kind::offset);
    feed.walk().stream.page.size = 2;
    feed.answer(items + "?offset=0", timed_page({{1, 10}, {2, 20}}));
    feed.answer(since(20) + "&offset=0", timed_page({{2, 20}, {3, 20}}));
    feed.answer(since(20) + "&offset=2", timed_page({{4, 20}}));
    feed.read(feed.window(), 1);
    for (int run = 0; run < 9 && !feed.pages.back().complete; ++run) {
      feed.resume(1);
    }
    CHECK(feed.pages.back().complete);
    CHECK(feed.fake.urls() == Urls{items + "?offset=0", since(20) + "&offset=0",
                                   since(20) + "&offset=2",
                                   since(20) + "&offset=0",
                                   since(20) + "&offset=2"});
  }

  TEST_CASE("a place of the walk that is refused begins the window anew") {
    Feed feed(Kind::token);
    feed.walk();
    feed.answer(items, timed_page({{1, 10}, {2, 10}}, R"("next":"a")"));
    feed.answer(since(10), timed_page({{1, 10}, {2, 10}}, R"("next":"t")"));
    feed.answer(since(10) + "&after=t", "{}", 410);
    feed.read(feed.window(), 2);
    feed.answer(items, timed_page({{1, 10}}));
    feed.resume();
    CHECK(feed.pages.at(0).restarted);
    CHECK(feed.pages.at(0).complete);
    // A bound is ours: a refusal of it is a failure.
    Feed bound(Kind::token);
    bound.walk();
    bound.answer(items, timed_page({{1, 10}}, R"("next":"a")"));
    bound.answer(since(10), "{}", 410);
    bound.read(bound.window(), 1);
    CHECK_THROWS_WITH_AS(bound.resume(),
                         "GET https://h.example/api/items: the answer is 410",
                         Error);
    CHECK(bound.fake.urls() == Urls{items, since(10)});
  }

  TEST_CASE("a walk that goes on ends the row of restarts") {
    Feed feed(Kind::token);
    feed.walk();
    feed.answer(items, timed_page({{1, 10}}, R"("next":"a")"));
    feed.answer(since(10), timed_page({{1, 10}}));
    feed.read(feed.window(), 1);
    auto left = feed.pages.back().window;
    left.restarts = 3;
    feed.read(model::resume(left, feed.stream));
    CHECK(feed.pages.back().window.restarts == 0);
  }

  TEST_CASE("the mark is untouched until the end, whatever the bound") {
    Feed feed(Kind::token);
    feed.walk();
    feed.answer(items, timed_page({{1, 10}, {2, 20}}, R"("next":"t")"));
    feed.answer(since(20), timed_page({{2, 20}}));
    feed.read();
    CHECK(feed.pages.at(0).window.from == std::nullopt);
    CHECK_FALSE(feed.pages.at(0).complete);
    CHECK(feed.pages.at(1).complete);
  }
}

TEST_SUITE("an upper bound") {
  TEST_CASE("is written as the cursor is, and left out where there is none") {
    Feed feed;
    feed.follow();
    feed.stream.query = {{"till", model::parse_template("${until}")}};
    auto window = feed.window();
    feed.answer(items, page({}));
    feed.read(window);
    window.until = at(0);
    feed.answer(items + "?till=2024-01-01T12%3A00%3A00Z", page({}));
    feed.read(window);
    CHECK(feed.fake.urls().size() == 2);
  }
}
