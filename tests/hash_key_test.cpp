// SPDX-License-Identifier: MIT
//
// Keys that are hashes of content, of the records of an answer.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "decoding.hpp"
#include "model/digest.hpp"

using namespace strandline::test;
using strandline::model::sha256_hex;

namespace {

// Records whose key is a hash of the members at `paths`, or of `fields`.
StreamDefinition hashed(const std::vector<std::string>& paths = {}) {
  auto stream = stream_of();
  stream.key = {hash_column()};
  stream.hash.emplace();
  for (const auto& path : paths) {
    stream.hash->paths.push_back(parse_path(path));
  }
  return stream;
}

// As `hashed`, with no column but the key.
StreamDefinition bare(const std::vector<std::string>& paths = {}) {
  auto stream = hashed(paths);
  stream.all_columns = false;
  return stream;
}

// What a record whose key is the hash of `form` decodes to.
std::string key(const std::string& form) {
  return "_key: '" + sha256_hex(form) + "'\n";
}

std::string rejected(const std::string& reason) {
  return "rejected : " + reason + "\n";
}

}  // namespace

TEST_SUITE_BEGIN("hash key");

TEST_CASE("it is what Python makes of the same members") {
  // hashlib.sha256(json.dumps(…, sort_keys=True).encode()).hexdigest() of
  // {"a": 1, "b/c": "x"}, the whole record, and {}.
  CHECK(decode(bare({"b/c", "a"}), R"([{"b":{"c":"x","d":0},"a":1,"e":5}])") ==
        "_key: "
        "'3d7cdad7f041e626d4ceebd4f24369997da237fcee4008bbc462deeb316f6db4'\n");
  CHECK(decode(bare(), R"([{"who": {"b":1.00, "a":[null,true,"\u00e9😀"]},)"
                       R"("at":"2024-01-01"}])") ==
        "_key: "
        "'45cf4981e4acb14d8ee4b58054df1f5baadcb301cb6d0765034fe3d5794ef5f5'\n");
  CHECK(decode(bare(), "[{}]") ==
        "_key: "
        "'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'\n");
}

TEST_CASE("it is made of what was sent, whatever the columns are") {
  auto stream = bare({"a"});
  stream.columns = {column("a", ColumnType::text)};
  CHECK(decode(stream, R"([{"a":5}])") ==
        "a: '5', _key: '" + sha256_hex(R"({"a": 5})") + "'\n");
  CHECK(decode(stream, R"([{"a":"5"}])") ==
        "a: '5', _key: '" + sha256_hex(R"({"a": "5"})") + "'\n");
  CHECK(decode(hashed({"a"}), R"([{"b":1,"a":[ 2 ]}])") ==
        "b: integer 1, a: json [ 2 ], _key: '" + sha256_hex(R"({"a": [2]})") +
            "'\n");
}

TEST_CASE("layout, order and spelling do not change it") {
  Subject subject(bare({"a", "b"}));
  const auto first = subject.decode(R"([{"a":{"x":1,"y":"é"},"b":100.0}])");
  CHECK(first == key(R"({"a": {"x": 1, "y": "\u00e9"}, "b": 100.0})"));
  CHECK(subject.decode(R"([ { "c" : 0,"b" :1e2 , "\u0061":)"
                       "{\n\"y\":\"\\u00e9\" , \"x\":1 } } ]") == first);
  CHECK(subject.decode(R"([{"a":{"x":1,"y":"é"},"b":100}])") != first);
}

TEST_CASE("members are called as their paths are written") {
  auto stream = bare({"/id", "b/0", "c/kind=x/v", "d~1e"});
  stream.fields = parse_path("f");
  CHECK(decode(stream, R"([{"id":1,"f":{"b":[2,9],"d/e":4,)"
                       R"("c":[{"v":9},{"v":3,"kind":"x"}]}}])") ==
        key(R"({"/id": 1, "b/0": 2, "c/kind=x/v": 3, "d~1e": 4})"));
  CHECK(decode(bare({"b", "b/c"}), R"([{"b":{"c":1}}])") ==
        key(R"({"b": {"c": 1}, "b/c": 1})"));
  CHECK(decode(bare({"\xC3\xA9", "z"}), R"([{"z":1,"é":2}])") ==
        key(R"({"z": 1, "\u00e9": 2})"));
}

TEST_CASE("the whole is that of `fields`") {
  auto stream = bare();
  stream.fields = parse_path("f/g");
  CHECK(decode(stream, R"([{"id":1,"f":{"h":0,"g":{"b":1,"a":2}}}])") ==
        key(R"({"a": 2, "b": 1})"));
  CHECK(decode(stream, R"([{"f":{}}])") ==
        rejected("the key is a hash, and 'f/g' is not there"));
  for (const std::string value : {"null", "[]", "1", "\"{\""}) {
    CAPTURE(value);
    CHECK(decode(stream, R"([{"f":{"g":)" + value + "}}]") ==
          rejected("the key is a hash of 'f/g', which is no object"));
  }
  CHECK(decode(bare(), "[[1]]") == rejected("the record is not an object"));
}

