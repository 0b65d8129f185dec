// SPDX-License-Identifier: MIT
//
// Tables that lie over others, also over those of another file.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/check.hpp"
#include "config/layers.hpp"
#include "config/table.hpp"

using namespace strandline;
using config::Section;
using config::Table;

namespace {

// A table of one file that lies over one of another, without the rest of a
// configuration. Both have the sections of a stream.
class TwoFiles {
 public:
  TwoFiles(const std::string& upper, const std::string& lower)
      : upper_(toml::parse(upper, std::string_view("crm.toml"))),
        lower_(toml::parse(lower, std::string_view("shop.toml"))),
        reporter_("crm.toml", upper),
        context_{reporter_, "/etc/crm"} {
    reporter_.add_file("shop.toml", lower);
  }

  Table stream() {
    auto table = stream_of(upper_);
    table.lay_over(stream_of(lower_));
    return table;
  }

  const toml::table& lower_document() const { return lower_; }
  Table lower() { return stream_of(lower_); }

  config::Reporter& reporter() { return reporter_; }
  config::Context& context() { return context_; }

  // "FILE:LINE:COLUMN: message" and the line, of each problem.
  std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    try {
      reporter_.raise();
    } catch (const config::ConfigError& error) {
      for (const auto& problem : error.problems()) {
        texts.push_back(problem.text());
        for (const auto& note : problem.notes) {
          texts.back() += "\n" + note.label + " " + note.text;
        }
      }
    }
    return texts;
  }

 private:
  Table stream_of(const toml::table& document) {
    const Table top(document, context_);
    const auto streams = top.child("stream", Section::streams);
    return *streams->child("a", Section::stream);
  }

  toml::table upper_;
  toml::table lower_;
  config::Reporter reporter_;
  config::Context context_;
};

std::string names(const std::vector<config::Entry>& entries) {
  std::string text;
  for (const auto& entry : entries) {
    text += (text.empty() ? "" : " ") + entry.name;
  }
  return text;
}

}  // namespace

