// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "fake_waiter.hpp"
#include "feed.hpp"
#include "http/error.hpp"

using namespace strandline;
using namespace strandline::test;

TEST_SUITE("T0") {
  TEST_CASE("is that of the window's first answer, for all of its pages") {
    Feed feed(Kind::token);
    feed.follow();
    auto& first = feed.answer(items, page({10, 500}, R"("next":"t")"));
    first.date = at(100);
    first.time_to_first_byte = 2s;
    feed.answer(items + "?after=t", page({97, 98, 600})).date = at(700);
    feed.read();
    CHECK(feed.pages.at(0).window.anchor == at(97));
    CHECK(feed.pages.at(0).window.maximum == CursorValue(at(10)));
    CHECK(feed.pages.at(0).counts.future == 1);
    CHECK(feed.pages.at(1).window.anchor == at(97));
    CHECK(feed.pages.at(1).window.maximum == CursorValue(at(97)));
    CHECK(feed.pages.at(1).counts.future == 2);
  }

  TEST_CASE("is kept when the first page was empty") {
    Feed feed(Kind::token);
    feed.follow();
    feed.answer(items, page({}, R"("next":"t")")).date = at(100);
    feed.answer(items + "?after=t", page({1})).date = at(700);
    feed.read();
    CHECK(feed.pages.at(1).window.anchor == at(99));
  }

  TEST_CASE("is kept when the window is resumed") {
    Feed feed(Kind::token);
    feed.follow();
    feed.answer(items, page({10}, R"("next":"t")")).date = at(100);
    feed.answer(items + "?after=t", page({500})).date = at(700);
    feed.read(feed.window(), 1).resume();
    CHECK(feed.pages.at(0).window.anchor == at(99));
    CHECK(feed.pages.at(0).window.maximum == CursorValue(at(10)));
    CHECK(feed.pages.at(0).window.read == 2);
    CHECK(feed.pages.at(0).counts.future == 1);
    CHECK(feed.pages.at(0).complete);
    CHECK(feed.fake.urls() == Urls{items, items + "?after=t"});
  }

  TEST_CASE("is not taken from a later answer when the first had no Date") {
    Feed feed(Kind::token);
    feed.follow();
    feed.answer(items, page({10}, R"("next":"t")"));
    feed.answer(items + "?after=t", page({20})).date = at(700);
    feed.read();
    CHECK_FALSE(feed.pages.at(1).window.anchor);
  }

  TEST_CASE("where there is none our own clock is the limit") {
    Feed feed;
    feed.follow();
    feed.now = at(50);
    feed.answer(items, page({10, 50, 51}));
    feed.read();
    CHECK_FALSE(feed.pages.at(0).window.anchor);
    CHECK(feed.pages.at(0).counts.future == 1);
    CHECK(feed.pages.at(0).window.maximum == CursorValue(at(50)));
  }

  TEST_CASE("cursors are counted, and those of rejects are not seen") {
    Feed feed;
    feed.follow(model::Order::ascending);
    feed.stream.query = {{"since", model::parse_template("${from}")}};
    feed.answer(items + "?since=2024-01-01T11%3A55%3A00Z",
                R"({"data":[)" + record(1, 5) + "," + record(2, 3) +
                    R"(,{"id":3},{"no":"key","at":"2024-01-01T12:30:00Z"},)" +
                    record(4, -400) + "]}");
    feed.read(feed.window(at(0)));
    const auto& counts = feed.pages.at(0).counts;
    CHECK(counts.inversions == 2);
    CHECK(counts.missing == 1);
    CHECK(counts.outside == 1);
    CHECK(counts.future == 0);
    CHECK(feed.pages.at(0).window.maximum == CursorValue(at(5)));
    CHECK(feed.pages.at(0).window.read == 5);
  }
}

