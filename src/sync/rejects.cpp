// SPDX-License-Identifier: MIT
#include "strandline/rejects.hpp"

#include <memory>
#include <utility>

#include "config/load.hpp"
#include "model/text.hpp"
#include "source/decoder.hpp"
#include "source/parent.hpp"
#include "store/reject_list.hpp"
#include "store/reject_retry.hpp"
#include "store/status.hpp"
#include "sync/advice.hpp"
#include "sync/run.hpp"

namespace strandline {
namespace {

std::string shown(const std::optional<model::Instant>& instant) {
  return instant ? model::to_rfc3339(*instant, 0) : std::string();
}

RejectEntry entry(store::RejectRecord record) {
  const auto dot = record.owner.find('.');
  RejectEntry entry;
  entry.stream = record.owner.substr(dot + 1);
  entry.source = record.owner.substr(0, dot);
  entry.key = std::move(record.record_key);
  entry.reason = std::move(record.reason);
  entry.raw = std::move(record.raw);
  entry.first_run = record.first_run_id;
  entry.last_run = record.last_run_id;
  entry.first_seen_at = shown(record.first_seen_at);
  entry.last_seen_at = shown(record.last_seen_at);
  if (record.resolved_at) {
    entry.resolved_at = shown(record.resolved_at);
  }
  return entry;
}

// The stream as if an answer were an array of its records.
model::StreamDefinition of_records_alone(model::StreamDefinition stream) {
  stream.records = {};
  return stream;
}

// A record that cannot be read any more, because someone changed it, is a
// reject like any other.
model::RecordBatch decode(source::Decoder& decoder, const std::string& raw) {
  std::string reason = "what is kept of it is not one record";
  try {
    auto page = decoder.decode("[" + raw + "]").records;
    if (page.records.size() + page.rejects.size() == 1) {
      return page;
    }
  } catch (const source::DecodeError& error) {
    reason += ": " + std::string(error.what());
  }
  auto page = decoder.nothing().records;
  page.rejects.push_back({reason, "", raw, 0});
  return page;
}

// A list's decoder, and the definition that it refers to.
struct Decoding {
  explicit Decoding(const model::StreamDefinition& list)
      : records(of_records_alone(list)),
        decoder(records, list.element.empty()
                             ? source::Parent()
                             : source::Parent::of_element(list.element)) {}

  model::StreamDefinition records;
  source::Decoder decoder;
};

store::Ending ending(const std::optional<Failure>& failure) {
  store::Ending ending;
  if (failure) {
    ending.outcome = store::Outcome::failed;
    ending.exit_code = static_cast<int>(failure->code);
    ending.error = failure->message;
  }
  return ending;
}

RejectRetryEntry named(const model::StreamDefinition& stream) {
  RejectRetryEntry entry;
  entry.stream = stream.called();
  entry.source = stream.source;
  return entry;
}

RejectRetryEntry retry(store::Store& store, std::optional<std::int64_t> run_id,
                       const model::StreamDefinition& stream) {
  auto entry = named(stream);
  store::RejectRetry retry(store, run_id, stream, sync::system_now());
  try {
    for (bool more = true; more;) {
      // A step looks at the table anew, and so numbers the fields anew.
      std::unique_ptr<Decoding> decoding;
      more = retry.step(
          [&](const model::StreamDefinition& list, const std::string& raw) {
            if (!decoding) {
              decoding = std::make_unique<Decoding>(list);
            }
            return decode(decoding->decoder, raw);
          },
          sync::system_now());
    }
  } catch (const std::exception& error) {
    entry.failure = sync::describe(error);
  }
  entry.loaded = retry.retried().loaded();
  entry.outdated = retry.retried().outdated;
  entry.rejected = retry.retried().rejected;
  try {
    retry.finish(ending(entry.failure), sync::system_now());
  } catch (const std::exception& error) {
    if (!entry.failure) {
      entry.failure = sync::describe(error);
    }
  }
  return entry;
}

// As of a run that read them.
ExitCode exit_code(const std::vector<RejectRetryEntry>& entries) {
  std::vector<StreamSummary> streams(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    streams[i].failure = entries[i].failure;
  }
  return sync::exit_code(streams);
}

}  // namespace

RejectEntries read_rejects(const std::filesystem::path& config,
                           const RejectOptions& options) {
  const auto configuration = config::load(config);
  store::RejectQuery query;
  query.resolved = options.resolved;
  query.raw = options.raw;
  query.limit = options.limit;
  if (!options.streams.empty()) {
    for (const auto& stream : sync::chosen(configuration, options.streams)) {
      query.owners.push_back(stream.owner());
    }
  }
  auto list = store::read_rejects(configuration.database, query);
  RejectEntries result;
  result.total = list.total;
  for (auto& record : list.records) {
    result.entries.push_back(entry(std::move(record)));
  }
  return result;
}

RejectRetrySummary retry_rejects(const std::filesystem::path& config,
                                 const std::vector<std::string>& streams,
                                 bool dry_run) {
  const auto configuration = config::load(config);
  const auto wanted = sync::chosen(configuration, streams);
  RejectRetrySummary summary;
  summary.dry_run = dry_run;
  for (const auto& stream : wanted) {
    summary.streams.push_back(named(stream));
  }
  std::error_code error;
  if (!std::filesystem::exists(configuration.database, error) && !error) {
    return summary;
  }
  store::Store store(configuration.database, configuration.journal);
  const auto states = store::read_states(configuration.database, wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (states[i].open_rejects == 0) {
      continue;
    }
    if (dry_run) {
      summary.streams[i] = retry(store, {}, wanted[i]);
      continue;
    }
    if (summary.run_id == 0) {
      summary.run_id = store.begin_run(sync::system_now());
    }
    summary.streams[i] = retry(store, summary.run_id, wanted[i]);
  }
  if (!dry_run) {
    store.checkpoint_log();
  }
  summary.exit_code = exit_code(summary.streams);
  return summary;
}

}  // namespace strandline
