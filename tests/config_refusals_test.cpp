// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "config_file.hpp"

using namespace strandline;
using test::faults;
using test::note;
using test::problems_of;
using test::small_config;

namespace {

struct Case {
  std::string name;
  std::string text;
  std::string expected;
};

// Each text has the one fault expected and no other.
void check_all(const std::vector<Case>& cases) {
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CAPTURE(c.text);
    CHECK(faults(c.text) == c.expected);
  }
}

std::string source_with(const std::string& text) {
  return small_config("", text + "\n");
}

// From line 4 to 7.
const std::string oauth2 =
    "auth = \"oauth2\"\ntoken_url = \"https://a/\"\nclient_id = \"me\"\n"
    "client_secret = { env = \"A\" }\n";

std::string with_url(const std::string& url) {
  return "database = \"a.db\"\n[source.api]\nbase_url = \"" + url +
         "\"\n[stream.b]\nget = \"/\"\nkey = \"id\"\n";
}

std::string with_get(const std::string& get) {
  return "database = \"a.db\"\n[source.api]\nbase_url = \"https://a\"\n"
         "[stream.b]\nget = \"" +
         get + "\"\nkey = \"id\"\n";
}

std::string with_key(const std::string& key, const std::string& more = "") {
  return "database = \"a.db\"\n[source.api]\nbase_url = \"https://a\"\n"
         "[stream.b]\nget = \"/\"\nkey = " +
         key + "\n" + more;
}

std::string with_cursor(const std::string& cursor) {
  return small_config("query = { a = \"${from}\" }\ncursor = { " + cursor +
                      " }\n");
}

std::string with_page(const std::string& page) {
  return small_config("page = { " + page + " }\n");
}

std::string named(const std::string& stream) {
  return "database = \"a.db\"\n[source.api]\nbase_url = \"https://a\"\n"
         "[stream." +
         stream + "]\nget = \"/\"\nkey = \"id\"\n";
}

}  // namespace

