// SPDX-License-Identifier: MIT
#include "changing_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace strandline::test {
namespace {

constexpr std::int64_t epoch_2024 = 1704067200;
constexpr int most_records = 2000;
constexpr std::int64_t jump_ms = 10'000;
constexpr std::int64_t last_stamp_ms = 900;  // after a jump

std::tm parts(std::int64_t ms) {
  const auto seconds = static_cast<std::time_t>(epoch_2024 + ms / 1000);
  std::tm result{};
  gmtime_r(&seconds, &result);
  return result;
}

std::string http_date(std::int64_t ms) {
  const auto time = parts(ms);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  return text.data();
}

std::int64_t to_ms(const std::string& rfc3339) {
  std::tm time{};
  strptime(rfc3339.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  return (timegm(&time) - epoch_2024) * 1000;
}

std::int64_t scatter(int id) {
  return (static_cast<std::int64_t>(id) * 2'654'435'761) % 1'000'003;
}

}  // namespace

std::string to_text(std::int64_t ms, int digits) {
  const auto time = parts(ms);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &time);
  return fmt::format("{}.{:03}{}Z", text.data(), ms % 1000,
                     std::string(static_cast<std::size_t>(digits - 3), '0'));
}

const std::vector<std::string>& ChangingSource::stream_names() {
  static const std::vector<std::string> names = {
      "ascending", "unordered", "next", "link", "descending", "snapshot"};
  return names;
}

ChangingSource::ChangingSource(int records, std::uint32_t seed)
    : random_(seed) {
  for (int id = 1; id <= records; ++id) {
    clock_ms_ += id % 300 == 0 ? jump_ms - clock_ms_ % jump_ms : id % 3;
    renew(id);
  }
  pass_time();
  for (const auto& stream : stream_names()) {
    server_.routes().Get("/" + stream,
                         [this, stream](const auto& request, auto& response) {
                           answer(stream, request, response);
                         });
  }
  server_.start();
}

void ChangingSource::set_hook(Hook hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

void ChangingSource::change_while_read(bool yes) {
  const std::lock_guard lock(mutex_);
  restless_ = yes;
}

void ChangingSource::change(int count) {
  const std::lock_guard lock(mutex_);
  change_locked(count);
}

void ChangingSource::pass_time() {
  const std::lock_guard lock(mutex_);
  clock_ms_ += jump_ms - clock_ms_ % jump_ms;
}

std::vector<ServedPage> ChangingSource::take_pages(const std::string& run) {
  const std::lock_guard lock(mutex_);
  return std::exchange(pages_[run], {});
}

int ChangingSource::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(versions_.size());
}

int ChangingSource::revision(int id) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(
      versions_.at(static_cast<std::size_t>(id - 1)).size());
}

std::int64_t ChangingSource::stamp(int id, int revision) const {
  const std::lock_guard lock(mutex_);
  return versions_.at(static_cast<std::size_t>(id - 1))
      .at(static_cast<std::size_t>(revision - 1))
      .stamp;
}

bool ChangingSource::had(int id, int revision, const std::string& updated_at,
                         const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto index = static_cast<std::size_t>(id - 1);
  const auto at = static_cast<std::size_t>(revision - 1);
  return id >= 1 && index < versions_.size() && revision >= 1 &&
         at < versions_[index].size() &&
         versions_[index][at].updated_at == updated_at &&
         versions_[index][at].name == name;
}

void ChangingSource::change_locked(int count) {
  for (int i = 0; i < count; ++i) {
    const int known = static_cast<int>(versions_.size());
    renew(random(0, 20) == 0 && known < most_records ? known + 1
                                                     : random(1, known));
    // Records that are changed together share a stamp.
    if (random(0, 2) == 0 && clock_ms_ % jump_ms < last_stamp_ms) {
      ++clock_ms_;
    }
  }
}

