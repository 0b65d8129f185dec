// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "batch_builder.hpp"
#include "store/connection.hpp"
#include "store/lock.hpp"
#include "store/schema.hpp"
#include "store/status.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using model::Journal;
using store::Store;

constexpr std::string_view sqlite_header("SQLite format 3\0", 16);

void open(const File& file, Journal journal = Journal::wal) {
  const Store store(file.path, journal, std::chrono::milliseconds(50));
}

mode_t mode(const std::filesystem::path& file) {
  struct stat status {};
  stat(file.c_str(), &status);
  return status.st_mode & 0777U;
}

// Runs `work` as a user who is not root, to whom no permission is given.
int as_nobody(const std::function<int()>& work) {
  return in_child([&] {
    if (geteuid() == 0) {
      constexpr uid_t nobody = 65534;
      if (setgid(nobody) != 0 || setuid(nobody) != 0) {
        return 201;
      }
    }
    return work();
  });
}

// The locks of SQLite's that this process holds on the file.
bool holds_locks(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  REQUIRE(fcntl(descriptor, F_OFD_GETLK, &whole) == 0);
  close(descriptor);  // and they are gone
  return whole.l_type != F_UNLCK;
}

// As long as it lives an SQLite that does not wait for the disk by itself.
class CarelessSqlite {
 public:
  CarelessSqlite() { sqlite3_auto_extension(entry()); }
  ~CarelessSqlite() { sqlite3_cancel_auto_extension(entry()); }
  CarelessSqlite(const CarelessSqlite&) = delete;
  CarelessSqlite& operator=(const CarelessSqlite&) = delete;

 private:
  static int begin(sqlite3* database, char** /*message*/,
                   const sqlite3_api_routines* /*routines*/) {
    return sqlite3_exec(database, "PRAGMA synchronous = OFF", nullptr, nullptr,
                        nullptr);
  }
  static void (*entry())() { return reinterpret_cast<void (*)()>(begin); }
};

// As long as it lives files have no memory that processes share, which a
// write-ahead log needs.
class NoSharedMemory {
 public:
  NoSharedMemory() : usual_(sqlite3_vfs_find(nullptr)) {
    sqlite3_vfs_register(sqlite3_vfs_find("unix-none"), 1);
  }
  ~NoSharedMemory() { sqlite3_vfs_register(usual_, 1); }
  NoSharedMemory(const NoSharedMemory&) = delete;
  NoSharedMemory& operator=(const NoSharedMemory&) = delete;

 private:
  sqlite3_vfs* usual_;
};

// A process that holds the lock of a database, until it is killed.
class Holder {
 public:
  explicit Holder(const std::filesystem::path& database) {
    std::array<int, 2> ready{};
    REQUIRE(pipe(ready.data()) == 0);
    child_ = fork();
    if (child_ == 0) {
      const store::Lock lock(database);
      if (write(ready[1], "x", 1) != 1) {
        _exit(1);
      }
      for (;;) {
        pause();
      }
    }
    char byte = 0;
    close(ready[1]);
    CHECK(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
  }
  ~Holder() { end(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  pid_t id() const { return child_; }

  void end() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
      child_ = 0;
    }
  }

 private:
  pid_t child_ = 0;
};

std::vector<model::StreamDefinition> streams() {
  auto deals = contacts();
  deals.name = "deals";
  return {contacts(), deals};
}

}  // namespace

TEST_SUITE_BEGIN("database");

// Opening //

TEST_CASE("a new file is the user's alone, in WAL, with our tables") {
  const File file;
  const auto old = umask(0);
  open(file);
  umask(old);
  CHECK(mode(file.path) == 0600);
  CHECK(mode(file.path.string() + ".lock") == 0600);
  auto sql = file.sql();
  CHECK(sql.value("PRAGMA journal_mode") == "wal");
  CHECK(sql.value("PRAGMA user_version") == "0");
  CHECK(sql.value("PRAGMA application_id") == "0");
  CHECK(sql.rows("SELECT name FROM sqlite_schema WHERE type = 'table' "
                 "ORDER BY 1") == Lines{"pipeline_checkpoints", "pipeline_meta",
                                        "pipeline_pending", "pipeline_rejects",
                                        "pipeline_runs", "pipeline_seen",
                                        "pipeline_tombstones"});
  CHECK(sql.rows("SELECT name FROM pragma_table_list WHERE name LIKE "
                 "'pipeline_%' AND NOT strict") == Lines{});
  CHECK(sql.rows("SELECT key, value FROM pipeline_meta ORDER BY 1") ==
        Lines{"format|2", "made_file|strandline"});
}

