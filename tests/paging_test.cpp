// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "feed.hpp"
#include "http/error.hpp"
#include "source/link_header.hpp"
#include "source/pager.hpp"

using namespace strandline;
using namespace strandline::test;
using model::PageRule;
using source::DecodeError;

TEST_SUITE("Link header") {
  TEST_CASE("a link is found by its relation") {
    struct Case {
      std::vector<std::string> headers;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {{R"(<https://h/2>; rel="next")"}, "https://h/2"},
        {{R"(<https://h/2>;rel=next)"}, "https://h/2"},
        {{R"( <2> ; rel = "next" )"}, "2"},
        {{R"(<>; rel="next")"}, ""},
        {{R"(</a?b=1,2;3>; rel="next")"}, "/a?b=1,2;3"},
        // Several links, in one header and in several.
        {{R"(<1>; rel="first", <2>; rel="next", <9>; rel="last")"}, "2"},
        {{R"(<1>; rel="first",<2>; rel="next",)"}, "2"},
        {{R"(<1>; rel="prev")", R"(<2>; rel="next")"}, "2"},
        {{R"(<2>; rel="next", <3>; rel="next")"}, "2"},
        {{R"(, ,<2>; rel="next")"}, "2"},
        {{R"(<1>; rel=prev <2>; rel=next)"}, "2"},
        // Quoted text may hold what ends a link elsewhere.
        {{R"(<1>; title="a, <b>; rel=\"next\""; rel="prev", <2>; rel="next")"},
         "2"},
        {{R"(<2>; title="\\"; rel="next")"}, "2"},
        // Several words, any case, other parameters.
        {{R"(<2>; rel="prefetch next")"}, "2"},
        {{R"(<2>; rel="next  last")"}, "2"},
        {{R"(<2>; REL="NEXT")"}, "2"},
        {{R"(<2>; type="a/b"; crossorigin; rel="next")"}, "2"},
        // Only the first `rel` counts.
        {{R"(<1>; rel="prev"; rel="next", <2>; rel="next")"}, "2"},
        // What is not that relation.
        {{R"(<1>; rel="nextpage")"}, "(none)"},
        {{R"(<1>; rel="next-archive")"}, "(none)"},
        {{R"(<1>; rev="next")"}, "(none)"},
        {{R"(<1>; title="next")"}, "(none)"},
        {{R"(<1>; rel="")"}, "(none)"},
        {{R"(<1>; rel)"}, "(none)"},
        {{"<1>"}, "(none)"},
        {{""}, "(none)"},
        {{}, "(none)"},
    };
    for (const auto& c : cases) {
      CAPTURE(fmt::format("{}", fmt::join(c.headers, " | ")));
      http::Headers headers{{"Content-Type", "<1>; rel=next"}};
      for (const auto& value : c.headers) {
        headers.emplace_back(&value == &c.headers.front() ? "link" : "LINK",
                             value);
      }
      CHECK(source::linked(headers, "next").value_or("(none)") == c.expected);
    }
  }

  TEST_CASE("one that cannot be read is no proof that there is none") {
    for (const std::string value :
         {"https://h/2; rel=next", "<https://h/2; rel=next",
          "<1>; rel=prev x, <2>; rel=next", "<1>; rel=prev; , x",
          "<1>; title=\"a, <2>; rel=next", "<1>; title=\"a\\"}) {
      CAPTURE(value);
      CHECK_THROWS_WITH_AS(source::linked({{"Link", value}}, "next"),
                           doctest::Contains("' cannot be read"), DecodeError);
    }
  }
}

TEST_SUITE("CycleDetector") {
  TEST_CASE("every circle is noticed in time") {
    for (int length = 1; length <= 50; ++length) {
      for (int before = 0; before <= 100; ++before) {
        source::CycleDetector detector;
        int taken = 0;
        const auto place = [&] {
          return taken < before ? taken : before + (taken - before) % length;
        };
        while (!detector.repeats(fmt::format("token {}", place()))) {
          ++taken;
          if (taken > 3 * (before + length)) {
            break;
          }
        }
        CAPTURE(length);
        CAPTURE(before);
        REQUIRE(taken >= before + length);
        REQUIRE(taken < 3 * (before + length));
        REQUIRE((length > 1 || taken == before + 1));
      }
    }
  }

  TEST_CASE("a list without a circle is read on") {
    source::CycleDetector detector;
    bool repeats = false;
    for (int i = 0; i < 10'000; ++i) {
      repeats = repeats || detector.repeats(std::to_string(i));
    }
    CHECK_FALSE(repeats);
  }
}

