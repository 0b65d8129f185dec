// SPDX-License-Identifier: MIT
#include "report/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/text.hpp"

namespace strandline::report {
namespace {

std::string records(const Progress& progress) {
  return fmt::format("{}: {} records", progress.stream,
                     grouped(progress.counts.fetched));
}

std::string records_and_requests(const Progress& progress) {
  return fmt::format("{}, {} requests", records(progress),
                     grouped(progress.counts.requests));
}

// Names of streams are ASCII: a character is a byte.
std::string cut(std::string text, std::size_t width) {
  constexpr std::string_view more = "...";
  if (text.size() > width) {
    text.resize(width - std::min(width, more.size()));
    text += more.substr(0, width);
  }
  return text;
}

}  // namespace

void StreamsAtWork::take(const Progress& progress) {
  const auto known = std::find_if(
      streams_.begin(), streams_.end(),
      [&](const Progress& each) { return each.stream == progress.stream; });
  if (progress.ended) {
    if (known != streams_.end()) {
      streams_.erase(known);
    }
  } else if (known != streams_.end()) {
    *known = progress;
  } else {
    streams_.push_back(progress);
  }
}

std::string StreamsAtWork::line(std::size_t width) const {
  if (streams_.size() == 1) {
    return cut(records_and_requests(streams_.front()), width);
  }
  std::string all;
  for (const auto& stream : streams_) {
    all += (all.empty() ? "" : " | ") + records(stream);
  }
  return cut(std::move(all), width);
}

std::vector<std::string> StreamsAtWork::lines() const {
  std::vector<std::string> all;
  for (const auto& stream : streams_) {
    all.push_back(records_and_requests(stream));
  }
  return all;
}

}  // namespace strandline::report
