// SPDX-License-Identifier: MIT
//
// What `strandline har` prints and writes, and how it ends.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "child.hpp"
#include "file_content.hpp"
#include "temp_dir.hpp"

using namespace strandline::test;
using Json = nlohmann::ordered_json;

namespace {

std::string fixture(const std::string& name) {
  const char* folder = std::getenv("HAR_FILES");
  REQUIRE(folder != nullptr);
  return std::string(folder) + "/" + name;
}

constexpr const char* small = R"({"log":{"version":"1.2",
  "creator":{"name":"test","version":"7"},
  "_strandline":{"version":1,"started":"2026-03-03T08:00:05Z","redacted":true,
    "checkpoints":{"contacts":{}}},
  "entries":[
  {"startedDateTime":"2026-03-03T08:00:06.000Z","time":1234.5,
   "request":{"method":"GET","url":"https://h.example/x?email=a%40b.example"},
   "response":{"status":200,"content":{"mimeType":"application/json",
     "text":"{\"token\":\"abc\",\"first_name\":\"Ann\"}"}}},
  {"request":{"method":"GET","url":"https://h.example/y"},
   "response":{"status":503,"content":{"mimeType":"a\u001b[31m"}}},
  {"request":{"method":"GET","url":"https://h.example/z"},
   "response":{"status":0},
   "_strandline":{"no_answer":{"exit_code":75,"message":"x"}}},
  {"request":{"method":"GET","url":"https://h.example/z"},
   "response":{"status":200,"content":{"text":"%","encoding":"base64"}}},
  7]}})";

}  // namespace

TEST_SUITE("har list") {
  TEST_CASE("shows what the file is, each request, and what is wrong") {
    const TempDir dir;
    const auto file = dir.write("a.har", small).string();
    const auto result = run(dir, {"har", "list", file});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(result.out ==
          file +
              ": by test 7, from 2026-03-03T08:00:05.000Z, 5 requests, "
              "redacted\n"
              "checkpoints of contacts\n"
              "#  method  status  bytes     ms  content           url\n"
              "1  GET        200     34  1,234  application/json  "
              "https://h.example/x?email=a%40b.example\n"
              "2  GET        503      0      0  a\\x1B[31m         "
              "https://h.example/y\n"
              "   ! answered 503\n"
              "3  GET          -      0      0  -                 "
              "https://h.example/z\n"
              "   ! no answer: x\n"
              "4  GET        200      -      0  -                 "
              "https://h.example/z\n"
              "   ! cannot be read: its body is not base64\n"
              "5               -      -      0  -\n"
              "   ! cannot be read: it has no object request\n");
  }

  TEST_CASE("answers in JSON, an object a line") {
    const TempDir dir;
    const auto file = dir.write("a.har", small).string();
    const auto result = run(dir, {"har", "list", file, "--json"});
    CHECK(result.code == 0);
    const auto answer = Json::parse(result.out);
    CHECK(answer["type"] == "har");
    CHECK(answer["file"] == file);
    CHECK(answer["creator"] == "test 7");
    CHECK(answer["started_at"] == "2026-03-03T08:00:05.000Z");
    CHECK(answer["redacted"] == true);
    CHECK(answer["scrubbed"] == false);
    CHECK(answer["checkpoints"] == Json{"contacts"});
    REQUIRE(answer["entries"].size() == 5);
    CHECK(answer["entries"][0]["duration_s"] == 1.234);
    CHECK(answer["entries"][0]["problem"] == nullptr);
    CHECK(answer["entries"][0]["replayed"] == true);
    CHECK(answer["entries"][2]["replayed"] == true);
    CHECK(answer["entries"][3]["replayed"] == false);
    CHECK(answer["entries"][4]["status"] == nullptr);
  }

  TEST_CASE("takes a file of every dialect") {
    const TempDir dir;
    for (const auto& file : std::filesystem::directory_iterator(fixture(""))) {
      CAPTURE(file.path());
      const auto result = run(dir, {"har", "list", file.path().string()});
      CHECK(result.code == 0);
      CHECK(has(result.out, "not redacted\n#  method"));
    }
    const auto chrome = run(dir, {"har", "list", fixture("chrome.har")});
    CHECK(has(chrome.out, "! no answer: net::ERR_NAME_NOT_RESOLVED\n"));
    CHECK(has(chrome.out, "! left out: neither http nor https\n"));
  }

  TEST_CASE("refuses what is missing, or no recording") {
    const TempDir dir;
    const auto none = run(dir, {"har", "list", "/nowhere.har"});
    CHECK(none.code == 66);
    CHECK(has(
        none.err,
        "cannot read the recording /nowhere.har: No such file or directory"));
    const auto folder = run(dir, {"har", "list", dir.path().string()});
    CHECK(folder.code == 66);
    CHECK(has(folder.err, "cannot read the recording " + dir.path().string() +
                              ": Is a directory"));
    for (const auto* text : {"", "{}", "[1", "PNG"}) {
      CAPTURE(text);
      const auto file = dir.write("b.har", text).string();
      const auto result = run(dir, {"har", "list", file});
      CHECK(result.code == 65);
      CHECK(has(result.err, "b.har: it "));
      CHECK(run(dir, {"har", "redact", file}).code == 65);
    }
    CHECK(run(dir, {"har"}).code == 64);
    CHECK(run(dir, {"har", "list"}).code == 64);
  }
}

