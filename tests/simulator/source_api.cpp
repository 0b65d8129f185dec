// SPDX-License-Identifier: MIT
#include "source_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <sstream>
#include <stdexcept>

namespace strandline::simulator {
namespace {

using model::Order;

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  const auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) {
    throw std::logic_error("the client sent '" + text + "' for a number");
  }
  return value;
}

std::string parameter(const http::Query& query, const std::string& name) {
  for (const auto& [each, value] : query) {
    if (each == name) {
      return value;
    }
  }
  return {};
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

std::int64_t milliseconds(const model::CursorValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return *integer;
  }
  const auto& instant = std::get<model::Instant>(value);
  return instant.seconds * 1000 + instant.nanoseconds / 1'000'000;
}

std::int64_t bound(const std::string& text, model::CursorFormat::Kind format) {
  const auto value = model::parse_cursor(text, format);
  if (!value) {
    throw std::logic_error("the client sent '" + text + "' for a bound");
  }
  return milliseconds(*value);
}

// Whether answers name the next page.
bool names_next(Carrier carrier) {
  return carrier == Carrier::token || carrier == Carrier::next ||
         carrier == Carrier::link;
}

}  // namespace

// Lists are sorted by it, ascending.
SourceApi::Key SourceApi::key(const Version& version) const {
  const auto& source = scenario_.source;
  if (scenario_.is_feed()) {
    const auto place = place_of(version);
    return {place.visible_ms, place.number, 0};
  }
  if (source.carrier == Carrier::after) {
    return {0, version.id, 0};
  }
  if (source.order == Order::unordered) {
    const auto id = static_cast<std::uint64_t>(version.id);
    return {0, static_cast<std::int64_t>(mix(scenario_.seed, id) >> 32U),
            version.id};
  }
  if (!version.stamp) {
    return {source.nulls_first ? -1 : 1, 0, version.id};
  }
  return source.order == Order::ascending
             ? Key{0, *version.stamp, version.id}
             : Key{0, -*version.stamp, -version.id};
}

SourceApi::Bounds SourceApi::bounds(const http::Query& query) const {
  const bool shared = scenario_.source.same_param;
  return {parameter(query, "since"), parameter(query, "until"),
          parse_feed_token(parameter(query, shared ? "after" : "sync"))};
}

// A token is looked at where it is what the run begins with.
bool SourceApi::refuses(const Bounds& bounds, const Place& place) const {
  const auto life = scenario_.source.feed_life_ms;
  return bounds.token && place.begin == 0 && life != 0 &&
         world_.now() - bounds.token->given_ms > life;
}

bool SourceApi::matches(const Version& version, const Bounds& bounds) const {
  const auto& source = scenario_.source;
  if ((bounds.token || !bounds.since.empty()) && world_.is_forgotten(version)) {
    return false;
  }
  if (bounds.token) {
    return place_of(version) > bounds.token->place;
  }
  if (!version.stamp) {
    return true;
  }
  auto stamp = *version.stamp;
  if (source.truncating_filter && model::is_time(source.format)) {
    const auto unit = std::max<std::int64_t>(
        model::unit(source.format).count() / 1'000'000, 1);
    stamp -= stamp % unit;
  }
  if (!bounds.since.empty()) {
    const auto least = bound(bounds.since, source.format);
    if (source.exclusive ? stamp <= least : stamp < least) {
      return false;
    }
  }
  if (!bounds.until.empty()) {
    const auto most = bound(bounds.until, source.format);
    if (source.until_exclusive ? stamp >= most : stamp > most) {
      return false;
    }
  }
  return true;
}

SourceApi::List SourceApi::all(Ms time) const {
  List list;
  for (const int id : world_.ids()) {
    if (const auto* version = world_.shown(id, time)) {
      list.push_back(version);
    }
  }
  std::sort(list.begin(), list.end(),
            [this](const auto* a, const auto* b) { return key(*a) < key(*b); });
  return list;
}

SourceApi::List SourceApi::list(Ms time, const Bounds& bounds) const {
  auto list = all(time);
  if (!scenario_.source.holes) {
    std::erase_if(list,
                  [&](const auto* each) { return !matches(*each, bounds); });
  }
  return list;
}

