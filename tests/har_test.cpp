// SPDX-License-Identifier: MIT
#include "recording/har.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "file_content.hpp"
#include "model/instant.hpp"
#include "random_recording.hpp"
#include "recording/checkpoint_json.hpp"
#include "recording/private_file.hpp"
#include "strandline/error.hpp"
#include "temp_dir.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace strandline::http;
using namespace strandline::recording;
using strandline::Error;
using strandline::ExitCode;
using strandline::model::Instant;
using strandline::model::parse_rfc3339;
using strandline::test::content;
using strandline::test::RandomRecording;
using strandline::test::TempDir;
using Json = nlohmann::ordered_json;

namespace {

std::filesystem::path fixture(const std::string& name) {
  const char* folder = std::getenv("HAR_FILES");
  REQUIRE(folder != nullptr);
  return std::filesystem::path(folder) / name;
}

std::vector<Exchange> read_fixture(const std::string& name) {
  return read_har(content(fixture(name)), name).exchanges;
}

Exchange exchange() {
  Exchange result{"POST", Url("https://h.example/a?x=1&y=a%20b"), 200};
  result.response_headers = {{"Content-Type", "application/json"}};
  result.body = "[1]";
  result.request_headers = {{"Content-Type", "text/plain"}};
  result.request_body = "q";
  result.started = parse_rfc3339("2026-03-03T08:00:05.123Z");
  result.time_to_first_byte = 20ms;
  result.time = 30ms;
  return result;
}

Json document() {
  Recording recording;
  recording.started = parse_rfc3339("2026-03-03T08:00:05Z");
  recording.checkpoints["a"] = RandomRecording(1).checkpoint();
  recording.checkpoints["a"].window.emplace();
  recording.full_at["a"] = *parse_rfc3339("2026-03-02T08:00:05Z");
  recording.due["b"] = {{"1", "{}", {"p2", "x"}}, {"2", {}, {}}};
  recording.exchanges = {exchange()};
  recording.exchanges.push_back(exchange());
  recording.exchanges.back().status = 0;
  recording.exchanges.back().no_answer =
      NoAnswer{ExitCode::temporary, "cannot connect"};
  return har_document(recording);
}

// What reading `text` is refused with; empty if it is taken.
std::string refusal(const std::string& text) {
  try {
    read_har(text, "a.har");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::data);
    return error.what();
  }
  return {};
}

Exchange first_of(const Json& document) {
  const auto read = read_har(document.dump(), "a.har").exchanges;
  REQUIRE_FALSE(read.empty());
  return read.front();
}

// Every place of `json`, as JSON Pointers.
void places(const Json& json, const std::string& at,
            std::vector<std::string>& to) {
  to.push_back(at);
  if (!json.is_structured()) {
    return;
  }
  for (const auto& [name, value] : json.items()) {
    places(value, at + "/" + name, to);
  }
}

}  // namespace

TEST_SUITE("dialects") {
  TEST_CASE("Chrome: pseudo-headers, base64, members of its own") {
    const auto read = read_fixture("chrome.har");
    REQUIRE(read.size() == 1);
    const auto& one = read.front();
    CHECK(one.url.text() == "https://crm.example/api/deals?limit=2&after=");
    CHECK(one.request_headers == Headers{{"accept", "application/json"},
                                         {"user-agent", "Mozilla/5.0"}});
    CHECK(one.response_headers ==
          Headers{{"content-type", "application/json"},
                  {"date", "Tue, 03 Mar 2026 08:00:05 GMT"}});
    CHECK(one.body == R"({"data": [{"id": 1, "name": "Acme"}], "next": null})");
    CHECK(one.started == parse_rfc3339("2026-03-03T08:00:05.123Z"));
    CHECK(one.time_to_first_byte == 35ms);  // 2.25, 0.25 and 30.1, each up
    CHECK(one.time == 42ms);
    CHECK_FALSE(one.no_answer);
  }

  TEST_CASE("Firefox: local times, HTTP/3, a form as parameters") {
    const auto read = read_fixture("firefox.har");
    REQUIRE(read.size() == 1);
    const auto& one = read.front();
    CHECK(one.method == "POST");
    CHECK(one.started == parse_rfc3339("2026-03-03T08:00:05.123Z"));
    CHECK(one.request_body ==
          "grant_type=refresh_token&refresh_token=r%201%262");
    CHECK(one.body == R"({"access_token":"at-1"})");
    CHECK(one.time_to_first_byte == 37ms);
  }

  TEST_CASE("Safari: compression, and members missing") {
    const auto read = read_fixture("safari.har");
    REQUIRE(read.size() == 2);
    CHECK(read[0].body == "[]");
    CHECK(read[0].response_headers ==
          Headers{{"Content-Type", "application/json"}});
    CHECK(read[1].status == 204);
    CHECK(read[1].body.empty());
    CHECK(read[1].request_headers.empty());
    CHECK_FALSE(read[1].started);
    CHECK(read[1].time == 0ms);
  }

  TEST_CASE("Insomnia: headers without a name or a value") {
    const auto read = read_fixture("insomnia.har");
    REQUIRE(read.size() == 1);
    CHECK(read[0].request_headers ==
          Headers{{"Content-Type", "application/json"}, {"X-Empty", ""}});
    CHECK(read[0].request_body == R"({"q":"open"})");
    CHECK(read[0].time == 56ms);
  }

  TEST_CASE("Slack: headers in pairs") {
    const auto read = read_fixture("slack.har");
    REQUIRE(read.size() == 1);
    CHECK(read[0].request_headers ==
          Headers{{"accept", "application/json"}, {"cookie", "d=abc"}});
    CHECK(read[0].response_headers ==
          Headers{{"content-type", "application/json"}});
    CHECK(read[0].started == parse_rfc3339("2026-03-03T08:00:05Z"));
  }

  TEST_CASE("a byte-order mark, and a URL that is not encoded") {
    CHECK(content(fixture("bom.har")).starts_with("\xEF\xBB\xBF"));
    const auto read = read_fixture("bom.har");
    REQUIRE(read.size() == 1);
    CHECK(read[0].url.text() == "http://crm.example/%c3%bc?q=a+b");
    CHECK(read[0].status == 404);
    CHECK(read[0].body == "näh");
    CHECK(read[0].started == parse_rfc3339("2026-03-03T08:00:05.123Z"));
  }

  TEST_CASE("every file here is read by a test") {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(
             fixture("bom.har").parent_path())) {
      names.push_back(file.path().filename().string());
    }
    std::ranges::sort(names);
    CHECK(names == std::vector<std::string>{"bom.har", "chrome.har",
                                            "firefox.har", "insomnia.har",
                                            "safari.har", "slack.har"});
  }
}

