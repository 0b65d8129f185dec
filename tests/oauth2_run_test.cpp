// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "child.hpp"
#include "file_content.hpp"
#include "sync_fixture.hpp"
#include "token_server.hpp"

using namespace strandline;
using namespace strandline::test;
using namespace std::chrono_literals;

namespace {

const std::string more_items = R"(
[stream.more]
get     = "/items"
query   = { limit = 10 }
records = "data"
key     = "id"
page    = { token = "meta/next", param = "after" }
)";

// An API that wants the newest access token, who gives it out, and their user.
class Fixture {
 public:
  std::string refresh = "refresh-" + random_secret();
  std::string client_secret = "client-" + random_secret();
  std::string prefix = "Bearer ";
  TokenServer tokens;
  SyncFixture api{items_stream};

  explicit Fixture(const std::string& streams = items_stream,
                   const std::string& more = "", const std::string& base = "") {
    tokens.set_refresh_token(refresh);
    api.server.set(items(35));
    configure(streams, more, base);
    api.server.set_hook([this](const auto& request, auto& response) {
      return hook(request, response);
    });
  }

  void configure(const std::string& streams, const std::string& more,
                 const std::string& base = "") {
    api.dir().write("client_secret", client_secret);
    api.dir().write("refresh", refresh);
    api.dir().write(
        "strandline.toml",
        fmt::format(
            "database = \"test.db\"\n[source.s]\nbase_url = \"{}\"\n"
            "auth = \"oauth2\"\ntoken_url = \"{}\"\nclient_id = \"me\"\n"
            "client_secret = {{ file = \"client_secret\" }}\n{}\n{}",
            base.empty() ? api.server.url() : base, tokens.url(), more,
            streams));
  }

  /// The refresh token that is kept, as the file has it.
  std::string kept() const {
    const auto text = content(file());
    return text.empty() ? ""
                        : nlohmann::json::parse(text)["refresh_token"]
                              .get<std::string>();
  }

  std::filesystem::path file() const {
    return api.dir().path() / "test.db.s.token";
  }

  /// How many rows there are.
  std::string rows(const std::string& table = "items") const {
    return value(api.database(), "SELECT count(*) FROM " + table);
  }

  /// Called with each request that is authorised.
  std::function<void(int number)> on_page = [](int) {};
  std::atomic<int> pages{0};
  std::atomic<int> refused{0};

 private:
  bool hook(const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("Authorization") !=
            prefix + tokens.access_token() ||
        tokens.access_token().empty()) {
      ++refused;
      response.status = 401;
      return true;
    }
    on_page(++pages);
    return false;
  }
};

const std::string by_refresh = "refresh_token = { file = \"refresh\" }\n";

std::string note(const Failure& failure, std::string_view label) {
  const auto found =
      std::find_if(failure.notes.begin(), failure.notes.end(),
                   [&](const Note& note) { return note.label == label; });
  return found == failure.notes.end() ? "(no such note)" : found->text;
}

}  // namespace

