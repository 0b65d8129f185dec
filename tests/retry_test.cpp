// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fake_waiter.hpp"
#include "http/client.hpp"
#include "http/error.hpp"
#include "http/retry.hpp"

using namespace std::chrono_literals;
using namespace strandline::http;
using strandline::Error;
using strandline::ExitCode;
using strandline::model::Rate;
using strandline::model::SourceDefinition;
using strandline::test::FakeWaiter;
using strandline::test::SeenWait;

namespace {

const std::string url = "https://h.example/api/x";

// What a source does with one request: an answer, or what the network does.
struct Turn {
  int status = 200;
  Headers headers;
  std::string body = "[]";
  std::optional<HttpError> failure;
  std::optional<strandline::model::Instant> date;
};

Turn refusal(int status, Headers headers = {}) {
  return {status, std::move(headers), "{}", {}, {}};
}

Turn network_failure(ExitCode code = ExitCode::temporary) {
  return {0, {}, {}, HttpError(code, "GET " + url + ": no way there"), {}};
}

// A source that answers in turn, the last answer for good.
struct Script {
  std::vector<Turn> turns;
  std::size_t asked = 0;

  void send(Response& response) {
    const auto& turn = turns.at(std::min(asked, turns.size() - 1));
    ++asked;
    if (turn.failure) {
      throw HttpError(*turn.failure);
    }
    response = {};
    response.status = turn.status;
    response.headers = turn.headers;
    response.body = turn.body;
    response.date = turn.date;
  }
};

class ScriptTransport : public Transport {
 public:
  explicit ScriptTransport(Script& script) : script_(script) {}
  void send(const Request&, Response& response) override {
    script_.send(response);
  }

 private:
  Script& script_;
};

// A client with time of its own, and the source that it asks.
struct Fixture {
  Script script;
  SourceDefinition source;
  Credentials credentials;
  RetryPolicy policy;
  std::shared_ptr<FakeWaiter> waiter = std::make_shared<FakeWaiter>();
  std::shared_ptr<Session> session;

  explicit Fixture(std::vector<Turn> turns) {
    script.turns = std::move(turns);
    source.base_url = "https://h.example/api";
  }

  Client client() {
    if (!session) {
      session = std::make_shared<Session>(source, credentials);
    }
    Client client(session, std::make_unique<ScriptTransport>(script), waiter,
                  policy);
    client.set_stream("tickets", {});
    return client;
  }

  // What a request ends with: nothing, or the error.
  std::optional<HttpError> fetch(Client& client,
                                 const Client::Accept& accept = {}) {
    try {
      client.fetch({Url(url)}, accept);
    } catch (const HttpError& error) {
      return error;
    }
    return {};
  }
  std::optional<HttpError> fetch() {
    auto subject = client();
    return fetch(subject);
  }

  std::vector<FakeWaiter::Clock::duration> times() const {
    std::vector<FakeWaiter::Clock::duration> times;
    for (const auto& wait : waiter->waits) {
      times.push_back(wait.time);
    }
    return times;
  }
};

std::string note(const Error& error, std::string_view label) {
  const auto found =
      std::ranges::find(error.notes(), label, &strandline::Note::label);
  return found == error.notes().end() ? "(no such note)" : found->text;
}

Error time_up(Client& client, const Client::Accept& accept) {
  try {
    client.fetch({Url(url)}, accept);
  } catch (const TimeUp& error) {
    return error;
  }
  FAIL("the time was not up");
  throw;
}

const Turn good;

}  // namespace

