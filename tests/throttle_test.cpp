// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "http/throttle.hpp"

using namespace std::chrono_literals;
using namespace strandline::http;
using strandline::model::Instant;

namespace {

using Wait = std::optional<std::chrono::milliseconds>;

// The source's clock is a minute ahead of ours.
constexpr Instant ours{1'772'524'800, 0};    // 2026-03-03T08:00:00Z
constexpr Instant theirs{1'772'524'860, 0};  // 2026-03-03T08:01:00Z

Wait wait(Headers headers, int status = 200,
          std::optional<Instant> date = theirs) {
  Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.date = date;
  return asked_wait(response, ours);
}

struct Case {
  std::string value;
  Wait expected;
};

}  // namespace

TEST_SUITE("asked_wait, Retry-After") {
  TEST_CASE("seconds or a date, held between nothing and a hundred years") {
    const std::vector<Case> cases = {
        {"0", 0ms},
        {"1", 1s},
        {"120", 2min},
        {" 120\t", 2min},
        {"0120", 2min},
        {"1.5", 1500ms},
        {"0.0004", 1ms},
        {"-1", 0ms},
        {"-5", 0ms},
        {"-99999999999999999999", 0ms},
        {"2147483648", 2147483648s},
        {"3155760001", longest_asked_wait},
        {"9223372036854775808", longest_asked_wait},
        {"100000000000000000000", longest_asked_wait},
        {std::string(400, '9'), longest_asked_wait},
        {"Tue, 03 Mar 2026 08:01:32 GMT", 32s},
        {"Tuesday, 03-Mar-26 08:01:32 GMT", 32s},
        {"Tue Mar  3 08:01:32 2026", 32s},
        {"Tue, 03 Mar 2026 08:01:00 GMT", 0ms},
        {"Tue, 03 Mar 2026 08:00:59 GMT", 0ms},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0ms},
        {"Mon, 01 Jan 0001 00:00:00 GMT", 0ms},
        {"Thu, 01 Jan 2099 00:00:00 GMT", 4'070'908'800s - 1'772'524'860s},
        {"Fri, 31 Dec 9999 23:59:59 GMT", longest_asked_wait},
    };
    for (const auto& c : cases) {
      CAPTURE(c.value);
      CHECK(wait({{"Retry-After", c.value}}) == c.expected);
      CHECK(wait({{"retry-after", c.value}}, 429) == c.expected);
    }
  }

  TEST_CASE("what cannot be read is as if it were not there") {
    for (const std::string value : {"",
                                    " ",
                                    "soon",
                                    "1 s",
                                    "1,5",
                                    "1e3",
                                    "+5",
                                    "0x10",
                                    "inf",
                                    "nan",
                                    "--1",
                                    "-",
                                    ".",
                                    ".5",
                                    "1.2.3",
                                    "5 5",
                                    "5;6",
                                    "1994-11-06",
                                    "Mon, 03 Mar 2026 08:01:32 GMT",
                                    "Tue, 03 Mar 2026 08:01:32"}) {
      CAPTURE(value);
      CHECK(wait({{"Retry-After", value}}) == std::nullopt);
      CHECK(wait({{"Retry-After", value}}, 429) == std::nullopt);
      CHECK(wait({{"Retry-After", value}, {"Retry-After", "7"}}) == 7s);
      CHECK(wait({{"Retry-After", value},
                  {"X-RateLimit-Remaining", "0"},
                  {"X-RateLimit-Reset", "7"}}) == 7s);
    }
  }

  TEST_CASE("a date counts from the answer's own, without one from our clock") {
    const Headers headers = {{"Retry-After", "Tue, 03 Mar 2026 08:01:32 GMT"}};
    CHECK(wait(headers) == 32s);
    CHECK(wait(headers, 200, std::nullopt) == 92s);
    CHECK(wait({{"Retry-After", "32"}}, 200, std::nullopt) == 32s);
  }

  TEST_CASE("of two the longer counts, in whichever order") {
    CHECK(wait({{"Retry-After", "3"}, {"Retry-After", "5"}}) == 5s);
    CHECK(wait({{"Retry-After", "5"}, {"Retry-After", "3"}}) == 5s);
    CHECK(wait({{"Retry-After", "5"},
                {"Retry-After", "Tue, 03 Mar 2026 08:01:32 GMT"}}) == 32s);
  }

  TEST_CASE("it goes before what other headers say") {
    CHECK(wait({{"X-RateLimit-Remaining", "0"},
                {"X-RateLimit-Reset", "3600"},
                {"Retry-After", "5"}}) == 5s);
    CHECK(wait({{"Retry-After", "0"},
                {"X-RateLimit-Remaining", "0"},
                {"X-RateLimit-Reset", "3600"}}) == 0ms);
  }
}

TEST_SUITE("asked_wait, limits") {
  TEST_CASE("a reset is read in every meaning that it has") {
    const std::vector<Case> cases = {
        // Seconds from now.
        {"0", 0ms},
        {"7", 7s},
        {"3.25", 3250ms},
        {"0.001", 1ms},
        {"86400", 24h},
        {"99999999", 99'999'999s},
        {"-3", 0ms},
        // Seconds since 1970.
        {"1772524867", 7s},
        {"1772524867.5", 7500ms},
        {"1772524860", 0ms},
        {"1772524859", 0ms},
        {"100000000", 0ms},
        {"99999999999", longest_asked_wait},
        // Milliseconds since 1970.
        {"1772524867250", 7250ms},
        {"1772524859999", 0ms},
        {"100000000000", 0ms},
        {"99999999999999", longest_asked_wait},
        // Dates.
        {"Tue, 03 Mar 2026 08:01:07 GMT", 7s},
        {"Tuesday, 03-Mar-26 08:01:07 GMT", 7s},
        {"2026-03-03T08:01:07Z", 7s},
        {"2026-03-03T08:01:07.5Z", 7500ms},
        {"2026-03-03T09:01:07+01:00", 7s},
        {"2026-03-03T08:00:00Z", 0ms},
        {"9999-12-31T00:00:00Z", longest_asked_wait},
        // None of these: nothing remains, and nobody knows until when.
        {"", 0ms},
        {"soon", 0ms},
        {"2026-03-03T08:01:07", 0ms},
        {"1e3", 0ms},
        {"100000000000000", 0ms},
        {"100000000000000000000", 0ms},
        {std::string(400, '9'), 0ms},
    };
    for (const std::string family : {"X-RateLimit", "X-Rate-Limit", "RateLimit",
                                     "Rate-Limit", "x-ratelimit"}) {
      for (const auto& c : cases) {
        CAPTURE(family);
        CAPTURE(c.value);
        CHECK(wait({{family + "-Limit", "100"},
                    {family + "-Remaining", "0"},
                    {family + "-Reset", c.value}}) == c.expected);
      }
    }
  }

  TEST_CASE("an epoch counts from the answer's date, else from our clock") {
    const Headers headers = {{"X-RateLimit-Remaining", "0"},
                             {"X-RateLimit-Reset", "1772524867"}};
    CHECK(wait(headers) == 7s);
    CHECK(wait(headers, 200, std::nullopt) == 67s);
    CHECK(wait({{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "7"}},
               200, std::nullopt) == 7s);
  }

  TEST_CASE("nothing is asked while something remains") {
    for (const std::string left : {"1", "99", "0.5", "", "none", "0/100"}) {
      CAPTURE(left);
      for (const int status : {200, 403, 404, 500}) {
        CHECK(
            wait({{"X-RateLimit-Remaining", left}, {"X-RateLimit-Reset", "7"}},
                 status) == std::nullopt);
      }
    }
    CHECK(wait({{"X-RateLimit-Remaining", "1"}, {"X-RateLimit-Reset", "7"}},
               429) == std::nullopt);
    CHECK(wait({}) == std::nullopt);
    CHECK(wait({{"X-RateLimit-Limit", "0"}, {"X-Other-Remaining", "0"}}) ==
          std::nullopt);
  }

  TEST_CASE("a negative rest is none") {
    CHECK(wait({{"X-RateLimit-Remaining", "-1"}, {"X-RateLimit-Reset", "7"}}) ==
          7s);
    CHECK(wait({{"X-RateLimit-Remaining", "0.0"},
                {"X-RateLimit-Reset", "7"}}) == 7s);
  }

  TEST_CASE("a reset alone counts where the answer itself is a refusal") {
    const Headers headers = {{"X-Rate-Limit-Reset", "7"}};
    CHECK(wait(headers, 429) == 7s);
    CHECK(wait(headers, 503) == 7s);
    CHECK(wait(headers, 200) == std::nullopt);
    CHECK(wait(headers, 403) == std::nullopt);
    CHECK(wait(headers, 500) == std::nullopt);
    CHECK(wait({{"X-Rate-Limit-Reset", "soon"}}, 429) == std::nullopt);
  }

  TEST_CASE("each family is a limit of its own, and the longest wait counts") {
    CHECK(wait({{"X-RateLimit-Remaining", "0"}, {"RateLimit-Reset", "7"}}) ==
          0ms);
    CHECK(wait({{"X-RateLimit-Remaining", "9"},
                {"X-RateLimit-Reset", "3600"},
                {"RateLimit-Remaining", "0"},
                {"RateLimit-Reset", "7"}}) == 7s);
    CHECK(wait({{"X-RateLimit-Remaining", "0"},
                {"X-RateLimit-Reset", "60"},
                {"RateLimit-Remaining", "0"},
                {"RateLimit-Reset", "7"}}) == 60s);
    // Two headers of one name.
    CHECK(wait({{"X-RateLimit-Remaining", "0"},
                {"X-RateLimit-Remaining", "5"},
                {"X-RateLimit-Reset", "7"},
                {"X-RateLimit-Reset", "3"}}) == 7s);
  }

  TEST_CASE("the combined header is read in the forms of its drafts") {
    const std::vector<Case> cases = {
        {"limit=100, remaining=0, reset=7", 7s},
        {"limit=100,remaining=0,reset=7", 7s},
        {"limit=100; remaining=0; reset=7", 7s},
        {"Limit=100, Remaining=0, Reset=0.5", 500ms},
        {"limit=100, remaining=1, reset=7", {}},
        {"limit=100, reset=7", {}},
        {"limit=100, remaining=0", 0ms},
        {R"("default";r=0;t=12)", 12s},
        {R"("default"; r=0; t=12)", 12s},
        {R"("default";r=50;t=12)", {}},
        {R"("default";t=12;r=0)", 12s},
        {R"(default;r=0;t=12)", 12s},
        {R"("burst";r=0;t=5, "daily";r=0;t=60)", 60s},
        {R"("burst";r=0;t=5, "daily";r=9;t=60)", 5s},
        {R"("burst";r=9;t=60, "daily";r=0;t=5)", 5s},
        {R"("a=1";r=0;t=5, "b=2";r=9;t=60)", 5s},
        {R"("a,b;r=0;t=9=";r=1;t=60)", {}},
        {R"("default";r=0;t=1772524867)", 7s},
        {R"("default";r=0;pk=:cHJ0:;t=12)", 12s},
        {"", {}},
        {",;=,\"", {}},
        {"remaining=0=0, reset=7", {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.value);
      CHECK(wait({{"RateLimit", c.value}}) == c.expected);
      CHECK(wait({{"ratelimit", c.value}}) == c.expected);
    }
    CHECK(wait({{"RateLimit", "\"a\";r=0;t=5"},
                {"RateLimit", "\"b\";r=0;t=8"}}) == 8s);
    CHECK(wait({{"RateLimit", "limit=10, reset=7"}}, 429) == 7s);
    CHECK(wait({{"RateLimit-Policy", "\"default\";q=100;w=60;r=0;t=7"}}) ==
          std::nullopt);
  }
}
