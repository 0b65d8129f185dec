// SPDX-License-Identifier: MIT
//
// The proof that a configuration syncs right: what it says of good input, of
// input that changes, and of files that hold what no batch made.
#include "sync/verify.hpp"

#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "child.hpp"
#include "config_file.hpp"
#include "http/base64.hpp"
#include "http/stand_in.hpp"
#include "recording/recording.hpp"
#include "sync/playback.hpp"
#include "sync/run.hpp"
#include "temp_dir.hpp"

namespace strandline::test {
namespace {

using Json = nlohmann::json;
using recording::Exchange;
using Exchanges = std::vector<Exchange>;

constexpr model::Instant noon{1'700'000'000, 0};

// A record changed `id` minutes after noon.
Json record(int id, const std::string& name = "") {
  return {{"id", id},
          {"name", name.empty() ? "name " + std::to_string(id) : name},
          {"at", model::to_rfc3339(model::plus(noon, -86400 + 60 * id), 0)}};
}

std::vector<Json> records(int count) {
  std::vector<Json> all;
  for (int id = 1; id <= count; ++id) {
    all.push_back(record(id));
  }
  return all;
}

// At the source's clock it is `seconds` after noon.
Exchange answer(const std::string& path_and_query, const Json& body,
                int seconds = 0) {
  return {"GET",
          http::Url("https://api.example.com" + path_and_query),
          200,
          {{"Date", fmt::format("Tue, 14 Nov 2023 22:13:{:02} GMT",
                                20 + seconds % 40)}},
          body.dump()};
}

// The pages of a list, each of which names the next.
Exchanges pages(const std::vector<Json>& list, std::size_t size,
                const std::string& query = "") {
  Exchanges all;
  for (std::size_t at = 0; at == 0 || at < list.size(); at += size) {
    Json body = {{"data", Json::array()}};
    for (std::size_t i = at; i < std::min(at + size, list.size()); ++i) {
      body["data"].push_back(list[i]);
    }
    if (at + size < list.size()) {
      body["next"] = fmt::format("p{}", at + size);
    }
    auto asked = query;
    if (at > 0) {
      asked += fmt::format("{}after=p{}", asked.empty() ? "?" : "&", at);
    }
    all.push_back(
        answer("/tickets" + asked, body, static_cast<int>(all.size())));
  }
  return all;
}

const std::string by_token =
    "records = \"data\"\n"
    "cursor = { field = \"at\", order = \"ascending\" }\n"
    "page = { token = \"next\", param = \"after\" }\n";

// A recording, made anew for each pass.
sync::Input replay(std::function<Exchanges()> exchanges) {
  return [exchanges = std::move(exchanges)] {
    recording::Recording recording;
    recording.started = noon;
    recording.exchanges = exchanges();
    return recording;
  };
}

sync::Input replay(const Exchanges& exchanges) {
  return replay([exchanges] { return exchanges; });
}

// Proves the stream `tickets` of a configuration.
struct Proving {
  explicit Proving(const std::string& stream, const std::string& source = "")
      : configuration(load_text(small_config(stream, source))) {
    task.crash = true;
    task.random_kills = 2;
  }

  // Has `work` done whenever a run asks for the time: between commits.
  void meanwhile(const std::function<void()>& work) {
    task.prepare = [work](sync::Environment& environment) {
      environment.now = [work, now = environment.now] {
        work();
        return now();
      };
    };
  }

  StreamProof prove(const sync::Input& input) {
    auto proofs = sync::verify(configuration, task, input, folder.path());
    REQUIRE(proofs.size() == 1);
    return proofs.front();
  }

  std::filesystem::path file(const std::string& name) const {
    return folder.path() / "tickets" / name;
  }

  TempDir folder;
  model::Configuration configuration;
  sync::VerifyTask task;
};

std::string whats(const StreamProof& proof) {
  std::string all;
  for (const auto& finding : proof.findings) {
    all += (all.empty() ? "" : "; ") + finding.what;
  }
  return proof.failure ? "fails: " + proof.failure->message : all;
}

}  // namespace

TEST_SUITE_BEGIN("verify");

// What is right //

TEST_CASE("a list by token ends the same after every kill") {
  Proving proving(by_token);
  const auto proof = proving.prove(replay(pages(records(7), 2)));
  CHECK(whats(proof) == "");
  CHECK(proof.notes.empty());
  CHECK(proof.tables.at(0).rows == 7);
  CHECK(proof.requests == 4);
  CHECK(proof.batches == 4);
  CHECK(proof.ran_twice);
  // A run's begin, its checkpoint, four batches and the end: before and after.
  CHECK(proof.commit_points == 14);
  CHECK(proof.kills == 14);
  // All but those that were killed after the last batch.
  CHECK(proof.resumed >= 11);
  CHECK(proof.lists.at(0).mark == "2023-11-13T22:20:20.000Z");
  CHECK(proof.tables.at(0).digest.size() == 64);
}

TEST_CASE("every kind of list ends the same after every kill") {
  const auto list = records(5);
  auto reversed = list;
  std::reverse(reversed.begin(), reversed.end());
  auto urls = pages(list, 2);
  for (auto& exchange : urls) {
    auto body = Json::parse(exchange.body);
    if (body.contains("next")) {
      body["next"] = "/tickets?after=" + body["next"].get<std::string>();
    }
    exchange.body = body.dump();
  }
  Exchanges offsets;
  for (int at = 0; at < 6; at += 2) {
    Json body = {{"data", Json::array()}};
    for (int i = at; i < std::min(at + 2, 5); ++i) {
      body["data"].push_back(list[static_cast<std::size_t>(i)]);
    }
    offsets.push_back(answer(fmt::format("/tickets?from={}", at), body));
  }
  struct Kind {
    const char* name;
    std::string stream;
    Exchanges exchanges;
  };
  const std::string data = "records = \"data\"\n";
  const Kind kinds[] = {
      {"snapshot by token",
       data + "page = { token = \"next\", param = \"after\" }\n",
       pages(list, 2)},
      {"unordered",
       data + "cursor = { field = \"at\" }\n"
              "page = { token = \"next\", param = \"after\" }\n",
       pages(reversed, 2)},
      {"descending, where the first of a key counts",
       data + "cursor = { field = \"at\", order = \"descending\" }\n"
              "page = { token = \"next\", param = \"after\" }\n",
       pages({record(5, "new"), record(4), record(5, "old"), record(3)}, 1)},
      {"next URL", data + "page = { next = \"next\" }\n", urls},
      {"offset", data + "page = { offset = \"from\", size = 2 }\n", offsets},
      {"one page", data, pages(list, 9)},
      {"an empty list", data, pages({}, 9)},
      {"raw, and records that do not fit",
       data + "raw = true\ncolumns = { name = { type = \"integer\" } }\n"
              "page = { token = \"next\", param = \"after\" }\n",
       pages({{{"id", 1}, {"name", 5}},
              {{"id", 2}, {"name", "five"}},
              {{"id", 3}, {"name", 7}}},
             1)},
  };
  for (const auto& kind : kinds) {
    CAPTURE(kind.name);
    Proving proving(kind.stream);
    const auto proof = proving.prove(replay(kind.exchanges));
    CHECK(whats(proof) == "");
    CHECK(proof.kills == proof.commit_points);
    CHECK(proof.resumed > 4);
  }
}

// To a run that goes on there, an empty page proves no end where pages are
// counted: it reads the list anew.
TEST_CASE("a counted list that ends with an empty page is read anew") {
  const auto list = records(3);
  Exchanges exchanges;
  for (int at = 0; at < 4; ++at) {
    Json body = {{"data", Json::array()}};
    if (at < 3) {
      body["data"].push_back(list[static_cast<std::size_t>(at)]);
    }
    exchanges.push_back(answer(fmt::format("/tickets?from={}", at), body, at));
  }
  Proving proving("records = \"data\"\npage = { offset = \"from\" }\n");
  const auto proof = proving.prove(replay(exchanges));
  CHECK(whats(proof) == "");
  REQUIRE(proof.notes.size() == 1);
  CHECK(has(proof.notes.front(), "the last one is empty"));
  // But only there: a page that was committed is not asked for again.
  Proving other("records = \"data\"\npage = { offset = \"from\" }\n");
  const auto file = other.file("resumed.db");
  const auto bad = other.prove(replay([file, exchanges] {
    if (std::filesystem::exists(file)) {
      SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, 1000);
      database.exec(
          "UPDATE pipeline_checkpoints SET position_basis = 'x' "
          "WHERE position <> ''");
    }
    return exchanges;
  }));
  CHECK(whats(bad) == "a run that goes on after a kill fails");
}

// Whole readings are due by the recording's clock, not by ours.
TEST_CASE("a list that was due to be read whole is read whole") {
  Proving proving(by_token +
                  "query = { since = \"${from}\" }\nfull_every = \"1d\"\n");
  auto& start = proving.task.start.checkpoints["api.tickets"];
  start.mark = model::plus(noon, -3600);
  start.fingerprint = model::fingerprint(proving.configuration.sources.front(),
                                         proving.configuration.streams.front());
  start.complete_number = 5;
  const auto input = replay(pages(records(5), 2));
  CHECK(has(whats(proving.prove(input)), "fails: no recorded answer"));
  Proving again(by_token +
                "query = { since = \"${from}\" }\nfull_every = \"1d\"\n");
  again.task.start = proving.task.start;
  again.task.start.full_at["api.tickets"] = model::plus(noon, -86401);
  const auto proof = again.prove(input);
  CHECK(whats(proof) == "");
  CHECK(proof.tables.at(0).rows == 5);
  CHECK(proof.resumed > 4);
}

// Families //

const std::string notes_stream =
    "[stream.notes]\nparent = \"tickets\"\n"
    "get = \"/tickets/${parent.id}/notes\"\nrecords = \"data\"\n"
    "key = [\"ticket\", \"id\"]\n"
    "columns = { \"*\" = \"*\", ticket = \"${parent.id}\" }\n"
    "page = { token = \"next\", param = \"after\" }\n";

// Two notes of each ticket, a page each.
void add_notes(int ticket, Exchanges& exchanges) {
  const auto path = fmt::format("/tickets/{}/notes", ticket);
  const auto second = static_cast<int>(exchanges.size());
  exchanges.push_back(
      answer(path, {{"data", {{{"id", 1}}}}, {"next", "p"}}, second));
  exchanges.push_back(
      answer(path + "?after=p", {{"data", {{{"id", 2}}}}}, second + 1));
}

TEST_CASE("children are proved with their parents, whichever is named") {
  auto exchanges = pages(records(2), 1);
  add_notes(1, exchanges);
  add_notes(2, exchanges);
  for (const auto* named : {"", "tickets", "notes"}) {
    CAPTURE(named);
    Proving proving(by_token + notes_stream);
    proving.task.recorded = {"tickets", "notes"};
    if (*named != '\0') {
      proving.task.streams = {named};
    }
    const auto proof = proving.prove(replay(exchanges));
    CHECK(whats(proof) == "");
    CHECK(proof.notes.empty());
    REQUIRE(proof.tables.size() == 2);
    CHECK(proof.tables[0].stream == "tickets");
    CHECK(proof.tables[1].stream == "notes");
    CHECK(proof.tables[1].rows == 4);
    CHECK(proof.batches == 6);
    CHECK(proof.kills == proof.commit_points);
    // All but what ended after the last batch, and before what is left of it.
    CHECK(proof.resumed >= 18);
  }
}

TEST_CASE("children that were not recorded are said to be left out") {
  Proving proving(by_token + notes_stream);
  proving.task.recorded = {"tickets"};
  const auto proof = proving.prove(replay(pages(records(2), 1)));
  CHECK(whats(proof) == "");
  CHECK(proof.tables.size() == 1);
  REQUIRE(proof.notes.size() == 1);
  CHECK(proof.notes.front() ==
        "notes, which is read for the records of tickets, is not in the "
        "recording, and not proved");
}

// In the scratch file each ticket is new; in the recorded run one was not, and
// another was due before.
TEST_CASE("children are read for the records of the recorded run") {
  auto exchanges = pages(records(2), 1);
  exchanges.push_back(
      answer("/tickets/7/notes?after=p", {{"data", {{{"id", 2}}}}}, 9));
  add_notes(2, exchanges);
  Proving proving(by_token + notes_stream);
  const auto& child = proving.configuration.streams.at(1);
  CHECK(has(whats(proving.prove(replay(exchanges))), "no recorded answer"));
  Proving again(by_token + notes_stream);
  again.task.start.due["api.notes"] = {
      {"[\"7\"]", R"({"id":"7"})", {"p", model::position_basis(child)}},
      {"[\"2\"]", {}, {}}};
  const auto proof = again.prove(replay(exchanges));
  CHECK(whats(proof) == "");
  CHECK(proof.tables.at(1).rows == 3);
  CHECK(proof.requests == 5);
}

// A child that another connection takes off the list of what is due.
TEST_CASE("children that are due no more after a kill are found out") {
  auto exchanges = pages(records(2), 1);
  add_notes(1, exchanges);
  add_notes(2, exchanges);
  for (const auto* name : {"killed.db", "resumed.db"}) {
    CAPTURE(name);
    Proving proving(by_token + notes_stream);
    proving.task.random_kills = 0;
    proving.meanwhile([file = proving.file(name)] {
      if (std::filesystem::exists(file)) {
        SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, 1000);
        if (database.tableExists("pipeline_pending")) {
          database.exec(
              "DELETE FROM pipeline_pending WHERE parent_values LIKE '%2%'");
        }
      }
    });
    const auto said = whats(proving.prove(replay(exchanges)));
    CHECK(has(said, *name == 'k' ? "other children due" : "other rows"));
  }
}