TEST_SUITE("pages") {
  TEST_CASE("without paging there is one") {
    Feed feed;
    feed.answer(items, page({1, 2}, R"("next":"/items?page=2")"));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2});
    CHECK(feed.pages.size() == 1);
    CHECK(feed.pages.back().complete);
    CHECK(feed.fake.urls() == Urls{items});
  }

  TEST_CASE("a next URL is resolved and fetched as it stands") {
    Feed feed(Kind::next);
    feed.stream.query = {{"per_page", model::parse_template("2")}};
    feed.answer(items + "?per_page=2",
                page({1, 2}, R"("next":"/api/items?cursor=a%2Bb&x=[1]")"));
    feed.answer("https://h.example/api/items?cursor=a%2Bb&x=[1]",
                page({3}, R"("next":"?cursor=c")"));
    feed.answer(items + "?cursor=c",
                page({4}, R"("next":"https://h.example:443/api/more")"));
    feed.answer("https://h.example:443/api/more", page({5}, R"("next":null)"));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2, 3, 4, 5});
    CHECK(feed.fake.urls() ==
          Urls{items + "?per_page=2",
               "https://h.example/api/items?cursor=a%2Bb&x=[1]",
               items + "?cursor=c", "https://h.example:443/api/more"});
    CHECK(feed.pages.back().complete);
    CHECK_FALSE(feed.pages.front().complete);
  }

  TEST_CASE("a link of the header is followed") {
    Feed feed(Kind::link);
    feed.answer(items, page({1})).headers = {
        {"Link", R"(<https://h.example/api/items?p=1>; rel="self")"},
        {"link", R"(</api/items?p=2>; rel="next")"}};
    feed.answer(items + "?p=2", page({2})).headers = {
        {"Link", R"(</api/items>; rel="first")"}};
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2});
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("a token takes the place of its parameter") {
    Feed feed(Kind::token);
    feed.stream.query = {{"after", model::parse_template("start")},
                         {"size", model::parse_template("9")}};
    feed.answer(items + "?after=start&size=9", page({1}, R"("next":"a/b c")"));
    feed.answer(items + "?after=a%2Fb%20c&size=9", page({2}, R"("next":17)"));
    feed.answer(items + "?after=17&size=9", page({3}, R"("next":"")"));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2, 3});
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("an offset is the number of records so far, rejects among them") {
    Feed feed(Kind::offset);
    feed.answer(items + "?offset=0", R"({"data":[{"id":1},{"id":2},{"x":0}]})");
    feed.answer(items + "?offset=3", page({4}));
    feed.answer(items + "?offset=4", page({}));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2, 4});
    CHECK(feed.pages.size() == 3);
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("pages are numbered from the first") {
    Feed feed(Kind::number);
    feed.stream.page.first = 0;
    feed.answer(items + "?page=0", page({1}));
    feed.answer(items + "?page=1", page({2}));
    feed.answer(items + "?page=2", page({}));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2});
    feed.resume();
    CHECK(feed.fake.urls() == Urls{items + "?page=0", items + "?page=1",
                                   items + "?page=2", items + "?page=0",
                                   items + "?page=1", items + "?page=2"});
  }

  TEST_CASE("nothing follows a complete page") {
    Feed feed;
    feed.answer(items, page({1}));
    auto reader = feed.reader(feed.window());
    CHECK(reader.next());
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.next());
    CHECK(feed.fake.asked().size() == 1);
  }

  TEST_CASE("204 is empty and the end, whatever the kind") {
    for (const auto kind :
         {Kind::single, Kind::next, Kind::link, Kind::token}) {
      CAPTURE(static_cast<int>(kind));
      Feed feed(kind);
      feed.answer(items, "", 204).headers = {{"Link", "<2>; rel=next"}};
      feed.read();
      REQUIRE(feed.pages.size() == 1);
      CHECK(feed.pages.at(0).complete);
      CHECK(feed.ids().empty());
    }
  }

  TEST_CASE("a page without a body has as many fields as the ones before") {
    Feed feed(Kind::next);
    feed.answer(items, page({1}, R"("next":"?p=2")"));
    feed.answer(items + "?p=2", "", 204);
    feed.read();
    CHECK(feed.pages.at(0).records.first_new_field == 1);
    CHECK(feed.pages.at(0).records.new_fields.size() == 1);
    CHECK(feed.pages.at(1).records.first_new_field == 2);
  }

  TEST_CASE("what a page took is told with it") {
    Feed feed(Kind::next);
    const auto one = page({1}, R"("next":"?p=2")");
    feed.answer(items, one);
    feed.answer(items + "?p=2", page({2}));
    feed.read();
    CHECK(feed.pages.at(0).requests == 1);
    CHECK(feed.pages.at(0).bytes == static_cast<std::int64_t>(one.size()));
    CHECK(feed.pages.at(1).requests == 1);
    CHECK(feed.pages.at(1).bytes ==
          static_cast<std::int64_t>(page({2}).size()));
  }
}