TEST_SUITE("har redact") {
  TEST_CASE("prints the redacted file, and says what it replaced") {
    const TempDir dir;
    const auto file = dir.write("a.har", small);
    const auto result = run(dir, {"har", "redact", file.string()});
    CHECK(result.code == 0);
    CHECK(result.err == "strandline: " + file.string() +
                            ": replaced 1 field known by name\n");
    const auto document = Json::parse(result.out);
    CHECK(document["log"]["entries"][0]["response"]["content"]["text"] ==
          R"({"token":"REDACTED-1","first_name":"Ann"})");
    CHECK(document["log"]["entries"][4] == 7);
    CHECK(content(file) == small);
    CHECK(run(dir, {"har", "redact", file.string(), "-q"}).err.empty());
  }

  TEST_CASE("writes a file for its owner alone") {
    const TempDir dir;
    const auto file = dir.write("a.har", small).string();
    const auto out = dir.path() / "b.har";
    const auto result =
        run(dir, {"har", "redact", "--scrub", file, "-o", out.string()});
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    CHECK(result.err ==
          "strandline: " + file +
              ": replaced 1 field known by name, 1 e-mail address, 1 name\n");
    struct stat about {};
    REQUIRE(stat(out.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777U) == 0600U);
    const auto text = content(out);
    CHECK(has(text, "email=person-1%40example.com"));
    CHECK_FALSE(has(text, "Ann"));
    const auto again = run(dir, {"har", "redact", out.string()});
    CHECK(again.out == text);
    CHECK(has(again.err, "nothing to replace"));
    CHECK(has(run(dir, {"har", "list", out.string()}).out,
              ", redacted and scrubbed\n"));
  }

  TEST_CASE("counts in JSON, if the file goes elsewhere") {
    const TempDir dir;
    const auto file = dir.write("a.har", small).string();
    const auto out = (dir.path() / "b.har").string();
    const auto result =
        run(dir, {"har", "redact", "--json", file, "--output", out});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    const auto answer = Json::parse(result.out);
    CHECK(answer["type"] == "har_redact");
    CHECK(answer["out"] == out);
    CHECK(answer["fields"] == 1);
    CHECK(answer["addresses"] == 0);
    CHECK(Json::parse(run(dir, {"har", "redact", "--json", file}).out)
              .contains("log"));
  }

  TEST_CASE("never changes the file that it reads") {
    const TempDir dir;
    const auto file = dir.write("a.har", small);
    std::filesystem::create_symlink(file, dir.path() / "link");
    for (const auto& out :
         {file.string(), (dir.path() / "." / "a.har").string(),
          (dir.path() / "link").string()}) {
      CAPTURE(out);
      const auto result = run(dir, {"har", "redact", file.string(), "-o", out});
      CHECK(result.code == 64);
      CHECK(has(result.err, "is the file that is read"));
      CHECK(content(file) == small);
    }
  }

  TEST_CASE("says why it cannot write") {
    const TempDir dir;
    const auto file = dir.write("a.har", small).string();
    const auto result =
        run(dir, {"har", "redact", file, "-o", dir.path().string()});
    CHECK(result.code == 73);
    CHECK(has(result.err, "cannot write " + dir.path().string() +
                              ": it is there, and is no file"));
  }

  TEST_CASE("takes a file of every dialect, and shows no secret of it") {
    const TempDir dir;
    for (const auto& file : std::filesystem::directory_iterator(fixture(""))) {
      CAPTURE(file.path());
      const auto result = run(dir, {"har", "redact", file.path().string()});
      CHECK(result.code == 0);
      const auto document = Json::parse(result.out);
      CHECK(document["log"]["_strandline"]["redacted"] == true);
      for (const auto* secret : {"r 1&2", "at-1", "d=abc"}) {
        CHECK_FALSE(has(result.out, secret));
        CHECK_FALSE(has(result.err, secret));
      }
    }
  }
}
