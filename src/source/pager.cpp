// SPDX-License-Identifier: MIT
#include "source/pager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/mark.hpp"
#include "model/text.hpp"
#include "source/link_header.hpp"

namespace strandline::source {
namespace {

using Kind = model::PageRule::Kind;

constexpr int max_empty_pages = 100;

std::int64_t to_integer(std::string_view text, std::string_view what) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    throw DecodeError(fmt::format("{} is '{}', not a whole number", what,
                                  model::printable(text, 60)));
  }
  return value;
}

// What stands for `${last}` on the first page.
std::optional<Scalar> first_last(const model::PageRule& page) {
  return page.first_last
             ? std::optional(Scalar{*page.first_last, page.first_is_number})
             : std::nullopt;
}

// What stands for the place on the first page.
std::optional<Scalar> first_place(const model::PageRule& page) {
  switch (page.kind) {
    case Kind::offset:
      return Scalar{"0", true};
    case Kind::number:
      return Scalar{std::to_string(page.first), true};
    case Kind::after:
      return first_last(page);
    default:
      return {};
  }
}

// What is written in a path is one; what an option says is a part of one, and
// may have several steps.
std::string in_path(const model::Template::Piece& piece) {
  if (piece.from == model::Template::Piece::From::file) {
    return piece.text;
  }
  std::string path;
  std::string_view rest = piece.text;
  for (;;) {
    const auto slash = rest.find('/');
    path += http::percent_encode(rest.substr(0, slash));
    if (slash == std::string_view::npos) {
      return path;
    }
    path += '/';
    rest.remove_prefix(slash + 1);
  }
}

Scalar scalar(const EnvelopeValue& value) {
  return {value.text, value.is_number()};
}

// A value of a record that stands inside a longer text must not be able to say
// anything there but itself.
bool harmless(std::string_view value) {
  return value.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
             "._:@+-") == std::string_view::npos;
}

}  // namespace

bool CycleDetector::repeats(std::string_view place) {
  if (kept_ == place || last_ == place) {
    return true;
  }
  last_ = place;
  if (++steps_ == limit_) {
    steps_ = 0;
    limit_ *= 2;
    kept_ = place;
  }
  return false;
}

std::optional<EnvelopeValue> named(const Envelope& envelope, EnvelopeSlot slot,
                                   const model::Path& path) {
  const auto& found = envelope[slot];
  if (!found || found->kind == model::CellKind::null || found->text.empty() ||
      (found->kind == model::CellKind::boolean && !found->truthy())) {
    return {};
  }
  if (found->kind == model::CellKind::json) {
    throw DecodeError("'" + model::to_text(path) +
                      "' should name the next page or run, and is an object or "
                      "array in the answer");
  }
  return found;
}

Pager::Pager(const model::StreamDefinition& stream, http::Client& client,
             Parent parent)
    : stream_(stream), client_(client), parent_(std::move(parent)) {}

http::Request Pager::request(const model::Window& window,
                             const std::optional<std::string>& state) const {
  http::Request request{url(window, state), headers(window)};
  if (!stream_.post) {
    return request;
  }
  request.method = http::Method::post;
  request.body = body(window, state);
  if (!http::find_header(request.headers, "Content-Type")) {
    request.headers.emplace_back("Content-Type", "application/json");
  }
  return request;
}

http::Url Pager::url(const model::Window& window,
                     const std::optional<std::string>& state) const {
  const auto& page = stream_.page;
  const auto& place = window.position.value;
  const bool first = window.position.first_page();
  if ((page.kind == Kind::next || page.kind == Kind::link) && !first) {
    return http::Url(place);
  }
  const bool by_url =
      stream_.cursor && stream_.cursor->kind == model::CursorRule::Kind::next;
  if (first && state && by_url) {
    return http::Url(*state);
  }
  auto url = first_url(window);
  for (const auto& [param, sent] : places(window, state)) {
    if (!model::is_in_body(param)) {
      url.set_query(param, sent.text);
    }
  }
  return url;
}

// What goes into the request's parameters and the places of its body.
Places Pager::places(const model::Window& window,
                     const std::optional<std::string>& state) const {
  Places places;
  // On each page, or the second would be one of the whole list.
  if (state && stream_.cursor &&
      stream_.cursor->kind == model::CursorRule::Kind::token) {
    places.emplace_back(stream_.cursor->param, parsed(*state));
  }
  const auto& page = stream_.page;
  if (!page.param.empty()) {
    const auto place = window.position.first_page()
                           ? first_place(page)
                           : std::optional(parsed(window.position.value));
    if (place && !place->text.empty()) {
      places.emplace_back(page.param, *place);
    }
  }
  return places;
}

