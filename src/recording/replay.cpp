// SPDX-License-Identifier: MIT
#include "recording/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "http/error.hpp"
#include "model/text.hpp"
#include "recording/normal_form.hpp"

namespace strandline::recording {
namespace {

using http::HttpError;
using http::Query;
using http::Url;
using Json = nlohmann::json;

constexpr std::size_t text_limit = 1000;
constexpr std::size_t value_limit = 200;

// How two queries, both sorted, differ: names that one of them lacks, and
// values of names that both have.
struct Difference {
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  std::vector<std::string> differing;

  std::size_t size() const {
    return missing.size() + extra.size() + differing.size();
  }
};

Difference difference(const Query& asked, const Query& recorded) {
  Query only_asked;
  Query only_recorded;
  std::ranges::set_difference(asked, recorded, std::back_inserter(only_asked));
  std::ranges::set_difference(recorded, asked,
                              std::back_inserter(only_recorded));
  Difference result;
  for (const auto& [name, value] : only_asked) {
    const auto other =
        std::ranges::find(only_recorded, name, &Query::value_type::first);
    if (other == only_recorded.end()) {
      result.extra.push_back(name);
    } else {
      result.differing.push_back(
          fmt::format("{} is {}, recorded {}", name, value, other->second));
      only_recorded.erase(other);
    }
  }
  for (const auto& [name, value] : only_recorded) {
    result.missing.push_back(name);
  }
  return result;
}

// How two bodies differ; places in JSON as JSON Pointers.
Difference difference(const std::string& asked, const std::string& recorded) {
  Difference result;
  if (asked == recorded) {
    return result;
  }
  const auto mine = Json::parse(asked, nullptr, false);
  const auto theirs = Json::parse(recorded, nullptr, false);
  if (!mine.is_structured() || !theirs.is_structured()) {
    result.differing.push_back(
        fmt::format("is {}, recorded {}", model::printable(asked, value_limit),
                    model::printable(recorded, value_limit)));
    return result;
  }
  for (const auto& step : Json::diff(theirs, mine)) {
    const auto& path = step.at("path").get_ref<const std::string&>();
    const auto& what = step.at("op").get_ref<const std::string&>();
    if (what == "add") {
      result.extra.push_back(path);
    } else if (what == "remove") {
      result.missing.push_back(path);
    } else {
      const Json::json_pointer place(path);
      result.differing.push_back(
          fmt::format("{} is {}, recorded {}", path,
                      model::printable(mine.at(place).dump(), value_limit),
                      model::printable(theirs.at(place).dump(), value_limit)));
    }
  }
  return result;
}

void add_note(HttpError& error, std::string label,
              const std::vector<std::string>& what) {
  if (what.empty()) {
    return;
  }
  error.add_note(
      std::move(label),
      model::printable(fmt::format("{}", fmt::join(what, "; ")), text_limit));
}

Query sorted(Query query) {
  std::ranges::sort(query);
  return query;
}

bool is_form(const http::Headers& headers) {
  const auto type = http::find_header(headers, "Content-Type");
  return type && type->starts_with("application/x-www-form-urlencoded");
}

Query fields(const std::string& form) {
  return sorted(Url("http://form/?" + form).query());
}

// RFC 6749, section 4: what asks for an access token says what it has.
bool asks_for_token(const http::Headers& headers, const std::string& body) {
  if (!is_form(headers)) {
    return false;
  }
  const auto sent = fields(body);
  return std::ranges::find(sent, "grant_type", &Query::value_type::first) !=
         sent.end();
}

// `body` in the form in which like bodies are equal.
std::string one_form(const http::Headers& headers, const std::string& body,
                     const Ignored& ignored) {
  if (is_form(headers)) {
    std::string text;
    for (const auto& [name, value] : fields(body)) {
      text +=
          http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
    }
    return text;
  }
  auto document = Json::parse(body, nullptr, false);
  if (!document.is_structured()) {
    return body;
  }
  for (const auto& pointer : ignored.body) {
    const Json::json_pointer place(pointer);
    if (document.contains(place) && !place.empty()) {
      auto& parent = document.at(place.parent_pointer());
      if (parent.is_object()) {
        parent.erase(place.back());
      } else {
        document.at(place) = nullptr;  // the others keep their places
      }
    }
  }
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
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
    auto& recorded = recorded_[key(
        exchange.method, {exchange.url, exchange.request_headers,
                          http::Method::post, exchange.request_body})];
    recorded.exchanges.push_back(i);
    owners_.push_back(&recorded);
    recorded.repeats =
        asks_for_token(exchange.request_headers, exchange.request_body);
  }
}

Replay::Key Replay::key(const std::string& method,
                        const http::Request& request) const {
  const auto normal = normal_form(request, scrubbed_);
  auto query = sorted(normal.url.query());
  std::erase_if(query, [&](const auto& parameter) {
    return std::ranges::find(ignored_.query, parameter.first) !=
           ignored_.query.end();
  });
  return {normal.url.origin(), normal.url.path(), method, std::move(query),
          one_form(normal.headers, normal.body, ignored_)};
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
  const auto asked = key(http::to_text(request.method), request);
  const std::lock_guard lock(mutex_);
  const auto found = recorded_.find(asked);
  const auto* exchange =
      found != recorded_.end() ? next(found->second) : nullptr;
  if (exchange == nullptr) {
    missed_ = true;
    miss(asked, request.url.text());
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

void Replay::miss(const Key& asked, const std::string& text) const {
  HttpError error(ExitCode::data,
                  fmt::format("no recorded answer for {} {}", asked.method,
                              model::printable(text, text_limit)));
  // Of one path before one method before a like query before a like body.
  const auto distance = [&](const auto& entry) {
    const auto& key = entry.first;
    return std::tuple(key.origin != asked.origin, key.path != asked.path,
                      key.method != asked.method,
                      difference(asked.query, key.query).size(),
                      difference(asked.body, key.body).size());
  };
  const auto nearest = std::ranges::min_element(recorded_, {}, distance);
  if (nearest == recorded_.end()) {
    error.add_note("nearest", "the recording is empty");
    throw error;
  }
  const auto& [key, recorded] = *nearest;
  const auto& exchange = exchanges_[recorded.exchanges.front()];
  error.add_note("nearest",
                 fmt::format("{} {}", exchange.method, exchange.url.text()));
  if (key == asked) {
    error.add_note("used up", fmt::format("recorded {} times and asked for "
                                          "once more",
                                          recorded.exchanges.size()));
  }
  const auto compare = [&](const char* label, const auto& mine,
                           const auto& theirs) {
    if (mine != theirs) {
      error.add_note(label, fmt::format("{}, recorded {}", mine, theirs));
    }
  };
  compare("origin", asked.origin, key.origin);
  compare("path", asked.path, key.path);
  compare("method", asked.method, key.method);
  const auto query = difference(asked.query, key.query);
  add_note(error, "missing", query.missing);
  add_note(error, "extra", query.extra);
  add_note(error, "differs", query.differing);
  const auto body = difference(asked.body, key.body);
  add_note(error, "missing in the body", body.missing);
  add_note(error, "extra in the body", body.extra);
  add_note(error, "differs in the body", body.differing);
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
    const auto& exchange = exchanges_[index];
    requests.push_back(exchange.method + " " + exchange.url.text());
  }
  return requests;
}

}  // namespace strandline::recording