// The next revision of a record, or its first, with the stamp of now.
void ChangingSource::renew(int id) {
  const auto index = static_cast<std::size_t>(id - 1);
  if (index == versions_.size()) {
    versions_.emplace_back();
    texts_.emplace_back();
    by_scatter_.insert({scatter(id), id});
  } else {
    by_stamp_.erase({versions_[index].back().stamp, id});
  }
  by_stamp_.insert({clock_ms_, id});
  const auto revision = versions_[index].size() + 1;
  versions_[index].push_back(
      {clock_ms_, to_text(clock_ms_, 3),
       fmt::format("record {} revision {}", id, revision)});
  const auto& version = versions_[index].back();
  texts_[index] =
      fmt::format(R"({{"id":{},"revision":{},"updated_at":"{}","name":"{}"}})",
                  id, revision, version.updated_at, version.name);
}

int ChangingSource::random(int from, int to) {
  return std::uniform_int_distribution<int>(from, to)(random_);
}

// The ids of a page, and the place where the next one begins.
std::vector<int> ChangingSource::select(const std::string& stream,
                                        const std::string& after,
                                        std::int64_t since, std::size_t limit,
                                        std::string& next) const {
  const bool falling = stream == "descending";
  const bool scattered = stream == "unordered" || stream == "link";
  std::vector<int> ids;
  Place last;
  const auto take = [&](const Place& place) {
    const auto id = place.second;
    if (versions_[static_cast<std::size_t>(id - 1)].back().stamp < since) {
      return true;
    }
    if (ids.size() == limit) {
      next = fmt::format("{}.{}", last.first, last.second);
      return false;
    }
    ids.push_back(id);
    last = place;
    return true;
  };
  Place from{falling ? INT64_MAX : -1, 0};
  if (const auto dot = after.find('.'); dot != std::string::npos) {
    from = {std::stoll(after.substr(0, dot)), std::stoi(after.substr(dot + 1))};
  }
  if (stream == "snapshot") {
    for (int id = from.second + 1;
         id <= static_cast<int>(versions_.size()) && take({0, id}); ++id) {
    }
  } else if (falling) {
    for (auto at = by_stamp_.lower_bound(from);
         at != by_stamp_.begin() && take(*--at);) {
    }
  } else {
    const auto& order = scattered ? by_scatter_ : by_stamp_;
    for (auto at = order.upper_bound(from); at != order.end() && take(*at);
         ++at) {
    }
  }
  return ids;
}

void ChangingSource::answer(const std::string& stream,
                            const httplib::Request& request,
                            httplib::Response& response) {
  const auto run = request.get_header_value("Authorization").substr(7);
  std::unique_lock lock(mutex_);
  const auto hook = hook_;
  const int number = ++requests_[run];
  if (hook) {
    lock.unlock();
    hook(run, number);
    lock.lock();
  }
  if (restless_ && random(0, 3) == 0) {
    change_locked(random(1, 5));
  }
  if (restless_ && random(0, 9) == 0) {
    clock_ms_ += jump_ms - clock_ms_ % jump_ms;
  }
  const auto parameter = [&](const char* key) {
    return request.get_param_value(key);
  };
  const auto since = parameter("since").empty() ? 0 : to_ms(parameter("since"));
  ServedPage page;
  page.stream = stream;
  page.number = ++served_;
  page.date_ms = clock_ms_ - clock_ms_ % 1000;
  std::string list;
  for (const int id : select(stream, parameter("at"), since,
                             std::stoul(parameter("limit")), page.next)) {
    const auto index = static_cast<std::size_t>(id - 1);
    page.records.emplace_back(id, versions_[index].size());
    list += (list.empty() ? "" : ",") + texts_[index];
  }
  std::string more;
  if (!page.next.empty() && (stream == "next" || stream == "link")) {
    page.next =
        fmt::format("/{}?since={}&limit={}&at={}", stream,
                    httplib::detail::encode_query_param(parameter("since")),
                    parameter("limit"), page.next);
  }
  if (!page.next.empty() && stream == "link") {
    response.set_header("Link", "<" + page.next + ">; rel=\"next\"");
  } else if (!page.next.empty()) {
    more = fmt::format(R"(,"next":"{}")", page.next);
  }
  response.set_header("Date", http_date(page.date_ms));
  response.set_content(fmt::format(R"({{"data":[{}]{}}})", list, more),
                       "application/json");
  pages_[run].push_back(std::move(page));
}

}  // namespace strandline::test
