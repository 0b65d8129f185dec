// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "http/error.hpp"
#include "recording/har.hpp"
#include "recording/replay.hpp"

using namespace std::string_literals;
using namespace strandline::http;
using namespace strandline::recording;
using strandline::Error;
using strandline::ExitCode;
using Json = nlohmann::json;

namespace {

// A recording of one exchange, with everything a reader can ask for.
Json recording() {
  return {
      {"log",
       {{"version", "1.2"},
        {"creator", {{"name", "test"}, {"version", "1"}}},
        {"entries",
         {{{"startedDateTime", "2024-01-01T00:00:00.000+01:00"},
           {"time", 12.5},
           {"request",
            {{"method", "GET"},
             {"url", "https://h.example/x?page=1"},
             {"httpVersion", "HTTP/1.1"},
             {"headers", Json::array()}}},
           {"response",
            {{"status", 200},
             {"statusText", "OK"},
             {"headers",
              {{{"name", "Date"}, {"value", "Tue, 15 Nov 1994 08:12:31 GMT"}}}},
             {"content", {{"size", 3}, {"text", "[1]"}}}}}}}}}}};
}

Json& response_of(Json& document) {
  return document["log"]["entries"][0]["response"];
}

std::vector<Exchange> exchanges_of(const std::string& text) {
  return read_har(text, "a.har").exchanges;
}

// The only exchange of `document`.
Exchange only(const Json& document) {
  auto exchanges = exchanges_of(document.dump());
  REQUIRE(exchanges.size() == 1);
  return std::move(exchanges.front());
}

std::string refusal(const std::string& text) {
  try {
    read_har(text, "a.har");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::data);
    return error.what();
  }
  return "(taken)";
}

Exchange exchange(const std::string& url, std::string body = "[]",
                  std::string method = "GET", int status = 200) {
  return {std::move(method), Url(url), status, {}, std::move(body)};
}

std::shared_ptr<Replay> replay_of(std::vector<Exchange> exchanges) {
  Recording recording;
  recording.exchanges = std::move(exchanges);
  return std::make_shared<Replay>(std::move(recording));
}

std::string ask(const std::shared_ptr<Replay>& replay, const Request& request) {
  Response response;
  replay->answer(request, response);
  return response.body;
}

std::string ask(const std::shared_ptr<Replay>& replay, const std::string& url) {
  return ask(replay, Request{Url(url)});
}

using Notes = std::vector<std::pair<std::string, std::string>>;

// The notes of the miss that asking for `url` is.
Notes miss(const std::shared_ptr<Replay>& replay, const std::string& url) {
  try {
    ask(replay, url);
  } catch (const HttpError& error) {
    CHECK(error.code() == ExitCode::data);
    CHECK(error.status() == 0);
    CHECK(error.what() == "no recorded answer for GET " + url);
    Notes notes;
    for (const auto& note : error.notes()) {
      notes.emplace_back(note.label, note.text);
    }
    return notes;
  }
  FAIL("answered");
  throw;
}

}  // namespace