TEST_CASE("with a rollback journal a new file is for all to read") {
  const File file;
  const auto old = umask(022);
  open(file, Journal::rollback);
  umask(old);
  CHECK(mode(file.path) == 0644);
  CHECK(file.sql().value("PRAGMA journal_mode") == "delete");
}

TEST_CASE("a connection keeps committed data through a loss of power") {
  const File file;
  auto database = store::open_for_writing(file.path, Journal::wal,
                                          std::chrono::milliseconds(50));
  CHECK(database.execAndGet("PRAGMA synchronous").getInt() == 2);
  CHECK(database.execAndGet("PRAGMA cell_size_check").getInt() == 1);
  // As SQLite has them: users' triggers rely on it.
  CHECK(database.execAndGet("PRAGMA foreign_keys").getInt() == 0);
  CHECK(database.execAndGet("PRAGMA trusted_schema").getInt() == 1);
  int quoted = 0;
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_DQS_DML, -1, &quoted);
  CHECK(quoted == 1);
}

TEST_CASE("a connection waits for the disk whatever SQLite does by itself") {
  const File file;
  const CarelessSqlite careless;
  CHECK(file.sql().value("PRAGMA synchronous") == "0");
  auto database = store::open_for_writing(file.path, Journal::wal,
                                          std::chrono::milliseconds(50));
  CHECK(database.execAndGet("PRAGMA synchronous").getInt() == 2);
}

// The system drops the locks of a process when it closes any descriptor of the
// file.
TEST_CASE("opening a file again leaves the locks of the process on it") {
  const File file;
  const auto patience = std::chrono::milliseconds(50);
  auto first = store::open_for_writing(file.path, Journal::wal, patience);
  first.execAndGet("SELECT count(*) FROM pipeline_runs");
  const auto second =
      store::open_for_writing(file.path, Journal::wal, patience);
  CHECK(holds_locks(file.path));
}

TEST_CASE("a file that cannot be made is said to be so, and why") {
  const File file;
  const auto path = file.folder.path() / "none" / "crm.db";
  const auto error = refusal([&] {
    store::open_for_writing(path, Journal::wal, std::chrono::milliseconds(50));
  });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::cannot_create);
  CHECK(error->what() == "cannot create the database " + path.string() +
                             ": No such file or directory");
}