TEST_CASE("windows in steps are proved one by one") {
  Proving proving(
      "records = \"data\"\n"
      "query = { since = \"${from}\", till = \"${until}\" }\n"
      "cursor = { field = \"at\", order = \"ascending\", start = "
      "\"2023-11-12\", step = \"1d\", overlap = \"1m\" }\n"
      "page = { token = \"next\", param = \"after\" }\n");
  // What it asks for is found by asking: each miss is answered from then on.
  Exchanges exchanges;
  const auto ask = [&] {
    TempDir folder;
    auto configuration = proving.configuration;
    configuration.database = folder.path() / "x.db";
    sync::Playback playback(replay(exchanges)(), configuration);
    sync::Environment environment;
    playback.set(environment);
    const auto summary = sync::run(configuration, {}, environment);
    REQUIRE(summary.streams.size() == 1);
    return summary.streams.front().failure;
  };
  for (auto failure = ask(); failure; failure = ask()) {
    REQUIRE(exchanges.size() < 20);
    const std::string get = "GET https://api.example.com";
    const auto message = failure->message;
    const auto at = message.find(get);
    REQUIRE(at != std::string::npos);
    const auto asked = message.substr(at + get.size());
    const auto id = static_cast<int>(exchanges.size()) + 1;
    if (asked.find("after=") != std::string::npos) {
      exchanges.push_back(answer(asked, {{"data", {record(50 * id)}}}));
    } else {
      exchanges.push_back(
          answer(asked, {{"data", Json::array()}, {"next", "p"}}));
    }
  }
  CHECK(exchanges.size() >= 4);
  const auto proof = proving.prove(replay(exchanges));
  CHECK(whats(proof) == "");
  CHECK(proof.resumed > 4);
}

