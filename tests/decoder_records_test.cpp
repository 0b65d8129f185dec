// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "decoding.hpp"

using namespace std::string_literals;
using namespace strandline::test;
using strandline::source::EnvelopeSlot;
using strandline::source::EnvelopeValue;

TEST_SUITE("records") {
  TEST_CASE("they stand at the root, or where `records` says") {
    CHECK(decode(stream_of(), R"([{"id":1},{"id":2}])") ==
          "id: integer 1\nid: integer 2\n");
    CHECK(decode(stream_of("data"), R"({"a":[{"id":9}],"data":[{"id":1}]})") ==
          "id: integer 1\n");
    CHECK(decode(stream_of("/data/items"),
                 R"({"items":[{"id":9}],"data":{"x":1,"items":[{"id":1}]}})") ==
          "id: integer 1\n");
    CHECK(decode(stream_of("a~1b/c~0d"), R"({"a/b":{"c~d":[{"id":1}]}})") ==
          "id: integer 1\n");
    CHECK(decode(stream_of("data"), R"({"\u0064ata":[{"id":1}]})") ==
          "id: integer 1\n");
    CHECK(decode(stream_of("data"), R"({"data":[]})").empty());
    CHECK(decode(stream_of(), "[]").empty());
  }

  TEST_CASE("they may stand in an element of an array") {
    CHECK(decode(stream_of("1"),
                 R"([{"page":1},[{"id":1},{"id":2}],[{"id":3}]])") ==
          "id: integer 1\nid: integer 2\n");
    CHECK(decode(stream_of("results/0/items"),
                 R"({"results":[{"items":[{"id":1,"tags":[{"id":5}]}]},)"
                 R"({"items":[{"id":2}]}]})") ==
          "id: integer 1, tags: json [{\"id\":5}]\n");
    CHECK(decode(stream_of("1"), R"({"0":[],"1":[{"id":1}]})") ==
          "id: integer 1\n");
    CHECK(message(stream_of("1"), R"([{"page":1}])") ==
          "`records`: '1' is not there in the answer");
    CHECK(message(stream_of("1"), R"([[{"id":1}],null])") ==
          "`records`: '1' is null in the answer");
    auto stream = stream_of("1");
    stream.page.total = parse_path("0/total");
    stream.columns = {column("emails/kind=work/value"),
                      column("emails/1/value")};
    Subject subject(stream);
    CHECK(subject.decode(R"([{"total":7},[{"id":1,"emails":[)"
                         R"({"value":"a","kind":"home"},)"
                         R"({"value":"b","kind":"work"}]}]])") ==
          "id: integer 1, emails_kind=work_value: 'b', emails_1_value: 'b', "
          "emails: json [{\"value\":\"a\",\"kind\":\"home\"},"
          "{\"value\":\"b\",\"kind\":\"work\"}]\n");
    CHECK(subject.answer.envelope[EnvelopeSlot::total]->text == "7");
  }

  TEST_CASE("where they are not, the message says what is there") {
    struct Case {
      std::string records;
      std::string body;
      std::string message;
      std::string answer;
    };
    const std::vector<Case> cases = {
        {"data", R"({"items":[],"meta":{}})",
         "`records`: 'data' is not there in the answer", "has items, meta"},
        {"data/items", R"({"data":{"rows":[]},"x":1})",
         "`records`: 'data/items' is not there in the answer", "has data, x"},
        {"data", R"({"data":null})", "`records`: 'data' is null in the answer",
         "has data"},
        {"data", R"({"data":{}})",
         "`records`: 'data' is not an array in the answer", "has data"},
        {"data", R"({"data":"x"})",
         "`records`: 'data' is not an array in the answer", "has data"},
        {"data", R"({"data":0,"n":0})",
         "`records`: 'data' is not an array in the answer", "has data, n"},
        {"data", R"([{"id":1}])",
         "`records`: 'data' is not there in the answer", "(no such note)"},
        {"data", "{}", "`records`: 'data' is not there in the answer",
         "(no such note)"},
        {"", R"({"data":[]})", "the answer is not an array of records",
         "has data"},
        {"", "{}", "the answer is not an array of records", "(no such note)"},
        {"data", "{\"a\\nb\":1}",
         "`records`: 'data' is not there in the answer", "has a\\x0Ab"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.records);
      CAPTURE(c.body);
      const auto error = failure(stream_of(c.records), c.body);
      REQUIRE(error);
      CHECK(error->what() == c.message);
      CHECK(error->code() == strandline::ExitCode::protocol);
      CHECK(note(*error, "answer") == c.answer);
      CHECK(note(*error, "try") ==
            "`records` in the stream names the array of records in the answer");
    }
  }

  TEST_CASE("a long answer is not shown whole") {
    std::string members;
    for (int i = 0; i < 100; ++i) {
      members += fmt::format("\"a rather long name of a member {}\":0,", i);
    }
    const auto error =
        failure(stream_of("data"), "{" + members + "\"last\":0}");
    REQUIRE(error);
    CHECK(note(*error, "answer").size() < 300);
  }

  TEST_CASE("one that is not an object is rejected") {
    CHECK(decode(stream_of(), R"([1,"a",null,[{"id":5}],{"id":2},true])") ==
          "id: integer 2\n"
          "rejected : the record is not an object\n"
          "rejected : the record is not an object\n"
          "rejected : the record is not an object\n"
          "rejected : the record is not an object\n"
          "rejected : the record is not an object\n");
    Subject subject(stream_of());
    subject.decode(R"([ "a" , [ {"id" : 5} ] , null ])");
    CHECK(subject.answer.records.rejects.at(0).raw == "\"a\"");
    CHECK(subject.answer.records.rejects.at(1).raw == "[ {\"id\" : 5} ]");
    CHECK(subject.answer.records.rejects.at(2).raw == "null");
  }

  TEST_CASE("their raw text is what the source sent, byte for byte") {
    const std::vector<std::string> records = {
        R"({"id":1})", "{ \"id\" : 2 ,\n\t\"a\":[ ] }",
        R"({"id":3,"s":"} ] , \" {","é":"\u00e9"})",
        R"({"id":4,"n":{"id":[{}]}})"};
    std::string body = "  [ ";
    for (const auto& record : records) {
      body += (&record == &records.front() ? "" : "\n , ") + record;
    }
    Subject subject(stream_of());
    subject.decode(body + " \r\n] ");
    const auto& batch = subject.answer.records;
    REQUIRE(batch.records.size() == records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      CHECK(batch.raw_of(batch.records[i]) == records[i]);
    }
    subject.decode(R"([{"id":1,"a":1,"a":2} ,{"id":2}])");
    CHECK(subject.answer.records.rejects.at(0).raw ==
          R"({"id":1,"a":1,"a":2})");
    CHECK(subject.answer.records.raw_of(subject.answer.records.records.at(0)) ==
          R"({"id":2})");
  }

  TEST_CASE("a rejected record leaves nothing behind in the batch") {
    Subject subject(declared({column("at", ColumnType::timestamp)}));
    subject.decode(
        R"([{"id":"\u0061","at":"2024-01-01","x":1,"x":1},{"id":2}])");
    const auto& batch = subject.answer.records;
    CHECK(batch.cells.size() == 1);
    CHECK(batch.text == R"({"id":2})");
    CHECK(batch.unescaped.empty());
    CHECK(batch.rejects.at(0).key == R"(["a"])");
  }

  TEST_CASE("half a surrogate pair rejects its record and no other") {
    for (const std::string half :
         {R"(\ud800)", R"(\udc00)", R"(\ud800\ud800)", R"(\ud834x)",
          R"(\ud834\n)", R"(\udd1e\ud834)", R"(\ud834\u0041)"}) {
      CAPTURE(half);
      const auto text =
          decode(stream_of(), R"([{"id":1,"v":"é\n"},{"id":2,"v":")" + half +
                                  R"("},{"id":3}])");
      CHECK(text ==
            "id: integer 1, v: 'é\n'\nid: integer 3\n"
            "rejected [\"2\"]: 'v' holds half a surrogate pair\n");
      CHECK(decode(stream_of(), R"([{"id":2,")" + half + R"(":1},{"id":3}])") ==
            "id: integer 3\nrejected [\"2\"]: a member's name holds half a "
            "surrogate pair\n");
      CHECK(decode(stream_of(), R"([{"id":")" + half + R"("},{"id":3}])") ==
            "id: integer 3\nrejected : 'id' holds half a surrogate pair\n");
      // JSON keeps its escapes.
      CHECK(decode(stream_of(), R"([{"id":2,"v":[")" + half + R"("]}])") ==
            "id: integer 2, v: json [\"" + half + "\"]\n");
    }
  }
}

