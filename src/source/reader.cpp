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

bool is_empty(const http::Response& response) {
  return response.status == 204 || response.status == 304;
}

}  // namespace

ClockSetBack::ClockSetBack(const model::CursorValue& mark,
                           model::Instant anchor)
    : Error(ExitCode::protocol,
            "the mark " + model::to_display(mark) +
                " lies after the source's clock, " + model::to_display(anchor) +
                ": it was set back, and what changes now would not be seen"),
      anchor_(anchor) {}

Stuck::Stuck()
    : Error(ExitCode::protocol,
            "stuck: three times in a row the source did not let a run continue "
            "where the last one ended",
            {{"try",
              "strandline reset, or --full, and a run that is not cut "
              "short"}}) {}

Reader::Reader(const model::StreamDefinition& stream, http::Client& client,
               model::Window window, Clock now, Basis basis)
    : stream_(stream),
      client_(client),
      window_(std::move(window)),
      now_(std::move(now)),
      basis_(std::move(basis)),
      decoder_(stream, basis_.parent),
      pager_(stream, client, basis_.parent),
      first_request_(Known::nothing) {
  if (stream_.page.keyset) {
    walk_ = KeysetWalk::resumed(stream_, window_.position.value);
    if (!walk_) {
      walk_.emplace(stream_, window_.from);
      begin_list();
    }
  }
  if (!asked().position.first_page()) {
    first_request_ = Known::position;
  } else if (basis_.state) {
    first_request_ = Known::state;
  }
}

std::optional<Page> Reader::next() {
  if (complete_) {
    return {};
  }
  Page page;
  const auto requests = client_.requests();
  const auto retries = client_.retries();
  const auto bytes = client_.bytes();
  for (auto asked_with = first_request_; !fetch(page);
       asked_with = first_request_) {
    window_ = begun_anew(asked_with, page);
  }
  page.complete = complete_;
  page.window = storable(window_);
  page.requests = client_.requests() - requests;
  page.retries = client_.retries() - retries;
  page.bytes = client_.bytes() - bytes;
  return page;
}

// The window as the next request sees it.
model::Window Reader::asked() const {
  auto asked = window_;
  if (walk_) {
    asked.from = walk_->position().bound;
    asked.position.value = walk_->position().place;
  }
  return asked;
}

// False if the source no longer knows what the run began with.
bool Reader::fetch(Page& page) {
  const auto window = asked();
  const auto request = pager_.request(window, basis_.state);
  const auto known = std::exchange(first_request_, Known::nothing);
  if (known != Known::nothing && !client_.admits(request.url)) {
    return false;  // the list of origins was another then
  }
  asked_at_ = now_();
  Answer answer;
  const http::Response* response = nullptr;
  try {
    response = &client_.fetch(
        request,
        [&](const http::Response& received) {
          answer = decoded(request, received);
        },
        [this](const http::Response& refusal) {
          return decoder_.says_failure(refusal.body);
        });
  } catch (const http::HttpError& error) {
    if (known == Known::nothing || !position_refused(error.status())) {
      throw;
    }
    return false;
  }
  try {
    return read(client_.answered_by(), *response, std::move(answer),
                known == Known::position, page);
  } catch (DecodeError& error) {
    error.add_note("request", name_of(request));
    throw;
  }
}

std::string Reader::name_of(const http::Request& request) const {
  return client_.redact(http::outline_of(request));
}

// What may be better a little later is asked for again by the client.
Answer Reader::decoded(const http::Request& request,
                       const http::Response& response) {
  try {
    return is_empty(response) ? decoder_.nothing()
                              : decoder_.decode(response.body);
  } catch (DecodeError& error) {
    error.add_note("request", name_of(request));
    if (!looks_like_json(response.body)) {
      error.add_note("answer",
                     model::printable(client_.redact(response.body), 200));
    }
    if (!error.passing()) {
      throw;
    }
    http::HttpError failure(
        error.code(), model::printable(client_.redact(error.what()), 300),
        error.cut_off() ? 0 : response.status, error.notes());
    failure.set_passing();
    throw failure;
  }
}

model::Window Reader::begun_anew(Known refused, Page& page) {
  auto again = window_;
  if (refused == Known::state) {
    page.resynced = true;
    basis_.state.reset();
    again = model::resync(window_, stream_);
  } else {
    if (window_.restarts == model::max_restarts) {
      throw Stuck();
    }
    page.restarted = true;
    again = model::restart(window_);
    first_request_ = basis_.state ? Known::state : Known::nothing;
  }
  if (walk_) {
    walk_.emplace(stream_, again.from);
    begin_list();
    again.last = window_.last;
    again.position.value.clear();
  }
  return again;
}

bool Reader::read(const http::Url& url, const http::Response& response,
                  Answer answer, bool resumed, Page& page) {
  begin(response);
  const auto records = static_cast<std::int64_t>(answer.records.records.size() +
                                                 answer.records.rejects.size());
  // The list may have become shorter: no proof that its end was read.
  if (resumed && records == 0 && stream_.page.counts()) {
    return false;
  }
  if (std::exchange(first_answer_, false) && (resumed || window_.read > 0)) {
    window_.restarts = 0;  // it went on
  }
  observe(answer, page);
  take_state(url, answer);
  window_.read += records;
  complete_ = past_the_start(answer) ||
              (is_empty(response) ? !walk_ || !walk_on(answer, records, {})
                                  : !go_on(url, response, answer, records));
  if (complete_) {
    window_.position.value.clear();
    require_state();
  }
  page.records = std::move(answer.records);
  return true;
}

