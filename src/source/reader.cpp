// SPDX-License-Identifier: MIT
#include "source/reader.hpp"

#include <algorithm>
#include <utility>

#include "http/error.hpp"
#include "model/text.hpp"

namespace strandline::source {
namespace {

// Tokens and next URLs expire. Only a run's first request can meet that: later
// the same answer says something else.
bool position_refused(int status) {
  return status == 400 || status == 404 || status == 410 || status == 422;
}

// A page to sign in, a proxy's word: its begin says what is wrong. Of JSON it
// might show somebody's data.
bool looks_like_json(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first == std::string_view::npos || body[first] == '{' ||
         body[first] == '[';
}

bool counts_records(model::PageRule::Kind kind) {
  return kind == model::PageRule::Kind::offset ||
         kind == model::PageRule::Kind::number;
}

}  // namespace

Reader::Reader(const model::StreamDefinition& stream, http::Client& client,
               model::Window window, Clock now)
    : stream_(stream),
      client_(client),
      window_(std::move(window)),
      now_(std::move(now)),
      decoder_(stream),
      pager_(stream, client),
      resumed_(!window_.position.first_page()) {}

std::optional<Page> Reader::next() {
  if (complete_) {
    return {};
  }
  Page page;
  const auto requests = client_.requests();
  const auto bytes = client_.bytes();
  while (!fetch(page)) {
    window_ = restarted(page);
  }
  page.complete = complete_;
  page.window = storable(window_);
  page.requests = client_.requests() - requests;
  page.bytes = client_.bytes() - bytes;
  return page;
}

// False if the source no longer knows the position that the run began with.
bool Reader::fetch(Page& page) {
  const auto url = pager_.url(window_);
  const bool resumed = std::exchange(resumed_, false);
  const http::Response* response = nullptr;
  try {
    response = &client_.get(url, pager_.headers(window_));
    return read(url, *response, resumed, page);
  } catch (DecodeError& error) {
    error.add_note("request", "GET " + client_.redact(url.text()));
    if (!looks_like_json(response->body)) {
      error.add_note("answer",
                     model::printable(client_.redact(response->body), 200));
    }
    throw;
  } catch (const http::HttpError& error) {
    if (!resumed || !position_refused(error.status())) {
      throw;
    }
    return false;
  }
}

model::Window Reader::restarted(Page& page) const {
  if (window_.restarts == model::max_restarts) {
    throw Error(ExitCode::protocol,
                "stuck: three times in a row the source did not let a run "
                "continue where the last one ended",
                {{"try",
                  "--full, which begins anew, in a run that is not cut "
                  "short"}});
  }
  page.restarted = true;
  return model::restart(window_);
}

bool Reader::read(const http::Url& url, const http::Response& response,
                  bool resumed, Page& page) {
  if (window_.read == 0 && window_.position.first_page()) {
    window_.anchor =
        model::anchor(response.date, response.time_to_first_byte.count());
  }
  const bool no_content = response.status == 204;
  auto answer =
      no_content ? decoder_.nothing() : decoder_.decode(response.body);
  const auto records = static_cast<std::int64_t>(answer.records.records.size() +
                                                 answer.records.rejects.size());
  // The list may have become shorter: no proof that its end was read.
  if (resumed && records == 0 && counts_records(stream_.page.kind)) {
    return false;
  }
  if (resumed) {
    window_.restarts = 0;
  }
  observe(answer, page);
  window_.read += records;
  const auto place = no_content || past_the_start(answer)
                         ? std::nullopt
                         : pager_.next(window_, url, response, answer.envelope,
                                       {records, window_.read});
  complete_ = !place;
  window_.position.value = place.value_or("");
  page.records = std::move(answer.records);
  return true;
}

void Reader::observe(const Answer& answer, Page& page) {
  if (!stream_.cursor) {
    return;
  }
  const auto limit = window_.anchor ? *window_.anchor : now_();
  for (const auto& cursor : answer.records.cursors) {
    model::observe(window_, page.counts, *stream_.cursor, cursor, limit);
  }
}

// The second proof of a descending window's end: one whole page below `from`,
// and the order has held so far. Of a rejected record it is not known.
bool Reader::past_the_start(const Answer& answer) const {
  return stream_.cursor && stream_.cursor->order == model::Order::descending &&
         window_.from && window_.ordered && answer.records.rejects.empty() &&
         !answer.records.cursors.empty() &&
         std::all_of(answer.records.cursors.begin(),
                     answer.records.cursors.end(), [&](const auto& cursor) {
                       return cursor && *cursor < *window_.from;
                     });
}

// A position is kept without credentials. One that holds a secret even then is
// for this run only.
model::Window Reader::storable(const model::Window& window) const {
  auto stored = window;
  const auto kind = stream_.page.kind;
  if (!stored.position.first_page() && (kind == model::PageRule::Kind::next ||
                                        kind == model::PageRule::Kind::link)) {
    stored.position.value =
        client_.without_credentials(http::Url(stored.position.value)).text();
  }
  if (client_.holds_secret(stored.position.value)) {
    stored.position.value.clear();
  }
  return stored;
}

}  // namespace strandline::source