TEST_SUITE("the end") {
  TEST_CASE("is what the answer says it is") {
    struct Case {
      Kind kind;
      std::function<void(PageRule&)> rule;
      std::string body;
      std::string expected;
    };
    const auto path = model::parse_path;
    const auto none = [](PageRule&) {};
    const auto more = [&](PageRule& rule) { rule.more = path("more"); };
    const auto end = [&](PageRule& rule) { rule.end = path("end"); };
    const auto total = [&](PageRule& rule) { rule.total = path("total"); };
    const auto size = [&](PageRule& rule) { rule.size = 2; };
    const std::string no_place =
        "the answer says that there is another page, but not where";
    const std::vector<Case> cases = {
        // Nothing said: where there is no token there is no page.
        {Kind::token, none, page({1}, R"("next":"t")"), "then t"},
        {Kind::token, none, page({}, R"("next":"t")"), "then t"},
        {Kind::token, none, page({1}), "end"},
        {Kind::token, none, page({1}, R"("next":null)"), "end"},
        {Kind::token, none, page({1}, R"("next":"")"), "end"},
        {Kind::token, none, page({1}, R"("next":false)"), "end"},
        {Kind::token, none, page({1}, R"("next":"false")"), "then false"},
        {Kind::token, none, page({1}, R"("next":0)"), "then 0"},
        {Kind::token, none, page({1}, R"("next":{"after":"t"})"),
         "'next' should name the next page or run, and is an object or array "
         "in the "
         "answer"},
        {Kind::next, none, page({1}, R"("next":["/items?p=2"])"),
         "'next' should name the next page or run, and is an object or array "
         "in the "
         "answer"},
        {Kind::next, none, page({1}, R"("next":"?p=2")"),
         "then " + items + "?p=2"},
        {Kind::next, none, page({1}), "end"},
        {Kind::link, none, page({1}), "end"},
        {Kind::offset, none, page({1}), "then 1"},
        {Kind::offset, none, page({}), "end"},
        {Kind::number, none, page({1}), "then 2"},
        {Kind::number, none, page({}), "end"},
        // `more`.
        {Kind::token, more, page({1}, R"("next":"t","more":true)"), "then t"},
        {Kind::token, more, page({1}, R"("next":"t","more":false)"), "end"},
        {Kind::token, more, page({1}, R"("next":"t","more":null)"), "end"},
        {Kind::token, more, page({1}, R"("next":"t","more":0)"), "end"},
        {Kind::token, more, page({1}, R"("next":"t","more":[])"), "end"},
        {Kind::token, more, page({1}, R"("next":"t")"), "end"},
        {Kind::token, more, page({1}, R"("more":true)"), no_place},
        {Kind::next, more, page({1}, R"("more":1,"next":null)"), no_place},
        {Kind::link, more, page({1}, R"("more":1)"), no_place},
        {Kind::offset, more, page({1}, R"("more":true)"), "then 1"},
        {Kind::number, more, page({}, R"("more":true)"), "then 2"},
        {Kind::number, more, page({1}, R"("more":false)"), "end"},
        // `end`.
        {Kind::token, end, page({1}, R"("next":"t","end":true)"), "end"},
        {Kind::token, end, page({1}, R"("next":"t","end":false)"), "then t"},
        {Kind::token, end, page({1}, R"("next":"t")"), "then t"},
        {Kind::token, end, page({1}, R"("end":false)"), no_place},
        {Kind::token, end, page({1}), no_place},
        {Kind::number, end, page({}, R"("end":false)"), "then 2"},
        {Kind::number, end, page({1}, R"("end":true)"), "end"},
        // `total`.
        {Kind::offset, total, page({1, 2}, R"("total":3)"), "then 2"},
        {Kind::offset, total, page({1, 2}, R"("total":2)"), "end"},
        {Kind::offset, total, page({1, 2}, R"("total":1)"), "end"},
        {Kind::offset, total, page({1, 2}, R"("total":"2")"), "end"},
        {Kind::offset, total, page({}, R"("total":0)"), "end"},
        {Kind::number, total, page({}, R"("total":5)"), "then 2"},
        {Kind::token, total, page({1}, R"("total":5)"), no_place},
        {Kind::offset, total, page({1}),
         "`total`: 'total' is not there in the answer"},
        {Kind::offset, total, page({1}, R"("total":null)"),
         "`total`: 'total' is 'null', not a whole number"},
        {Kind::offset, total, page({1}, R"("total":"many\n")"),
         "`total`: 'total' is 'many\\x0A', not a whole number"},
        {Kind::offset, total, page({1}, R"("total":1.5)"),
         "`total`: 'total' is '1.5', not a whole number"},
        // `size`.
        {Kind::number, size, page({1, 2}), "then 2"},
        {Kind::number, size, page({1, 2, 3}), "then 2"},
        {Kind::number, size, page({1}), "end"},
        {Kind::number, size, page({}), "end"},
        {Kind::number, size, R"({"data":[{"id":1},{"no":"key"}]})", "then 2"},
        {Kind::token, size, page({1}, R"("next":"t")"), "end"},
        {Kind::token, size, page({1, 2}), no_place},
        // Together: any of them may say it.
        {Kind::number, [&](PageRule& rule) { more(rule), size(rule); },
         page({1}, R"("more":true)"), "end"},
        {Kind::number, [&](PageRule& rule) { more(rule), size(rule); },
         page({1, 2}, R"("more":false)"), "end"},
        {Kind::number, [&](PageRule& rule) { more(rule), size(rule); },
         page({1, 2}, R"("more":true)"), "then 2"},
        {Kind::offset, [&](PageRule& rule) { end(rule), total(rule); },
         page({1}, R"("end":true,"total":9)"), "end"},
        {Kind::offset, [&](PageRule& rule) { end(rule), total(rule); },
         page({1}, R"("end":false,"total":9)"), "then 1"},
    };
    for (const auto& c : cases) {
      CAPTURE(static_cast<int>(c.kind));
      CAPTURE(c.body);
      Feed feed(c.kind);
      c.rule(feed.stream.page);
      CHECK(feed.first(c.body) == c.expected);
    }
  }

  TEST_CASE("a total counts the records of all pages") {
    Feed feed(Kind::number);
    feed.stream.page.total = model::parse_path("total");
    feed.answer(items + "?page=1", page({1, 2}, R"("total":3)"));
    feed.answer(items + "?page=2", page({3}, R"("total":3)"));
    feed.read();
    CHECK(feed.pages.size() == 2);
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("a total that falls while the list is read is no end") {
    // Two of the records that were read are deleted: one is still to come.
    Feed feed(Kind::token);
    feed.stream.page.total = model::parse_path("total");
    feed.answer(items, page({1, 2}, R"("total":5,"next":"a")"));
    feed.answer(items + "?after=a", page({3, 4}, R"("total":4,"next":"b")"));
    feed.answer(items + "?after=b", page({5}, R"("total":3)"));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 2, 3, 4, 5});
    CHECK(feed.pages.back().complete);

    // A run that goes on remembers it.
    feed.read(feed.window(), 2);
    feed.fake = {};
    feed.answer(items + "?after=b", page({5}, R"("total":3)"));
    feed.resume();
    CHECK(feed.ids() == std::vector{5});

    Feed after(Kind::after);
    after.stream.page.total = model::parse_path("total");
    after.answer(items, page({1, 2}, R"("total":4)"));
    after.answer(items + "?after=2", page({3}, R"("total":3)"));
    after.answer(items + "?after=3", page({}, R"("total":3)"));
    after.read();
    CHECK(after.fake.urls().size() == 3);
    CHECK(after.pages.back().complete);
  }

  TEST_CASE(
      "a total is no end where the answer names another page with records") {
    Feed feed(Kind::token);
    feed.stream.page.total = model::parse_path("total");
    // The first record came twice.
    feed.answer(items, page({1}, R"("total":2,"next":"a")"));
    feed.answer(items + "?after=a", page({1}, R"("total":2,"next":"b")"));
    feed.answer(items + "?after=b", page({2}, R"("total":2,"next":"c")"));
    feed.answer(items + "?after=c", page({}, R"("total":2,"next":"d")"));
    feed.read();
    CHECK(feed.ids() == std::vector{1, 1, 2});
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("empty pages are no end, but a hundred in a row are an error") {
    Feed feed(Kind::token);
    feed.answer(items, page({}, R"("next":"1")"));
    for (int i = 1; i < 99; ++i) {
      feed.answer(fmt::format("{}?after={}", items, i),
                  page({}, fmt::format(R"("next":"{}")", i + 1)));
    }
    auto& hundredth = feed.answer(items + "?after=99", page({7}));
    feed.read();
    CHECK(feed.pages.size() == 100);
    CHECK(feed.ids() == std::vector{7});
    hundredth.body = page({}, R"("next":"100")");
    CHECK_THROWS_WITH_AS(
        feed.read(), "a hundred empty pages in a row, and no end", DecodeError);
    CHECK(feed.pages.size() == 99);
  }

  TEST_CASE("empty pages are counted anew behind one with records") {
    Feed feed(Kind::token);
    feed.answer(items, page({}, R"("next":"1")"));
    for (int i = 1; i < 150; ++i) {
      const auto next = fmt::format(R"("next":"{}")", i + 1);
      feed.answer(fmt::format("{}?after={}", items, i),
                  i == 75 ? page({7}, next) : page({}, next));
    }
    feed.answer(items + "?after=150", page({8}));
    feed.read();
    CHECK(feed.ids() == std::vector{7, 8});
    CHECK(feed.pages.back().complete);
  }

  TEST_CASE("a list that goes in circles is an error") {
    for (int length = 1; length <= 50; ++length) {
      CAPTURE(length);
      Feed feed(Kind::token);
      feed.answer(items, page({1}, R"("next":"0")"));
      for (int i = 0; i < length; ++i) {
        feed.answer(fmt::format("{}?after={}", items, i),
                    page({1}, fmt::format(R"("next":"{}")", (i + 1) % length)));
      }
      CHECK_THROWS_WITH_AS(
          feed.read(),
          "the list goes in circles: a page that was read before comes again",
          DecodeError);
      CHECK(feed.fake.asked().size() <= 3U * static_cast<unsigned>(length) + 1);
    }
  }

  TEST_CASE("an offset that does not move is a circle") {
    Feed feed(Kind::offset);
    feed.stream.page.total = model::parse_path("total");
    feed.answer(items + "?offset=0", page({1}, R"("total":5)"));
    feed.answer(items + "?offset=1", page({}, R"("total":5)"));
    CHECK_THROWS_AS(feed.read(), DecodeError);
    CHECK(feed.fake.asked().size() == 2);
    CHECK_FALSE(feed.pages.back().complete);
  }
}

