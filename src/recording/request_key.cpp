// SPDX-License-Identifier: MIT
#include "recording/request_key.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "recording/normal_form.hpp"

namespace strandline::recording {
namespace {

using http::Query;
using http::Url;
using Json = nlohmann::json;

Query sorted(Query query) {
  std::ranges::sort(query);
  return query;
}

bool is_form(const http::Headers& headers) {
  const auto type = http::find_header(headers, "Content-Type");
  return type && type->starts_with("application/x-www-form-urlencoded");
}

Query fields(const std::string& form) {
  return sorted(Url("http://form/?" + form).query());
}

// `body` in the form in which like bodies are equal.
std::string one_form(const http::Headers& headers, const std::string& body,
                     const Ignored& ignored) {
  if (is_form(headers)) {
    std::string text;
    for (const auto& [name, value] : fields(body)) {
      text +=
          http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
    }
    return text;
  }
  auto document = Json::parse(body, nullptr, false);
  if (!document.is_structured()) {
    return body;
  }
  for (const auto& pointer : ignored.body) {
    const Json::json_pointer place(pointer);
    if (document.contains(place) && !place.empty()) {
      auto& parent = document.at(place.parent_pointer());
      if (parent.is_object()) {
        parent.erase(place.back());
      } else {
        document.at(place) = nullptr;  // the others keep their places
      }
    }
  }
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

RequestKey request_key(const std::string& method, const http::Request& request,
                       const Ignored& ignored, bool scrubbed) {
  const auto normal = normal_form(request, scrubbed);
  auto query = sorted(normal.url.query());
  std::erase_if(query, [&](const auto& parameter) {
    return std::ranges::find(ignored.query, parameter.first) !=
           ignored.query.end();
  });
  return {normal.url.origin(), normal.url.path(), method, std::move(query),
          one_form(normal.headers, normal.body, ignored)};
}

bool asks_for_token(const http::Request& request) {
  if (!is_form(request.headers)) {
    return false;
  }
  const auto sent = fields(request.body);
  return std::ranges::find(sent, "grant_type", &Query::value_type::first) !=
         sent.end();
}

}  // namespace strandline::recording
