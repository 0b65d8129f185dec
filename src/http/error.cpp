// SPDX-License-Identifier: MIT
#include "http/error.hpp"

#include <fmt/format.h>

#include <csignal>
#include <utility>

namespace strandline::http {

Interrupted::Interrupted(int signal)
    : Error(signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted,
            fmt::format("stopped by signal {}", signal)) {}

Abandoned::Abandoned()
    : Error(ExitCode::interrupted, "nobody waits for the answer any more") {}

TimeUp::TimeUp(std::vector<Note> notes)
    : Error(ExitCode::temporary, "the time that --max-time allows is over",
            std::move(notes)) {
  add_note("try", "run again: it continues where this run ended");
}

ExitCode classify(int status) noexcept {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return ExitCode::credentials;
    case 404:
    case 410:
    case 451:
      return ExitCode::unavailable;
    case 408:
    case 425:
    case 429:
      return ExitCode::temporary;
    default:
      return status >= 500 && status <= 599 ? ExitCode::temporary
                                            : ExitCode::protocol;
  }
}

}  // namespace strandline::http
