// SPDX-License-Identifier: MIT
#include "strandline/rewind.hpp"

#include <fmt/format.h>

#include "report/text.hpp"

namespace strandline::report {
namespace {

std::string plural(std::int64_t count, const char* noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

}  // namespace

std::string question(const Rewind& plan) {
  return fmt::format(
      "{}: the mark goes back\n"
      "  from  {}\n"
      "  to    {}\n"
      "The next sync reads again what changed since {}.\n{}",
      plan.stream, plan.mark_before, plan.mark_after, plan.reads_from,
      plan.drops_window
          ? "What the last run left unfinished is read from its begin.\n"
          : "");
}

std::string question(const Reset& plan, bool rows) {
  return fmt::format(
      "{}: {} forgotten\n"
      "The next sync reads the stream from `start`, as the first did.\n{}",
      plan.stream,
      plan.mark ? "the mark " + *plan.mark + " and the position are"
                : "the position is",
      rows ? plural(plan.rows, "row") + " of the table and " +
                 plural(plan.rejects, "reject") + " are deleted.\n"
           : "The table's rows stay.\n");
}

std::string text(const Rewind& rewind) {
  return fmt::format(
      "{}: the mark went back from {} to {}\n"
      "next: strandline sync {}, which reads again what changed since {}\n",
      rewind.stream, rewind.mark_before, rewind.mark_after, rewind.stream,
      rewind.reads_from);
}

std::string text(const Reset& reset) {
  const auto deleted = reset.rows > 0 || reset.rejects > 0
                           ? "; deleted " + plural(reset.rows, "row") +
                                 " and " + plural(reset.rejects, "reject")
                           : "";
  return fmt::format(
      "{}: forgot {}{}\n"
      "next: strandline sync {}, which reads it from the begin\n",
      reset.stream,
      reset.mark ? "the mark " + *reset.mark : "where it stood, without a mark",
      deleted, reset.stream);
}

}  // namespace strandline::report