TEST_SUITE("Retries") {
  TEST_CASE("the waits lie anywhere below a bound that doubles up to a limit") {
    std::mt19937 random(1);
    const std::vector<std::chrono::milliseconds> bounds = {1s,  2s,  4s,  8s,
                                                           16s, 32s, 60s, 60s};
    std::vector<double> sums(bounds.size());
    constexpr int rounds = 2000;
    std::chrono::milliseconds least = 1h;
    std::chrono::milliseconds most{0};
    for (int round = 0; round < rounds; ++round) {
      RetryPolicy policy;
      policy.attempts = 9;
      Retries retries(policy, random);
      for (std::size_t i = 0; i < bounds.size(); ++i) {
        CHECK(retries.left());
        const auto wait = retries.after_failure(false);
        CHECK(wait >= 0ms);
        CHECK(wait <= bounds[i]);
        sums[i] += static_cast<double>(wait.count());
        if (i == 6) {
          least = std::min(least, wait);
          most = std::max(most, wait);
        }
      }
      CHECK_FALSE(retries.left());
    }
    // Full jitter: evenly spread, to both ends.
    CHECK(least < 500ms);
    CHECK(most > 59'500ms);
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      const auto mean = sums[i] / rounds;
      const auto half = static_cast<double>(bounds[i].count()) / 2;
      CHECK(std::abs(mean - half) < half * 0.06);
    }
  }

  TEST_CASE("without a network no wait is shorter than half its bound") {
    std::mt19937 random(1);
    const std::vector<std::chrono::milliseconds> bounds = {1s,  2s,  4s, 8s,
                                                           16s, 32s, 60s};
    std::chrono::milliseconds shortest = 1h;
    std::chrono::milliseconds longest{0};
    for (int round = 0; round < 1000; ++round) {
      Retries retries({}, random);
      std::chrono::milliseconds all{0};
      for (const auto bound : bounds) {
        const auto wait = retries.after_failure(true);
        CHECK(wait >= bound / 2);
        CHECK(wait <= bound);
        all += wait;
      }
      CHECK_FALSE(retries.left());
      shortest = std::min(shortest, all);
      longest = std::max(longest, all);
    }
    // What doc/http.md promises.
    CHECK(shortest >= 61s);
    CHECK(longest <= 123s);
  }

  TEST_CASE("so many attempts and no more") {
    std::mt19937 random;
    for (int attempts = 1; attempts < 20; ++attempts) {
      RetryPolicy policy;
      policy.attempts = attempts;
      Retries retries(policy, random);
      for (int i = 1; i < attempts; ++i) {
        CHECK(retries.left());
        CHECK(retries.after_failure(false) <= policy.longest);
      }
      CHECK_FALSE(retries.left());
    }
  }
}

