// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "config/load.hpp"
#include "config_file.hpp"
#include "temp_dir.hpp"

using namespace std::chrono_literals;
using namespace strandline;
using namespace strandline::model;
using test::faults;
using test::load_text;
using test::note;
using test::problems_of;
using test::small_config;
using test::TempDir;

namespace {

// Every key that is supported, none at its default.
constexpr auto full = R"toml(
database = "data/crm.db"
journal = "rollback"
parallel = 5
keep_runs = "30d"

[source.helpdesk]
base_url = "http://helpdesk.example.com:8080/api/v2/"
allow_http = true
auth = "header"
token = { file = "helpdesk.token" }
header = "X-Key"
prefix = "Key "
headers = { Accept = "application/json", X-Literal = "$${from}" }
timeout = "90s"
rate = "5/s"
max_body = "2GiB"

[source.shop]
base_url = "https://shop.example.com"
auth = "basic"
user = { env = "SHOP_USER" }
token = { env = "SHOP_PASSWORD" }

[stream.tickets]
source = "helpdesk"
get = "/tickets/${from}/changes"
query = { sort = "updated", per_page = 100, v = 2.0, archived = true, include = ["a", 1, false], since = ">${from}" }
headers = { X-Since = "${from}" }
records = "/data/items"
fields = "properties"
key = ["/id", "part"]
cursor = { field = "/updatedAt", order = "ascending", start = 2024-01-01T10:00:00, overlap = "2h", format = "rfc3339_ms", zone = "+02:00", exclusive = true, immutable = true }
page = { number = "page", first = 0, more = "paging/next", end = "last", total = "meta/total", size = 50 }
raw = true
expect_every = "7d"
rate = "100/m"

[stream.tickets.columns]
"*" = "*"
part = { path = "part/number", type = "integer" }
requester = "requester/email"
created = { path = "/createdAt", type = "timestamp" }
subject = { type = "text" }

[stream.orders]
source = "shop"
get = "?list=orders"
key = "id"
columns = ["id", "customer/name", "*"]
page = { token = "meta/next", param = "after" }
)toml";

}  // namespace