TEST_SUITE("layers") {
  TEST_CASE("a value is found in the upper layer, then in the lower") {
    TwoFiles files("[stream.a]\nget = \"/upper\"\n",
                   "[stream.a]\nget = \"/lower\"\nkey = \"id\"\n");
    const auto table = files.stream();
    CHECK(table.find("get")->value_or(std::string()) == "/upper");
    CHECK(table.find("key")->value_or(std::string()) == "id");
    CHECK(table.find("rate") == nullptr);
    CHECK(table.contains("key"));
    CHECK_FALSE(table.contains("rate"));
    CHECK(names(table.entries()) == "get key");
    CHECK(table.heading() == "[stream.a]");
    CHECK(table.place().line == 1);
  }

  TEST_CASE("a problem is in the file, line and column of its value") {
    TwoFiles files("\n[stream.a]\nget = \"/\"\n[stream.a.query]\nx = 1\n",
                   "[stream.a]\n  rate = 5\nquery = { y = 2 }\n");
    const auto table = files.stream();
    table.refuse("rate", "is no rate");
    table.refuse("get", "is no path");
    table.require("key");
    const auto query = table.child("query", Section::query);
    REQUIRE(query);
    query->refuse("y", "is low");
    query->refuse("x", "is high");
    query->refuse("z", "is nowhere");
    CHECK(files.problems() ==
          std::vector<std::string>{
              "crm.toml:2:1: missing key 'key' in [stream.a]\n"
              "line     2 | [stream.a]\n      | ^^^^^^^^^^",
              "crm.toml:3:1: 'get' in [stream.a] is no path\n"
              "line     3 | get = \"/\"\n      | ^^^",
              "crm.toml:4:1: 'z' in [stream.a.query] is nowhere\n"
              "line     4 | [stream.a.query]\n      | ^^^^^^^^^^^^^^^^",
              "crm.toml:5:1: 'x' in [stream.a.query] is high\n"
              "line     5 | x = 1\n      | ^",
              "shop.toml:2:3: 'rate' in [stream.a] is no rate\n"
              "line     2 |   rate = 5\n      |   ^^^^\n"
              "for [stream.a], which lies over it",
              "shop.toml:3:11: 'y' in [stream.a.query] is low\n"
              "line     3 | query = { y = 2 }\n      |           ^\n"
              "for [stream.a], which lies over it"});
  }

  TEST_CASE("what is missing at the top level is missing in its file") {
    TwoFiles files("[stream.a]\n", "\n[stream.a]\n");
    Table(files.lower_document(), files.context()).require("title");
    CHECK(files.problems() ==
          std::vector<std::string>{
              "shop.toml:1:1: missing key 'title' at the top level"});
  }

  TEST_CASE("what is said twice of a place is said once, with fewer notes") {
    TwoFiles files("[stream.a]\nget = \"/\"\n", "[stream.a]\nget = \"/\"\n");
    auto& reporter = files.reporter();
    const config::Place place{.line = 2, .column = 1, .width = 0};
    auto below = place;
    below.file = std::make_shared<const std::string>("shop.toml");
    reporter.problem(place, "one", {{"for", "b"}});
    reporter.problem(place, "two");
    reporter.problem(place, "one");
    reporter.problem(below, "one");
    reporter.problem({.line = 2, .column = 2, .width = 0}, "one");
    CHECK(files.problems() ==
          std::vector<std::string>{"crm.toml:2:1: two", "crm.toml:2:1: one",
                                   "crm.toml:2:2: one", "shop.toml:2:1: one"});
    reporter.warning(place, "three");
    reporter.warning(below, "three");
    reporter.warning(place, "three");
    CHECK(reporter.warnings() ==
          std::vector<std::string>{"crm.toml:2:1: three",
                                   "shop.toml:2:1: three"});
  }

  TEST_CASE("a line is sealed in its own file only") {
    TwoFiles files("[stream.a]\nget = \"/x\"\n", "[stream.a]\nget = \"/y\"\n");
    const auto table = files.stream();
    auto place = table.place_of("get");
    table.refuse("get", "is wrong");
    place.file = std::make_shared<const std::string>("shop.toml");
    place.sealed = true;
    files.reporter().problem(place, "is secret");
    CHECK(files.problems() == std::vector<std::string>{
                                  "crm.toml:2:1: 'get' in [stream.a] is wrong\n"
                                  "line     2 | get = \"/x\"\n      | ^^^",
                                  "shop.toml:2:1: is secret\n"
                                  "line     2 | get = …\n      | ^^^"});
  }

  TEST_CASE("query, headers, cursor, deleted, also and columns are merged") {
    struct Case {
      std::string key;
      Section section;
      bool merged;
    };
    const Case cases[] = {
        {"query", Section::query, true},   {"headers", Section::headers, true},
        {"cursor", Section::cursor, true}, {"deleted", Section::deleted, true},
        {"also", Section::also, true},     {"columns", Section::columns, true},
        {"page", Section::page, false},    {"body", Section::body, false},
        {"key", Section::hash, false},
    };
    for (const auto& c : cases) {
      CAPTURE(c.key);
      TwoFiles files("[stream.a." + c.key + "]\nx = 1\ny = 1\n",
                     "[stream.a." + c.key + "]\ny = 2\nz = 2\n");
      const auto child = files.stream().child(c.key, c.section);
      REQUIRE(child);
      CHECK(names(child->entries()) == (c.merged ? "y z x" : "x y"));
      CHECK(child->find("y")->value_or(0) == 1);
    }
  }

  TEST_CASE("the tables of a second list are merged as a stream's are") {
    TwoFiles files(
        "[stream.a.also]\nget = \"/upper\"\npage = { number = \"p\" }\n"
        "query = { x = 1, y = 1 }\nheaders = { accept = \"a\" }\n"
        "cursor = { start = 1 }\ndeleted = { is = 1 }\n",
        "[stream.a.also]\npost = \"/lower\"\nbody = { b = 1 }\n"
        "page = { offset = \"o\", size = 1 }\nquery = { y = 2, z = 2 }\n"
        "headers = { Accept = \"b\" }\ncursor = { field = \"at\" }\n"
        "deleted = { when = \"gone\" }\n");
    const auto also = files.stream().child("also", Section::also);
    REQUIRE(also);
    CHECK(names(also->entries()) == "page query headers cursor deleted get");
    CHECK_FALSE(also->contains("post"));
    CHECK(also->find("body") == nullptr);
    const auto members = [&](const char* key, Section section) {
      return names(also->child(key, section).value().entries());
    };
    CHECK(members("page", Section::page) == "number");
    CHECK(members("query", Section::query) == "y z x");
    CHECK(members("headers", Section::headers) == "accept");
    CHECK(members("cursor", Section::cursor) == "field start");
    CHECK(members("deleted", Section::deleted) == "when is");
    also->child("deleted", Section::deleted)->refuse("when", "is wrong");
    REQUIRE(files.problems().size() == 1);
    CHECK(files.problems()[0].starts_with(
        "shop.toml:8:13: 'when' in [stream.a.also.deleted] is wrong\n"));
  }

  TEST_CASE("false takes a table away, also within a second list") {
    for (const std::string key : {"cursor", "deleted", "also"}) {
      CAPTURE(key);
      TwoFiles files("[stream.a]\n" + key + " = false\n",
                     "[stream.a]\n" + key + " = { x = 1 }\nraw = true\n");
      const auto table = files.stream();
      CHECK_FALSE(table.contains(key));
      CHECK(table.takes_away(key));
      CHECK(table.lacks(key));
      CHECK(table.find(key) == nullptr);
      CHECK_FALSE(table.child(key, Section::cursor));
      CHECK(names(table.entries()) == "raw");
      CHECK(names(table.all_entries()) == key + " raw");
    }
    for (const std::string key : {"cursor", "deleted"}) {
      CAPTURE(key);
      TwoFiles files("[stream.a.also]\n" + key + " = false\n",
                     "[stream.a.also]\n" + key + " = { x = 1 }\n");
      const auto also = files.stream().child("also", Section::also);
      REQUIRE(also);
      CHECK(also->takes_away(key));
      CHECK_FALSE(also->contains(key));
    }
    // Elsewhere it is a value like others.
    TwoFiles files("[stream.a]\nraw = false\nquery = { x = false }\n",
                   "[stream.a]\nraw = true\nquery = { x = true }\n");
    const auto table = files.stream();
    CHECK(table.contains("raw"));
    CHECK_FALSE(table.takes_away("raw"));
    CHECK(table.child("query", Section::query)->contains("x"));
  }

  TEST_CASE("false ends what a table lies over") {
    TwoFiles files("[stream.a.cursor]\nx = 1\n",
                   "[stream.a]\ncursor = false\n");
    const auto cursor = files.stream().child("cursor", Section::cursor);
    REQUIRE(cursor);
    CHECK(names(cursor->entries()) == "x");
    CHECK(cursor->is_whole());
  }

  TEST_CASE("a refused value hides what lies below it") {
    TwoFiles files("[stream.a]\nget = \"/\"\ncursor = { x = 1 }\n",
                   "[stream.a]\nget = \"/\"\ncursor = { y = 1 }\n");
    const auto table = files.stream();
    files.context().refused.insert(table.find("get"));
    CHECK(table.find("get") == nullptr);
    CHECK(table.contains("get"));
    CHECK(names(table.entries()) == "cursor");
  }

  TEST_CASE("a table over a refused one is not whole") {
    TwoFiles files("[stream.a]\nraw = true\ncursor = { x = 1 }\n",
                   "[stream.a]\ncursor = 5\n");
    const auto table = files.stream();
    CHECK(table.child("cursor", Section::cursor)->is_whole());
    files.context().refused.insert(files.lower().find("cursor"));
    const auto cursor = table.child("cursor", Section::cursor);
    REQUIRE(cursor);
    CHECK_FALSE(cursor->is_whole());
    CHECK_FALSE(cursor->lacks("field"));
    CHECK(table.is_whole());
  }

  TEST_CASE("a lower list is read at its own place") {
    TwoFiles files("[stream.a.columns]\nx = \"x\"\n",
                   "[stream.a]\ncolumns = [\"y\"]\n");
    const auto table = files.stream();
    const auto list = table.from_list("columns");
    REQUIRE(list);
    CHECK(list->find("columns")->is_array());
    CHECK(list->where() == "in [stream.a]");
    list->refuse("columns", "is wrong");
    REQUIRE(files.problems().size() == 1);
    CHECK(files.problems()[0].starts_with(
        "shop.toml:2:1: 'columns' in [stream.a] is wrong\n"));
    TwoFiles tables("[stream.a.columns]\nx = \"x\"\n",
                    "[stream.a.columns]\ny = \"y\"\n");
    CHECK_FALSE(tables.stream().from_list("columns"));
    CHECK_FALSE(tables.stream().from_list("rate"));
    TwoFiles covered("[stream.a]\ncolumns = [\"x\"]\n",
                     "[stream.a]\ncolumns = [\"y\"]\n");
    CHECK(covered.stream().from_list("columns")->place().file ==
          covered.stream().place().file);
  }

  TEST_CASE("which of two keys stands in the upper layer") {
    TwoFiles files("[stream.a]\nraw = true\nrate = \"1/s\"\n",
                   "[stream.a]\nkey = \"id\"\nversion = \"v\"\n");
    const auto table = files.stream();
    CHECK(table.upper("raw", "key") == "raw");
    CHECK(table.upper("key", "raw") == "raw");
    CHECK(table.upper("raw", "rate") == "rate");
    CHECK(table.upper("version", "key") == "key");
  }

  TEST_CASE("what explains a missing key in one layer explains it in all") {
    TwoFiles files("[stream.a]\nraw = true\n", "[stream.a]\nrate = \"1/s\"\n");
    const auto table = files.stream();
    CHECK(table.lacks("key"));
    CHECK_FALSE(table.lacks("raw"));
    CHECK_FALSE(table.lacks("rate"));
    table.excuse("key");
    CHECK_FALSE(table.lacks("key"));
    CHECK(table.lacks("get"));
    CHECK(table.is_whole());
    table.excuse(config::any_name);
    CHECK_FALSE(table.lacks("get"));
    CHECK_FALSE(table.is_whole());
  }
}