TEST_SUITE("write_har") {
  TEST_CASE("what was written is read back as it was, and written the same") {
    for (unsigned seed = 0; seed < 500; ++seed) {
      CAPTURE(seed);
      const auto recording = RandomRecording(seed).make();
      const auto text = write_har(recording);
      const auto read = read_har(text, "a.har");
      REQUIRE(read == recording);
      REQUIRE(write_har(read) == text);
    }
  }

  TEST_CASE("every entry has what HAR 1.2 requires") {
    const auto written = document();
    const auto& log = written["log"];
    CHECK(log["version"] == "1.2");
    CHECK(log["creator"]["name"] == "Strandline");
    CHECK(log["creator"]["version"].is_string());
    const auto require = [](const Json& object,
                            const std::vector<std::string>& names) {
      for (const auto& name : names) {
        CAPTURE(name);
        CHECK(object.contains(name));
      }
    };
    for (const auto& entry : log["entries"]) {
      require(entry, {"startedDateTime", "time", "request", "response", "cache",
                      "timings"});
      const auto& request = entry["request"];
      require(request, {"method", "url", "httpVersion", "cookies", "headers",
                        "queryString", "headersSize", "bodySize"});
      require(request["postData"], {"mimeType", "text"});
      const auto& response = entry["response"];
      require(response,
              {"status", "statusText", "httpVersion", "cookies", "headers",
               "content", "redirectURL", "headersSize", "bodySize"});
      require(response["content"], {"size", "mimeType"});
      require(entry["timings"], {"send", "wait", "receive"});
      CHECK(entry["startedDateTime"] == "2026-03-03T08:00:05.123Z");
      CHECK(entry["time"] == 30);
      CHECK(entry["timings"] ==
            Json{{"send", 0}, {"wait", 20}, {"receive", 10}});
      CHECK(request["queryString"][1] == Json{{"name", "y"}, {"value", "a b"}});
      CHECK(request["bodySize"] == 1);
      CHECK(response["content"]["size"] == 3);
    }
  }

  TEST_CASE("a request without an answer says why, as Chrome and as we do") {
    const auto written = document();
    const auto& entry = written["log"]["entries"][1];
    CHECK(entry["response"]["status"] == 0);
    CHECK(entry["response"]["_error"] == "cannot connect");
    CHECK(entry["_strandline"]["no_answer"]["exit_code"] == 75);
  }

  TEST_CASE("a body that is not UTF-8 is in base64") {
    Recording recording;
    recording.exchanges = {exchange()};
    recording.exchanges[0].body = "\xFF";
    recording.exchanges[0].request_body = "\xFE";
    const auto written = har_document(recording);
    const auto& entry = written["log"]["entries"][0];
    CHECK(entry["response"]["content"]["encoding"] == "base64");
    CHECK(entry["response"]["content"]["text"] == "/w==");
    CHECK(entry["request"]["postData"]["text"] == "/g==");
  }

  TEST_CASE("text is indented, a member a line, and ends a line") {
    Recording recording;
    const auto text = write_har(recording);
    CHECK(text.starts_with("{\n  \"log\": {\n    \"version\": \"1.2\",\n"));
    CHECK(text.ends_with("]\n  }\n}\n"));
  }

  TEST_CASE("headers that are not UTF-8 are written all the same") {
    Recording recording;
    recording.exchanges = {exchange()};
    recording.exchanges[0].response_headers = {{"X", "\xFC"}};
    const auto read = read_har(write_har(recording), "a.har");
    CHECK(read.exchanges[0].response_headers == Headers{{"X", "\xEF\xBF\xBD"}});
  }
}

