// SPDX-License-Identifier: MIT
//
// Streams that are followed by a token or URL of the answer, and what happens
// when a source does not know it any more; sources whose clock goes back.
#include <doctest/doctest.h>

#include <string>

#include "feed.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

using CursorKind = model::CursorRule::Kind;

std::string error_of(Feed& feed, const Window& window) {
  try {
    feed.read(window);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_SUITE("token streams") {
  TEST_CASE("the first run has no token, the next one begins with the last") {
    Feed feed(Kind::token);
    feed.by_token(CursorKind::token);
    feed.answer(items, page({1}, R"("next":"p","delta":"old")"));
    feed.answer(items + "?after=p", page({2}, R"("delta":"new")"));
    feed.read();
    CHECK(feed.pages.back().complete);
    CHECK(feed.pages.back().window.state == "new");

    feed.basis.state = "new";
    feed.answer(items + "?since=new", page({3}, R"("delta":"newer")"));
    feed.read();
    CHECK(feed.fake.urls().back() == items + "?since=new");
    CHECK(feed.pages.back().window.state == "newer");
  }

  TEST_CASE("each page that has no URL of its own is asked with the token") {
    Feed feed(Kind::number);
    feed.by_token(CursorKind::token).stream.page.size = 1;
    feed.basis.state = "t";
    feed.answer(items + "?since=t&page=1", page({1}, R"("delta":"u")"));
    feed.answer(items + "?since=t&page=2", page({}, R"("delta":"u")"));
    feed.read();
    CHECK(feed.ids() == std::vector{1});
    CHECK(feed.pages.back().complete);
    // A page's token in the same parameter takes its place.
    Feed same(Kind::token);
    same.by_token(CursorKind::token).stream.page.param = "since";
    same.basis.state = "t";
    same.answer(items + "?since=t", page({1}, R"("next":"p","delta":"p")"));
    same.answer(items + "?since=p", page({2}, R"("delta":"q")"));
    same.read();
    CHECK(same.ids() == std::vector{1, 2});
  }

  TEST_CASE("a token takes the place of what stands in its parameter") {
    Feed feed;
    feed.by_token(CursorKind::token);
    feed.stream.query = {{"since", model::parse_template("now")}};
    feed.basis.state = "t";
    feed.answer(items + "?since=t", page({}));
    feed.read();
    CHECK(feed.fake.urls() == Urls{items + "?since=t"});
  }

  TEST_CASE("a URL is fetched as it stands, and must be of the same origin") {
    Feed feed(Kind::next);
    feed.by_token(CursorKind::next);
    feed.stream.query = {{"q", model::parse_template("1")}};
    feed.answer(items + "?q=1", page({1}, R"("delta":"/api/delta?t=5")"));
    feed.read();
    CHECK(feed.pages.back().window.state == "https://h.example/api/delta?t=5");
    feed.basis.state = feed.pages.back().window.state;
    feed.answer("https://h.example/api/delta?t=5",
                page({}, R"("delta":"https://evil.example/")"));
    CHECK(error_of(feed, feed.window()).find("evil.example") !=
          std::string::npos);
  }

  TEST_CASE("a URL is kept without what authorises") {
    Feed feed(Kind::next);
    feed.by_token(CursorKind::next).secret("s3cret-token");
    feed.answer(items + "?key=s3cret-token",
                page({1}, R"("delta":"/api/d?key=s3cret-token&t=5")"));
    feed.read();
    CHECK(feed.pages.back().window.state == "https://h.example/api/d?t=5");
  }

  TEST_CASE("a token that came is kept when the window is cut short") {
    Feed feed(Kind::token);
    feed.by_token(CursorKind::token);
    feed.answer(items, page({1}, R"("next":"p","delta":"d")"));
    feed.answer(items + "?after=p", page({2}));
    feed.read(feed.window(), 1);
    CHECK(feed.pages.back().window.state == "d");
    feed.resume();
    CHECK(feed.pages.back().complete);
    CHECK(feed.pages.back().window.state == "d");
  }

  TEST_CASE("a refused token begins the stream anew, and says so") {
    for (const int status : {400, 404, 410, 422}) {
      CAPTURE(status);
      Feed feed(Kind::token);
      feed.by_token(CursorKind::token);
      feed.basis.state = "gone";
      feed.answer(items + "?since=gone", "{}", status);
      feed.answer(items, page({1}, R"("delta":"d")"));
      feed.read();
      CHECK(feed.pages.at(0).resynced);
      CHECK_FALSE(feed.pages.at(0).restarted);
      CHECK(feed.pages.at(0).window.mode == WindowMode::full);
      CHECK(feed.pages.at(0).window.state == "d");
    }
    Feed feed(Kind::token);
    feed.by_token(CursorKind::token);
    feed.basis.state = "t";
    feed.answer(items + "?since=t", "{}", 500);
    CHECK(error_of(feed, feed.window()).find("500") != std::string::npos);
  }

  TEST_CASE("a refused position begins again with the token") {
    Feed feed(Kind::token);
    feed.by_token(CursorKind::token);
    feed.basis.state = "t";
    feed.answer(items + "?since=t", page({1}, R"("next":"p")"));
    feed.answer(items + "?since=t&after=p", "{}", 410);
    feed.answer(items + "?since=t&after=p", page({2}));
    feed.read(feed.window(), 1);
    feed.resume();
    CHECK(feed.fake.urls() ==
          Urls{items + "?since=t", items + "?since=t&after=p",
               items + "?since=t", items + "?since=t&after=p"});
  }

  TEST_CASE("a list that ends without a token is an error, unless it had one") {
    Feed feed(Kind::token);
    feed.by_token(CursorKind::token);
    feed.answer(items, page({1}));
    CHECK(
        error_of(feed, feed.window()) ==
        "the list ended without 'delta', with which the next run would begin");
    feed.basis.state = "t";
    feed.answer(items + "?since=t", page({1}));
    feed.read();
    CHECK(feed.pages.back().complete);
    CHECK_FALSE(feed.pages.back().window.state);
  }

  TEST_CASE("a token that is an object is an error") {
    Feed feed;
    feed.by_token(CursorKind::token);
    feed.answer(items, page({1}, R"("delta":{"a":1})"));
    CHECK(error_of(feed, feed.window()) ==
          "'delta' should name the next page or run, and is an object or array "
          "in the answer");
  }
}

TEST_SUITE("a clock set back") {
  TEST_CASE("is noticed at the first answer, and nothing is read") {
    Feed feed(Kind::token);
    feed.follow();
    feed.basis.mark = at(1000);
    feed.answer(items, page({1})).date = at(600);
    CHECK(error_of(feed, feed.window()) ==
          "the mark 2024-01-01T12:16:40.000Z lies after the source's clock, "
          "2024-01-01T12:09:59.000Z: it was set back, and what changes now "
          "would not be seen");
    CHECK(feed.pages.empty());
  }

  TEST_CASE(
      "is not what a mark a little ahead means, or a source without Date") {
    Feed feed(Kind::token);
    feed.follow();
    feed.basis.mark = at(1000);
    feed.answer(items, page({1})).date = at(701);
    feed.read();
    CHECK(feed.pages.back().complete);
    feed.fake = {};
    feed.answer(items, page({1}));
    feed.read();
    CHECK(feed.pages.back().complete);
  }
}
