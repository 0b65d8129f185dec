// SPDX-License-Identifier: MIT
#include "recording/replay_transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "http/error.hpp"
#include "model/text.hpp"

namespace strandline::recording {
namespace {

using http::HttpError;
using http::Query;
using http::Request;
using http::Response;
using http::Url;

constexpr std::size_t text_limit = 1000;

// How two queries, both sorted, differ: names that one of them lacks, and
// values of names that both have.
struct QueryDifference {
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  std::vector<std::string> differing;

  std::size_t size() const {
    return missing.size() + extra.size() + differing.size();
  }
};

QueryDifference difference(const Query& asked, const Query& recorded) {
  Query only_asked;
  Query only_recorded;
  std::ranges::set_difference(asked, recorded, std::back_inserter(only_asked));
  std::ranges::set_difference(recorded, asked,
                              std::back_inserter(only_recorded));
  QueryDifference result;
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

void add_note(HttpError& error, std::string label,
              const std::vector<std::string>& what) {
  if (what.empty()) {
    return;
  }
  error.add_note(
      std::move(label),
      model::printable(fmt::format("{}", fmt::join(what, "; ")), text_limit));
}

}  // namespace

ReplayTransport::ReplayTransport(std::vector<Exchange> exchanges)
    : exchanges_(std::move(exchanges)) {
  for (std::size_t i = 0; i < exchanges_.size(); ++i) {
    const auto& exchange = exchanges_[i];
    recorded_[key(exchange.method, exchange.url)].exchanges.push_back(i);
  }
}

ReplayTransport::Key ReplayTransport::key(const std::string& method,
                                          const Url& url) {
  auto query = url.query();
  std::ranges::sort(query);
  return {url.origin(), url.path(), method, std::move(query)};
}

void ReplayTransport::send(const Request& request, Response& response) {
  const auto& url = request.url;
  const auto asked = key(http::to_text(request.method), url);
  const auto found = recorded_.find(asked);
  if (found == recorded_.end() ||
      found->second.used == found->second.exchanges.size()) {
    miss(asked, url.text());
  }
  const auto& exchange =
      exchanges_[found->second.exchanges[found->second.used++]];
  response.status = exchange.status;
  response.headers = exchange.response_headers;
  response.body.reserve(exchange.body.size() + http::body_padding);
  response.body = exchange.body;
  const auto date = http::find_header(response.headers, "Date");
  response.date = date ? http::parse_date(*date) : std::nullopt;
  response.time_to_first_byte = {};
}

void ReplayTransport::miss(const Key& asked, const std::string& text) const {
  HttpError error(ExitCode::data,
                  fmt::format("no recorded answer for {} {}", asked.method,
                              model::printable(text, text_limit)));
  // Of one path before one method before a like query.
  const auto distance = [&](const auto& entry) {
    const auto& key = entry.first;
    return std::tuple(key.origin != asked.origin, key.path != asked.path,
                      key.method != asked.method,
                      difference(asked.query, key.query).size());
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
  throw error;
}

std::vector<std::string> ReplayTransport::unused() const {
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
