// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fake_transport.hpp"
#include "http/error.hpp"
#include "recording/recorder.hpp"
#include "recording/replay.hpp"

using namespace strandline;
using namespace strandline::recording;
using namespace std::chrono_literals;
using http::Method;
using http::Request;
using http::Response;
using http::Url;
using model::Instant;

namespace {

const std::string json_type = "application/json";
const std::string form_type = "application/x-www-form-urlencoded";

Request post(std::string body, const std::string& type = json_type,
             const std::string& url = "https://h.example/search") {
  return {Url(url), {{"Content-Type", type}}, Method::post, std::move(body)};
}

Exchange exchange(const Request& request, std::string answer) {
  Exchange exchange{http::to_text(request.method), request.url, 200};
  exchange.request_headers = request.headers;
  exchange.request_body = request.body;
  exchange.body = std::move(answer);
  return exchange;
}

Recording of(std::vector<Exchange> exchanges) {
  Recording recording;
  recording.exchanges = std::move(exchanges);
  return recording;
}

std::string ask(Replay& replay, const Request& request) {
  Response response;
  replay.answer(request, response);
  return response.body;
}

bool finds(const Request& recorded, const Request& asked,
           Ignored ignored = {}) {
  auto recording = of({exchange(recorded, "yes")});
  recording.ignored = std::move(ignored);
  Replay replay(std::move(recording));
  try {
    return ask(replay, asked) == "yes";
  } catch (const http::HttpError& error) {
    CHECK(error.code() == ExitCode::data);
    CHECK(replay.missed());
    return false;
  }
}

std::string note(const Request& recorded, const Request& asked,
                 const std::string& label) {
  Replay replay(of({exchange(recorded, "yes")}));
  try {
    ask(replay, asked);
  } catch (const http::HttpError& error) {
    for (const auto& note : error.notes()) {
      if (note.label == label) {
        return note.text;
      }
    }
  }
  return {};
}

}  // namespace

TEST_SUITE("Replay, bodies") {
  TEST_CASE("of JSON are the same in any order and spacing of their members") {
    const auto recorded = post(R"({"a": [1, 2], "b": {"c": "x", "d": null}})");
    CHECK(finds(recorded, post(R"({"b":{"d":null,"c":"x"},"a":[1,2]})")));
    for (const auto* other :
         {R"({"a":[2,1],"b":{"c":"x","d":null}})", R"({"a":[1,2]})",
          R"({"a":[1,2],"b":{"c":"y","d":null}})", "", "[]",
          R"({"a":[1,2],"b":{"c":"x","d":null},"e":1})"}) {
      CAPTURE(other);
      CHECK_FALSE(finds(recorded, post(other)));
    }
  }

  TEST_CASE("of forms are the same in any order of their fields") {
    const auto recorded = post("a=1&b=x+y&a=2", form_type);
    CHECK(finds(recorded, post("b=x%20y&a=1&a=2", form_type)));
    CHECK_FALSE(finds(recorded, post("a=1&b=x+y", form_type)));
    CHECK_FALSE(finds(recorded, post("a=1&b=x&a=2", form_type)));
  }

  TEST_CASE("of other types are the same byte for byte") {
    CHECK(finds(post("some text", "text/plain"),
                post("some text", "text/plain")));
    CHECK_FALSE(finds(post("some text", "text/plain"),
                      post("some  text", "text/plain")));
  }

  TEST_CASE("differ in nothing that is to be ignored") {
    const auto recorded = post(R"({"id": 1, "q": {"at": 5, "s": "x"}})");
    const auto asked = post(R"({"id": 2, "q": {"at": 6, "s": "x"}})");
    CHECK_FALSE(finds(recorded, asked));
    CHECK_FALSE(finds(recorded, asked, {{}, {"/id"}}));
    CHECK(finds(recorded, asked, {{}, {"/id", "/q/at"}}));
    // One that is in only one of them.
    CHECK(
        finds(recorded, post(R"({"q": {"at": 5, "s": "x"}})"), {{}, {"/id"}}));
    CHECK_FALSE(finds(post("[1, 2]"), post("[3, 2]")));
    CHECK(finds(post("[1, 2]"), post("[3, 2]"), {{}, {"/0"}}));
    CHECK_FALSE(finds(post("[1, 2]"), post("[1, 3]"), {{}, {"/0"}}));
    CHECK(finds(post("{}", json_type, "https://h.example/?a=1&t=5"),
                post("{}", json_type, "https://h.example/?t=6&a=1"),
                {{"t"}, {}}));
    CHECK_FALSE(finds(post("{}", json_type, "https://h.example/?a=1&t=5"),
                      post("{}", json_type, "https://h.example/?t=6&a=2"),
                      {{"t"}, {}}));
  }

  TEST_CASE("that differ are told apart by their members") {
    const auto recorded = post(R"({"limit": 3, "q": {"since": 5, "old": 1}})");
    const auto asked = post(R"({"limit": 4, "q": {"since": 5, "new": 2}})");
    CHECK(note(recorded, asked, "differs in the body") ==
          "/limit is 4, recorded 3");
    CHECK(note(recorded, asked, "missing in the body") == "/q/old");
    CHECK(note(recorded, asked, "extra in the body") == "/q/new");
    CHECK(note(recorded, post("no JSON"), "differs in the body")
              .starts_with("is no JSON, recorded {"));
  }

  TEST_CASE("may hold placeholders, or secrets of known fields") {
    CHECK(finds(post(R"({"api_key": "REDACTED-1", "q": "x"})"),
                post(R"({"q": "x", "api_key": "abc"})")));
    CHECK(finds(post("client_secret=REDACTED-crm-client_secret&grant_type=x",
                     form_type),
                post("grant_type=x&client_secret=abc", form_type)));
  }
}

