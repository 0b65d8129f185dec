// SPDX-License-Identifier: MIT
//
// The program and its connectors: `connectors`, `init`, `check`, `schema`.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <SQLiteCpp/Database.h>

#include <nlohmann/json.hpp>

#include "answers_server.hpp"
#include "child.hpp"
#include "file_content.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;
using nlohmann::json;

namespace {

// A connector of the user's own for a server on loopback.
class Shop {
 public:
  Shop() {
    std::filesystem::create_directories(dir_.path() / "strandline/connectors");
    dir_.write("strandline/connectors/shop.toml", R"(# A shop.
title = "The shop"

[source]
base_url = "http://127.0.0.1:${port}/api"
auth = "bearer"

[option.port]
help = "where it listens"

[option.lists]
help = "one or more lists"

[option.object]
help = "what is sold"

[option.edition]
default = "3"
help = "of the API"

[stream.things]
get = "/${object}"
records = "data"
key = "id"

[stream.books]
like = "things"
object = "books"

[stream.pages]
parent = "books"
get = "/books/${parent.id}/pages"
records = "data"
key = "id"

[stream.entries]
parent = "lists"
get = "/lists/${parent}"
records = "data"
key = "id"
)");
    setenv("XDG_CONFIG_HOME", dir_.path().c_str(), 1);
    setenv("SHOP_TOKEN", "sesame", 1);
  }
  ~Shop() {
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("SHOP_TOKEN");
  }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  const TempDir& dir() const { return dir_; }
  AnswersServer& server() { return server_; }

  std::string port() const {
    const auto url = server_.url();
    return url.substr(url.rfind(':') + 1);
  }

  // Makes the list a part of the key, with a column `n` of the type.
  void give_entries_a_column(const std::string& type = "text") {
    const auto file = dir_.path() / "strandline/connectors/shop.toml";
    auto text = content(file);
    text.erase(text.find("[stream.entries]"));
    dir_.write("strandline/connectors/shop.toml",
               text +
                   "[stream.entries]\n"
                   "parent = \"lists\"\n"
                   "get = \"/lists/${parent}\"\n"
                   "records = \"data\"\n"
                   "key = [\"list\", \"id\"]\n"
                   "columns = { list = \"${parent}\", \"*\" = \"*\", n = { "
                   "type = \"" +
                   type + "\" } }\n");
  }

  // `check` of these streams.
  Result check(const std::string& streams,
               std::vector<std::string> more = {}) const {
    dir_.write("strandline.toml",
               "database = \"shop.db\"\n[source.shop]\nconnector = \"shop\"\n"
               "token = { env = \"SHOP_TOKEN\" }\nlists = [\"a\", \"b\"]\n"
               "port = \"" +
                   port() + "\"\n" + streams);
    more.insert(more.begin(),
                {"check", "-c", (dir_.path() / "strandline.toml").string()});
    return run(dir_, more);
  }

 private:
  TempDir dir_;
  AnswersServer server_;
};

}  // namespace