TEST_SUITE("a run with oauth2") {
  TEST_CASE("by the client's credentials, one token for all streams") {
    Fixture fixture(items_stream + more_items, "scope = \"read all\"\n");
    const auto summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::ok);
    CHECK(fixture.rows() == "35");
    CHECK(fixture.rows("more") == "35");
    CHECK(fixture.refused == 0);
    CHECK(fixture.tokens.asked() ==
          std::vector<TokenServer::Form>{
              {{"grant_type", "client_credentials"},
               {"client_id", "me"},
               {"client_secret", fixture.client_secret},
               {"scope", "read all"}}});
    CHECK_FALSE(std::filesystem::exists(fixture.file()));
  }

  TEST_CASE("by a refresh token, with a scheme word of its own") {
    Fixture fixture(items_stream,
                    by_refresh + "prefix = \"Zoho-oauthtoken \"\n");
    fixture.prefix = "Zoho-oauthtoken ";
    CHECK(fixture.api.sync().exit_code == ExitCode::ok);
    CHECK(fixture.rows() == "35");
    CHECK(fixture.tokens.asked() ==
          std::vector<TokenServer::Form>{
              {{"grant_type", "refresh_token"},
               {"refresh_token", fixture.refresh},
               {"client_id", "me"},
               {"client_secret", fixture.client_secret}}});
    // It was not changed, so there is nothing to keep.
    CHECK_FALSE(std::filesystem::exists(fixture.file()));
    CHECK_FALSE(std::filesystem::exists(fixture.file().string() + ".new"));
  }

  TEST_CASE("a token that expires at any page costs a request, and no record") {
    for (int page = 1; page <= 4; ++page) {
      CAPTURE(page);
      Fixture fixture(items_stream, by_refresh);
      bool expired = false;
      fixture.on_page = [&](int number) {
        if (number == page && !expired) {
          expired = true;
          fixture.tokens.expire();
        }
      };
      const auto summary = fixture.api.sync();
      REQUIRE(summary.exit_code == ExitCode::ok);
      CHECK(fixture.rows() == "35");
      CHECK(summary.streams.at(0).counts.fetched == 35);
      CHECK(summary.streams.at(0).mark_after == "2024-01-01T00:00:35.000Z");
      const auto asked = fixture.api.server.take_requests();
      if (page < 4) {
        CHECK(fixture.refused == 1);
        CHECK(fixture.tokens.asked().size() == 2);
        REQUIRE(asked.size() == 5);
        CHECK(asked[static_cast<std::size_t>(page)] ==
              asked[static_cast<std::size_t>(page) + 1]);
      } else {
        CHECK(fixture.refused == 0);
      }
    }
  }

  TEST_CASE("a second 401 in a row ends it with 77, and what came stays") {
    Fixture fixture(items_stream, by_refresh);
    fixture.on_page = [&](int number) {
      if (number == 2) {
        fixture.tokens.set_hook([](const auto&, auto& response) {
          response.set_content(R"({"access_token": "of no use"})",
                               "application/json");
          return true;
        });
        fixture.tokens.expire();
      }
    };
    const auto summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::credentials);
    CHECK(fixture.rows() == "20");
    CHECK(fixture.refused == 2);
    CHECK(fixture.tokens.asked().size() == 2);
    CHECK_FALSE(summary.streams.at(0).mark_after);
    CHECK(note(*summary.streams.at(0).failure, "try") ==
          "the access token is new: check scope, and what the login may read");
    // The next run goes on.
    fixture.on_page = [](int) {};
    fixture.tokens.set_hook({});
    CHECK(fixture.api.sync().exit_code == ExitCode::ok);
    CHECK(fixture.rows() == "35");
  }

  TEST_CASE("a login that is over ends it with 77, and is not asked again") {
    Fixture fixture(items_stream + more_items, by_refresh);
    fixture.tokens.set_refresh_token("another");
    const auto summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::credentials);
    REQUIRE(summary.streams.size() == 2);
    for (const auto& stream : summary.streams) {
      REQUIRE(stream.failure);
      CHECK(stream.failure->message ==
            "POST " + fixture.tokens.url() +
                ": no access token is given: invalid_grant");
      CHECK(note(*stream.failure, "answer") == "it is old");
      CHECK(has(note(*stream.failure, "try"), "log in again"));
    }
    CHECK(fixture.tokens.asked().size() == 1);
    CHECK(fixture.api.server.take_requests().empty());
  }

  TEST_CASE("credentials follow no redirect") {
    Fixture fixture(items_stream, by_refresh);
    TokenServer other;
    fixture.tokens.set_hook([&](const auto&, auto& response) {
      response.status = 307;
      response.set_header("Location", other.url());
      return true;
    });
    const auto summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::protocol);
    CHECK(other.asked().empty());
    CHECK(has(note(*summary.streams.at(0).failure, "try"),
              "credentials follow no redirect"));
  }

  TEST_CASE("a refused token is no refusal of the place to go on from") {
    Fixture fixture(items_stream, by_refresh);
    fixture.on_page = [&](int number) {
      if (number == 3) {
        fixture.tokens.expire();
        fixture.tokens.set_refresh_token("another");
      }
    };
    CHECK(fixture.api.sync().exit_code == ExitCode::credentials);
    const auto position = [&] {
      return value(fixture.api.database(),
                   "SELECT position FROM pipeline_checkpoints");
    };
    const auto before = position();
    CHECK(before != "NULL");
    const auto summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::credentials);
    CHECK(position() == before);
  }
}