TEST_SUITE("load") {
  TEST_CASE("the limit of rejects is a number or a share") {
    struct Case {
      std::string written;
      std::optional<std::int64_t> count;
      double share;
    };
    const Case cases[] = {
        {"", {}, 0.1},
        {"max_rejects = 0\n", 0, 0.1},
        {"max_rejects = 25\n", 25, 0.1},
        {"max_rejects = \"0%\"\n", {}, 0},
        {"max_rejects = \"20%\"\n", {}, 0.2},
        {"max_rejects = \"2.05%\"\n", {}, 0.0205},
        {"max_rejects = \"100%\"\n", {}, 1},
    };
    for (const auto& [text, count, share] : cases) {
      const std::string written = text;
      CAPTURE(written);
      const auto loaded = load_text(small_config(written));
      CHECK(loaded.streams.at(0).max_rejects.count == count);
      CHECK(loaded.streams.at(0).max_rejects.share == doctest::Approx(share));
    }
    for (const auto* bad : {"10", "101%", "-1%", "1.%", ".5%", "1.5", "%", "",
                            "5 %", "1.5.5%", "1%%", "1234567890%"}) {
      CAPTURE(bad);
      CHECK(faults(
                small_config("max_rejects = \"" + std::string(bad) + "\"\n")) ==
            "7:1: 'max_rejects' in [stream.tickets] must be a whole number, or "
            "from \"0%\" to \"100%\", such as \"10%\" or \"2.5%\"");
    }
  }

  TEST_CASE("a source is filled from every key") {
    const TempDir dir;
    const auto loaded = config::load(dir.write("crm.toml", full));
    CHECK(loaded.file == dir.path() / "crm.toml");
    CHECK(loaded.database == dir.path() / "data/crm.db");
    CHECK(loaded.journal == Journal::rollback);
    CHECK(loaded.parallel == 5);
    CHECK(loaded.keep_runs == std::chrono::hours(30 * 24));
    CHECK(loaded.warnings.empty());

    REQUIRE(loaded.sources.size() == 2);
    const auto& helpdesk = loaded.sources[0];
    CHECK(helpdesk.name == "helpdesk");
    CHECK(helpdesk.base_url == "http://helpdesk.example.com:8080/api/v2");
    CHECK(helpdesk.allow_http);
    CHECK(helpdesk.auth == Auth::header);
    REQUIRE(helpdesk.token);
    CHECK(helpdesk.token->kind == SecretReference::Kind::file);
    CHECK(helpdesk.token->name == dir.path() / "helpdesk.token");
    CHECK(helpdesk.header == "X-Key");
    CHECK(helpdesk.prefix == "Key ");
    REQUIRE(helpdesk.headers.size() == 2);
    CHECK(helpdesk.headers[0].first == "Accept");
    CHECK(helpdesk.headers[0].second == "application/json");
    CHECK(helpdesk.headers[1].second == "${from}");
    CHECK(helpdesk.timeout == 90s);
    REQUIRE(helpdesk.rate);
    CHECK(helpdesk.rate->requests == 5);
    CHECK(helpdesk.rate->time == 1s);
    CHECK(helpdesk.max_body == std::size_t{2} << 30U);

    const auto& shop = loaded.source("shop");
    CHECK(shop.auth == Auth::basic);
    const auto* const user = std::get_if<SecretReference>(&shop.user);
    REQUIRE(user != nullptr);
    CHECK(user->kind == SecretReference::Kind::env);
    CHECK(user->name == "SHOP_USER");
    REQUIRE(shop.token);
    CHECK(shop.token->name == "SHOP_PASSWORD");
  }

  TEST_CASE("a stream's request is filled from every key") {
    const auto loaded = load_text(full);
    REQUIRE(loaded.streams.size() == 2);
    const auto& tickets = loaded.streams[0];
    CHECK(tickets.name == "tickets");
    CHECK(tickets.pipeline_name() == "helpdesk.tickets");
    CHECK(tickets.line == 25);
    CHECK(to_text(tickets.path) == "/tickets/${from}/changes");
    CHECK(tickets.path.has("from"));
    REQUIRE(tickets.headers.size() == 1);
    CHECK(tickets.headers[0].first == "X-Since");
    CHECK(tickets.headers[0].second.has("from"));

    std::string query;
    for (const auto& parameter : tickets.query) {
      query += parameter.name + "=" + to_text(parameter.value) + "\n";
    }
    CHECK(query ==
          "sort=updated\nper_page=100\nv=2.0\narchived=true\n"
          "include=a\ninclude=1\ninclude=false\nsince=>${from}\n");

    CHECK(to_text(tickets.records) == "/data/items");
    CHECK(to_text(tickets.fields) == "properties");
    CHECK(tickets.page.kind == PageRule::Kind::number);
    CHECK(tickets.page.param == "page");
    CHECK(tickets.page.first == 0);
    CHECK(to_text(tickets.page.more.value()) == "paging/next");
    CHECK(to_text(tickets.page.end.value()) == "last");
    CHECK(to_text(tickets.page.total.value()) == "meta/total");
    CHECK(tickets.page.size == 50);
    CHECK(tickets.expect_every == 7 * 24h);
    REQUIRE(tickets.rate);
    CHECK(tickets.rate->requests == 100);
    CHECK(tickets.rate->time == 1min);

    const auto& orders = loaded.streams[1];
    CHECK(to_text(orders.path) == "?list=orders");
    CHECK(orders.page.kind == PageRule::Kind::token);
    CHECK(to_text(orders.page.path) == "meta/next");
    CHECK(orders.page.param == "after");
  }

  TEST_CASE("a cursor is filled from every key") {
    const auto cursor = load_text(full).streams[0].cursor.value();
    CHECK(to_text(cursor.field) == "/updatedAt");
    CHECK(cursor.order == Order::ascending);
    CHECK(cursor.format == CursorFormat(CursorFormat::rfc3339_ms, Zone(2h)));
    CHECK(to_stored(cursor.start.value()) == "2024-01-01T08:00:00.000000000Z");
    CHECK(cursor.overlap == 2h);
    CHECK(cursor.exclusive);
    CHECK(cursor.immutable);
  }

  TEST_CASE("a table is filled from key and columns") {
    const auto loaded = load_text(full);
    const auto& tickets = loaded.streams[0];
    REQUIRE(tickets.key.size() == 2);
    CHECK(tickets.key[0].name == "id");
    CHECK(to_text(tickets.key[0].path) == "/id");
    CHECK(tickets.key[0].type == ColumnType::as_found);
    // A declared column's name stands for its path and type.
    CHECK(tickets.key[1].name == "part");
    CHECK(to_text(tickets.key[1].path) == "part/number");
    CHECK(tickets.key[1].type == ColumnType::integer);

    REQUIRE(tickets.columns.size() == 3);
    CHECK(tickets.columns[0].name == "requester");
    CHECK(to_text(tickets.columns[0].path) == "requester/email");
    CHECK(tickets.columns[1].name == "created");
    CHECK(to_text(tickets.columns[1].path) == "/createdAt");
    CHECK(tickets.columns[1].type == ColumnType::timestamp);
    CHECK(tickets.columns[2].name == "subject");
    CHECK(to_text(tickets.columns[2].path) == "subject");
    CHECK(tickets.columns[2].type == ColumnType::text);
    CHECK(tickets.all_columns);
    CHECK(tickets.raw);

    const auto& orders = loaded.streams[1];
    REQUIRE(orders.key.size() == 1);
    CHECK(orders.key[0].name == "id");
    REQUIRE(orders.columns.size() == 1);
    CHECK(orders.columns[0].name == "customer_name");
    CHECK(to_text(orders.columns[0].path) == "customer/name");
    CHECK(orders.all_columns);
    CHECK_FALSE(orders.raw);
  }

  TEST_CASE("what is left out has its default") {
    const auto loaded = load_text(small_config(""));
    CHECK(loaded.journal == Journal::wal);
    CHECK(loaded.parallel == 2);
    CHECK(loaded.keep_runs == std::chrono::hours(90 * 24));
    const auto& source = loaded.sources.at(0);
    CHECK_FALSE(source.allow_http);
    CHECK(source.auth == Auth::none);
    CHECK_FALSE(source.token);
    CHECK(source.headers.empty());
    CHECK(source.timeout == 60s);
    CHECK_FALSE(source.rate);
    CHECK(source.max_body == std::size_t{64} << 20U);

    const auto& all = loaded.streams.at(0);
    CHECK(all.source == "api");
    CHECK(all.query.empty());
    CHECK(all.headers.empty());
    CHECK(all.records.segments.empty());
    CHECK(all.fields.segments.empty());
    CHECK_FALSE(all.cursor);
    CHECK(all.page.kind == PageRule::Kind::single);
    CHECK(all.columns.empty());
    CHECK(all.all_columns);
    CHECK_FALSE(all.raw);
    CHECK_FALSE(all.rate);
    CHECK(all.expect_every == 24h);
  }

  TEST_CASE("a cursor of timestamps overlaps by five minutes") {
    const auto cursor = load_text(small_config("cursor = { field = \"at\" }\n"
                                               "query = { a = \"${from}\" }\n"))
                            .streams[0]
                            .cursor.value();
    CHECK(cursor.order == Order::unordered);
    CHECK(cursor.format == CursorFormat::rfc3339);
    CHECK_FALSE(cursor.start);
    CHECK(cursor.overlap == 5min);
    CHECK_FALSE(cursor.exclusive);
    CHECK_FALSE(cursor.immutable);
  }

  TEST_CASE("a cursor of integers overlaps by nothing") {
    const auto text = [](const std::string& more) {
      return small_config("cursor = { field = \"id\", format = \"integer\"" +
                          more +
                          " }\n"
                          "query = { a = \"${from}\" }\n");
    };
    auto cursor = load_text(text("")).streams[0].cursor.value();
    CHECK(cursor.integer_overlap == 0);
    cursor =
        load_text(text(", overlap = 7, start = -3")).streams[0].cursor.value();
    CHECK(cursor.integer_overlap == 7);
    CHECK(cursor.start == CursorValue(std::int64_t{-3}));
  }

  TEST_CASE("the default of prefix depends on auth") {
    const auto source = [](const std::string& text) {
      return load_text(small_config("", text)).sources[0];
    };
    const auto bearer =
        source("auth = \"bearer\"\ntoken = { env = \"TOKEN\" }\n");
    CHECK(bearer.prefix == "Bearer ");
    CHECK(bearer.header == "Authorization");
    const auto header =
        source("auth = \"header\"\ntoken = { env = \"TOKEN\" }\n");
    CHECK(header.prefix.empty());
    CHECK(header.header == "Authorization");
    const auto bare = source(
        "auth = \"bearer\"\ntoken = { env = \"TOKEN\" }\nprefix = \"\"\n");
    CHECK(bare.prefix.empty());
  }

  TEST_CASE("every way to authorise is read") {
    const auto source = [](const std::string& text) {
      return load_text(small_config("", text)).sources[0];
    };
    const auto query = source(
        "auth = \"query\"\nparam = \"key\"\ntoken = { env = \"TOKEN\" }\n");
    CHECK(query.auth == Auth::query);
    CHECK(query.param == "key");
    const auto basic = source("auth = \"basic\"\nuser = \"ada\"\n");
    CHECK(basic.auth == Auth::basic);
    CHECK(std::get<std::string>(basic.user) == "ada");
    CHECK_FALSE(basic.token);
    CHECK(source("auth = \"none\"\n").auth == Auth::none);
    const auto oauth2 = source(
        "auth = \"oauth2\"\ntoken_url = \"https://a/token\"\n"
        "client_id = \"me\"\nclient_secret = { env = \"SECRET\" }\n"
        "refresh_token = { credential = \"crm\" }\nscope = \"read all\"\n");
    CHECK(oauth2.auth == Auth::oauth2);
    CHECK(oauth2.token_url == "https://a/token");
    CHECK(std::get<std::string>(oauth2.client_id) == "me");
    CHECK(oauth2.client_secret->name == "SECRET");
    CHECK(oauth2.refresh_token->kind == SecretReference::Kind::credential);
    CHECK(oauth2.refresh_token->name == "crm");
    CHECK(oauth2.scope == "read all");
    CHECK(oauth2.header == "Authorization");
    CHECK(oauth2.prefix == "Bearer ");
    const auto zoho = source(
        "auth = \"oauth2\"\ntoken_url = \"https://a/token\"\n"
        "client_id = { file = \"id\" }\nclient_secret = { env = \"SECRET\" }\n"
        "header = \"X-Auth\"\nprefix = \"Zoho-oauthtoken \"\n");
    CHECK(std::get<SecretReference>(zoho.client_id).kind ==
          SecretReference::Kind::file);
    CHECK_FALSE(zoho.refresh_token);
    CHECK(zoho.header == "X-Auth");
    CHECK(zoho.prefix == "Zoho-oauthtoken ");
  }

  TEST_CASE("a base URL with a token's value is kept as it is written") {
    const auto base_url = [](const std::string& url) {
      return load_text("database = \"a.db\"\n[source.a]\nbase_url = \"" + url +
                       "\"\nauth = \"oauth2\"\ntoken_url = \"https://a/\"\n"
                       "client_id = \"me\"\nclient_secret = { env = \"A\" }\n"
                       "[stream.b]\nget = \"/\"\nkey = \"id\"\n")
          .sources[0]
          .base_url;
    };
    CHECK(base_url("${token.instance_url}/v1/") == "${token.instance_url}/v1");
    CHECK(base_url("https://${token.host}") == "https://${token.host}");
  }

  TEST_CASE("every kind of page is read") {
    const auto page = [](const std::string& text) {
      return load_text(small_config("page = { " + text + " }\n"))
          .streams[0]
          .page;
    };
    const auto next = page("next = \"links/next\"");
    CHECK(next.kind == PageRule::Kind::next);
    CHECK(to_text(next.path) == "links/next");
    const auto link = page("link = \"next\"");
    CHECK(link.kind == PageRule::Kind::link);
    CHECK(link.relation == "next");
    const auto offset = page("offset = \"skip\"");
    CHECK(offset.kind == PageRule::Kind::offset);
    CHECK(offset.param == "skip");
    const auto number = page("number = \"page\"");
    CHECK(number.kind == PageRule::Kind::number);
    CHECK(number.first == 1);
    CHECK_FALSE(number.more);
    CHECK_FALSE(number.end);
    CHECK_FALSE(number.total);
    CHECK_FALSE(number.size);
  }

  TEST_CASE("an instant may be a text or TOML's own") {
    struct Case {
      std::string start;
      std::string zone;
      std::string expected;
    };
    const Case cases[] = {
        {"\"2024-01-01\"", "", "2024-01-01T00:00:00.000000000Z"},
        {"2024-01-01", "", "2024-01-01T00:00:00.000000000Z"},
        {"\"2024-01-01\"", "+02:00", "2024-01-01T00:00:00.000000000Z"},
        {"2024-01-01", "+02:00", "2024-01-01T00:00:00.000000000Z"},
        {"\"2024-01-01T08:00:00.5+01:00\"", "",
         "2024-01-01T07:00:00.500000000Z"},
        {"2024-01-01T08:00:00.5+01:00", "", "2024-01-01T07:00:00.500000000Z"},
        {"2024-01-01T08:00:00Z", "+02:00", "2024-01-01T08:00:00.000000000Z"},
        {"2024-01-01 08:00:00", "-01:30", "2024-01-01T09:30:00.000000000Z"},
        {"\"2024-01-01T08:00:00\"", "UTC", "2024-01-01T08:00:00.000000000Z"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.start);
      CAPTURE(c.zone);
      const auto loaded = load_text(
          small_config("cursor = { field = \"at\", start = " + c.start +
                       (c.zone.empty() ? "" : ", zone = \"" + c.zone + "\"") +
                       " }\nquery = { a = \"${from}\" }\n"));
      CHECK(to_stored(loaded.streams[0].cursor->start.value()) == c.expected);
    }
  }

  TEST_CASE("every format and order is read") {
    const std::pair<std::string, CursorFormat::Kind> formats[] = {
        {"rfc3339", CursorFormat::rfc3339},
        {"rfc3339_ms", CursorFormat::rfc3339_ms},
        {"rfc3339_us", CursorFormat::rfc3339_us},
        {"epoch_s", CursorFormat::epoch_s},
        {"epoch_ms", CursorFormat::epoch_ms},
        {"datetime", CursorFormat::datetime},
        {"date", CursorFormat::date},
        {"integer", CursorFormat::integer},
    };
    for (const auto& one : formats) {
      const auto& word = one.first;
      const auto& format = one.second;
      CAPTURE(word);
      const std::string zone =
          format == CursorFormat::datetime ? ", zone = \"UTC\"" : "";
      const auto loaded = load_text(
          small_config("cursor = { field = \"at\", format = \"" + word + "\"" +
                       zone + " }\nquery = { a = \"${from}\" }\n"));
      CHECK(loaded.streams[0].cursor->format.kind == format);
    }
    const std::pair<std::string, Order> orders[] = {
        {"unordered", Order::unordered},
        {"ascending", Order::ascending},
        {"descending", Order::descending},
    };
    for (const auto& one : orders) {
      const auto& word = one.first;
      const auto& order = one.second;
      CAPTURE(word);
      const auto loaded =
          load_text(small_config("cursor = { field = \"at\", order = \"" +
                                 word + "\" }\nquery = { a = \"${from}\" }\n"));
      CHECK(loaded.streams[0].cursor->order == order);
    }
  }

  TEST_CASE("every type of column is read") {
    const std::pair<std::string, ColumnType> types[] = {
        {"text", ColumnType::text},           {"integer", ColumnType::integer},
        {"real", ColumnType::real},           {"boolean", ColumnType::boolean},
        {"timestamp", ColumnType::timestamp}, {"date", ColumnType::date},
        {"decimal", ColumnType::decimal},     {"json", ColumnType::json},
    };
    for (const auto& one : types) {
      const auto& word = one.first;
      const auto& type = one.second;
      CAPTURE(word);
      const auto loaded = load_text(
          small_config("columns = { a = { type = \"" + word + "\" } }\n"));
      CHECK(loaded.streams[0].columns.at(0).type == type);
      CHECK_FALSE(loaded.streams[0].all_columns);
    }
  }

  TEST_CASE("a key column keeps what columns say of it") {
    struct Case {
      std::string name;
      std::string text;
      std::string path;
      ColumnType type;
    };
    const Case cases[] = {
        {"by name", "columns = { id = { path = \"ref/id\", type = \"text\" } }",
         "ref/id", ColumnType::text},
        {"by place, from the record",
         "columns = { id = { path = \"/id\", type = \"text\" } }", "/id",
         ColumnType::text},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      const auto stream = load_text(small_config(c.text)).streams[0];
      REQUIRE(stream.key.size() == 1);
      CHECK(stream.key[0].name == "id");
      CHECK(to_text(stream.key[0].path) == c.path);
      CHECK(stream.key[0].type == c.type);
      CHECK(stream.columns.empty());
    }
  }

  TEST_CASE("sources and streams keep the order of the file") {
    const auto loaded = load_text(
        "database = \"a.db\"\n"
        "[source.z]\nbase_url = \"https://z\"\n"
        "[source.a]\nbase_url = \"https://a\"\n"
        "[stream.y.columns]\nb = \"b\"\na = \"a\"\n"
        "[stream.y]\nsource = \"z\"\nget = \"/\"\nkey = \"id\"\n"
        "[stream.b]\nsource = \"a\"\nget = \"/\"\nkey = \"id\"\n");
    CHECK(loaded.sources[0].name == "z");
    CHECK(loaded.sources[1].name == "a");
    CHECK(loaded.streams[0].name == "y");
    CHECK(loaded.streams[0].line == 9);
    CHECK(loaded.streams[1].name == "b");
    CHECK(loaded.streams[0].columns[0].name == "b");
    CHECK(loaded.streams[0].columns[1].name == "a");
  }

  TEST_CASE("http without encryption is for this machine") {
    const std::string urls[] = {
        "http://localhost",        "http://LOCALHOST:8080/api",
        "http://127.0.0.1:8080",   "HTTP://127.255.1.2",
        "http://[::1]:80/api",     "https://api.example.com",
        "HTTPS://api.example.com", "https://[2001:db8::1]:8443/v1",
    };
    for (const auto& url : urls) {
      CAPTURE(url);
      const auto loaded =
          load_text("database = \"a.db\"\n[source.a]\nbase_url = \"" + url +
                    "\"\n[stream.b]\nget = \"/\"\nkey = \"id\"\n");
      CHECK(loaded.sources[0].base_url == url);
    }
  }

  TEST_CASE("a cursor that no request asks for is warned of") {
    const TempDir dir;
    const auto file = dir.write(
        "crm.toml", small_config("cursor = { field = \"updated_at\" }\n"));
    const auto loaded = config::load(file);
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(loaded.warnings[0] ==
          file.string() +
              ":7:1: [stream.tickets] has a cursor, but no ${from} in its "
              "request: every run reads everything");
  }

  TEST_CASE("a cursor that is asked for, or newest first, is not warned of") {
    const std::string streams[] = {
        "cursor = { field = \"at\", order = \"descending\" }\n",
        "cursor = { field = \"at\" }\nquery = { a = \"x${from}\" }\n",
        "cursor = { field = \"at\" }\nquery = { a = [\"x\", \"${from}\"] }\n",
        "cursor = { field = \"at\" }\nheaders = { A = \"${from}\" }\n",
    };
    for (const auto& stream : streams) {
      CAPTURE(stream);
      CHECK(load_text(small_config(stream)).warnings.empty());
    }
  }

  TEST_CASE("a byte order mark and Windows line ends do no harm") {
    const auto loaded = load_text(
        "\xEF\xBB\xBF"
        "database = \"a.db\"\r\n[source.a]\r\nbase_url = \"https://a\"\r\n"
        "[stream.b]\r\nget = \"/\"\r\nkey = \"id\"\r\n");
    CHECK(loaded.streams.size() == 1);
  }

  TEST_CASE("a file that is not there is missing input") {
    const TempDir dir;
    const auto refused = [](const std::filesystem::path& file) {
      try {
        config::load(file);
      } catch (const Error& error) {
        CHECK(error.code() == ExitCode::no_input);
        return std::string(error.what());
      }
      return std::string();
    };
    CHECK(refused(dir.path() / "no.toml") ==
          "cannot read the configuration " + (dir.path() / "no.toml").string() +
              ": No such file or directory");
    CHECK(refused(dir.path()) == "cannot read the configuration " +
                                     dir.path().string() + ": Is a directory");
  }
}

