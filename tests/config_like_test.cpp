// SPDX-License-Identifier: MIT
//
// Streams that are like others, as a configuration makes them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "config_file.hpp"

using namespace strandline;
using test::faults;
using test::load_text;
using test::note;
using test::problems_of;

namespace {

// Lines 1 to 5.
const std::string sources =
    "database = \"crm.db\"\n"
    "[source.us]\n"
    "base_url = \"https://us.example.com\"\n"
    "[source.eu]\n"
    "base_url = \"https://eu.example.com\"\n";

// `base` in [stream.base], from line 10 on, and `over` in [stream.over], which
// is like it, from line 12 on if `base` is one line.
std::string over(const std::string& over_text, const std::string& base = "") {
  return sources +
         "[stream.base]\n"
         "source = \"us\"\n"
         "get = \"/people\"\n"
         "key = \"id\"\n" +
         base +
         "[stream.over]\n"
         "like = \"base\"\n" +
         over_text;
}

// The stream of the last heading of `text`.
model::StreamDefinition last_of(const std::string& text) {
  return load_text(text).streams.back();
}

// "sort=name limit=50"
std::string query_of(const model::StreamDefinition& stream) {
  std::string text;
  for (const auto& [name, value] : stream.query) {
    text += (text.empty() ? "" : " ") + name + "=" + model::to_text(value);
  }
  return text;
}

std::string headers_of(const model::StreamDefinition& stream) {
  std::string text;
  for (const auto& [name, value] : stream.headers) {
    text += (text.empty() ? "" : " ") + name + "=" + model::to_text(value);
  }
  return text;
}

// "email=a/b name=name *"
std::string columns_of(const model::StreamDefinition& stream) {
  std::string text;
  for (const auto& column : stream.columns) {
    text += (text.empty() ? "" : " ") + column.name + "=" +
            model::to_text(column.path);
  }
  return text + (stream.all_columns ? text.empty() ? "*" : " *" : "");
}

std::string columns(const std::string& above, const std::string& below) {
  return columns_of(
      last_of(over("columns = " + above + "\n", "columns = " + below + "\n")));
}

}  // namespace

