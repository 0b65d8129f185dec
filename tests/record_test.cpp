// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "child.hpp"
#include "file_content.hpp"
#include "strandline/verify.hpp"
#include "sync_fixture.hpp"
#include "token_server.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

namespace fs = std::filesystem;

// Everything of a run that its replay is to give again: of what it counted all
// but the bytes, as stand-ins are of other lengths than secrets.
std::vector<Rows> all_of(const fs::path& database) {
  return {
      contents(database, "items"), contents(database, "pipeline_checkpoints"),
      query(database,
            "SELECT run_id, pipeline_name, started_at, finished_at, outcome, "
            "mode, exit_code, error, fetched, inserted, updated, unchanged,"
            " requests, retries, mark_before, mark_after, warnings FROM "
            "pipeline_runs ORDER BY run_id, pipeline_name")};
}

// A source, and what is recorded of it.
class Fixture : public SyncFixture {
 public:
  explicit Fixture(const std::string& streams = items_stream)
      : SyncFixture(streams), recording(dir().path() / "run.har") {
    server.set(items(35));
  }

  SyncSummary record(const std::vector<std::string>& ignore = {}) {
    return run(&SyncOptions::record, ignore);
  }

  SyncSummary replay(const std::vector<std::string>& ignore = {}) {
    return run(&SyncOptions::replay, ignore);
  }

  // Takes the database away, and returns what it held.
  std::vector<Rows> take_database() {
    auto all = all_of(database());
    fs::remove(database());
    return all;
  }

  fs::path recording;

 private:
  SyncSummary run(fs::path SyncOptions::*har,
                  const std::vector<std::string>& ignore) {
    SyncOptions options;
    options.config = config();
    options.*har = recording;
    options.ignore = ignore;
    options.attempts = 2;
    return run_sync(options);
  }
};

std::string error_of(const SyncSummary& summary) {
  if (summary.failure) {
    return summary.failure->message;
  }
  for (const auto& stream : summary.streams) {
    if (stream.failure) {
      return stream.failure->message;
    }
  }
  return {};
}

std::string note(const SyncSummary& summary, const std::string& label) {
  for (const auto& each : summary.streams.at(0).failure.value().notes) {
    if (each.label == label) {
      return each.text;
    }
  }
  return {};
}

// How a source is asked, and what the secrets are that it wants.
struct Login {
  const char* name;
  std::string source;
  std::vector<std::pair<std::string, std::string>> secrets;  // file, content
  std::function<bool(const httplib::Request&)> admits;
};

std::vector<Login> logins() {
  const auto a = random_secret();
  const auto b = random_secret();
  return {
      {"bearer",
       "auth = \"bearer\"\ntoken = { file = \"a\" }\n",
       {{"a", a}},
       [=](const auto& request) {
         return request.get_header_value("Authorization") == "Bearer " + a;
       }},
      {"header",
       "auth = \"header\"\nheader = \"X-Key\"\ntoken = { file = \"a\" }\n",
       {{"a", a}},
       [=](const auto& request) {
         return request.get_header_value("X-Key") == a;
       }},
      {"query",
       "auth = \"query\"\nparam = \"apikey\"\ntoken = { file = \"a\" }\n",
       {{"a", a}},
       [=](const auto& request) {
         return request.get_param_value("apikey") == a;
       }},
      {"basic",
       "auth = \"basic\"\nuser = { file = \"b\" }\ntoken = { file = \"a\" }\n",
       {{"a", a}, {"b", b}},
       [=](const auto& request) {
         return request.get_header_value("Authorization") ==
                httplib::make_basic_authentication_header(b, a).second;
       }},
  };
}

}  // namespace