std::string Pager::body(const model::Window& window,
                        const std::optional<std::string>& state) const {
  auto inside = places(window, state);
  std::erase_if(inside, [](const auto& place) {
    return !model::is_in_body(place.first);
  });
  if (!stream_.body && inside.empty()) {
    return {};
  }
  const auto missing = [](std::string_view placeholder) {
    return DecodeError(fmt::format(
        "the body's placeholder '${{{}}}' has no value", placeholder));
  };
  return render(
      stream_.body.value_or(model::BodyValue{model::BodyValue::Object()}),
      [&](const model::Template& text) {
        const auto written = value(text, window);
        if (!written) {
          throw missing(model::to_text(text));
        }
        return *written;
      },
      [&](std::string_view placeholder) {
        const auto found = value(placeholder, window);
        if (!found) {
          throw missing(placeholder);
        }
        return *found;
      },
      inside);
}

std::string Pager::written(const Scalar& value) const {
  return stream_.post ? to_json(value) : value.text;
}

// The inverse of `written`.
Scalar Pager::parsed(const std::string& written) const {
  return stream_.post ? parse_scalar(written) : Scalar{written, false};
}

http::Url Pager::first_url(const model::Window& window) const {
  std::string path;
  for (const auto& piece : stream_.path.pieces) {
    path += piece.placeholder ? segment(piece, window) : in_path(piece);
  }
  auto url = client_.base();
  url.append_path(path);
  for (const auto& parameter : stream_.query) {
    if (const auto text = value(parameter.value, window)) {
      url.add_query(parameter.name, *text);
    }
  }
  return url;
}

// A value that is a step up would lead to another place.
std::string Pager::segment(const model::Template::Piece& piece,
                           const model::Window& window) const {
  const auto text = value({.pieces = {piece}}, window).value_or("");
  if (text.empty() || text == "." || text == "..") {
    throw DecodeError(fmt::format(
        "'{}' stands for '{}' in the request's path, which leads elsewhere",
        "${" + piece.text + "}", text));
  }
  return http::percent_encode(text);
}

http::Headers Pager::headers(const model::Window& window) const {
  http::Headers headers;
  for (const auto& [name, text] : stream_.headers) {
    if (auto written = value(text, window)) {
      headers.emplace_back(name, std::move(*written));
    }
  }
  return headers;
}

// Nothing where a placeholder has no value: what it stands in is then left out.
std::optional<std::string> Pager::value(const model::Template& text,
                                        const model::Window& window) const {
  std::string written;
  for (const auto& piece : text.pieces) {
    if (!piece.placeholder) {
      written += piece.text;
      continue;
    }
    const auto value = this->value(piece.text, window);
    if (!value) {
      return {};
    }
    const bool of_parent = piece.text.starts_with(parent_prefix);
    if ((piece.text == "last" || of_parent) && text.pieces.size() > 1 &&
        !harmless(value->text)) {
      throw DecodeError(fmt::format(
          "the {}'{}' is '{}': inside a longer text only letters, digits and . "
          "_ : @ + - are sent",
          of_parent ? "parent's " : "last record's ",
          of_parent ? piece.text.substr(parent_prefix.size())
                    : model::to_text(stream_.page.path),
          model::printable(value->text, 60)));
    }
    written += value->text;
  }
  return written;
}

std::optional<Scalar> Pager::value(std::string_view placeholder,
                                   const model::Window& window) const {
  if (auto of_parent = parent_.scalar(placeholder)) {
    return of_parent;
  }
  if (placeholder == "last") {
    return window.position.first_page()
               ? first_last(stream_.page)
               : std::optional(parsed(window.position.value));
  }
  const auto& bound = placeholder == "until" ? window.until : window.from;
  if (!bound || !stream_.cursor) {
    return {};
  }
  const auto& cursor = *stream_.cursor;
  return Scalar{
      model::write_cursor(
          placeholder == "until" ? *bound : model::filter_bound(*bound, cursor),
          cursor.format),
      model::is_number(cursor.format)};
}

