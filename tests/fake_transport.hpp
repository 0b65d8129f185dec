// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/transport.hpp"

namespace strandline::test {

/// A source as a test scripts it: what it answers, by URL, and what it was
/// asked. It must outlive its transports. Not thread-safe.
class FakeSource {
 public:
  /// Adds an answer to `url`, for the test to complete. Several answers to one
  /// URL are given in turn, the last of them until there is another.
  http::Response& answer(const std::string& url, std::string body,
                         int status = 200) {
    auto& turn = answers_[url].emplace_back();
    turn.response.status = status;
    turn.response.body = std::move(body);
    return turn.response;
  }

  /// Returns a transport that asks this source.
  std::unique_ptr<http::Transport> transport() {
    return std::make_unique<FakeTransport>(*this);
  }

  const std::vector<http::Request>& asked() const { return asked_; }

  /// The URLs asked for, in order.
  std::vector<std::string> urls() const {
    std::vector<std::string> urls;
    for (const auto& request : asked_) {
      urls.push_back(request.url.text());
    }
    return urls;
  }

 private:
  struct Turn {
    http::Response response;
    bool given = false;
  };

  class FakeTransport : public http::Transport {
   public:
    explicit FakeTransport(FakeSource& source) : source_(source) {}

    void send(const http::Request& request, http::Response& response) override {
      response = source_.next(request);
      response.body.reserve(response.body.size() + http::body_padding);
    }

   private:
    FakeSource& source_;
  };

  http::Response next(const http::Request& request) {
    asked_.push_back(request);
    const auto found = answers_.find(request.url.text());
    if (found == answers_.end()) {
      throw std::logic_error("no answer is scripted for " + request.url.text());
    }
    auto& turns = found->second;
    if (turns.front().given && turns.size() > 1) {
      turns.pop_front();
    }
    turns.front().given = true;
    return turns.front().response;
  }

  std::map<std::string, std::deque<Turn>> answers_;
  std::vector<http::Request> asked_;
};

}  // namespace strandline::test
