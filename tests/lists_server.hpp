// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "loopback_server.hpp"

namespace strandline::test {

/// A real HTTP server on loopback that answers several requests at once. Each
/// path is a list of its own: `pages` pages of `page_size` records, by token.
/// All members may be called while it serves.
class ListsServer {
 public:
  using Json = nlohmann::json;
  /// Called with each request before it is answered, by several threads at
  /// once; true if it has answered.
  using Hook = std::function<bool(const httplib::Request&, httplib::Response&)>;

  ListsServer(int pages, int page_size) : pages_(pages), size_(page_size) {
    server_.routes().new_task_queue = [] {
      return new httplib::ThreadPool(threads);
    };
    server_.routes().Get(R"(/\w+)",
                         [this](const auto& request, auto& response) {
                           enter(request);
                           const auto hook = this->hook();
                           if (!hook || !hook(request, response)) {
                             answer(request, response);
                           }
                           leave();
                         });
    server_.start();
  }
  ListsServer(const ListsServer&) = delete;
  ListsServer& operator=(const ListsServer&) = delete;

  std::string url() const { return server_.url(); }

  void set_hook(Hook hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }

  /// Answers nothing before `count` requests have been there at once, or `time`
  /// has passed since each came.
  void gather(int count, std::chrono::milliseconds time) {
    set_hook([this, count, time](const auto&, auto&) {
      std::unique_lock lock(mutex_);
      came_.wait_for(lock, time, [&] { return most_ >= count; });
      return false;
    });
  }

  /// Waits until so many pages of `path` were asked for; false if they were not
  /// for a minute.
  bool wait_for_pages(const std::string& path, int count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(60),
                          [&] { return asked_[path] >= count; });
  }

  /// The most requests that were there at once.
  int most() const {
    const std::lock_guard lock(mutex_);
    return most_;
  }

  /// From how many connections requests came.
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return ports_.size();
  }

  int records() const { return pages_ * size_; }

 private:
  static constexpr std::size_t threads = 40;  // one for each connection

  Hook hook() const {
    const std::lock_guard lock(mutex_);
    return hook_;
  }

  void enter(const httplib::Request& request) {
    const std::lock_guard lock(mutex_);
    most_ = std::max(most_, ++now_);
    ports_.insert(request.remote_port);
    auto& asked = asked_[request.path];
    asked = std::max(asked, page_of(request) + 1);
    came_.notify_all();
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --now_;
  }

  static int page_of(const httplib::Request& request) {
    const auto at = request.get_param_value("after");
    return at.empty() ? 0 : std::stoi(at);
  }

  void answer(const httplib::Request& request,
              httplib::Response& response) const {
    const int page = page_of(request);
    auto data = Json::array();
    for (int id = page * size_ + 1; id <= (page + 1) * size_; ++id) {
      data.push_back(
          {{"id", id},
           {"name", fmt::format("{} {}", request.path, id)},
           {"updated_at", fmt::format("2024-01-01T{:02}:{:02}:{:02}Z",
                                      id / 3600, id / 60 % 60, id % 60)}});
    }
    Json body = {{"data", data}};
    if (page + 1 < pages_) {
      body["meta"] = {{"next", std::to_string(page + 1)}};
    }
    response.set_header("Date", "Mon, 02 Nov 2026 12:00:00 GMT");
    response.set_content(body.dump(), "application/json");
  }

  int pages_;
  int size_;
  mutable std::mutex mutex_;
  std::condition_variable came_;
  Hook hook_;
  int now_ = 0;
  int most_ = 0;
  std::set<int> ports_;
  std::map<std::string, int> asked_;
  LoopbackServer server_;  // last: it serves until it is gone
};

}  // namespace strandline::test