TEST_SUITE("an answer that is cut off") {
  TEST_CASE("is asked for again, wherever it was cut") {
    const auto whole = page({1, 2}, R"("next":"t")");
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CAPTURE(size);
      Feed feed(Kind::token);
      const auto waiter = std::make_shared<FakeWaiter>();
      feed.waiter = waiter;
      feed.answer(items, whole.substr(0, size)).date = at(50);
      feed.answer(items, whole).date = at(100);
      feed.answer(items + "?after=t", page({3}));
      feed.read();
      CHECK(feed.ids() == std::vector<int>{1, 2, 3});
      CHECK(feed.fake.urls() == Urls{items, items, items + "?after=t"});
      CHECK(feed.client->retries() == 1);
      CHECK(feed.pages.at(0).requests == 2);
      CHECK(feed.pages.at(0).window.anchor == at(99));
      // What the cut answer held is not taken for known.
      CHECK(feed.pages.at(0).records.first_new_field == 1);
      CHECK(feed.pages.at(0).records.new_fields ==
            std::vector<std::string>{"at"});
      REQUIRE(waiter->waits.size() == 1);
      CHECK(waiter->waits[0].why ==
            fmt::format("the answer is not JSON, or is cut off: it does not "
                        "end, after {} bytes",
                        size));
    }
  }

  TEST_CASE("and stays so is temporary, and names the request") {
    Feed feed;
    feed.secret("hunter2").waiter = std::make_shared<FakeWaiter>();
    feed.answer(items + "?key=hunter2", R"({"data":[)");
    try {
      feed.read();
      FAIL("read");
    } catch (const http::HttpError& error) {
      CHECK(error.code() == ExitCode::temporary);
      REQUIRE(error.notes().size() == 1);
      CHECK(error.notes()[0].label == "request");
      CHECK(error.notes()[0].text == "GET " + items);
    }
    CHECK(feed.fake.asked().size() == http::RetryPolicy{}.attempts);
  }

  TEST_CASE("is not one that is wrong: that is not asked for again") {
    for (const std::string body :
         {"<html>", "{}", R"({"data":{}})", R"({"data":[nope]})"}) {
      CAPTURE(body);
      Feed feed;
      feed.waiter = std::make_shared<FakeWaiter>();
      feed.answer(items, body);
      CHECK_THROWS_AS(feed.read(), source::DecodeError);
      CHECK(feed.fake.asked().size() == 1);
    }
  }
}

TEST_SUITE("an answer that says that it failed") {
  const std::string failed = R"({"error": "slow down", "data": []})";

  TEST_CASE("is asked for again, whatever its status leaves open") {
    for (const int status : {200, 400, 403, 422}) {
      CAPTURE(status);
      Feed feed;
      feed.stream.error = model::parse_path("error");
      feed.waiter = std::make_shared<FakeWaiter>();
      feed.answer(items, failed, status);
      feed.answer(items, page({1, 2}));
      feed.read();
      CHECK(feed.ids() == std::vector<int>{1, 2});
      CHECK(feed.client->retries() == 1);
    }
  }

  TEST_CASE("is a refusal like others where it does not say so") {
    for (const std::string body :
         {R"({"error": null, "data": []})", R"({"error": 0})", "{}", "<html>",
          R"({"error": "cut)", R"({"data":[{"id":1,"new":2}]})"}) {
      CAPTURE(body);
      Feed feed;
      feed.stream.error = model::parse_path("error");
      feed.waiter = std::make_shared<FakeWaiter>();
      feed.answer(items, body, 400);
      feed.answer(items, page({1}));
      CHECK_THROWS_AS(feed.read(), http::HttpError);
      CHECK(feed.fake.asked().size() == 1);
    }
    // Not asked for, it may be a record's word.
    Feed feed;
    feed.waiter = std::make_shared<FakeWaiter>();
    feed.answer(items, failed, 403);
    CHECK_THROWS_AS(feed.read(), http::HttpError);
    CHECK(feed.fake.asked().size() == 1);
  }

  TEST_CASE("leaves nothing of what it held") {
    Feed feed;
    feed.stream.error = model::parse_path("error");
    source::Decoder decoder(feed.stream);
    CHECK_FALSE(decoder.says_failure(R"({"data":[{"id":1,"other":2}]})"));
    CHECK(decoder.says_failure(failed));
    const auto answer = decoder.decode(page({1}));
    CHECK(answer.records.first_new_field == 1);
    CHECK(answer.records.new_fields == std::vector<std::string>{"at"});
  }
}

