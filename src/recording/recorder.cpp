// SPDX-License-Identifier: MIT
#include "recording/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/error.hpp"

namespace strandline::recording {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::int32_t nanoseconds_of_millisecond = 1'000'000;

model::Instant in_milliseconds(model::Instant instant) {
  instant.nanoseconds -= instant.nanoseconds % nanoseconds_of_millisecond;
  return instant;
}

}  // namespace

// What one client sends.
class Recorder::Listener : public http::Transport {
 public:
  Listener(Recorder& recorder, std::unique_ptr<http::Transport> transport)
      : recorder_(recorder), transport_(std::move(transport)) {}

  void send(const http::Request& request, http::Response& response) override {
    Exchange exchange{http::to_text(request.method), request.url};
    exchange.request_headers = request.headers;
    exchange.request_body = request.body;
    exchange.started = recorder_.begin();
    const auto sent = steady_clock::now();
    try {
      transport_->send(request, response);
    } catch (const http::HttpError& error) {
      exchange.time = ceil<milliseconds>(steady_clock::now() - sent);
      exchange.no_answer = {error.code(), error.what()};
      recorder_.keep(std::move(exchange));
      throw;
    }
    exchange.time = ceil<milliseconds>(steady_clock::now() - sent);
    exchange.time_to_first_byte =
        ceil<milliseconds>(response.time_to_first_byte);
    // The recording knows no finer times, and its replay is to give the same.
    response.time_to_first_byte = exchange.time_to_first_byte;
    exchange.status = response.status;
    exchange.response_headers = response.headers;
    exchange.body = response.body;
    recorder_.keep(std::move(exchange));
  }

 private:
  Recorder& recorder_;
  std::unique_ptr<http::Transport> transport_;
};

Recorder::Recorder(Clock clock, std::size_t limit)
    : clock_(std::move(clock)), limit_(limit), now_(in_milliseconds(clock_())) {
  recording_.started = now_;
}

std::unique_ptr<http::Transport> Recorder::listen(
    std::unique_ptr<http::Transport> transport) {
  return std::make_unique<Listener>(*this, std::move(transport));
}

model::Instant Recorder::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void Recorder::keep(const std::string& pipeline_name,
                    const model::Checkpoint& checkpoint,
                    const std::optional<model::Instant>& full_at,
                    std::optional<std::vector<DueParent>> due) {
  const std::lock_guard lock(mutex_);
  recording_.checkpoints.emplace(pipeline_name, checkpoint);
  if (full_at) {
    recording_.full_at.emplace(pipeline_name, *full_at);
  }
  if (due) {
    recording_.due.emplace(pipeline_name, *std::move(due));
  }
}

Recording Recorder::recording() const {
  const std::lock_guard lock(mutex_);
  return recording_;
}

// A clock that was set back meanwhile does not put an exchange before the last.
model::Instant Recorder::begin() {
  const auto now = in_milliseconds(clock_());
  const std::lock_guard lock(mutex_);
  return std::max(now, now_);
}

void Recorder::keep(Exchange exchange) {
  const std::lock_guard lock(mutex_);
  bytes_ += exchange.body.size() + exchange.request_body.size();
  if (bytes_ > limit_) {
    throw Error(
        ExitCode::data,
        fmt::format("the recording is larger than {} MiB", limit_ >> 20U),
        {{"try",
          "name the streams to record, or end the run earlier "
          "with --max-time"}});
  }
  now_ = model::plus(exchange.started.value(), 0,
                     nanoseconds(exchange.time).count());
  recording_.exchanges.push_back(std::move(exchange));
}

}  // namespace strandline::recording