TEST_SUITE("a recording") {
  TEST_CASE("is replayed into the database of the run, without its source") {
    std::vector<Rows> recorded;
    Fixture fixture;
    {
      int number = 0;
      fixture.server.set_hook([&](const auto&, auto& response) {
        const bool fails = ++number == 2;  // it is asked again
        if (fails) {
          response.status = 429;
          response.set_header("Retry-After", "1");
        }
        return fails;
      });
      const auto summary = fixture.record();
      REQUIRE_MESSAGE(summary.exit_code == ExitCode::ok, error_of(summary));
      CHECK(summary.streams[0].counts.requests == 5);
      CHECK_FALSE(summary.replayed);
      recorded = fixture.take_database();
    }
    CHECK(recorded[0].size() == 35);
    fixture.server.set_hook([](const auto&, auto&) {
      FAIL("asked");
      return false;
    });
    const auto summary = fixture.replay();
    CHECK_MESSAGE(summary.exit_code == ExitCode::ok, error_of(summary));
    CHECK(summary.replayed.value().recorded == 5);
    CHECK(summary.replayed->unused.empty());
    CHECK(fixture.take_database() == recorded);
    // A year later as well as a second time.
    fixture.replay();
    CHECK(fixture.take_database() == recorded);
  }

  TEST_CASE("of a source without a Date asks up to the time of the recording") {
    Fixture fixture(R"(
[stream.items]
get     = "/items"
query   = { since = "${from}", till = "${until}", limit = 10 }
records = "data"
key     = "id"
cursor  = { field = "updated_at", start = "2023-12-01" }
page    = { token = "meta/next", param = "after" }
)");
    fixture.server.send_date(false);
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    const auto recorded = fixture.take_database();
    const auto summary = fixture.replay();
    CHECK_MESSAGE(summary.exit_code == ExitCode::ok, error_of(summary));
    CHECK(summary.replayed.value().unused.empty());
    CHECK(fixture.take_database() == recorded);
  }

  TEST_CASE("holds no secret, and its replay needs none") {
    for (const auto& login : logins()) {
      CAPTURE(login.name);
      Fixture fixture;
      fixture.configure(items_stream, login.source);
      for (const auto& [file, secret] : login.secrets) {
        fixture.dir().write(file, secret);
      }
      fixture.server.set_hook([&](const auto& request, auto& response) {
        response.set_header("X-Echo", request.target);
        const bool refuses = !login.admits(request);
        if (refuses) response.status = 401;
        return refuses;
      });
      const auto summary = fixture.record();
      REQUIRE_MESSAGE(summary.exit_code == ExitCode::ok, error_of(summary));
      const auto recorded = fixture.take_database();
      const auto text = content(fixture.recording);
      CHECK(has(text, "REDACTED-s-"));
      for (const auto& [file, secret] : login.secrets) {
        // The number in the middle is the same in every form but base64.
        CHECK_FALSE(has(text, secret.substr(3, secret.size() - 8)));
        fs::remove(fixture.dir().path() / file);
      }
      const auto replayed = fixture.replay();
      CHECK_MESSAGE(replayed.exit_code == ExitCode::ok, error_of(replayed));
      CHECK(replayed.replayed.value().unused.empty());
      CHECK(fixture.take_database() == recorded);
    }
  }

  TEST_CASE("has the exchange of tokens too, also those that change") {
    TokenServer tokens;
    tokens.rotate(true);
    const auto client = random_secret();
    const auto refresh = random_secret();
    tokens.set_refresh_token(refresh);
    Fixture fixture;
    fixture.configure(items_stream,
                      fmt::format("auth = \"oauth2\"\ntoken_url = \"{}\"\n"
                                  "client_id = \"me\"\n"
                                  "client_secret = {{ file = \"c\" }}\n"
                                  "refresh_token = {{ file = \"r\" }}\n",
                                  tokens.url()));
    fixture.dir().write("c", client);
    fixture.dir().write("r", refresh);
    std::vector<std::string> secrets = {client, refresh};
    int number = 0;
    fixture.server.set_hook([&](const auto& request, auto& response) {
      if (++number == 3) {
        tokens.expire();
      }
      secrets.push_back(tokens.access_token());
      secrets.push_back(tokens.refresh_token());
      const bool refuses = request.get_header_value("Authorization") !=
                           "Bearer " + tokens.access_token();
      if (refuses) response.status = 401;
      return refuses;
    });
    const auto summary = fixture.record();
    REQUIRE_MESSAGE(summary.exit_code == ExitCode::ok, error_of(summary));
    const auto recorded = fixture.take_database();
    const auto text = content(fixture.recording);
    for (const auto& secret : secrets) {
      if (secret.size() > 12) {
        CHECK_FALSE(has(text, secret.substr(3, secret.size() - 8)));
      }
    }
    CHECK(has(text, "REDACTED-s-refresh_token"));
    CHECK(has(text, "REDACTED-s-access_token"));
    const auto kept = fixture.dir().path() / "test.db.s.token";
    REQUIRE(fs::remove(kept));
    fs::remove(fixture.dir().path() / "c");
    fs::remove(fixture.dir().path() / "r");
    const auto replayed = fixture.replay();
    CHECK_MESSAGE(replayed.exit_code == ExitCode::ok, error_of(replayed));
    CHECK(replayed.replayed.value().unused.empty());
    CHECK(fixture.take_database() == recorded);
    // What it was given there is no login.
    CHECK_FALSE(fs::exists(kept));
  }

  TEST_CASE("has the tokens that were asked for as time went by") {
    TokenServer tokens;
    tokens.set_members({{"expires_in", 1}});
    Fixture fixture;
    fixture.configure(items_stream,
                      fmt::format("auth = \"oauth2\"\ntoken_url = \"{}\"\n"
                                  "client_id = \"me\"\n"
                                  "client_secret = {{ file = \"c\" }}\n",
                                  tokens.url()));
    fixture.dir().write("c", "client-secret");
    int number = 0;
    fixture.server.set_hook([&](const auto&, const auto&) {
      if (++number == 2) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1100));
      }
      return false;
    });
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    const auto recorded = fixture.take_database();
    const auto replayed = fixture.replay();
    CHECK_MESSAGE(replayed.exit_code == ExitCode::ok, error_of(replayed));
    CHECK(replayed.replayed.value().recorded == 6);
    CHECK(replayed.replayed->unused.empty());
    CHECK(fixture.take_database() == recorded);
  }

  TEST_CASE("that another program made has a key of its own in the query") {
    Fixture fixture;
    fixture.configure(
        items_stream,
        "auth = \"query\"\nparam = \"k\"\ntoken = { file = \"a\" }\n");
    fixture.dir().write("a", "some-secret");
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    const auto recorded = fixture.take_database();
    auto text = content(fixture.recording);
    const std::string ours = "REDACTED-s-token";
    for (auto at = text.find(ours); at != std::string::npos;
         at = text.find(ours)) {
      text.replace(at, ours.size(), "abc123");
    }
    fixture.dir().write("run.har", text);
    const auto replayed = fixture.replay();
    CHECK_MESSAGE(replayed.exit_code == ExitCode::ok, error_of(replayed));
    CHECK(fixture.take_database() == recorded);
  }

  TEST_CASE("has what failed, and so has its replay") {
    Fixture fixture;
    int number = 0;
    fixture.server.set_hook([&](const auto&, auto& response) {
      const bool fails = ++number == 3;
      if (fails) response.status = 404;
      return fails;
    });
    const auto failed = fixture.record();
    CHECK(failed.exit_code == ExitCode::unavailable);
    const auto recorded = fixture.take_database();
    CHECK(recorded[0].size() == 20);
    const auto replayed = fixture.replay();
    CHECK(replayed.exit_code == ExitCode::unavailable);
    CHECK(error_of(replayed) == error_of(failed));
    CHECK(fixture.take_database() == recorded);
  }

  TEST_CASE("has requests that had no answer") {
    Fixture fixture;
    const int nobody = [] {
      LoopbackServer gone;
      gone.start();
      return gone.port();
    }();
    auto text = content(fixture.config());
    const auto begin = text.find("http://");
    text.replace(begin, text.find('"', begin) - begin,
                 fmt::format("http://127.0.0.1:{}", nobody));
    fixture.dir().write("strandline.toml", text);
    SyncOptions options;
    options.config = fixture.config();
    options.record = fixture.recording;
    options.attempts = 1;
    const auto failed = run_sync(options);
    CHECK(failed.exit_code == ExitCode::temporary);
    options.record.clear();
    options.replay = fixture.recording;
    const auto replayed = run_sync(options);
    CHECK(replayed.exit_code == ExitCode::temporary);
    CHECK(error_of(replayed) == error_of(failed));
  }

  TEST_CASE("of a later run begins where that one did") {
    Fixture fixture;
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    fs::copy_file(fixture.database(), fixture.dir().path() / "before.db");
    fixture.server.put(item(36));
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    const auto recorded = fixture.take_database();

    const auto elsewhere = fixture.replay();
    CHECK(elsewhere.exit_code == ExitCode::data);
    REQUIRE(elsewhere.warnings.size() == 1);
    CHECK(elsewhere.warnings[0] ==
          "the recording of s.items begins at the mark "
          "2024-01-01T00:00:35.000Z, and the database is at the beginning");
    fs::remove(fixture.database());
    fs::copy_file(fixture.dir().path() / "before.db", fixture.database());
    const auto replayed = fixture.replay();
    CHECK_MESSAGE(replayed.exit_code == ExitCode::ok, error_of(replayed));
    CHECK(replayed.warnings.empty());
    CHECK(fixture.take_database() == recorded);
  }

  TEST_CASE("that goes on in a window is proved, whatever was taken out") {
    auto stream = std::string(items_stream);
    stream.replace(stream.find("limit = 10"), 10,
                   "limit = 10, api_key = \"abc12345\", "
                   "owner = \"jane@corp.example\"");
    Fixture fixture(stream);
    int number = 0;
    fixture.server.set_hook([&](const auto&, auto& response) {
      const bool fails = ++number == 3;
      if (fails) response.status = 404;
      return fails;
    });
    REQUIRE(fixture.sync().exit_code == ExitCode::unavailable);
    SyncOptions options;
    options.config = fixture.config();
    options.record = fixture.recording;
    options.scrub = true;
    REQUIRE(run_sync(options).exit_code == ExitCode::ok);
    const auto text = content(fixture.recording);
    CHECK_FALSE(has(text, "abc12345"));
    CHECK_FALSE(has(text, "jane@corp"));
    CHECK(has(text, "after=20"));
    VerifyOptions proof;
    proof.config = fixture.config();
    proof.replay = fixture.recording;
    const auto summary = run_verify(proof);
    REQUIRE(summary.streams.size() == 1);
    const auto& failure = summary.streams[0].failure;
    CHECK_MESSAGE(summary.exit_code == ExitCode::ok,
                  (failure ? failure->message : ""));
    // The window's rest, and the next one.
    CHECK(summary.streams[0].tables.at(0).rows == 35);
    CHECK(summary.streams[0].requests == 6);
  }

  TEST_CASE("is for its owner, and takes the place of another") {
    Fixture fixture;
    fixture.dir().write("run.har", "something of before");
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    struct stat status {};
    REQUIRE(::stat(fixture.recording.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
    CHECK(content(fixture.recording).starts_with("{\n"));
  }

  TEST_CASE("of nothing is none") {
    Fixture fixture;
    fixture.configure(items_stream,
                      "auth = \"bearer\"\ntoken = { file = \"none\" }\n");
    fixture.dir().write("run.har", "something of before");
    CHECK(fixture.record().exit_code == ExitCode::no_input);
    CHECK(content(fixture.recording) == "something of before");
  }

  TEST_CASE("that cannot be written is refused before the source is asked") {
    Fixture fixture;
    fixture.recording = fixture.dir().path() / "none" / "run.har";
    const auto summary = fixture.record();
    CHECK(summary.exit_code == ExitCode::cannot_create);
    CHECK(fixture.server.take_requests().empty());
    CHECK_FALSE(fs::exists(fixture.database()));
  }
}

TEST_SUITE("a replay") {
  TEST_CASE("that asks for what is not recorded says what differs") {
    Fixture fixture;
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    fixture.take_database();
    auto other = std::string(items_stream);
    other.replace(other.find("limit = 10"), 10, "limit = 20");
    fixture.configure(other);
    const auto summary = fixture.replay();
    CHECK(summary.exit_code == ExitCode::data);
    CHECK(note(summary, "differs") == "limit is 20, recorded 10");
    CHECK(summary.replayed.value().unused.size() == 4);

    // What is to be ignored is said, or stands in the recording.
    CHECK(fixture.replay({"limit"}).exit_code == ExitCode::ok);
    fixture.take_database();
    fixture.configure(items_stream);
    REQUIRE(fixture.record({"limit"}).exit_code == ExitCode::ok);
    fixture.take_database();
    fixture.configure(other);
    CHECK(fixture.replay().exit_code == ExitCode::ok);
  }

  TEST_CASE("that finds one stream's answers only has failed") {
    Fixture fixture;
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    fixture.take_database();
    auto more = std::string(items_stream);
    more.replace(more.find("items]"), 6, "more]");
    more.replace(more.find("/items"), 6, "/next");
    fixture.configure(items_stream + more);
    const auto summary = fixture.replay();
    CHECK(summary.streams.at(0).outcome == "ok");
    CHECK(summary.streams.at(1).outcome == "failed");
    CHECK(summary.exit_code == ExitCode::data);
  }

  TEST_CASE("names what it did not ask for") {
    auto more = std::string(items_stream);
    more.replace(more.find("items]"), 6, "more]");
    Fixture fixture(items_stream + more);
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    fixture.take_database();
    fixture.configure(items_stream);
    const auto summary = fixture.replay();
    CHECK(summary.exit_code == ExitCode::ok);
    CHECK(summary.replayed.value().recorded == 8);
    CHECK(summary.replayed->unused.size() == 4);
  }

  TEST_CASE("of a file that is none, or is no recording, says so") {
    Fixture fixture;
    const auto none = fixture.replay();
    CHECK(none.exit_code == ExitCode::no_input);
    CHECK(error_of(none) == "cannot read the recording " +
                                fixture.recording.string() +
                                ": No such file or directory");
    fixture.recording = fixture.dir().path();
    const auto folder = fixture.replay();
    CHECK(folder.exit_code == ExitCode::no_input);
    CHECK(error_of(folder) == "cannot read the recording " +
                                  fixture.recording.string() +
                                  ": Is a directory");
    fixture.recording = fixture.config();
    CHECK(fixture.replay().exit_code == ExitCode::data);
    CHECK_FALSE(fs::exists(fixture.database()));
  }

  TEST_CASE("and a recording at once are refused") {
    Fixture fixture;
    SyncOptions options;
    options.config = fixture.config();
    options.record = options.replay = fixture.recording;
    CHECK(run_sync(options).exit_code == ExitCode::usage);
    options.record.clear();
    options.scrub = true;
    CHECK(run_sync(options).exit_code == ExitCode::usage);
    options = {};
    options.config = fixture.config();
    options.ignore = {"limit"};
    CHECK(run_sync(options).exit_code == ExitCode::usage);
    CHECK(fixture.server.take_requests().empty());
  }
}

namespace {

// From here on this process and what it becomes dies of a call of socket().
void forbid_sockets() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{std::size(program), program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    _exit(126);
  }
}

// How the program ends that may open no socket: less than 0 by a signal.
int without_sockets(const std::vector<std::string>& arguments) {
  auto all = arguments;
  all.insert(all.begin(), program());
  std::vector<char*> argv;
  for (auto& argument : all) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  const auto pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    forbid_sockets();
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST_SUITE("program, replay") {
  TEST_CASE("opens no socket and looks up no name") {
    Fixture fixture;
    REQUIRE(fixture.record().exit_code == ExitCode::ok);
    const auto recorded = fixture.take_database();
    // A host that only a look-up could tell.
    auto text = content(fixture.recording);
    auto config = content(fixture.config());
    const auto here = fixture.server.url();
    const std::string there = "https://crm.nowhere.invalid";
    for (auto* each : {&text, &config}) {
      for (auto at = each->find(here); at != std::string::npos;
           at = each->find(here, at)) {
        each->replace(at, here.size(), there);
      }
    }
    fixture.dir().write("there.har", text);
    const auto file = fixture.dir().write("there.toml", config).string();
    const auto har = (fixture.dir().path() / "there.har").string();
    CHECK(without_sockets({"sync", "-q", "--config", file, "--replay", har}) ==
          0);
    CHECK(contents(fixture.database(), "items") == recorded[0]);
    // It would die of one.
    fs::remove(fixture.database());
    CHECK(without_sockets({"sync", "-q", "--config",
                           fixture.config().string()}) == -SIGSYS);
  }
}