TEST_SUITE("other origins") {
  const std::string there = "https://files.example/2";

  TEST_CASE("hold next pages where they are listed, without credentials") {
    for (const auto kind : {Kind::next, Kind::link}) {
      Feed feed(kind);
      feed.secret("hunter2").source.origins = {"https://files.example"};
      feed.answer(items + "?key=hunter2",
                  page({1}, R"("next":")" + there + R"(")"))
          .headers = {{"Link", "<" + there + ">; rel=next"}};
      feed.answer(there, page({2}, R"("next":"/3")")).headers = {
          {"Link", "</3>; rel=next"}};
      feed.answer("https://files.example/3", page({3}));
      feed.read();
      CHECK(feed.ids() == std::vector<int>{1, 2, 3});
      CHECK(feed.pages.at(0).window.position.value == there);
      CHECK(feed.pages.at(0).window.restarts == 0);
    }
  }

  TEST_CASE("that a position names and are listed no more begin it anew") {
    Feed feed(Kind::next);
    feed.source.origins = {"https://files.example"};
    feed.answer(items, page({1}, R"("next":")" + there + R"(")"));
    feed.answer(items, page({2}));
    feed.read(feed.window(), 1);
    feed.source.origins.clear();
    feed.resume();
    CHECK(feed.ids() == std::vector<int>{2});
    CHECK(feed.pages.at(0).restarted);
    CHECK(feed.fake.urls() == Urls{items, items});
  }

  TEST_CASE("hold the next run where they are listed") {
    Feed feed;
    feed.by_token(model::CursorRule::Kind::next).source.origins = {
        "https://files.example"};
    feed.answer(items, page({1}, R"("delta":")" + there + R"(")"));
    feed.read();
    CHECK(feed.pages.at(0).window.state == there);
    feed.basis.state = there;
    feed.answer(there, page({2}, R"("delta":"/3")"));
    feed.read();
    CHECK(feed.ids() == std::vector<int>{2});
    CHECK(feed.pages.at(0).window.state == "https://files.example/3");
    feed.source.origins.clear();
    feed.answer(items, page({1, 2}, R"("delta":"/4")"));
    feed.read();
    CHECK(feed.pages.at(0).resynced);
    CHECK(feed.ids() == std::vector<int>{1, 2});
  }

  TEST_CASE("a next page is named from where the answer came from") {
    Feed feed(Kind::next);
    feed.answer(items, "", 302).headers = {{"Location", "/v2/items/"}};
    feed.answer("https://h.example/v2/items/", page({1}, R"("next":"p2")"));
    feed.answer("https://h.example/v2/items/p2", page({2}));
    feed.read();
    CHECK(feed.ids() == std::vector<int>{1, 2});
    CHECK(feed.pages.at(0).window.position.value ==
          "https://h.example/v2/items/p2");
    CHECK(feed.pages.at(0).requests == 2);
  }
}

