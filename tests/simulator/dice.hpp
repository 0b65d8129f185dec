// SPDX-License-Identifier: MIT
//
// Chance that a seed repeats, on every machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

#include "scenario.hpp"

namespace strandline::simulator {

// std's distributions differ between libraries; a seed must not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed, std::uint64_t salt = 0x5EED)
      : engine_(mix(seed, salt)) {}

  /// A number of [0, below).
  std::int64_t below(std::int64_t below) {
    return below <= 1 ? 0
                      : static_cast<std::int64_t>(
                            engine_() % static_cast<std::uint64_t>(below));
  }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + below(most - least + 1);
  }
  bool chance(int percent) { return below(100) < percent; }

  template <typename T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[below(static_cast<std::int64_t>(values.size()))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace strandline::simulator