TEST_CASE("where no write-ahead log can be, none is taken for one") {
  const File file;
  const NoSharedMemory none;
  const auto error = refusal([&] { open(file); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::io);
  CHECK(std::string(error->what())
            .find("the journal mode stays 'delete' although 'wal' was asked "
                  "for") != std::string::npos);
  CHECK(note(error, "try") == "journal = \"rollback\" in the configuration");
  CHECK_NOTHROW(open(file, Journal::rollback));
}

TEST_CASE("a file of ours follows the configured journal") {
  const File file;
  for (const auto journal :
       {Journal::wal, Journal::rollback, Journal::wal, Journal::wal}) {
    Run(file.path, contacts(), {.journal = journal}).commit({{{"id", 1}}});
    CHECK(file.sql().value("PRAGMA journal_mode") ==
          (journal == Journal::wal ? "wal" : "delete"));
  }
}

TEST_CASE("an existing file of 0 bytes is a new database") {
  const File file;
  file.folder.write("crm.db", "");
  chmod(file.path.c_str(), 0640);
  Run(file.path, contacts()).commit({{{"id", 1}}});
  CHECK(mode(file.path) == 0640);
  CHECK(file.sql().value("PRAGMA journal_mode") == "wal");
  CHECK(bytes(file.path).substr(0, 16) == sqlite_header);
}

TEST_CASE("a file that somebody else made stays as they set it up") {
  const char* setups[] = {
      "CREATE TABLE mine (x); INSERT INTO mine VALUES ('kept')",
      "PRAGMA user_version = 7",
      "PRAGMA application_id = 1234",
      "PRAGMA user_version = 7; PRAGMA application_id = -1; CREATE VIEW v AS "
      "SELECT 1",
      "PRAGMA encoding = 'UTF-16le'; PRAGMA page_size = 512; "
      "PRAGMA auto_vacuum = FULL; CREATE TABLE mine (x)",
  };
  const char* settings[] = {"user_version", "application_id", "journal_mode",
                            "encoding",     "page_size",      "auto_vacuum"};
  for (const std::string setup : setups) {
    CAPTURE(setup);
    const File file;
    file.sql().exec(setup);
    const auto set_up = [&] {
      Lines values;
      for (const std::string setting : settings) {
        values.push_back(file.sql().value("PRAGMA " + setting));
      }
      return values;
    };
    const auto before = set_up();
    CHECK(before[2] == "delete");
    for (int run = 0; run < 2; ++run) {
      Run(file.path, contacts()).commit({{{"id", 1}, {"name", "\xC3\xA9"}}});
      CHECK(set_up() == before);
    }
    CHECK(file.sql().rows("SELECT key FROM pipeline_meta WHERE key = "
                          "'made_file'") == Lines{});
    CHECK(file.sql().rows("SELECT name, _run_id FROM contacts") ==
          Lines{"\xC3\xA9|1"});
  }
}

TEST_CASE("a WAL file that somebody else made is not switched from it") {
  const File file;
  file.sql().exec("PRAGMA journal_mode = wal; CREATE TABLE mine (x)");
  open(file, Journal::rollback);
  CHECK(file.sql().value("PRAGMA journal_mode") == "wal");
}

TEST_CASE("a file that is no database is refused and left as it is") {
  const std::string texts[] = {
      "Dear diary, this is not a database at all, and it is longer than one "
      "hundred bytes, which is what SQLite reads first of a file.\n",
      "short", std::string(5000, '\0'),
      "<!DOCTYPE html><html><head><title>504</title></head>" +
          std::string(2000, ' '),
      std::string(sqlite_header) + std::string(84, '\xFF')};
  for (const auto& text : texts) {
    CAPTURE(text);
    const File file;
    file.folder.write("crm.db", text);
    const auto error = refusal([&] { open(file); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::data);
    CHECK(error->what() == "cannot open the database " +
                               std::filesystem::canonical(file.path).string() +
                               ": file is not a database");
    CHECK(note(error, "try") ==
          "name another file as `database`: this one is left as it is");
    CHECK(code([&] { store::read_states(file.path, streams()); }) ==
          ExitCode::data);
    CHECK(bytes(file.path) == text);
  }
}

TEST_CASE("a damaged file is refused with what to do") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}}});
  auto damaged = bytes(file.path);
  damaged.resize(4096);
  damaged.replace(100, 1000, 1000, '\xA5');
  file.folder.write("crm.db", damaged);
  const auto error = refusal([&] { open(file); });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::data);
  CHECK(note(error, "try") ==
        "keep the file and its -wal, restore a backup, and sync again");
  CHECK(bytes(file.path) == damaged);
}

TEST_CASE("a folder that is not there is said to be so") {
  const File file;
  const auto error = refusal([&] {
    const Store store(file.folder.path() / "none" / "crm.db", Journal::wal);
  });
  REQUIRE(error);
  CHECK(error->code() == ExitCode::cannot_create);
  const std::string what = error->what();
  CHECK(what.find("none/crm.db.lock: No such file or directory") !=
        std::string::npos);
  CHECK(note(error, "try") ==
        "`database` names a file in a folder that exists and is writable");
}

TEST_CASE("a path that leads nowhere is an error of ours") {
  const File file;
  const auto loop = file.folder.path() / "loop";
  std::filesystem::create_symlink("loop", loop);
  CHECK(code([&] { const Store store(loop / "crm.db", Journal::wal); }) ==
        ExitCode::cannot_create);
  CHECK(code([&] { store::read_states(loop / "crm.db", streams()); }) ==
        ExitCode::cannot_create);
  const auto folder = file.folder.path() / "folder";
  std::filesystem::create_directory(folder);
  CHECK(code([&] { const Store store(folder, Journal::wal); }) ==
        ExitCode::cannot_create);
}

