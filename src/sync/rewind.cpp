// SPDX-License-Identifier: MIT
#include "strandline/rewind.hpp"

#include <fmt/format.h>

#include "config/load.hpp"
#include "model/mark.hpp"
#include "store/error.hpp"
#include "store/status.hpp"
#include "store/store.hpp"
#include "sync/backfill.hpp"
#include "sync/run.hpp"

namespace strandline {
namespace {

// The one stream that `stream` names.
model::StreamDefinition named(const model::Configuration& configuration,
                              const std::string& stream) {
  const auto chosen = sync::chosen(configuration, {stream});
  if (chosen.size() > 1) {
    throw Error(ExitCode::usage,
                fmt::format("{} is {} lists, each with a place of its own",
                            stream, chosen.size()),
                {{"try", "name one, such as " + chosen.front().called()}});
  }
  return chosen.front();
}

// Rows of one list cannot be told from the others' without a column.
void require_own_rows(const model::StreamDefinition& stream) {
  if (!stream.element.empty() && model::element_column(stream) == nullptr) {
    throw Error(ExitCode::usage,
                fmt::format("the rows of {} cannot be told from those of the "
                            "other lists: no column is ${{parent}}",
                            stream.called()),
                {{"try", "reset without the rows"}});
  }
}

[[noreturn]] void refuse(const model::StreamDefinition& stream,
                         const std::string& why, const std::string& advice) {
  throw Error(ExitCode::usage,
              "cannot rewind " + stream.pipeline_name() + ": " + why,
              {{"try", advice}});
}

// What can be said without the database, which a run would make.
void require_mark(const model::Configuration& configuration,
                  const model::StreamDefinition& stream,
                  const RewindTarget& target) {
  if (target.mark.has_value() == target.run.has_value()) {
    throw Error(ExitCode::usage,
                "rewind needs either --to or --run, and not both",
                {{"try", "--to TIME, --to NUMBER, or --run N"}});
  }
  if (!stream.has_mark()) {
    refuse(stream, "it has no cursor field, and so no mark",
           "strandline sync --full " + stream.name + ", or strandline reset " +
               stream.name);
  }
  if (!store::read_states(configuration.database, {stream}).front().mark) {
    refuse(stream, "it has no mark yet",
           "strandline sync " + stream.name + ", which gives it one");
  }
}

model::CursorValue mark_of(store::Store& store,
                           const model::StreamDefinition& stream,
                           const RewindTarget& target) {
  if (target.mark) {
    return sync::parse_bound(stream, "--to", *target.mark);
  }
  const auto mark = store.mark_after_run(stream, *target.run);
  if (!mark) {
    refuse(stream, fmt::format("it had no mark after run {}", *target.run),
           "a later run, or strandline reset " + stream.name);
  }
  return *mark;
}

Rewind shown(const model::StreamDefinition& stream,
             const store::Rewound& rewound) {
  return {stream.name,
          stream.source,
          model::to_display(rewound.from),
          model::to_display(rewound.to),
          model::to_display(*model::lower_bound(rewound.to, *stream.cursor)),
          rewound.had_window};
}

bool has_database(const model::Configuration& configuration) {
  std::error_code error;
  return std::filesystem::exists(configuration.database, error) || error;
}

}  // namespace

Rewind plan_rewind(const std::filesystem::path& config,
                   const std::string& stream, const RewindTarget& target) {
  const auto configuration = config::load(config);
  const auto definition = named(configuration, stream);
  require_mark(configuration, definition, target);
  store::Store store(configuration.database, configuration.journal);
  return shown(definition, store.plan_rewind(
                               definition, mark_of(store, definition, target)));
}

Rewind rewind_stream(const std::filesystem::path& config,
                     const std::string& stream, const RewindTarget& target) {
  const auto configuration = config::load(config);
  const auto definition = named(configuration, stream);
  require_mark(configuration, definition, target);
  store::Store store(configuration.database, configuration.journal);
  const auto to = mark_of(store, definition, target);
  const auto rewound = store.rewind(definition, to, sync::system_now());
  store.checkpoint_log();
  return shown(definition, rewound);
}

Reset plan_reset(const std::filesystem::path& config, const std::string& stream,
                 bool rows) {
  const auto configuration = config::load(config);
  const auto definition = named(configuration, stream);
  if (rows) {
    require_own_rows(definition);
  }
  Reset reset{stream, definition.source, {}, 0, 0};
  if (!has_database(configuration)) {
    return reset;
  }
  const store::Store store(configuration.database, configuration.journal);
  try {
    const auto state =
        store::read_states(configuration.database, {definition}).front();
    if (state.mark) {
      reset.mark = model::to_display(*state.mark);
    }
    if (rows) {
      reset.rows = state.rows;
      reset.rejects = state.open_rejects;
    }
  } catch (const store::StoreError& error) {
    // A checkpoint that cannot be read is a reason to reset.
    if (error.code() != ExitCode::data) {
      throw;
    }
  }
  return reset;
}

Reset reset_stream(const std::filesystem::path& config,
                   const std::string& stream, bool rows) {
  const auto configuration = config::load(config);
  const auto definition = named(configuration, stream);
  if (rows) {
    require_own_rows(definition);
  }
  Reset reset{stream, definition.source, {}, 0, 0};
  if (!has_database(configuration)) {
    return reset;
  }
  store::Store store(configuration.database, configuration.journal);
  const auto forgotten = store.reset(definition, rows, sync::system_now());
  store.checkpoint_log();
  if (forgotten.mark) {
    reset.mark = model::to_display(*forgotten.mark);
  }
  reset.rows = forgotten.rows;
  reset.rejects = forgotten.rejects;
  return reset;
}

}  // namespace strandline