TEST_SUITE("resuming") {
  // A feed by token that was cut off after its first page.
  struct Cut : Feed {
    explicit Cut(Kind kind = Kind::token) : Feed(kind) {
      follow();
      answer(kind == Kind::offset ? items + "?offset=0" : items,
             page({1}, R"("next":"t")"))
          .date = at(100);
      read(window(), 1);
    }
  };

  TEST_CASE("a refused position begins the window anew, with a new T0") {
    for (const int status : {400, 404, 410, 422}) {
      CAPTURE(status);
      Cut feed;
      feed.answer(items, page({2})).date = at(200);
      feed.answer(items + "?after=t", "expired", status);
      feed.resume();
      REQUIRE(feed.pages.size() == 1);
      const auto& only = feed.pages.front();
      CHECK(only.restarted);
      CHECK(only.complete);
      CHECK(only.requests == 2);
      CHECK(only.window.anchor == at(199));
      CHECK(only.window.maximum == CursorValue(at(2)));
      CHECK(only.window.restarts == 1);
      CHECK(only.window.read == 1);
      CHECK(feed.ids() == std::vector{2});
    }
  }

  TEST_CASE("any other failure leaves the window where it was") {
    for (const int status : {401, 403, 409, 429, 500, 503}) {
      CAPTURE(status);
      Cut feed;
      feed.answer(items + "?after=t", "no", status);
      CHECK_THROWS_AS(feed.resume(), http::HttpError);
      CHECK(feed.fake.asked().size() == 2);
      CHECK(feed.pages.empty());
    }
  }

  TEST_CASE("later than on the first request a refusal is a failure") {
    Cut feed;
    feed.answer(items + "?after=t", page({2}, R"("next":"u")"));
    feed.answer(items + "?after=u", "gone", 410);
    CHECK_THROWS_AS(feed.resume(), http::HttpError);
    CHECK(feed.pages.size() == 1);
    Feed fresh;
    fresh.answer(items, "no", 404);
    CHECK_THROWS_AS(fresh.read(), http::HttpError);
    CHECK(fresh.fake.asked().size() == 1);
  }

  TEST_CASE("three restarts in a row are enough") {
    Cut feed;
    feed.answer(items, page({1}, R"("next":"t")"));
    feed.answer(items + "?after=t", "expired", 400);
    for (int restarts = 1; restarts <= 3; ++restarts) {
      feed.resume(1);
      CHECK(feed.pages.at(0).restarted);
      CHECK(feed.pages.at(0).window.restarts == restarts);
    }
    const auto asked = feed.fake.asked().size();
    const auto open = feed.pages.at(0).window;
    try {
      feed.read(model::resume(open, feed.stream));
      FAIL("read");
    } catch (const Error& error) {
      CHECK(error.what() ==
            std::string("stuck: three times in a row the source did not let a "
                        "run continue where the last one ended"));
      CHECK(error.code() == ExitCode::protocol);
      CHECK(error.notes().at(0).label == "try");
    }
    CHECK(feed.fake.asked().size() == asked + 1);
  }

  TEST_CASE("a position that is taken ends the row of restarts") {
    Cut feed;
    auto window = feed.pages.at(0).window;
    window.restarts = 3;
    feed.answer(items + "?after=t", page({2}, R"("next":"u")"));
    feed.read(model::resume(window, feed.stream), 1);
    CHECK(feed.pages.at(0).window.restarts == 0);
    CHECK_FALSE(feed.pages.at(0).restarted);
  }

  TEST_CASE("a restarted window that fails keeps its row of restarts") {
    Cut feed;
    auto window = feed.pages.at(0).window;
    window.position.value.clear();
    window.restarts = 2;
    feed.read(model::resume(window, feed.stream), 1);
    CHECK(feed.pages.at(0).window.restarts == 2);
    CHECK_FALSE(feed.pages.at(0).restarted);
  }

  TEST_CASE("an offset resumed at an empty page begins the window anew") {
    for (const bool no_content : {false, true}) {
      CAPTURE(no_content);
      Cut feed(Kind::offset);
      feed.answer(items + "?offset=0", page({5})).date = at(200);
      feed.answer(items + "?offset=1", no_content ? "" : page({}),
                  no_content ? 204 : 200);
      feed.resume();
      REQUIRE(feed.pages.size() == 2);
      CHECK(feed.pages.at(0).restarted);
      CHECK(feed.pages.at(0).window.anchor == at(199));
      CHECK(feed.ids() == std::vector{5});
      // Not resumed, the same empty page is the end.
      CHECK(feed.pages.at(1).complete);
      CHECK_FALSE(feed.pages.at(1).restarted);
    }
  }

  TEST_CASE("a token resumed at an empty page goes on") {
    Cut feed;
    feed.answer(items + "?after=t", page({}));
    feed.resume();
    REQUIRE(feed.pages.size() == 1);
    CHECK(feed.pages.at(0).complete);
    CHECK_FALSE(feed.pages.at(0).restarted);
    CHECK(feed.pages.at(0).window.maximum == CursorValue(at(1)));
  }

  TEST_CASE("a resumed total goes on counting") {
    Feed feed(Kind::offset);
    feed.stream.page.total = model::parse_path("total");
    feed.answer(items + "?offset=0", page({1, 2}, R"("total":3)"));
    feed.answer(items + "?offset=2", page({3}, R"("total":3)"));
    feed.read(feed.window(), 1).resume();
    CHECK(feed.pages.at(0).complete);
    CHECK(feed.pages.at(0).window.read == 3);
  }
}

