// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "http/client.hpp"
#include "model/mark.hpp"
#include "source/decoder.hpp"
#include "source/pager.hpp"

namespace strandline::source {

/// One page of a stream, decoded, and its window as it stands after it.
struct Page {
  model::RecordBatch records;
  model::CursorCounts counts;
  model::Window window;
  bool complete = false;   ///< the window's end is proved
  bool restarted = false;  ///< the position was refused, the window began anew
  std::int64_t requests = 0;  ///< sent for it
  std::int64_t bytes = 0;     ///< decoded bodies
};

/// Reads a window page by page. Not thread-safe; holds references to what it
/// was made from.
class Reader {
 public:
  using Clock = std::function<model::Instant()>;

  /// `window` is a new one, or one that was open with its position. `now` is
  /// asked for the limit of timestamps where a source sends no `Date`.
  Reader(const model::StreamDefinition& stream, http::Client& client,
         model::Window window, Clock now);

  /// Returns the next page; nothing after a complete one. Throws HttpError and
  /// DecodeError; the pages returned before stay valid, and a new Reader goes
  /// on from the window of the last one.
  std::optional<Page> next();

 private:
  bool fetch(Page& page);
  bool read(const http::Url& url, const http::Response& response, bool resumed,
            Page& page);
  void observe(const Answer& answer, Page& page);
  bool past_the_start(const Answer& answer) const;
  model::Window restarted(Page& page) const;
  model::Window storable(const model::Window& window) const;

  const model::StreamDefinition& stream_;
  http::Client& client_;
  model::Window window_;
  Clock now_;
  Decoder decoder_;
  Pager pager_;
  bool resumed_;
  bool complete_ = false;
};

}  // namespace strandline::source