TEST_CASE("a stream begins at the checkpoint that it is given") {
  Proving proving(by_token + "query = { since = \"${from}\" }\n");
  model::Checkpoint start;
  start.mark = model::plus(noon, -3600);
  start.fingerprint = model::fingerprint(proving.configuration.sources.front(),
                                         proving.configuration.streams.front());
  start.complete_number = 5;
  const auto asked = "?since=" + http::percent_encode(model::to_rfc3339(
                                     model::plus(noon, -3600 - 300), 0));
  const auto input = replay(pages({record(1430), record(1431)}, 1, asked));
  CHECK(has(whats(proving.prove(input)), "fails: no recorded answer"));

  Proving again(by_token + "query = { since = \"${from}\" }\n");
  again.task.start.checkpoints["api.tickets"] = start;
  const auto proof = again.prove(input);
  CHECK(whats(proof) == "");
  CHECK(proof.tables.at(0).rows == 2);
  CHECK(proof.requests == 2);
}

TEST_CASE("a recording of --full is read from the begin whatever the mark") {
  Proving proving(by_token + "query = { since = \"${from}\" }\n");
  auto& start = proving.task.start.checkpoints["api.tickets"];
  start.mark = model::plus(noon, -3600);
  start.fingerprint = model::fingerprint(proving.configuration.sources.front(),
                                         proving.configuration.streams.front());
  start.complete_number = 5;
  start.window.emplace();
  start.window->number = 6;
  proving.task.full = true;
  const auto proof = proving.prove(replay(pages(records(5), 2)));
  CHECK(whats(proof) == "");
  CHECK(proof.tables.at(0).rows == 5);
  CHECK(proof.resumed > 4);
}