TEST_SUITE("requests") {
  TEST_CASE("the lower bound is written as the cursor is") {
    Feed feed;
    feed.follow();
    feed.stream.query = {{"since", model::parse_template("${from}")},
                         {"q", model::parse_template("at > '${from}' $${x}")},
                         {"sort", model::parse_template("at")}};
    feed.stream.headers = {{"If-Newer", model::parse_template("<${from}>")},
                           {"X-Fixed", model::parse_template("yes")}};
    feed.stream.cursor->exclusive = true;
    feed.stream.cursor->format = model::CursorFormat::epoch_s;
    const auto from = std::to_string(noon - 300 - 1);
    feed.answer(items + "?since=" + from + "&q=at%20%3E%20%27" + from +
                    "%27%20%24%7Bx%7D&sort=at",
                page({}));
    feed.read(feed.window(at(0)));
    const auto& headers = feed.fake.asked().at(0).headers;
    CHECK(http::find_header(headers, "If-Newer") == "<" + from + ">");
    CHECK(http::find_header(headers, "X-Fixed") == "yes");
  }

  TEST_CASE("without a lower bound what names it is left out whole") {
    Feed feed;
    feed.follow();
    feed.stream.query = {{"q", model::parse_template("at>${from}")},
                         {"sort", model::parse_template("at")}};
    feed.stream.headers = {{"If-Newer", model::parse_template("${from}")}};
    feed.answer(items + "?sort=at", page({1}));
    feed.read();
    CHECK(feed.ids() == std::vector{1});
    CHECK_FALSE(http::find_header(feed.fake.asked().at(0).headers, "If-Newer"));
  }

  TEST_CASE("a bound in the path is percent-encoded") {
    Feed feed;
    feed.follow();
    feed.stream.path = model::parse_template("/items/since/${from}/x");
    feed.answer(items + "/since/2024-01-01T11%3A55%3A00Z/x", page({1}));
    feed.read(feed.window(at(0)));
    CHECK(feed.ids() == std::vector{1});
  }

  TEST_CASE("each page of a window is asked with the same bound and headers") {
    Feed feed(Kind::token);
    feed.follow();
    feed.stream.query = {{"since", model::parse_template("${from}")}};
    feed.stream.headers = {{"X-Since", model::parse_template("${from}")}};
    const auto url = items + "?since=2024-01-01T11%3A55%3A00Z";
    feed.answer(url, page({500}, R"("next":"t")"));
    feed.answer(url + "&after=t", page({900}));
    feed.read(feed.window(at(0)));
    CHECK(feed.pages.size() == 2);
    for (const auto& request : feed.fake.asked()) {
      CHECK(http::find_header(request.headers, "X-Since") ==
            "2024-01-01T11:55:00Z");
    }
  }

  TEST_CASE("a next page of another origin is refused and nothing is sent") {
    for (const std::string next :
         {"https://evil.example/api/items", "http://h.example/api/items",
          "https://h.example:8443/api/items", "//evil.example/x"}) {
      CAPTURE(next);
      Feed by_body(Kind::next);
      by_body.answer(items, page({1}, R"("next":")" + next + "\""));
      CHECK_THROWS_WITH_AS(
          by_body.read(),
          doctest::Contains("requests and credentials go to the origin of "
                            "base_url alone, https://h.example:443"),
          DecodeError);
      // Kept as a position it would fail every run to come.
      CHECK(by_body.pages.empty());
      CHECK(by_body.fake.urls() == Urls{items});
      Feed by_header(Kind::link);
      by_header.answer(items, page({1})).headers = {
          {"Link", "<" + next + ">; rel=next"}};
      CHECK_THROWS_AS(by_header.read(), DecodeError);
      CHECK(by_header.fake.urls() == Urls{items});
    }
  }

  TEST_CASE("a next page that is no URL is an error") {
    Feed feed(Kind::next);
    feed.answer(items, page({1}, R"("next":"https://h.example:x/")"));
    CHECK_THROWS_AS(feed.read(), http::HttpError);
    CHECK(feed.pages.empty());
  }

  TEST_CASE("an error in an answer says what was asked") {
    Feed feed;
    feed.secret("s3cret");
    feed.stream.query = {{"sort", model::parse_template("at")}};
    feed.answer(items + "?sort=at&key=s3cret", "<html>");
    try {
      feed.read();
      FAIL("read");
    } catch (const DecodeError& error) {
      CHECK(error.notes().at(0).label == "request");
      CHECK(error.notes().at(0).text == "GET " + items + "?sort");
    }
  }
}