TEST_SUITE("Replay, what it shows") {
  TEST_CASE("is no secret that another program has recorded") {
    const auto recorded =
        post("{}", json_type, "https://h.example/a?api_key=s3cret");
    Replay replay(of({exchange(recorded, "yes")}));
    for (const auto& request : replay.unused()) {
      CHECK(request.find("s3cret") == std::string::npos);
    }
    const auto nearest = note(recorded, post("[]"), "nearest");
    CHECK(nearest.starts_with("POST https://"));
    CHECK(nearest.find("s3cret") == std::string::npos);
  }
}

TEST_SUITE("Replay, access tokens") {
  const auto login = post("grant_type=client_credentials&client_id=me",
                          form_type, "https://h.example/token");

  TEST_CASE("do not run out") {
    Replay replay(of({exchange(login, "first"), exchange(login, "second")}));
    CHECK(ask(replay, login) == "first");
    CHECK(ask(replay, login) == "second");
    CHECK(ask(replay, login) == "second");
    CHECK_FALSE(replay.missed());
    CHECK(replay.unused().empty());
  }

  TEST_CASE("are those of forms that ask for one") {
    const auto other = post("client_id=me", form_type);
    Replay replay(of({exchange(other, "once")}));
    CHECK(ask(replay, other) == "once");
    CHECK_THROWS_AS(ask(replay, other), http::HttpError);
  }
}

TEST_SUITE("Replay, what was given") {
  TEST_CASE("is known in its order, and is not given by another") {
    const auto a = post("1");
    const auto b = post("2");
    const auto recording =
        of({exchange(a, "a"), exchange(b, "b"), exchange(a, "c")});
    Replay replay(recording);
    ask(replay, b);
    ask(replay, a);
    CHECK(replay.given() == std::vector<std::size_t>{1, 0});
    Replay rest(recording);
    rest.skip(std::vector<std::size_t>{1, 0});
    CHECK(ask(rest, a) == "c");
    CHECK_THROWS_AS(ask(rest, b), http::HttpError);
    CHECK(rest.unused().empty());
  }
}

TEST_SUITE("Recorder and Replay") {
  TEST_CASE("have one clock, which stands still between exchanges") {
    test::FakeSource source;
    source.answer("https://h.example/a", "[1]").time_to_first_byte = 1500us;
    source.answer("https://h.example/b", "[2]");
    Instant now{1000, 1'234'567};
    Recorder recorder([&] { return now; });
    CHECK(recorder.now() == Instant{1000, 1'000'000});
    const auto transport = recorder.listen(source.transport());
    std::vector<Instant> times;
    Response response;
    now = {1005, 999'999};
    CHECK(recorder.now() == Instant{1000, 1'000'000});
    transport->send({Url("https://h.example/a")}, response);
    CHECK(response.time_to_first_byte == 2ms);
    CHECK(recorder.now() >= Instant{1005, 0});
    CHECK(recorder.now() < Instant{1006, 0});
    times.push_back(recorder.now());
    // Set back: what comes later is not before.
    now = {900, 0};
    transport->send({Url("https://h.example/b")}, response);
    CHECK(recorder.now() >= times[0]);
    CHECK(recorder.now() < Instant{1006, 0});
    times.push_back(recorder.now());

    Replay replay(recorder.recording());
    CHECK(replay.now() == Instant{1000, 1'000'000});
    for (const auto& [path, time] :
         {std::pair("a", times[0]), std::pair("b", times[1])}) {
      replay.answer({Url(std::string("https://h.example/") + path)}, response);
      CHECK(replay.now() == time);
    }
  }

  TEST_CASE("keep what was no answer") {
    struct Broken : http::Transport {
      void send(const Request&, Response&) override {
        throw http::HttpError(ExitCode::temporary, "reset");
      }
    };
    Recorder recorder([] { return Instant{5, 0}; });
    const auto transport = recorder.listen(std::make_unique<Broken>());
    Response response;
    CHECK_THROWS_AS(transport->send(post("{}"), response), http::HttpError);
    Replay replay(recorder.recording());
    try {
      replay.answer(post("{}"), response);
      FAIL("answered");
    } catch (const http::HttpError& error) {
      CHECK(error.code() == ExitCode::temporary);
      CHECK(error.what() == std::string("reset"));
      CHECK(error.passing());
    }
    CHECK_FALSE(replay.missed());
  }

  TEST_CASE("a recording is bounded") {
    test::FakeSource source;
    source.answer("https://h.example/a", std::string(60, 'x'));
    Recorder recorder([] { return Instant{5, 0}; }, 100);
    const auto transport = recorder.listen(source.transport());
    Response response;
    transport->send({Url("https://h.example/a")}, response);
    CHECK_THROWS_AS(transport->send({Url("https://h.example/a")}, response),
                    Error);
  }

  TEST_CASE("a recording without a begin has that of its first exchange") {
    auto first = exchange(post("1"), "a");
    auto second = exchange(post("2"), "b");
    second.started = Instant{70, 0};
    second.time = 30ms;
    Replay replay(of({first, second}));
    CHECK(replay.now() == Instant{70, 0});
    ask(replay, post("1"));
    CHECK(replay.now() == Instant{70, 0});
    ask(replay, post("2"));
    CHECK(replay.now() == Instant{70, 30'000'000});
  }
}