TEST_SUITE("key") {
  TEST_CASE("a record without its whole key is rejected with the reason") {
    struct Case {
      std::string record;
      std::string expected;
    };
    auto stream = stream_of();
    stream.key.push_back(column("n/line"));
    const std::vector<Case> cases = {
        {R"({"id":1,"n":{"line":2}})",
         "id: integer 1, n_line: integer 2, n: json {\"line\":2}\n"},
        {R"({"n":{"line":"b"},"id":"a"})",
         "n_line: 'b', n: json {\"line\":\"b\"}, id: 'a'\n"},
        {R"({"n":{"line":2}})", "rejected : the key 'id' is not there\n"},
        {R"({"id":1})", "rejected : the key 'n/line' is not there\n"},
        {R"({"id":1,"n":3})", "rejected : the key 'n/line' is not there\n"},
        {R"({"id":null,"n":{"line":2}})", "rejected : the key 'id' is null\n"},
        {R"({"id":1,"n":{"line":null}})",
         "rejected : the key 'n/line' is null\n"},
        {R"({"id":{},"n":{"line":2}})",
         "rejected : the key 'id' is an object or array\n"},
        {R"({"id":1,"n":{"line":[1]}})",
         "rejected : the key 'n/line' is an object or array\n"},
        {"{}", "rejected : the key 'id' is not there\n"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.record);
      CHECK(decode(stream, "[" + c.record + "]") == c.expected);
    }
  }

  TEST_CASE(
      "a record that does not fit is named by its key, wherever it stands") {
    auto stream = declared({column("v", ColumnType::integer)});
    stream.key.push_back(column("line"));
    CHECK(decode(stream, R"([{"v":"x","line":"q\"","id":7}])") ==
          "rejected [\"7\",\"q\\\"\"]: 'v' holds 'x', which is not an integer "
          "of 64 bits\n");
  }

  TEST_CASE("empty texts and booleans are keys") {
    CHECK(decode(stream_of(), R"([{"id":""},{"id":false}])") ==
          "id: ''\nid: boolean 0\n");
  }
}

