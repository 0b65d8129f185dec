// SPDX-License-Identifier: MIT
#pragma once

#include <httplib.h>

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "loopback_server.hpp"

namespace strandline::test {

/// A real HTTP server on loopback that says what a test wrote: an answer for
/// each target, such as "/people?page=2". All members may be called while it
/// serves.
class AnswersServer {
 public:
  AnswersServer() {
    server_.routes().Get(".*", [this](const auto& request, auto& response) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request.target);
      const auto found = answers_.find(request.target);
      const auto path = answers_.find(request.path);
      if (found == answers_.end() && path == answers_.end()) {
        response.status = 404;
        return;
      }
      const auto& answer =
          found == answers_.end() ? path->second : found->second;
      response.status = answer.first;
      response.set_content(answer.second, "application/json");
    });
    server_.start();
  }
  AnswersServer(const AnswersServer&) = delete;
  AnswersServer& operator=(const AnswersServer&) = delete;

  std::string url() const { return server_.url(); }

  /// What is said to a target, or to a path with whatever query.
  void set(const std::string& target, std::string body, int status = 200) {
    const std::lock_guard lock(mutex_);
    answers_[target] = {status, std::move(body)};
  }

  /// Returns the targets that were asked for since the last call.
  std::vector<std::string> take_asked() {
    const std::lock_guard lock(mutex_);
    return std::exchange(asked_, {});
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::pair<int, std::string>> answers_;
  std::vector<std::string> asked_;
  LoopbackServer server_;
};

}  // namespace strandline::test
