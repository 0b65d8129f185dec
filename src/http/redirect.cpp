// SPDX-License-Identifier: MIT
#include "http/redirect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "http/error.hpp"

namespace strandline::http {
namespace {

bool is_followed(Method method, int status) {
  const bool any_method = status == 307 || status == 308;
  return any_method ||
         (method == Method::get && status >= 301 && status <= 303);
}

std::optional<Url> resolved(const Url& url, std::string_view location) {
  try {
    return url.resolve(location);
  } catch (const HttpError&) {
    return {};
  }
}

HttpError refused(const Request& request, int status, const std::string& why) {
  return {
      ExitCode::protocol,
      fmt::format("{}: the answer is {}: it {}", name_of(request), status, why),
      status,
      {{"try", "set base_url to where the API is"}}};
}

}  // namespace

std::optional<Url> Redirects::next(const Request& request,
                                   const Response& response) {
  if (!is_followed(request.method, response.status)) {
    return {};
  }
  const auto refuse = [&](const std::string& why) {
    return refused(request, response.status, why);
  };
  const auto location = find_header(response.headers, "Location");
  if (!location || location->empty()) {
    throw refuse("sends on, and does not say where to");
  }
  auto target = resolved(request.url, *location);
  if (!target) {
    throw refuse("sends on to what is no URL of http or https");
  }
  if (request.url.encrypted() && !target->encrypted()) {
    throw refuse(
        "sends on from https to http, where others can read and "
        "change what is said");
  }
  seen_.push_back(request.url.text());
  if (std::ranges::find(seen_, target->text()) != seen_.end()) {
    throw refuse("sends round in a circle");
  }
  if (static_cast<int>(seen_.size()) > most) {
    throw refuse(fmt::format("sends on once more after {} redirects", most));
  }
  return target;
}

}  // namespace strandline::http