TEST_SUITE("refused at load") {
  TEST_CASE("unknown keys, with where they belong or what was meant") {
    check_all({
        {"misspelt", small_config("quary = { a = \"b\" }\n"),
         "7:1: unknown key 'quary' in [stream.tickets]; did you mean 'query'?"},
        {"of another section", small_config("auth = \"none\"\n"),
         "7:1: unknown key 'auth' in [stream.tickets]; valid in "
         "[source.NAME]"},
        {"of two other sections", small_config("order = \"ascending\"\n"),
         "7:1: unknown key 'order' in [stream.tickets]; valid in "
         "[stream.NAME.cursor]"},
        {"of three", small_config("param = \"a\"\n"),
         "7:1: unknown key 'param' in [stream.tickets]; valid in "
         "[source.NAME], [stream.NAME.cursor], and [stream.NAME.page]"},
        {"both", small_config("header = \"a\"\n"),
         "7:1: unknown key 'header' in [stream.tickets]; valid in "
         "[source.NAME] and [stream.NAME.page]; did you mean 'headers'?"},
        {"of the top", source_with("journal = \"wal\""),
         "4:1: unknown key 'journal' in [source.api]; valid at the top level"},
        {"at the top", "timeout = \"5s\"\n" + small_config(""),
         "1:1: unknown key 'timeout' at the top level; valid in "
         "[source.NAME]"},
        {"unlike any", small_config("zzzzz = 1\n"),
         "7:1: unknown key 'zzzzz' in [stream.tickets]"},
        {"in a table in braces", with_page("link = \"next\", sise = 5"),
         "7:25: unknown key 'sise' in [stream.tickets.page]; did you mean "
         "'size'?"},
        {"in a column", small_config("columns = { a = { typ = \"x\" } }\n"),
         "7:19: unknown key 'typ' in [stream.tickets.columns.a]; did you mean "
         "'type'?"},
        {"a misspelt required key is not missing too",
         "databse = \"a.db\"\n[source.api]\nbase_ulr = \"https://a\"\n"
         "[streams.b]\n",
         "1:1: unknown key 'databse' at the top level; did you mean "
         "'database'?\n"
         "3:1: unknown key 'base_ulr' in [source.api]; did you mean "
         "'base_url'?\n"
         "4:2: unknown key 'streams' at the top level; did you mean 'stream'?"},
    });
  }

  TEST_CASE("missing keys") {
    check_all({
        {"database",
         "[source.api]\nbase_url = \"https://a\"\n[stream.b]\nget = \"/\"\n"
         "key = \"id\"\n",
         "1:1: missing key 'database' at the top level"},
        {"base_url",
         "database = \"a.db\"\n[source.api]\n[stream.b]\nget = \"/\"\n"
         "key = \"id\"\n",
         "2:1: missing key 'base_url' in [source.api]"},
        {"get and key",
         "database = \"a.db\"\n[source.a]\nbase_url = \"https://a\"\n"
         "  [stream.b]\n",
         "4:3: missing key 'key' in [stream.b]\n"
         "4:3: missing key 'get' in [stream.b], or 'post' for a request with a "
         "body"},
        {"sources and streams", "database = \"a.db\"\n",
         "1:1: there is no [source.NAME] table\n"
         "1:1: there is no [stream.NAME] table"},
        {"streams in an empty table",
         "database = \"a.db\"\n[source.a]\nbase_url = \"https://a\"\n"
         "[stream]\n",
         "1:1: there is no [stream.NAME] table"},
        {"source, of two",
         small_config("", "[source.b]\nbase_url = \"https://b\"\n"),
         "6:1: missing key 'source' in [stream.tickets], and the file has 2 "
         "sources"},
        {"cursor.field", with_cursor(""),
         "8:10: [stream.tickets.cursor] must have one of field, token and "
         "next"},
        {"page.param", with_page("token = \"next\""),
         "7:8: missing key 'param' in [stream.tickets.page] with 'token'"},
        {"token of bearer", source_with("auth = \"bearer\""),
         "2:1: missing key 'token' in [source.api] with auth = \"bearer\""},
        {"token of header", source_with("auth = \"header\""),
         "2:1: missing key 'token' in [source.api] with auth = \"header\""},
        {"token and param of query", source_with("auth = \"query\""),
         "2:1: missing key 'token' in [source.api] with auth = \"query\"\n"
         "2:1: missing key 'param' in [source.api] with auth = \"query\""},
        {"user of basic", source_with("auth = \"basic\""),
         "2:1: missing key 'user' in [source.api] with auth = \"basic\""},
        {"token_url and client_id of oauth2",
         source_with("auth = \"oauth2\"\nrefresh_token = { env = \"A\" }"),
         "2:1: missing key 'token_url' in [source.api] with auth = "
         "\"oauth2\"\n"
         "2:1: missing key 'client_id' in [source.api] with auth = "
         "\"oauth2\""},
        {"client_secret of oauth2",
         source_with("auth = \"oauth2\"\ntoken_url = \"https://a/\"\n"
                     "client_id = \"me\""),
         "2:1: missing key 'client_secret' in [source.api] with auth = "
         "\"oauth2\" and no refresh_token"},
        {"zone of datetime",
         with_cursor("field = \"at\", format = \"datetime\""),
         "8:10: missing key 'zone' in [stream.tickets.cursor] with format = "
         "\"datetime\""},
    });
  }

  TEST_CASE("what a connector that is not there would give is not missing") {
    check_all({
        {"connector",
         "database = \"a.db\"\n[source.a]\nconnector = \"nowhere\"\n"
         "[stream.b]\n",
         "3:1: there is no connector 'nowhere'"},
    });
  }

  TEST_CASE("values of the wrong kind") {
    check_all({
        {"text", "database = 5\n" + small_config("").substr(20),
         "1:1: 'database' at the top level must be a file"},
        {"word", "journal = \"delete\"\n" + small_config(""),
         "1:1: 'journal' at the top level must be \"wal\" or \"rollback\""},
        {"none at once", "parallel = 0\n" + small_config(""),
         "1:1: 'parallel' at the top level must be from 1 to 32"},
        {"too many at once", "parallel = 33\n" + small_config(""),
         "1:1: 'parallel' at the top level must be from 1 to 32"},
        {"nothing kept", "keep_runs = \"0d\"\n" + small_config(""),
         "1:1: 'keep_runs' at the top level must be at least 1 s"},
        {"misspelt word", source_with("auth = \"bearr\"\n"),
         "4:1: 'auth' in [source.api] must be \"none\", \"bearer\", "
         "\"header\", \"query\", \"basic\", or \"oauth2\"; did you mean "
         "\"bearer\"?"},
        {"rejects below none", small_config("max_rejects = -1\n"),
         "7:1: 'max_rejects' in [stream.tickets] must not be negative"},
        {"rejects of a word", small_config("max_rejects = true\n"),
         "7:1: 'max_rejects' in [stream.tickets] must be a percentage such as "
         "\"20%\" or an integer"},
        {"boolean", small_config("raw = \"yes\"\n"),
         "7:1: 'raw' in [stream.tickets] must be true or false"},
        {"integer", with_page("number = \"p\", size = 2.5"),
         "7:24: 'size' in [stream.tickets.page] must be an integer"},
        {"path", small_config("records = [\"a\"]\n"),
         "7:1: 'records' in [stream.tickets] must be a path"},
        {"bad path", small_config("records = \"a~b\"\n"),
         "7:1: 'records' in [stream.tickets] is not a path: `~` in a path "
         "stands before 0 (for `~`) or 1 (for `/`)"},
        {"table", small_config("page = \"next\"\n"),
         "7:1: 'page' in [stream.tickets] must be a table"},
        {"array of tables",
         small_config("[[stream.a]]\nget = \"/\"\nkey = \"id\"\n"),
         "7:10: 'a' in [stream] must be a table"},
        {"list of paths", with_key("[\"a\", 5]"),
         "6:1: 'key' in [stream.b] must be a path, a list of paths, or a table "
         "such as { hash = \"*\" }"},
        {"column", small_config("columns = { a = 5 }\n"),
         "7:13: 'a' in [stream.tickets.columns] must be a path, false, or a "
         "table"},
        {"column true", small_config("columns = { a = true }\n"),
         "7:13: 'a' in [stream.tickets.columns] must be a path, false, or a "
         "table"},
        {"parameter", small_config("query = { a = 2024-01-01 }\n"),
         "7:11: 'a' in [stream.tickets.query] must be a text, a number, true "
         "or false, or a list of texts, numbers and booleans"},
        {"nested list", small_config("query = { a = [[1]] }\n"),
         "7:11: 'a' in [stream.tickets.query] must be a text, a number, true "
         "or false, or a list of texts, numbers and booleans"},
        {"infinite parameter", small_config("query = { a = inf }\n"),
         "7:11: 'a' in [stream.tickets.query] must be a finite number"},
        {"header", small_config("headers = { A = 5 }\n"),
         "7:13: 'A' in [stream.tickets.headers] must be a text"},
        {"duration", source_with("timeout = \"5 minutes\""),
         "4:1: 'timeout' in [source.api] must be a whole number and s, m, h or "
         "d, such as \"90s\", \"5m\" or \"7d\""},
        {"duration without number", source_with("timeout = \"s\""),
         "4:1: 'timeout' in [source.api] must be a whole number and s, m, h or "
         "d, such as \"90s\", \"5m\" or \"7d\""},
        {"endless duration", source_with("timeout = \"1234567890s\""),
         "4:1: 'timeout' in [source.api] must be a whole number and s, m, h or "
         "d, such as \"90s\", \"5m\" or \"7d\""},
        {"no duration", source_with("timeout = \"0s\""),
         "4:1: 'timeout' in [source.api] must be at least 1 s"},
        {"expect_every", small_config("expect_every = \"0d\"\n"),
         "7:1: 'expect_every' in [stream.tickets] must be at least 1 s"},
        {"rate", source_with("rate = \"5\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"rate without number", source_with("rate = \"/s\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"rate of no requests", source_with("rate = \"0/s\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"negative rate", source_with("rate = \"-5/s\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"fractional rate", source_with("rate = \"0.5/s\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"endless rate", source_with("rate = \"1234567890/s\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"rate of another unit", source_with("rate = \"5/week\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"rate over several units", source_with("rate = \"5/10s\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"rate with a blank", source_with("rate = \"5 / s\""),
         "4:1: 'rate' in [source.api] must be a whole number above 0, '/' and "
         "s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"stream's rate", small_config("rate = \"0/m\"\n"),
         "7:1: 'rate' in [stream.tickets] must be a whole number above 0, '/' "
         "and s, m, h or d, such as \"5/s\" or \"100/m\""},
        {"size", source_with("max_body = \"64MB\""),
         "4:1: 'max_body' in [source.api] must be a whole number above 0 and "
         "KiB, MiB or GiB, such as \"64MiB\""},
        {"no size", source_with("max_body = \"0KiB\""),
         "4:1: 'max_body' in [source.api] must be a whole number above 0 and "
         "KiB, MiB or GiB, such as \"64MiB\""},
        {"database in memory",
         "database = \":memory:\"\n" + named("b").substr(18),
         "1:1: 'database' at the top level must be a file"},
        {"empty database", "database = \"\"\n" + named("b").substr(18),
         "1:1: 'database' at the top level must not be empty"},
    });
  }

  TEST_CASE("addresses that are not, or that let others read along") {
    const std::pair<std::string, std::string> open[] = {
        {"http://api.example.com", "api.example.com"},
        {"http://127.0.0.1.example.com", "127.0.0.1.example.com"},
        {"http://localhost.example.com", "localhost.example.com"},
        {"http://128.0.0.1:8080", "128.0.0.1"},
        {"http://[::2]:80", "[::2]"},
        {"http://0.0.0.0", "0.0.0.0"},
    };
    for (const auto& one : open) {
      const auto& url = one.first;
      const auto& host = one.second;
      CAPTURE(url);
      CHECK(faults(with_url(url)) ==
            "3:1: 'base_url' in [source.api] uses http:// to " + host +
                ", which others can read and change; use https:// or set "
                "allow_http = true");
    }
    check_all({
        {"scheme", with_url("ftp://a"),
         "3:1: 'base_url' in [source.api] must begin with https://"},
        {"no scheme", with_url("https"),
         "3:1: 'base_url' in [source.api] must begin with https://"},
        {"user", with_url("https://ada:hunter2@a/b"),
         "3:1: 'base_url' in [source.api] must not have a user name or "
         "password; use auth"},
        {"user of a loopback lookalike", with_url("http://localhost@evil.com"),
         "3:1: 'base_url' in [source.api] must not have a user name or "
         "password; use auth"},
        {"query", with_url("https://a/b?c=d"),
         "3:1: 'base_url' in [source.api] must not have a query or fragment"},
        {"fragment", with_url("https://a/b#c"),
         "3:1: 'base_url' in [source.api] must not have a query or fragment"},
        {"no host", with_url("https:///b"),
         "3:1: 'base_url' in [source.api] has no valid host"},
        {"only a port", with_url("https://:80/b"),
         "3:1: 'base_url' in [source.api] has no valid host"},
        {"port", with_url("https://a:b/c"),
         "3:1: 'base_url' in [source.api] has no valid host"},
        {"open bracket", with_url("http://[::1/c"),
         "3:1: 'base_url' in [source.api] has no valid host"},
        {"backslash", with_url("http://localhost\\\\.evil.com"),
         "3:1: 'base_url' in [source.api] has a character that cannot stand in "
         "a URL"},
        {"space", with_url("https://a b"),
         "3:1: 'base_url' in [source.api] has a character that cannot stand in "
         "a URL"},
        {"control character", with_url("https://a\\nb"),
         "3:1: 'base_url' in [source.api] must not have control characters"},
        {"placeholder of oauth2", with_url("https://${token.host}/a"),
         "3:1: 'base_url' in [source.api] cannot have the placeholder "
         "'${token.host}'; it belongs in base_url of a source with auth = "
         "\"oauth2\""},
        {"placeholder of requests", with_url("https://a/${from}"),
         "3:1: 'base_url' in [source.api] cannot have the placeholder "
         "'${from}'; it belongs in get, post, query, headers and body of a "
         "stream"},
    });
  }

  TEST_CASE("addresses of oauth2 that cannot be") {
    const auto with_token_url = [](const std::string& url) {
      return source_with(
          "auth = \"oauth2\"\nclient_id = \"me\"\n"
          "refresh_token = { env = \"A\" }\ntoken_url = \"" +
          url + "\"");
    };
    const auto with_base_url = [](const std::string& url) {
      auto text = source_with(oauth2);
      const std::string plain = "https://api.example.com";
      return text.replace(text.find(plain), plain.size(), url);
    };
    check_all({
        {"query", with_token_url("https://a/token?p=b"), ""},
        {"loopback", with_token_url("http://localhost:80/token"), ""},
        {"other machine", with_token_url("http://a/token"),
         "7:1: 'token_url' in [source.api] uses http:// to a, which others can "
         "read and change; use https:// or set allow_http = true"},
        {"fragment", with_token_url("https://a/token?p#b"),
         "7:1: 'token_url' in [source.api] must not have a fragment"},
        {"fragment alone", with_token_url("https://a/token#b"),
         "7:1: 'token_url' in [source.api] must not have a query or fragment"},
        {"space", with_token_url("https://a/token?p=a b"),
         "7:1: 'token_url' in [source.api] has a character that cannot stand "
         "in a URL"},
        {"user", with_token_url("https://a:b@c/"),
         "7:1: 'token_url' in [source.api] must not have a user name or "
         "password; use auth"},
        {"whole", with_base_url("${token.instance_url}"), ""},
        {"begin", with_base_url("${token.instance_url}/v1/"), ""},
        {"host", with_base_url("https://${token.host}:443/a"), ""},
        {"http", with_base_url("http://${token.host}/a"),
         "3:1: 'base_url' in [source.api] uses http:// to example, which "
         "others can read and change; use https:// or set allow_http = true"},
        {"query of base_url", with_base_url("${token.url}/a?b=c"),
         "3:1: 'base_url' in [source.api] must not have a query or fragment"},
        {"placeholder of requests", with_base_url("${token.url}/${from}"),
         "3:1: 'base_url' in [source.api] cannot have the placeholder "
         "'${from}'; it belongs in get, post, query, headers and body of a "
         "stream"},
        {"no name", with_base_url("${token.}/a"),
         "3:1: 'base_url' in [source.api] has an unknown placeholder; did you "
         "mean '${token}'?"},
        {"nothing known of auth",
         "database = \"a.db\"\n[source.a]\nauth = 5\nbase_url = "
         "\"${token.url}\"\n[stream.b]\nget = \"/\"\nkey = \"id\"\n",
         "3:1: 'auth' in [source.a] must be \"none\", \"bearer\", \"header\", "
         "\"query\", \"basic\", or \"oauth2\""},
    });
  }

  TEST_CASE("keys of another way to authorise") {
    const std::string token = "token = { env = \"TOKEN\" }\n";
    check_all({
        {"token without auth", source_with(token),
         "4:1: 'token' in [source.api] has no use with auth = \"none\""},
        {"user of bearer",
         source_with("auth = \"bearer\"\nuser = \"ada\"\n" + token),
         "5:1: 'user' in [source.api] has no use with auth = \"bearer\""},
        {"param of header",
         source_with("auth = \"header\"\nparam = \"a\"\n" + token),
         "5:1: 'param' in [source.api] has no use with auth = \"header\""},
        {"header of query",
         source_with("auth = \"query\"\nparam = \"a\"\nheader = \"B\"\n" +
                     token),
         "6:1: 'header' in [source.api] has no use with auth = \"query\""},
        {"prefix of basic",
         source_with("auth = \"basic\"\nuser = \"ada\"\nprefix = \"a\""),
         "6:1: 'prefix' in [source.api] has no use with auth = \"basic\""},
        {"token of oauth2", source_with(oauth2 + token),
         "8:1: 'token' in [source.api] has no use with auth = \"oauth2\""},
        {"token_url of none", source_with("token_url = \"https://a/\""),
         "4:1: 'token_url' in [source.api] has no use with auth = \"none\""},
        {"client_id of bearer",
         source_with("auth = \"bearer\"\nclient_id = \"a\"\n" + token),
         "5:1: 'client_id' in [source.api] has no use with auth = "
         "\"bearer\""},
        {"client_secret of none",
         source_with("client_secret = { env = \"A\" }"),
         "4:1: 'client_secret' in [source.api] has no use with auth = "
         "\"none\""},
        {"refresh_token of none",
         source_with("refresh_token = { env = \"A\" }"),
         "4:1: 'refresh_token' in [source.api] has no use with auth = "
         "\"none\""},
        {"scope of none", source_with("scope = \"a\""),
         "4:1: 'scope' in [source.api] has no use with auth = \"none\""},
        {"colon in user", source_with("auth = \"basic\"\nuser = \"a:b\""),
         "5:1: 'user' in [source.api] must not have a colon"},
        {"empty user", source_with("auth = \"basic\"\nuser = \"\""),
         "5:1: 'user' in [source.api] must not be empty"},
    });
  }

  TEST_CASE("headers that would not be one header") {
    check_all({
        {"name", small_config("headers = { \"A B\" = \"c\" }\n"),
         "7:13: 'A B' in [stream.tickets.headers] is not the name of a header"},
        {"no name", small_config("headers = { \"\" = \"c\" }\n"),
         "7:13: '' in [stream.tickets.headers] is not the name of a header"},
        {"line end in a name",
         small_config("headers = { \"A\\nB\" = \"c\" }\n"),
         "7:13: 'A\\x0AB' in [stream.tickets.headers] is not the name of a "
         "header"},
        {"line end in a value",
         small_config("headers = { A = \"b\\r\\nC: d\" }\n"),
         "7:13: 'A' in [stream.tickets.headers] must not have control "
         "characters"},
        {"twice",
         small_config("headers = { Accept = \"a\", accept = \"b\" }\n"),
         "7:27: 'accept' in [stream.tickets.headers] is there twice: case does "
         "not count"},
        {"of the source", source_with("headers = { A = \"b\\u0000\" }"),
         "4:13: 'A' in [source.api.headers] must not have control characters"},
        {"placeholder of the source",
         source_with("headers = { A = \"${from}\" }"),
         "4:13: 'A' in [source.api.headers] cannot have the placeholder "
         "'${from}'; it belongs in get, post, query, headers and body of a "
         "stream"},
        {"name of auth",
         source_with("auth = \"bearer\"\nheader = \"A:\"\n"
                     "token = { env = \"TOKEN\" }"),
         "5:1: 'header' in [source.api] must be the name of a header"},
        {"prefix of auth",
         source_with("auth = \"bearer\"\nprefix = \"a\\nb\"\n"
                     "token = { env = \"TOKEN\" }"),
         "5:1: 'prefix' in [source.api] must not have control characters"},
    });
  }

  TEST_CASE("paths of requests that cannot be appended") {
    check_all({
        {"no slash", with_get("tickets"),
         "5:1: 'get' in [stream.b] must begin with /, because it is appended "
         "to base_url"},
        {"fragment", with_get("/a#b"),
         "5:1: 'get' in [stream.b] must not have a fragment"},
        {"control character", with_get("/a\\tb"),
         "5:1: 'get' in [stream.b] must not have control characters"},
    });
  }

  TEST_CASE("pages without exactly one kind") {
    check_all({
        {"none", with_page("size = 50"),
         "7:8: [stream.tickets.page] must have one of next, link, token, "
         "header, after, offset and number"},
        {"two", with_page("next = \"a\", link = \"next\""),
         "7:22: 'link' in [stream.tickets.page] is a second kind besides "
         "'next'; a page has one"},
        {"misspelt", with_page("nxt = \"a\""),
         "7:10: unknown key 'nxt' in [stream.tickets.page]; did you mean "
         "'next'?"},
        {"param without token", with_page("next = \"a\", param = \"b\""),
         "7:22: 'param' in [stream.tickets.page] has no use with 'next'"},
        {"first without number", with_page("offset = \"a\", first = 0"),
         "7:24: 'first' in [stream.tickets.page] has no use with 'offset'"},
        {"first", with_page("number = \"a\", first = -1"),
         "7:24: 'first' in [stream.tickets.page] must not be negative"},
        {"size", with_page("number = \"a\", size = 0"),
         "7:24: 'size' in [stream.tickets.page] must be at least 1"},
        {"the whole answer as URL", with_page("next = \"\""),
         "7:10: 'next' in [stream.tickets.page] must name a member"},
        {"the whole answer as total", with_page("number = \"a\", total = \"\""),
         "7:24: 'total' in [stream.tickets.page] must name a member"},
        {"no parameter", with_page("number = \"\""),
         "7:10: 'number' in [stream.tickets.page] must not be empty"},
        {"placeholder", with_page("next = \"${from}\""),
         "7:10: 'next' in [stream.tickets.page] cannot have the placeholder "
         "'${from}'; it belongs in get, post, query, headers and body of a "
         "stream"},
    });
  }

  TEST_CASE("offsets through a list that moves") {
    const auto text = [](const std::string& page, const std::string& cursor) {
      return small_config("query = { a = \"${from}\" }\npage = { " + page +
                          " }\ncursor = { field = \"at\"" + cursor + " }\n");
    };
    for (const std::string kind : {"offset", "number"}) {
      CAPTURE(kind);
      const auto page = kind + " = \"p\"";
      const auto expected = "8:1: 'page' in [stream.tickets] pages by " + kind +
                            " through a list that moves as records change, "
                            "which loses records";
      CHECK(faults(text(page, "")) == expected);
      CHECK(faults(text(page, ", order = \"ascending\"")) == expected);
      CHECK(faults(text(page, ", order = \"descending\"")) == "");
      CHECK(faults(text(page, ", immutable = true")) == "");
      CHECK(faults(small_config("page = { " + page + " }\n")) == "");
    }
    CHECK(faults(text("link = \"next\"", ", exclusive = true")) == "");
  }

  TEST_CASE("cursors whose parts do not fit") {
    const std::string integers = "field = \"a\", format = \"integer\", ";
    check_all({
        {"whole record", with_cursor("field = \"\""),
         "8:12: 'field' in [stream.tickets.cursor] must name a member"},
        {"integer start of times", with_cursor("field = \"a\", start = 5"),
         "8:25: 'start' in [stream.tickets.cursor] must be an instant such as "
         "\"2024-01-01\"; integers go with format = \"integer\""},
        {"instant start of integers",
         with_cursor(integers + "start = \"2024-01-01\""),
         "8:45: 'start' in [stream.tickets.cursor] must be an integer with "
         "format = \"integer\""},
        {"no instant", with_cursor("field = \"a\", start = \"yesterday\""),
         "8:25: 'start' in [stream.tickets.cursor] must be an instant such as "
         "\"2024-01-01\" or \"2024-01-01T08:00:00Z\""},
        {"no such day", with_cursor("field = \"a\", start = \"2023-02-29\""),
         "8:25: 'start' in [stream.tickets.cursor] must be an instant such as "
         "\"2024-01-01\" or \"2024-01-01T08:00:00Z\""},
        {"local text",
         with_cursor("field = \"a\", start = \"2024-01-01T08:00:00\""),
         "8:25: 'start' in [stream.tickets.cursor] must have an offset, such "
         "as Z or +01:00, or the cursor a zone"},
        {"local date-time",
         with_cursor("field = \"a\", start = 2024-01-01T08:00:00"),
         "8:25: 'start' in [stream.tickets.cursor] must have an offset, such "
         "as Z or +01:00, or the cursor a zone"},
        {"time of day", with_cursor("field = \"a\", start = 08:00:00"),
         "8:25: 'start' in [stream.tickets.cursor] must be an instant such as "
         "\"2024-01-01\" or an integer"},
        {"negative overlap", with_cursor("field = \"a\", overlap = \"-5m\""),
         "8:25: 'overlap' in [stream.tickets.cursor] must not be negative"},
        {"negative overlap of integers", with_cursor(integers + "overlap = -5"),
         "8:45: 'overlap' in [stream.tickets.cursor] must not be negative"},
        {"integer overlap of times", with_cursor("field = \"a\", overlap = 5"),
         "8:25: 'overlap' in [stream.tickets.cursor] must be a duration such "
         "as \"5m\"; integers go with format = \"integer\""},
        {"duration overlap of integers",
         with_cursor(integers + "overlap = \"5m\""),
         "8:45: 'overlap' in [stream.tickets.cursor] must be an integer with "
         "format = \"integer\""},
        {"zone of integers", with_cursor(integers + "zone = \"UTC\""),
         "8:45: 'zone' in [stream.tickets.cursor] has no use with format = "
         "\"integer\""},
        {"zone", with_cursor("field = \"a\", zone = \"+1\""),
         "8:25: 'zone' in [stream.tickets.cursor] must be \"UTC\", an offset "
         "such as \"+01:00\" or the name of a time zone such as "
         "\"Europe/Berlin\""},
        {"zone of 25 hours", with_cursor("field = \"a\", zone = \"+25:00\""),
         "8:25: 'zone' in [stream.tickets.cursor] must be \"UTC\", an offset "
         "such as \"+01:00\" or the name of a time zone such as "
         "\"Europe/Berlin\""},
        {"zone of 61 minutes", with_cursor("field = \"a\", zone = \"-01:61\""),
         "8:25: 'zone' in [stream.tickets.cursor] must be \"UTC\", an offset "
         "such as \"+01:00\" or the name of a time zone such as "
         "\"Europe/Berlin\""},
        {"format", with_cursor("field = \"a\", format = \"rfc3339ms\""),
         "8:25: 'format' in [stream.tickets.cursor] must be \"rfc3339\", "
         "\"rfc3339_ms\", \"rfc3339_us\", \"epoch_s\", \"epoch_ms\", "
         "\"datetime\", \"date\", or \"integer\"; did you mean "
         "\"rfc3339_ms\"?"},
    });
  }

  TEST_CASE("a lower bound that nothing fills") {
    const std::string cursor = "cursor = { field = \"at\" }\n";
    check_all({
        {"in the path without a cursor", with_get("/a/${from}"),
         "5:1: 'get' in [stream.b] has the placeholder '${from}', but the "
         "stream has no cursor"},
        {"in the query without a cursor",
         small_config("query = { a = \"b\", c = [\"d\", \"${from}\"] }\n"),
         "7:20: 'c' in [stream.tickets.query] has the placeholder '${from}', "
         "but the stream has no cursor"},
        {"in a header without a cursor",
         small_config("headers = { A = \"b\", C = \"${from}\" }\n"),
         "7:22: 'C' in [stream.tickets.headers] has the placeholder "
         "'${from}', but the stream has no cursor"},
        {"in the path without a start", with_get("/a/${from}") + cursor,
         "5:1: 'get' in [stream.b] has the placeholder '${from}', which the "
         "first run cannot fill without start in the cursor"},
        {"in the path with a start",
         with_get("/a/${from}") +
             "cursor = { field = \"at\", start = 2024-01-01 }\n",
         ""},
    });
  }

  TEST_CASE("names of streams and sources that cannot be") {
    check_all({
        {"ours", named("pipeline_x"),
         "4:9: stream 'pipeline_x' must not begin with pipeline_: such tables "
         "are Strandline's own"},
        {"SQLite's, in capitals", named("SQLite_x"),
         "4:9: stream 'SQLite_x' must not begin with sqlite_: such tables are "
         "SQLite's"},
        {"digit first", named("2fa"),
         "4:9: '2fa' cannot be the name of a stream: it must be a letter and "
         "then letters, digits and underscores"},
        {"underscore first", named("_a"),
         "4:9: '_a' cannot be the name of a stream: it must be a letter and "
         "then letters, digits and underscores"},
        {"hyphen", named("a-b"),
         "4:9: 'a-b' cannot be the name of a stream: it must be a letter and "
         "then letters, digits and underscores"},
        {"source", with_url("https://a").replace(18, 12, "[source.a-b]"),
         "2:9: 'a-b' cannot be the name of a source: it must be a letter and "
         "then letters, digits and underscores"},
        {"only in case",
         small_config("[stream.Tickets]\nget = \"/\"\nkey = \"id\"\n"),
         "7:9: streams 'tickets' and 'Tickets' differ only in case, and so "
         "would their tables"},
        {"unknown source", small_config("source = \"apis\"\n"),
         "7:1: 'source' in [stream.tickets] is 'apis', which the file does not "
         "have; did you mean 'api'?"},
        {"quite unknown source", small_config("source = \"shop\"\n"),
         "7:1: 'source' in [stream.tickets] is 'shop', which the file does not "
         "have"},
    });
  }

  TEST_CASE("columns that cannot stand in one table") {
    check_all({
        {"twice", small_config("columns = [\"a/b\", \"a_b\"]\n"),
         "7:19: two columns in [stream.tickets] are called 'a_b'"},
        {"only in case", small_config("columns = { a = \"x\", A = \"y\" }\n"),
         "7:22: columns 'a' and 'A' in [stream.tickets.columns] differ only in "
         "case, which SQLite does not tell apart"},
        {"key in another case", small_config("columns = [\"ID\"]\n"),
         "7:12: columns 'id' and 'ID' in [stream.tickets] differ only in case, "
         "which SQLite does not tell apart"},
        {"key from elsewhere",
         with_key("\"/id\"", "fields = \"f\"\ncolumns = [\"id\"]\n"),
         "8:12: two columns in [stream.b] are called 'id'"},
        {"key twice", with_key("[\"id\", \"id\"]"),
         "6:14: two columns in [stream.b] are called 'id'"},
        {"no key", with_key("[]"),
         "6:1: 'key' in [stream.b] must have at least one path"},
        {"the whole as key", with_key("\"\""),
         "6:1: 'key' in [stream.b] must name a member of the record"},
        {"ours", small_config("columns = { _synced_at = \"a\" }\n"),
         "7:13: column '_synced_at' in [stream.tickets.columns] begins with an "
         "underscore, as only Strandline's own columns do"},
        {"ours as key", with_key("\"_id\""),
         "6:7: column '_id' in [stream.b] begins with an underscore, as only "
         "Strandline's own columns do"},
        {"no name", small_config("columns = { \"\" = \"a\" }\n"),
         "7:13: a column in [stream.tickets.columns] has no name"},
        {"no name in a list", small_config("columns = [\"\"]\n"),
         "7:12: a column in [stream.tickets] has no name"},
        {"control character", small_config("columns = { \"a\\nb\" = \"c\" }\n"),
         "7:13: 'a\\x0Ab' in [stream.tickets.columns] must not have control "
         "characters"},
        {"star", small_config("columns = { \"*\" = \"a\" }\n"),
         "7:13: '*' in [stream.tickets.columns] must be \"*\""},
        {"placeholder of parents",
         small_config("columns = { a = \"${parent.id}\" }\n"),
         "4:1: [stream.tickets] has ${parent} and no parent"},
        {"a declared key has its own name",
         with_key("\"id\"", "columns = { id = \"_id\" }\n"), ""},
    });
  }

  TEST_CASE("a column with our underscore is told what to write instead") {
    const auto problems = problems_of(with_key("\"_id\""));
    REQUIRE(problems.size() == 1);
    CHECK(note(problems[0].notes, "try") ==
          "name it in columns: { NAME = \"_id\" }");
  }

  TEST_CASE("a key below the heading of a sub-table is told to move") {
    const auto tried = [](const std::string& text) {
      const auto problems = problems_of(text);
      REQUIRE_FALSE(problems.empty());
      return note(problems.back().notes, "try");
    };
    CHECK(tried(small_config("[stream.tickets.page]\nlink = \"next\"\n"
                             "columns = [\"a\"]\n")) ==
          "move 'columns' above the heading [stream.tickets.page] on line 7: "
          "what follows that belongs to it");
    CHECK(tried(source_with("journal = \"wal\"")) ==
          "move 'journal' above the heading [source.api] on line 2: what "
          "follows that belongs to it");
    CHECK(
        tried("database = \"a.db\"\n[source.a]\nbase_url = \"https://a\"\n"
              "[stream.b]\nget = \"/\"\n[stream.b.columns]\na = \"a\"\n"
              "key = \"id\"\n") ==
        "move 'key' on line 8 above the heading [stream.b.columns] on line 6: "
        "what follows that belongs to it");
    CHECK(tried(small_config("page = { link = \"a\", columns = 5 }\n")) == "");
  }
}