TEST_SUITE("read_har") {
  TEST_CASE("an exchange is read with its request and answer") {
    const auto read = only(recording());
    CHECK(read.method == "GET");
    CHECK(read.url.text() == "https://h.example/x?page=1");
    CHECK(read.status == 200);
    CHECK(read.response_headers ==
          Headers{{"Date", "Tue, 15 Nov 1994 08:12:31 GMT"}});
    CHECK(read.body == "[1]");
  }

  TEST_CASE("exchanges come in the order recorded") {
    auto document = recording();
    auto& entries = document["log"]["entries"];
    entries.push_back(entries[0]);
    entries[1]["request"]["url"] = "https://h.example/a";
    const auto read = exchanges_of(document.dump(2));
    REQUIRE(read.size() == 2);
    CHECK(read[0].url.path() == "/x");
    CHECK(read[1].url.path() == "/a");
  }

  TEST_CASE("a byte-order mark is skipped") {
    CHECK(exchanges_of("\xEF\xBB\xBF" + recording().dump()).size() == 1);
  }

  TEST_CASE("a body in base64 is decoded, whatever bytes it has") {
    auto document = recording();
    response_of(document)["content"] = {{"encoding", "base64"},
                                        {"text", "WzFd/wA="}};
    CHECK(only(document).body == "[1]\xff\0"s);
    response_of(document)["content"] = {{"encoding", ""}, {"text", "WzFd"}};
    CHECK(only(document).body == "WzFd");
  }

  TEST_CASE("headers may be pairs, and pseudo-headers are left out") {
    auto document = recording();
    response_of(document)["headers"] = Json::parse(
        R"([[":status", "200"], ["Link", "<a>"],
            {"name": ":version", "value": "h2"},
            {"name": "Link", "value": "<b>", "comment": ""}])");
    CHECK(only(document).response_headers ==
          Headers{{"Link", "<a>"}, {"Link", "<b>"}});
  }

  TEST_CASE("headers that tell of the transfer are left out") {
    auto document = recording();
    response_of(document)["headers"] = Json::parse(
        R"([["content-encoding", "gzip"], ["Content-Length", "9"],
            ["TRANSFER-ENCODING", "chunked"], ["Content-Type", "a/b"]])");
    CHECK(only(document).response_headers == Headers{{"Content-Type", "a/b"}});
  }

  TEST_CASE("what programs leave out is taken as empty") {
    for (const std::string path : {"/headers", "/content", "/content/text"}) {
      for (const bool null : {false, true}) {
        CAPTURE(path);
        CAPTURE(null);
        auto document = recording();
        auto& response = response_of(document);
        if (null) {
          response[Json::json_pointer(path)] = nullptr;
        } else {
          const Json::json_pointer pointer(path);
          response[pointer.parent_pointer()].erase(pointer.back());
        }
        const auto read = only(document);
        CHECK(read.response_headers.empty() == (path == "/headers"));
        CHECK(read.body.empty() == (path != "/headers"));
      }
    }
  }

  TEST_CASE("requests without an answer and without http are left out") {
    auto document = recording();
    response_of(document)["status"] = 0;
    CHECK(exchanges_of(document.dump()).empty());
    document = recording();
    document["log"]["entries"][0]["request"]["url"] = "data:text/plain,x";
    CHECK(exchanges_of(document.dump()).empty());
  }

  TEST_CASE("an error status is kept") {
    auto document = recording();
    response_of(document)["status"] = 404;
    CHECK(only(document).status == 404);
  }

  TEST_CASE("what is no recording is refused with the place and the reason") {
    CHECK(refusal("") == "a.har: it is not JSON from byte 1 on");
    CHECK(refusal("{\"log\"") == "a.har: it is not JSON from byte 7 on");
    for (const std::string text :
         {"1", "[]", "{}", R"({"log": 1})", R"({"log": {"entries": {}}})"}) {
      CAPTURE(text);
      CHECK(refusal(text) ==
            "a.har: it has no array log/entries, as a recording in HAR has");
    }
    CHECK(exchanges_of(R"({"log": {"entries": []}})").empty());
  }

  TEST_CASE("an entry that cannot be read is named with the reason") {
    struct Case {
      std::string path;
      Json value;
      std::string reason;
    };
    const std::vector<Case> cases = {
        {"", 1, "it has no object request"},
        {"/request", nullptr, "it has no object request"},
        {"/request/url", nullptr, "it has no text url"},
        {"/request/url", 1, "it has no text url"},
        {"/request/url", "https://",
         "cannot read the URL \"https://\": No host part in the URL"},
        {"/request/url", "https://joe:hunter2@h.example/",
         "cannot read the URL \"h.example/\": it has a user name or password "
         "in it"},
        {"/request/method", nullptr, "it has no text method"},
        {"/response", Json::array(), "it has no object response"},
        {"/response/status", "200", "it has no number status"},
        {"/response/status", 200.5, "it has no number status"},
        {"/response/status", 1000, "1000 is no status"},
        {"/response/headers", Json::array({1}), "it has no text name"},
        {"/response/headers", Json::array({Json::array({"a"})}),
         "a header is not a pair of texts"},
        {"/response/headers", Json::array({Json::array({"a", 1})}),
         "a header is not a pair of texts"},
        {"/response/content/text", 1, "it has no text text"},
        {"/response/content",
         {{"text", "x"}, {"encoding", "rot13"}},
         "its body has an encoding other than base64"},
        {"/response/content",
         {{"text", "x!"}, {"encoding", "base64"}},
         "its body is not base64"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.path);
      CAPTURE(c.reason);
      auto document = recording();
      auto& entries = document["log"]["entries"];
      entries.push_back(entries[0]);
      entries[1][Json::json_pointer(c.path)] = c.value;
      CHECK(refusal(document.dump()) == "a.har: entry 2: " + c.reason);
    }
  }
}