TEST_SUITE("a refresh token that changes") {
  TEST_CASE("is kept before the access token is used, for the owner alone") {
    const auto before = umask(0);
    Fixture fixture(items_stream, by_refresh);
    fixture.tokens.rotate(true);
    std::vector<std::string> kept;
    fixture.on_page = [&](int number) {
      kept.push_back(fixture.kept());
      CHECK(kept.back() == fixture.tokens.refresh_token());
      if (number < 4) {
        fixture.tokens.expire();
      }
    };
    CHECK(fixture.api.sync().exit_code == ExitCode::ok);
    umask(before);
    CHECK(fixture.rows() == "35");
    CHECK(kept.size() == 4);
    std::sort(kept.begin(), kept.end());
    CHECK(std::unique(kept.begin(), kept.end()) == kept.end());
    struct stat status {};
    REQUIRE(stat(fixture.file().c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600U);
    CHECK_FALSE(std::filesystem::exists(fixture.file().string() + ".new"));

    // The next run begins with it.
    CHECK(fixture.api.sync().exit_code == ExitCode::ok);
    const auto asked = fixture.tokens.asked();
    REQUIRE(asked.size() == 5);
    CHECK(asked[0].at("refresh_token") == fixture.refresh);
    CHECK(asked[4].at("refresh_token") != fixture.refresh);
  }

  TEST_CASE("is dropped when another is configured") {
    Fixture fixture(items_stream, by_refresh);
    fixture.tokens.rotate(true);
    CHECK(fixture.api.sync().exit_code == ExitCode::ok);
    fixture.refresh = "refresh-" + random_secret();
    fixture.tokens.set_refresh_token(fixture.refresh);
    fixture.configure(items_stream, by_refresh);
    CHECK(fixture.api.sync().exit_code == ExitCode::ok);
    CHECK(fixture.tokens.asked().at(1).at("refresh_token") == fixture.refresh);
    CHECK(fixture.api.sync().exit_code == ExitCode::ok);
    CHECK(fixture.tokens.asked().size() == 3);
  }

  TEST_CASE("is another one for each source") {
    Fixture fixture(items_stream, by_refresh);
    const auto text = content(fixture.api.config());
    const auto source = text.find("[source.s]");
    const auto stream = text.find("[stream.");
    auto second = text.substr(source, stream - source);
    second.replace(0, 10, "[source.t]");
    fixture.api.dir().write(
        "strandline.toml",
        text.substr(0, stream) + second + items_stream + "source = \"t\"\n");
    fixture.tokens.rotate(true);
    CHECK(fixture.api.sync().exit_code == ExitCode::ok);
    CHECK_FALSE(std::filesystem::exists(fixture.file()));
    CHECK(
        std::filesystem::exists(fixture.api.dir().path() / "test.db.t.token"));
  }

  TEST_CASE("survives a kill at the first moment that it is used") {
    for (const int kill_at : {1, 2, 3}) {
      CAPTURE(kill_at);
      Fixture fixture(items_stream, by_refresh);
      fixture.tokens.rotate(true);
      std::atomic<pid_t> victim{0};
      fixture.on_page = [&](int number) {
        if (number == kill_at) {
          while (victim == 0) {
            std::this_thread::sleep_for(1ms);
          }
          kill(victim, SIGKILL);
        } else {
          fixture.tokens.expire();
        }
      };
      Child child(fixture.api.dir(),
                  {program(), "sync", "-c", fixture.api.config().string()});
      victim = child.pid();
      CHECK(child.wait() == -SIGKILL);
      fixture.on_page = [](int) {};
      CHECK(fixture.api.sync().exit_code == ExitCode::ok);
      CHECK(fixture.rows() == "35");
    }
  }

  TEST_CASE("is kept although the run is to end before it comes") {
    for (const bool by_signal : {true, false}) {
      CAPTURE(by_signal);
      Fixture fixture(items_stream, by_refresh);
      fixture.tokens.rotate(true);
      std::atomic<bool> asked{false};
      fixture.tokens.set_hook([&](const auto&, auto&) {
        asked = true;
        std::this_thread::sleep_for(2500ms);
        return false;
      });
      std::vector<std::string> arguments{program(), "sync", "-c",
                                         fixture.api.config().string()};
      if (!by_signal) {
        arguments.insert(arguments.end(), {"--max-time", "1s"});
      }
      Child child(fixture.api.dir(), arguments);
      while (!asked) {
        std::this_thread::sleep_for(10ms);
      }
      if (by_signal) {
        child.kill(SIGTERM);
      }
      CHECK(child.wait() == (by_signal ? 143 : 75));
      CHECK(fixture.kept() == fixture.tokens.refresh_token());
      CHECK(fixture.api.server.take_requests().empty());

      fixture.tokens.set_hook({});
      CHECK(fixture.api.sync().exit_code == ExitCode::ok);
      CHECK(fixture.rows() == "35");
    }
  }

  TEST_CASE("is not asked for where it could not be kept") {
    Fixture fixture(items_stream, by_refresh);
    std::filesystem::create_directory(fixture.file().string() + ".new");
    const auto summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::io);
    CHECK(fixture.tokens.asked().empty());
  }

  TEST_CASE("that cannot be kept ends the run before the API is asked") {
    Fixture fixture(items_stream + more_items, by_refresh);
    fixture.tokens.rotate(true);
    fixture.tokens.set_hook([&](const auto&, auto&) {
      std::filesystem::create_directory(fixture.file());
      return false;
    });
    const auto summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::io);
    CHECK(has(summary.streams.at(0).failure->message,
              "the API has given a new refresh token, and it cannot be kept"));
    CHECK(fixture.tokens.asked().size() == 1);
    CHECK(fixture.api.server.take_requests().empty());
  }
}

