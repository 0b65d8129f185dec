// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "recording/recording.hpp"

namespace strandline::test {

/// Makes recordings with every member that a recording can have.
class RandomRecording {
 public:
  explicit RandomRecording(unsigned seed) : random_(seed) {}

  recording::Recording make() {
    recording::Recording result;
    result.started = maybe<model::Instant>([&] { return instant(); });
    for (auto i = below(3); i > 0; --i) {
      result.checkpoints[text()] = checkpoint();
    }
    for (auto i = below(3); i > 0; --i) {
      result.full_at[text()] = instant();
      auto& due = result.due[text()];
      for (auto j = below(3); j > 0; --j) {
        due.push_back({text(), text(), {}});
        if (chance()) {
          due.back().position = {"p" + text(), text()};
        }
      }
    }
    result.asked = {chance(), maybe<std::string>([&] { return text(); }),
                    maybe<std::string>([&] { return text(); })};
    result.ignored = {texts(), texts()};
    result.scrubbed = chance();
    for (auto i = below(4); i > 0; --i) {
      result.exchanges.push_back(exchange());
    }
    return result;
  }

  model::Checkpoint checkpoint() {
    model::Checkpoint result;
    result.mark = cursor();
    result.generation = integer();
    result.window = maybe<model::Window>([&] { return window(); });
    result.complete_anchor = maybe<model::Instant>([&] { return instant(); });
    result.complete_maximum = cursor();
    result.complete_number = integer();
    result.complete_full = chance();
    result.fingerprint = text();
    result.state = maybe<std::string>([&] { return text(); });
    result.sweep_from = maybe<std::int64_t>([&] { return integer(); });
    if (result.sweep_from) {
      result.sweep_after = maybe<std::int64_t>([&] { return integer(); });
    }
    return result;
  }

  std::uint64_t below(std::uint64_t end) { return random_() % end; }

 private:
  bool chance() { return below(2) == 0; }

  std::int64_t integer() {
    const auto value = static_cast<std::int64_t>(random_());
    return chance() ? value : value % 10;
  }

  template <typename Value, typename Make>
  std::optional<Value> maybe(const Make& make) {
    return chance() ? std::optional<Value>(make()) : std::nullopt;
  }

  std::string text() {
    static const std::vector<std::string> pieces = {
        "a", "B7",      "ü",  "\"", "\\", "\n", std::string(1, '\0'),
        "/", " ",       "日", "%",  "=",  "&",  "+",
        "<", "\xC2\x80"};
    std::string result;
    for (auto i = below(8); i > 0; --i) {
      result += pieces[below(pieces.size())];
    }
    return result;
  }

  // Half of them UTF-8.
  std::string bytes() {
    auto result = text();
    if (chance()) {
      result.push_back(static_cast<char>(0x80 + below(0x80)));
    }
    return result;
  }

  std::vector<std::string> texts() {
    std::vector<std::string> result;
    for (auto i = below(3); i > 0; --i) {
      result.push_back(text());
    }
    return result;
  }

  http::Headers headers() {
    http::Headers result;
    for (auto i = below(3); i > 0; --i) {
      result.emplace_back(chance() ? "Content-Type" : "X-" + text(), text());
    }
    return result;
  }

  // Not the begin of 1970, which stands for an unknown one.
  model::Instant instant() {
    const auto seconds = static_cast<std::int64_t>(1 + below(4'000'000'000));
    return {seconds, static_cast<std::int32_t>(below(1'000'000'000))};
  }

  model::Instant in_milliseconds() {
    auto result = instant();
    result.nanoseconds -= result.nanoseconds % 1'000'000;
    return result;
  }

  std::optional<model::CursorValue> cursor() {
    return maybe<model::CursorValue>([&] {
      return chance() ? model::CursorValue(instant())
                      : model::CursorValue(integer());
    });
  }

  model::Window window() {
    constexpr model::WindowMode modes[] = {
        model::WindowMode::incremental, model::WindowMode::full,
        model::WindowMode::snapshot, model::WindowMode::backfill};
    model::Window result;
    result.number = integer();
    result.mode = modes[below(4)];
    result.from = cursor();
    result.until = cursor();
    result.anchor = maybe<model::Instant>([&] { return instant(); });
    result.maximum = cursor();
    result.last = cursor();
    result.ordered = chance();
    result.read = integer();
    result.total = maybe<std::int64_t>([&] { return integer(); });
    result.restarts = integer();
    result.position = {text(), text()};
    result.state = maybe<std::string>([&] { return text(); });
    return result;
  }

  recording::Exchange exchange() {
    http::Url url("https://h.example:8443/a%2Fb/");
    for (auto i = below(3); i > 0; --i) {
      url.add_query(text(), text());
    }
    recording::Exchange result{chance() ? "GET" : "POST", url,
                               static_cast<int>(100 + below(900))};
    result.response_headers = headers();
    result.body = bytes();
    result.request_headers = headers();
    result.request_body = bytes();
    result.started = maybe<model::Instant>([&] { return in_milliseconds(); });
    result.time_to_first_byte = std::chrono::milliseconds(below(100'000));
    result.time = std::chrono::milliseconds(below(100'000));
    if (chance()) {
      result.status = 0;
      result.no_answer = recording::NoAnswer{
          chance() ? ExitCode::temporary : ExitCode::protocol, text()};
    }
    return result;
  }

  std::mt19937_64 random_;
};

}  // namespace strandline::test