TEST_CASE("a name that SQLite takes for a URI is a file's all the same") {
  const File file;
  const auto old = std::filesystem::current_path();
  std::filesystem::current_path(file.folder.path());
  Run("file:crm.db?mode=memory", contacts()).commit({{{"id", 1}}});
  CHECK(store::read_states("file:crm.db?mode=memory", streams())[0].rows == 1);
  std::filesystem::current_path(old);
  CHECK(bytes(file.folder.path() / "file:crm.db?mode=memory").size() > 0);
}

TEST_CASE("what may not be written is refused before a run begins") {
  const File file;
  Run(file.path, contacts()).commit({{{"id", 1}}});
  const auto before = bytes(file.path);
  bool in_folder = false;
  const auto lock = file.path.string() + ".lock";
  SUBCASE("a file") {
    chmod(file.folder.path().c_str(), 0777);
    chmod(file.path.c_str(), 0444);
    chmod(lock.c_str(), 0666);
  }
  SUBCASE("a folder") {
    in_folder = true;
    chmod(file.folder.path().c_str(), 0555);
    chmod(file.path.c_str(), 0666);
    std::filesystem::remove(lock);
  }
  const auto is = as_nobody([&] {
    const auto error = refusal([&] {
      Store store(file.path, Journal::wal, std::chrono::milliseconds(50));
      store.begin_run(noon);
    });
    if (!error || error->code() != ExitCode::cannot_create) {
      return 1;
    }
    return note(error, "try").find("writable") == std::string::npos ? 2 : 0;
  });
  CHECK(is == 0);
  chmod(file.folder.path().c_str(), 0700);
  CHECK(bytes(file.path) == before);
  CHECK(std::filesystem::exists(lock) == !in_folder);
}

// The format //

TEST_CASE("our tables are made once and then left alone") {
  const File file;
  open(file);
  const auto before = bytes(file.path);
  open(file);
  CHECK(bytes(file.path) == before);
}

TEST_CASE("a newer format is refused and the file left as it is") {
  for (const bool made : {true, false}) {
    CAPTURE(made);
    const File file;
    if (!made) {
      file.sql().exec("CREATE TABLE mine (x)");
    }
    Run(file.path, contacts()).commit({{{"id", 1}}});
    file.sql().exec(
        "UPDATE pipeline_meta SET value = '3' WHERE key = "
        "'format'");
    const auto before = bytes(file.path);
    for (const auto journal : {Journal::wal, Journal::rollback}) {
      const auto error = refusal([&] { open(file, journal); });
      REQUIRE(error);
      CHECK(error->code() == ExitCode::data);
      CHECK(error->what() ==
            std::filesystem::canonical(file.path).string() +
                " was written by a newer version: its format is 3, this "
                "program knows 2");
      CHECK(note(error, "try") ==
            "install the newer version again; the file was not changed");
    }
    CHECK(message([&] { store::read_states(file.path, streams()); }) ==
          file.path.string() + " was written by a newer version");
    CHECK(bytes(file.path) == before);
  }
}

TEST_CASE("a file of the first format can be read, and is taken up by a run") {
  const File file;
  {
    Run run(file.path, contacts());
    run.commit_to(7, {{{"id", 1}, {"name", "Ann"}}});
    run.writer.finish({}, noon);
  }
  file.sql().exec(
      "DROP TABLE pipeline_tombstones;"
      "ALTER TABLE pipeline_checkpoints DROP COLUMN sweep_from;"
      "ALTER TABLE pipeline_checkpoints DROP COLUMN sweep_after;"
      "ALTER TABLE pipeline_rejects DROP COLUMN list;"
      "UPDATE pipeline_meta SET value = '1' WHERE key = 'format'");
  const auto before = bytes(file.path);
  const auto states = store::read_states(file.path, {contacts()});
  CHECK(states.at(0).rows == 1);
  CHECK(states.at(0).mark == model::CursorValue(7));
  CHECK(bytes(file.path) == before);
  Run run(file.path, contacts());
  CHECK(brief(run.commit({{{"id", 1}, {"name", "Ann"}}, {{"id", 2}}})) ==
        "1/0/1/0");
  CHECK(run.writer.checkpoint().mark == model::CursorValue(7));
  CHECK(file.sql().value("SELECT value FROM pipeline_meta WHERE key = "
                         "'format'") == "2");
  CHECK(file.sql().value("SELECT count(*) FROM pipeline_tombstones") == "0");
}

