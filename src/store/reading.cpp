// SPDX-License-Identifier: MIT
#include "store/reading.hpp"

#include <SQLiteCpp/Transaction.h>

#include "store/connection.hpp"
#include "store/error.hpp"
#include "store/schema.hpp"
#include "store/statement.hpp"

namespace strandline::store {

void read_file(const std::filesystem::path& file,
               const std::function<void(SQLite::Database&)>& work) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) {
    return;
  }
  guarded("read " + file.string(), [&] {
    auto database = open_for_reading(file);
    const SQLite::Transaction transaction(database);
    if (format(database) != 0) {
      work(database);
    }
  });
}

std::optional<model::Instant> instant(const SQLite::Statement& row,
                                      int column) {
  const auto written = text(row, column);
  return written ? model::parse_rfc3339(*written) : std::nullopt;
}

}  // namespace strandline::store
