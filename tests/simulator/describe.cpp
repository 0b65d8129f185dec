// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "scenario.hpp"

namespace strandline::simulator {
namespace {

using model::CursorFormat;
using model::Order;

const char* name(CursorFormat::Kind format) {
  switch (format) {
    case CursorFormat::rfc3339_ms:
      return "rfc3339_ms";
    case CursorFormat::epoch_s:
      return "epoch_s";
    case CursorFormat::epoch_ms:
      return "epoch_ms";
    case CursorFormat::date:
      return "date";
    case CursorFormat::integer:
      return "integer";
    default:
      break;
  }
  return "rfc3339";
}

const char* name(Order order) {
  switch (order) {
    case Order::ascending:
      return "ascending";
    case Order::descending:
      return "descending";
    case Order::unordered:
      break;
  }
  return "unordered";
}

const char* name(Paging paging) {
  switch (paging) {
    case Paging::snapshot:
      return "a snapshot";
    case Paging::keyset:
      return "behind the last row";
    case Paging::offset:
      break;
  }
  return "an offset";
}

const char* name(Carrier carrier) {
  switch (carrier) {
    case Carrier::single:
      return "one page";
    case Carrier::token:
      return "token";
    case Carrier::next:
      return "next URL";
    case Carrier::link:
      return "Link header";
    case Carrier::offset:
      return "offset";
    case Carrier::after:
      return "last id";
    case Carrier::number:
      break;
  }
  return "page number";
}

const char* name(EndSign end) {
  switch (end) {
    case EndSign::absence:
      return "absence";
    case EndSign::more:
      return "more";
    case EndSign::end:
      return "end";
    case EndSign::total:
      return "total";
    case EndSign::size:
      break;
  }
  return "size";
}

const char* name(Fault fault) {
  switch (fault) {
    case Fault::connection:
      return "no answer";
    case Fault::status:
      return "status 503";
    case Fault::cut:
      return "a document cut off";
    case Fault::empty_page:
      return "an empty page with a next one";
    case Fault::none:
      break;
  }
  return "nothing";
}

std::string seconds(Ms length) {
  return fmt::format("{:.3f} s", static_cast<double>(length) / 1000);
}

std::string page_table(const Scenario& scenario, int limit) {
  const auto& source = scenario.source;
  std::string text;
  switch (source.carrier) {
    case Carrier::single:
      return "";
    case Carrier::token:
      text = "token = \"next\", param = \"after\"";
      break;
    case Carrier::next:
      text = "next = \"next\"";
      break;
    case Carrier::link:
      text = "link = \"next\"";
      break;
    case Carrier::offset:
      text = "offset = \"offset\"";
      break;
    case Carrier::number:
      text = "number = \"page\"";
      break;
    case Carrier::after:
      text = "after = \"id\", param = \"last\"";
      break;
  }
  switch (source.end) {
    case EndSign::absence:
      break;
    case EndSign::more:
      text += ", more = \"more\"";
      break;
    case EndSign::end:
      text += ", end = \"end\"";
      break;
    case EndSign::total:
      text += ", total = \"total\"";
      break;
    case EndSign::size:
      text += fmt::format(", size = {}", limit);
      break;
  }
  return "page = { " + text + (source.keyset ? ", keyset = true" : "") + " }\n";
}

std::string feed_cursor(const Scenario& scenario) {
  if (scenario.source.cursor == CursorKind::next) {
    return "next = \"delta\"";
  }
  return fmt::format("token = \"delta\", param = \"{}\"",
                     scenario.source.same_param ? "after" : "sync");
}

std::string field_cursor(const Scenario& scenario) {
  const auto& source = scenario.source;
  const auto& stream = scenario.stream;
  auto text = fmt::format(
      "field = \"at\", format = \"{}\", order = \"{}\", overlap = {}",
      name(source.format), name(stream.order),
      scenario.counts() ? std::to_string(stream.overlap)
                        : fmt::format("\"{}s\"", stream.overlap));
  if (source.format == CursorFormat::date) {
    text += ", zone = \"UTC\"";
  }
  if (source.exclusive) {
    text += ", exclusive = true";
  }
  if (stream.immutable) {
    text += ", immutable = true";
  }
  if (stream.has_start) {
    text += scenario.counts() ? ", start = 0" : ", start = \"2024-05-01\"";
  }
  if (stream.step_ms != 0) {
    text += fmt::format(", step = \"{}s\"", stream.step_ms / 1000);
  }
  return text;
}

std::string describe(const Change& change) {
  if (change.kind == Change::Kind::set_back) {
    return fmt::format("the source's clock is set back by {}, {} later",
                       seconds(change.shift_ms), seconds(change.wait_ms));
  }
  std::string text = change.kind == Change::Kind::create   ? "is made"
                     : change.kind == Change::Kind::update ? "changes"
                                                           : "is deleted";
  text = fmt::format("record {} {}", change.id, text);
  const auto add = [&](const std::string& more) { text += ", " + more; };
  if (change.wait_ms != 0) {
    add(seconds(change.wait_ms) + " later");
  }
  if (change.lag_ms != 0) {
    add("shown after " + seconds(change.lag_ms));
  }
  if (change.shift_ms != 0) {
    add("stamped " + seconds(change.shift_ms) + " ahead");
  }
  if (change.null) {
    add("without a stamp");
  }
  return text;
}

// What a person asks for, where it is not a plain sync.
std::string verb(const RunPlan& run, Verb verb) {
  switch (verb) {
    case Verb::sync:
      break;
    case Verb::backfill:
      return fmt::format("sync --since {}{}", run.since,
                         run.until != 0 ? fmt::format(" --until {}", run.until)
                                        : std::string());
    case Verb::rewind:
      return run.to_run
                 ? fmt::format("rewind --run, the newest but {}", *run.to_run)
                 : fmt::format("rewind --to {} before the mark", run.back);
    case Verb::reset:
      return run.rows ? "reset --rows" : "reset";
  }
  return "sync";
}

std::string describe(const RunPlan& run) {
  auto text = fmt::format(
      "{}{} after, pages of {}, batches of {}, answers take "
      "up to {}",
      run.verb == Verb::sync ? std::string() : verb(run, run.verb) + ", ",
      seconds(run.gap_ms), run.limit, run.batch_rows, seconds(run.latency_ms));
  const auto add = [&](const std::string& more) { text += ", " + more; };
  if (run.full) {
    add("--full");
  }
  if (run.clock_error_ms != 0) {
    add("our clock " + seconds(run.clock_error_ms) + " ahead");
  }
  if (run.dies_at != 0) {
    add(fmt::format("dies at step {}", run.dies_at));
  }
  if (run.fault != Fault::none) {
    add(fmt::format("request {} brings {}", run.fault_at, name(run.fault)));
  }
  if (run.second_at != 0) {
    add(fmt::format("a second run ({}{}) from step {} on, {}{}",
                    verb(run, run.second_verb),
                    run.second_full ? " --full" : "", run.second_at,
                    run.lock_fails ? "the lock fails" : "the lock holds",
                    run.second_dies_at != 0
                        ? fmt::format(", dies at step {}", run.second_dies_at)
                        : ""));
  }
  return text;
}

}  // namespace

std::string configuration(const Scenario& scenario, int limit) {
  const auto& source = scenario.source;
  return fmt::format(
      "database = \"sim.db\"\n"
      "[source.s]\n"
      "base_url = \"https://h.example\"\n"
      "[stream.items]\n"
      "get = \"/items\"\n"
      "query = {{ {}{}limit = {} }}\n"
      "records = \"data\"\n"
      "key = \"id\"\n"
      "deleted = {{ {} }}\n"
      "{}cursor = {{ {}{} }}\n{}",
      source.filter && !scenario.is_feed() ? "since = \"${from}\", " : "",
      source.bounded ? "until = \"${until}\", " : "", limit,
      scenario.stream.sweeps ? "limit = \"100%\"" : "missing = false",
      scenario.stream.version ? "version = \"v\"\n" : "",
      scenario.is_feed() ? feed_cursor(scenario) : field_cursor(scenario),
      scenario.stream.retention_ms != 0
          ? fmt::format(", retention = \"{}s\"",
                        scenario.stream.retention_ms / 1000)
          : "",
      page_table(scenario, limit));
}

std::string describe(const Scenario& scenario) {
  const auto& source = scenario.source;
  auto text = fmt::format(
      "{}\nThe source: {}, next pages by {} that is {}, the end by "
      "{}.\n",
      configuration(scenario,
                    scenario.runs.empty() ? 1 : scenario.runs.front().limit),
      scenario.is_feed() ? std::string("a feed of changes")
                         : fmt::format("sorted {}", name(source.order)),
      name(source.carrier), name(source.paging), name(source.end));
  const auto add = [&](bool is_so, const std::string& line) {
    text += is_so ? "  " + line + "\n" : "";
  };
  add(!scenario.counts(),
      "stamps in steps of " + seconds(source.resolution_ms));
  add(source.until_exclusive && source.bounded, "its upper bound is `<`");
  add(source.truncating_filter, "its filter compares in whole units");
  add(source.eager_token, "it names a next page after every full one");
  add(source.holes, "its pages are cut before they are filtered");
  add(source.repeats, "a page repeats the last row of the one before");
  add(source.nulls_first, "rows without a stamp come first");
  add(source.not_found_beyond, "404 behind the end");
  add(!source.date_skew_ms, "no Date");
  add(source.date_skew_ms.value_or(0) != 0,
      "Date is " + seconds(source.date_skew_ms.value_or(0)) + " ahead");
  add(source.replica_lag_ms != 0,
      "replicas are up to " + seconds(source.replica_lag_ms) + " behind");
  add(source.token_life_ms != 0,
      fmt::format("places are known for {}, then {}",
                  seconds(source.token_life_ms), source.refusal));
  add(source.feed_life_ms != 0,
      fmt::format("the token for the next run is known for {}, then {}",
                  seconds(source.feed_life_ms), source.refusal));
  add(source.early_token, "each page names the token for the next run");
  add(source.first_token, "the first page alone names it");
  add(!source.quiet_token, "where nothing has changed no token is named");
  add(source.memory_ms != 0,
      fmt::format("what has changed longer ago than {} is in the whole list "
                  "alone",
                  seconds(source.memory_ms)));
  const auto promised = promise(scenario);
  text += fmt::format("Promised: {}{} ({}).\n",
                      promised.every_window  ? "every window is whole"
                      : promised.next_window ? "the next window finds it"
                                             : "nothing but --full",
                      promised.remembers ? "" : ", but for what is forgotten",
                      promised.why);
  text += fmt::format("{} records at the begin{}.\n", scenario.records,
                      scenario.new_file ? ", no database yet" : "");
  for (std::size_t i = 0; i < scenario.runs.size(); ++i) {
    text += fmt::format("run {}: {}\n", i + 1, describe(scenario.runs[i]));
    for (const auto& change : scenario.changes) {
      if (change.run == i) {
        text += fmt::format("  {} request {}: {}\n",
                            change.in_flight ? "during" : "before",
                            change.request, describe(change));
      }
    }
  }
  return text;
}

}  // namespace strandline::simulator