// Whether the token is asked for before the first page or with it, it is there
// again for a run that goes on.
TEST_CASE("a source with a login ends the same after every kill") {
  const std::string login =
      "auth = \"oauth2\"\ntoken_url = \"https://login.example.com/token\"\n"
      "client_id = \"me\"\nclient_secret = { env = \"S\" }\n";
  Exchange token{"POST", http::Url("https://login.example.com/token"), 200};
  token.request_headers = {
      {"Content-Type", "application/x-www-form-urlencoded"}};
  token.request_body =
      "grant_type=client_credentials&client_id=me&client_secret=REDACTED";
  token.body = Json({{"access_token", "REDACTED-1"},
                     {"expires_in", 3600},
                     {"where", "https://api.example.com"}})
                   .dump();
  auto exchanges = pages(records(5), 1);
  exchanges.insert(exchanges.begin(), token);
  for (const bool told : {false, true}) {
    CAPTURE(told);
    Proving proving(by_token, login);
    if (told) {
      proving.configuration.sources.front().base_url = "${token.where}";
    }
    const auto proof = proving.prove(replay(exchanges));
    CHECK(whats(proof) == "");
    CHECK(proof.batches == 5);
    CHECK(proof.resumed > 8);
  }
}

TEST_CASE("many pages are committed in so many batches that kills stay few") {
  Proving proving(by_token);
  proving.task.random_kills = 0;
  proving.task.most_kills = 20;
  const auto proof = proving.prove(replay(pages(records(40), 1)));
  CHECK(whats(proof) == "");
  CHECK(proof.notes.empty());
  CHECK(proof.batches == 40);
  CHECK(proof.commit_points == 20);
  CHECK(proof.kills == 20);
}