TEST_SUITE("the program and its connectors") {
  TEST_CASE("connectors list shows the program's and the user's own") {
    const Shop shop;
    const auto list = run(shop.dir(), {"connectors", "list"});
    CHECK(list.code == 0);
    CHECK(has(list.out, "hubspot"));
    CHECK(has(list.out, "The shop (your own)"));
    const auto told =
        json::parse(run(shop.dir(), {"connectors", "list", "--json"}).out);
    for (const auto& each : told["connectors"]) {
      if (each["connector"] == "shop") {
        CHECK(each["options"] == json({"port", "lists"}));
        CHECK(each["streams"] == json({"books", "pages", "entries"}));
        CHECK(each["auth"] == "bearer");
      }
    }
  }

  TEST_CASE("one of the user's own that is wrong does not hide the others") {
    const Shop shop;
    shop.dir().write("strandline/connectors/wrong.toml", "titel = \"x\"\n");
    const auto list = run(shop.dir(), {"connectors", "list"});
    CHECK(list.code == 0);
    CHECK(has(list.out, "The shop"));
    CHECK(has(list.err, "unknown key 'titel'"));
  }

  TEST_CASE("connectors show prints one as it is written") {
    const Shop shop;
    const auto shown = run(shop.dir(), {"connectors", "show", "shop"});
    CHECK(shown.code == 0);
    CHECK(shown.out.starts_with("# A shop.\ntitle = \"The shop\"\n"));
    const auto wrong = run(shop.dir(), {"connectors", "show", "shoop"});
    CHECK(wrong.code == 64);
    CHECK(
        has(wrong.err, "there is no connector 'shoop'; did you mean 'shop'?"));
  }

  TEST_CASE("init prints what is to be filled in, and loads when it is") {
    const Shop shop;
    const auto starter = run(shop.dir(), {"init", "shop"});
    CHECK(starter.code == 0);
    CHECK(has(starter.out, "connector = \"shop\"\n"));
    CHECK(has(starter.out, "port      = \"\""));
    CHECK(has(starter.out, "# where it listens\n"));
    CHECK(has(starter.out, "lists     = [\"\"]"));
    CHECK(has(starter.out, "token     = { env = \"SHOP_TOKEN\" }"));
    CHECK(has(starter.out, "# edition = \"3\""));
    CHECK(has(starter.out, "\n[stream.books]\n"));
    CHECK(has(starter.out, "# [stream.pages]  # for each of [stream.books]\n"));
    CHECK(has(starter.out,
              "# [stream.NAME]\n# like    = \"things\"\n# object  = \"\"  # "
              "what is sold\n"));
    const auto file = shop.dir().write("started.toml", starter.out);
    const auto checked =
        run(shop.dir(), {"check", "--offline", "-c", file.string()});
    CHECK(has(checked.err, "'port' in [source.shop] must not be empty"));
    CHECK(has(checked.err, "'lists' in [source.shop] must not be empty"));
    auto filled = starter.out;
    filled.replace(filled.find("port      = \"\""), 14, "port = \"1\"");
    filled.replace(filled.find("lists     = [\"\"]"), 16, "lists = [\"a\"]");
    shop.dir().write("started.toml", filled);
    CHECK(run(shop.dir(), {"check", "--offline", "-c", file.string()}).code ==
          0);
    CHECK(run(shop.dir(), {"init", "nothing"}).code == 64);
  }

  TEST_CASE("every built-in connector has a starter without a mistake") {
    const TempDir dir;
    setenv("XDG_CONFIG_HOME", dir.path().c_str(), 1);
    const auto told =
        json::parse(run(dir, {"connectors", "list", "--json"}).out);
    for (const auto& each : told["connectors"]) {
      const auto name = each["connector"].get<std::string>();
      CAPTURE(name);
      const auto starter = run(dir, {"init", name});
      CHECK(starter.code == 0);
      CHECK(has(starter.out, "\n[stream."));
      CHECK(run(dir, {"connectors", "show", name}).out.starts_with("# "));
    }
    unsetenv("XDG_CONFIG_HOME");
  }

  TEST_CASE("check asks each list once and writes nothing") {
    Shop shop;
    shop.server().set("/api/books", R"({"data": [{"id": 1}, {"id": 2}]})");
    shop.server().set("/api/lists/a", R"({"data": []})");
    shop.server().set("/api/lists/b", R"({"data": [{"id": 3}]})");
    const auto good =
        shop.check("[stream.books]\n[stream.pages]\n[stream.entries]\n");
    CHECK_MESSAGE(good.code == 0, good.err);
    CHECK(has(good.out, "shop.books: ok, 2 records in a page\n"));
    CHECK(has(good.out,
              "shop.pages: not asked: asked for each record of books\n"));
    CHECK(has(good.out, "shop.entries[a]: ok, 0 records in a page\n"));
    CHECK(has(good.out, "shop.entries[b]: ok, 1 record in a page\n"));
    CHECK(
        shop.server().take_asked() ==
        std::vector<std::string>{"/api/books", "/api/lists/a", "/api/lists/b"});
    CHECK_FALSE(std::filesystem::exists(shop.dir().path() / "shop.db"));
    shop.check("[stream.books]\n[stream.entries]\n", {"books"});
    CHECK(shop.server().take_asked() == std::vector<std::string>{"/api/books"});
    shop.check("[stream.books]\n", {"--offline"});
    CHECK(shop.server().take_asked().empty());
  }

  TEST_CASE("check says of a refusal what to do") {
    Shop shop;
    shop.server().set("/api/books", "{}", 401);
    const auto refused = shop.check("[stream.books]\n");
    CHECK(refused.code == 77);
    CHECK(has(refused.err, "shop.books: "));
    CHECK(has(refused.err, "check the token"));
    shop.server().set("/api/books", "{}", 404);
    const auto missing = shop.check("[stream.books]\n");
    CHECK(missing.code == 69);
    CHECK(has(missing.err, "port = \"" + shop.port() + "\" in [source.shop]"));
    shop.server().set("/api/books", R"({"things": []})");
    CHECK(shop.check("[stream.books]\n").code == 76);
    shop.server().set("/api/books", R"({"data": [{"id": null}, {"id": 1}]})");
    const auto rejects = shop.check("[stream.books]\n");
    CHECK(rejects.code == 0);
    CHECK(has(rejects.err, "shop.books: 1 of 2 records do not fit: "));
    shop.server().set("/api/lists/a", R"({"data": []})");
    shop.server().set("/api/lists/b", "{}", 403);
    const auto some = shop.check("[stream.entries]\n", {"--json"});
    CHECK(some.code == 10);
    CHECK(has(some.out, "\"stream\":\"entries[b]\""));
    CHECK(has(some.out, "{\"type\":\"check\",\"ok\":false}\n"));
    CHECK_FALSE(has(some.out + some.err, "sesame"));
  }

  TEST_CASE("a parent that is an option fills one table, each with its mark") {
    Shop shop;
    shop.server().set("/api/lists/a", R"({"data": [{"id": 1}]})");
    shop.server().set("/api/lists/b", R"({"data": [{"id": 2}]})");
    shop.check("[stream.entries]\n", {"--offline"});
    const auto config = (shop.dir().path() / "strandline.toml").string();
    const auto synced = run(shop.dir(), {"sync", "-c", config});
    CHECK_MESSAGE(synced.code == 0, synced.err);
    const auto status = run(shop.dir(), {"status", "-c", config});
    CHECK(has(status.out, "entries[a]"));
    CHECK(has(status.out, "entries[b]"));
    shop.server().take_asked();
    CHECK(run(shop.dir(), {"sync", "entries[b]", "-c", config}).code == 0);
    CHECK(shop.server().take_asked() ==
          std::vector<std::string>{"/api/lists/b"});
    const auto all =
        run(shop.dir(), {"reset", "entries", "--yes", "-c", config});
    CHECK(all.code == 64);
    CHECK(has(all.err, "name one, such as entries[a]"));
    CHECK(
        run(shop.dir(), {"reset", "entries[a]", "--yes", "-c", config}).code ==
        0);
    const auto rows = run(
        shop.dir(), {"reset", "entries[a]", "--rows", "--yes", "-c", config});
    CHECK(rows.code == 64);
    CHECK(has(rows.err, "cannot be told from those"));
  }

  TEST_CASE("rows of an element are told from the others' by its column") {
    Shop shop;
    shop.give_entries_a_column();
    shop.server().set("/api/lists/a", R"({"data": [{"id": 1}, {"id": 2}]})");
    shop.server().set("/api/lists/b", R"({"data": [{"id": 1}]})");
    shop.check("[stream.entries]\n", {"--offline"});
    const auto config = (shop.dir().path() / "strandline.toml").string();
    CHECK(run(shop.dir(), {"sync", "-c", config}).code == 0);
    const auto rows = [&] {
      SQLite::Database database((shop.dir().path() / "shop.db").string());
      return database
          .execAndGet(
              "SELECT ifnull(group_concat(list || id || iif(_deleted_at IS "
              "NULL, '', '-')), '') FROM (SELECT * FROM entries ORDER BY list, "
              "id)")
          .getString();
    };
    CHECK(rows() == "a1,a2,b1");
    shop.server().set("/api/lists/a", R"({"data": [{"id": 2}]})");
    CHECK(run(shop.dir(), {"sync", "-c", config}).code == 0);
    CHECK(rows() == "a1-,a2,b1");
    CHECK(has(run(shop.dir(), {"status", "-c", config, "--json"}).out,
              "\"rows\":1"));
    CHECK(run(shop.dir(),
              {"reset", "entries[a]", "--rows", "--yes", "-c", config})
              .code == 0);
    CHECK(rows() == "b1");
  }

  TEST_CASE("without a column nothing of an element is taken for missing") {
    Shop shop;
    shop.server().set("/api/lists/a", R"({"data": [{"id": 1}]})");
    shop.server().set("/api/lists/b", R"({"data": [{"id": 2}]})");
    shop.check("[stream.entries]\n", {"--offline"});
    const auto config = (shop.dir().path() / "strandline.toml").string();
    run(shop.dir(), {"sync", "-c", config});
    run(shop.dir(), {"sync", "-c", config});
    SQLite::Database database((shop.dir().path() / "shop.db").string());
    CHECK(
        database.execAndGet("SELECT count(*) - count(_deleted_at) FROM entries")
            .getInt() == 2);
  }

  TEST_CASE("in a path an option's slash stays, and all else is encoded") {
    Shop shop;
    shop.check("[stream.films]\nlike = \"things\"\nobject = \"a b/c?d\"\n");
    CHECK(shop.server().take_asked() ==
          std::vector<std::string>{"/api/a%20b/c%3Fd"});
  }

  TEST_CASE("rejects of an element are retried as that element's") {
    Shop shop;
    shop.give_entries_a_column("integer");
    shop.server().set("/api/lists/a", R"({"data": [{"id": 1, "n": "x"}]})");
    shop.server().set("/api/lists/b", R"({"data": [{"id": 1, "n": "y"}]})");
    shop.check("[stream.entries]\n", {"--offline"});
    const auto config = (shop.dir().path() / "strandline.toml").string();
    CHECK(has(run(shop.dir(), {"sync", "-c", config}).err, "did not fit"));
    shop.give_entries_a_column("text");
    const auto retried = run(shop.dir(), {"rejects", "retry", "-c", config});
    CHECK_MESSAGE(retried.code == 0, retried.err);
    CHECK(has(retried.out, "entries[a]"));
    CHECK(has(retried.out, "entries[b]"));
    SQLite::Database database((shop.dir().path() / "shop.db").string());
    CHECK(database
              .execAndGet("SELECT group_concat(list || n) FROM (SELECT * "
                          "FROM entries ORDER BY list)")
              .getString() == "ax,by");
  }

  TEST_CASE("the schema has every key and says what it means") {
    const TempDir dir;
    const auto user = json::parse(run(dir, {"schema"}).out);
    CHECK(user["properties"].contains("database"));
    CHECK_FALSE(user["properties"].contains("title"));
    CHECK(user["definitions"]["stream_NAME_page"]["properties"]["keyset"]
              ["anyOf"] == json::array({{{"type", "boolean"}}}));
    const auto connector = json::parse(run(dir, {"schema", "--connector"}).out);
    CHECK(connector["properties"].contains("title"));
    CHECK(connector["required"] == json({"title", "source", "stream"}));
  }
}
