// SPDX-License-Identifier: MIT
#include "sync/playback.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/error.hpp"
#include "http/stand_in.hpp"
#include "sync/credentials.hpp"

namespace strandline::sync {
namespace {

// Waits take no time; but the time that was waited for has come.
class ReplayWaiter : public http::Waiter {
 public:
  ReplayWaiter(std::shared_ptr<const recording::Replay> replay,
               const std::atomic<int>* stop)
      : replay_(std::move(replay)), stop_(stop) {}

  Clock::time_point now() const override {
    const auto now = replay_->now();
    const auto begin = replay_->started();
    const auto passed =
        std::chrono::seconds(now.seconds - begin.seconds) +
        std::chrono::nanoseconds(now.nanoseconds - begin.nanoseconds);
    const std::lock_guard lock(mutex_);
    return std::max(reached_, Clock::time_point(passed));
  }

  model::Instant utc() const override { return replay_->now(); }

  bool wait_until(Clock::time_point until, const http::Wait&) override {
    if (const int signal = stop_ != nullptr ? stop_->load() : 0; signal != 0) {
      throw http::Interrupted(signal);
    }
    const std::lock_guard lock(mutex_);
    reached_ = std::max(reached_, until);
    return true;
  }

 private:
  std::shared_ptr<const recording::Replay> replay_;
  const std::atomic<int>* stop_;
  mutable std::mutex mutex_;
  Clock::time_point reached_{};
};

// A credential in the query is a stand-in here, and what it was there.
recording::Recording without_credentials(
    recording::Recording recording, const model::Configuration& configuration) {
  for (const auto& source : configuration.sources) {
    if (source.auth == model::Auth::query) {
      recording.ignored.query.push_back(source.param);
    }
  }
  return recording;
}

}  // namespace

Playback::Playback(recording::Recording recording,
                   const model::Configuration& configuration,
                   const std::atomic<int>* stop, const http::RetryPolicy& retry)
    : replay_(std::make_shared<recording::Replay>(
          without_credentials(std::move(recording), configuration))),
      waiter_(std::make_shared<ReplayWaiter>(replay_, stop)),
      retry_(retry) {}

std::unique_ptr<http::Client> Playback::client(
    const model::SourceDefinition& source) {
  const std::lock_guard lock(mutex_);
  auto& session = sessions_[source.name];
  if (!session) {
    const auto stand_in = [&](const model::SecretReference&,
                              std::string_view role) {
      return http::stand_in(source.name, role);
    };
    session = std::make_shared<http::Session>(source,
                                              credentials_of(source, stand_in));
  }
  return std::make_unique<http::Client>(
      session, std::make_unique<recording::ReplayTransport>(replay_), waiter_,
      retry_);
}

void Playback::set(Environment& environment) {
  environment.now = [this] { return replay_->now(); };
  environment.client = [this](const model::SourceDefinition& source) {
    return client(source);
  };
}

}  // namespace strandline::sync