TEST_SUITE("read_har") {
  TEST_CASE("our requests without an answer are read, others' are left out") {
    auto with = document();
    auto read = read_har(with.dump(), "a.har").exchanges;
    REQUIRE(read.size() == 2);
    CHECK(read[1].no_answer == NoAnswer{ExitCode::temporary, "cannot connect"});
    with["log"]["entries"][1].erase("_strandline");
    read = read_har(with.dump(), "a.har").exchanges;
    CHECK(read.size() == 1);
  }

  TEST_CASE("what a later version recorded is refused") {
    auto later = document();
    later["log"]["_strandline"]["version"] = 2;
    CHECK(refusal(later.dump()) ==
          "a.har: it was recorded by a later version of Strandline");
  }

  TEST_CASE("times are rounded up, and never negative") {
    auto changed = document();
    auto& entry = changed["log"]["entries"][0];
    entry["time"] = 0.001;
    entry["timings"] = {{"blocked", -1}, {"wait", 1.5}};
    CHECK(first_of(changed).time == 1ms);
    CHECK(first_of(changed).time_to_first_byte == 2ms);
    entry["time"] = -5;
    CHECK(first_of(changed).time == 0ms);
  }

  TEST_CASE("a time that cannot be read is none") {
    auto changed = document();
    changed["log"]["entries"][0]["startedDateTime"] = "yesterday";
    CHECK_FALSE(first_of(changed).started);
  }

  TEST_CASE("parameters count where there is no text") {
    auto changed = document();
    auto& data = changed["log"]["entries"][0]["request"]["postData"];
    data["params"] = {{{"name", "a b"}, {"value", "c&d"}}, {{"name", "e"}}};
    CHECK(first_of(changed).request_body == "q");
    data.erase("text");
    CHECK(first_of(changed).request_body == "a%20b=c%26d&e=");
  }

  TEST_CASE("a wrong type anywhere is read or refused, and that is all") {
    const auto good = document();
    REQUIRE(refusal(good.dump()).empty());
    std::vector<std::string> all;
    places(good, "", all);
    CHECK(all.size() > 100);
    const std::vector<Json> values = {nullptr,
                                      true,
                                      -1,
                                      0,
                                      1e308,
                                      -1e308,
                                      std::numeric_limits<std::int64_t>::min(),
                                      std::numeric_limits<std::uint64_t>::max(),
                                      "",
                                      "\0"s,
                                      "x",
                                      Json::array(),
                                      Json::array({1, nullptr, Json::object()}),
                                      Json::object(),
                                      {{"name", 1}}};
    int refused = 0;
    for (const auto& place : all) {
      CAPTURE(place);
      for (const auto& value : values) {
        auto changed = good;
        changed[Json::json_pointer(place)] = value;
        refused += refusal(changed.dump()).empty() ? 0 : 1;
      }
    }
    CHECK(refused > 500);
  }

  TEST_CASE("what is no HAR is refused with what is wrong") {
    struct Case {
      std::string text;
      const char* says;
    };
    const auto entry = [](const std::string& inside) {
      return R"({"log":{"entries":[)" + inside + "]}}";
    };
    const std::vector<Case> cases = {
        {"", "a.har: it is not JSON from byte 1 on"},
        {"{\"log\":", "a.har: it is not JSON from byte 8 on"},
        {"\xFF", "a.har: it is not JSON from byte 1 on"},
        {"{\"log\":{\"entries\":[1e999]}}",
         "a.har: it has a number that is too large"},
        {"[]", "a.har: it has no array log/entries"},
        {"{\"log\":[]}", "a.har: it has no array log/entries"},
        {"{\"log\":{\"entries\":{}}}", "a.har: it has no array log/entries"},
        {std::string(1'000'000, '['),
         "a.har: it is nested too deep for a recording"},
        {entry("1"), "a.har: entry 1: it has no object request"},
        {entry(R"({"request":{"method":"GET","url":"https://h/\u0000"},
                   "response":{"status":200}})"),
         "it has a NUL character"},
        {entry(R"({"request":{"method":"GET","url":"https://u:pw@h/"},
                   "response":{"status":200}})"),
         "it has a user name or password in it"},
        {entry(R"({"request":{"method":"GET","url":"https://h/"},
                   "response":{"status":200,"content":{"text":"%","encoding":"base64"}}})"),
         "a.har: entry 1: its body is not base64"},
        {entry(R"({"request":{"method":"GET","url":"https://h/"},
                   "response":{"status":99999999999999999999}})"),
         "a.har: entry 1: it has no number status"},
        {entry(R"({"request":{"method":"GET","url":"https://h/"},
                   "response":{"status":200},"time":1e15})"),
         "a.har: entry 1: time is no time in milliseconds"},
        {entry(R"({"request":{"method":"GET","url":"https://h/"},
                   "response":{"status":0},
                   "_strandline":{"no_answer":{"exit_code":7,"message":"x"}}})"),
         "a.har: entry 1: 7 is no exit code of a failed request"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.says);
      const auto said = refusal(each.text);
      CHECK_MESSAGE(said.find(each.says) != said.npos, said);
    }
  }

  TEST_CASE("a file cut short anywhere is refused") {
    const auto text = document().dump();
    for (std::size_t end = 0; end < text.size(); ++end) {
      CAPTURE(end);
      REQUIRE_FALSE(refusal(text.substr(0, end)).empty());
    }
  }
}

