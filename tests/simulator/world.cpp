// SPDX-License-Identifier: MIT
#include "world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::simulator {
namespace {

constexpr Ms day_ms = 86'400'000;

Ms floor_to(Ms value, Ms unit) {
  return value - (value % unit + unit) % unit;
}

}  // namespace

World::World(const Scenario& scenario)
    : scenario_(scenario), now_(world_begin_ms) {}

// A record's versions are shown in the order in which they were made.
Ms World::shown_from(const Change& change) const {
  auto from = now_ + change.lag_ms;
  const auto found = by_id_.find(change.id);
  if (found != by_id_.end() && !found->second.empty()) {
    from = std::max(from, versions_[found->second.back()].visible_ms);
  }
  return from;
}

Ms World::clock(Ms time) const {
  auto shown = time;
  for (const auto& each : set_back_) {
    shown -= each.at_ms <= time ? each.by_ms : 0;
  }
  return shown;
}

Ms World::latest_clock(Ms time) const {
  auto latest = clock(time);
  for (const auto& each : set_back_) {
    if (each.at_ms <= time) {
      latest = std::max(latest, clock(each.at_ms - 1));
    }
  }
  return latest;
}

void World::set_back(const Change& change) {
  now_ += change.wait_ms;
  set_back_.push_back({now_, change.shift_ms});
}

bool World::is_forgotten(const Version& version) const {
  const auto memory = scenario_.source.memory_ms;
  return memory != 0 && version.visible_ms < now_ - memory;
}

const Version& World::apply(const Change& change) {
  now_ += change.wait_ms;
  Version version;
  version.id = change.id;
  version.number = static_cast<std::int64_t>(versions_.size()) + 1;
  version.made_ms = now_;
  version.visible_ms = shown_from(change);
  version.removed = change.kind == Change::Kind::remove;
  if (scenario_.counts()) {
    version.stamp = scenario_.stream.immutable ? change.id : version.number;
  } else if (!change.null) {
    version.stamp =
        floor_to(clock(now_) + change.shift_ms, scenario_.source.resolution_ms);
  }
  by_id_[change.id].push_back(versions_.size());
  versions_.push_back(version);
  return versions_.back();
}

const Version* World::shown(int id, Ms time) const {
  const Version* last = nullptr;
  for (const auto index : by_id_.at(id)) {
    if (versions_[index].visible_ms <= time) {
      last = &versions_[index];
    }
  }
  return last != nullptr && !last->removed ? last : nullptr;
}

const Version* World::current(int id) const {
  const auto* sure = shown(id, now_ - scenario_.source.replica_lag_ms);
  return sure == shown(id, now_) ? sure : nullptr;
}

const Version& World::version(std::int64_t number) const {
  return versions_.at(static_cast<std::size_t>(number - 1));
}

std::vector<int> World::ids() const {
  std::vector<int> ids;
  for (const auto& [id, versions] : by_id_) {
    ids.push_back(id);
  }
  return ids;
}

Ms World::sure_ms(const Version& version) const {
  return version.visible_ms + scenario_.source.replica_lag_ms;
}

std::int64_t World::largest_shown(Ms time) const {
  std::int64_t largest = 0;
  for (const auto& version : versions_) {
    if (version.visible_ms <= time && version.stamp) {
      largest = std::max(largest, *version.stamp);
    }
  }
  return largest;
}

bool World::excused(const Version& version) const {
  if (scenario_.is_feed()) {
    return false;  // its log is in the order in which versions were shown
  }
  if (!version.stamp) {
    // Newest first, it may stand behind where reading stops.
    return scenario_.stream.order == model::Order::descending &&
           !scenario_.source.nulls_first;
  }
  if (scenario_.counts()) {
    return largest_shown(sure_ms(version)) - *version.stamp >
           scenario_.stream.overlap;
  }
  Ms unit = 1000;
  if (scenario_.source.format == model::CursorFormat::date) {
    unit = day_ms;
  } else if (scenario_.source.format == model::CursorFormat::rfc3339_ms ||
             scenario_.source.format == model::CursorFormat::epoch_ms) {
    unit = 1;
  }
  const auto overlap = std::max(scenario_.stream.overlap * 1000, unit);
  Ms ahead = 0;
  if (scenario_.source.date_skew_ms) {
    ahead = *scenario_.source.date_skew_ms;
  } else {
    for (const auto& run : scenario_.runs) {
      ahead = std::max(ahead, run.clock_error_ms);
    }
  }
  return latest_clock(sure_ms(version)) - *version.stamp +
             std::max<Ms>(ahead, 0) >
         overlap;
}

bool World::excused(int id) const {
  const auto& all = by_id_.at(id);
  return std::any_of(all.begin(), all.end(), [this](std::size_t index) {
    return excused(versions_[index]);
  });
}

bool World::is_sure(int id, Ms time) const {
  const auto& all = by_id_.at(id);
  const auto lag = scenario_.source.replica_lag_ms;
  return lag == 0 ||
         std::all_of(all.begin(), all.end(), [&](std::size_t index) {
           return sure_ms(versions_[index]) <= time;
         });
}

bool World::was_removed(int id) const {
  const auto& all = by_id_.at(id);
  return std::any_of(all.begin(), all.end(), [this](std::size_t index) {
    return versions_[index].removed;
  });
}

bool World::all_in_time() const {
  return std::none_of(versions_.begin(), versions_.end(),
                      [this](const auto& each) { return excused(each); });
}

std::string World::stamp_text(const Version& version) const {
  if (!version.stamp) {
    return "null";
  }
  const auto stamp = *version.stamp;
  const auto seconds = floor_to(stamp, 1000) / 1000;
  const model::Instant instant{
      seconds, static_cast<std::int32_t>((stamp - seconds * 1000) * 1'000'000)};
  switch (scenario_.source.format) {
    case model::CursorFormat::integer:
    case model::CursorFormat::epoch_ms:
      return std::to_string(stamp);
    case model::CursorFormat::epoch_s:
      return std::to_string(seconds);
    case model::CursorFormat::date:
      if (scenario_.source.resolution_ms == day_ms) {
        return '"' + model::to_date(instant) + '"';
      }
      break;
    default:
      break;
  }
  return '"' +
         model::to_rfc3339(instant,
                           scenario_.source.resolution_ms >= 1000 ? 0 : 3) +
         '"';
}

}  // namespace strandline::simulator
