// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "http/client.hpp"
#include "model/mark.hpp"
#include "source/decoder.hpp"
#include "source/keyset_walk.hpp"
#include "source/pager.hpp"
#include "source/parent.hpp"

namespace strandline::source {

/// One page of a stream, decoded, and its window as it stands after it.
struct Page {
  model::RecordBatch records;
  model::CursorCounts counts;
  model::Window window;
  bool complete = false;   ///< the window's end is proved
  bool restarted = false;  ///< the position was refused, the window began anew
  bool resynced = false;   ///< the token was refused, the stream began anew
  std::int64_t requests = 0;  ///< sent for it
  std::int64_t retries = 0;   ///< of those
  std::int64_t bytes = 0;     ///< decoded bodies
  /// For who reads several windows one after the other: which one it is of, and
  /// whether that begins or ends with it.
  std::size_t list = 0;
  bool list_begins = false;
  bool list_ends = false;
  bool gone = false;  ///< the source no longer has it: nothing was read
};

/// What a window follows on.
struct Basis {
  /// The stream's mark, where a source whose clock was set back would hide
  /// changes behind it.
  std::optional<model::CursorValue> mark;
  /// Of a stream that is followed by a token: the last complete one.
  std::optional<std::string> state;
  /// Of children: what they are read for.
  Parent parent = {};
};

/// The mark lies well beyond the time that the source's first answer tells: its
/// clock was set back, and what changes now would be passed over.
class ClockSetBack : public Error {
 public:
  ClockSetBack(const model::CursorValue& mark, model::Instant anchor);

  /// T0 of the window that began.
  model::Instant anchor() const noexcept { return anchor_; }

 private:
  model::Instant anchor_;
};

/// The source has refused the position of a window too often in a row.
class Stuck : public Error {
 public:
  Stuck();
};

/// Reads a window page by page. Not thread-safe; holds references to what it
/// was made from.
class Reader {
 public:
  using Clock = std::function<model::Instant()>;

  /// `window` is a new one, or one that was open with its position. `now` is
  /// asked for the limit of timestamps where a source sends no `Date`: when a
  /// page is asked for.
  Reader(const model::StreamDefinition& stream, http::Client& client,
         model::Window window, Clock now, Basis basis = {});

  /// Returns the next page; nothing after a complete one. Throws HttpError,
  /// DecodeError, ClockSetBack (before the first page) and Stuck; the pages
  /// returned before stay valid, and a new Reader goes on from the window of
  /// the last one.
  std::optional<Page> next();

 private:
  /// What of the first request the source may no longer know.
  enum class Known { nothing, state, position };

  bool fetch(Page& page);
  std::string name_of(const http::Request& request) const;
  Answer decoded(const http::Request& request, const http::Response& response);
  bool read(const http::Url& url, const http::Response& response, Answer answer,
            bool resumed, Page& page);
  void begin(const http::Response& response);
  void observe(const Answer& answer, Page& page);
  void take_state(const http::Url& url, const Answer& answer);
  void require_state() const;
  bool past_the_start(const Answer& answer) const;
  bool go_on(const http::Url& url, const http::Response& response,
             const Answer& answer, std::int64_t records);
  bool walk_on(const Answer& answer, std::int64_t records,
               std::optional<std::string> place);
  void begin_list();
  model::Window asked() const;
  model::Window begun_anew(Known refused, Page& page);
  model::Window storable(const model::Window& window) const;
  std::optional<std::string> without_secret(const std::string& url) const;

  const model::StreamDefinition& stream_;
  http::Client& client_;
  model::Window window_;
  Clock now_;
  Basis basis_;
  Decoder decoder_;
  Pager pager_;
  std::optional<KeysetWalk> walk_;  ///< of a keyset stream
  Known first_request_;
  model::Instant asked_at_;  ///< the last request, by our own clock
  bool first_answer_ = true;
  bool complete_ = false;
};

}  // namespace strandline::source