TEST_CASE("a record that lacks a part has no key") {
  const auto stream = bare({"a", "b/c"});
  CHECK(decode(stream, R"([{"a":1}])") ==
        rejected("the key is a hash, and 'b/c' is not there"));
  CHECK(decode(stream, R"([{"a":1,"b":{"d":1}}])") ==
        rejected("the key is a hash, and 'b/c' is not there"));
  // Nor has it that of the record before.
  CHECK(decode(stream, R"([{"a":1,"b":{"c":2}},{"a":1}])") ==
        key(R"({"a": 1, "b/c": 2})") +
            rejected("the key is a hash, and 'b/c' is not there"));
}

TEST_CASE("null is a part, but not if all are null") {
  const auto stream = bare({"a", "b"});
  CHECK(decode(stream, R"([{"a":null,"b":0}])") ==
        key(R"({"a": null, "b": 0})"));
  CHECK(decode(stream, R"([{"a":null,"b":null}])") ==
        rejected("the key is a hash, and all that it is made of is null"));
  CHECK(decode(bare(), R"([{"a":null}])") == key(R"({"a": null})"));
}

TEST_CASE("numbers that would be one infinity have no key") {
  const std::string reason =
      "the key is a hash, and 1e400, which it is made of, is beyond the range "
      "of a double";
  CHECK(decode(bare({"a", "b"}), R"([{"a":1,"b":[1e400]}])") ==
        rejected(reason));
  CHECK(decode(bare(), R"([{"a":1e400},{"a":1e-400}])") ==
        key(R"({"a": 0.0})") + rejected(reason));
  CHECK(decode(bare({"a"}), R"([{"a":1,"b":1e400}])") == key(R"({"a": 1})"));
}

TEST_CASE("half a surrogate pair is a part as Python has it") {
  CHECK(decode(bare({"a"}), R"([{"a":"\uD800x"}])") ==
        key(R"({"a": "\ud800x"})"));
  // But it is no text of a column, and no name.
  CHECK(decode(hashed({"a"}), R"([{"a":"\ud800"}])") ==
        "rejected [\"" + sha256_hex(R"({"a": "\ud800"})") +
            "\"]: 'a' holds half a surrogate pair\n");
  const auto text = decode(bare(), R"([{"b":0,"\ud800":1}])");
  CHECK(text.find("a member's name holds half") != std::string::npos);
}

TEST_CASE("a reject is told by it") {
  CHECK(decode(hashed({"a"}), R"([{"a":1,"b":1,"b":2}])") ==
        "rejected [\"" + sha256_hex(R"({"a": 1})") +
            "\"]: the member 'b' stands in it twice\n");
  auto stream = hashed();
  stream.version = parse_path("v");
  CHECK(decode(stream, R"([{"v":"x"}])") ==
        "rejected [\"" + sha256_hex(R"({"v": "x"})") +
            "\"]: its version '\"x\"' is not a whole number of 64 bits\n");
}

TEST_CASE("a record without a key leaves nothing behind") {
  Subject subject(hashed({"a"}));
  CHECK(subject.decode(R"([{"b":"\n"},{"a":1,"a":2,"b":"\t"},{"a":3}])") ==
        "a: integer 3, _key: '" + sha256_hex(R"({"a": 3})") + "'\n" +
            rejected("the key is a hash, and 'a' is not there") +
            "rejected [\"" + sha256_hex(R"({"a": 2})") +
            "\"]: the member 'a' stands in it twice\n");
  CHECK(subject.answer.records.unescaped.size() == 64);
  CHECK(subject.answer.records.cells.size() == 2);
}

TEST_CASE("a member of its name is a member like any other") {
  Subject subject(hashed({"_key"}));
  CHECK(subject.decode(R"([{"_key":"x"}])") ==
        "_key: 'x', _key: '" + sha256_hex(R"({"_key": "x"})") + "'\n");
  CHECK(subject.answer.records.new_fields == std::vector<std::string>{"_key"});
  auto stream = bare();
  stream.columns = {{"theirs", parse_path("_key"), ColumnType::as_found}};
  CHECK(decode(stream, R"([{"_key":"x"}])") ==
        "theirs: 'x', _key: '" + sha256_hex(R"({"_key": "x"})") + "'\n");
}

TEST_CASE("cursor, version, raw text and fields are as without it") {
  auto stream = hashed({"id"});
  stream.fields = parse_path("f");
  stream.version = parse_path("/v");
  stream.cursor.emplace();
  stream.cursor->field = parse_path("at");
  Subject subject(stream);
  const std::string record =
      R"({"v":7,"f":{"id":1,"at":"2024-01-01T00:00:00Z","x":"y"}})";
  CHECK(subject.decode("[" + record + "]") ==
        "id: integer 1, at: '2024-01-01T00:00:00Z', x: 'y', _key: '" +
            sha256_hex(R"({"id": 1})") + "'\n");
  const auto& batch = subject.answer.records;
  CHECK(batch.cursors.at(0) == CursorValue(Instant{1'704'067'200, 0}));
  CHECK(batch.versions.at(0) == 7);
  CHECK(batch.raw_of(batch.records.at(0)) == record);
  CHECK(batch.key_of(batch.records.at(0), 1) ==
        "[\"" + sha256_hex(R"({"id": 1})") + "\"]");
}
