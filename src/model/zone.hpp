// SPDX-License-Identifier: MIT
//
// Time zones: which local time it is where. Named zones come from the system's
// zone database. Any thread may ask.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace date {
class time_zone;
}

namespace strandline::model {

/// A fixed offset from UTC, or a zone of the zone database. Copies are cheap.
class Zone {
 public:
  /// UTC.
  constexpr Zone() = default;

  /// `offset` east of UTC.
  constexpr explicit Zone(std::chrono::seconds offset) : offset_(offset) {}

  /// Returns the zone that the zone database has by the IANA name `name`, such
  /// as "Europe/Berlin"; nothing if it has none. Throws Error if its files
  /// cannot be read, or do not list the changes to come.
  static std::optional<Zone> named(std::string_view name);

  /// Returns the local time at `instant`.
  std::chrono::local_seconds local(std::chrono::sys_seconds instant) const;

  /// Returns the earliest instant that `local` can mean: of a time that the
  /// zone repeats the first pass, and of one that it skips what a clock that
  /// was put forward too early showed.
  std::chrono::sys_seconds earliest(std::chrono::local_seconds local) const;

  /// Returns where the local times begin that the zone repeats or skips
  /// together with `local`; nothing if `local` is one instant and no other.
  std::optional<std::chrono::local_seconds> unclear(
      std::chrono::local_seconds local) const;

  /// True if the zone repeated local times after 1970, as at the end of summer
  /// time.
  bool repeats() const;

  /// Two names of one zone are not equal.
  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  explicit Zone(const date::time_zone& zone) : zone_(&zone) {}

  std::chrono::seconds offset_{0};
  const date::time_zone* zone_ = nullptr;  // lives as long as the program
};

/// Returns the IANA names that the zone database has, sorted; none if this
/// system has no zone database.
std::vector<std::string> zone_names();

}  // namespace strandline::model
