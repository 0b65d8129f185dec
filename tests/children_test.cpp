// SPDX-License-Identifier: MIT
//
// Streams that are read for each record of another one.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "answers_server.hpp"
#include "config/load.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

using Targets = std::vector<std::string>;

const std::string notes_stream = R"(
[stream.notes]
parent  = "tickets"
get     = "/tickets/${parent.id}/notes"
key     = ["ticket_id", "number"]
columns = { "*" = "*", ticket_id = "${parent.id}" }
)";

/// Tickets, and the notes of each.
struct Helpdesk {
  explicit Helpdesk(const std::string& notes = notes_stream,
                    const std::string& tickets = "") {
    configure(notes, tickets);
  }

  void configure(const std::string& notes, const std::string& tickets = "") {
    config =
        dir.write("strandline.toml",
                  "database = \"test.db\"\n[source.s]\nbase_url = \"" +
                      server.url() + "\"\n[stream.tickets]\n" +
                      "get = \"/tickets\"\nkey = \"id\"\n" + tickets + notes);
  }

  SyncSummary sync(bool full = false,
                   const std::vector<std::string>& streams = {}) const {
    SyncOptions options;
    options.config = config;
    options.full = full;
    options.streams = streams;
    options.attempts = 1;
    return run_sync(options);
  }

  void tickets(const std::string& list) { server.set("/tickets", list); }
  void notes(int ticket, const std::string& list, int status = 200) {
    server.set(fmt::format("/tickets/{}/notes", ticket), list, status);
  }

  /// "1/1 a, 1/2 b -": the notes, with a dash where they are marked deleted.
  std::string rows() const {
    std::string text;
    for (const auto& row :
         query(file(),
               "SELECT ticket_id || '/' || number, text, _deleted_at "
               "FROM notes ORDER BY ticket_id, number")) {
      text += (text.empty() ? "" : ", ") + row[0] + " " + row[1] +
              (row[2] == "NULL" ? "" : " -");
    }
    return text;
  }

  std::string due() const {
    return value(file(), "SELECT count(*) FROM pipeline_pending");
  }

  std::filesystem::path file() const { return dir.path() / "test.db"; }

  TempDir dir;
  AnswersServer server;
  std::filesystem::path config;
};

std::string ticket(int id, const std::string& title = "t") {
  return fmt::format(R"({{"id":{},"title":"{}"}})", id, title);
}

std::string note(int number, const std::string& text) {
  return fmt::format(R"({{"number":{},"text":"{}"}})", number, text);
}