TEST_SUITE("like") {
  TEST_CASE("two sources with the same kind of record") {
    const auto configuration =
        load_text(sources +
                  "[stream.us_contacts]\n"
                  "source = \"us\"\n"
                  "get = \"/contacts\"\n"
                  "query = { since = \"${from}\" }\n"
                  "records = \"data\"\n"
                  "fields = \"properties\"\n"
                  "key = [\"a\", \"b\"]\n"
                  "version = \"v\"\n"
                  "cursor = { field = \"at\", order = \"ascending\" }\n"
                  "page = { link = \"next\" }\n"
                  "columns = [\"name\"]\n"
                  "raw = true\n"
                  "rate = \"5/s\"\n"
                  "expect_every = \"1h\"\n"
                  "[stream.eu_contacts]\n"
                  "source = \"eu\"\n"
                  "like = \"us_contacts\"\n");
    REQUIRE(configuration.streams.size() == 2);
    const auto& us = configuration.streams[0];
    const auto& eu = configuration.streams[1];
    CHECK(us.owner() == "us.us_contacts");
    CHECK(eu.owner() == "eu.eu_contacts");
    CHECK(eu.line == 20);
    CHECK(model::to_text(eu.path) == "/contacts");
    CHECK(query_of(eu) == "since=${from}");
    CHECK(model::to_text(eu.records) == "data");
    CHECK(model::to_text(eu.fields) == "properties");
    CHECK(eu.key.size() == 2);
    CHECK(model::to_text(eu.version.value()) == "v");
    CHECK(model::to_text(eu.cursor.value().field) == "at");
    CHECK(eu.page.relation == "next");
    CHECK(columns_of(eu) == "name=name");
    CHECK(eu.raw);
    CHECK(eu.rate.value().requests == 5);
    CHECK(eu.expect_every == std::chrono::hours(1));
  }

  TEST_CASE("what a stream says itself takes the place of what lies below") {
    const auto stream = last_of(over(
        "get = \"/staff\"\nkey = \"number\"\nraw = false\nrecords = \"\"\n",
        "raw = true\nrecords = \"data\"\n"));
    CHECK(stream.source == "us");
    CHECK(model::to_text(stream.path) == "/staff");
    REQUIRE(stream.key.size() == 1);
    CHECK(stream.key[0].name == "number");
    CHECK_FALSE(stream.raw);
    CHECK(stream.records.segments.empty());
  }

  TEST_CASE("the stream below may stand behind, and may lie over another") {
    const auto configuration =
        load_text(sources +
                  "[stream.c]\nlike = \"b\"\nquery = { z = 3 }\n"
                  "[stream.b]\nlike = \"a\"\nquery = { y = 2, z = 2 }\n"
                  "[stream.a]\nsource = \"us\"\nget = \"/a\"\nkey = \"id\"\n"
                  "query = { x = 1, y = 1, z = 1 }\n");
    REQUIRE(configuration.streams.size() == 3);
    CHECK(query_of(configuration.streams[0]) == "x=1 y=2 z=3");
    CHECK(query_of(configuration.streams[1]) == "x=1 y=2 z=2");
    CHECK(query_of(configuration.streams[2]) == "x=1 y=1 z=1");
  }

  TEST_CASE("a query is merged, and a value of it is replaced whole") {
    CHECK(query_of(last_of(over("query = { new = 1, limit = 50 }\n",
                                "query = { limit = 9, sort = \"name\" }\n"))) ==
          "limit=50 sort=name new=1");
    CHECK(query_of(last_of(over("query = { a = [3] }\n",
                                "query = { a = [1, 2], b = false }\n"))) ==
          "a=3 b=false");
    CHECK(query_of(last_of(over("query = { b = false }\n",
                                "query = { b = true }\n"))) == "b=false");
    CHECK(query_of(last_of(over("[stream.over.query]\na = 2\n",
                                "query = { a = 1, b = 1 }\n"))) == "a=2 b=1");
  }

  TEST_CASE("headers are merged without regard to case") {
    CHECK(headers_of(
              last_of(over("headers = { accept = \"b\", New = \"c\" }\n",
                           "headers = { Accept = \"a\", X = \"x\" }\n"))) ==
          "X=x accept=b New=c");
    CHECK(faults(over("headers = { accept = \"b\", Accept = \"c\" }\n",
                      "headers = { ACCEPT = \"a\" }\n")) ==
          "13:27: 'Accept' in [stream.over.headers] is there twice: case does "
          "not count");
  }

  TEST_CASE("a cursor is merged") {
    const auto cursor =
        last_of(over("cursor = { start = \"2024-01-01\" }\n",
                     "query = { a = \"${from}\" }\n"
                     "cursor = { field = \"at\", start = \"2020-01-01\", "
                     "order = \"ascending\" }\n"))
            .cursor.value();
    CHECK(model::to_text(cursor.field) == "at");
    CHECK(cursor.order == model::Order::ascending);
    CHECK(model::to_display(cursor.start.value()) ==
          "2024-01-01T00:00:00.000Z");
  }

  TEST_CASE("a page and a body are replaced whole") {
    const auto stream = last_of(
        over("page = { number = \"p\" }\n",
             "page = { token = \"t\", param = \"u\", total = \"n\" }\n"));
    CHECK(stream.page.kind == model::PageRule::Kind::number);
    CHECK_FALSE(stream.page.total);
    const auto body = last_of(sources +
                              "[stream.base]\nsource = \"us\"\n"
                              "post = \"/\"\nkey = \"id\"\n"
                              "body = { a = { x = 1 }, b = 1 }\n"
                              "[stream.over]\nlike = \"base\"\n"
                              "body = { a = { y = 2 } }\n")
                          .body.value();
    const auto& members = std::get<model::BodyValue::Object>(body.value);
    REQUIRE(members.size() == 1);
    const auto& a = std::get<model::BodyValue::Object>(members[0].value.value);
    REQUIRE(a.size() == 1);
    CHECK(a[0].name == "y");
  }

  TEST_CASE("get takes the place of post and body, and post of get") {
    const auto with_post = sources +
                           "[stream.base]\nsource = \"us\"\n"
                           "post = \"/search\"\nkey = \"id\"\n"
                           "body = { a = 1 }\n"
                           "[stream.over]\nlike = \"base\"\n";
    const auto get = last_of(with_post + "get = \"/list\"\n");
    CHECK_FALSE(get.post);
    CHECK(model::to_text(get.path) == "/list");
    CHECK_FALSE(get.body);
    const auto again = last_of(with_post + "post = \"/find\"\n");
    CHECK(again.post);
    CHECK(model::to_text(again.path) == "/find");
    CHECK(again.body);
    const auto post = last_of(over("post = \"/search\"\nbody = { b = 1 }\n"));
    CHECK(post.post);
    CHECK(model::to_text(post.path) == "/search");
    CHECK(post.body);
    // Two layers down there is neither.
    const auto third = last_of(with_post +
                               "get = \"/list\"\n"
                               "[stream.third]\nlike = \"over\"\n"
                               "post = \"/third\"\n");
    CHECK(third.post);
    CHECK_FALSE(third.body);
    // In one layer they are as wrong as ever, and said once.
    CHECK(faults(over("", "post = \"/\"\n")) ==
          "10:1: 'post' in [stream.base] is a second request besides 'get'; a "
          "stream has one");
    CHECK(faults(with_post + "get = \"/list\"\nbody = { b = 2 }\n") ==
          "14:1: 'body' in [stream.over] goes with post only");
  }

  TEST_CASE("a list of columns replaces what lies below, a table adds to it") {
    CHECK(columns("[\"a\"]", "[\"b\", \"c\"]") == "a=a");
    CHECK(columns("[\"a\"]", "{ b = \"b\" }") == "a=a");
    CHECK(columns("{ a = \"x\" }", "{ b = \"b\", \"*\" = \"*\" }") ==
          "b=b a=x *");
    CHECK(columns("{ a = \"x\", c = \"y\" }",
                  "[\"b\", \"c\", \"d/e\", \"*\"]") == "b=b c=y d_e=d/e a=x *");
    CHECK(columns("{ \"*\" = \"*\" }", "[\"b\"]") == "b=b *");
    CHECK(columns("{ b = { type = \"text\" } }",
                  "{ b = { path = \"x\", type = \"integer\" } }") == "b=b");
    // The default is no layer: a table alone has what it says.
    CHECK(columns_of(last_of(over("columns = { a = \"x\" }\n"))) == "a=x");
    CHECK(columns_of(last_of(over("", "columns = { a = \"x\" }\n"))) == "a=x");
  }

  TEST_CASE("a table of columns over a table over a list") {
    const auto stream = last_of(
        over("columns = { b = false, d = \"d\" }\n[stream.third]\n"
             "like = \"over\"\ncolumns = { b = \"again\", a = false }\n",
             "columns = [\"a\", \"b\", \"c\"]\n"));
    CHECK(columns_of(stream) == "b=again c=c d=d");
    CHECK(columns_of(last_of(over("columns = [\"x\"]\n[stream.third]\n"
                                  "like = \"over\"\ncolumns = { y = \"y\" }\n",
                                  "columns = [\"a\"]\n"))) == "x=x y=y");
  }

  TEST_CASE("false takes away what lies below") {
    const std::string with_cursor =
        "query = { a = \"${from}\", b = 1 }\ncursor = { field = \"at\" }\n";
    const auto stream = last_of(over("cursor = false\n", with_cursor));
    CHECK_FALSE(stream.cursor);
    // It has no value, and is left out of requests.
    CHECK(query_of(stream) == "a=${from} b=1");
    CHECK(columns("{ b = false }", "[\"a\", \"b\"]") == "a=a");
    CHECK(columns("{ b = false }", "{ a = \"a\", b = \"b\" }") == "a=a");
    CHECK(columns("{ b_c = false }", "[\"a\", \"b/c\"]") == "a=a");
    CHECK(columns("{ \"*\" = false }", "[\"a\", \"*\"]") == "a=a");
    CHECK(columns("{ \"*\" = false }", "{ a = \"a\", \"*\" = \"*\" }") ==
          "a=a");
    // A further stream may say it anew.
    const auto third =
        last_of(over("cursor = false\n[stream.third]\nlike = \"over\"\n"
                     "cursor = { token = \"t\", param = \"p\" }\n",
                     with_cursor));
    CHECK(third.cursor.value().kind == model::CursorRule::Kind::token);
  }

  TEST_CASE("a cursor or * that nothing below has may be taken away") {
    CHECK_FALSE(last_of(over("", "cursor = false\n")).cursor);
    CHECK(columns("{ a = \"a\", \"*\" = false }", "[\"c\"]") == "c=c a=a");
  }

  TEST_CASE("a column that nothing below declares cannot be taken away") {
    CHECK(faults(over("columns = { a = \"a\", titel = false }\n",
                      "columns = [\"title\", \"at\"]\n")) ==
          "13:22: 'titel' in [stream.over.columns] takes away a column that "
          "nothing below declares; did you mean 'title'?");
    CHECK(faults(over("columns = { titel = false }\n",
                      "columns = { title = \"t\" }\n")) ==
          "13:13: 'titel' in [stream.over.columns] takes away a column that "
          "nothing below declares; did you mean 'title'?");
    CHECK(
        faults(over("columns = { b = false }\n")) ==
        "12:13: 'b' in [stream.over.columns] takes away a column that nothing "
        "below declares");
    // Said once, however many lie over it, and of each that says it.
    const std::string in_over =
        "12:13: 'b' in [stream.over.columns] takes away a column that nothing "
        "below declares";
    CHECK(faults(over("columns = { b = false }\n[stream.third]\n"
                      "like = \"over\"\n")) == in_over);
    CHECK(faults(over("columns = { b = false }\n[stream.third]\n"
                      "like = \"over\"\ncolumns = { b = false }\n")) ==
          in_over +
              "\n15:13: 'b' in [stream.third.columns] takes away a column that "
              "nothing below declares");
    // It is enough that a lower one declares it.
    CHECK(faults(over("columns = { b = false }\n[stream.third]\n"
                      "like = \"over\"\ncolumns = { b = false }\n",
                      "columns = { b = \"b\" }\n")) == "");
  }

  TEST_CASE("a cursor that is taken away leaves no hole in a path") {
    CHECK(faults(over(
              "cursor = false\n",
              "query = { a = \"${from}\" }\n"
              "cursor = { field = \"at\", start = \"2024-01-01\" }\n")) == "");
    CHECK(faults(over("cursor = false\nget = \"/since/${from}\"\n",
                      "query = { a = \"${from}\" }\n"
                      "cursor = { field = \"at\" }\n")) ==
          "15:1: 'get' in [stream.over] has the placeholder '${from}', but the "
          "stream has no cursor");
  }

  TEST_CASE("like must name a stream of the file") {
    CHECK(faults(sources + "[stream.contacts]\nsource = \"us\"\nget = \"/\"\n"
                           "key = \"id\"\n"
                           "[stream.b]\nlike = \"contcts\"\n") ==
          "11:1: 'like' in [stream.b] is 'contcts', which the file does not "
          "have; did you mean 'contacts'?");
    CHECK(faults(over("[stream.b]\nlike = \"zzz\"\n")) ==
          "13:1: 'like' in [stream.b] is 'zzz', which the file does not have");
    CHECK(faults(over("[stream.b]\nlike = 5\n")) ==
          "13:1: 'like' in [stream.b] must be a name");
    CHECK(faults(over("[stream.b]\nlike = \"${from}\"\n"))
              .starts_with("13:1: 'like' in [stream.b] cannot have"));
    CHECK(faults(sources + "[stream]\nb = { like = \"c\" }\nc = 5\n") ==
          "8:1: 'c' in [stream] must be a table");
  }

  TEST_CASE("where a layer is not known nothing is said of what is missing") {
    CHECK(faults(sources +
                 "[stream.b]\nlike = \"zzz\"\n"
                 "query = { a = \"${from}\", b = \"${last}\" }\n"
                 "body = { a = 1 }\ncursor = { start = \"2024-01-01\" }\n"
                 "columns = { a = false }\n"
                 "[stream.c]\nlike = \"b\"\ncursor = { overlap = \"1h\" }\n") ==
          "7:1: 'like' in [stream.b] is 'zzz', which the file does not have");
    // What stands there is looked at.
    CHECK(faults(sources + "[stream.b]\nlike = \"zzz\"\nrate = \"5\"\n"
                           "cursor = { overlap = \"x\" }\n"
                           "page = { size = 1 }\n") ==
          "7:1: 'like' in [stream.b] is 'zzz', which the file does not have\n"
          "8:1: 'rate' in [stream.b] must be a whole number above 0, '/' and "
          "s, m, h or d, such as \"5/s\" or \"100/m\"\n"
          "9:12: 'overlap' in [stream.b.cursor] must be a whole number and s, "
          "m, h or d, such as \"90s\", \"5m\" or \"7d\"\n"
          "10:8: [stream.b.page] must have one of next, link, token, header, "
          "after, offset and number");
  }

  TEST_CASE("like must not lead in a circle") {
    CHECK(faults(sources + "[stream.a]\nlike = \"a\"\n") ==
          "7:1: 'like' in [stream.a] is the stream itself");
    // However many streams lead into it, it is said once.
    CHECK(faults(sources +
                 "[stream.d]\nlike = \"b\"\n[stream.c]\nlike = \"a\"\n"
                 "[stream.a]\nlike = \"b\"\n[stream.b]\nlike = \"c\"\n"
                 "[stream.e]\nlike = \"d\"\n") ==
          "9:1: 'like' in [stream.c] leads in a circle: c, a, b, c");
    CHECK(faults(sources + "[stream.a]\nlike = \"b\"\n[stream.b]\n"
                           "like = \"b\"\n") ==
          "9:1: 'like' in [stream.b] is the stream itself");
  }

  TEST_CASE("what is refused below is said once, where it stands") {
    struct Case {
      std::string below;
      std::string expected;
    };
    const Case cases[] = {
        {"rate = \"5\"\n",
         "10:1: 'rate' in [stream.base] must be a whole number above 0, '/' "
         "and s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"raw = 5\n", "10:1: 'raw' in [stream.base] must be true or false"},
        {"page = { number = \"p\", size = 0 }\n",
         "10:24: 'size' in [stream.base.page] must be at least 1"},
        {"page = {}\n",
         "10:8: [stream.base.page] must have one of next, link, token, header, "
         "after, offset and number"},
        {"query = { a = inf }\n",
         "10:11: 'a' in [stream.base.query] must be a finite number"},
        {"columns = [\"_a\"]\n",
         "10:12: column '_a' in [stream.base] begins with an underscore, as "
         "only Strandline's own columns do"},
        {"columns = [\"a/b\", \"a_b\"]\n",
         "10:19: two columns in [stream.base] are called 'a_b'"},
        {"columns = { _a = \"a\" }\n",
         "10:13: column '_a' in [stream.base.columns] begins with an "
         "underscore, as only Strandline's own columns do"},
        {"columns = { a = { path = \"a~\" } }\n",
         "10:19: 'path' in [stream.base.columns.a] is not a path: `~` in a "
         "path stands before 0 (for `~`) or 1 (for `/`)"},
        {"recods = \"data\"\n",
         "10:1: unknown key 'recods' in [stream.base]; did you mean "
         "'records'?"},
        {"query = { a = \"${until}\" }\n",
         "10:11: 'a' in [stream.base.query] has the placeholder '${until}', "
         "but the stream has no cursor"},
        {"cursor = { field = \"at\", format = \"datetime\" }\n"
         "query = { a = \"${from}\" }\n",
         "10:10: missing key 'zone' in [stream.base.cursor] with format = "
         "\"datetime\""},
    };
    for (const auto& c : cases) {
      CAPTURE(c.below);
      CHECK(faults(over("[stream.third]\nlike = \"base\"\n", c.below)) ==
            c.expected);
    }
    // Of both it is said without the note that is for one.
    for (const auto& problem : problems_of(over("", "rate = \"5\"\n"))) {
      CHECK(note(problem.notes, "for") == "");
      CHECK(note(problem.notes, "line") ==
            "   10 | rate = \"5\"\n      | ^^^^");
    }
  }

  TEST_CASE("a list of columns that tables lie over is refused at its place") {
    CHECK(faults(over("columns = { x = \"x\" }\n", "columns = [\"a~\"]\n")) ==
          "10:1: 'columns' in [stream.base] is not a path: `~` in a path "
          "stands before 0 (for `~`) or 1 (for `/`)");
    CHECK(faults(over("columns = { A = \"x\" }\n", "columns = [\"a\"]\n")) ==
          "13:13: columns 'a' and 'A' in [stream.over.columns] differ only in "
          "case, which SQLite does not tell apart");
    CHECK(faults(over("columns = { x = \"x\" }\n", "columns = [5]\n")) ==
          "10:1: 'columns' in [stream.base] must be a list of paths or a "
          "table");
  }

  TEST_CASE("what a stream makes of one below is said of both") {
    const auto problems = problems_of(
        over("cursor = { field = \"at\" }\nquery = { a = \"${from}\" }\n",
             "page = { offset = \"skip\" }\n"));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].line == 10);
    CHECK(problems[0].message.starts_with("'page' in [stream.base] pages by "));
    CHECK(note(problems[0].notes, "for") ==
          "[stream.over], which lies over it");
    CHECK(note(problems[0].notes, "try") != "");
    const auto nested = problems_of(
        over("cursor = { order = \"unordered\" }\n",
             "query = { a = \"${from}\" }\npage = { link = \"next\", "
             "keyset = true }\n"
             "cursor = { field = \"at\", order = \"ascending\" }\n"));
    REQUIRE(nested.size() == 1);
    CHECK(nested[0].line == 11);
    CHECK(nested[0].message.starts_with("'keyset' in [stream.base.page]"));
    CHECK(note(nested[0].notes, "for") == "[stream.over], which lies over it");
  }

  TEST_CASE("a second kind of cursor is refused in the upper layer") {
    CHECK(faults(over("cursor = { field = \"at\" }\n",
                      "cursor = { token = \"t\", param = \"p\" }\n")) ==
          "13:12: 'field' in [stream.over.cursor] is a second kind besides "
          "'token'; a cursor has one");
    CHECK(faults(over("cursor = { token = \"t\", param = \"p\" }\n",
                      "query = { a = \"${from}\" }\n"
                      "cursor = { field = \"at\" }\n")) ==
          "14:12: 'token' in [stream.over.cursor] is a second kind besides "
          "'field'; a cursor has one");
  }

  TEST_CASE("a key that no layer has is missing in the upper one") {
    CHECK(faults(sources + "[stream.base]\nsource = \"us\"\nkey = \"id\"\n"
                           "[stream.over]\nlike = \"base\"\nget = \"/\"\n") ==
          "6:1: missing key 'get' in [stream.base], or 'post' for a request "
          "with a body");
    CHECK(faults(sources + "[stream.base]\nsource = \"us\"\nget = \"/\"\n"
                           "[stream.over]\nlike = \"base\"\n") ==
          "6:1: missing key 'key' in [stream.base]\n"
          "9:1: missing key 'key' in [stream.over]");
    CHECK(faults(sources +
                 "[stream.base]\nget = \"/\"\nkey = \"id\"\n"
                 "[stream.over]\nlike = \"base\"\nsource = \"eu\"\n") ==
          "6:1: missing key 'source' in [stream.base], and the file has 2 "
          "sources");
    // A misspelling explains it in every stream.
    CHECK(faults(sources + "[stream.base]\nsource = \"us\"\nget = \"/\"\n"
                           "kye = \"id\"\n[stream.over]\nlike = \"base\"\n") ==
          "9:1: unknown key 'kye' in [stream.base]; did you mean 'key'?");
    const auto stray =
        problems_of(sources +
                    "[stream.base]\nsource = \"us\"\nget = \"/\"\n"
                    "[stream.base.columns]\na = \"a\"\nkey = \"id\"\n"
                    "[stream.over]\nlike = \"base\"\n");
    REQUIRE(stray.size() == 2);
    CHECK(note(stray[1].notes, "try") == note(stray[0].notes, "try"));
    CHECK(note(stray[1].notes, "try")
              .starts_with("move 'key' on line 11 above the heading "
                           "[stream.base.columns] on line 9"));
  }

  TEST_CASE("a refused value hides what lies below, and is no missing key") {
    CHECK(faults(over("key = 5\n")) ==
          "12:1: 'key' in [stream.over] must be a path, a list of paths, or a "
          "table such as { hash = \"*\" }");
    CHECK(faults(over("cursor = \"at\"\n",
                      "query = { a = \"${from}\" }\n"
                      "cursor = { field = \"at\" }\n")) ==
          "14:1: 'cursor' in [stream.over] must be false or a table");
    CHECK(faults(over("cursor = { start = \"2024-01-01\" }\n",
                      "cursor = \"at\"\n")) ==
          "10:1: 'cursor' in [stream.base] must be false or a table");
  }

  TEST_CASE("a warning names the stream that it is of") {
    const auto warnings =
        load_text(over("", "cursor = { field = \"at\" }\n")).warnings;
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find(":10:1: [stream.base] has a cursor, but no") !=
          std::string::npos);
    CHECK(warnings[1].find(":10:1: [stream.over] has a cursor, but no") !=
          std::string::npos);
  }
}
