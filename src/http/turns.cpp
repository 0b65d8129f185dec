// SPDX-License-Identifier: MIT
#include "http/turns.hpp"

#include <fmt/format.h>

#include <utility>

#include "http/throttle.hpp"

namespace strandline::http {
namespace {

std::vector<Note> without_advice(std::vector<Note> notes) {
  std::erase_if(notes, [](const Note& note) { return note.label == "try"; });
  return notes;
}

// What failed would have been asked again.
TimeUp time_up_after(const HttpError& failure) {
  auto notes = without_advice(failure.notes());
  notes.insert(notes.begin(), {"failure", failure.what()});
  return TimeUp(std::move(notes));
}

// In whole seconds, and not before `instant`.
std::string shown(model::Instant instant) {
  return model::to_rfc3339(model::plus(instant, 0, 999'999'999), 0);
}

}  // namespace

Turns::Turns(std::shared_ptr<Session> session, std::shared_ptr<Waiter> waiter,
             std::chrono::milliseconds patience)
    : session_(std::move(session)),
      waiter_(std::move(waiter)),
      patience_(patience) {}

void Turns::set_stream(const std::string& stream,
                       std::optional<model::Rate> rate) {
  stream_ = stream;
  rate_ = rate ? std::make_unique<Pace>(rate) : nullptr;
}

Waiter::Clock::time_point Turns::now() const {
  return waiter_ ? waiter_->now() : Waiter::Clock::now();
}

void Turns::take() {
  if (!waiter_) {
    return;
  }
  auto& source = session_->pace();
  // First the rate that is the stream's alone: a place in the source's is used
  // when its time comes, or wasted.
  if (rate_) {
    wait_for_rate(rate_->next(waiter_->now()));
  }
  do {
    wait_out_holds();
    place_ = source.reserve(waiter_->now());
    wait_for_rate(place_);
    // Another thread may have been refused meanwhile.
  } while (source.held(waiter_->now()));
  if (rate_) {
    stream_place_ = rate_->reserve(waiter_->now());
  }
}

void Turns::give_back() {
  session_->pace().give_back(place_);
  if (rate_) {
    rate_->give_back(stream_place_);
  }
}

void Turns::take_uncounted() {
  if (!waiter_) {
    return;
  }
  wait_out_holds();
  if (!waiter_->wait_until(waiter_->now(), {stream_, {}})) {
    throw TimeUp();
  }
}

void Turns::note(const Request& request, const Response& response) {
  if (!waiter_) {
    return;
  }
  const auto wait = asked_wait(response, waiter_->utc());
  if (!wait || wait->count() == 0) {
    return;
  }
  const bool success = response.status >= 200 && response.status <= 299;
  const auto why =
      success ? fmt::format("{}: the source allows no more requests for now",
                            name_of(request))
              : fmt::format("{}: the answer is {}", name_of(request),
                            response.status);
  session_->pace().hold(waiter_->now() + *wait,
                        session_->redactor().redact(why));
}

bool Turns::wait_after(const HttpError& failure, Retries& retries) {
  if (!waiter_ || !retries.left()) {
    return false;
  }
  const auto until =
      waiter_->now() + retries.after_failure(failure.status() == 0);
  if (const auto hold = session_->pace().held(waiter_->now())) {
    wait_out(*hold, failure.notes());
  }
  if (!waiter_->wait_until(until, {stream_, failure.what()})) {
    throw time_up_after(failure);
  }
  return true;
}

void Turns::wait_out_holds() {
  while (const auto hold = session_->pace().held(waiter_->now())) {
    wait_out(*hold, {});
  }
}

void Turns::wait_out(const Pace::Hold& hold, const std::vector<Note>& notes) {
  if (hold.until - waiter_->now() > patience_ ||
      !waiter_->wait_until(hold.until, {stream_, hold.why})) {
    throw too_long(hold, notes);
  }
}

void Turns::wait_for_rate(Pace::Clock::time_point place) {
  if (!waiter_->wait_until(place,
                           {stream_, "`rate` allows no more requests"})) {
    throw TimeUp();
  }
}

HttpError Turns::too_long(const Pace::Hold& hold,
                          std::vector<Note> notes) const {
  using std::chrono::nanoseconds;
  const nanoseconds time = hold.until - waiter_->now();
  const auto until = shown(model::plus(waiter_->utc(), 0, time.count()));
  notes = without_advice(std::move(notes));
  notes.push_back(
      {"try", fmt::format("run again after {}: it continues where this run "
                          "ended",
                          until)});
  return {ExitCode::temporary,
          fmt::format("the source asks to wait until {}: {}", until, hold.why),
          0, std::move(notes)};
}

}  // namespace strandline::http