// T0 is of the window's first answer: a later one would pass over what changed
// while the window was read.
void Reader::begin(const http::Response& response) {
  if (window_.read != 0 || !window_.position.first_page()) {
    return;
  }
  window_.anchor =
      model::anchor(response.date, response.time_to_first_byte.count());
  if (model::clock_set_back(basis_.mark, window_.anchor)) {
    throw ClockSetBack(*basis_.mark, *window_.anchor);
  }
}

void Reader::observe(const Answer& answer, Page& page) {
  if (!stream_.has_mark()) {
    return;
  }
  // What is stamped later than we asked may stand before what is made while
  // the answer is on its way.
  const auto limit = window_.anchor ? *window_.anchor : asked_at_;
  if (stream_.page.counts()) {
    // A record that came in front has moved the others: a page may begin above
    // where the one before ended.
    window_.last.reset();
  }
  for (const auto& cursor : answer.records.cursors) {
    model::observe(window_, page.counts, *stream_.cursor, cursor, limit);
  }
  if (stream_.page.keyset && page.counts.inversions > 0) {
    throw DecodeError(
        "the records are not in ascending order of '" +
            model::to_text(stream_.cursor->field) +
            "', or from before what was asked for: asking again from the last "
            "one would skip some",
        {{"try",
          "sort by the cursor's field in the query, or leave out keyset"}});
  }
}

void Reader::take_state(const http::Url& url, const Answer& answer) {
  if (!stream_.cursor || stream_.has_mark()) {
    return;
  }
  const auto state =
      named(answer.envelope, EnvelopeSlot::state, stream_.cursor->field);
  if (!state) {
    return;
  }
  if (stream_.cursor->kind == model::CursorRule::Kind::next) {
    if (auto stored = without_secret(pager_.resolved(url, state->text))) {
      window_.state = std::move(stored);
    }
  } else {
    window_.state = pager_.written({state->text, state->is_number()});
  }
}

// Without a token every run would read everything, and without an end of it
// nothing would say so.
void Reader::require_state() const {
  if (!stream_.cursor || stream_.has_mark() || window_.state || basis_.state ||
      window_.read == 0) {
    return;
  }
  throw DecodeError("the list ended without '" +
                        model::to_text(stream_.cursor->field) +
                        "', with which the next run would begin",
                    {{"try", "check the path in the stream's cursor"}});
}

// The second proof of a descending window's end: one whole page below `from`,
// and the order has held so far. Of a rejected record it is not known.
bool Reader::past_the_start(const Answer& answer) const {
  const auto& cursors = answer.records.cursors;
  return stream_.has_mark() &&
         stream_.cursor->order == model::Order::descending && window_.from &&
         window_.ordered && answer.records.rejects.empty() &&
         !cursors.empty() &&
         std::all_of(cursors.begin(), cursors.end(), [&](const auto& cursor) {
           return cursor && *cursor < *window_.from;
         });
}

// False if the answer proves that the list ended with it.
bool Reader::go_on(const http::Url& url, const http::Response& response,
                   const Answer& answer, std::int64_t records) {
  const auto read = walk_ ? walk_->position().read + records : window_.read;
  window_.total = std::max(window_.total, pager_.total(answer.envelope));
  auto place = pager_.next(asked(), url, response, answer.envelope,
                           {records, read, answer.after});
  if (walk_) {
    return walk_on(answer, records, std::move(place));
  }
  window_.position.value = place.value_or("");
  return place.has_value();
}

// A list asked for anew: its order begins at what it is asked from.
void Reader::begin_list() {
  const auto& bound = walk_->position().bound;
  pager_.begin_anew();
  window_.total.reset();
  window_.last.reset();
  if (bound) {
    window_.last = model::filter_bound(*bound, *stream_.cursor);
  }
}

bool Reader::walk_on(const Answer& answer, std::int64_t records,
                     std::optional<std::string> place) {
  if (!walk_->take(answer, records, std::move(place))) {
    return false;
  }
  if (walk_->position().place.empty()) {
    begin_list();
  }
  window_.position.value = model::to_text(walk_->position());
  return true;
}

// A position is kept without credentials. One that holds a secret even then is
// for this run only.
model::Window Reader::storable(const model::Window& window) const {
  auto stored = window;
  auto& position = stored.position.value;
  const auto kind = stream_.page.kind;
  const bool is_url = kind == model::PageRule::Kind::next ||
                      kind == model::PageRule::Kind::link;
  if (walk_ && is_url && !complete_ && !walk_->position().place.empty()) {
    auto walk = walk_->position();
    if (auto place = without_secret(walk.place)) {
      walk.place = std::move(*place);
    } else {
      walk.place.clear();
      walk.digest.clear();
      walk.read = 0;
      walk.repeated = false;
    }
    position = model::to_text(walk);
  } else if (!walk_ && is_url && !stored.position.first_page()) {
    position = without_secret(position).value_or("");
  }
  if (client_.holds_secret(position)) {
    position.clear();
  }
  return stored;
}

std::optional<std::string> Reader::without_secret(
    const std::string& url) const {
  auto text = client_.without_credentials(http::Url(url)).text();
  return client_.holds_secret(text) ? std::nullopt
                                    : std::optional(std::move(text));
}

}  // namespace strandline::source