TEST_SUITE("a base URL from the token") {
  TEST_CASE("leads to the API, and the mark stays when it leads elsewhere") {
    Fixture fixture(items_stream, by_refresh, "${token.instance_url}");
    fixture.tokens.set_members({{"instance_url", fixture.api.server.url()}});
    auto summary = fixture.api.sync();
    REQUIRE(summary.exit_code == ExitCode::ok);
    CHECK(fixture.rows() == "35");

    RecordServer moved;
    moved.set(items(36));
    fixture.tokens.set_members({{"instance_url", moved.url() + "/"}});
    summary = fixture.api.sync();
    REQUIRE(summary.exit_code == ExitCode::ok);
    CHECK(summary.streams.at(0).mode == "incremental");
    CHECK(summary.streams.at(0).mark_before == "2024-01-01T00:00:35.000Z");
    CHECK(summary.streams.at(0).mark_after == "2024-01-01T00:00:36.000Z");
    CHECK(fixture.rows() == "36");
  }

  TEST_CASE("that may not be asked ends the run, and no page is asked for") {
    Fixture fixture(items_stream, by_refresh, "${token.instance_url}");
    auto summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::protocol);
    CHECK(summary.streams.at(0).failure->message ==
          "the token answer has no 'instance_url', which base_url needs");
    fixture.tokens.set_members({{"instance_url", "http://192.0.2.1"}});
    summary = fixture.api.sync();
    CHECK(summary.exit_code == ExitCode::protocol);
    CHECK(has(summary.streams.at(0).failure->message, "must be https"));
  }
}

namespace {

// Everything that a secret of ours could have got into.
class Canaries {
 public:
  explicit Canaries(const Fixture& fixture) : fixture_(fixture) {}

  void add(std::string secret) { secrets_.push_back(std::move(secret)); }

  void look_at(const std::string& where, const std::string& text) const {
    for (const auto& form : forms()) {
      CAPTURE(where);
      CHECK_FALSE(has(text, form));
    }
  }

  /// The files beside the database, without those of the secrets.
  void look_at_files() const {
    int count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(fixture_.api.dir().path())) {
      const auto name = entry.path().filename().string();
      if (name.starts_with("test.db") && name != "test.db.s.token") {
        look_at(name, content(entry.path()));
        ++count;
      }
    }
    CHECK(count >= 1);
  }

  void look_at_processes(pid_t process) const {
    look_at("cmdline",
            content("/proc/" + std::to_string(process) + "/cmdline"));
  }

 private:
  std::vector<std::string> forms() const {
    auto all = secrets_;
    for (const auto& secret : fixture_.tokens.given()) {
      all.push_back(secret);
    }
    // The digits in the middle are the same in every encoding.
    for (auto& form : all) {
      const auto begin = form.find("s+/") + 3;
      form = form.substr(begin, form.find('&') - begin);
    }
    return all;
  }

  const Fixture& fixture_;
  std::vector<std::string> secrets_;
};

struct CanaryRun {
  Fixture fixture;
  Canaries canaries{fixture};
  std::string client_id = "id-" + random_secret();
  std::atomic<pid_t> child{0};

