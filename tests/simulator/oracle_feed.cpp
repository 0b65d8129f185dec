// SPDX-License-Identifier: MIT
//
// What the oracle says of streams that are followed by a token.
#include <fmt/format.h>

#include "feed.hpp"
#include "oracle.hpp"

namespace strandline::simulator {

// What has a token is asked with it, unless the source refuses it, or may have
// forgotten what it stands for.
std::optional<Violation> Oracle::judge_use_of_token(const Process& process,
                                                    const CheckpointRow& now,
                                                    std::size_t pages) const {
  const auto& before = own_.before;
  if (before.token.empty() || process.committed_pages == pages) {
    return {};
  }
  if (process.token_refused && now.token == process.refused_token) {
    return Violation{"I4", "the token that the source refused is kept"};
  }
  const bool may_read_all = process.plan().full || before.full ||
                            process.token_refused ||
                            scenario_.stream.retention_ms != 0;
  if (process.pages[pages].of_all && !may_read_all) {
    return Violation{
        "I4", process.name() + " reads everything, though it has a token"};
  }
  return {};
}

// A token is that of the last complete window, and everything up to its place
// in the source's log is in the file.
std::optional<Violation> Oracle::judge_token(const Process& process,
                                             const CheckpointRow& now) {
  const auto& before = own_.before;
  const bool complete = now.complete_number > before.complete_number;
  if (!complete && now.token != before.token) {
    return !now.token.empty()
               ? Judgement({"I4",
                            "the token moved before its window was "
                            "complete"})
           : !process.token_refused
               ? Judgement({"I4",
                            "the token was given up, and the source did "
                            "not refuse it"})
               : Judgement();
  }
  if (complete && process.committed_pages > 0) {
    const auto& named = own_.token;
    if (named && parse_feed_token(now.token) != parse_feed_token(*named)) {
      return Violation{"I4", "a complete window names " + *named +
                                 ", and the token is " + now.token};
    }
    if (!named && now.token.empty() && !before.token.empty() &&
        !process.token_refused) {
      return Violation{"I4", "a complete window has left no token"};
    }
  }
  const auto token = parse_feed_token(now.token);
  // Replicas that lag may show a full read what the token had passed: its end
  // brings another.
  if (!token || !promise_.next_window || (now.open && now.full)) {
    return {};
  }
  for (const auto& [version, held] : missing()) {
    if (place_of(*version) <= token->place &&
        (promise_.remembers || !world_.is_forgotten(*version))) {
      return Violation{
          "I3", fmt::format("{} is not in, and the token {} has passed it; the "
                            "table has version {}",
                            describe(*version), now.token, held)};
    }
  }
  return {};
}

}  // namespace strandline::simulator