TEST_SUITE("Client, what it asks again") {
  TEST_CASE("what may pass is asked again until it is good") {
    std::vector<Turn> passing;
    for (const int status : {408, 425, 429, 500, 501, 502, 503, 504, 505, 520,
                             521, 522, 523, 524, 525, 526, 527, 529, 599}) {
      passing.push_back(refusal(status));
    }
    passing.push_back(network_failure());
    for (const auto& turn : passing) {
      CAPTURE(turn.status);
      Fixture fixture({turn, turn, good});
      auto client = fixture.client();
      CHECK_FALSE(fixture.fetch(client));
      CHECK(fixture.script.asked == 3);
      CHECK(client.requests() == 3);
      CHECK(client.retries() == 2);
      // A wait of no time is one too, if a rare one.
      CHECK(fixture.waiter->waits.size() <= 2);
      CHECK(fixture.waiter->elapsed <= 3s);
    }
  }

  TEST_CASE("what does not pass is not asked again") {
    std::vector<Turn> lasting;
    for (const int status :
         {300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406,
          409, 410, 411, 412, 413, 414, 415, 418, 422, 426, 431, 451, 499}) {
      lasting.push_back(refusal(status));
    }
    lasting.push_back(network_failure(ExitCode::protocol));
    lasting.push_back(network_failure(ExitCode::configuration));
    lasting.push_back({200, {}, "", {}, {}});
    for (const auto& turn : lasting) {
      CAPTURE(turn.status);
      Fixture fixture({turn, good});
      auto client = fixture.client();
      const auto error = fixture.fetch(client);
      REQUIRE(error);
      CHECK(error->code() != ExitCode::temporary);
      CHECK(fixture.script.asked == 1);
      CHECK(client.requests() == 1);
      CHECK(client.retries() == 0);
      CHECK(fixture.waiter->waits.empty());
    }
  }

  TEST_CASE("after the last attempt the failure is the outcome") {
    for (const auto& turn : {refusal(503), network_failure()}) {
      CAPTURE(turn.status);
      Fixture fixture({turn});
      auto client = fixture.client();
      const auto error = fixture.fetch(client);
      REQUIRE(error);
      CHECK(error->code() == ExitCode::temporary);
      CHECK(error->status() == turn.status);
      CHECK(fixture.script.asked == 8);
      CHECK(client.requests() == 8);
      CHECK(client.retries() == 7);
      CHECK(fixture.waiter->elapsed <= 123s);
      if (turn.status == 0) {
        // At least half of each bound: 0.5 s, 1 s and so on up to 30 s.
        REQUIRE(fixture.waiter->waits.size() == 7);
        std::chrono::milliseconds least = 500ms;
        for (const auto& wait : fixture.waiter->waits) {
          CHECK(wait.time >= least);
          least = std::min<std::chrono::milliseconds>(2 * least, 30s);
        }
      }
      // The next request begins anew.
      CHECK(fixture.fetch(client));
      CHECK(fixture.script.asked == 16);
    }
  }

  TEST_CASE("one attempt is no retry") {
    Fixture fixture({refusal(503), good});
    fixture.policy.attempts = 1;
    CHECK(fixture.fetch());
    CHECK(fixture.waiter->waits.empty());
  }

  TEST_CASE("without a waiter nothing is asked twice and nothing waits") {
    Fixture fixture({refusal(429, {{"Retry-After", "30"}}), good});
    Client client(fixture.source, {},
                  std::make_unique<ScriptTransport>(fixture.script));
    client.set_stream("tickets", Rate{1, 3600s});
    const auto error = fixture.fetch(client);
    REQUIRE(error);
    CHECK(error->status() == 429);
    CHECK(note(*error, "retry-after") == "30");
    CHECK_FALSE(fixture.fetch(client));
    CHECK_FALSE(fixture.fetch(client));
  }

  TEST_CASE("what does not pass ends the attempts, whatever came before") {
    Fixture fixture({refusal(503), network_failure(), refusal(404), good});
    auto client = fixture.client();
    const auto error = fixture.fetch(client);
    REQUIRE(error);
    CHECK(error->code() == ExitCode::unavailable);
    CHECK(client.requests() == 3);
    CHECK(client.retries() == 2);
  }

  TEST_CASE("an answer that is not accepted is asked for again if that helps") {
    for (const bool passing : {true, false}) {
      CAPTURE(passing);
      Fixture fixture({good});
      auto client = fixture.client();
      int looks = 0;
      const auto error = fixture.fetch(client, [&](const Response&) {
        HttpError failure(ExitCode::protocol, "an error in a good answer", 200);
        if (passing) {
          failure.set_passing();
        }
        if (++looks < 3) {
          throw failure;
        }
      });
      CHECK(error.has_value() == !passing);
      CHECK(looks == (passing ? 3 : 1));
      CHECK(client.retries() == (passing ? 2 : 0));
    }
  }

  TEST_CASE("people are told which stream waits for what") {
    Fixture fixture({network_failure(), good});
    CHECK_FALSE(fixture.fetch());
    REQUIRE(fixture.waiter->waits.size() == 1);
    CHECK(fixture.waiter->waits[0].stream == "tickets");
    CHECK(fixture.waiter->waits[0].why == "GET " + url + ": no way there");
  }

  TEST_CASE("a wait does not pass the deadline: the time is up") {
    Fixture fixture({network_failure(), good});
    fixture.waiter->deadline = 400ms;  // the first wait is at least 500 ms
    auto client = fixture.client();
    const auto error = time_up(client, {});
    CHECK(error.code() == ExitCode::temporary);
    CHECK(note(error, "failure") == "GET " + url + ": no way there");
    CHECK(note(error, "request") == "GET " + url);
    CHECK(error.notes().back().label == "try");
    CHECK(fixture.script.asked == 1);
    CHECK(fixture.waiter->elapsed == 0s);
  }

  TEST_CASE("the time is up also where what failed would not be temporary") {
    Fixture fixture({good});
    fixture.policy.attempts = 1000;
    fixture.waiter->deadline = 100s;
    auto client = fixture.client();
    const auto error = time_up(client, [](const Response&) {
      HttpError failure(ExitCode::protocol, "it failed", 200,
                        {{"try", "something else"}});
      failure.set_passing();
      throw HttpError(failure);
    });
    CHECK(error.code() == ExitCode::temporary);
    CHECK(note(error, "failure") == "it failed");
    CHECK(note(error, "try") == "run again: it continues where this run ended");
    CHECK(fixture.script.asked > 1);
  }

  TEST_CASE("a refusal that says that it may pass is asked again") {
    for (const int status : {400, 402, 403, 409, 422}) {
      CAPTURE(status);
      Fixture fixture({refusal(status), good});
      auto client = fixture.client();
      client.fetch({Url(url)}, {}, [](const Response&) { return true; });
      CHECK(fixture.script.asked == 2);
      CHECK(client.retries() == 1);
    }
  }

  TEST_CASE("and is at last what its status says") {
    Fixture fixture({refusal(403)});
    auto client = fixture.client();
    try {
      client.fetch({Url(url)}, {}, [](const Response&) { return true; });
      FAIL("no error");
    } catch (const HttpError& error) {
      CHECK(error.code() == ExitCode::credentials);
      CHECK(error.status() == 403);
    }
    CHECK(fixture.script.asked == 8);
  }

  TEST_CASE("a status that leaves nothing open, or no word of it, is not") {
    for (const int status : {401, 404, 407, 410, 451}) {
      CAPTURE(status);
      Fixture fixture({refusal(status), good});
      auto client = fixture.client();
      CHECK_THROWS_AS(
          client.fetch({Url(url)}, {}, [](const Response&) { return true; }),
          HttpError);
      CHECK(fixture.script.asked == 1);
    }
    Fixture fixture({refusal(400), good});
    auto client = fixture.client();
    CHECK_THROWS_AS(
        client.fetch({Url(url)}, {}, [](const Response&) { return false; }),
        HttpError);
    CHECK(fixture.script.asked == 1);
  }

  TEST_CASE("a signal in a wait ends the request") {
    for (const int signal : {SIGINT, SIGTERM}) {
      Fixture fixture({network_failure(), good});
      fixture.waiter->on_wait = [&](const SeenWait&) {
        fixture.waiter->signal = signal;
      };
      CHECK_THROWS_AS(fixture.fetch(), Interrupted);
      CHECK(fixture.script.asked == 1);
    }
  }
}

