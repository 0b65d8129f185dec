// SPDX-License-Identifier: MIT
#include "recording/miss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "model/text.hpp"

namespace strandline::recording {
namespace {

using http::HttpError;
using http::Query;
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

}  // namespace

Distance distance(const RequestKey& a, const RequestKey& b) {
  return {a.origin != b.origin, a.path != b.path, a.method != b.method,
          difference(a.query, b.query).size(),
          difference(a.body, b.body).size()};
}

void add_difference(HttpError& error, const RequestKey& asked,
                    const RequestKey& recorded) {
  const auto compare = [&](const char* label, const auto& mine,
                           const auto& theirs) {
    if (mine != theirs) {
      error.add_note(label, fmt::format("{}, recorded {}", mine, theirs));
    }
  };
  compare("origin", asked.origin, recorded.origin);
  compare("path", asked.path, recorded.path);
  compare("method", asked.method, recorded.method);
  const auto query = difference(asked.query, recorded.query);
  add_note(error, "missing", query.missing);
  add_note(error, "extra", query.extra);
  add_note(error, "differs", query.differing);
  const auto body = difference(asked.body, recorded.body);
  add_note(error, "missing in the body", body.missing);
  add_note(error, "extra in the body", body.extra);
  add_note(error, "differs in the body", body.differing);
}

}  // namespace strandline::recording
