// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "config/base_url.hpp"
#include "config/characters.hpp"
#include "config/quantity.hpp"
#include "config/read_value.hpp"

namespace strandline::config {
namespace {

using model::Auth;

struct AuthRule {
  std::string_view word;
  Auth auth;
  std::vector<std::string_view> needs;
  std::vector<std::string_view> takes;  // besides those
};

const AuthRule& auth_rule(std::string_view word) {
  static const std::array<AuthRule, 5> rules = {{
      {"none", Auth::none, {}, {}},
      {"bearer", Auth::bearer, {"token"}, {"header", "prefix"}},
      {"header", Auth::header, {"token"}, {"header", "prefix"}},
      {"query", Auth::query, {"token", "param"}, {}},
      {"basic", Auth::basic, {"user"}, {"token"}},
  }};
  for (const auto& rule : rules) {
    if (rule.word == word) {
      return rule;
    }
  }
  throw std::logic_error("the key table has a word for auth without a rule");
}

bool contains(const std::vector<std::string_view>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

void check_auth_keys(const Table& table, const AuthRule& rule) {
  for (const auto key : rule.needs) {
    table.require(key, fmt::format(" with auth = \"{}\"", rule.word));
  }
  for (const std::string_view key :
       {"token", "user", "header", "prefix", "param"}) {
    if (table.find(key) != nullptr && !contains(rule.needs, key) &&
        !contains(rule.takes, key)) {
      table.refuse(key,
                   fmt::format("has no use with auth = \"{}\"", rule.word));
    }
  }
}

void read_user(const Table& table, model::SourceDefinition& source) {
  const auto* const user = table.find("user");
  if (user != nullptr && user->is_table()) {
    if (auto secret = read_secret(table, "user")) {
      source.user = *std::move(secret);
    }
  } else if (auto name = read_name(table, "user")) {
    if (name->find(':') != std::string::npos) {
      table.refuse("user", "must not have a colon");
    }
    source.user = *std::move(name);
  }
}

void read_auth(const Table& table, model::SourceDefinition& source) {
  if (table.contains("auth") && table.find("auth") == nullptr) {
    return;  // refused: what goes with it is not known
  }
  const auto& rule = auth_rule(read_string(table, "auth").value_or("none"));
  source.auth = rule.auth;
  check_auth_keys(table, rule);
  source.token = read_secret(table, "token");
  read_user(table, source);
  if (auto header = read_name(table, "header")) {
    if (!is_header_name(*header)) {
      table.refuse("header", "must be the name of a header");
    }
    source.header = *std::move(header);
  }
  source.prefix = read_plain(table, "prefix")
                      .value_or(rule.auth == Auth::bearer ? "Bearer " : "");
  source.param = read_name(table, "param").value_or("");
}

void read_base_url(const Table& table, model::SourceDefinition& source) {
  auto url = read_plain(table, "base_url");
  if (!url) {
    return;
  }
  if (const auto fault = base_url_fault(*url, source.allow_http)) {
    table.refuse("base_url", *fault);
  }
  // A stream's path begins with one.
  if (url->ends_with('/')) {
    url->pop_back();
  }
  source.base_url = *std::move(url);
}

void read_max_body(const Table& table, model::SourceDefinition& source) {
  const auto text = read_string(table, "max_body");
  if (!text) {
    return;
  }
  const auto size = parse_size(*text);
  if (!size || *size == 0) {
    table.refuse("max_body",
                 "must be a whole number above 0 and KiB, MiB or GiB, such as "
                 "\"64MiB\"");
    return;
  }
  source.max_body = static_cast<std::size_t>(*size);
}

}  // namespace

model::SourceDefinition read_source(const Table& table, std::string name) {
  model::SourceDefinition source;
  source.name = std::move(name);
  source.allow_http = read_boolean(table, "allow_http");
  read_base_url(table, source);
  read_auth(table, source);
  source.timeout = read_duration(table, "timeout", std::chrono::seconds(1))
                       .value_or(source.timeout);
  read_max_body(table, source);
  read_network(table, source);
  if (const auto headers = table.child("headers", Section::headers)) {
    for (const auto& [header, value] :
         read_headers(*headers, Placeholders::none)) {
      source.headers.emplace_back(header, literal(value));
    }
  }
  return source;
}

}  // namespace strandline::config
