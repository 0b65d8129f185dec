// SPDX-License-Identifier: MIT
#include "recording/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/error.hpp"
#include "model/text.hpp"
#include "recording/miss.hpp"
#include "recording/normal_form.hpp"

namespace strandline::recording {
namespace {

using http::HttpError;

constexpr std::size_t text_limit = 1000;

// As messages may show it: without the secrets that another program may have
// recorded.
std::string shown(const std::string& method, const http::Request& request,
                  bool scrubbed) {
  return method + " " +
         model::printable(normal_form(request, scrubbed).url.text(),
                          text_limit);
}

http::Request request_of(const Exchange& exchange) {
  return {exchange.url, exchange.request_headers, http::Method::post,
          exchange.request_body};
}

model::Instant begin_of(const Recording& recording) {
  if (recording.started) {
    return *recording.started;
  }
  for (const auto& exchange : recording.exchanges) {
    if (exchange.started) {
      return *exchange.started;
    }
  }
  return {};
}

std::optional<model::Instant> end_of(const Exchange& exchange) {
  if (!exchange.started) {
    return {};
  }
  return model::plus(*exchange.started, 0,
                     std::chrono::nanoseconds(exchange.time).count());
}

}  // namespace

Replay::Replay(Recording recording)
    : ignored_(std::move(recording.ignored)),
      scrubbed_(recording.scrubbed),
      started_(begin_of(recording)),
      now_(started_) {
  exchanges_ = std::move(recording.exchanges);
  for (std::size_t i = 0; i < exchanges_.size(); ++i) {
    const auto& exchange = exchanges_[i];
    const auto request = request_of(exchange);
    auto& recorded =
        recorded_[request_key(exchange.method, request, ignored_, scrubbed_)];
    recorded.exchanges.push_back(i);
    recorded.shown = shown(exchange.method, request, scrubbed_);
    recorded.repeats = asks_for_token(request);
    owners_.push_back(&recorded);
  }
}

// Nothing where all were given.
const Exchange* Replay::next(Recorded& recorded) {
  const auto count = recorded.exchanges.size();
  if (recorded.used == count && !recorded.repeats) {
    return nullptr;
  }
  const auto index = std::min(recorded.used, count - 1);
  recorded.used = index + 1;
  given_.push_back(recorded.exchanges[index]);
  return &exchanges_[given_.back()];
}

void Replay::answer(const http::Request& request, http::Response& response) {
  const std::string method = http::to_text(request.method);
  const auto asked = request_key(method, request, ignored_, scrubbed_);
  const std::lock_guard lock(mutex_);
  const auto found = recorded_.find(asked);
  const auto* exchange =
      found != recorded_.end() ? next(found->second) : nullptr;
  if (exchange == nullptr) {
    missed_ = true;
    miss(asked, shown(method, request, scrubbed_));
  }
  now_ = std::max(now_, end_of(*exchange).value_or(now_));
  if (exchange->no_answer) {
    throw HttpError(exchange->no_answer->code, exchange->no_answer->message);
  }
  response.status = exchange->status;
  response.headers = exchange->response_headers;
  response.body.reserve(exchange->body.size() + http::body_padding);
  response.body = exchange->body;
  const auto date = http::find_header(response.headers, "Date");
  response.date = date ? http::parse_date(*date) : std::nullopt;
  response.time_to_first_byte = exchange->time_to_first_byte;
}

model::Instant Replay::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

bool Replay::missed() const {
  const std::lock_guard lock(mutex_);
  return missed_;
}

std::vector<std::size_t> Replay::given() const {
  const std::lock_guard lock(mutex_);
  return given_;
}

void Replay::skip(std::span<const std::size_t> places) {
  const std::lock_guard lock(mutex_);
  for (const auto place : places) {
    auto& recorded = *owners_.at(place);
    recorded.used = std::min(recorded.used + 1, recorded.exchanges.size());
    now_ = std::max(now_, end_of(exchanges_[place]).value_or(now_));
  }
}

void Replay::repeat(std::span<const std::size_t> places) {
  const std::lock_guard lock(mutex_);
  for (const auto place : places) {
    owners_.at(place)->repeats = true;
  }
}

void Replay::miss(const RequestKey& asked, const std::string& text) const {
  HttpError error(ExitCode::data, "no recorded answer for " + text);
  const auto nearest = std::ranges::min_element(
      recorded_, {},
      [&](const auto& entry) { return distance(asked, entry.first); });
  if (nearest == recorded_.end()) {
    error.add_note("nearest", "the recording is empty");
    throw error;
  }
  const auto& [key, recorded] = *nearest;
  error.add_note("nearest", recorded.shown);
  if (key == asked) {
    error.add_note("used up", fmt::format("recorded {} times and asked for "
                                          "once more",
                                          recorded.exchanges.size()));
  }
  add_difference(error, asked, key);
  throw error;
}

std::vector<std::string> Replay::unused() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::size_t> left;
  for (const auto& [key, recorded] : recorded_) {
    const auto& all = recorded.exchanges;
    left.insert(left.end(),
                all.begin() + static_cast<std::ptrdiff_t>(recorded.used),
                all.end());
  }
  std::ranges::sort(left);
  std::vector<std::string> requests;
  for (const auto index : left) {
    requests.push_back(owners_[index]->shown);
  }
  return requests;
}

}  // namespace strandline::recording