TEST_SUITE("Replay") {
  TEST_CASE("a recorded answer is given whole") {
    const auto replay = replay_of({{"GET",
                                    Url("https://h.example/x"),
                                    404,
                                    {{"Date", "Tue, 15 Nov 1994 08:12:31 GMT"}},
                                    "[1]"}});
    Response response;
    response.body = "something of before";
    replay->answer({Url("https://h.example/x"), {}}, response);
    CHECK(response.status == 404);
    CHECK(response.body == "[1]");
    CHECK(response.body.capacity() >= 3 + body_padding);
    CHECK(response.headers.size() == 1);
    CHECK(response.date == strandline::model::Instant{784'887'151, 0});
    CHECK(response.time_to_first_byte.count() == 0);
  }

  TEST_CASE("an answer without a Date has none, whatever came before") {
    const auto replay = replay_of({exchange("https://h.example/x")});
    Response response;
    response.date = strandline::model::Instant{1, 0};
    replay->answer({Url("https://h.example/x"), {}}, response);
    CHECK_FALSE(response.date);
  }

  TEST_CASE("a request is recognised whatever the order of its query") {
    const auto replay =
        replay_of({exchange("https://h.example/x?a=1&b=c+d&a=2", "yes")});
    CHECK(ask(replay, "https://H.example:443/x?a=2&b=c%20d&a=1") == "yes");
  }

  TEST_CASE("origin, path and query must all be the same") {
    for (const std::string url :
         {"http://h.example/x?a=1&a=1", "https://i.example/x?a=1&a=1",
          "https://h.example:444/x?a=1&a=1", "https://h.example/y?a=1&a=1",
          "https://h.example/X?a=1&a=1", "https://h.example/x?a=1",
          "https://h.example/x?a=1&a=2", "https://h.example/x?A=1&a=1",
          "https://h.example/x?a=1&a=1&a=1", "https://h.example/x"}) {
      CAPTURE(url);
      const auto replay = replay_of({exchange("https://h.example/x?a=1&a=1")});
      CHECK_THROWS_AS(ask(replay, url), HttpError);
    }
    const auto post =
        replay_of({exchange("https://h.example/x", "[]", "POST")});
    CHECK_THROWS_AS(ask(post, "https://h.example/x"), HttpError);
  }

  TEST_CASE("the same request gets its answers in order, each once") {
    const auto replay = replay_of({exchange("https://h.example/x", "1"),
                                   exchange("https://h.example/y", "other"),
                                   exchange("https://h.example/x", "2")});
    CHECK(ask(replay, "https://h.example/x") == "1");
    CHECK(ask(replay, "https://h.example/x") == "2");
    CHECK(miss(replay, "https://h.example/x") ==
          Notes{{"nearest", "GET https://h.example/x"},
                {"used up", "recorded 2 times and asked for once more"}});
    CHECK(ask(replay, "https://h.example/y") == "other");
  }

  TEST_CASE("a miss names the nearest entry and each difference") {
    const auto replay = replay_of(
        {exchange("https://h.example/tickets?page=1&since=2024-01-01&sort=id"),
         exchange("https://h.example/notes?page=2"),
         exchange("https://h.example/posted", "[]", "POST")});
    struct Case {
      std::string url;
      Notes notes;
    };
    const std::string nearest =
        "GET https://h.example/tickets?page=1&since=2024-01-01&sort=id";
    const std::vector<Case> cases = {
        {"https://h.example/tickets?page=2&since=2024-01-01&sort=id",
         {{"nearest", nearest}, {"differs", "page is 2, recorded 1"}}},
        {"https://h.example/tickets?since=2024-01-01",
         {{"nearest", nearest}, {"missing", "page; sort"}}},
        {"https://h.example/tickets?page=1&since=2024-01-01&sort=id&x=1&y=2",
         {{"nearest", nearest}, {"extra", "x; y"}}},
        {"https://h.example/tickets?page=1&since=2025-01-01&z=1",
         {{"nearest", nearest},
          {"missing", "sort"},
          {"extra", "z"},
          {"differs", "since is 2025-01-01, recorded 2024-01-01"}}},
        {"https://h.example/note?page=2",
         {{"nearest", "GET https://h.example/notes?page=2"},
          {"path", "/note, recorded /notes"}}},
        {"http://h.example/notes?page=2",
         {{"nearest", "GET https://h.example/notes?page=2"},
          {"origin", "http://h.example:80, recorded https://h.example:443"}}},
        {"https://h.example/posted",
         {{"nearest", "POST https://h.example/posted"},
          {"method", "GET, recorded POST"}}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.url);
      CHECK(miss(replay, c.url) == c.notes);
    }
    CHECK(miss(replay_of({}), "https://h.example/x") ==
          Notes{{"nearest", "the recording is empty"}});
  }

  TEST_CASE("what nobody asked for is listed in the order recorded") {
    const auto replay = replay_of({exchange("https://h.example/z?b=1&a=2"),
                                   exchange("https://h.example/x"),
                                   exchange("https://h.example/a", "", "POST"),
                                   exchange("https://h.example/x")});
    CHECK(replay->unused() ==
          std::vector<std::string>{
              "GET https://h.example/z?b=1&a=2", "GET https://h.example/x",
              "POST https://h.example/a", "GET https://h.example/x"});
    ask(replay, "https://h.example/x");
    CHECK_THROWS_AS(ask(replay, "https://h.example/none"), HttpError);
    CHECK(replay->unused() ==
          std::vector<std::string>{"GET https://h.example/z?b=1&a=2",
                                   "POST https://h.example/a",
                                   "GET https://h.example/x"});
  }
}
