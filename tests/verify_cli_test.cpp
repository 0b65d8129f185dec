// SPDX-License-Identifier: MIT
//
// `strandline verify` as a team's test calls it, on the recording of the demo.
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "child.hpp"
#include "sync_fixture.hpp"
#include "temp_dir.hpp"

namespace strandline::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// The demo's folder, without the database that the demo made, and a folder for
// scratch files.
class Demo {
 public:
  Demo() {
    REQUIRE(run(dir_, {"demo", folder().string()}).code == 0);
    fs::remove(folder() / "demo.db");
    fs::remove(folder() / "demo.db.lock");
    fs::create_directory(scratch());
  }

  Result verify(std::vector<std::string> arguments) const {
    const auto child = start(std::move(arguments));
    const int code = child->wait();
    return {code, child->out(), child->err()};
  }

  std::unique_ptr<Child> start(std::vector<std::string> arguments) const {
    std::vector<std::string> all{program(), "verify", "--config",
                                 (folder() / "strandline.toml").string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return std::make_unique<Child>(
        dir_, all, std::vector<std::string>{"TMPDIR=" + scratch().string()});
  }

  fs::path folder() const { return dir_.path() / "demo"; }
  fs::path scratch() const { return dir_.path() / "scratch"; }
  std::string recording() const { return (folder() / "demo.har").string(); }

  // Writes the recording anew with `from` as `to`.
  void change(const std::string& from, const std::string& to) const {
    std::ifstream in(recording(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    in.close();
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    std::ofstream(recording(), std::ios::binary) << text;
  }

 private:
  TempDir dir_;
};

}  // namespace

TEST_SUITE_BEGIN("verify_cli");

TEST_CASE("the demo's recording is verified, and nothing is left of it") {
  const Demo demo;
  const auto result = demo.verify({"--replay", demo.recording()});
  CHECK(result.code == 0);
  CHECK(result.err == "");
  CHECK(has(result.out,
            "stream    rows  second run\n"
            "persons     25  same\n"
            "accounts    12  same\n"
            "contacts    15  same\n"
            "Verified: 52 rows of 3 streams, run twice ("));
  CHECK(fs::is_empty(demo.scratch()));
  CHECK_FALSE(fs::exists(demo.folder() / "demo.db"));
  CHECK_FALSE(fs::exists(demo.folder() / "demo.db.lock"));
}

TEST_CASE("with --crash it says how often it killed, and by which seed") {
  const Demo demo;
  const auto result = demo.verify(
      {"persons", "--replay", demo.recording(), "--crash", "--seed", "7"});
  CHECK(result.code == 0);
  CHECK(has(result.out,
            "stream   rows  second run  crashes\npersons    25  "
            "same        same after "));
  CHECK(has(result.out, "seed 7)"));
  CHECK(fs::is_empty(demo.scratch()));
}

TEST_CASE("as JSON it is one object") {
  const Demo demo;
  const auto result = demo.verify(
      {"persons", "--replay", demo.recording(), "--crash", "--json"});
  CHECK(result.code == 0);
  const auto document = Json::parse(result.out);
  CHECK(document["type"] == "verify");
  CHECK(document["ok"] == true);
  CHECK(document["exit_code"] == 0);
  REQUIRE(document["streams"].size() == 1);
  const auto& stream = document["streams"][0];
  CHECK(stream["stream"] == "persons");
  CHECK(stream["tables"][0]["rows"] == 25);
  CHECK(stream["kills_at_commit_points"] == stream["commit_points"]);
  CHECK(stream["resumed"] > 5);
  CHECK(stream["findings"].empty());
}

TEST_CASE("children and second lists are shown with their streams") {
  const char* folder = std::getenv("RECORDINGS");
  REQUIRE(folder != nullptr);
  const TempDir out;
  const auto verify = [&](const std::string& name,
                          std::vector<std::string> more) {
    const auto at = fs::path(folder) / name;
    more.insert(more.begin(),
                {"verify", "--config", (at / "strandline.toml").string(),
                 "--replay", (at / (name + ".har")).string()});
    const auto result = run(out, more);
    CHECK(result.code == 0);
    return result.out;
  };
  CHECK(has(verify("also", {}),
            "stream            rows  second run\n"
            "contacts             6  same\n"
            "  contacts@also\n"
            "companies            4  same\n"
            "  companies@also\n"
            "Verified: 10 rows of 2 streams, run twice ("));
  CHECK(has(verify("children", {"files"}),
            "stream      rows  second run\n"
            "tickets        4  same\n"
            "  comments     6\n"
            "  files        2\n"
            "  watchers     4\n"
            "Verified: 16 rows of 4 streams, run twice ("));
  CHECK(has(verify("children", {"-q", "--digest"}), "          6  comments\n"));
  const auto document = Json::parse(verify("also", {"--json"}));
  const auto& contacts = document["streams"][0];
  CHECK(contacts["tables"].size() == 1);
  REQUIRE(contacts["lists"].size() == 2);
  CHECK(contacts["lists"][1]["list"] == "contacts@also");
  CHECK(contacts["lists"][1]["mark"] == "2024-05-05T09:25:00.000Z");
}

TEST_CASE("the digests are the same in every run, and others for other rows") {
  const Demo demo;
  const auto digests = [&] {
    const auto result = demo.verify({"persons", "contacts", "--replay",
                                     demo.recording(), "--digest", "-q"});
    CHECK(result.code == 0);
    return result.out;
  };
  const auto first = digests();
  CHECK(first.substr(64, 20) == "         25  persons");
  CHECK(has(first, "         15  contacts\n"));
  CHECK(digests() == first);
  demo.change("\\\"id\\\":1,", "\\\"id\\\":101,");
  const auto other = digests();
  CHECK(other != first);
  CHECK(other.substr(other.find('\n')) == first.substr(first.find('\n')));
}

TEST_CASE("a recording that does not fit fails, and says what was asked") {
  const Demo demo;
  demo.change("/api/v2/persons", "/api/v3/persons");
  const auto result = demo.verify({"persons", "--replay", demo.recording()});
  CHECK(result.code == 65);
  CHECK(has(result.err, "no recorded answer for GET"));
  CHECK(has(result.out, "persons     0  the first fails"));
  CHECK(has(result.out, "Not verified: 1 of 1 stream ("));
  CHECK(fs::is_empty(demo.scratch()));
}

TEST_CASE("the scratch files stay where that is asked for") {
  const Demo demo;
  const auto result =
      demo.verify({"persons", "--replay", demo.recording(), "--keep"});
  CHECK(result.code == 0);
  CHECK(has(result.err, "the scratch files are in " + demo.scratch().string()));
  REQUIRE_FALSE(fs::is_empty(demo.scratch()));
  const auto folder = fs::directory_iterator(demo.scratch())->path();
  CHECK((fs::status(folder).permissions() & fs::perms::all) ==
        fs::perms::owner_all);
  CHECK(fs::exists(folder / "persons" / "once.db"));
}

TEST_CASE("a signal ends it cleanly") {
  struct Case {
    int signal;
    int code;
  };
  for (const auto& each : {Case{SIGINT, 130}, Case{SIGTERM, 143}}) {
    const Demo demo;
    const auto child =
        demo.start({"--replay", demo.recording(), "--crash", "--json"});
    // In the midst of its kills.
    for (int i = 0; i < 2000 && fs::is_empty(demo.scratch()); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    child->kill(each.signal);
    CHECK(child->wait() == each.code);
    CHECK(fs::is_empty(demo.scratch()));
    CHECK(Json::parse(child->out())["exit_code"] == each.code);
  }
}

TEST_CASE("without a recording it asks the source once, and replays that") {
  SyncFixture fixture(items_stream);
  fixture.server.set(items(25));
  fixture.server.take_requests();
  const TempDir out;
  const auto verify = [&] {
    return run(out, {"verify", "--config", fixture.config().string(), "--crash",
                     "--json"});
  };
  const auto first = verify();
  CHECK(first.code == 0);
  CHECK(Json::parse(first.out)["streams"][0]["tables"][0]["rows"] == 25);
  CHECK(fixture.server.take_requests().size() == 3);
  CHECK_FALSE(fs::exists(fixture.database()));

  // From where the database stands, which stays as it is.
  REQUIRE(fixture.sync().exit_code == ExitCode::ok);
  const auto before = contents(fixture.database(), "pipeline_checkpoints");
  fixture.server.put(item(2000, "new"));
  fixture.server.take_requests();
  const auto second = verify();
  CHECK(second.code == 0);
  CHECK(Json::parse(second.out)["streams"][0]["lists"][0]["mark"] ==
        "2024-01-01T00:33:20.000Z");
  CHECK(has(fixture.server.take_requests().front(),
            "since=2023-12-31T23%3A55%3A25Z"));
  CHECK(contents(fixture.database(), "pipeline_checkpoints") == before);
  CHECK(value(fixture.database(), "SELECT count(*) FROM items") == "25");
}

TEST_CASE("a source that cannot be recorded is its own error") {
  SyncFixture fixture(items_stream);
  fixture.server.set_hook([](const auto&, auto& response) {
    response.status = 401;
    return true;
  });
  const TempDir out;
  const auto result =
      run(out, {"verify", "--config", fixture.config().string()});
  CHECK(result.code == 77);
  CHECK(has(result.err, "401"));
}

TEST_CASE("a recording that is not there is exit code 66") {
  const Demo demo;
  const auto result = demo.verify({"--replay", "/nowhere/x.har"});
  CHECK(result.code == 66);
  CHECK(has(
      result.err,
      "cannot read the recording /nowhere/x.har: No such file or directory"));
}

TEST_CASE("a stream that is not there is exit code 64") {
  const Demo demo;
  const auto result = demo.verify({"person", "--replay", demo.recording()});
  CHECK(result.code == 64);
  CHECK(has(result.err, "did you mean 'persons'?"));
}

TEST_SUITE_END();

}  // namespace strandline::test