TEST_CASE("rejects that one batch has too many of do not end a pass") {
  Proving proving(by_token +
                  "[stream.tickets.columns]\n\"*\" = \"*\"\n"
                  "n = { type = \"integer\" }\n");
  proving.task.random_kills = 0;
  proving.task.most_kills = 8;
  auto list = records(200);
  for (std::size_t i = 0; i < 11; ++i) {
    list[i]["n"] = "much";
  }
  const auto proof = proving.prove(replay(pages(list, 50)));
  CHECK(whats(proof) == "");
  CHECK(proof.tables.at(0).rows == 189);
}

// What is wrong //

TEST_CASE("a source that answers otherwise the next time is found out") {
  Proving proving(by_token);
  int times = 0;
  const auto proof = proving.prove(replay([&times] {
    return pages({record(1), record(2, fmt::format("name {}", ++times))}, 1);
  }));
  REQUIRE(proof.findings.size() >= 1);
  const auto& finding = proof.findings.front();
  CHECK(finding.what == "a second run leaves other rows");
  CHECK(finding.where == "after a second run from the same checkpoint");
  CHECK(finding.of_second_run);
  REQUIRE(finding.rows.size() == 1);
  const auto& row = finding.rows.front();
  CHECK(row.table == "tickets");
  CHECK(row.key == "2");
  CHECK(row.kind == RowDifference::Kind::differs);
  REQUIRE(row.values.size() == 1);
  CHECK(row.values.front().column == "name");
  CHECK(row.values.front().expected == "'name 1'");
  CHECK(row.values.front().found == "'name 2'");
  CHECK(sync::exit_code({proof}) == ExitCode::data);
}

