// SPDX-License-Identifier: MIT
//
// Keys that are hashes of content, as a configuration says them.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "config_file.hpp"
#include "model/checkpoint.hpp"

using namespace strandline;
using test::faults;
using test::load_text;

namespace {

std::string with_key(const std::string& key, const std::string& more = "") {
  return "database = \"crm.db\"\n[source.api]\nbase_url = "
         "\"https://api.example.com\"\n[stream.tickets]\nget = \"/tickets\"\n"
         "key = " +
         key + "\n" + more;
}

model::StreamDefinition stream_with(const std::string& key,
                                    const std::string& more = "") {
  return load_text(with_key(key, more)).streams.at(0);
}

std::vector<std::string> paths_of(const model::StreamDefinition& stream) {
  std::vector<std::string> texts;
  REQUIRE(stream.hash);
  for (const auto& path : stream.hash->paths) {
    texts.push_back(model::to_text(path));
  }
  return texts;
}

std::string note_on(const std::string& key) {
  const auto problems = test::problems_of(with_key(key));
  REQUIRE(problems.size() == 1);
  return test::note(problems.front().notes, "try");
}

std::string fingerprint(const std::string& key, const std::string& more = "") {
  const auto configuration = load_text(with_key(key, more));
  return model::fingerprint(configuration.sources.at(0),
                            configuration.streams.at(0));
}

}  // namespace

TEST_CASE("the key is one column of text, made of the members at paths") {
  const auto stream = stream_with(R"({ hash = ["a", "b/c", "/d"] })");
  CHECK(paths_of(stream) == std::vector<std::string>{"a", "b/c", "/d"});
  REQUIRE(stream.key.size() == 1);
  CHECK(stream.key[0].name == "_key");
  CHECK(stream.key[0].type == model::ColumnType::text);
  CHECK(stream.columns.empty());
  CHECK(stream.all_columns);
}

TEST_CASE("or of every member of `fields`") {
  const auto stream = stream_with(R"({ hash = "*" })");
  CHECK(paths_of(stream).empty());
  CHECK(stream.key.at(0).name == "_key");
  CHECK_FALSE(stream_with(R"("id")").hash);
  CHECK_FALSE(stream_with(R"(["id", "line"])").hash);
  // As a heading of its own.
  const std::string table = "[stream.tickets.key]\nhash = [\"a\"]\n";
  auto text = with_key("0", table);
  text.erase(text.find("key = 0\n"), 8);
  CHECK(paths_of(load_text(text).streams.at(0)) ==
        std::vector<std::string>{"a"});
}

TEST_CASE("a declared column's name stands for its path, and it stays") {
  const auto stream =
      stream_with(R"({ hash = ["mail", "a", "x"] })",
                  "columns = { mail = \"who/email\", a = \"/a\", b = \"x\" }");
  CHECK(paths_of(stream) == std::vector<std::string>{"who/email", "/a", "x"});
  CHECK(stream.columns.size() == 3);
}

TEST_CASE("what is not a hash key is refused where it stands") {
  struct Case {
    std::string key;
    std::string expected;
  };
  const Case cases[] = {
      {"{}", "6:7: missing key 'hash' in [stream.tickets.key]"},
      {"{ hash = [] }",
       "6:9: 'hash' in [stream.tickets.key] must have at least one path"},
      {R"({ hash = "a" })",
       "6:9: 'hash' in [stream.tickets.key] must be \"*\" or a list of paths"},
      {"{ hash = true }",
       "6:9: 'hash' in [stream.tickets.key] must be \"*\" or a list of paths"},
      {"{ hash = [\"a\", 5] }",
       "6:9: 'hash' in [stream.tickets.key] must be \"*\" or a list of paths"},
      {R"({ hash = ["a", "*"] })",
       "6:9: 'hash' in [stream.tickets.key] has \"*\" in its list"},
      {R"({ hash = ["a", ""] })",
       "6:9: 'hash' in [stream.tickets.key] must name members of the record"},
      {R"({ hash = ["a", "b", "a"] })",
       "6:9: 'hash' in [stream.tickets.key] names 'a' twice"},
      {R"({ hash = ["a~2"] })",
       "6:9: 'hash' in [stream.tickets.key] is not a path: `~` in a path "
       "stands before 0 (for `~`) or 1 (for `/`)"},
      {R"({ hash = ["a"], of = "b" })",
       "6:23: unknown key 'of' in [stream.tickets.key]"},
      {R"({ hsah = ["a"] })",
       "6:9: unknown key 'hsah' in [stream.tickets.key]; did you mean 'hash'?"},
      {"[{ hash = \"*\" }]",
       "6:1: 'key' in [stream.tickets] must be a path, a list of paths, or a "
       "table such as { hash = \"*\" }"},
      {"5",
       "6:1: 'key' in [stream.tickets] must be a path, a list of paths, or a "
       "table such as { hash = \"*\" }"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.key);
    CHECK(faults(with_key(c.key)) == c.expected);
  }
  CHECK(note_on(R"({ hash = ["*"] })") == "hash = \"*\" for every member");
  CHECK(note_on(R"({ hash = [""] })") == "hash = \"*\" for every member");
}

