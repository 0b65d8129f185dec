// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/characters.hpp"
#include "config/read_value.hpp"

namespace strandline::config {
namespace {

using PageKind = model::PageRule::Kind;

constexpr std::string_view kind_keys[] = {"next",  "link",   "token", "header",
                                          "after", "offset", "number"};

constexpr std::pair<std::string_view, PageKind> kinds[] = {
    {"next", PageKind::next},     {"link", PageKind::link},
    {"token", PageKind::token},   {"after", PageKind::after},
    {"offset", PageKind::offset}, {"number", PageKind::number},
    {"header", PageKind::header},
};

// The kind's key; empty, and reported, if there is not exactly one.
std::string_view kind_key(const Table& table) {
  std::vector<std::string_view> found;
  bool explained = false;
  for (const auto key : kind_keys) {
    if (table.contains(key)) {
      found.push_back(key);
    } else {
      explained = explained || !table.lacks(key);
    }
  }
  if (found.size() == 1) {
    return found.front();
  }
  if (!found.empty()) {
    table.refuse(found[1],
                 fmt::format("is a second kind besides {}; a page has one",
                             in_quotes(found[0])));
  } else if (!explained) {
    table.context().reporter.problem(
        table.place(),
        fmt::format("{} must have one of next, link, token, header, after, "
                    "offset and number",
                    table.heading()));
  }
  return {};
}

void refuse_others(const Table& table, std::string_view key) {
  if (key != "token" && key != "header" && key != "after" &&
      table.find("param") != nullptr) {
    table.refuse("param", fmt::format("has no use with {}", in_quotes(key)));
  }
  if (key != "number" && key != "after" && table.find("first") != nullptr) {
    table.refuse("first", fmt::format("has no use with {}", in_quotes(key)));
  }
}

void read_kind(const Table& table, std::string_view key,
               model::PageRule& page) {
  for (const auto& [name, kind] : kinds) {
    if (name == key) {
      page.kind = kind;
    }
  }
  switch (page.kind) {
    case PageKind::single:
      break;
    case PageKind::next:
      page.path = read_member_path(table, key).value_or(model::Path());
      break;
    case PageKind::token:
      page.path = read_member_path(table, key).value_or(model::Path());
      table.require("param", " with 'token'");
      page.param = read_name(table, "param").value_or("");
      break;
    case PageKind::header:
      page.header = read_name(table, key).value_or("");
      if (!page.header.empty() && !is_header_name(page.header)) {
        table.refuse(key, "must be the name of a header");
      }
      table.require("param", " with 'header'");
      page.param = read_name(table, "param").value_or("");
      break;
    case PageKind::after:
      page.path = read_path(table, key).value_or(model::Path());
      page.param = read_name(table, "param").value_or("");
      break;
    case PageKind::link:
      page.relation = read_name(table, key).value_or("");
      break;
    case PageKind::offset:
    case PageKind::number:
      page.param = read_name(table, key).value_or("");
      break;
  }
}

void read_first(const Table& table, model::PageRule& page) {
  const auto number = read_integer(table, "first");
  if (page.kind == PageKind::after) {
    page.first_last =
        number ? std::to_string(*number) : read_plain(table, "first");
    page.first_is_number = number.has_value();
    return;
  }
  if (!number) {
    if (table.find("first") != nullptr) {
      table.refuse("first", "must be an integer with 'number'");
    }
    return;
  }
  page.first = *number;
  if (*number < 0) {
    table.refuse("first", "must not be negative");
  }
}

}  // namespace

model::PageRule read_page(const Table& table) {
  model::PageRule page;
  const auto key = kind_key(table);
  if (!key.empty()) {
    refuse_others(table, key);
    read_kind(table, key, page);
  }
  read_first(table, page);
  page.more = read_member_path(table, "more");
  page.end = read_member_path(table, "end");
  page.total = read_member_path(table, "total");
  page.keyset = read_boolean(table, "keyset");
  page.size = read_integer(table, "size");
  if (page.size && *page.size < 1) {
    table.refuse("size", "must be at least 1");
  }
  return page;
}

}  // namespace strandline::config
