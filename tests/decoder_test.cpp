// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cctype>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "decoding.hpp"

using namespace std::string_literals;
using namespace strandline::test;

namespace {

// Documents that have everything JSON has.
const std::vector<std::string> documents = {
    R"([])",
    R"([{"id":1},{"id":2}])",
    R"( [ {"id" : 1 , "a" : [ 1 , [ ] , { } , "x" , null ] , "b" : -1.5e-3 } ] )",
    R"([{"id":"\u0041\\\"\/\b\f\n\r\t","é✓𝄞":true,"n":{"a":{"b":[false]}}}])",
    R"([{"id":12345678901234567890123,"v":0.1,"w":-0,"x":1E+2}])",
};

}  // namespace

TEST_SUITE("JSON") {
  TEST_CASE("values of every kind keep what the source wrote") {
    struct Case {
      std::string value;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {"null", ""},
        {"true", "boolean 1"},
        {"false", "boolean 0"},
        {"0", "integer 0"},
        {"-1", "integer -1"},
        {"9223372036854775807", "integer 9223372036854775807"},
        {"-9223372036854775808", "integer -9223372036854775808"},
        {"9223372036854775808", "number 9223372036854775808"},
        {"-9223372036854775809", "number -9223372036854775809"},
        {"18446744073709551616", "number 18446744073709551616"},
        {"123456789012345678901234567890",
         "number 123456789012345678901234567890"},
        {"-0", "real -0"},
        {"1.0", "real 1"},
        {"1.5", "real 1.5"},
        {"-0.0", "real -0"},
        {"1e3", "real 1000"},
        {"1E+3", "real 1000"},
        {"12.5e-1", "real 1.25"},
        {"0e0", "real 0"},
        {"1.7976931348623157e308", "real 1.7976931348623157e+308"},
        {"1E400", "number 1E400"},
        {"-1E400", "number -1E400"},
        {"1e-400", "number 1e-400"},
        {R"("")", "''"},
        {R"("123")", "'123'"},
        {R"("é✓𝄞")", "'é✓𝄞'"},
        {R"("\u00e9\u2713\uD834\uDD1E")", "'é✓𝄞'"},
        {R"("\"\\\/\b\f\n\r\t")", "'\"\\/\b\f\n\r\t'"},
        {R"("a\u0000b")", "'a\0b'"s},
        {"\"\x7f\"", "'\x7f'"},
        {R"("\uFFFF\u0800\u07FF\u0080")", "'\uFFFF\u0800\u07FF\u0080'"},
        {"[]", "json []"},
        {"{}", "json {}"},
        {"[ 1 , {\"a\" : \"\\u0041\"} ]", "json [ 1 , {\"a\" : \"\\u0041\"} ]"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.value);
      const auto expected = "id: integer 1" +
                            (c.expected.empty() ? "" : ", v: " + c.expected) +
                            "\n";
      CHECK(found(c.value) == expected);
      CHECK(found(" \t\r\n" + c.value + " \t\r\n") == expected);
    }
  }

  TEST_CASE("what is no value is refused with the whole answer") {
    for (const std::string value : {
             "",
             "nul",
             "nulll",
             "Null",
             "NULL",
             "True",
             "tru",
             "NaN",
             "nan",
             "Infinity",
             "-Infinity",
             "inf",
             "undefined",
             "01",
             "-01",
             "00",
             "1.",
             ".5",
             "-.5",
             "+1",
             "1e",
             "1e+",
             "1E-",
             "1.e1",
             "--1",
             "-",
             "0x10",
             "1_000",
             "1 2",
             "1a",
             "1\"a\"",
             "'a'",
             "a",
             "\"a",
             "a\"",
             "\"a\"\"b\"",
             "\"a\" \"b\"",
             "\"a\"b",
             "b\"a\"",
             "\"\\x41\"",
             "\"\\u00g0\"",
             "\"\\u12\"",
             "\"\\U0041\"",
             "\"\\\"",
             "\"\\",
             "\"\\u\"",
             "\"\\ud834\\u00zz\"",
             "\"\\'\"",
             "\"\\a\"",
             "\"\\u 041\"",
             "\"\\u+041\"",
             "\"\\u-041\"",
             "[1",
             "1]",
             "[1,]",
             "[,1]",
             "[1,,2]",
             "[1 2]",
             "[1:2]",
             "[:]",
             "[\"a\":1]",
             "[}",
             "{]",
             "{\"a\"}",
             "{\"a\":}",
             "{\"a\":1,}",
             "{,\"a\":1}",
             "{\"a\" 1}",
             "{\"a\":1 \"b\":2}",
             "{\"a\":1:2}",
             "{\"a\"::1}",
             "{1:2}",
             "{a:1}",
             "{'a':1}",
             "{null:1}",
             "{\"a\":1,\"b\"}",
             "{\"\\x\":1}",
             "{\"a\"\"b\":1}",
             "{[]:1}",
             "/*c*/1",
             "1//c",
             "1;",
             "(1)",
             "[1]]",
             "{}}",
             "\xEF\xBB\xBF"
             "1",
             "\f1",
             "\v1",
             "\xC2\xA0"
             "1",
         }) {
      CAPTURE(value);
      CHECK(message(stream_of(), R"([{"id":1,"v":)" + value + "}]") !=
            "(decoded)");
      // Also where nobody asked for it, and where it is taken for paging.
      CHECK(message(stream_of("data"), R"({"data":[],"v":)" + value + "}") !=
            "(decoded)");
      CHECK(message(declared({}), R"([{"id":1,"v":{"w":[)" + value + "]}}]")
                .starts_with("the answer is not JSON") == !value.empty());
    }
    CHECK(message(stream_of(), "[{\"id\":1,\"v\":1\0}]"s) != "(decoded)");
    CHECK(message(stream_of(), "[{\"id\":1,\"v\":\0}]"s) != "(decoded)");
  }

  TEST_CASE("control characters stand in no string or name") {
    for (char c = 0; c < 0x20; ++c) {
      CAPTURE(static_cast<int>(c));
      CHECK(message(stream_of(), R"([{"id":1,"v":"a)"s + c + R"(b"}])") ==
            "the answer is not JSON: within strings, some characters must be "
            "escaped, we found unescaped characters");
      CHECK(message(stream_of(), R"([{"id":1,"v)"s + c + R"(":1}])") !=
            "(decoded)");
      const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
      CHECK((message(stream_of(), "["s + c + "]") == "(decoded)") == space);
    }
  }

  TEST_CASE("a document that is not whole is refused at every byte") {
    for (const auto& document : documents) {
      CAPTURE(document);
      CHECK(message(stream_of(), document) == "(decoded)");
      const auto end = document.find_last_not_of(' ');
      for (std::size_t size = 0; size <= end; ++size) {
        CAPTURE(size);
        CHECK(message(stream_of(), document.substr(0, size)) != "(decoded)");
      }
    }
  }

  TEST_CASE("an envelope that is not whole is refused at every byte") {
    auto stream = stream_of("data/items");
    stream.page.kind = PageRule::Kind::token;
    stream.page.path = parse_path("meta/next");
    stream.page.more = parse_path("more");
    const auto document =
        R"({"data":{"items":[{"id":1,"v":[1,{"w":"x"}]}],"n":1},)"
        R"("meta":{"next":"abc","x":[1,2]},"more":true})"s;
    CHECK(message(stream, document) == "(decoded)");
    for (std::size_t size = 0; size < document.size(); ++size) {
      CAPTURE(size);
      CHECK(message(stream, document.substr(0, size)) != "(decoded)");
    }
  }

  TEST_CASE("nothing may follow the document") {
    for (const std::string rest :
         {"x", "1", ",", "]", "}", "[]", "{}", "null", "\"a\"", " []", "\n{}",
          "\xEF\xBB\xBF", "//"}) {
      for (const auto& document : documents) {
        CAPTURE(rest);
        CAPTURE(document);
        CHECK(message(stream_of(), document + rest)
                  .starts_with("the answer is not JSON: "));
      }
    }
    CHECK(message(stream_of(), "[] \n[]") ==
          "the answer is not JSON: something follows its end at byte 4");
    CHECK(message(stream_of(), "[]\0"s) != "(decoded)");
    CHECK(message(stream_of(), "[] \t\r\n") == "(decoded)");
  }

  TEST_CASE("a byte-order mark is passed over") {
    CHECK(decode(stream_of(), "\xEF\xBB\xBF[{\"id\":1}]") == "id: integer 1\n");
    CHECK(message(stream_of(), "\xEF\xBB\xBF\xEF\xBB\xBF[]") != "(decoded)");
    CHECK(message(stream_of(), "\xEF\xBB[]") != "(decoded)");
    CHECK(message(stream_of(), "\xFE\xFF\0[\0]"s) != "(decoded)");
    CHECK(message(stream_of(), "[\0]\0"s) != "(decoded)");
  }

  TEST_CASE("a message says what is wrong and where") {
    struct Case {
      std::string body;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {R"([{"id":1}}])",
         "the JSON document has an improper structure: missing or superfluous "
         "commas, braces, missing keys, etc"},
        {R"([{"id":nope}])", "'nope' is not a value at byte 7"},
        {R"([{"id":"\q"}])",
         "a string has an escape that JSON has not at byte 7"},
        {R"([{"\q":1}])",
         "a member's name has an escape that JSON has not at byte 3"},
        {R"([{"id":}])", "'}' is not a value at byte 7"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.body);
      const auto error = failure(stream_of(), c.body);
      REQUIRE(error);
      CHECK(error->what() == "the answer is not JSON: " + c.expected);
      CHECK(error->code() == strandline::ExitCode::protocol);
    }
  }

  TEST_CASE("a document that ends early is told from one that is wrong") {
    const std::string whole =
        R"( [{"id":1,"a":[1,{"b":null}],"c":"]}\\"},{"id":2,"d":"\"[{\u00e9é"}])";
    REQUIRE(message(stream_of(), whole) == "(decoded)");
    for (std::size_t size = 2; size < whole.size(); ++size) {
      CAPTURE(size);
      for (const std::string mark : {"", "\xEF\xBB\xBF"}) {
        const auto error = failure(stream_of(), mark + whole.substr(0, size));
        REQUIRE(error);
        CHECK(error->cut_off());
        CHECK(error->code() == strandline::ExitCode::temporary);
        CHECK(error->what() ==
              fmt::format("the answer is not JSON, or is cut off: it does not "
                          "end, after {} bytes",
                          mark.size() + size));
      }
    }
    for (const std::string body :
         {"", " ", "\"[", "1", "<html>[", R"([{"id":1}}])", "[1]]", "{\"a\"}",
          R"([{"id":nope}])", R"([{"id":1}][)", R"({"data":{}})"}) {
      CAPTURE(body);
      const auto error = failure(stream_of("x"), body);
      REQUIRE(error);
      CHECK_FALSE(error->cut_off());
      CHECK(error->code() == strandline::ExitCode::protocol);
    }
  }

  TEST_CASE("what a refused document held leaves no column behind") {
    Decoder decoder(stream_of());
    CHECK(decoder.decode(R"([{"id":1,"a":1}])").records.new_fields ==
          std::vector<std::string>{"a"});
    for (const std::string body :
         {R"([{"id":1,"b":1,"c":2})", R"([{"id":1,"c":1,"d":nope}])"}) {
      CHECK_THROWS_AS(decoder.decode(body), DecodeError);
    }
    const auto answer = decoder.decode(R"([{"id":1,"d":1,"b":2,"a":3}])");
    CHECK(answer.records.first_new_field == 2);
    CHECK(answer.records.new_fields == std::vector<std::string>{"d", "b"});
  }

  TEST_CASE("an answer without a value says so") {
    for (const std::string body :
         {"", " ", "\n\t\r ", "\xEF\xBB\xBF", "\xEF\xBB\xBF  "}) {
      CHECK(message(stream_of(), body) == "the answer is empty");
    }
    for (const std::string body : {"1", "\"a\"", "null", "true", "-1.5"}) {
      CHECK(message(stream_of(), body) ==
            "the answer is a single value, not an object or array");
    }
    CHECK(message(stream_of(), "<html><body>Sign in</body></html>")
              .starts_with("the answer is not JSON: "));
  }

  TEST_CASE("what is not UTF-8 is refused, wherever it stands") {
    for (const std::string bytes :
         {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80",
          "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80",
          "\xF8\x88\x80\x80\x80", "\xFF", "\xE2\x9C", "\xF0\x9D\x84"}) {
      CAPTURE(bytes.size());
      CHECK(message(stream_of(), R"([{"id":1,"v":")" + bytes + "\"}]") ==
            "the answer is not UTF-8");
      CHECK(message(stream_of(), R"([{"id":1,")" + bytes + "\":1}]") ==
            "the answer is not UTF-8");
      CHECK(message(stream_of("d"), R"({"x":")" + bytes + R"(","d":[]})") ==
            "the answer is not UTF-8");
      CHECK(message(stream_of(), "[]" + bytes) != "(decoded)");
    }
  }

  TEST_CASE("128 levels are read, one more is refused") {
    const auto arrays = [](int depth) {
      return repeated("[", depth) + repeated("]", depth);
    };
    const auto objects = [](int depth) {
      return repeated("{\"a\":", depth) + "1" + repeated("}", depth);
    };
    // The array of records and the record are two.
    CHECK(found(arrays(126)) == "id: integer 1, v: json " + arrays(126) + "\n");
    CHECK(found(objects(126)) ==
          "id: integer 1, v: json " + objects(126) + "\n");
    for (const int depth : {127, 1000, 1100, 100'000}) {
      CAPTURE(depth);
      const auto prefix = R"([{"id":1,"v":)"s;
      for (const auto& deep : {arrays(depth), objects(depth)}) {
        const auto text = message(stream_of(), prefix + deep + "}]");
        CHECK(text.starts_with(
            "the answer is not JSON: it is nested deeper than 128 levels at "
            "byte "));
        CHECK(message(declared({}), prefix + deep + "}]") == text);
        CHECK(message(stream_of("data"), "{\"x\":[" + deep + "],\"data\":[]}")
                  .starts_with("the answer is not JSON: it is nested deeper"));
      }
      CHECK(message(stream_of("data"), repeated("[", depth)) != "(decoded)");
      CHECK(message(stream_of("data"), repeated("{\"a\":", depth)) !=
            "(decoded)");
    }
    CHECK(message(stream_of("data"), arrays(128)) ==
          "`records`: 'data' is not there in the answer");
    CHECK(message(stream_of("data"), arrays(129)) ==
          "the answer is not JSON: it is nested deeper than 128 levels at byte "
          "128");
  }

  TEST_CASE("a document is JSON here exactly where it is for another reader") {
    // Not those where readers may differ: numbers beyond a double, surrogates,
    // and values alone.
    const auto disputed = [](const std::string& body) {
      for (std::size_t i = 0; i + 3 < body.size(); ++i) {
        const bool digits =
            std::isdigit(static_cast<unsigned char>(body[i + 1])) &&
            std::isdigit(static_cast<unsigned char>(body[i + 2]));
        if ((body[i] == 'e' || body[i] == 'E' || body[i] == '+') && digits) {
          return true;
        }
        if (body[i] == '\\' && body[i + 1] == 'u' &&
            (body[i + 2] == 'd' || body[i + 2] == 'D')) {
          return true;
        }
      }
      return false;
    };
    const std::string alphabet = "[]{}:,\"\\ \n01.-+eEutrnfalsbé/\x01\x80";
    std::mt19937 random(20240229);
    const auto below = [&](std::size_t limit) {
      return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    int accepted = 0;
    for (int round = 0; round < 60'000; ++round) {
      auto body = documents[below(documents.size())];
      for (auto changes = below(3) + 1; changes > 0; --changes) {
        const auto place = below(body.size());
        const auto c = alphabet[below(alphabet.size())];
        switch (below(4)) {
          case 0:
            body[place] = c;
            break;
          case 1:
            body.insert(place, 1, c);
            break;
          case 2:
            body += body.substr(place, below(4));
            break;
          default:
            body.erase(place, 1);
            break;
        }
        if (body.empty()) {
          body = "[]";
        }
      }
      if (disputed(body)) {
        continue;
      }
      const auto text = message(stream_of(), body);
      if (text.starts_with("the answer is a single value")) {
        continue;
      }
      const bool is_json = !text.starts_with("the answer is not JSON") &&
                           text != "the answer is not UTF-8" &&
                           text != "the answer is empty";
      accepted += is_json ? 1 : 0;
      if (is_json != nlohmann::json::accept(body)) {
        CAPTURE(text);
        FAIL_CHECK(body);
      }
    }
    CHECK(accepted > 5'000);
  }
}

TEST_SUITE("duplicates") {
  TEST_CASE("a record with a member twice is rejected, the others are not") {
    struct Case {
      std::string record;
      std::string reason;
    };
    const std::vector<Case> cases = {
        {R"({"id":1,"a":1,"a":2})", "the member 'a' stands in it twice"},
        {R"({"id":1,"a":1,"a":1})", "the member 'a' stands in it twice"},
        {R"({"id":1,"a":null,"a":null})", "the member 'a' stands in it twice"},
        {R"({"id":1,"a":1,"\u0061":2})", "the member 'a' stands in it twice"},
        {R"({"id":1,"\u0061":1,"a":2})", "the member 'a' stands in it twice"},
        {R"({"id":1,"id":1})", "the member 'id' stands in it twice"},
        {R"({"id":1,"é":1,"\u00e9":1})", "the member 'é' stands in it twice"},
        {R"({"id":1,"":1,"":1})", "the member '' stands in it twice"},
        {R"({"id":1,"n":{"a":1,"a":2}})",
         "the member 'a' stands in an object twice"},
        {R"({"id":1,"n":{"a":1,"\u0061":2}})",
         "the member 'a' stands in an object twice"},
        {R"({"id":1,"n":{"\u0061":1,"b":0,"\u0061":2}})",
         "the member 'a' stands in an object twice"},
        {R"({"id":1,"n":[[{"x":{"a":1,"b":2,"a":3}}]]})",
         "the member 'a' stands in an object twice"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.record);
      CHECK(decode(stream_of(), R"([{"id":0},)" + c.record + R"(,{"id":2}])") ==
            "id: integer 0\nid: integer 2\nrejected [\"1\"]: " + c.reason +
                "\n");
    }
    CHECK(
        decode(declared({column("n/a")}), R"([{"id":1,"n":{"a":1,"a":2}}])") ==
        "rejected [\"1\"]: the member 'a' stands in it twice\n");
    CHECK(decode(declared({column("v")}), R"([{"id":1,"x":1,"x":2}])") ==
          "rejected [\"1\"]: the member 'x' stands in an object twice\n");
  }

  TEST_CASE("the same name in different objects is no duplicate") {
    const auto body =
        R"([{"id":1,"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}],"c":{"id":1}},)"
        R"({"id":2,"a":{"a":1}}])"s;
    for (const auto& stream : {stream_of(), declared({}),
                               declared({column("a/a/a"), column("b/0/a")})}) {
      Subject subject(stream);
      subject.decode(body);
      CHECK(subject.answer.records.records.size() == 2);
    }
  }

  TEST_CASE("a large object is searched for duplicates in time") {
    std::string members;
    for (int i = 0; i < 200'000; ++i) {
      members += fmt::format("\"member {}\":{},", i, i);
    }
    CHECK(decode(declared({}), R"([{"id":1,"n":{)" + members +
                                   R"("last":0}},)" + R"({"id":2,"n":{)" +
                                   members + R"("member 0":0}}])") ==
          "id: integer 1\nrejected [\"2\"]: the member 'member 0' stands in an "
          "object twice\n");
  }

  TEST_CASE("records that stand in the answer twice are refused") {
    CHECK(message(stream_of("data"), R"({"data":[{"id":1}],"data":[]})") ==
          "`records`: 'data' stands in the answer twice");
    CHECK(message(stream_of("data"), R"({"data":null,"data":[]})") ==
          "`records`: 'data' stands in the answer twice");
  }
}

TEST_SUITE("bodies") {
  TEST_CASE("one without room behind it is copied, one with room is not") {
    Subject subject(stream_of());
    for (std::size_t spare = 0; spare < 130; ++spare) {
      std::string body = R"([{"id":1,"v":"abc"}])";
      body.reserve(body.size() + spare);
      body.shrink_to_fit();
      CHECK(subject.decode(body) == "id: integer 1, v: 'abc'\n");
    }
  }

  TEST_CASE("one decoder goes on after an answer that it refused") {
    Subject subject(stream_of());
    CHECK_THROWS_AS(subject.decode(R"([{"id":1)"), DecodeError);
    CHECK_THROWS_AS(subject.decode(R"({"data":1})"), DecodeError);
    CHECK_THROWS_AS(subject.decode(repeated("[", 5000)), DecodeError);
    CHECK(subject.decode(R"([{"id":2}])") == "id: integer 2\n");
  }
}
