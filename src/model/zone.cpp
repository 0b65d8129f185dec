// SPDX-License-Identifier: MIT
#include "model/zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>

#include "strandline/error.hpp"

namespace strandline::model {
namespace {

using std::chrono::local_seconds;
using std::chrono::sys_seconds;

// date has a type of its own for local times, from before C++20.
date::local_info info_of(const date::time_zone& zone, local_seconds local) {
  return zone.get_info(date::local_seconds(local.time_since_epoch()));
}

// Files of the "slim" form end with the last change of the past and a rule for
// those to come, which date 3.0 does not read: each zone would stay in summer
// or winter for ever. That not one of these zones changes is not to be
// expected.
bool knows_changes_to_come() {
  constexpr sys_seconds day = date::sys_days(date::year(2030) / 1 / 1);
  for (const auto* const name :
       {"America/New_York", "America/Santiago", "Australia/Sydney",
        "Europe/Berlin", "Pacific/Auckland"}) {
    const auto info = date::locate_zone(name)->get_info(day);
    if (info.end < day + std::chrono::hours(24 * 365)) {
      return true;
    }
  }
  return false;
}

Error unusable(const std::string& why) {
  return Error(ExitCode::no_input,
               "the time zones of this system cannot be used: " + why,
               {{"try",
                 "install the zone database with its future changes (Debian's "
                 "package tzdata; elsewhere `zic -b fat`), or write an offset "
                 "in place of the zone's name"}});
}

}  // namespace

std::optional<Zone> Zone::named(std::string_view name) {
  const auto names = zone_names();
  if (!std::binary_search(names.begin(), names.end(), name)) {
    return {};
  }
  try {
    const auto* const zone = date::locate_zone(name);
    zone->get_info(sys_seconds());  // reads its file
    if (knows_changes_to_come()) {
      return Zone(*zone);
    }
  } catch (const std::runtime_error& error) {
    throw unusable(error.what());
  }
  throw unusable("they end with the changes of the past");
}

local_seconds Zone::local(sys_seconds instant) const {
  const auto offset =
      zone_ == nullptr ? offset_ : zone_->get_info(instant).offset;
  return local_seconds(instant.time_since_epoch() + offset);
}

sys_seconds Zone::earliest(local_seconds local) const {
  auto offset = offset_;
  if (zone_ != nullptr) {
    const auto info = info_of(*zone_, local);
    offset = info.result == date::local_info::unique
                 ? info.first.offset
                 : std::max(info.first.offset, info.second.offset);
  }
  return sys_seconds(local.time_since_epoch() - offset);
}

std::optional<local_seconds> Zone::unclear(local_seconds local) const {
  if (zone_ == nullptr) {
    return {};
  }
  const auto info = info_of(*zone_, local);
  if (info.result == date::local_info::unique) {
    return {};
  }
  return local_seconds(info.first.end.time_since_epoch() +
                       std::min(info.first.offset, info.second.offset));
}

bool Zone::repeats() const {
  if (zone_ == nullptr) {
    return false;
  }
  constexpr sys_seconds last = date::sys_days(date::year(9999) / 1 / 1);
  auto info = zone_->get_info(sys_seconds());
  while (info.end < last) {
    const auto before = info.offset;
    info = zone_->get_info(info.end);
    if (info.offset < before) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> zone_names() {
  // Files beside the zones that mean something else on each machine.
  static constexpr std::array<std::string_view, 3> no_zones = {
      "Factory", "localtime", "posixrules"};
  std::vector<std::string> names;
  try {
    for (const auto& zone : date::get_tzdb().zones) {
      if (std::find(no_zones.begin(), no_zones.end(), zone.name()) ==
          no_zones.end()) {
        names.push_back(zone.name());
      }
    }
  } catch (const std::runtime_error&) {
    names.clear();  // no database at all
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace strandline::model
