// SPDX-License-Identifier: MIT
#include "config/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "model/text.hpp"

namespace strandline::config {
namespace {

// Without the region: people know their city.
std::string_view city(std::string_view zone) {
  return zone.substr(zone.rfind('/') + 1);
}

std::optional<std::string_view> nearest_zone(
    std::string_view name, const std::vector<std::string>& known) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> cities;
  for (const std::string_view zone : known) {
    // Etc/GMT+1 is west of Greenwich: not what is meant by "GMT+1".
    if (!zone.starts_with("Etc/")) {
      names.push_back(zone);
      cities.push_back(city(zone));
    }
  }
  if (name.size() < 3) {
    return {};
  }
  if (name.find('/') == std::string_view::npos) {
    if (const auto near = model::nearest(name, cities)) {
      const auto at = std::find(cities.begin(), cities.end(), *near);
      return names[static_cast<std::size_t>(at - cities.begin())];
    }
  }
  return model::nearest(name, names);
}

}  // namespace

Refusal refuse_zone(std::string_view name,
                    const std::vector<std::string>& known) {
  if (name.empty() || name.front() == '+' || name.front() == '-') {
    return {
        "must be \"UTC\", an offset such as \"+01:00\" or the name of a time "
        "zone such as \"Europe/Berlin\"",
        {}};
  }
  if (known.empty()) {
    return {"needs the time zone database, and this system has none",
            {{"try",
              "install the package tzdata, or write an offset such as "
              "\"+01:00\""}}};
  }
  // The value itself is not repeated: it may be a token in the wrong place.
  const auto near = nearest_zone(name, known);
  return {near ? fmt::format("is no time zone that is known here; did you mean "
                             "\"{}\"?",
                             *near)
               : "is no time zone that is known here",
          {{"try",
            "\"UTC\", an offset such as \"+01:00\" or an IANA name such as "
            "\"Europe/Berlin\"; \"-12:00\" is never too late where the zone is "
            "not known"}}};
}

std::vector<Note> pattern_notes(std::string_view pattern) {
  constexpr std::pair<std::string_view, std::string_view> others[] = {
      {"%F", "write %Y-%m-%d for %F"},
      {"%D", "write %m/%d/%Y for dates as %D has them, with the whole year"},
      {"%T", "write %H:%M:%S for %T"},
      {"%R", "write %H:%M for %R"},
      {"%s", "write format = \"epoch_s\" for seconds since 1970"},
      {"%f",
       "leave the fraction behind %S out: it is read without being named"},
      {"%%", "a pattern cannot have a literal %"},
  };
  std::vector<Note> notes;
  for (const auto& [part, advice] : others) {
    if (pattern.find(part) != std::string_view::npos) {
      notes.push_back({"try", std::string(advice)});
    }
  }
  return notes;
}

}  // namespace strandline::config