Pager::End Pager::end(const model::Window& window, const Envelope& envelope,
                      const PageFacts& facts) const {
  const auto& page = stream_.page;
  if (page.more) {
    const auto& more = envelope[EnvelopeSlot::more];
    if (!more || !more->truthy()) {
      return End::proved;
    }
  }
  if (page.end) {
    const auto& end = envelope[EnvelopeSlot::end];
    if (end && end->truthy()) {
      return End::proved;
    }
  }
  bool says_more = page.more || page.end || page.size;
  if (page.total) {
    const auto told = *total(envelope);
    const auto most = std::max(told, window.total.value_or(told));
    if (facts.records_so_far >= most) {
      // Records that came twice were counted twice.
      return page.is_named() && facts.records > 0 ? End::counted : End::proved;
    }
    // What the list has lost meanwhile may have been read, or not.
    says_more = says_more || told == most;
  }
  if (page.size && facts.records < *page.size) {
    return End::proved;
  }
  return says_more ? End::denied : End::unsaid;
}

std::optional<std::int64_t> Pager::total(const Envelope& envelope) const {
  const auto& path = stream_.page.total;
  if (!path) {
    return {};
  }
  const auto& total = envelope[EnvelopeSlot::total];
  const auto name = fmt::format("`total`: '{}'", model::to_text(*path));
  if (!total) {
    throw DecodeError(name + " is not there in the answer");
  }
  return to_integer(total->text, name);
}

// Refused here as well as by the client, before it is kept as the position:
// every run to come would begin with it.
std::string Pager::resolved(const http::Url& url,
                            std::string_view reference) const {
  const auto next = url.resolve(reference);
  if (!client_.admits(next)) {
    throw DecodeError(
        fmt::format("the next page or run is said to be at {}: requests and "
                    "credentials go to the origin of base_url alone, {}",
                    next.origin(), client_.base().origin()),
        {{"try", fmt::format("if it is to be asked, without credentials, list "
                             "it: origins = [\"{}\"]",
                             next.origin())}});
  }
  return next.text();
}

// An empty page with more to come leaves nothing to go on from.
std::optional<std::string> Pager::after(const PageFacts& facts) const {
  if (facts.records > 0 && (!facts.after || facts.after->text.empty())) {
    throw DecodeError(fmt::format(
        "the last record has no '{}', behind which the next page begins",
        model::to_text(stream_.page.path)));
  }
  return facts.after ? std::optional(written(scalar(*facts.after)))
                     : std::nullopt;
}

std::optional<std::string> Pager::token_of_header(
    const http::Response& response) const {
  const auto value = http::find_header(response.headers, stream_.page.header);
  if (!value || value->empty() || *value == "null") {
    return {};
  }
  return written({std::string(*value), false});
}

std::optional<std::string> Pager::place(const model::Window& window,
                                        const http::Url& url,
                                        const http::Response& response,
                                        const Envelope& envelope,
                                        const PageFacts& facts) const {
  const auto& page = stream_.page;
  switch (page.kind) {
    case Kind::single:
      return {};
    case Kind::token: {
      const auto token = named(envelope, EnvelopeSlot::page, page.path);
      return token ? std::optional(written(scalar(*token))) : std::nullopt;
    }
    case Kind::header:
      return token_of_header(response);
    case Kind::after:
      return after(facts);
    case Kind::next: {
      const auto next = named(envelope, EnvelopeSlot::page, page.path);
      return next ? std::optional(resolved(url, next->text)) : std::nullopt;
    }
    case Kind::link: {
      const auto target = linked(response.headers, page.relation);
      return target ? std::optional(resolved(url, *target)) : std::nullopt;
    }
    case Kind::offset:
      return std::to_string(facts.records_so_far);
    case Kind::number:
      return std::to_string(
          (window.position.first_page()
               ? page.first
               : to_integer(window.position.value, "the position")) +
          1);
  }
  return {};
}

std::optional<std::string> Pager::next(const model::Window& window,
                                       const http::Url& url,
                                       const http::Response& response,
                                       const Envelope& envelope,
                                       const PageFacts& facts) {
  const auto kind = stream_.page.kind;
  const auto ended = end(window, envelope, facts);
  const bool until_empty = stream_.page.counts() || kind == Kind::after;
  if (ended == End::proved ||
      (ended == End::unsaid && until_empty && facts.records == 0)) {
    return {};
  }
  auto place = this->place(window, url, response, envelope, facts);
  if (!place) {
    if (ended == End::denied && kind != Kind::single) {
      throw DecodeError(
          "the answer says that there is another page, but not where");
    }
    return {};
  }
  if (cycle_.repeats(*place)) {
    throw DecodeError(
        "the list goes in circles: a page that was read before comes again");
  }
  empty_pages_ = facts.records == 0 ? empty_pages_ + 1 : 0;
  if (empty_pages_ == max_empty_pages) {
    throw DecodeError("a hundred empty pages in a row, and no end");
  }
  return place;
}

void Pager::begin_anew() {
  cycle_ = {};
}

}  // namespace strandline::source
