// SPDX-License-Identifier: MIT
//
// The truth: every version that a record ever had.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenario.hpp"

namespace strandline::simulator {

/// When each world begins: 2024-05-01T12:00:00Z.
inline constexpr Ms world_begin_ms = 1'714'564'800'000;

/// The `start` of a stream that has one: 2024-05-01.
inline constexpr Ms start_ms = world_begin_ms - 43'200'000;

/// One state of a record.
struct Version {
  int id = 0;
  std::int64_t number = 0;            ///< unique, rising
  std::optional<std::int64_t> stamp;  ///< milliseconds, or the integer
  Ms made_ms = 0;
  Ms visible_ms = 0;  ///< from when on the list shows it
  bool removed = false;
};

/// The source's records and its clock.
class World {
 public:
  explicit World(const Scenario& scenario);

  Ms now() const { return now_; }
  /// What the source's own clock shows at `time`, which is not in the future.
  Ms clock(Ms time) const;
  /// The latest that it has ever shown by then.
  Ms latest_clock(Ms time) const;
  void pass(Ms length) { now_ += length; }

  /// Lets time pass until the clock of the source is set back.
  void set_back(const Change& change);

  /// Lets time pass until the change, and makes it.
  const Version& apply(const Change& change);

  /// The version that a list shows at `time`; null if none, or removed.
  const Version* shown(int id, Ms time) const;

  /// The newest version of a record that is sure to be shown by now, whatever
  /// replica answers; null if none, or removed.
  const Version* current(int id) const;

  const Version& version(std::int64_t number) const;

  /// The ids of all records that ever were.
  std::vector<int> ids() const;

  /// From when on every replica shows it.
  Ms sure_ms(const Version& version) const;

  /// True if it came later than the overlap allows for, so that its loss is
  /// what the documentation says.
  bool excused(const Version& version) const;

  /// True if a version of the record, so far, is one that is excused.
  bool excused(int id) const;

  /// True if every replica shows at `time` what one of them shows by now.
  bool is_sure(int id, Ms time) const;

  /// True if the record, so far, was ever removed.
  bool was_removed(int id) const;

  /// True if the source shows it in the whole list alone by now.
  bool is_forgotten(const Version& version) const;

  /// True if no version was ever late, so that lists which shift are covered.
  bool all_in_time() const;

  /// The largest integer that is shown at `time`.
  std::int64_t largest_shown(Ms time) const;

  /// How the source writes a version's stamp in JSON.
  std::string stamp_text(const Version& version) const;

 private:
  Ms shown_from(const Change& change) const;

  struct SetBack {
    Ms at_ms = 0;
    Ms by_ms = 0;
  };

  const Scenario& scenario_;
  Ms now_;
  std::vector<SetBack> set_back_;
  std::map<int, std::vector<std::size_t>> by_id_;
  std::vector<Version> versions_;
  std::vector<Ms> earliest_;  // by integer: before it nothing later is shown
};

}  // namespace strandline::simulator