std::string refusal(const std::filesystem::path& file) {
  try {
    config::load(file);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_SUITE_BEGIN("children");

TEST_CASE("children are read for each record that is new or has changed") {
  Helpdesk desk;
  desk.tickets("[" + ticket(1) + "," + ticket(2) + "]");
  desk.notes(1, "[" + note(1, "a") + "," + note(2, "b") + "]");
  desk.notes(2, "[" + note(1, "c") + "]");
  auto summary = desk.sync();
  REQUIRE(summary.exit_code == ExitCode::ok);
  REQUIRE(summary.streams.size() == 2);
  CHECK(summary.streams[1].stream == "notes");
  CHECK(summary.streams[1].counts.inserted == 3);
  CHECK(desk.rows() == "1/1 a, 1/2 b, 2/1 c");
  CHECK(desk.due() == "0");
  CHECK(value(desk.file(), "SELECT typeof(ticket_id) FROM notes") == "integer");

  desk.server.take_asked();
  summary = desk.sync();
  CHECK(desk.server.take_asked() == Targets{"/tickets"});

  desk.tickets("[" + ticket(1) + "," + ticket(2, "changed") + "]");
  desk.notes(2, "[" + note(1, "c!") + "," + note(2, "d") + "]");
  summary = desk.sync();
  CHECK(desk.server.take_asked() == Targets{"/tickets", "/tickets/2/notes"});
  CHECK(desk.rows() == "1/1 a, 1/2 b, 2/1 c!, 2/2 d");

  SUBCASE("a full reading is one of the children of all records") {
    summary = desk.sync(true);
    CHECK(desk.server.take_asked() ==
          Targets{"/tickets", "/tickets/1/notes", "/tickets/2/notes"});
    CHECK(summary.streams[1].counts.unchanged == 4);
  }
}

TEST_CASE("a stream that is added after its parent's rows says so once") {
  Helpdesk desk("");
  desk.tickets("[" + ticket(1) + "," + ticket(2) + "]");
  REQUIRE(desk.sync().exit_code == ExitCode::ok);
  desk.configure(notes_stream);
  desk.notes(1, "[" + note(1, "a") + "]");
  desk.notes(2, "[" + note(1, "b") + "]");
  const std::string said =
      "notes was added after records of tickets were loaded, and is read for "
      "those that change; strandline sync tickets --full, and then strandline "
      "sync notes reads the others";
  auto summary = desk.sync();
  CHECK(summary.streams[1].warnings == std::vector<std::string>{said});
  CHECK(value(desk.file(),
              "SELECT warnings FROM pipeline_runs WHERE "
              "pipeline_name = 's.notes'")
            .find(said) != std::string::npos);
  CHECK(desk.sync().streams[1].warnings.empty());
  CHECK(desk.sync(true, {"tickets"}).exit_code == ExitCode::ok);
  desk.sync(false, {"notes"});
  CHECK(desk.rows() == "1/1 a, 2/1 b");
}

TEST_CASE("one that was only cut short before is not said to be added later") {
  Helpdesk desk;
  desk.tickets("[" + ticket(1) + "]");
  desk.notes(1, "[" + note(1, "a") + "]");
  desk.sync(false, {"tickets"});
  CHECK(desk.due() == "1");
  const auto summary = desk.sync();
  CHECK(summary.streams[1].warnings.empty());
  CHECK(desk.rows() == "1/1 a");
}

TEST_CASE("a column of the parent that is declared later is said") {
  Helpdesk desk;
  desk.tickets("[" + ticket(1) + "," + ticket(2) + "]");
  desk.notes(1, "[" + note(1, "a") + "]");
  desk.notes(2, "[]");
  desk.sync();
  auto wider = notes_stream;
  wider.insert(wider.rfind(" }"), ", title = \"${parent.title}\"");
  desk.configure(wider);
  auto summary = desk.sync();
  CHECK(summary.streams[1].warnings ==
        std::vector<std::string>{
            "declared since rows were loaded, and empty in those that do not "
            "change: 'title'; strandline sync tickets --full, and then "
            "strandline sync notes fills them"});
  CHECK(desk.sync().streams[1].warnings.empty());
}

TEST_CASE("what was due and could not be read stays due") {
  Helpdesk desk;
  desk.tickets("[" + ticket(1) + "," + ticket(2) + "," + ticket(3) + "]");
  desk.notes(1, "[" + note(1, "a") + "]");
  desk.notes(2, "", 500);
  desk.notes(3, "[" + note(1, "c") + "]");
  auto summary = desk.sync();
  CHECK(summary.exit_code == ExitCode::partial);
  CHECK(desk.rows() == "1/1 a");
  CHECK(desk.due() == "2");
  desk.notes(2, "[" + note(1, "b") + "]");
  desk.server.take_asked();
  SUBCASE("by the next run") {
    summary = desk.sync();
    CHECK(desk.server.take_asked() ==
          Targets{"/tickets", "/tickets/2/notes", "/tickets/3/notes"});
  }
  SUBCASE("by a run of the children alone") {
    summary = desk.sync(false, {"notes"});
    CHECK(desk.server.take_asked() ==
          Targets{"/tickets/2/notes", "/tickets/3/notes"});
  }
  SUBCASE("although the parents cannot be read") {
    desk.server.set("/tickets", "", 500);
    summary = desk.sync();
    CHECK(summary.exit_code == ExitCode::partial);
  }
  CHECK(desk.rows() == "1/1 a, 2/1 b, 3/1 c");
  CHECK(desk.due() == "0");
}

TEST_CASE("the children of a record go on at the page that failed") {
  Helpdesk desk(notes_stream + "page = { number = \"page\" }\n");
  desk.tickets("[" + ticket(1) + "]");
  desk.server.set("/tickets/1/notes?page=1", "[" + note(1, "a") + "]");
  desk.server.set("/tickets/1/notes?page=2", "", 500);
  desk.server.set("/tickets/1/notes?page=3", "[]");
  desk.sync();
  CHECK(desk.rows() == "1/1 a");
  desk.server.set("/tickets/1/notes?page=2", "[" + note(2, "b") + "]");
  desk.server.take_asked();
  desk.sync(false, {"notes"});
  CHECK(desk.server.take_asked() ==
        Targets{"/tickets/1/notes?page=2", "/tickets/1/notes?page=3"});
  CHECK(desk.rows() == "1/1 a, 1/2 b");
}

TEST_CASE("a record that is gone is an outcome and no failure") {
  Helpdesk desk;
  desk.tickets("[" + ticket(1) + "," + ticket(2) + "]");
  desk.notes(1, "[" + note(1, "a") + "]");
  desk.notes(2, "[" + note(1, "b") + "]");
  desk.sync();
  desk.tickets("[" + ticket(1, "x") + "," + ticket(2, "x") + "]");
  desk.notes(1, "", 404);
  const auto summary = desk.sync();
  CHECK(summary.exit_code == ExitCode::ok);
  CHECK(summary.streams[1].warnings ==
        Targets{"1 record of tickets is no longer at the source: no rows were "
                "read"});
  CHECK(desk.rows() == "1/1 a, 2/1 b");
  CHECK(desk.due() == "0");
}

TEST_CASE("rows that a record's children no longer have are deleted") {
  Helpdesk desk;
  desk.tickets("[" + ticket(1) + "," + ticket(2) + "]");
  desk.notes(1, "[" + note(1, "a") + "," + note(2, "b") + "]");
  desk.notes(2, "[" + note(1, "c") + "]");
  desk.sync();
  desk.tickets("[" + ticket(1, "x") + "," + ticket(2) + "]");
  desk.notes(1, "[" + note(2, "b") + "]");
  auto summary = desk.sync();
  CHECK(desk.rows() == "1/1 a -, 1/2 b, 2/1 c");
  CHECK(summary.streams[1].counts.deleted == 1);
  CHECK(value(desk.file(), "SELECT count(*) FROM pipeline_seen") == "0");
}

TEST_CASE("the limit counts all records of a run together") {
  Helpdesk desk;
  std::string tickets;
  std::string changed;
  for (int id = 1; id <= 10; ++id) {
    tickets += (id == 1 ? "" : ",") + ticket(id);
    changed += (id == 1 ? "" : ",") + ticket(id, "x");
    desk.notes(id, "[" + note(1, "a") + "]");
  }
  desk.tickets("[" + tickets + "]");
  desk.sync();
  desk.tickets("[" + changed + "]");
  for (int id = 1; id <= 10; ++id) {
    desk.notes(id, "[]");
  }
  const auto summary = desk.sync();
  CHECK(summary.streams[1].counts.deleted == 5);
  // What it says to do does it.
  CHECK(summary.streams[1].warnings.back().ends_with(
      "run strandline sync tickets --full, and then strandline sync notes "
      "--allow-sweep"));
  CHECK(desk.sync(true, {"tickets"}).exit_code == ExitCode::ok);
  SyncOptions options;
  options.config = desk.config;
  options.streams = {"notes"};
  options.allow_sweep = true;
  CHECK(run_sync(options).streams[0].counts.deleted == 5);
}

TEST_CASE("the whole of children of children is read in two steps") {
  Helpdesk desk(notes_stream +
                "[stream.files]\nparent = \"notes\"\nget = "
                "\"/files/${parent.number}\"\nkey = \"id\"\n");
  const auto configuration = config::load(desk.config);
  CHECK(model::whole_reading_command(configuration.streams.at(2)) ==
        "strandline sync tickets notes --full, and then strandline sync files");
  CHECK(model::whole_reading_command(configuration.streams.at(0)) ==
        "strandline sync tickets --full");
}

TEST_CASE("the limit counts those of earlier batches, too") {
  Helpdesk desk(notes_stream + "deleted = { limit = \"0.5%\" }\n");
  constexpr int kept = 100;
  const auto serve = [&](const std::string& title, int count) {
    std::string tickets;
    for (int id = 1; id <= 12; ++id) {
      tickets += (id == 1 ? "" : ",") + ticket(id, title);
      std::string notes;
      for (int number = 1; number <= count; ++number) {
        notes += (number == 1 ? "" : ",") + note(number, "a");
      }
      desk.notes(id, "[" + notes + "]");
    }
    desk.tickets("[" + tickets + "]");
  };
  serve("t", kept + 1);
  desk.sync();
  serve("x", kept);
  // Of 1,212 rows six may go, and 1,000 are a batch.
  CHECK(desk.sync().streams[1].counts.deleted == 6);
}

TEST_CASE("children of children") {
  Helpdesk desk(notes_stream + R"(
[stream.files]
parent  = "notes"
get     = "/files"
query   = { note = "${parent.number}" }
key     = ["note", "name"]
columns = { name = "name", note = { path = "${parent.number}", type = "text" } }
)");
  desk.tickets("[" + ticket(1) + "]");
  desk.notes(1, "[" + note(7, "a") + "]");
  desk.server.set("/files?note=7", R"([{"name":"x"}])");
  const auto summary = desk.sync();
  REQUIRE(summary.exit_code == ExitCode::ok);
  CHECK(query(desk.file(), "SELECT note, name, typeof(note) FROM files") ==
        Rows{{"7", "x", "text"}});
}

TEST_CASE("a record without what its children are asked with is reported") {
  Helpdesk desk(R"(
[stream.notes]
parent  = "tickets"
get     = "/notes"
query   = { of = "${parent.owner/mail}" }
key     = "number"
)");
  desk.tickets(R"([{"id":1},{"id":2,"owner":{"mail":null}},)"
               R"({"id":3,"owner":{"mail":"a b&c"}}])");
  desk.server.set("/notes", "[" + note(1, "a") + "]");
  const auto summary = desk.sync();
  REQUIRE(summary.exit_code == ExitCode::ok);
  CHECK(desk.server.take_asked() == Targets{"/tickets", "/notes?of=a%20b%26c"});
  CHECK(summary.streams[0].warnings ==
        Targets{"2 records without a value that its children are asked for "
                "with: they were not read"});
  CHECK(summary.streams[1].warnings.empty());
}

TEST_CASE("a value of a record does not lead to another path") {
  for (const std::string hostile : {"..", ".", ""}) {
    CAPTURE(hostile);
    Helpdesk desk;
    desk.tickets(R"([{"id":")" + hostile + R"("}])");
    const auto summary = desk.sync();
    CHECK(summary.streams.at(1).failure->code == ExitCode::protocol);
    CHECK(desk.server.take_asked() == Targets{"/tickets"});
  }
  Helpdesk desk;
  desk.tickets(R"([{"id":"../x?y#z"}])");
  desk.server.set("/tickets/..%2Fx%3Fy%23z/notes", "[" + note(1, "a") + "]");
  desk.sync();
  CHECK(desk.server.take_asked() ==
        Targets{"/tickets", "/tickets/..%2Fx%3Fy%23z/notes"});
}

TEST_CASE("nothing is due any more of a record that was deleted") {
  Helpdesk desk(notes_stream, "deleted = { when = \"gone\" }\n");
  desk.tickets("[" + ticket(1) + "]");
  desk.notes(1, "", 500);
  desk.sync();
  CHECK(desk.due() == "1");
  desk.tickets(R"([{"id":1,"gone":true}])");
  desk.sync();
  CHECK(desk.due() == "0");
}

TEST_CASE("what does not go together with a parent is refused") {
  const auto refused = [](const std::string& notes) {
    const Helpdesk desk("\n[stream.notes]\n" + notes);
    return refusal(desk.config);
  };
  const std::string get = "get = \"/n\"\nkey = \"id\"\n";
  CHECK(refused(get + "parent = \"tikets\"\n")
            .find("'parent' in [stream.notes] is 'tikets', which is no stream "
                  "of the file; did you mean 'tickets'?") != std::string::npos);
  CHECK(refused(get + "parent = \"notes\"\n").find("leads back") !=
        std::string::npos);
  CHECK(refused("key = \"id\"\nget = \"/${parent.id}\"\n")
            .find("has ${parent} and no parent") != std::string::npos);
  CHECK(refused(get + "parent = \"tickets\"\ncursor = { field = \"at\" }\n")
            .find("'cursor' in [stream.notes] does not go with parent") !=
        std::string::npos);
  CHECK(refused("key = \"id\"\nget = \"/${parent}\"\nparent = \"tickets\"\n")
            .find("has ${parent}, which stands for the element of an option's "
                  "list") != std::string::npos);
}

TEST_SUITE_END();