  CanaryRun() : fixture(items_stream) {
    fixture.api.dir().write("client_secret", fixture.client_secret);
    fixture.api.dir().write("id", client_id);
    fixture.tokens.rotate(true);
    auto text = content(fixture.api.config());
    const std::string plain = "client_id = \"me\"\n";
    text.replace(text.find(plain), plain.size(),
                 "client_id = { env = \"STRANDLINE_TEST_ID\" }\n"
                 "refresh_token = { command = [\"cat\", \"" +
                     (fixture.api.dir().path() / "refresh").string() +
                     "\"] }\n");
    fixture.api.dir().write("strandline.toml", text);
    canaries.add(client_id);
    canaries.add(fixture.client_secret);
    canaries.add(fixture.refresh);
  }

  int sync(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{program(), "sync", "-v", "-c",
                                       fixture.api.config().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Child started(fixture.api.dir(), arguments,
                  {"STRANDLINE_TEST_ID=" + client_id});
    child = started.pid();
    const int code = started.wait();
    child = 0;
    canaries.look_at("stdout", started.out());
    canaries.look_at("stderr", started.err());
    canaries.look_at_files();
    said = started.out() + started.err();
    return code;
  }

  std::string said;
};

}  // namespace

TEST_SUITE("secrets of oauth2 are nowhere to be seen") {
  TEST_CASE("in a run that goes well, also while it goes") {
    CanaryRun run;
    int seen = 0;
    run.fixture.on_page = [&](int number) {
      while (run.child == 0) {
        std::this_thread::sleep_for(1ms);
      }
      // The write-ahead log is there now.
      run.canaries.look_at_processes(run.child);
      run.canaries.look_at_files();
      ++seen;
      if (number == 2) {
        run.fixture.tokens.expire();
      }
    };
    CHECK(run.sync() == 0);
    CHECK(run.sync({"--json"}) == 0);
    CHECK(run.fixture.rows() == "35");
    CHECK(seen >= 8);
    CHECK(run.fixture.tokens.given().size() == 6);
  }

  TEST_CASE("in the API's refusals, which repeat them") {
    CanaryRun run;
    run.fixture.api.server.set_hook([&](const auto& request, auto& response) {
      response.status = 403;
      response.set_content("no: " + request.get_header_value("Authorization"),
                           "text/plain");
      return true;
    });
    CHECK(run.sync() == 77);
    CHECK(has(run.said, "no: Bearer REDACTED"));
    CHECK(run.sync({"--json"}) == 77);
    CHECK(has(run.said, "no: Bearer REDACTED"));
  }

  TEST_CASE("in the token endpoint's refusals, which repeat them") {
    CanaryRun run;
    run.fixture.tokens.set_hook([&](const auto& request, auto& response) {
      nlohmann::json body{{"error", "invalid_grant"}};
      auto& why = body["error_description"];
      why = "no: ";
      for (const auto& name : {"refresh_token", "client_secret", "client_id"}) {
        why = why.get<std::string>() + request.get_param_value(name) + " ";
      }
      response.status = 400;
      response.set_content(body.dump(), "application/json");
      return true;
    });
    CHECK(run.sync() == 77);
    CHECK(has(run.said,
              "no: REDACTED-s-refresh_token REDACTED-s-client_secret "
              "REDACTED-s-client_id"));
    CHECK(run.sync({"--json"}) == 77);
    run.fixture.tokens.set_hook([&](const auto& request, auto& response) {
      response.status = 404;
      response.set_content(request.body, "text/html");
      return true;
    });
    CHECK(run.sync() == 69);
    // A token of an answer that is not one is not known yet.
    const auto unknown = random_secret();
    run.canaries.add(unknown);
    run.fixture.tokens.set_hook([&](const auto&, auto& response) {
      response.set_content("access_token=" + unknown, "text/plain");
      return true;
    });
    CHECK(run.sync() == 76);
  }
}

