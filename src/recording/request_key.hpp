// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <string>

#include "http/transport.hpp"
#include "http/url.hpp"
#include "recording/recording.hpp"

namespace strandline::recording {

/// What a request is recognised by: the same for two that differ in nothing but
/// the order of the query, of a form's fields or of the members of JSON, in the
/// values of fields that hold secrets by their name (see `normal_form`), or in
/// what is to be ignored.
struct RequestKey {
  std::string origin;
  std::string path;
  std::string method;
  http::Query query;  ///< sorted
  std::string body;   ///< of JSON its members in the order of their names

  friend auto operator<=>(const RequestKey&, const RequestKey&) = default;
};

/// Returns the key of `request`, whose method is `method`. Throws as
/// `normal_form` does.
RequestKey request_key(const std::string& method, const http::Request& request,
                       const Ignored& ignored, bool scrubbed);

/// True if `request` asks for an access token (RFC 6749, section 4).
bool asks_for_token(const http::Request& request);

}  // namespace strandline::recording