// A token is its kind, its value, and when and as the how manieth it was given.
std::string SourceApi::token(const List& list, std::size_t begin,
                             const std::string& snapshot) {
  std::string value;
  switch (scenario_.source.paging) {
    case Paging::snapshot:
      value = fmt::format("s.{}.{}", snapshot, begin);
      break;
    case Paging::offset:
      value = fmt::format("o.{}", begin);
      break;
    case Paging::keyset: {
      const auto last =
          begin == 0 ? Key{std::numeric_limits<std::int64_t>::min(), 0, 0}
                     : key(*list[begin - 1]);
      value = fmt::format("k.{}.{}.{}", last[0], last[1], last[2]);
      break;
    }
  }
  return fmt::format("{}.{}.{}", value, world_.now(), ++tokens_);
}

void SourceApi::take_token(const std::string& token, List& list, Place& place) {
  const auto parts = split(token, '.');
  const auto given = number(parts.at(parts.size() - 2));
  const auto life = scenario_.source.token_life_ms;
  place.by_token = true;
  place.expired = life != 0 && world_.now() - given > life;
  if (parts[0] == "o") {
    place.begin = static_cast<std::size_t>(number(parts.at(1)));
  } else if (parts[0] == "s") {
    place.snapshot = parts.at(1);
    place.begin = static_cast<std::size_t>(number(parts.at(2)));
    list.clear();
    for (const auto version : snapshots_.at(place.snapshot)) {
      list.push_back(&world_.version(version));
    }
  } else {
    const Key last{number(parts.at(1)), number(parts.at(2)),
                   number(parts.at(3))};
    place.last = {last[0], last[1]};
    place.begin = static_cast<std::size_t>(
        std::find_if(list.begin(), list.end(),
                     [&](const auto* each) { return key(*each) > last; }) -
        list.begin());
  }
}

SourceApi::Place SourceApi::place(const http::Query& query, std::size_t limit,
                                  Ms time, List& list) {
  Place place;
  const auto& source = scenario_.source;
  if (source.carrier == Carrier::offset) {
    place.begin = static_cast<std::size_t>(number(parameter(query, "offset")));
  } else if (source.carrier == Carrier::number) {
    place.begin =
        static_cast<std::size_t>(number(parameter(query, "page")) - 1) * limit;
  } else if (source.carrier == Carrier::after) {
    const auto last = parameter(query, "last");
    while (!last.empty() && place.begin < list.size() &&
           list[place.begin]->id <= number(last)) {
      ++place.begin;
    }
  } else if (const auto token = parameter(query, "after");
             !token.empty() && !parse_feed_token(token)) {
    take_token(token, list, place);
  } else if (source.paging == Paging::snapshot) {
    place.snapshot = std::to_string(snapshots_.size() + 1);
    auto& kept = snapshots_[place.snapshot];
    if (source.order == Order::unordered) {
      std::sort(list.begin(), list.end(), [&](const auto* a, const auto* b) {
        const auto salt = static_cast<std::uint64_t>(time);
        return mix(salt, static_cast<std::uint64_t>(a->id)) <
               mix(salt, static_cast<std::uint64_t>(b->id));
      });
    }
    for (const auto* version : list) {
      kept.push_back(version->number);
    }
  }
  return place;
}

// The token for the next run: behind what the pages up to this one bring, or,
// of a snapshot, all of it.
std::string SourceApi::delta(const List& list, std::size_t stop,
                             const Bounds& bounds, const Place& place,
                             std::size_t limit) {
  const auto& source = scenario_.source;
  if (bounds.token && list.empty() && !source.quiet_token) {
    return {};
  }
  auto so_far = place.last;
  if (bounds.token) {
    so_far = std::max(so_far, bounds.token->place);
  }
  const auto handed = source.paging == Paging::snapshot || source.first_token
                          ? list.size()
                          : stop;
  if (handed > 0) {
    so_far = std::max(so_far, place_of(*list[handed - 1]));
  }
  const auto token = feed_token(so_far, world_.now(), ++tokens_);
  return source.cursor == CursorKind::token
             ? token
             : fmt::format("/items?limit={}&sync={}", limit, token);
}

