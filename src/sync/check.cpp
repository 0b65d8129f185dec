// SPDX-License-Identifier: MIT
#include "strandline/check.hpp"

#include <optional>
#include <utility>

#include "config/load.hpp"
#include "http/error.hpp"
#include "model/mark.hpp"
#include "source/reader.hpp"
#include "store/lock.hpp"
#include "sync/advice.hpp"
#include "sync/network.hpp"
#include "sync/run.hpp"

namespace strandline {
namespace {

using std::chrono::steady_clock;

// Somebody waits for it at a terminal.
constexpr int attempts = 2;
constexpr std::chrono::seconds patience{20};
constexpr std::chrono::minutes longest{2};

// A stream that has just been read: it asks for little.
model::Window window_of(const model::StreamDefinition& list) {
  const auto now = model::assumed_anchor(sync::system_now());
  model::Checkpoint checkpoint;
  auto mode = model::WindowMode::snapshot;
  if (list.cursor) {
    mode = model::WindowMode::incremental;
    if (list.has_mark() && model::is_time(list.cursor->format)) {
      checkpoint.mark = now;
    }
  }
  return model::open_window(checkpoint, list, mode, now);
}

// Where the address of a source is made of options, a wrong one shows as a host
// or path that is not there.
void name_address(const model::SourceDefinition& source, Failure& failure) {
  if (failure.code != ExitCode::unavailable &&
      failure.code != ExitCode::temporary) {
    return;
  }
  for (const auto& option : source.address_options) {
    failure.notes.push_back({"address", option});
  }
}

class Check {
 public:
  Check(const model::Configuration& configuration, const CheckOptions& options)
      : configuration_(configuration),
        options_(options),
        network_({options.stop, steady_clock::now() + longest, {}},
                 {attempts, std::chrono::seconds(1), patience, patience},
                 configuration.database) {}

  ListCheck of(const model::StreamDefinition& list) {
    ListCheck check;
    check.stream = sync::shown_name(list);
    check.source = list.source;
    if (!list.parent.empty()) {
      check.left_out = "asked for each record of " + list.parent;
    } else {
      ask(list, check);
    }
    if (options_.on_list) {
      options_.on_list(check);
    }
    return check;
  }

 private:
  void ask(const model::StreamDefinition& list, ListCheck& check) {
    const auto& source = configuration_.source(list.source);
    try {
      const auto client = network_.client(source);
      client->set_stream(list.name, list.rate);
      source::Basis basis;
      if (!list.element.empty()) {
        basis.parent = source::Parent::of_element(list.element);
      }
      source::Reader reader(list, *client, window_of(list), sync::system_now,
                            std::move(basis));
      const auto page = reader.next();
      const auto& rejects = page->records.rejects;
      check.records = static_cast<std::int64_t>(page->records.records.size()) +
                      static_cast<std::int64_t>(rejects.size());
      check.rejected = static_cast<std::int64_t>(rejects.size());
      check.reason = rejects.empty() ? "" : rejects.front().reason;
    } catch (const http::Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      check.failure = sync::describe(error);
      name_address(source, *check.failure);
    }
  }

  const model::Configuration& configuration_;
  const CheckOptions& options_;
  sync::Network network_;
};

bool may_change_a_token(const model::Configuration& configuration) {
  for (const auto& source : configuration.sources) {
    if (source.refresh_token) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<ListCheck> check_lists(const CheckOptions& options) {
  const auto configuration = config::load(options.config);
  const auto streams = sync::chosen(configuration, options.streams);
  std::optional<store::Lock> lock;
  if (may_change_a_token(configuration)) {
    lock.emplace(std::filesystem::absolute(configuration.database));
  }
  Check check(configuration, options);
  std::vector<ListCheck> lists;
  for (const auto& stream : streams) {
    lists.push_back(check.of(stream));
    for (const auto& also : stream.also) {
      lists.push_back(check.of(also));
    }
  }
  return lists;
}

ExitCode exit_code(const std::vector<ListCheck>& lists) {
  std::vector<StreamSummary> runs;
  for (const auto& list : lists) {
    if (list.left_out.empty()) {
      runs.emplace_back().failure = list.failure;
    }
  }
  return sync::exit_code(runs);
}

}  // namespace strandline
