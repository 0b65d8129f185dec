// SPDX-License-Identifier: MIT
//
// What is simulated, as plain data: a source with its ways, what happens to its
// records, and the runs that read it. A seed makes one; it prints as text, and
// shrinks by leaving things out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/cursor.hpp"
#include "model/definition.hpp"

namespace strandline::simulator {

/// A point in time or a length of it, in milliseconds; of points since 1970.
using Ms = std::int64_t;

/// How a source finds the rows of a page that is not the first.
enum class Paging {
  snapshot,  ///< in the list as it was at the first page
  keyset,    ///< those behind the last row's place in the order
  offset,    ///< those behind so many rows of the list as it is now
};

/// How the client is told where the next page is, or tells it.
enum class Carrier { single, token, next, link, offset, number, after };

/// How an answer says that it is the last.
enum class EndSign { absence, more, end, total, size };

/// What the next run begins with: the records' own cursor, or a token or URL
/// that an answer names.
using CursorKind = model::CursorRule::Kind;

/// The source's ways.
struct SourceTraits {
  CursorKind cursor = CursorKind::field;
  model::CursorFormat::Kind format = model::CursorFormat::rfc3339;
  Ms resolution_ms = 1000;  ///< of stamps; integers have none
  model::Order order = model::Order::ascending;  ///< of the list, in truth
  Paging paging = Paging::keyset;
  Carrier carrier = Carrier::token;
  EndSign end = EndSign::absence;
  bool bounded = false;          ///< requests have an upper bound
  bool until_exclusive = false;  ///< which is `<`
  bool keyset = false;           ///< the client asks again from the last cursor
  bool filter = true;            ///< false: it knows no lower bound
  bool exclusive = false;        ///< the filter is `>`
  bool truncating_filter = false;  ///< compares in the filter's unit
  bool eager_token = false;        ///< names a next page after every full page
  bool holes = false;    ///< pages are cut before the filter is applied
  bool repeats = false;  ///< a page begins with the last row of the one before
  bool nulls_first = false;            ///< where rows without a stamp stand
  bool not_found_beyond = false;       ///< 404 for a page behind the end
  std::optional<Ms> date_skew_ms = 0;  ///< of `Date`; none: no `Date`
  Ms replica_lag_ms = 0;     ///< an answer may show the list as it was before
  Ms token_life_ms = 0;      ///< 0: for ever
  int refusal = 410;         ///< status for a token that has expired
  Ms feed_life_ms = 0;       ///< of the token for the next run; 0: for ever
  bool early_token = false;  ///< names it on each page, not on the last alone
  bool first_token = false;  ///< on the first page alone
  bool quiet_token = true;   ///< names one also where nothing has changed
  bool same_param = false;   ///< one parameter for it and for the next page
  /// What has changed longer ago is in no list but the whole one; 0: for ever.
  Ms memory_ms = 0;
};

/// The stream's definition, as far as it does not follow from the source.
struct StreamTraits {
  model::Order order = model::Order::ascending;  ///< as declared
  std::int64_t overlap = 0;  ///< seconds; for integers numbers
  bool immutable = false;
  bool has_start = false;
  Ms step_ms = 0;        ///< length of windows; 0: to T0
  Ms retention_ms = 0;   ///< what is said of the source's memory; 0: nothing
  bool version = false;  ///< a lower version of a record is not written
  bool sweeps = false;   ///< rows that a whole reading lacks are marked
};

/// Something that happens to a record of the source, or to its clock, which is
/// set back by `shift_ms`.
struct Change {
  enum class Kind { create, update, remove, set_back };
  std::size_t run = 0;     ///< in which run
  int request = 0;         ///< before which request; 0: before the run
  bool in_flight = false;  ///< while that request is answered
  Kind kind = Kind::update;
  int id = 0;
  Ms wait_ms = 0;     ///< time that passes before
  Ms lag_ms = 0;      ///< until the list shows it
  Ms shift_ms = 0;    ///< the stamp is so much later than the change
  bool null = false;  ///< without a stamp
};

/// What goes wrong with one answer.
enum class Fault {
  none,
  connection,  ///< there is no answer
  status,      ///< 503
  cut,         ///< the document ends in the middle
  empty_page,  ///< no rows, and a token of the same place
};

/// What a person has the program do.
enum class Verb { sync, backfill, rewind, reset };

/// One run of the program.
struct RunPlan {
  Verb verb = Verb::sync;
  Ms gap_ms = 60'000;  ///< since the run before
  bool full = false;
  int limit = 2;               ///< rows of a page
  std::size_t batch_rows = 1;  ///< of a transaction
  Ms clock_error_ms = 0;       ///< of our own clock
  Ms latency_ms = 1000;        ///< the longest of an answer
  int dies_at = 0;             ///< step; 0: never
  int fault_at = 0;            ///< request; 0: none
  Fault fault = Fault::none;
  int second_at = 0;  ///< step from which a second run begins; 0: none
  bool second_full = false;
  bool lock_fails = false;  ///< the second is not kept out
  int second_dies_at = 0;
  Verb second_verb = Verb::sync;
  /// Backfill: milliseconds after the world's begin, or integers; no `until`:
  /// 0.
  std::int64_t since = 0;
  std::int64_t until = 0;
  /// Rewind: to so far before the mark; or to the mark after an earlier run,
  /// the newest but so many.
  std::int64_t back = 1;
  std::optional<int> to_run;
  bool rows = false;  ///< reset: the rows too
};

/// A whole case.
struct Scenario {
  std::uint64_t seed = 0;
  std::string feature = "none";  ///< what add_feature gave it
  SourceTraits source;
  StreamTraits stream;
  int records = 4;        ///< at the begin
  bool new_file = false;  ///< the first run makes the database
  std::vector<Change> changes;
  std::vector<RunPlan> runs;

  /// True if the cursor is an integer.
  bool counts() const { return !model::is_time(source.format); }
  /// True if the stream is followed by a token or URL of the answer.
  bool is_feed() const { return source.cursor != CursorKind::field; }
  /// True if the source has no change of this kind.
  bool lacks(Change::Kind kind) const;
};

/// What design promises for a scenario.
struct Promise {
  bool every_window = true;  ///< I2: a complete window has all it should
  bool next_window = true;   ///< I3: what is missing will be read again
  bool remembers = true;     ///< also what the source has forgotten meanwhile
  const char* why = "stable paging";  ///< or which assumption is broken
};

/// The scenario that belongs to a seed.
Scenario generate(std::uint64_t seed);

/// Gives a scenario, by its seed, one of the features that not every source or
/// person makes use of; most get none.
void add_feature(Scenario& scenario);

/// Returns the longest that a run of the scenario can take.
Ms longest_run(const Scenario& scenario);

/// Returns what is promised for the paging and order of a scenario. Lateness is
/// looked at version by version (World::excused).
Promise promise(const Scenario& scenario);

/// The configuration file for a run that asks for pages of `limit`.
std::string configuration(const Scenario& scenario, int limit);

/// A scenario for people.
std::string describe(const Scenario& scenario);

/// A number that depends on nothing but its arguments.
std::uint64_t mix(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0);

}  // namespace strandline::simulator