std::string SourceApi::body(const Served& served, const std::string& next,
                            const std::string& delta, bool more,
                            std::size_t total) const {
  std::string rows;
  for (const auto number : served.rows) {
    const auto& version = world_.version(number);
    rows +=
        fmt::format(R"({}{{"id":{},"at":{},"v":{}}})", rows.empty() ? "" : ",",
                    version.id, world_.stamp_text(version), version.number);
  }
  auto text = R"({"data":[)" + rows + "]";
  switch (scenario_.source.end) {
    case EndSign::more:
      text += more ? R"(,"more":true)" : R"(,"more":false)";
      break;
    case EndSign::end:
      text += more ? R"(,"end":false)" : R"(,"end":true)";
      break;
    case EndSign::total:
      text += fmt::format(R"(,"total":{})", total);
      break;
    default:
      break;
  }
  if (scenario_.source.carrier == Carrier::token ||
      scenario_.source.carrier == Carrier::next) {
    text +=
        next.empty() ? R"(,"next":null)" : fmt::format(R"(,"next":"{}")", next);
  }
  if (!delta.empty()) {
    text += fmt::format(R"(,"delta":"{}")", delta);
  }
  return text + "}";
}

Served SourceApi::answer(const std::string& url, Ms behind_ms, Fault fault,
                         http::Response& response) {
  const auto& source = scenario_.source;
  const http::Url asked(url);
  const auto query = asked.query();
  const auto bounds = this->bounds(query);
  const auto limit = static_cast<std::size_t>(
      source.carrier == Carrier::single ? 1'000'000
                                        : number(parameter(query, "limit")));
  const auto time = world_.now() - behind_ms;
  auto rows = list(time, bounds);
  auto at = place(query, limit, time, rows);

  Served served;
  served.looked_ms = world_.now();
  served.first = at.begin == 0;
  served.of_all = served.first && !at.by_token && !bounds.token;
  response.headers.clear();
  const bool beyond = at.begin > 0 && at.begin >= rows.size();
  served.token_refused = refuses(bounds, at);
  if (at.expired || served.token_refused ||
      (beyond && source.not_found_beyond)) {
    response.status = at.expired || served.token_refused ? source.refusal : 404;
    response.body = R"({"message":"no such place"})";
    return served;
  }
  if (fault == Fault::status) {
    response.status = 503;
    response.body = "{}";
    return served;
  }

  const bool tokens = names_next(source.carrier);
  const bool empty = fault == Fault::empty_page && tokens &&
                     source.end != EndSign::size && !rows.empty();
  const auto begin = std::min(at.begin, rows.size());
  const auto stop = empty ? begin : std::min(begin + limit, rows.size());
  const bool more = empty || stop < rows.size();
  const auto show = source.repeats && begin > 0 && !empty ? begin - 1 : begin;
  for (auto i = show; i < stop; ++i) {
    if (!source.holes || matches(*rows[i], bounds)) {
      served.rows.push_back(rows[i]->number);
    }
  }
  std::string next;
  const bool full = stop - begin == limit;
  if (tokens &&
      (more || (full && (source.eager_token || source.end == EndSign::size)))) {
    next = token(rows, stop, at.snapshot);
  }
  if (!next.empty() && source.carrier != Carrier::token) {
    auto following = asked;
    following.set_query("after", next);
    next = following.text();
  }
  if (!next.empty() && source.carrier == Carrier::link) {
    response.headers.emplace_back("Link", "<" + next + ">; rel=\"next\"");
  }
  std::string for_next_run;
  const bool begins = served.first && !at.by_token;
  const bool names = source.first_token ? begins : !more || source.early_token;
  if (scenario_.is_feed() && names) {
    for_next_run = delta(rows, stop, bounds, at, limit);
    served.token =
        for_next_run.empty() ? std::nullopt : std::optional(for_next_run);
  }
  std::size_t total = 0;
  for (const auto* each : rows) {
    total += matches(*each, bounds) ? 1 : 0;
  }
  switch (source.end) {
    case EndSign::absence:
      served.end = source.carrier == Carrier::single ||
                   (tokens ? next.empty() : served.rows.empty());
      break;
    case EndSign::size:
      served.end = served.rows.size() < limit;
      break;
    default:
      served.end = !more;
      break;
  }
  response.status = 200;
  response.body = body(served, next, for_next_run, more, total);
  if (fault == Fault::cut) {
    response.body.resize(response.body.size() / 2);
    return served;
  }
  served.usable = true;
  return served;
}

}  // namespace strandline::simulator