TEST_SUITE("descending") {
  // Windows from 11:55 on, newest first, by token. Each page is a list of
  // seconds after noon; the ids are their absolutes.
  struct Newest : Feed {
    explicit Newest(const std::vector<std::string>& records)
        : Feed(Kind::token) {
      follow(model::Order::descending);
      for (std::size_t i = 0; i < records.size(); ++i) {
        answer(i == 0 ? items : fmt::format("{}?after={}", items, i),
               fmt::format(R"({{"data":[{}]{}}})", records[i],
                           i + 1 < records.size()
                               ? fmt::format(R"(,"next":"{}")", i + 1)
                               : ""))
            .date = at(1000);
      }
      read(window(at(0)));
    }
  };

  std::string records(const std::vector<int>& seconds) {
    std::string text;
    for (const int second : seconds) {
      text += (text.empty() ? "" : ",") + record(std::abs(second), second);
    }
    return text;
  }

  TEST_CASE("reading stops behind a whole page from before the window") {
    const Newest feed({records({50, 10}), records({5, -299, -300}),
                       records({-301, -400}), records({-500})});
    CHECK(feed.pages.size() == 3);
    CHECK(feed.pages.back().complete);
    CHECK(feed.pages.back().window.position.first_page());
    CHECK(feed.fake.asked().size() == 3);
  }

  TEST_CASE("a page that reaches into the window is no proof") {
    CHECK(Newest({records({50}), records({-300, -301}), records({-400}),
                  records({-500})})
              .pages.size() == 3);
    // Its equal is in the window: the bound is inclusive.
    CHECK(Newest({records({50}), records({-300}), records({-300})})
              .pages.size() == 3);
    // An empty page says nothing.
    CHECK(Newest({records({50}), "", records({-400}), records({-500})})
              .pages.size() == 3);
  }

  TEST_CASE("after an inversion the list is read to its end") {
    CHECK(Newest({records({10, 50}), records({-400}), records({-500})})
              .pages.size() == 3);
    CHECK(Newest({records({50}), records({-500, -400}), records({-600}),
                  records({-700})})
              .pages.size() == 4);
    // From one page to the next.
    CHECK(
        Newest({records({10}), records({20}), records({-400}), records({-500})})
            .pages.size() == 4);
  }

  TEST_CASE("a list counted through that moves on is in order all the same") {
    Feed feed(Kind::offset);
    feed.follow(model::Order::descending);
    feed.answer(items + "?offset=0", page({900, 800}));
    // Two came in front meanwhile.
    feed.answer(items + "?offset=2", page({900, 800}));
    feed.answer(items + "?offset=4", page({100, 90}));
    feed.read(feed.window(CursorValue(at(600))));
    CHECK(feed.pages.back().complete);
    CHECK(feed.pages.back().window.ordered);
    CHECK(feed.fake.urls().size() == 3);
  }

  TEST_CASE("after a record without a cursor the list is read to its end") {
    CHECK(Newest({records({50}) + R"(,{"id":1})", records({-400}),
                  records({-500})})
              .pages.size() == 3);
    CHECK(Newest({records({50}), R"({"id":1,"at":null},)" + records({-400}),
                  records({-500})})
              .pages.size() == 3);
  }

  TEST_CASE("a page with a record that was rejected is no proof") {
    CHECK(Newest({records({50}), records({-400}) + R"(,{"at":0})",
                  records({-500}), records({-600})})
              .pages.size() == 3);
  }

  TEST_CASE("the order is remembered when a window is resumed") {
    Feed feed(Kind::token);
    feed.follow(model::Order::descending);
    feed.answer(items, R"({"data":[)" + records({10, 50}) + R"(],"next":"1"})")
        .date = at(1000);
    feed.answer(items + "?after=1",
                R"({"data":[)" + records({-400}) + R"(],"next":"2"})");
    feed.answer(items + "?after=2", R"({"data":[]})");
    feed.read(feed.window(at(0)), 1).resume();
    CHECK(feed.pages.size() == 2);
  }

  TEST_CASE("what follows the proof is not looked at") {
    Newest feed({records({50}), records({-400}), records({-500})});
    feed.fake = {};
    feed.answer(items, R"({"data":[)" + records({-400}) +
                           R"(],"next":{"no":"token"}})")
        .date = at(1000);
    feed.read(feed.window(at(0)));
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("no other order ends so") {
    for (const auto order :
         {model::Order::unordered, model::Order::ascending}) {
      Feed feed(Kind::token);
      feed.follow(order);
      feed.answer(items, R"({"data":[)" + records({-400}) + R"(],"next":"1"})");
      feed.answer(items + "?after=1", R"({"data":[]})");
      feed.read(feed.window(at(0)));
      CHECK(feed.pages.size() == 2);
    }
  }

  TEST_CASE("without a lower bound the list is read to its end") {
    Feed feed(Kind::token);
    feed.follow(model::Order::descending);
    feed.answer(items, R"({"data":[)" + records({-400}) + R"(],"next":"1"})");
    feed.answer(items + "?after=1", R"({"data":[]})");
    feed.read();
    CHECK(feed.pages.size() == 2);
  }
}

TEST_SUITE("secrets") {
  TEST_CASE("a position is kept without what authorises") {
    for (const auto kind : {Kind::next, Kind::link}) {
      CAPTURE(static_cast<int>(kind));
      Feed feed(kind);
      feed.secret("s3cret");
      const std::string next = "/api/items?p=2&key=s3cret&q=1";
      feed.answer(items + "?key=s3cret", page({1}, R"("next":")" + next + "\""))
          .headers = {{"Link", "<" + next + ">; rel=next"}};
      feed.answer("https://h.example/api/items?p=2&key=s3cret&q=1", page({2}));
      feed.answer("https://h.example/api/items?p=2&q=1&key=s3cret", page({2}));
      feed.read();
      CHECK(feed.ids() == std::vector{1, 2});
      CHECK(feed.pages.at(0).window.position.value == items + "?p=2&q=1");
      // Another run goes on there, with its own credentials.
      feed.read(feed.window(), 1).resume();
      CHECK(feed.ids() == std::vector{2});
      CHECK(feed.fake.urls().back() == items + "?p=2&q=1&key=s3cret");
    }
  }

  TEST_CASE("a position that holds a secret is not kept, but followed") {
    Feed next(Kind::next);
    next.secret("s3cret");
    next.answer(items + "?key=s3cret", page({1}, R"("next":"/api/s3cret/2")"));
    next.answer("https://h.example/api/s3cret/2?key=s3cret",
                page({2}, R"("next":"?p=3&sig=s3cret")"));
    next.answer("https://h.example/api/s3cret/2?p=3&sig=s3cret&key=s3cret",
                page({3}));
    next.read();
    CHECK(next.ids() == std::vector{1, 2, 3});
    for (const auto& each : next.pages) {
      CHECK(each.window.position.value.empty());
    }

    Feed token(Kind::token);
    token.secret("s3cret");
    token.answer(items + "?key=s3cret", page({1}, R"("next":"x.s3cret.y")"));
    token.answer(items + "?after=x.s3cret.y&key=s3cret", page({2}));
    token.read();
    CHECK(token.ids() == std::vector{1, 2});
    CHECK(token.pages.at(0).window.position.value.empty());
    // Then the next run begins the window at its first page.
    token.read(token.window(), 1);
    CHECK(model::resume(token.pages.at(0).window, token.stream)
              .position.first_page());
  }
}