TEST_CASE("tables of the user's own that are called as ours are refused") {
  const std::string meta =
      " has a table 'pipeline_meta' that Strandline did "
      "not make";
  struct Case {
    std::string sql;
    std::string complaint;
  };
  const Case cases[] = {
      {"CREATE TABLE pipeline_meta (x)", meta},
      {"CREATE TABLE pipeline_meta (key, value)", meta},
      {"CREATE TABLE pipeline_meta (key, value); INSERT INTO pipeline_meta "
       "VALUES ('format', 'odd')",
       meta},
      {"CREATE TABLE pipeline_meta (key, value); INSERT INTO pipeline_meta "
       "VALUES ('format', '0')",
       meta},
      {"CREATE TABLE pipeline_meta (key, value); INSERT INTO pipeline_meta "
       "VALUES ('format', '-1')",
       meta},
      {"CREATE TABLE pipeline_meta (key, value); INSERT INTO pipeline_meta "
       "VALUES ('format', NULL)",
       meta},
      {"CREATE TABLE pipeline_runs (x)",
       ": table pipeline_runs already exists"},
      {"CREATE TABLE mine (x); CREATE INDEX pipeline_runs_by_name ON mine (x)",
       ": index pipeline_runs_by_name already exists"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.sql);
    const File file;
    file.sql().exec(each.sql);
    const auto before = bytes(file.path);
    const auto error = refusal([&] { open(file); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::data);
    const std::string what = error->what();
    CHECK(what.substr(what.size() - each.complaint.size()) == each.complaint);
    CHECK(bytes(file.path) == before);
  }
}

// The lock //

TEST_CASE("a second run of this process on the file is busy") {
  const File file;
  const Store first(file.path, Journal::wal);
  const auto real = std::filesystem::canonical(file.path);
  const auto link = file.folder.path() / "link.db";
  std::filesystem::create_symlink(file.path, link);
  for (const auto& path : {file.path, link, file.folder.path() / "." / "crm.db",
                           std::filesystem::relative(file.path)}) {
    CAPTURE(path.string());
    const auto error = refusal([&] { const Store second(path, Journal::wal); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::busy);
    CHECK(std::string(error->what())
              .find("another run is at work on " + real.string() +
                    ": process " + std::to_string(getpid()) + " since 20") ==
          0);
    CHECK(note(error, "try") == "wait until it is done, and run again");
  }
}

TEST_CASE("a run of another process is busy, until it is killed") {
  const File file;
  Holder holder(file.path);
  for (int again = 0; again < 2; ++again) {
    const auto error = refusal([&] { open(file); });
    REQUIRE(error);
    CHECK(error->code() == ExitCode::busy);
    CHECK(std::string(error->what())
              .find(": process " + std::to_string(holder.id()) + " since ") !=
          std::string::npos);
  }
  // A program that only looks does not mind.
  CHECK_NOTHROW(store::read_states(file.path, streams()));
  holder.end();
  CHECK(code([&] { open(file); }) == ExitCode::ok);
}

TEST_CASE("the lock is free when its holder is done, and the file stays") {
  const File file;
  for (int again = 0; again < 3; ++again) {
    open(file);
  }
  CHECK(std::filesystem::exists(file.path.string() + ".lock"));
  CHECK(in_child([&] {
          open(file);
          return 0;
        }) == 0);
}

TEST_CASE("whether a run holds the lock is told by any name of the file") {
  const File file;
  const auto link = file.folder.path() / "link.db";
  std::filesystem::create_symlink(file.path, link);
  CHECK_FALSE(store::is_locked(file.path));  // there is no lock file
  {
    const store::Store store(file.path, Journal::wal);
    CHECK(store::is_locked(file.path));
    CHECK(store::is_locked(link));
  }
  CHECK_FALSE(store::is_locked(file.path));
}

TEST_CASE("what stands in a stale lock file does not matter") {
  const File file;
  file.folder.write("crm.db.lock",
                    "process 1 since ever " + std::string(1000, '\x1B'));
  const Store first(file.path, Journal::wal);
  CHECK(bytes(file.path.string() + ".lock").size() < 60);
  file.folder.write("crm.db.lock", "\x1B[31mgarbage");
  CHECK(message([&] {
          const Store second(file.path, Journal::wal);
        }).find(": \\x1B[31mgarbage") != std::string::npos);
  file.folder.write("crm.db.lock", "");
  CHECK(message([&] {
          const Store second(file.path, Journal::wal);
        }).find(": another program") != std::string::npos);
}

TEST_CASE("a lock file that is a link is not followed") {
  const File file;
  const auto other = file.folder.write("other", "precious");
  std::filesystem::create_symlink(other, file.path.string() + ".lock");
  CHECK(code([&] { open(file); }) == ExitCode::cannot_create);
  CHECK(store::is_locked(file.path));  // for all that can be seen
  CHECK(bytes(other) == "precious");
}

// Status //

TEST_CASE("where there is no file every state is empty and none is made") {
  const File file;
  const auto states = store::read_states(file.path, streams());
  REQUIRE(states.size() == 2);
  CHECK_FALSE(states[0].mark);
  CHECK_FALSE(states[0].last_attempt);
  CHECK(states[0].last_outcome.empty());
  CHECK_FALSE(std::filesystem::exists(file.path));
}

TEST_CASE("of a file without our tables every state is empty") {
  for (const std::string setup :
       {"", "CREATE TABLE contacts (id INTEGER PRIMARY KEY)"}) {
    CAPTURE(setup);
    const File file;
    file.folder.write("crm.db", "");
    file.sql().exec(setup);
    const auto before = bytes(file.path);
    const auto states = store::read_states(file.path, streams());
    REQUIRE(states.size() == 2);
    CHECK(states[0].rows == 0);
    CHECK(states[1].last_outcome.empty());
    CHECK(bytes(file.path) == before);
  }
}

TEST_CASE("the state of a stream is what its runs made of it") {
  const File file;
  const auto at = [](std::int64_t seconds) {
    return model::plus(noon, seconds);
  };
  {
    Run run(file.path, contacts(), {.now = at(10)});
    auto batch = run.batch({{{"id", 1}}, {{"id", 2}}, {{"id", 3}}},
                           {{"odd", "k", "x"}, {"odd", "l", "y"}});
    batch.after.mark = model::Instant{1'600'000'000, 5};
    run.writer.commit(batch, at(11));
    run.writer.finish({}, at(12));
  }
  file.sql().exec(
      "UPDATE contacts SET _deleted_at = 'then' WHERE id = 2;"
      "UPDATE pipeline_rejects SET resolved_at = 'then' WHERE "
      "record_key = 'l'");
  const auto state = [&] {
    return store::read_states(file.path, streams()).front();
  };
  auto is = state();
  CHECK(is.mark == model::CursorValue(model::Instant{1'600'000'000, 5}));
  CHECK(is.rows == 2);
  CHECK(is.open_rejects == 1);
  CHECK_FALSE(is.window_open);
  CHECK(is.last_attempt == at(10));
  CHECK(is.last_success == at(10));
  CHECK(is.last_change == at(11));
  CHECK(is.last_outcome == "ok");
  CHECK(is.last_error.empty());
  {
    Run run(file.path, contacts(), {.now = at(20)});
    auto batch = run.batch({{{"id", 1}}});
    batch.after.window.emplace();
    run.writer.commit(batch, at(21));
    is = state();  // while it runs
    CHECK(is.last_outcome == "running");
    CHECK(is.window_open);
    CHECK(is.last_success == at(10));
    run.writer.finish({store::Outcome::failed, 76, "no JSON", {}, {}}, at(22));
  }
  is = state();
  CHECK(is.window_open);
  CHECK(is.last_attempt == at(20));
  CHECK(is.last_success == at(10));
  CHECK(is.last_change == at(11));
  CHECK(is.last_outcome == "failed");
  CHECK(is.last_error == "no JSON");
  // The other stream has none of it.
  const auto other = store::read_states(file.path, streams()).back();
  CHECK(other.rows == 0);
  CHECK(other.open_rejects == 0);
  CHECK_FALSE(other.last_attempt);
}

TEST_CASE("a state is what is committed while another program writes") {
  for (const auto journal : {Journal::wal, Journal::rollback}) {
    const File file;
    {
      Run run(file.path, contacts(), {.journal = journal});
      run.commit_to(1, {{{"id", 1}}});
      run.writer.finish({}, noon);
    }
    Sql other(file.path);
    other.exec(
        "BEGIN IMMEDIATE;"
        "DELETE FROM contacts;"
        "UPDATE pipeline_checkpoints SET last_processed_at = '9'");
    const auto state = store::read_states(file.path, streams()).front();
    CHECK(state.rows == 1);
    CHECK(state.mark == model::CursorValue(1));
    other.exec("COMMIT");
    CHECK(store::read_states(file.path, streams()).front().rows == 0);
  }
}

TEST_CASE("a state is of one moment, whatever is committed meanwhile") {
  const File file;
  Run run(file.path, contacts());
  run.commit_to(1, {{{"id", 1}}});
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (std::int64_t mark = 2; mark < 60; ++mark) {
      run.commit_to(mark, {{{"id", mark}}});
    }
    done = true;
  });
  // Each commit adds a row and raises the mark by one.
  while (!done) {
    const auto state = store::read_states(file.path, streams()).front();
    CHECK(state.mark == model::CursorValue(state.rows));
  }
  writer.join();
}

TEST_CASE("a table that is not ours any more is not looked at") {
  for (const std::string sql :
       {"", "CREATE TABLE contacts (x)", "CREATE VIEW contacts AS SELECT 1"}) {
    CAPTURE(sql);
    const File file;
    Run(file.path, contacts()).commit_to(1, {{{"id", 1}}});
    file.sql().exec("DROP TABLE contacts;" + sql);
    const auto state = store::read_states(file.path, streams()).front();
    CHECK(state.rows == 0);
    CHECK(state.mark == model::CursorValue(1));
  }
}

TEST_CASE("a checkpoint that cannot be read is an error of status too") {
  const File file;
  Run(file.path, contacts()).commit_to(1, {{{"id", 1}}});
  file.sql().exec("UPDATE pipeline_checkpoints SET last_processed_at = 'x'");
  CHECK(message([&] { store::read_states(file.path, streams()); }) ==
        "pipeline_checkpoints of crm.contacts: 'x' in last_processed_at cannot "
        "be read");
}

// Errors of SQLite //

TEST_CASE("each error of SQLite says what can be done about it") {
  struct Case {
    int code;
    ExitCode is;
  };
  const Case cases[] = {
      {SQLITE_BUSY, ExitCode::temporary},
      {SQLITE_BUSY_RECOVERY, ExitCode::temporary},
      {SQLITE_LOCKED, ExitCode::temporary},
      {SQLITE_FULL, ExitCode::io},
      {SQLITE_IOERR_FSYNC, ExitCode::io},
      {SQLITE_IOERR_WRITE, ExitCode::io},
      {SQLITE_NOMEM, ExitCode::io},
      {SQLITE_READONLY_DBMOVED, ExitCode::io},
      {SQLITE_READONLY, ExitCode::cannot_create},
      {SQLITE_READONLY_DIRECTORY, ExitCode::cannot_create},
      {SQLITE_CANTOPEN_ISDIR, ExitCode::cannot_create},
      {SQLITE_PERM, ExitCode::cannot_create},
      {SQLITE_CORRUPT_INDEX, ExitCode::data},
      {SQLITE_NOTADB, ExitCode::data},
      {SQLITE_CONSTRAINT_UNIQUE, ExitCode::data},
      {SQLITE_ERROR, ExitCode::data},
      {SQLITE_MISUSE, ExitCode::bug},
  };
  for (const auto& each : cases) {
    CAPTURE(each.code);
    CHECK(store::classify(each.code) == each.is);
  }
}

TEST_CASE("an SQLite with a known fault is warned of by its version") {
  const auto warning = store::library_warning();
  CHECK(warning.has_value() == (sqlite3_libversion_number() < 3'051'003));
  if (warning) {
    CHECK(warning->find(std::string("SQLite ") + sqlite3_libversion()) == 0);
  }
}

TEST_SUITE_END();

}  // namespace strandline::test