TEST_CASE("a stream still has to have a key") {
  auto text = with_key("0");
  text.erase(text.find("key = 0\n"), 8);
  CHECK(faults(text) == "4:1: missing key 'key' in [stream.tickets]");
}

TEST_CASE("a mark belongs to what the key is made of, in any order") {
  const auto key = R"({ hash = ["a", "b/c"] })";
  const std::string of_fields = "fields = \"properties\"\n";
  CHECK(fingerprint(key) == fingerprint(R"({ hash = ["b/c", "a"] })"));
  CHECK(fingerprint(key) != fingerprint(R"({ hash = ["a"] })"));
  CHECK(fingerprint(key) != fingerprint(R"({ hash = "*" })"));
  CHECK(fingerprint(key) != fingerprint(R"(["a", "b/c"])"));
  CHECK(model::hash_text(stream_with(key)) == "hash a, b/c");
  CHECK(model::hash_text(stream_with(R"({ hash = "*" })")) == "hash *");
  CHECK(model::hash_text(stream_with(R"({ hash = "*" })", of_fields)) ==
        "hash * of properties");
  CHECK(model::hash_text(stream_with(R"({ hash = ["/b", "a"] })", of_fields)) ==
        "hash /b, a of properties");
  CHECK(model::hash_text(stream_with(R"({ hash = ["/b"] })", of_fields)) ==
        "hash /b");
}

TEST_CASE("a second list makes the same keys of its own members") {
  const auto also = [](const std::string& key) {
    return "[stream.tickets.also]\nget = \"/old\"\n" +
           (key.empty() ? "" : "key = " + key + "\n");
  };
  const auto key = R"({ hash = ["a", "b/c"] })";
  const auto stream = stream_with(key, also(R"({ hash = ["x", "/y"] })"));
  CHECK(paths_of(stream) == std::vector<std::string>{"a", "b/c"});
  const auto& second = stream.also.at(0);
  CHECK(paths_of(second) == std::vector<std::string>{"x", "/y"});
  CHECK(second.hash->names == std::vector<std::string>{"a", "b/c"});
  CHECK(model::hash_text(second) == model::hash_text(stream));
  CHECK(second.key.at(0).name == "_key");
  CHECK(paths_of(stream_with(key, also("")).also.at(0)) ==
        std::vector<std::string>{"a", "b/c"});
  CHECK(model::hash_text(
            stream_with(R"({ hash = "*" })", also("") + "fields = \"f\"\n")
                .also.at(0)) == "hash *");

  const std::string in_also = "9:1: 'key' in [stream.tickets.also] ";
  CHECK(faults(with_key("\"id\"", also(R"({ hash = "*" })"))) ==
        in_also + "is a hash, and the stream's key is none");
  CHECK(faults(with_key(key, also("\"id\""))) ==
        in_also + "must be a hash, as the stream's key is");
  CHECK(faults(with_key(key, also(R"({ hash = ["x"] })"))) ==
        "9:9: 'hash' in [stream.tickets.also.key] has 1 path, and the stream's "
        "2 paths");
  CHECK(faults(with_key(key, also(R"({ hash = "*" })"))) ==
        "9:9: 'hash' in [stream.tickets.also.key] has every member, and the "
        "stream's 2 paths");
}
