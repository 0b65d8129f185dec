// SPDX-License-Identifier: MIT
#include "store/error.hpp"

#include <sqlite3.h>

namespace strandline::store {
namespace {

std::string advice(int code) {
  if (code == SQLITE_READONLY_DBMOVED) {
    return "the file was moved, replaced or removed meanwhile: run again";
  }
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program is writing to the file: run again when it is "
             "done";
    case SQLITE_FULL:
      return "free space on the disk and run again: what was committed stays";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return "the file and its folder must be writable for this user";
    case SQLITE_CORRUPT:
      return "keep the file and its -wal, restore a backup, and sync again";
    case SQLITE_NOTADB:
      return "name another file as `database`: this one is left as it is";
    default:
      return {};
  }
}

}  // namespace

ExitCode classify(int sqlite_code) noexcept {
  if (sqlite_code == SQLITE_READONLY_DBMOVED) {
    return ExitCode::io;
  }
  switch (sqlite_code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ExitCode::temporary;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      return ExitCode::io;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ExitCode::cannot_create;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
      return ExitCode::data;
    default:
      return ExitCode::bug;
  }
}

bool spoils_connection(int sqlite_code) noexcept {
  switch (sqlite_code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
      return false;
    default:
      return true;
  }
}

StoreError store_error(const std::string& doing,
                       const SQLite::Exception& cause) {
  StoreError error(classify(cause.getErrorCode()),
                   "cannot " + doing + ": " + cause.what());
  if (auto text = advice(cause.getErrorCode()); !text.empty()) {
    error.add_note("try", std::move(text));
  }
  return error;
}

}  // namespace strandline::store