TEST_SUITE("secrets of a run") {
  TEST_CASE("a file that others can read is warned of by sync and check") {
    Fixture fixture(items_stream, by_refresh);
    const auto file = fixture.api.dir().path() / "refresh";
    std::filesystem::permissions(file, std::filesystem::perms{0644});
    const auto warning = "others can read the secret file " + file.string() +
                         ": its mode is 0644";
    for (const std::vector<std::string>& verb :
         {std::vector<std::string>{"sync"}, {"check", "--offline"}}) {
      auto arguments = verb;
      arguments.insert(arguments.end(), {"-c", fixture.api.config().string()});
      const auto result = run(fixture.api.dir(), arguments);
      CHECK(result.code == 0);
      CHECK(has(result.err, warning));
    }
    const auto json = run(fixture.api.dir(), {"sync", "--json", "-c",
                                              fixture.api.config().string()});
    CHECK(has(json.out, warning));
  }

  TEST_CASE("check says which of them is missing") {
    for (const std::string key : {"client_secret", "refresh"}) {
      Fixture fixture(items_stream, by_refresh);
      std::filesystem::remove(fixture.api.dir().path() / key);
      const auto result =
          run(fixture.api.dir(),
              {"check", "--offline", "-c", fixture.api.config().string()});
      CHECK(result.code == 66);
      CHECK(has(result.err, "/" + key + ": No such file"));
    }
  }

  TEST_CASE("SIGINT ends a run and the command that it waits for") {
    Fixture fixture(items_stream,
                    "refresh_token = { command = [\"/bin/sh\", \"-c\", \"echo "
                    "$$ > pid.new; mv pid.new pid; exec sleep 60\"] }\n");
    const auto pid = fixture.api.dir().path() / "pid";
    Child child(fixture.api.dir(),
                {"/bin/sh", "-c",
                 "cd " + fixture.api.dir().path().string() + " && exec " +
                     program() + " sync -c strandline.toml"});
    for (int i = 0; i < 1000 && !std::filesystem::exists(pid); ++i) {
      std::this_thread::sleep_for(10ms);
    }
    const auto command = std::stoi(content(pid));
    CHECK(kill(command, 0) == 0);
    child.kill(SIGINT);
    CHECK(child.wait() == 130);
    CHECK(kill(command, 0) != 0);
    CHECK(value(fixture.api.database(), "SELECT outcome FROM pipeline_runs") ==
          "interrupted");
  }

  TEST_CASE("a command is waited for where our parent ignores its children") {
    Fixture fixture(items_stream,
                    "refresh_token = { command = [\"/bin/sh\", \"-c\", "
                    "\"cat refresh; exit 0\"] }\n");
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    Child child(fixture.api.dir(),
                {"/usr/bin/env", "--chdir=" + fixture.api.dir().path().string(),
                 program(), "sync", "-c", "strandline.toml"});
    std::signal(SIGCHLD, before);
    CHECK(child.wait() == 0);
    CHECK(fixture.rows() == "35");
  }

  TEST_CASE("--max-time ends a command, too") {
    Fixture fixture(items_stream,
                    "refresh_token = { command = [\"sleep\", \"60\"] }\n");
    const auto result =
        run(fixture.api.dir(),
            {"sync", "--max-time", "1s", "-c", fixture.api.config().string()});
    CHECK(result.code == 75);
    CHECK(has(result.err, "the time that --max-time allows is over"));
    CHECK(has(result.err,
              "the command \"sleep\" was not done when the time that"));
    CHECK(value(fixture.api.database(), "SELECT outcome FROM pipeline_runs") ==
          "interrupted");
  }

  TEST_CASE("one that is slow keeps no other source waiting") {
    Fixture fixture(items_stream, "");
    const auto text = content(fixture.api.config());
    const auto streams = text.find("[stream.");
    // The slow one waits for the other's page.
    fixture.api.dir().write(
        "strandline.toml",
        "parallel = 2\n" + text.substr(0, streams) +
            fmt::format(
                "[source.slow]\nbase_url = \"{}\"\n"
                "auth = \"bearer\"\ntoken = {{ command = [\"/bin/sh\", \"-c\", "
                "\"while test ! -e {}; do sleep 0.05; done; echo "
                "t\"] }}\n",
                fixture.api.server.url(),
                (fixture.api.dir().path() / "page").string()) +
            "[stream.first]\nsource = \"slow\"\nget = \"/items\"\n"
            "records = \"data\"\nkey = \"id\"\n" +
            items_stream + "source = \"s\"\n");
    fixture.on_page = [&](int) { fixture.api.dir().write("page", ""); };
    fixture.api.server.set_hook([&](const auto& request, auto& response) {
      if (request.get_header_value("Authorization") == "Bearer t") {
        response.set_content(R"({"data": []})", "application/json");
        return true;
      }
      fixture.on_page(0);
      return false;
    });
    const auto result =
        run(fixture.api.dir(),
            {"sync", "--max-time", "20s", "-c", fixture.api.config().string()});
    CHECK(result.code == 0);
    CHECK(fixture.rows() == "35");
  }
}