TEST_SUITE("columns") {
  TEST_CASE("`*` is every other member, with numbers from first to last seen") {
    Subject subject(stream_of());
    CHECK(subject.decode(R"([{"id":1,"a":1},{"b":"x","id":2,"a":2}])") ==
          "id: integer 1, a: integer 1\nb: 'x', id: integer 2, a: integer 2\n");
    CHECK(subject.answer.records.first_new_field == 1);
    CHECK(subject.answer.records.new_fields ==
          std::vector<std::string>{"a", "b"});
    CHECK(subject.decode(R"([{"a":3,"c":true,"b":"y","id":3}])") ==
          "a: integer 3, c: boolean 1, b: 'y', id: integer 3\n");
    CHECK(subject.answer.records.first_new_field == 3);
    CHECK(subject.answer.records.new_fields == std::vector<std::string>{"c"});
    CHECK(subject.decode(R"([{"id":4,"c":false}])") ==
          "id: integer 4, c: boolean 0\n");
    CHECK(subject.answer.records.new_fields.empty());
    CHECK(subject.answer.records.first_new_field == 4);
  }

  TEST_CASE("a member that was only ever null makes no column") {
    Subject subject(stream_of());
    CHECK(subject.decode(R"([{"id":1,"a":null},{"id":2,"a":null}])") ==
          "id: integer 1\nid: integer 2\n");
    CHECK(subject.answer.records.new_fields.empty());
    CHECK(subject.decode(R"([{"id":3,"a":5},{"id":4,"a":null}])") ==
          "id: integer 3, a: integer 5\nid: integer 4\n");
    CHECK(subject.answer.records.new_fields == std::vector<std::string>{"a"});
  }

  TEST_CASE("a rejected record makes no column") {
    Subject subject(stream_of());
    subject.decode(R"([{"id":1,"x":1,"x":1,"y":2},{"id":2}])");
    CHECK(subject.answer.records.new_fields.size() <= 1);
  }

  TEST_CASE("declared columns and `*` stand side by side") {
    auto stream = stream_of();
    stream.columns = {{"name", parse_path("title"), ColumnType::text},
                      {"mail", parse_path("who/email"), ColumnType::as_found}};
    CHECK(decode(stream,
                 R"([{"id":1,"title":5,"name":"hidden","who":{"email":"a"},)"
                 R"("mail":"hidden","other":1}])") ==
          "id: integer 1, name: '5', mail: 'a', "
          "who: json {\"email\":\"a\"}, other: integer 1\n");
  }

  TEST_CASE("without `*` there is nothing but what is declared") {
    CHECK(decode(declared({column("b"), column("c/d")}),
                 R"([{"a":1,"b":2,"id":1,"c":{"d":3,"e":4},"f":[5]}])") ==
          "b: integer 2, id: integer 1, c_d: integer 3\n");
    // null is told where it is declared: the row must become null too.
    CHECK(decode(declared({column("b")}), R"([{"id":1,"b":null}])") ==
          "id: integer 1, b: null\n");
  }

  TEST_CASE("one value may be several columns, and a whole its parts") {
    auto stream = declared({{"x", parse_path("a"), ColumnType::json},
                            {"y", parse_path("a"), ColumnType::as_found},
                            {"z", parse_path("a/b"), ColumnType::text}});
    CHECK(decode(stream, R"([{"id":1,"a":{"b":5}}])") ==
          "id: integer 1, z: '5', x: '{\"b\":5}', y: json {\"b\":5}\n");
  }

  TEST_CASE("`fields` lifts an object's members to columns") {
    auto stream = stream_of();
    stream.fields = parse_path("attributes/all");
    stream.key = {{"id", parse_path("/id"), {}}};
    stream.columns = {{"type", parse_path("/type"), {}},
                      {"city", parse_path("address/city"), {}}};
    stream.cursor.emplace();
    stream.cursor->field = parse_path("updated");
    Subject subject(stream);
    CHECK(subject.decode(
              R"([{"id":1,"type":"t","links":{},"attributes":{"x":0,"all":)"
              R"({"name":"n","id":9,"address":{"city":"c"},)"
              R"("updated":"2024-01-01T00:00:00Z"}}}])") ==
          "id: integer 1, type: 't', name: 'n', city: 'c', "
          "address: json {\"city\":\"c\"}, "
          "updated: '2024-01-01T00:00:00Z'\n");
    CHECK(subject.answer.records.cursors.at(0) ==
          CursorValue(Instant{1'704'067'200, 0}));
    CHECK(subject.decode(R"([{"type":"t","id":2}])") ==
          "type: 't', id: integer 2\n");
    CHECK(subject.decode(R"([{"id":2,"attributes":null}])") ==
          "id: integer 2\n");
  }

  TEST_CASE("a relative key is a member of `fields`") {
    auto stream = stream_of();
    stream.fields = parse_path("properties");
    CHECK(decode(stream, R"([{"id":1,"properties":{"id":2,"a":3}}])") ==
          "id: integer 2, a: integer 3\n");
    CHECK(decode(stream, R"([{"id":1,"properties":{"a":3}}])") ==
          "rejected : the key 'id' is not there\n");
  }

  TEST_CASE("the order of members may change from record to record") {
    const auto stream = declared({column("a/b"), column("c")});
    CHECK(decode(stream, R"([{"id":1,"a":{"x":0,"b":1},"c":2},)"
                         R"({"c":2,"a":{"b":1,"x":0},"id":1},)"
                         R"({"a":{"b":1},"id":1,"c":2}])") ==
          "id: integer 1, a_b: integer 1, c: integer 2\n"
          "c: integer 2, a_b: integer 1, id: integer 1\n"
          "a_b: integer 1, id: integer 1, c: integer 2\n");
  }
}

TEST_SUITE("elements of arrays") {
  // The cells of the columns at `paths`.
  std::string elements(const std::vector<std::string>& paths,
                       const std::string& value) {
    std::vector<ColumnRule> columns;
    for (const auto& path : paths) {
      columns.push_back(column("a/" + path));
    }
    const auto text =
        decode(declared(columns), R"([{"id":1,"a":)" + value + "}]");
    return text.substr("id: integer 1"s.size());
  }

  TEST_CASE("they are named by index") {
    CHECK(elements({"0"}, R"(["x","y"])") == ", a_0: 'x'\n");
    CHECK(elements({"1"}, R"(["x","y"])") == ", a_1: 'y'\n");
    CHECK(elements({"2"}, R"(["x","y"])") == "\n");
    CHECK(elements({"0"}, "[]") == "\n");
    CHECK(elements({"1", "0"}, R"(["x","y"])") == ", a_0: 'x', a_1: 'y'\n");
    CHECK(elements({"1/b"}, R"([{"b":1},{"c":0,"b":2}])") ==
          ", a_1_b: integer 2\n");
    CHECK(elements({"0"}, R"([{"b":1}])") == ", a_0: json {\"b\":1}\n");
    CHECK(elements({"0/1"}, "[[1,2],[3,4]]") == ", a_0_1: integer 2\n");
    // In an object the same segment is a member's name.
    CHECK(elements({"0"}, R"({"0":"x"})") == ", a_0: 'x'\n");
    CHECK(elements({"0"}, "null") == "\n");
    CHECK(elements({"0"}, "7") == "\n");
  }

  TEST_CASE("they are named by a member, wherever it stands") {
    CHECK(elements({"k=v/x"}, R"([{"k":"w","x":1},{"k":"v","x":2}])") ==
          ", a_k=v_x: integer 2\n");
    CHECK(elements({"k=v/x"}, R"([{"x":1,"k":"w"},{"x":2,"k":"v"}])") ==
          ", a_k=v_x: integer 2\n");
    CHECK(elements({"k=v/x"}, R"([{"x":1,"y":[{"k":"v"}]},{"x":2,"k":"v"}])") ==
          ", a_k=v_x: integer 2\n");
    CHECK(elements({"k=v"}, R"([{"k":"v","x":2}])") ==
          ", a_k=v: json {\"k\":\"v\",\"x\":2}\n");
    CHECK(elements({"k=v/k"}, R"([{"k":"v"}])") == ", a_k=v_k: 'v'\n");
    CHECK(elements({"k=v/x"}, R"([{"k":"\u0076","x":2}])") ==
          ", a_k=v_x: integer 2\n");
    CHECK(elements({"k=v/x"}, R"([{"\u006b":"v","x":2}])") ==
          ", a_k=v_x: integer 2\n");
    CHECK(elements({"k=true/x"}, R"([{"k":false,"x":1},{"k":true,"x":2}])") ==
          ", a_k=true_x: integer 2\n");
    CHECK(elements({"k=7/x"}, R"([{"k":7,"x":2}])") ==
          ", a_k=7_x: integer 2\n");
    CHECK(elements({"k=/x"}, R"([{"k":"a","x":1},{"k":"","x":2}])") ==
          ", a_k=_x: integer 2\n");
    CHECK(elements({"k=v/x"}, R"([{"x":1},{"k":["v"],"x":2},"v",["v"]])") ==
          "\n");
    // In an object the same segment is a member's name.
    CHECK(elements({"k=v/x"}, R"({"k=v":{"x":1}})") ==
          ", a_k=v_x: integer 1\n");
  }

  TEST_CASE("the first that fits is meant") {
    CHECK(elements({"k=v/x"}, R"([{"k":"v","x":1},{"k":"v","x":2}])") ==
          ", a_k=v_x: integer 1\n");
    // Also where it does not have what is asked for.
    CHECK(elements({"k=v/x"}, R"([{"k":"v"},{"k":"v","x":2}])") == "\n");
  }

  TEST_CASE("several may be asked of one array") {
    const auto body = R"([{"k":"a","x":1},{"x":2,"k":"b"},{"k":"c","x":3}])"s;
    CHECK(elements({"k=b/x", "k=a/x", "2/x", "k=c/x"}, body) ==
          ", a_k=a_x: integer 1, a_k=b_x: integer 2, a_2_x: integer 3, "
          "a_k=c_x: integer 3\n");
    // Two members of the same elements.
    CHECK(elements({"k=a/x", "l=a/x"},
                   R"([{"l":"a","x":1,"k":"b"},{"l":"b","x":2,"k":"a"}])") ==
          ", a_l=a_x: integer 1, a_k=a_x: integer 2\n");
  }

  TEST_CASE("arrays stand in arrays, each with its own conditions") {
    const auto body = R"([{"x":[{"n":"p","v":1},{"v":2,"n":"q"}],"k":"a"},)"
                      R"({"x":[{"n":"p","v":3},{"v":4,"n":"q"}],"k":"b"},)"
                      R"({"k":"b","x":[{"n":"q","v":5}]}])"s;
    CHECK(elements({"k=b/x/n=q/v"}, body) == ", a_k=b_x_n=q_v: integer 4\n");
    CHECK(elements({"k=a/x/0/v"}, body) == ", a_k=a_x_0_v: integer 1\n");
    CHECK(elements({"1/x/n=p/v"}, body) == ", a_1_x_n=p_v: integer 3\n");
    CHECK(elements({"2/x/0/v", "0/x/1/v"}, body) ==
          ", a_0_x_1_v: integer 2, a_2_x_0_v: integer 5\n");
    CHECK(elements({"k=c/x/n=q/v"}, body) == "\n");
    // A telling member of the inner array says nothing of the outer.
    CHECK(elements({"n=q/x/0/v"}, body) == "\n");
  }

  TEST_CASE("more than 64 different ones of one array are refused") {
    std::vector<ColumnRule> columns;
    for (int i = 0; i < 64; ++i) {
      columns.push_back(column(fmt::format("a/{}", i)));
    }
    CHECK_NOTHROW(Decoder(declared(columns)));
    std::string values;
    for (int i = 0; i < 70; ++i) {
      values += fmt::format("{}{}", i == 0 ? "" : ",", i);
    }
    CHECK(decode(declared(columns), R"([{"id":1,"a":[)" + values + "]}]")
              .ends_with(", a_63: integer 63\n"));
    columns.push_back(column("a/63/b"));
    CHECK_NOTHROW(Decoder(declared(columns)));
    columns.push_back(column("a/64"));
    CHECK_THROWS_WITH_AS(
        Decoder(declared(columns)),
        "more than 64 elements of one array are named by paths",
        strandline::Error);
  }
}

TEST_SUITE("cursors") {
  TEST_CASE("each record has one, or none where it cannot be read") {
    Subject subject(with_cursor("meta/at"));
    subject.decode(
        R"([{"id":1,"meta":{"at":"2024-01-01T00:00:00Z"}},)"
        R"({"meta":{"at":"2024-01-01T01:00:00+01:00"},"id":2},)"
        R"({"id":3,"meta":{"at":null}},{"id":4},{"id":5,"meta":{"at":"x"}},)"
        R"({"id":6,"meta":{"at":1704067200}},{"id":7,"meta":{"at":[1]}},)"
        R"({"id":8,"meta":{"at":"\ud800"}},)"
        R"({"id":9,"meta":{"at":"2024\u002d01-01T00:00:00Z"}}])");
    const CursorValue expected = Instant{1'704'067'200, 0};
    const auto& cursors = subject.answer.records.cursors;
    REQUIRE(cursors.size() == subject.answer.records.records.size());
    REQUIRE(cursors.size() == 9);
    for (std::size_t i = 0; i < cursors.size(); ++i) {
      CAPTURE(i);
      CHECK(cursors[i].has_value() == (i == 0 || i == 1 || i == 8));
      CHECK((!cursors[i] || *cursors[i] == expected));
    }
  }

  TEST_CASE("the cursor of one record is not the next one's") {
    Subject subject(with_cursor("at", CursorFormat::integer));
    subject.decode(R"([{"id":1,"at":5},{"id":2},{"at":6},{"id":4,"at":"7"}])");
    const auto& cursors = subject.answer.records.cursors;
    REQUIRE(cursors.size() == 3);
    CHECK(cursors[0] == CursorValue(std::int64_t{5}));
    CHECK_FALSE(cursors[1]);
    CHECK(cursors[2] == CursorValue(std::int64_t{7}));
  }

  TEST_CASE("a time without an offset is read in the stream's zone") {
    auto stream = with_cursor("at", CursorFormat::datetime);
    const auto read = [&] {
      Subject subject(stream);
      subject.decode(R"([{"id":1,"at":"2024-01-01 01:00:00"}])");
      return subject.answer.records.cursors.at(0);
    };
    CHECK_FALSE(read());
    stream.cursor->format.zone = Zone(std::chrono::hours(1));
    CHECK(read() == CursorValue(Instant{1'704'067'200, 0}));
  }

  TEST_CASE("a cursor may be an element's value") {
    Subject subject(with_cursor("dates/kind=changed/at"));
    subject.decode(
        R"([{"id":1,"dates":[{"at":"2020-01-01T00:00:00Z","kind":"made"},)"
        R"({"at":"2024-01-01T00:00:00Z","kind":"changed"}]}])");
    CHECK(subject.answer.records.cursors.at(0) ==
          CursorValue(Instant{1'704'067'200, 0}));
  }
}

TEST_SUITE("envelope") {
  StreamDefinition paged() {
    auto stream = stream_of("data");
    stream.page.kind = PageRule::Kind::token;
    stream.page.path = parse_path("meta/next");
    stream.page.more = parse_path("more");
    stream.page.end = parse_path("meta/last");
    stream.page.total = parse_path("total");
    return stream;
  }

  TEST_CASE("what it says is found before and behind the records") {
    for (
        const std::string body :
        {R"({"data":[{"id":1}],"meta":{"next":"t","last":false},"more":1,"total":9})",
         R"({"total":9,"more":1,"meta":{"last":false,"next":"\u0074"},"data":[{"id":1}]})"}) {
      CAPTURE(body);
      Subject subject(paged());
      subject.decode(body);
      const auto& envelope = subject.answer.envelope;
      CHECK(envelope[EnvelopeSlot::page]->text == "t");
      CHECK(envelope[EnvelopeSlot::page]->kind == CellKind::text);
      CHECK(envelope[EnvelopeSlot::more]->text == "1");
      CHECK(envelope[EnvelopeSlot::end]->kind == CellKind::boolean);
      CHECK(envelope[EnvelopeSlot::total]->text == "9");
    }
  }

  TEST_CASE("what it does not say is not there, also after a page that did") {
    Subject subject(paged());
    subject.decode(R"({"data":[],"meta":{"next":"t"},"more":true,"total":1})");
    subject.decode(R"({"data":[{"id":1,"meta":{"next":"x"},"more":1}]})");
    for (const auto& slot : subject.answer.envelope.slots) {
      CHECK_FALSE(slot);
    }
  }

  TEST_CASE("a text that is no text is refused, not taken for nothing") {
    CHECK(message(paged(), R"({"data":[],"meta":{"next":"\ud800"}})") ==
          "a value that paging needs holds half a surrogate pair");
  }

  TEST_CASE("truthy is what is not null, false, 0 or empty") {
    struct Case {
      CellKind kind;
      std::string text;
      bool expected;
    };
    const std::vector<Case> cases = {
        {CellKind::null, "null", false},
        {CellKind::boolean, "true", true},
        {CellKind::boolean, "false", false},
        {CellKind::integer, "0", false},
        {CellKind::integer, "-1", true},
        {CellKind::integer, "10", true},
        {CellKind::real, "0.0", false},
        {CellKind::real, "-0", false},
        {CellKind::real, "0e7", false},
        {CellKind::real, "0.10", true},
        {CellKind::number, "10000000000000000000", true},
        {CellKind::text, "", false},
        {CellKind::text, "0", true},
        {CellKind::text, "false", true},
        {CellKind::json, "[]", false},
        {CellKind::json, "{}", false},
        {CellKind::json, "[ ]", false},
        {CellKind::json, "{\n}", false},
        {CellKind::json, "[0]", true},
        {CellKind::json, "{\"a\":0}", true},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(EnvelopeValue{c.kind, c.text}.truthy() == c.expected);
    }
  }
}