TEST_SUITE("ConfigError") {
  TEST_CASE("a misspelt key is refused with its place and the nearest key") {
    const TempDir dir;
    const auto file = dir.write("crm.toml", small_config("rat = \"5/s\"\n"));
    try {
      config::load(file);
      FAIL("it loads");
    } catch (const config::ConfigError& error) {
      CHECK(error.code() == ExitCode::configuration);
      CHECK(error.what() == file.string() +
                                ":7:1: unknown key 'rat' in [stream.tickets]; "
                                "did you mean 'rate'?");
      CHECK(note(error.notes(), "line") ==
            "    7 | rat = \"5/s\"\n"
            "      | ^^^");
      CHECK(note(error.notes(), "more").empty());
    }
  }

  TEST_CASE("all problems are told, in the order of the file") {
    const TempDir dir;
    const auto file = dir.write("crm.toml",
                                "\n"
                                "journal = \"wal2\"\n"
                                "[source.api]\n"
                                "base_url = 5\n"
                                "[stream.tickets]\n"
                                "get = \"/tickets\"\n"
                                "raw = 1\n");
    try {
      config::load(file);
      FAIL("it loads");
    } catch (const config::ConfigError& error) {
      std::string all;
      for (const auto& problem : error.problems()) {
        CHECK(problem.file == file.string());
        all += std::to_string(problem.line) + " " + problem.message + "\n";
      }
      CHECK(all ==
            "1 missing key 'database' at the top level\n"
            "2 'journal' at the top level must be \"wal\" or \"rollback\"; did "
            "you mean \"wal\"?\n"
            "4 'base_url' in [source.api] must be a text\n"
            "5 missing key 'key' in [stream.tickets]\n"
            "7 'raw' in [stream.tickets] must be true or false\n");
      CHECK(error.what() == error.problems()[0].text());
      CHECK(note(error.notes(), "more") == "4 more problems in this file");
    }
  }

  TEST_CASE("the caret stands under the key whatever is before it") {
    const auto shown = [](const std::string& stream) {
      const auto problems = problems_of(small_config(stream));
      REQUIRE(problems.size() == 1);
      return note(problems[0].notes, "line");
    };
    CHECK(shown("\traws = true\n") ==
          "    7 |  raws = true\n"
          "      |  ^^^^");
    CHECK(shown("query = { \"größe\" = \"x\", y = 1979-05-27 }\n") ==
          "    7 | query = { \"größe\" = \"x\", y = 1979-05-27 }\n"
          "      |                          ^");
    // Of a table in braces, only its beginning.
    CHECK(shown("page = { size = 5 }\n") ==
          "    7 | page = { size = 5 }\n"
          "      |        ^");
    CHECK(shown("columns = [\n  \"a\",\n  \"_b\",\n]\n") ==
          "    9 |   \"_b\",\n"
          "      |   ^^^^");
    CHECK(shown("\"raws\" = \"" + std::string(300, 'x') + "\"\r\n") ==
          "    7 | \"raws\" = \"" + std::string(150, 'x') +
              "…\n"
              "      | ^^^^^^");
  }
}
