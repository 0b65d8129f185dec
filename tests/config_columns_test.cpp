// SPDX-License-Identifier: MIT
//
// What a stream says of its columns beside their names and types.
#include <doctest/doctest.h>

#include "config_file.hpp"

using namespace strandline;
using namespace strandline::model;
using test::faults;
using test::load_text;
using test::small_config;

namespace {

StreamDefinition stream(const std::string& text) {
  return load_text(small_config(text)).streams.at(0);
}

}  // namespace

TEST_SUITE("config columns") {
  TEST_CASE("a time's format and zone are read") {
    const auto columns = stream(R"(
[stream.tickets.columns]
a = { type = "timestamp" }
b = { type = "timestamp", format = "epoch_ms" }
c = { type = "date", format = "%d.%m.%Y %H:%M", zone = "Europe/Berlin" }
d = { type = "timestamp", zone = "+02:00" }
e = { type = "timestamp", format = "datetime" }
)")
                             .columns;
    REQUIRE(columns.size() == 5);
    CHECK(columns[0].format == CursorFormat());
    CHECK(columns[1].format == CursorFormat(CursorFormat::epoch_ms));
    CHECK(columns[2].format ==
          CursorFormat::of_pattern("%d.%m.%Y %H:%M",
                                   Zone::named("Europe/Berlin")));
    CHECK(columns[3].format ==
          CursorFormat(CursorFormat::rfc3339, Zone(std::chrono::hours(2))));
    CHECK(columns[4].format == CursorFormat(CursorFormat::datetime));
  }

  TEST_CASE("a format or zone that is none, or of no time, is refused") {
    const std::string in = " in [stream.tickets.columns.a] ";
    struct Case {
      std::string text;
      std::string says;
    };
    const Case cases[] = {
        {"format = \"epoch_s\"",
         "'format'" + in + "goes with type = \"timestamp\" or \"date\" only"},
        {"type = \"text\", zone = \"UTC\"",
         "'zone'" + in + "goes with type = \"timestamp\" or \"date\" only"},
        {"type = \"timestamp\", format = \"integer\"",
         "'format'" + in + "is \"integer\", which is no time"},
        {"type = \"timestamp\", format = \"%Y\"", "'format'" + in},
        {"type = \"timestamp\", format = \"epoch\"", "'format'" + in},
        {"type = \"timestamp\", zone = \"Europe/Berlim\"", "'zone'" + in},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      const auto said =
          faults(small_config("columns = { a = { " + c.text + " } }\n"));
      CHECK(said.find(c.says) != std::string::npos);
      CHECK(said.find('\n') == std::string::npos);
    }
  }

  TEST_CASE("what happens to new members is read") {
    CHECK(stream("").new_fields == NewFields::add);
    CHECK(stream("new_fields = \"add\"\n").new_fields == NewFields::add);
    CHECK(stream("new_fields = \"ignore\"\n").new_fields == NewFields::ignore);
    CHECK(stream("new_fields = \"fail\"\ncolumns = { \"*\" = \"*\", a = \"b\" "
                 "}\n")
              .new_fields == NewFields::fail);
    CHECK(faults(small_config("new_fields = \"fail\"\ncolumns = [\"a\"]\n")) ==
          "7:1: 'new_fields' in [stream.tickets] says what happens to members "
          "that \"*\" finds, and the columns have no \"*\"");
    CHECK(faults(small_config("new_fields = \"warn\"\n"))
              .find("'new_fields' in [stream.tickets]") != std::string::npos);
  }

  TEST_CASE("columns that do not count are read") {
    CHECK(stream("").volatile_columns.empty());
    CHECK(stream("volatile = [\"views\", \"seen\"]\n").volatile_columns ==
          std::vector<std::string>{"views", "seen"});
    CHECK(stream("columns = [\"a/b\", \"c\"]\nvolatile = [\"A_b\"]\n")
              .volatile_columns == std::vector<std::string>{"A_b"});
    CHECK(
        stream("raw = true\nvolatile = [\"_raw\", \"x\"]\n").volatile_columns ==
        std::vector<std::string>{"_raw", "x"});
    const std::string where = "7:1: 'volatile' in [stream.tickets] has ";
    CHECK(faults(small_config("volatile = [\"x\"]\ncolumns = [\"a\"]\n")) ==
          where + "'x', which is none of the stream's columns");
    CHECK(faults(small_config("volatile = [\"ID\"]\n")) ==
          where + "'ID', which is in the key");
    CHECK(faults(small_config("volatile = [\"_raw\"]\n")) ==
          where + "\"_raw\", and the stream has no raw = true");
  }

  TEST_CASE("volatile columns that show in the record as sent are warned of") {
    const auto warnings = [](const std::string& text) {
      return load_text(small_config(text)).warnings;
    };
    CHECK(warnings("raw = true\nvolatile = [\"x\", \"_raw\"]\n").empty());
    CHECK(warnings("volatile = [\"x\"]\n").empty());
    const auto said = warnings("raw = true\nvolatile = [\"x\"]\n");
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("[stream.tickets] keeps records as they are sent, where "
                       "volatile columns show too: add \"_raw\" to volatile, "
                       "or they count") != std::string::npos);
  }
}