TEST_CASE("a mark that is another one the next time is found out") {
  Proving proving(
      "records = \"data\"\ncursor = { field = \"at\" }\n"
      "columns = { id = \"id\" }\n");
  proving.task.crash = false;
  int times = 0;
  const auto proof =
      proving.prove(replay([&times] { return pages({record(++times)}, 5); }));
  CHECK(has(whats(proof), "a second run leaves other rows"));
  Proving same(
      "records = \"data\"\ncursor = { field = \"at\" }\n"
      "columns = { name = \"name\" }\n");
  same.task.crash = false;
  times = 0;
  const auto other = same.prove(replay([&times] {
    auto one = record(1, "name");
    one["at"] = record(10 + ++times)["at"];
    return pages({one}, 5);
  }));
  REQUIRE(other.findings.size() == 1);
  CHECK(other.findings.front().what ==
        "a second run leaves another checkpoint");
  REQUIRE(!other.findings.front().notes.empty());
  CHECK(other.findings.front().notes.front().label == "mark");
}

TEST_CASE("what only comes in when it is asked for again is found out") {
  Proving proving(by_token);
  int times = 0;
  const auto proof = proving.prove(replay([&times] {
    ++times;
    return pages(records(times <= 2 ? 3 : 4), 2);
  }));
  CHECK(whats(proof) == "the same input leaves other rows");
  CHECK_FALSE(proof.findings.front().of_second_run);
  CHECK(proof.kills == 0);
}

// A row that another connection puts in beside the batches, as a program would
// leave it that does not commit rows and checkpoint together.
TEST_CASE("rows of no whole batch are found out after a kill") {
  Proving proving(by_token);
  proving.task.random_kills = 0;
  const auto file = proving.file("killed.db");
  proving.meanwhile([file] {
    if (!std::filesystem::exists(file)) {
      return;
    }
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, 1000);
    if (database.tableExists("tickets")) {
      database.exec(
          "INSERT OR IGNORE INTO tickets (id, name, _run_id, "
          "_synced_at) VALUES (3, 'too early', 1, 'now')");
    }
  });
  const auto proof = proving.prove(replay(pages(records(4), 2)));
  REQUIRE(proof.findings.size() >= 1);
  const auto& finding = proof.findings.front();
  CHECK(finding.what ==
        "a kill leaves what no batch does: rows and checkpoint are not "
        "committed together");
  CHECK(has(finding.where, "killed just "));
  REQUIRE(finding.rows.size() == 1);
  CHECK(finding.rows.front().kind == RowDifference::Kind::extra);
  CHECK(finding.rows.front().key == "3");
  CHECK(finding.notes.at(0).text == "those of no whole batch");
  CHECK(finding.notes.at(1).text == "that of batch 1 of 2");
}

TEST_CASE(
    "a checkpoint that goes ahead of the rows is found out after a kill") {
  Proving proving(by_token);
  proving.task.random_kills = 0;
  const auto file = proving.file("killed.db");
  proving.meanwhile([file] {
    if (std::filesystem::exists(file)) {
      SQLite::Database(file.string(), SQLite::OPEN_READWRITE, 1000)
          .exec(
              "UPDATE pipeline_checkpoints SET position = 'p9' "
              "WHERE position = 'p2'");
    }
  });
  const auto proof = proving.prove(replay(pages(records(4), 2)));
  const auto torn = std::find_if(
      proof.findings.begin(), proof.findings.end(),
      [](const Finding& each) { return has(each.what, "not committed"); });
  REQUIRE(torn != proof.findings.end());
  const auto& notes = torn->notes;
  REQUIRE(notes.size() >= 3);
  CHECK(notes[0].text == "those of batch 1 of 2");
  CHECK(notes[1].text == "that of no batch");
  CHECK(notes[2].label == "window");
  CHECK(notes[2].text == "open, at 'p9'; it should be open, at 'p2'");
}

