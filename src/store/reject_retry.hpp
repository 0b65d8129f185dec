// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "model/definition.hpp"
#include "model/records.hpp"
#include "store/store.hpp"

namespace strandline::store {

/// What became of the rejects that were tried again.
struct Retried {
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;  ///< the row was as the record was sent
  std::int64_t outdated = 0;   ///< something newer is there: not written
  std::int64_t rejected = 0;   ///< still does not fit

  std::int64_t loaded() const { return inserted + updated + unchanged; }
  std::int64_t tried() const { return loaded() + outdated + rejected; }

  Retried& operator+=(const Retried& other);
};

/// Returns a record, as `list` sent it, as a page of one record or one reject.
using DecodeRecord = std::function<model::RecordBatch(
    const model::StreamDefinition& list, const std::string& raw)>;

/// A stream's part in a run that loads its open rejects anew, as kept in the
/// history with the mode "retry". Nothing else that a sync keeps is touched:
/// neither mark, window nor position. Members throw StoreError.
class RejectRetry {
 public:
  /// Enters the stream in the run; nothing is written without one, and each
  /// step only finds out what it would do. `stream` must outlive it, as
  /// `store`.
  RejectRetry(Store& store, std::optional<std::int64_t> run_id,
              const model::StreamDefinition& stream, model::Instant now);

  /// Tries some of the rejects in one transaction, all of one of the stream's
  /// lists, the newest first; false if none was left. `decode` numbers the
  /// fields of this step's pages from the stream's first. A record that fits is
  /// written unless a later run wrote its row, a newer reject has its key, or
  /// its version is older; either way it is resolved. One that does not keeps
  /// its place with its new reason. Throws StoreError (ExitCode::configuration)
  /// if the table is not the stream's or was dropped.
  bool step(const DecodeRecord& decode, model::Instant now);

  /// Enters the end in the run history.
  void finish(const Ending& ending, model::Instant now);

  const Retried& retried() const { return retried_; }

 private:
  /// Behind which reject the next step goes on; at first before all.
  struct Place {
    std::int64_t last_run_id = std::numeric_limits<std::int64_t>::max();
    std::string last_seen_at;
    std::int64_t row = 0;
  };

  Place attempt(SQLite::Database& database,
                const std::vector<std::int64_t>& rows,
                const DecodeRecord& decode, const std::string& time,
                Retried& retried) const;

  Store::Impl& store_;
  std::optional<std::int64_t> run_id_;
  const model::StreamDefinition& stream_;
  Place place_;
  Retried retried_;
};

}  // namespace strandline::store
