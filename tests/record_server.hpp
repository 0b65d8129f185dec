// SPDX-License-Identifier: MIT
#pragma once

#include <httplib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "loopback_server.hpp"

namespace strandline::test {

/// A real HTTP server on loopback with one list of records, sorted by
/// `updated_at` and filtered by `since` and `till`, both inclusive, at /items
/// (token paging), /linked (Link headers), /next (next URL in the body),
/// /numbered (page numbers) and /offsets. All members may be called while it
/// serves.
class RecordServer {
 public:
  using Json = nlohmann::json;
  /// Called with every request, before it is answered; true if it has answered.
  using Hook = std::function<bool(const httplib::Request&, httplib::Response&)>;

  RecordServer() {
    auto& routes = server_.routes();
    routes.Get("/items", [this](const auto& request, auto& response) {
      answer(request, response, "after", [&](Json& body, std::size_t next) {
        body["meta"] = {{"next", std::to_string(next)}};
      });
    });
    routes.Get("/linked", [this](const auto& request, auto& response) {
      answer(request, response, "at", [&](Json&, std::size_t next) {
        response.set_header("Link", "<" + follow(request, "at", next) +
                                        ">; rel=\"next\", </linked>; "
                                        "rel=\"first\"");
      });
    });
    routes.Get("/next", [this](const auto& request, auto& response) {
      answer(request, response, "at", [&](Json& body, std::size_t next) {
        body["meta"] = {{"next", follow(request, "at", next)}};
      });
    });
    routes.Get("/offsets", [this](const auto& request, auto& response) {
      answer(request, response, "offset", [](Json&, std::size_t) {});
    });
    routes.Get("/numbered", [this](const auto& request, auto& response) {
      answer(request, response, "page", [](Json&, std::size_t) {});
    });
    server_.start();
  }
  RecordServer(const RecordServer&) = delete;
  RecordServer& operator=(const RecordServer&) = delete;

  std::string url() const { return server_.url(); }

  /// Adds a record, or puts it in the place of the one with its `id`.
  void put(Json record) {
    const std::lock_guard lock(mutex_);
    std::erase_if(records_, [&](const Json& each) {
      return each.at("id") == record.at("id");
    });
    const auto later =
        std::upper_bound(records_.begin(), records_.end(), record,
                         [](const Json& a, const Json& b) {
                           return a.at("updated_at") < b.at("updated_at");
                         });
    records_.insert(later, std::move(record));
  }

  /// Puts these records, in order, in the place of all.
  void set(std::vector<Json> records) {
    const std::lock_guard lock(mutex_);
    records_ = std::move(records);
  }

  /// Whether answers have a `Date`; they do from the begin.
  void send_date(bool yes) {
    const std::lock_guard lock(mutex_);
    dated_ = yes;
  }

  void set_hook(Hook hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }

  /// The targets asked for, such as "/items?since=…", in order; forgets them.
  std::vector<std::string> take_requests() {
    const std::lock_guard lock(mutex_);
    return std::exchange(requests_, {});
  }

 private:
  template <typename More>
  void answer(const httplib::Request& request, httplib::Response& response,
              const std::string& parameter, More more) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request.target);
    if (dated_) {
      response.set_header("Date", http_date());
    }
    if (hook_ && hook_(request, response)) {
      return;
    }
    const auto since = request.get_param_value("since");
    const auto till = request.get_param_value("till");
    const auto limit = number(request, "limit", 100);
    auto at = number(request, parameter, 0);
    if (parameter == "page") {
      at = (std::max<std::size_t>(at, 1) - 1) * limit;
    }
    auto page = Json::array();
    std::size_t index = 0;
    std::size_t matches = 0;
    for (const auto& record : records_) {
      const auto updated = record.value("updated_at", "");
      if (updated >= since && (till.empty() || updated <= till)) {
        if (index >= at && page.size() < limit) {
          page.push_back(record);
        }
        ++index;
        ++matches;
      }
    }
    Json body = {{"data", page}, {"total", matches}};
    if (at + limit < matches) {
      more(body, at + limit);
    }
    response.set_content(body.dump(), "application/json");
  }

  static std::string http_date() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT",
                  &parts);
    return text.data();
  }

  static std::size_t number(const httplib::Request& request,
                            const std::string& name, std::size_t otherwise) {
    const auto text = request.get_param_value(name);
    return text.empty() ? otherwise : std::stoul(text);
  }

  static std::string follow(const httplib::Request& request,
                            const std::string& name, std::size_t at) {
    auto target = request.path + "?" + name + "=" + std::to_string(at);
    for (const auto& [key, value] : request.params) {
      if (key != name) {
        target += "&" + key + "=" + httplib::detail::encode_query_param(value);
      }
    }
    return target;
  }

  std::recursive_mutex mutex_;  // a hook may change the records
  std::vector<Json> records_;
  std::vector<std::string> requests_;
  Hook hook_;
  bool dated_ = true;
  LoopbackServer server_;  // last: it serves until it is gone
};

}  // namespace strandline::test