TEST_SUITE("refused as TOML") {
  TEST_CASE("syntax errors are told in plain words") {
    const std::string quotes =
        "this is not a value; a text needs quotes, as in KEY = \"…\"";
    const std::pair<std::string, std::string> cases[] = {
        {"get = /tickets\n", "2:7: " + quotes},
        {"get = tickets\n", "2:8: " + quotes},
        {"get = fasle\n", "2:9: " + quotes},
        {"every = 5m\n", "2:10: " + quotes},
        {"get =\n", "2:6: " + quotes},
        {"start = 2024-13-01\n",
         "2:16: this is not a date or time; a text needs quotes"},
        {"get = \"abc\nkey = 1\n",
         "2:11: a text is not closed: the quote at its end is missing"},
        {"get = \"a\\d\"\n",
         "2:10: a text has a character or escape that TOML does not allow; in "
         "single quotes a backslash is only that"},
        {"get = \"\"\"a\n", "2:12: the file ends in the middle of a value"},
        {"get \"/\"\n", "2:5: there is no = between key and value"},
        {"get = \"/\" 5\n", "2:11: there is something behind the value"},
        {"a = 1\nget = \"/\"\nget = \"/\"\n", "4:7: 'get' is there twice"},
        {"page = { a = 1,\n b = 2 }\n",
         "2:16: a table in braces must stand on one line; a longer one has a "
         "heading, such as [stream.NAME.page]"},
        {"page = { a = 1 b = 2 }\n",
         "2:16: a table in braces has commas between its keys and a } at its "
         "end"},
        {"key = [1, 2\na = 3\n",
         "3:1: a list has commas between its values and a ] at its end"},
        {"[stream.b\n",
         "2:10: a heading is a name in brackets, such as [stream.NAME]"},
        {"[stream.a]\n", "2:1: 'stream.a' is there twice"},
        {"= 5\n", "2:1: this is neither a key nor a heading"},
    };
    for (const auto& one : cases) {
      const auto& text = one.first;
      const auto& expected = one.second;
      CAPTURE(text);
      CHECK(faults("[stream.a]\n" + text) == expected);
    }
  }

  TEST_CASE("the line of a syntax error is shown") {
    const auto problems = problems_of("[stream.a]\nget = /tickets\n");
    REQUIRE(problems.size() == 1);
    CHECK(note(problems[0].notes, "line") ==
          "    2 | get = /tickets\n"
          "      |       ^");
  }

  TEST_CASE("bytes that are not UTF-8 are refused and not shown") {
    const auto problems = problems_of("[stream.a]\nget = \"\xFF\"\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].message == "the file is not UTF-8");
    CHECK(problems[0].notes.empty());
  }
}

TEST_CASE("a whole reading that could not tell what is missing is refused") {
  const std::string every = "full_every = \"7d\"\n";
  const std::string bounded =
      "query = { a = \"${from}\", b = \"${until}\" }\n"
      "cursor = { field = \"at\", start = \"2024-01-01\" }\n";
  const std::string open =
      "query = { a = \"${from}\" }\ncursor = { field = \"at\" }\n";
  const std::string refused =
      "7:1: 'full_every' in [stream.tickets] looks for rows that are missing, "
      "and a list that is asked for up to ${until} does not tell: a record "
      "that changes while it is read is beyond it, and would be taken for "
      "deleted";
  CHECK(faults(small_config(every + bounded)) == refused);
  CHECK(faults(small_config(every + open + "[stream.tickets.also]\n" +
                            "get = \"/more\"\n" + bounded)) == refused);
  CHECK(faults(small_config(every + open)).empty());
  CHECK(
      faults(small_config(every + "deleted = { missing = false }\n" + open)) ==
      "7:1: 'full_every' in [stream.tickets] looks for rows that are "
      "missing, and missing is false");
  CHECK(faults(small_config(every)) ==
        "7:1: 'full_every' in [stream.tickets] goes with a cursor: without "
        "one every run reads everything");
}
