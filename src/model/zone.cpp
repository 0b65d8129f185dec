// SPDX-License-Identifier: MIT
#include "model/zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "strandline/error.hpp"

namespace strandline::model {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// A zone's changes of offset as one sorted table: date's own look-up makes a
// copy of the zone's abbreviation each time, too slow for every record.
class ZoneChanges {
 public:
  explicit ZoneChanges(const date::time_zone& zone) {
    // Whatever is earlier or later is beyond the years of an instant.
    constexpr auto first = date::sys_days(date::year(1) / 1 / 1);
    constexpr auto last = date::sys_days(date::year(9999) / 12 / 31);
    auto info = zone.get_info(sys_seconds(first));
    first_ = info.offset;
    while (info.end < last) {
      const auto before = info.offset;
      info = zone.get_info(info.end);
      if (info.offset != before) {
        changes_.push_back({info.begin, before, info.offset});
      }
    }
  }

  seconds offset_at(sys_seconds instant) const {
    const auto after = std::upper_bound(
        changes_.begin(), changes_.end(), instant,
        [](sys_seconds at, const Change& change) { return at < change.at; });
    return after == changes_.begin() ? first_ : std::prev(after)->after;
  }

  // Where local times are repeated or skipped, the larger offset, which makes
  // the earlier instant.
  seconds offset_of(local_seconds local) const {
    const auto* const change = next_change(local);
    if (change == nullptr) {
      return changes_.empty() ? first_ : changes_.back().after;
    }
    return local < change->unclear_begin() ? change->before
                                           : change->larger_offset();
  }

  std::optional<local_seconds> unclear(local_seconds local) const {
    const auto* const change = next_change(local);
    if (change == nullptr || local < change->unclear_begin()) {
      return {};
    }
    return change->unclear_begin();
  }

  bool repeats() const {
    return std::any_of(
        changes_.begin(), changes_.end(), [](const Change& change) {
          return change.at > sys_seconds() && change.after < change.before;
        });
  }

 private:
  struct Change {
    sys_seconds at;
    seconds before;
    seconds after;

    seconds larger_offset() const { return std::max(before, after); }

    // The local times from here to `unclear_end` are skipped if the clock goes
    // forward, and come twice if it goes back.
    local_seconds unclear_begin() const {
      return local_seconds(at.time_since_epoch() + std::min(before, after));
    }
    local_seconds unclear_end() const {
      return local_seconds(at.time_since_epoch() + larger_offset());
    }
  };

  // The first change that is not wholly past at `local`, or null.
  const Change* next_change(local_seconds local) const {
    const auto found =
        std::upper_bound(changes_.begin(), changes_.end(), local,
                         [](local_seconds time, const Change& change) {
                           return time < change.unclear_end();
                         });
    return found == changes_.end() ? nullptr : &*found;
  }

  seconds first_{0};
  std::vector<Change> changes_;
};

std::optional<Zone> Zone::named(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<ZoneChanges>, std::less<>> known;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(name); found != known.end()) {
    return Zone(*found->second);
  }
  const auto names = zone_names();
  if (!std::binary_search(names.begin(), names.end(), name)) {
    return {};
  }
  try {
    auto changes = std::make_unique<ZoneChanges>(*date::locate_zone(name));
    return Zone(*known.emplace(name, std::move(changes)).first->second);
  } catch (const std::runtime_error& error) {
    throw Error(
        ExitCode::no_input,
        fmt::format("cannot read the time zone {}: {}", name, error.what()),
        {{"try", "install the system's time zones anew (package tzdata)"}});
  }
}

local_seconds Zone::local(sys_seconds instant) const {
  const auto offset =
      changes_ == nullptr ? offset_ : changes_->offset_at(instant);
  return local_seconds(instant.time_since_epoch() + offset);
}

sys_seconds Zone::earliest(local_seconds local) const {
  const auto offset =
      changes_ == nullptr ? offset_ : changes_->offset_of(local);
  return sys_seconds(local.time_since_epoch() - offset);
}

std::optional<local_seconds> Zone::unclear(local_seconds local) const {
  return changes_ == nullptr ? std::nullopt : changes_->unclear(local);
}

bool Zone::repeats() const {
  return changes_ != nullptr && changes_->repeats();
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
