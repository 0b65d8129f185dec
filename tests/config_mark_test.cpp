// SPDX-License-Identifier: MIT
//
// What a configuration says of the mark and of paging, and what of it is
// refused because records would be lost.
#include <doctest/doctest.h>

#include "config_file.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

/// A stream whose request, cursor and page are these.
std::string stream(const std::string& query, const std::string& cursor,
                   const std::string& page) {
  return "database = \"a.db\"\n[source.api]\nbase_url = \"https://a\"\n"
         "[stream.tickets]\nget = \"/tickets\"\nkey = \"id\"\n" +
         (query.empty() ? "" : "query = { " + query + " }\n") +
         (cursor.empty() ? "" : "cursor = { " + cursor + " }\n") +
         (page.empty() ? "" : "page = { " + page + " }\n");
}

const std::string since = "since = \"${from}\"";
const std::string between = "since = \"${from}\", till = \"${until}\"";

model::StreamDefinition loaded(const std::string& text) {
  CAPTURE(text);
  REQUIRE(faults(text) == "");
  return load_text(text).streams.at(0);
}

/// Checks that `text` is refused with `expected`, and with a way out that says
/// `advice`.
void refuses(const std::string& text, const std::string& expected,
             const std::string& advice = "") {
  CAPTURE(text);
  CHECK(faults(text) == expected);
  if (!advice.empty()) {
    CHECK(everything_said(text).find(advice) != std::string::npos);
  }
}

}  // namespace

TEST_SUITE("windows with an upper bound") {
  TEST_CASE("step, start and both bounds make windows") {
    const auto subject = loaded(stream(
        between, "field = \"at\", start = 2020-01-01, step = \"30d\"", ""));
    CHECK(subject.cursor->step == std::chrono::hours(30 * 24));
    CHECK(model::asks(subject, "until"));
  }

  TEST_CASE("a step without an upper bound in the request is refused") {
    refuses(
        stream(since, "field = \"at\", start = 2020-01-01, step = \"1d\"", ""),
        "8:46: 'step' in [stream.tickets.cursor] is the length of windows, "
        "and the request has no ${until} to end them",
        "an upper bound in the query with ${until}");
  }

  TEST_CASE("a step without a start is refused") {
    refuses(
        stream(between, "field = \"at\", step = \"1d\"", ""),
        "8:26: 'step' in [stream.tickets.cursor] needs start: from where on "
        "are windows of it to be read?");
  }

  TEST_CASE("a step that is hardly longer than the overlap is refused") {
    const auto with = [](const std::string& step, const std::string& overlap) {
      return stream(between,
                    "field = \"at\", start = 2020-01-01, step = \"" + step +
                        "\", overlap = \"" + overlap + "\"",
                    "");
    };
    CHECK(faults(with("601s", "300s")) == "");
    refuses(with("600s", "300s"),
            "8:46: 'step' in [stream.tickets.cursor] must be more than twice "
            "the overlap, or windows hardly go forward",
            "a longer step");
  }

  TEST_CASE("an upper bound without a time to bound is refused") {
    refuses(stream(between, "", ""),
            "7:11: 'since' in [stream.tickets.query] has the placeholder "
            "'${from}', but the stream has no cursor\n"
            "7:30: 'till' in [stream.tickets.query] has the placeholder "
            "'${until}', but the stream has no cursor");
    refuses(stream(between, "field = \"n\", format = \"integer\"", ""),
            "7:30: 'till' in [stream.tickets.query] has the placeholder "
            "'${until}', which is a time, but the cursor is an integer");
    refuses(stream(between, "token = \"next\", param = \"since\"", ""),
            "7:30: 'till' in [stream.tickets.query] has the placeholder "
            "'${until}', but the stream has no cursor field");
  }

  TEST_CASE("steps and retention are times") {
    refuses(
        stream(since,
               "field = \"n\", format = \"integer\", step = \"1d\", "
               "retention = \"1d\"",
               ""),
        "8:45: 'step' in [stream.tickets.cursor] is a time, and has no use "
        "with format = \"integer\"\n"
        "8:58: 'retention' in [stream.tickets.cursor] is a time, and has no "
        "use with format = \"integer\"");
  }
}

TEST_SUITE("lists that move") {
  TEST_CASE("counting through an ascending list is refused") {
    for (const std::string kind : {"offset", "number"}) {
      for (const std::string order : {"ascending", "unordered"}) {
        refuses(stream(since, "field = \"at\", order = \"" + order + "\"",
                       kind + " = \"p\""),
                "9:1: 'page' in [stream.tickets] pages by " + kind +
                    " through a list that moves as records change, which loses "
                    "records",
                "set keyset = true");
      }
    }
  }

  TEST_CASE(
      "counting through a descending list with an upper bound is refused") {
    const std::string cursor =
        "field = \"at\", order = \"descending\", start = 2024-01-01";
    CHECK(faults(stream(since, cursor, "offset = \"p\"")) == "");
    refuses(stream(between, cursor, "offset = \"p\""),
            "9:1: 'page' in [stream.tickets] pages by offset through a list "
            "that moves as records change, which loses records",
            "leave out ${until}");
  }

  TEST_CASE("a sort that never changes, keyset or no cursor may be counted") {
    CHECK(faults(stream(since, "field = \"at\", immutable = true",
                        "offset = \"p\"")) == "");
    CHECK(faults(stream(since, "field = \"at\", order = \"ascending\"",
                        "offset = \"p\", keyset = true")) == "");
    CHECK(faults(stream("", "", "offset = \"p\"")) == "");
  }
}

