// SPDX-License-Identifier: MIT
#include "http/clock.hpp"

#include <chrono>

namespace strandline::http {

model::Instant system_time() {
  using namespace std::chrono;
  const auto now = system_clock::now().time_since_epoch();
  const auto whole = floor<seconds>(now);
  return {whole.count(), static_cast<std::int32_t>(
                             duration_cast<nanoseconds>(now - whole).count())};
}

}  // namespace strandline::http
