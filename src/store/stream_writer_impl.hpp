// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "store/checkpoints.hpp"
#include "store/rejects.hpp"
#include "store/runs.hpp"
#include "store/seen.hpp"
#include "store/store_impl.hpp"
#include "store/table.hpp"

namespace strandline::store {

/// What is prepared on one connection.
struct Session {
  Session(std::shared_ptr<SQLite::Database> connection, const std::string& name,
          std::int64_t run_id, const model::StreamDefinition& stream)
      : database(std::move(connection)),
        checkpoints(*database),
        runs(*database),
        rejects(*database, stream.owner(), run_id),
        seen(*database, name),
        table(*database, stream) {}

  std::shared_ptr<SQLite::Database> database;
  Checkpoints checkpoints;
  Runs runs;
  Rejects rejects;
  Seen seen;
  Table table;
};

struct StreamWriter::Impl final : ConnectionUser {
  Impl(Store& owner, std::int64_t run,
       const model::StreamDefinition& definition)
      : store(*owner.impl_),
        run_id(run),
        stream(definition),
        name(definition.pipeline_name()),
        is_backfill(definition.list == model::backfill_list) {
    connect();
    store.users.insert(this);
  }
  ~Impl() { store.users.erase(this); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void let_go() override;

  void take(const Beginning& beginning, const std::string& now);
  void require_table() const;
  void connect();
  Session& live();
  void transact(const model::Checkpoint& after, const std::string& now,
                const std::function<void()>& work);
  void settle(const model::Checkpoint& after, bool in_doubt,
              const SQLite::Exception& error, const std::string& now);
  void write(const Batch& batch, const std::string& now, Counts& counts);
  void write(const model::RecordBatch& page, const Batch& batch,
             const std::string& now, Counts& counts);
  void write_record(const model::RecordBatch& page, std::size_t number,
                    const Batch& batch, const std::string& now, Counts& counts);
  void keep(const model::Reject& reject, const Batch& batch,
            const std::string& now, Counts& counts);
  bool is_first(const std::string& key, const Batch& batch);
  void save(const model::Checkpoint& after, const std::string& now);

  Store::Impl& store;
  std::int64_t run_id;
  const model::StreamDefinition& stream;
  std::string name;
  bool is_backfill;
  bool failed = false;
  model::Checkpoint checkpoint;
  model::RecordBatch known_fields;  ///< of the last session
  Notices notices;                  ///< of what was committed
  std::optional<Session> session;   ///< none: an error took it
};

}  // namespace strandline::store
