// SPDX-License-Identifier: MIT
#include "sync/pass.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "http/error.hpp"
#include "sync/run.hpp"
#include "sync/scratch.hpp"

namespace strandline::sync {
namespace {

// Long enough that only rows and pages make a batch.
constexpr std::chrono::hours never{24};

// Passes requests on, and notes them.
class Witness : public http::Transport {
 public:
  Witness(std::unique_ptr<http::Transport> inner,
          const model::SourceDefinition& source, std::vector<Sent>* sent)
      : inner_(std::move(inner)),
        source_(source.name),
        token_url_(source.token_url),
        sent_(sent) {}

  void send(const http::Request& request, http::Response& response) override {
    if (sent_ != nullptr) {
      sent_->push_back({source_, request, is_for_token(request)});
    }
    inner_->send(request, response);
  }

 private:
  bool is_for_token(const http::Request& request) const {
    return !token_url_.empty() &&
           request.url.without_query() == http::Url(token_url_).without_query();
  }

  std::unique_ptr<http::Transport> inner_;
  std::string source_;
  std::string token_url_;
  std::vector<Sent>* sent_;
};

// Asks for what was answered before, so that it is not answered again.
void use_up(http::Transport& transport, const std::string& source,
            const std::vector<Sent>& answered) {
  for (const auto& sent : answered) {
    if (sent.source != source || sent.for_token) {
      continue;
    }
    try {
      http::Response ignored;
      transport.send(sent.request, ignored);
    } catch (const http::HttpError&) {
      // No answer is what was recorded.
    }
  }
}

}  // namespace

void stop_if_told(const std::atomic<int>* stop) {
  if (stop != nullptr && stop->load() != 0) {
    throw http::Interrupted(stop->load());
  }
}

void Pass::begin(const std::filesystem::path& file,
                 const model::Checkpoint& start) const {
  remove_database(file);
  store::Store store(file, configuration_.journal);
  if (start != model::Checkpoint()) {
    store.seed(stream_.pipeline_name(), start, system_now());
  }
  store.checkpoint_log();
}

Wrap Pass::wrap(const PassOptions& options) const {
  // Of the clients of a source, which answer from one recording, the first.
  auto begun = std::make_shared<std::set<std::string>>();
  return [&options, begun](const model::SourceDefinition& source,
                           std::unique_ptr<http::Transport> transport) {
    if (begun->insert(source.name).second) {
      use_up(*transport, source.name, options.answered);
    }
    return std::make_unique<Witness>(std::move(transport), source,
                                     options.sent);
  };
}

StreamSummary Pass::run(const std::filesystem::path& file,
                        const PassOptions& options) const {
  stop_if_told(stop_);
  auto configuration = configuration_;
  configuration.database = file;
  auto environment = input_(wrap(options));
  environment.parallel = 1;
  environment.stop = stop_;
  environment.batch = {options.batch_rows, never};
  environment.on_commit = options.on_commit;
  environment.on_progress = [&](const Progress& progress) {
    if (progress.ended) {
      return;
    }
    stop_if_told(stop_);
    if (options.on_batch) {
      options.on_batch(progress);
    }
  };
  RunOptions one;
  one.streams = {stream_.name};
  auto summary = sync::run(configuration, one, environment);
  stop_if_told(stop_);
  if (!summary.streams.empty()) {
    return std::move(summary.streams.front());
  }
  StreamSummary failed;
  failed.stream = stream_.name;
  failed.failure = summary.failure;
  return failed;
}

}  // namespace strandline::sync
