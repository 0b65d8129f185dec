// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "config/base_url.hpp"
#include "config/characters.hpp"
#include "config/check.hpp"
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
  static const std::array<AuthRule, 6> rules = {{
      {"none", Auth::none, {}, {}},
      {"bearer", Auth::bearer, {"token"}, {"header", "prefix"}},
      {"header", Auth::header, {"token"}, {"header", "prefix"}},
      {"query", Auth::query, {"token", "param"}, {}},
      {"basic", Auth::basic, {"user"}, {"token"}},
      {"oauth2",
       Auth::oauth2,
       {"token_url", "client_id"},
       {"client_secret", "refresh_token", "scope", "header", "prefix"}},
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
       {"token", "user", "header", "prefix", "param", "token_url", "client_id",
        "client_secret", "refresh_token", "scope"}) {
    if (table.find(key) != nullptr && !contains(rule.needs, key) &&
        !contains(rule.takes, key)) {
      table.refuse(key,
                   fmt::format("has no use with auth = \"{}\"", rule.word));
    }
  }
}

using TextOrSecret = std::variant<std::string, model::SecretReference>;

std::optional<TextOrSecret> read_text_or_secret(const Table& table,
                                                std::string_view key) {
  const auto* const node = table.find(key);
  if (node != nullptr && node->is_table()) {
    return read_secret(table, key);
  }
  return read_name(table, key);
}

void read_user(const Table& table, model::SourceDefinition& source) {
  source.user = read_text_or_secret(table, "user").value_or("");
  const auto* const name = std::get_if<std::string>(&source.user);
  if (name != nullptr && name->find(':') != std::string::npos) {
    table.refuse("user", "must not have a colon");
  }
}

void read_oauth2(const Table& table, model::SourceDefinition& source) {
  if (auto url = read_plain(table, "token_url")) {
    if (const auto fault = token_url_fault(*url, source.allow_http)) {
      table.refuse("token_url", *fault);
    }
    source.token_url = *std::move(url);
  }
  source.client_id = read_text_or_secret(table, "client_id").value_or("");
  source.client_secret = read_secret(table, "client_secret");
  source.refresh_token = read_secret(table, "refresh_token");
  source.scope = read_plain(table, "scope").value_or("");
  if (source.auth == Auth::oauth2 && !table.contains("refresh_token")) {
    table.require("client_secret",
                  " with auth = \"oauth2\" and no refresh_token");
  }
}

void read_auth(const Table& table, model::SourceDefinition& source) {
  const bool refused = table.contains("auth") && table.find("auth") == nullptr;
  if (refused || (!table.contains("auth") && !table.is_whole())) {
    return;  // what goes with it is not known
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
  const bool has_scheme =
      rule.auth == Auth::bearer || rule.auth == Auth::oauth2;
  source.prefix =
      read_plain(table, "prefix").value_or(has_scheme ? "Bearer " : "");
  source.param = read_name(table, "param").value_or("");
  read_oauth2(table, source);
}

// For people, who may have mistyped them.
std::vector<std::string> address_options(const Table& table,
                                         const std::string& base_url) {
  std::vector<std::string> texts;
  for (const auto& [name, option] : table.options()) {
    if (option.missing.empty() &&
        base_url.find("${" + name + "}") != std::string::npos) {
      texts.push_back(fmt::format("{} = \"{}\" in {}", name, joined(option),
                                  table.heading()));
    }
  }
  return texts;
}

// The URL with something in the place of each placeholder that can stand there:
// the first may be a whole URL.
std::string example_of(const model::Template& url) {
  std::string text;
  for (const auto& piece : url.pieces) {
    if (piece.placeholder) {
      text += text.empty() ? "https://example.com" : "example";
    } else {
      text += piece.text;
    }
  }
  return text;
}

void read_base_url(const Table& table, model::SourceDefinition& source) {
  const auto text = read_string(table, "base_url");
  if (!text) {
    return;
  }
  if (has_control_character(*text)) {
    table.refuse("base_url", "must not have control characters");
    return;
  }
  // Where `auth` is refused it is not known what may stand here.
  const bool has_token = source.auth == Auth::oauth2 ||
                         (table.contains("auth") && !table.find("auth"));
  const auto url =
      parse_text(table, "base_url", *text,
                 has_token ? Placeholders::token : Placeholders::none);
  if (!url) {
    return;
  }
  if (const auto fault = base_url_fault(example_of(*url), source.allow_http)) {
    table.refuse("base_url", *fault);
  }
  source.base_url = model::to_text(*url);
  source.address_options = address_options(table, *text);
  // A stream's path begins with one.
  if (source.base_url.ends_with('/')) {
    source.base_url.pop_back();
  }
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
  check_required(table);
  source.allow_http = read_boolean(table, "allow_http");
  read_auth(table, source);
  read_base_url(table, source);
  source.timeout = read_duration(table, "timeout", std::chrono::seconds(1))
                       .value_or(source.timeout);
  read_max_body(table, source);
  source.error = read_member_path(table, "error");
  source.rate = read_rate(table, "rate");
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
