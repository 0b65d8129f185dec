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
#include "store/pending.hpp"
#include "store/rejects.hpp"
#include "store/repeats.hpp"
#include "store/runs.hpp"
#include "store/seen.hpp"
#include "store/store_impl.hpp"
#include "store/sweep.hpp"
#include "store/table.hpp"
#include "store/tombstones.hpp"

namespace strandline::store {

/// What is prepared on one connection.
struct Session {
  Session(std::shared_ptr<SQLite::Database> connection, const std::string& name,
          std::int64_t run_id, const model::StreamDefinition& stream)
      : database(std::move(connection)),
        checkpoints(*database),
        runs(*database),
        rejects(*database, stream.owner(),
                stream.bracketed_element() + stream.list, run_id),
        seen(*database, name),
        tombstones(*database, stream.owner(), run_id),
        pending(*database),
        table(*database, stream) {}

  std::shared_ptr<SQLite::Database> database;
  Checkpoints checkpoints;
  Runs runs;
  Rejects rejects;
  Seen seen;
  Tombstones tombstones;
  Pending pending;
  Table table;
  Repeats repeats;
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
  void write(const Batch& batch, const std::string& now, Counts& counts,
             model::Checkpoint& after);
  bool has_too_many_rejects(const Batch& batch, const Counts& counts) const;
  void write(const model::RecordBatch& page, const Batch& batch,
             const std::string& now, Counts& counts);
  void write_record(const model::RecordBatch& page, std::size_t number,
                    const Batch& batch, const std::string& now, Counts& counts);
  void keep(const model::Reject& reject, const Batch& batch,
            const std::string& now, Counts& counts);
  bool is_first(const std::string& key, const Batch& batch);
  void write_deletion(const model::RecordBatch& page, std::size_t number,
                      const Beside& beside, const std::string& now,
                      Counts& counts);
  bool is_buried(const std::string& key, const Beside& beside);
  void note(const std::string& key, const Batch& batch);
  void note_from(const std::optional<model::CursorValue>& from);
  bool was_read_before(const std::optional<model::CursorValue>& from);
  void begin_seen(const Batch& batch);
  void end_seen(const Batch& batch);
  void add_children(const model::RecordBatch& page, std::size_t number,
                    const std::string& now, Counts& counts);
  void remove_children(const std::string& key);
  void write_step(const ParentStep& step, const Batch& batch,
                  const std::string& now, Counts& counts);
  void take_swept(const Swept& found, Counts& counts);
  std::optional<Noted> first_list();
  void sweep(const Batch& batch, const std::string& now, Counts& counts);
  void count_repeat(const model::RecordBatch& page, const model::Record& record,
                    bool updated, Counts& counts);
  void save(const model::Checkpoint& after, const std::string& now);

  Store::Impl& store;
  std::int64_t run_id;
  const model::StreamDefinition& stream;
  std::string name;
  bool is_backfill;
  bool failed = false;
  bool is_full = false;
  std::vector<std::string> later;  ///< columns that rows of before lack
  model::Checkpoint checkpoint;
  CompleteTimes times;  ///< before this run
  std::optional<Swept> swept;
  std::optional<std::string> earliest;  ///< as in pipeline_meta
  model::RecordBatch known_fields;      ///< of the last session
  Notices notices;                      ///< of what was committed
  std::optional<Session> session;       ///< none: an error took it
};

}  // namespace strandline::store