// A run that is gone on with and asks for what was committed does not get it:
// here because the recording has the same request once only.
TEST_CASE("going on with a page that was committed is found out") {
  Proving proving(by_token);
  proving.task.random_kills = 0;
  const auto file = proving.file("resumed.db");
  const auto proof = proving.prove(replay([file] {
    // The program that ignores where it was: the position is as it was, but of
    // other requests.
    if (std::filesystem::exists(file)) {
      SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, 1000);
      if (database.tableExists("pipeline_checkpoints")) {
        database.exec(
            "UPDATE pipeline_checkpoints SET position_basis = 'x' "
            "WHERE position <> ''");
      }
    }
    return pages(records(4), 2);
  }));
  CHECK(whats(proof) == "a run that goes on after a kill fails");
  REQUIRE(!proof.findings.front().notes.empty());
  CHECK(has(proof.findings.front().notes.front().text, "no recorded answer"));
}

TEST_CASE("a row too many after going on is found out") {
  Proving proving(by_token);
  proving.task.random_kills = 0;
  const auto file = proving.file("resumed.db");
  proving.meanwhile([file] {
    if (std::filesystem::exists(file)) {
      SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, 1000);
      if (database.tableExists("tickets")) {
        database.exec(
            "INSERT OR IGNORE INTO tickets (id, _run_id, _synced_at) "
            "VALUES (99, 1, 'now')");
      }
    }
  });
  const auto proof = proving.prove(replay(pages(records(4), 2)));
  CHECK(whats(proof) == "a run that goes on after a kill leaves other rows");
  REQUIRE(proof.findings.front().rows.size() == 1);
  CHECK(proof.findings.front().rows.front().key == "99");
}

TEST_CASE("a URL with a secret is no position, and that is said") {
  // A stand-in alone is no secret.
  const auto secret = http::base64_encode(http::stand_in("api", "token"));
  auto exchanges = pages(records(3), 1);
  for (auto& exchange : exchanges) {
    auto body = Json::parse(exchange.body);
    if (body.contains("next")) {
      body["next"] = "/tickets?mine=" + secret +
                     "&after=" + body["next"].get<std::string>();
      exchange.body = body.dump();
    }
    if (!exchange.url.query().empty()) {
      const auto after = exchange.url.query().front().second;
      exchange.url = http::Url(
          "https://api.example.com/tickets?mine=" + secret + "&after=" + after);
    }
  }
  Proving proving("records = \"data\"\npage = { next = \"next\" }\n",
                  "auth = \"bearer\"\ntoken = { env = \"T\" }\n");
  const auto proof = proving.prove(replay(exchanges));
  CHECK(whats(proof) == "");
  REQUIRE(proof.notes.size() == 1);
  CHECK(has(proof.notes.front(), "a URL with a secret is not kept"));
}

TEST_CASE("a run that fails is not proved, and keeps its exit code") {
  Proving proving(by_token);
  auto exchanges = pages(records(4), 2);
  exchanges.back().body = "nonsense";
  const auto proof = proving.prove(replay(exchanges));
  REQUIRE(proof.failure);
  CHECK(proof.failure->code == ExitCode::protocol);
  CHECK_FALSE(proof.ran_twice);
  CHECK(proof.kills == 0);
  CHECK(sync::exit_code({proof}) == ExitCode::protocol);
}

TEST_CASE("a signal ends it and no child stays") {
  Proving proving(by_token);
  std::atomic<int> stop{0};
  proving.task.stop = &stop;
  proving.task.on_progress = [&](const VerifyProgress& progress) {
    if (progress.what == "killed at commit points" && progress.done == 3) {
      stop = SIGTERM;
    }
  };
  try {
    proving.prove(replay(pages(records(4), 2)));
    FAIL("it was not ended");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::terminated);
  }
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_SUITE_END();

}  // namespace strandline::test
