// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fake_transport.hpp"
#include "http/client.hpp"
#include "model/mark.hpp"
#include "source/reader.hpp"

namespace strandline::test {

using namespace std::chrono_literals;
using model::CursorValue;
using model::Instant;
using model::Window;
using model::WindowMode;
using source::Page;
using source::Reader;

using Kind = model::PageRule::Kind;
using Urls = std::vector<std::string>;

inline const std::string items = "https://h.example/api/items";
inline constexpr std::int64_t noon = 1'704'110'400;  // 2024-01-01T12:00:00Z

inline Instant at(std::int64_t seconds_after_noon) {
  return {noon + seconds_after_noon, 0};
}

/// A record whose cursor is that many seconds after noon.
inline std::string record(int id, std::int64_t seconds_after_noon) {
  return fmt::format(R"({{"id":{},"at":"{}"}})", id,
                     model::to_rfc3339(at(seconds_after_noon), 0));
}

/// An answer with records of these ids, and `envelope` behind them.
inline std::string page(const std::vector<int>& ids,
                        const std::string& envelope = "") {
  std::string records;
  for (const int id : ids) {
    records += (records.empty() ? "" : ",") + record(id, id);
  }
  return R"({"data":[)" + records + "]" + (envelope.empty() ? "" : ",") +
         envelope + "}";
}

/// A stream, its scripted source, and Readers of it.
struct Feed {
  model::SourceDefinition source;
  model::StreamDefinition stream;
  http::Credentials credentials;
  FakeSource fake;
  std::unique_ptr<http::Client> client;
  std::vector<Page> pages;  // of the last `read`
  Instant now = at(3600);
  source::Basis basis;
  std::shared_ptr<http::Waiter> waiter;  ///< none: nothing is asked twice

  explicit Feed(Kind kind = Kind::single) {
    source.base_url = "https://h.example/api";
    stream.name = "items";
    stream.path = model::parse_template("/items");
    stream.records = model::parse_path("data");
    stream.key = {{"id", model::parse_path("id"), {}}};
    stream.page.kind = kind;
    stream.page.param = kind == Kind::offset                         ? "offset"
                        : kind == Kind::number                       ? "page"
                        : kind == Kind::token || kind == Kind::after ? "after"
                                                                     : "";
    if (kind == Kind::after) {
      stream.page.path = model::parse_path("id");
    }
    if (kind == Kind::next || kind == Kind::token) {
      stream.page.path = model::parse_path("next");
    }
    if (kind == Kind::link) {
      stream.page.relation = "next";
    }
  }

  /// Follows `at`, five minutes' overlap, with a filter.
  Feed& follow(model::Order order = model::Order::unordered) {
    stream.cursor.emplace();
    stream.cursor->field = model::parse_path("at");
    stream.cursor->order = order;
    stream.cursor->overlap = 5min;
    return *this;
  }

  /// Follows `at` in ascending order, asked for by `since`, and asks again from
  /// the last record.
  Feed& walk() {
    follow(model::Order::ascending);
    stream.query = {{"since", model::parse_template("${from}")}};
    stream.page.keyset = true;
    return *this;
  }

  /// Is followed by what stands at `delta` in an answer.
  Feed& by_token(model::CursorRule::Kind kind) {
    stream.cursor.emplace();
    stream.cursor->kind = kind;
    stream.cursor->field = model::parse_path("delta");
    if (kind == model::CursorRule::Kind::token) {
      stream.cursor->param = "since";
    }
    return *this;
  }

  Feed& secret(const std::string& token) {
    source.auth = credentials.auth = model::Auth::query;
    credentials.secret = token;
    credentials.param = "key";
    return *this;
  }

  http::Response& answer(const std::string& url, std::string body,
                         int status = 200) {
    return fake.answer(url, std::move(body), status);
  }

  Window window(std::optional<CursorValue> mark = {}) const {
    model::Checkpoint checkpoint;
    checkpoint.mark = mark;
    return model::open_window(
        checkpoint, stream,
        stream.cursor ? WindowMode::incremental : WindowMode::snapshot);
  }

  Reader reader(Window from) {
    client = std::make_unique<http::Client>(
        std::make_shared<http::Session>(source, credentials), fake.transport(),
        waiter);
    return {stream, *client, std::move(from), [this] { return now; }, basis};
  }

  /// Reads to the end, or to what is thrown; at most `most` pages.
  Feed& read(Window from, std::size_t most = 1000) {
    pages.clear();
    auto subject = reader(std::move(from));
    while (pages.size() < most) {
      auto next = subject.next();
      if (!next) {
        break;
      }
      pages.push_back(std::move(*next));
    }
    return *this;
  }
  Feed& read() { return read(window()); }

  /// Goes on, as another run, where the last page left the window.
  Feed& resume(std::size_t most = 1000) {
    return read(model::resume(pages.back().window, stream), most);
  }

  /// The ids that were read.
  std::vector<int> ids() const {
    std::vector<int> ids;
    for (const auto& each : pages) {
      for (const auto& entry : each.records.records) {
        ids.push_back(
            static_cast<int>(each.records.cells.at(entry.first_cell).integer));
      }
    }
    return ids;
  }

  /// What the first answer proves: "end", "then" and the position, or the
  /// error.
  std::string first(const std::string& body, http::Headers headers = {}) {
    const auto url = stream.page.kind == Kind::offset   ? items + "?offset=0"
                     : stream.page.kind == Kind::number ? items + "?page=1"
                                                        : items;
    fake = {};
    answer(url, body).headers = std::move(headers);
    try {
      read(window(), 1);
    } catch (const Error& error) {
      return error.what();
    }
    return pages.at(0).complete ? "end"
                                : "then " + pages.at(0).window.position.value;
  }
};

}  // namespace strandline::test