TEST_SUITE("Client, what a source asks for") {
  TEST_CASE("a refusal's wait is kept, also where the jitter is shorter") {
    for (const int status : {429, 503, 408, 500}) {
      CAPTURE(status);
      Fixture fixture({refusal(status, {{"Retry-After", "32"}}), good});
      CHECK_FALSE(fixture.fetch());
      CHECK(fixture.times() == std::vector<FakeWaiter::Clock::duration>{32s});
      CHECK(fixture.waiter->waits[0].stream == "tickets");
      CHECK(fixture.waiter->waits[0].why ==
            "GET " + url + ": the answer is " + std::to_string(status));
    }
  }

  TEST_CASE("the jitter is kept where the source asks for less") {
    int longer = 0;
    for (int i = 0; i < 20; ++i) {
      Fixture fixture({refusal(503, {{"Retry-After", "1"}}), network_failure(),
                       network_failure(), refusal(503, {{"Retry-After", "1"}}),
                       good});
      CHECK_FALSE(fixture.fetch());
      CHECK(fixture.waiter->elapsed >= 1s + 1s + 2s + 1s);
      CHECK(fixture.waiter->elapsed <= 1s + 2s + 4s + 8s);
      if (fixture.waiter->elapsed > 8s) {
        ++longer;
      }
    }
    CHECK(longer > 0);
  }

  TEST_CASE("a date is measured by the source's clock") {
    auto turn =
        refusal(429, {{"Retry-After", "Tue, 03 Mar 2026 13:00:32 GMT"}});
    turn.date = {FakeWaiter::noon_utc + 3600, 0};
    Fixture fixture({turn, good});
    CHECK_FALSE(fixture.fetch());
    CHECK(fixture.waiter->elapsed == 32s);

    auto undated =
        refusal(429, {{"Retry-After", "Tue, 03 Mar 2026 12:00:32 GMT"}});
    Fixture ours({undated, good});
    CHECK_FALSE(ours.fetch());
    CHECK(ours.waiter->elapsed == 32s);
  }

  TEST_CASE("a past or unreadable hint leaves the jitter alone") {
    for (const auto* hint :
         {"-5", "0", "Thu, 01 Jan 1970 00:00:00 GMT", "soon"}) {
      CAPTURE(hint);
      Fixture fixture({refusal(503, {{"Retry-After", hint}}), good});
      CHECK_FALSE(fixture.fetch());
      CHECK(fixture.script.asked == 2);
      CHECK(fixture.waiter->elapsed <= 1s);
    }
  }

  TEST_CASE("a 403 that tells of a limit is throttling") {
    const std::vector<Headers> limits = {
        {{"Retry-After", "32"}},
        {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "32"}},
        {{"RateLimit", "\"a\";r=0;t=32"}}};
    for (const auto& headers : limits) {
      Fixture fixture({refusal(403, headers), good});
      CHECK_FALSE(fixture.fetch());
      CHECK(fixture.waiter->elapsed == 32s);
    }
    // Where the reset is not known it is asked again all the same.
    Fixture unknown({refusal(403, {{"X-RateLimit-Remaining", "0"}}), good});
    CHECK_FALSE(unknown.fetch());
    CHECK(unknown.script.asked == 2);

    Fixture lasting({refusal(403, {{"Retry-After", "1"}})});
    const auto error = lasting.fetch();
    REQUIRE(error);
    CHECK(error->code() == ExitCode::temporary);
    CHECK(note(*error, "try") == "run again later");
    CHECK(lasting.script.asked == 8);
  }

  TEST_CASE("any other 403, and a 401 with a limit, are the credentials'") {
    const std::vector<Turn> turns = {
        refusal(403), refusal(403, {{"Retry-After", "soon"}}),
        refusal(403,
                {{"X-RateLimit-Remaining", "9"}, {"X-RateLimit-Reset", "32"}}),
        refusal(401, {{"X-RateLimit-Remaining", "0"}})};
    for (const auto& turn : turns) {
      Fixture fixture({turn, good});
      const auto error = fixture.fetch();
      REQUIRE(error);
      CHECK(error->code() == ExitCode::credentials);
      CHECK(note(*error, "try").starts_with("check the token"));
      CHECK(fixture.script.asked == 1);
    }
  }

  TEST_CASE("after a good answer that was the last the next request waits") {
    auto last = good;
    last.headers = {{"X-Rate-Limit-Remaining", "0"},
                    {"X-Rate-Limit-Reset", "2.5"}};
    Fixture fixture({last, good});
    auto client = fixture.client();
    CHECK_FALSE(fixture.fetch(client));
    CHECK(fixture.waiter->elapsed == 0s);
    CHECK_FALSE(fixture.fetch(client));
    CHECK(fixture.waiter->elapsed == 2500ms);
    CHECK(client.retries() == 0);
    REQUIRE(fixture.waiter->waits.size() == 1);
    CHECK(fixture.waiter->waits[0].why ==
          "GET " + url + ": the source allows no more requests for now");
  }

  TEST_CASE("what one client is told holds for all of the source") {
    Fixture fixture({refusal(404, {{"Retry-After", "32"}}), good});
    auto first = fixture.client();
    auto second = fixture.client();
    CHECK(fixture.fetch(first));
    CHECK_FALSE(fixture.fetch(second));
    CHECK(fixture.waiter->elapsed == 32s);
  }

  TEST_CASE("a hold that comes while a rate is waited for is kept as well") {
    Fixture fixture({good});
    fixture.source.rate = Rate{1, 10s};
    auto client = fixture.client();
    CHECK_FALSE(fixture.fetch(client));
    fixture.waiter->on_wait = [&, once = true](const SeenWait&) mutable {
      if (std::exchange(once, false)) {
        fixture.session->pace().hold(FakeWaiter::begin + 25s, "refused");
      }
    };
    CHECK_FALSE(fixture.fetch(client));
    CHECK(fixture.times() ==
          std::vector<FakeWaiter::Clock::duration>{10s, 15s});
    CHECK(fixture.waiter->waits[1].why == "refused");
  }

  TEST_CASE(
      "beyond a quarter of an hour nothing waits, and it says until when") {
    Fixture fixture({refusal(429, {{"Retry-After", "901"}}), good});
    auto client = fixture.client();
    const auto error = fixture.fetch(client);
    REQUIRE(error);
    CHECK(error->code() == ExitCode::temporary);
    CHECK(error->what() ==
          "the source asks to wait until 2026-03-03T12:15:01Z: GET " + url +
              ": the answer is 429");
    CHECK(note(*error, "request") == "GET " + url);
    CHECK(note(*error, "answer") == "{}");
    CHECK(note(*error, "retry-after") == "901");
    CHECK(note(*error, "try") ==
          "run again after 2026-03-03T12:15:01Z: it continues where this run "
          "ended");
    CHECK(error->notes().size() == 4);
    CHECK(error->notes().back().label == "try");
    CHECK(fixture.script.asked == 1);
    CHECK(fixture.waiter->waits.empty());

    // The next stream's first request does not go out either.
    const auto next = fixture.fetch(client);
    REQUIRE(next);
    CHECK(next->code() == ExitCode::temporary);
    CHECK(next->what() == std::string(error->what()));
    CHECK(note(*next, "try") == note(*error, "try"));
    CHECK(fixture.script.asked == 1);

    Fixture patient({refusal(429, {{"Retry-After", "900"}}), good});
    CHECK_FALSE(patient.fetch());
    CHECK(patient.waiter->elapsed == 15min);
  }

  TEST_CASE("a far time is told as the source says it, and rounded up") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"Thu, 01 Jan 2099 00:00:00 GMT", "2099-01-01T00:00:00Z"},
        {"1000.25", "2026-03-03T12:16:41Z"},
        {"100000000000000000000", "2126-03-04T12:00:00Z"}};
    for (const auto& [hint, until] : cases) {
      Fixture fixture({refusal(503, {{"Retry-After", hint}})});
      const auto error = fixture.fetch();
      REQUIRE(error);
      CHECK(error->what() == "the source asks to wait until " + until +
                                 ": GET " + url + ": the answer is 503");
    }
  }

  TEST_CASE("nothing waits beyond the deadline, and it says until when") {
    Fixture fixture({refusal(429, {{"Retry-After", "32"}}), good});
    fixture.waiter->deadline = 31s;
    auto client = fixture.client();
    for (int i = 0; i < 2; ++i) {
      const auto error = fixture.fetch(client);
      REQUIRE(error);
      CHECK(error->code() == ExitCode::temporary);
      CHECK(error->what() ==
            "the source asks to wait until 2026-03-03T12:00:32Z: GET " + url +
                ": the answer is 429");
    }
    CHECK(fixture.script.asked == 1);
    CHECK(fixture.waiter->elapsed == 0s);
  }

  TEST_CASE("a secret in a path is in no wait and in no error") {
    Fixture fixture({good});
    fixture.credentials = {
        strandline::model::Auth::bearer, "s3cret", "", "Authorization", "", ""};
    auto last = good;
    last.headers = {{"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "1000"}};
    fixture.script.turns = {refusal(503, {{"Retry-After", "5"}}), last};
    auto client = fixture.client();
    client.fetch({Url("https://h.example/api/s3cret")});
    REQUIRE(fixture.waiter->waits.size() == 1);
    CHECK(fixture.waiter->waits[0].why ==
          "GET https://h.example/api/REDACTED-token: the answer is 503");
    const auto error = fixture.fetch(client);
    REQUIRE(error);
    CHECK(std::string(error->what())
              .ends_with("GET https://h.example/api/REDACTED-token: the source "
                         "allows no more "
                         "requests for now"));
  }
}

TEST_SUITE("Client, rates") {
  TEST_CASE("retries count for the rate as well") {
    Fixture fixture({refusal(503), good});
    fixture.source.rate = Rate{1, 60s};
    CHECK_FALSE(fixture.fetch());
    CHECK(fixture.waiter->elapsed == 60s);
    CHECK(fixture.waiter->waits.back().why == "`rate` allows no more requests");
    CHECK(fixture.waiter->waits.back().stream == "tickets");
  }

  TEST_CASE(
      "a source's rate holds over all its clients, a stream's for its own") {
    Fixture fixture({good});
    fixture.source.rate = Rate{3, 10s};
    auto first = fixture.client();
    auto second = fixture.client();
    second.set_stream("slow", Rate{1, 8s});
    CHECK_FALSE(fixture.fetch(first));
    CHECK_FALSE(fixture.fetch(second));
    CHECK(fixture.waiter->elapsed == 0s);
    CHECK_FALSE(fixture.fetch(second));
    CHECK(fixture.waiter->elapsed == 8s);
    CHECK_FALSE(fixture.fetch(first));  // the fourth in ten seconds
    CHECK(fixture.waiter->elapsed == 10s);
    CHECK_FALSE(fixture.fetch(first));
    CHECK(fixture.waiter->elapsed == 10s);
    // Not before the stream's own, although the source's would let it.
    CHECK_FALSE(fixture.fetch(second));
    CHECK(fixture.waiter->elapsed == 18s);
  }

  TEST_CASE("a stream's wait wastes no place of the source") {
    Fixture fixture({good});
    fixture.source.rate = Rate{1, 10s};
    auto slow = fixture.client();
    slow.set_stream("slow", Rate{1, 60s});
    CHECK_FALSE(fixture.fetch(slow));
    CHECK_FALSE(fixture.fetch(slow));
    CHECK(fixture.waiter->elapsed == 60s);
    auto fast = fixture.client();
    CHECK_FALSE(fixture.fetch(fast));
    CHECK(fixture.waiter->elapsed == 70s);
    CHECK_FALSE(fixture.fetch(slow));
    CHECK(fixture.waiter->elapsed == 120s);
  }

  TEST_CASE("a stream's rate counts from when its request went out") {
    Fixture fixture({good});
    fixture.source.rate = Rate{1, 10s};
    auto fast = fixture.client();
    auto slow = fixture.client();
    slow.set_stream("slow", Rate{1, 15s});
    CHECK_FALSE(fixture.fetch(fast));
    CHECK_FALSE(fixture.fetch(slow));  // goes at 10 s
    CHECK_FALSE(fixture.fetch(slow));
    CHECK(fixture.waiter->elapsed == 25s);
  }

  TEST_CASE("another stream has a rate of its own, or none") {
    Fixture fixture({good});
    auto client = fixture.client();
    client.set_stream("a", Rate{1, 3600s});
    CHECK_FALSE(fixture.fetch(client));
    client.set_stream("b", Rate{1, 3600s});
    CHECK_FALSE(fixture.fetch(client));
    client.set_stream("c", {});
    CHECK_FALSE(fixture.fetch(client));
    CHECK_FALSE(fixture.fetch(client));
    CHECK(fixture.waiter->elapsed == 0s);
  }

  TEST_CASE("a rate is waited for as long as it takes, but not too long") {
    Fixture fixture({good});
    fixture.source.rate = Rate{1, 86'400s};
    auto client = fixture.client();
    CHECK_FALSE(fixture.fetch(client));
    CHECK_FALSE(fixture.fetch(client));
    CHECK(fixture.waiter->elapsed == 24h);
    fixture.waiter->deadline = 47h;
    CHECK_THROWS_AS(fixture.fetch(client), TimeUp);
    CHECK(fixture.waiter->elapsed == 24h);
  }

  TEST_CASE("a signal ends the wait for a rate") {
    Fixture fixture({good});
    fixture.source.rate = Rate{1, 60s};
    auto client = fixture.client();
    CHECK_FALSE(fixture.fetch(client));
    fixture.waiter->on_wait = [&](const SeenWait&) {
      fixture.waiter->signal = SIGTERM;
    };
    CHECK_THROWS_AS(fixture.fetch(client), Interrupted);
    CHECK(fixture.script.asked == 1);
  }
}
