// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "http/redactor.hpp"
#include "recording/sanitizer.hpp"

namespace strandline::recording {

/// Takes secrets out of a HAR document, whoever wrote it, and keeps the rest of
/// it, unknown members too. These are secrets:
///
/// - those that `known` knows, in every form, anywhere;
/// - the values of headers that authorise (Authorization keeps its first word)
///   and of cookies;
/// - the values of fields that are known by name (see is_secret_field), in
///   queries, forms and JSON, of requests and answers; what looks like a JWT;
///   user names and passwords in URLs.
///
/// A secret that `known` does not know gets the placeholder `REDACTED-1`,
/// `REDACTED-2`… of its value; where it has eight characters or more, it is
/// replaced wherever it stands, in every form, so that an exchange of tokens is
/// still one. What stands in a URL's host, or is a time, is replaced only where
/// it was found.
///
/// With `scrub` e-mail addresses anywhere, international telephone numbers in
/// texts, and telephone numbers and names of persons in members that are known
/// by name become numbered stand-ins, the same value the same one.
///
/// Bodies are edited in their text: what is not replaced stays byte for byte,
/// and JSON stays JSON. Done twice it changes nothing more.
class Redaction {
 public:
  /// `known` may be null, and is not needed afterwards.
  explicit Redaction(const http::Redactor* known = nullptr, bool scrub = false);

  /// Redacts `document`, notes in it that it is redacted, and returns how many
  /// places were replaced. Members of types that HAR does not give them are
  /// taken for any text. For one document.
  Replaced apply(nlohmann::ordered_json& document);

 private:
  StandIns stand_ins_;
  bool scrub_;
};

}  // namespace strandline::recording
