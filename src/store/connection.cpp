// SPDX-License-Identifier: MIT
#include "store/connection.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/error.hpp"
#include "store/schema.hpp"
#include "store/store.hpp"

namespace strandline::store {
namespace {

// SQLite would create the file readable for everybody.
void create(const std::filesystem::path& file, model::Journal journal) {
  const mode_t mode = journal == model::Journal::rollback ? 0644 : 0600;
  const int descriptor =
      open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0 && errno != EEXIST) {
    throw StoreError(ExitCode::cannot_create,
                     fmt::format("cannot create the database {}: {}",
                                 file.string(), std::strerror(errno)),
                     {{"try",
                       "`database` names a file in a folder that exists and is "
                       "writable"}});
  }
  if (descriptor >= 0) {
    close(descriptor);
  }
}

// A file of the user's own stays in the mode that its other programs expect.
void set_journal(SQLite::Database& database, model::Journal journal) {
  const std::string wanted = journal == model::Journal::wal ? "wal" : "delete";
  const auto got =
      database.execAndGet("PRAGMA journal_mode = " + wanted).getString();
  if (got != wanted) {
    throw StoreError(ExitCode::io,
                     fmt::format("{}: the journal mode stays '{}' although "
                                 "'{}' was asked for",
                                 database.getFilename(), got, wanted),
                     {{"try", "journal = \"rollback\" in the configuration"}});
  }
}

}  // namespace

SQLite::Database open_for_writing(const std::filesystem::path& file,
                                  model::Journal journal,
                                  std::chrono::milliseconds patience) {
  create(file, journal);
  return reopen_for_writing(file, journal, patience);
}

SQLite::Database reopen_for_writing(const std::filesystem::path& file,
                                    model::Journal journal,
                                    std::chrono::milliseconds patience) {
  return guarded("open the database " + file.string(), [&] {
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE,
                              static_cast<int>(patience.count()));
    sqlite3_extended_result_codes(database.getHandle(), 1);
    database.exec("PRAGMA synchronous = FULL");
    database.exec("PRAGMA cell_size_check = ON");
    migrate(database);
    if (made_by_us(database)) {
      set_journal(database, journal);
    }
    return database;
  });
}

SQLite::Database open_for_reading(const std::filesystem::path& file) {
  return guarded("open the database " + file.string(), [&] {
    // SQLite takes "file:…" for a URI.
    const auto path = std::filesystem::absolute(file);
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY,
                              static_cast<int>(default_patience.count()));
    if (format(database) > newest_format()) {
      throw StoreError(ExitCode::data,
                       file.string() + " was written by a newer version",
                       {{"try", "install the newer version again"}});
    }
    return database;
  });
}

}  // namespace strandline::store