TEST_SUITE("keyset") {
  TEST_CASE("keyset goes with an ascending cursor field only") {
    const std::string says =
        "9:25: 'keyset' in [stream.tickets.page] asks again from the last "
        "record's cursor, so it goes with a cursor field in ascending order "
        "only";
    const std::string page = "token = \"t\", param = \"p\"";
    refuses(stream(since, "field = \"at\"", "link = \"next\", keyset = true"),
            "9:25: " + says.substr(6), "order = \"ascending\"");
    refuses(stream(since, "field = \"at\", order = \"descending\"",
                   "link = \"next\", keyset = true"),
            "9:25: " + says.substr(6));
    refuses(stream(since, "token = \"at\", param = \"since\"",
                   "link = \"next\", keyset = true"),
            "9:25: " + says.substr(6));
    CHECK(loaded(stream(since, "field = \"at\", order = \"ascending\"",
                        page + ", keyset = true"))
              .page.keyset);
  }

  TEST_CASE("keyset needs the lower bound in the request") {
    refuses(stream("", "field = \"at\", order = \"ascending\"",
                   "link = \"next\", keyset = true"),
            "8:25: 'keyset' in [stream.tickets.page] asks again from the last "
            "record's cursor, and the request has no ${from}",
            "filter by ${from}");
  }

  TEST_CASE("paging behind the last key needs a place for it") {
    refuses(stream(since, "field = \"at\"", "after = \"id\""),
            "9:10: 'after' in [stream.tickets.page] needs a place in the "
            "request for the last record's value",
            "param = \"NAME\" in page, or ${last} in the request");
    const auto by_param =
        loaded(stream("", "", "after = \"id\", param = \"a\", first = 0"));
    CHECK(by_param.page.kind == model::PageRule::Kind::after);
    CHECK(by_param.page.param == "a");
    CHECK(by_param.page.first_last == "0");
    const auto by_text = loaded(
        stream("q = \"id > ${last}\"", "", "after = \"id\", first = \"-\""));
    CHECK(by_text.page.first_last == "-");
    CHECK(by_text.page.param.empty());
  }

  TEST_CASE("the last key without such paging is refused") {
    refuses(stream("a = \"${last}\"", "", "link = \"next\""),
            "7:11: 'a' in [stream.tickets.query] has the placeholder "
            "'${last}', but the stream does not page by 'after'");
    refuses(stream("a = \"${last}\"", "", ""),
            "7:11: 'a' in [stream.tickets.query] has the placeholder "
            "'${last}', but the stream does not page by 'after'");
    refuses(
        "database = \"a.db\"\n[source.api]\nbase_url = \"https://a\"\n"
        "[stream.tickets]\nget = \"/t/${last}\"\nkey = \"id\"\n"
        "page = { after = \"id\" }\n",
        "5:1: 'get' in [stream.tickets] has the placeholder '${last}', "
        "which the first page cannot fill without first in page");
  }

  TEST_CASE("a text as the number of the first page is refused") {
    refuses(stream("", "", "number = \"p\", first = \"a\""),
            "7:24: 'first' in [stream.tickets.page] must be an integer with "
            "'number'");
  }
}

TEST_SUITE("token streams") {
  TEST_CASE("a token is sent as its parameter, a URL as it stands") {
    const auto token = loaded(
        stream("from = \"${from}\"",
               "token = \"delta\", param = \"since\", start = 2024-01-01", ""));
    CHECK(token.cursor->kind == model::CursorRule::Kind::token);
    CHECK(token.cursor->param == "since");
    CHECK(model::to_text(token.cursor->field) == "delta");
    CHECK_FALSE(token.has_mark());
    const auto url = loaded(stream("", "next = \"deltaLink\"", ""));
    CHECK(url.cursor->kind == model::CursorRule::Kind::next);
  }

  TEST_CASE("a cursor is of one kind") {
    refuses(stream(since, "field = \"at\", token = \"t\", param = \"p\"", ""),
            "8:26: 'token' in [stream.tickets.cursor] is a second kind besides "
            "'field'; a cursor has one");
    refuses(stream(since, "order = \"ascending\"", ""),
            "8:10: [stream.tickets.cursor] must have one of field, token and "
            "next");
    refuses(
        stream("", "token = \"t\"", ""),
        "7:10: missing key 'param' in [stream.tickets.cursor] with 'token'");
    refuses(stream("", "next = \"t\", param = \"p\"", ""),
            "7:24: 'param' in [stream.tickets.cursor] has no use with 'next'");
    refuses(stream(since, "field = \"t\", param = \"p\"", ""),
            "8:25: 'param' in [stream.tickets.cursor] has no use with 'field'");
  }

  TEST_CASE("a URL that is fetched as it stands has no place for a page") {
    CHECK(faults(stream("", "next = \"delta\"", "next = \"n\"")) == "");
    CHECK(faults(stream("", "next = \"delta\"", "link = \"next\"")) == "");
    refuses(stream("", "next = \"delta\"", "number = \"p\""),
            "8:1: 'page' in [stream.tickets] adds a parameter to each request, "
            "but the cursor's 'next' is a URL that is fetched as it stands",
            "next or link in page, or token in the cursor");
  }

  TEST_CASE("what orders records says nothing of a token") {
    for (const std::string key :
         {"order = \"ascending\"", "overlap = \"5m\"", "step = \"1d\"",
          "exclusive = true", "immutable = true"}) {
      refuses(stream("", "token = \"t\", param = \"p\", " + key, ""),
              "7:38: '" + key.substr(0, key.find(' ')) +
                  "' in [stream.tickets.cursor] has no use with 'token'");
    }
  }
}