TEST_SUITE("checkpoint_json") {
  TEST_CASE("a cursor keeps its kind") {
    strandline::model::Checkpoint checkpoint;
    checkpoint.mark = 1'700'000'000;
    CHECK(to_json(checkpoint)["mark"] == Json{{"integer", "1700000000"}});
    checkpoint.mark = Instant{1'700'000'000, 1};
    CHECK(to_json(checkpoint)["mark"] ==
          Json{{"time", "2023-11-14T22:13:20.000000001Z"}});
  }

  TEST_CASE("what is no checkpoint is refused with its place") {
    strandline::model::Checkpoint checkpoint;
    checkpoint.window.emplace();
    checkpoint.mark = 1;
    const auto refused = [&](const char* place, const Json& value) {
      auto json = to_json(checkpoint);
      json[Json::json_pointer(place)] = value;
      try {
        read_checkpoint(json, "here");
      } catch (const Error& error) {
        CHECK(error.code() == ExitCode::data);
        return std::string(error.what());
      }
      return "(taken)"s;
    };
    CHECK(refused("/mark", {{"integer", "x"}}) == "here: mark is no cursor");
    CHECK(refused("/mark", {{"time", "1"}}) == "here: mark is no cursor");
    CHECK(refused("/window/mode", "x") == "here: mode is none of a window");
    CHECK(refused("/window/anchor", "x") == "here: anchor is no time");
    CHECK(refused("/generation", "x") == "here: it has no number generation");
    CHECK(refused("/complete_full", 1) ==
          "here: complete_full is neither true nor false");
    CHECK_THROWS_AS(read_checkpoint(Json::array(), "here"), Error);
  }
}

TEST_SUITE("write_private_file") {
  TEST_CASE("a file is its owner's alone, whatever was there") {
    const TempDir dir;
    const auto file = dir.path() / "a.har";
    for (const auto* text : {"one", "two"}) {
      umask(0);
      write_private_file(file, text);
      CHECK(content(file) == text);
      struct stat about {};
      REQUIRE(stat(file.c_str(), &about) == 0);
      CHECK((about.st_mode & 07777U) == 0600U);
      chmod(file.c_str(), 0644);
    }
    CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) ==
          1);
  }

  TEST_CASE("a link is replaced, and what it leads to stays") {
    const TempDir dir;
    const auto other = dir.write("other", "kept");
    const auto file = dir.path() / "a.har";
    std::filesystem::create_symlink(other, file);
    write_private_file(file, "new");
    CHECK(content(other) == "kept");
    CHECK_FALSE(std::filesystem::is_symlink(file));
    CHECK(content(file) == "new");
  }

  TEST_CASE("what cannot be written is refused, and leaves nothing") {
    const TempDir dir;
    const auto refused = [](const std::filesystem::path& file) {
      try {
        write_private_file(file, "x");
      } catch (const Error& error) {
        CHECK(error.code() == ExitCode::cannot_create);
        return std::string(error.what());
      }
      return "(written)"s;
    };
    const auto folder = dir.path() / "folder";
    std::filesystem::create_directory(folder);
    CHECK(refused(folder) ==
          "cannot write " + folder.string() + ": it is there, and is no file");
    const auto nowhere = dir.path() / "none" / "a.har";
    CHECK(refused(nowhere) ==
          "cannot write " + nowhere.string() + ": No such file or directory");
    CHECK(refused("/dev/full") ==
          "cannot write /dev/full: it is there, and is no file");
    CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) ==
          1);
  }
}
