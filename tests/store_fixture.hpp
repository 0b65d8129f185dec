// SPDX-License-Identifier: MIT
//
// What the tests of src/store share: a database file, a stream, and a run.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch_builder.hpp"
#include "model/checkpoint.hpp"
#include "store/error.hpp"
#include "store/store.hpp"
#include "temp_dir.hpp"

namespace strandline::test {

inline constexpr model::Instant noon{1'700'000'000, 0};
inline constexpr const char* noon_text = "2023-11-14T22:13:20.000Z";

using Lines = std::vector<std::string>;

/// Another program's connection to a database file.
class Sql {
 public:
  explicit Sql(const std::filesystem::path& file)
      : database_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
  }

  void exec(const std::string& sql) { database_.exec(sql); }

  /// Returns the rows of a query, their columns joined with `|`.
  Lines rows(const std::string& sql) {
    SQLite::Statement query(database_, sql);
    Lines lines;
    while (query.executeStep()) {
      std::string line;
      for (int i = 0; i < query.getColumnCount(); ++i) {
        line += i == 0 ? "" : "|";
        line += query.getColumn(i).isNull() ? "NULL"
                                            : query.getColumn(i).getString();
      }
      lines.push_back(line);
    }
    return lines;
  }

  /// Returns the one value of a query.
  std::string value(const std::string& sql) {
    const auto lines = rows(sql);
    return lines.size() == 1 ? lines.front() : "not one row";
  }

  /// Returns a table's rows with every byte of theirs, `_run_id` and all.
  Lines dump(const std::string& table) {
    std::string columns;
    for (const auto& name : rows("SELECT name FROM pragma_table_info('" +
                                 quoted(table, '\'') + "')")) {
      columns += (columns.empty() ? "" : ", ");
      columns += "quote(\"" + quoted(name, '"') + "\")";
    }
    return rows("SELECT " + columns + " FROM \"" + quoted(table, '"') +
                "\" ORDER BY 1");
  }

  /// Returns everything that the file holds.
  Lines snapshot() {
    auto all = rows("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2");
    for (const auto& name :
         rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT "
              "LIKE 'CREATE VIRTUAL%' ORDER BY 1")) {
      all.push_back("-- " + name);
      const auto lines = dump(name);
      all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
  }

 private:
  static std::string quoted(const std::string& text, char quote) {
    std::string doubled;
    for (const char c : text) {
      doubled.append(c == quote ? 2 : 1, c);
    }
    return doubled;
  }

  SQLite::Database database_;
};

/// A database file in a folder of its own.
struct File {
  TempDir folder;
  std::filesystem::path path = folder.path() / "crm.db";

  Sql sql() const { return Sql(path); }
};

inline std::string bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A stream `contacts` of the source `crm` with the key `id` and every member.
inline model::StreamDefinition contacts() {
  model::StreamDefinition stream;
  stream.name = "contacts";
  stream.source = "crm";
  stream.key = {{"id", model::parse_path("id"), model::ColumnType::as_found}};
  return stream;
}

inline model::ColumnRule column(
    const std::string& name,
    model::ColumnType type = model::ColumnType::as_found) {
  return {name, model::parse_path(name), type};
}

/// How a run is begun.
struct Begin {
  bool full = false;
  std::string fingerprint = "as ever";
  model::Instant now = noon;
  model::Journal journal = model::Journal::wal;
  std::chrono::milliseconds patience{50};
  std::string mode = {};
  std::string list = {};
};

/// The same stream, read as another of its lists.
inline model::StreamDefinition of_list(model::StreamDefinition stream,
                                       const std::string& list) {
  stream.list = list;
  return stream;
}

/// A run of one stream.
struct Run {
  Run(const std::filesystem::path& file, model::StreamDefinition definition,
      const Begin& begin = {})
      : stream(of_list(std::move(definition), begin.list)),
        now(begin.now),
        store(file, begin.journal, begin.patience),
        id(store.begin_run(now)),
        writer(store, id, stream, {begin.fingerprint, begin.full, begin.mode},
               now),
        pages(stream) {}

  /// Commits a page; the checkpoint stays as it was.
  store::Counts commit(const std::vector<Members>& records,
                       std::vector<model::Reject> rejects = {}) {
    return writer.commit(batch(records, std::move(rejects)), now);
  }

  /// Commits a page, and `mark` as the mark.
  store::Counts commit_to(std::int64_t mark,
                          const std::vector<Members>& records) {
    auto next = batch(records);
    next.after.mark = mark;
    return writer.commit(next, now);
  }

  store::Batch batch(const std::vector<Members>& records,
                     std::vector<model::Reject> rejects = {}) {
    store::Batch batch;
    batch.pages.push_back(pages.page(records, std::move(rejects)));
    batch.after = writer.checkpoint();
    return batch;
  }

  model::StreamDefinition stream;
  model::Instant now;
  store::Store store;
  std::int64_t id;
  store::StreamWriter writer;
  Pages pages;
};

/// Returns "inserted/updated/unchanged/rejected".
inline std::string brief(const store::Counts& counts) {
  return std::to_string(counts.inserted) + "/" +
         std::to_string(counts.updated) + "/" +
         std::to_string(counts.unchanged) + "/" +
         std::to_string(counts.rejected);
}

/// Returns the StoreError that `work` throws; nothing if it throws none.
inline std::optional<store::StoreError> refusal(
    const std::function<void()>& work) {
  try {
    work();
  } catch (const store::StoreError& error) {
    return error;
  }
  return {};
}

/// Returns the message of the StoreError that `work` throws.
inline std::string message(const std::function<void()>& work) {
  const auto error = refusal(work);
  return error ? error->what() : "nothing was thrown";
}

/// Returns the text of the error's note `label`; empty if it has none.
inline std::string note(const std::optional<store::StoreError>& error,
                        const std::string& label) {
  for (const auto& each : error ? error->notes() : std::vector<Note>()) {
    if (each.label == label) {
      return each.text;
    }
  }
  return {};
}

inline ExitCode code(const std::function<void()>& work) {
  const auto error = refusal(work);
  return error ? error->code() : ExitCode::ok;
}

/// Runs `work` in a process of its own. Returns what it returns, 200 if it
/// throws, and 128 and the signal's number if one ends it.
inline int in_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      _exit(work());
    } catch (...) {
      _exit(200);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace strandline::test
