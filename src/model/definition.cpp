// SPDX-License-Identifier: MIT
#include "model/definition.hpp"

#include <algorithm>
#include <stdexcept>

namespace strandline::model {

const SourceDefinition& Configuration::source(const std::string& name) const {
  for (const auto& source : sources) {
    if (source.name == name) {
      return source;
    }
  }
  throw std::out_of_range("no source " + name);
}

std::vector<SecretReference> secrets_of(const SourceDefinition& source) {
  std::vector<SecretReference> secrets;
  for (const auto* text : {&source.user, &source.client_id}) {
    if (const auto* secret = std::get_if<SecretReference>(text)) {
      secrets.push_back(*secret);
    }
  }
  for (const auto* secret :
       {&source.token, &source.client_secret, &source.refresh_token}) {
    if (*secret) {
      secrets.push_back(**secret);
    }
  }
  return secrets;
}

bool exceeds(const RejectLimit& limit, std::int64_t rejected,
             std::int64_t fetched) {
  // Of so few records a share says nothing.
  constexpr std::int64_t few_records = 100;
  constexpr std::int64_t always_allowed = 10;
  if (limit.count) {
    return rejected > *limit.count;
  }
  if (fetched < few_records && rejected <= always_allowed) {
    return false;
  }
  // A share such as 0.29 is a little less than it says.
  constexpr double rounding = 1e-9;
  return static_cast<double>(rejected) >
         limit.share * static_cast<double>(fetched) + rounding;
}

bool asks(const StreamDefinition& stream, std::string_view name) {
  return stream.path.has(name) || (stream.body && has(*stream.body, name)) ||
         std::any_of(stream.query.begin(), stream.query.end(),
                     [&](const auto& parameter) {
                       return parameter.value.has(name);
                     }) ||
         std::any_of(
             stream.headers.begin(), stream.headers.end(),
             [&](const auto& header) { return header.second.has(name); });
}

}  // namespace strandline::model
