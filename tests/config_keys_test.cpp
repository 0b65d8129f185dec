// SPDX-License-Identifier: MIT
#include "config/keys.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "config_file.hpp"

using namespace strandline;
using config::KeyRule;
using config::Kind;
using config::Kinds;
using config::Section;
using config::Support;
using test::faults;
using test::small_config;

namespace {

std::string name_of(const KeyRule& rule) {
  return std::string(config::heading(rule.section)) + " " +
         (rule.name == config::any_name ? "NAME" : std::string(rule.name));
}

// What only a connector's file has: config_connector_test.cpp.
const std::set<Section> of_connectors = {Section::connector, Section::options,
                                         Section::option};

// The same with a post in the place of the get.
std::string with_post(std::string text) {
  return text.replace(text.find("get = "), 3, "post");
}

// A configuration in which `line` stands in `section`, and nothing that the
// line needs beside it is missing. Empty where a section is not supported yet.
std::string config_with(Section section, const std::string& line) {
  switch (section) {
    case Section::top:
      return line + "\n" + small_config("");
    case Section::source:
      return small_config("", line + "\n");
    case Section::secret:
      return small_config("", "auth = \"bearer\"\ntoken = { " + line + " }\n");
    case Section::stream:
      return line.starts_with("body") ? with_post(small_config(line + "\n"))
                                      : small_config(line + "\n");
    case Section::query:
      return small_config("query = { " + line + " }\n");
    case Section::headers:
      return small_config("headers = { " + line + " }\n");
    case Section::body:
      return with_post(small_config("body = { " + line + " }\n"));
    case Section::cursor:
      return small_config("query = { since = \"${from}\"" +
                          std::string(line.find("step") == std::string::npos
                                          ? ""
                                          : ", till = \"${until}\"") +
                          " }\n[stream.tickets.cursor]\n" + line + "\n");
    case Section::page:
      return small_config(
          "query = { since = \"${from}\" }\n"
          "cursor = { field = \"at\", order = \"ascending\", "
          "immutable = true }\npage = { " +
          line + " }\n");
    case Section::columns:
      return small_config("columns = { " + line + " }\n");
    case Section::column:
      return small_config("columns = { a = { " + line + " } }\n");
    case Section::hash: {
      auto text = small_config("");
      return text.replace(text.find("\"id\""), 4, "{ " + line + " }");
    }
    case Section::deleted:
      return small_config("deleted = { " + line + " }\n");
    case Section::also:
      return small_config(
          "[stream.tickets.also]\n" +
          std::string(line.starts_with("get") || line.starts_with("post") ? ""
                      : line.starts_with("body") ? "post = \"/more\"\n"
                                                 : "get = \"/more\"\n") +
          line + "\n");
    default:
      return {};
  }
}

const std::string token = "token = { env = \"TOKEN\" }";
const std::string oauth2 =
    "auth = \"oauth2\"\ntoken_url = \"https://a/token\"\nclient_id = \"me\"\n"
    "client_secret = { env = \"SECRET\" }";

// A use of every key that is supported; those that small_config has are left
// out.
const std::map<std::pair<Section, std::string>, std::string> uses = {
    {{Section::top, "journal"}, "journal = \"rollback\""},
    {{Section::top, "parallel"}, "parallel = 4"},
    {{Section::top, "keep_runs"}, "keep_runs = \"30d\""},
    {{Section::source, "allow_http"}, "allow_http = true"},
    {{Section::source, "auth"}, "auth = \"none\""},
    {{Section::source, "token"}, "auth = \"bearer\"\n" + token},
    {{Section::source, "user"}, "auth = \"basic\"\nuser = \"ada\""},
    {{Section::source, "header"},
     "auth = \"header\"\nheader = \"X-Key\"\n" + token},
    {{Section::source, "prefix"},
     "auth = \"bearer\"\nprefix = \"Token \"\n" + token},
    {{Section::source, "param"}, "auth = \"query\"\nparam = \"key\"\n" + token},
    {{Section::source, "error"}, "error = \"errors\""},
    {{Section::source, "token_url"}, oauth2},
    {{Section::source, "client_id"}, oauth2},
    {{Section::source, "client_secret"}, oauth2},
    {{Section::source, "refresh_token"},
     oauth2 + "\nrefresh_token = { file = \"refresh\" }"},
    {{Section::source, "scope"}, oauth2 + "\nscope = \"read offline\""},
    {{Section::source, "headers"}, "headers = { Accept = \"text/json\" }"},
    {{Section::source, "rate"}, "rate = \"5/s\""},
    {{Section::source, "timeout"}, "timeout = \"5s\""},
    {{Section::source, "max_body"}, "max_body = \"1KiB\""},
    {{Section::source, "proxy"}, "proxy = \"http://proxy.example:3128\""},
    {{Section::source, "ca"}, "ca = \"ca.pem\""},
    {{Section::source, "origins"}, "origins = [\"https://b.example\"]"},
    {{Section::secret, "env"}, "env = \"TOKEN\""},
    {{Section::secret, "file"}, "file = \"token\""},
    {{Section::secret, "credential"}, "credential = \"token\""},
    {{Section::secret, "command"}, "command = [\"pass\", \"show\", \"a\"]"},
    {{Section::stream, "source"}, "source = \"api\""},
    {{Section::stream, "body"}, "body = { a = 1 }"},
    {{Section::stream, "like"},
     "[stream.others]\nlike = \"tickets\"\nget = \"/others\""},
    {{Section::stream, "query"}, "query = {}"},
    {{Section::stream, "headers"}, "headers = {}"},
    {{Section::stream, "records"}, "records = \"data\""},
    {{Section::stream, "fields"}, "fields = \"properties\""},
    {{Section::stream, "cursor"},
     "cursor = { field = \"at\" }\nquery = { a = \"${from}\" }"},
    {{Section::stream, "page"}, "page = { link = \"next\" }"},
    {{Section::stream, "columns"}, "columns = [\"*\"]"},
    {{Section::stream, "raw"}, "raw = true"},
    {{Section::stream, "version"}, "version = \"/revision\""},
    {{Section::stream, "rate"}, "rate = \"10/m\""},
    {{Section::stream, "max_rejects"}, "max_rejects = \"5%\""},
    {{Section::stream, "new_fields"}, "new_fields = \"ignore\""},
    {{Section::stream, "volatile"}, "volatile = [\"views\"]"},
    {{Section::stream, "expect_every"}, "expect_every = \"1h\""},
    {{Section::stream, "state_version"}, "state_version = 2"},
    {{Section::source, "connector"},
     "connector = \"attio\"\ntoken = { env = \"T\" }"},
    {{Section::query, ""}, "a = [1, \"b\"]"},
    {{Section::body, ""}, "a = [1, { b = [] }]"},
    {{Section::headers, ""}, "Accept = \"text/json\""},
    {{Section::cursor, "field"}, "field = \"at\""},
    {{Section::cursor, "order"}, "field = \"at\"\norder = \"ascending\""},
    {{Section::cursor, "start"}, "field = \"at\"\nstart = 2024-01-01"},
    {{Section::cursor, "overlap"}, "field = \"at\"\noverlap = \"1h\""},
    {{Section::cursor, "format"}, "field = \"at\"\nformat = \"epoch_s\""},
    {{Section::cursor, "zone"}, "field = \"at\"\nzone = \"+01:00\""},
    {{Section::cursor, "exclusive"}, "field = \"at\"\nexclusive = true"},
    {{Section::cursor, "immutable"}, "field = \"at\"\nimmutable = true"},
    {{Section::cursor, "token"}, "token = \"delta\"\nparam = \"since\""},
    {{Section::cursor, "next"}, "next = \"delta\""},
    {{Section::cursor, "param"}, "token = \"delta\"\nparam = \"since\""},
    {{Section::cursor, "step"},
     "field = \"at\"\nstart = 2024-01-01\nstep = \"1d\""},
    {{Section::cursor, "retention"}, "field = \"at\"\nretention = \"30d\""},
    {{Section::page, "next"}, "next = \"next\""},
    {{Section::page, "keyset"}, "link = \"next\", keyset = true"},
    {{Section::page, "after"}, "after = \"id\", param = \"after\""},
    {{Section::page, "link"}, "link = \"next\""},
    {{Section::page, "token"}, "token = \"next\", param = \"after\""},
    {{Section::page, "header"}, "header = \"X-Next\", param = \"page\""},
    {{Section::page, "offset"}, "offset = \"skip\""},
    {{Section::page, "number"}, "number = \"page\""},
    {{Section::page, "param"}, "token = \"next\", param = \"after\""},
    {{Section::page, "first"}, "number = \"page\", first = 0"},
    {{Section::page, "more"}, "number = \"page\", more = \"more\""},
    {{Section::page, "end"}, "number = \"page\", end = \"last\""},
    {{Section::page, "total"}, "number = \"page\", total = \"count\""},
    {{Section::page, "size"}, "number = \"page\", size = 100"},
    {{Section::columns, ""}, "a = \"a/b\""},
    {{Section::column, "path"}, "path = \"a/b\""},
    {{Section::column, "type"}, "type = \"text\""},
    {{Section::stream, "parent"},
     "[stream.notes]\nparent = \"tickets\"\nget = \"/notes\"\nkey = \"id\""},
    {{Section::stream, "deleted"}, "deleted = { when = \"gone\" }"},
    {{Section::stream, "also"}, "also = { get = \"/more\" }"},
    {{Section::stream, "every"}, "every = \"1h\""},
    {{Section::stream, "full_every"},
     "full_every = \"7d\"\ncursor = { field = \"at\" }\n"
     "query = { a = \"${from}\" }"},
    {{Section::deleted, "when"}, "when = \"gone\""},
    {{Section::deleted, "is"}, "when = \"state\", is = [\"gone\", 7, true]"},
    {{Section::deleted, "key"}, "when = \"gone\", key = \"object/id\""},
    {{Section::deleted, "mode"}, "mode = \"remove\""},
    {{Section::deleted, "missing"}, "missing = false"},
    {{Section::deleted, "limit"}, "limit = \"5%\""},
    {{Section::also, "get"}, "get = \"/more\""},
    {{Section::also, "post"}, "post = \"/more\""},
    {{Section::also, "query"}, "query = { a = 1 }"},
    {{Section::also, "headers"}, "headers = { Accept = \"text/json\" }"},
    {{Section::also, "body"}, "body = { a = 1 }"},
    {{Section::also, "page"}, "page = { link = \"next\" }"},
    {{Section::also, "cursor"},
     "cursor = { field = \"at\" }\nquery = { a = \"${from}\" }"},
    {{Section::also, "deleted"}, "deleted = { when = \"gone\" }"},
    {{Section::also, "every"}, "every = \"1h\""},
    {{Section::also, "rate"}, "rate = \"5/s\""},
    {{Section::also, "records"}, "records = \"data\""},
    {{Section::also, "fields"}, "fields = \"properties\""},
    {{Section::also, "key"}, "key = \"object\""},
    {{Section::hash, "hash"}, "hash = [\"a\", \"b/c\"]"},
    {{Section::column, "format"}, "type = \"timestamp\", format = \"epoch_s\""},
    {{Section::column, "zone"}, "type = \"date\", zone = \"+01:00\""},
};

// Already in every configuration of config_with.
bool is_always_there(const KeyRule& rule) {
  static const std::set<std::pair<Section, std::string>> keys = {
      {Section::top, "database"}, {Section::top, "source"},
      {Section::top, "stream"},   {Section::sources, ""},
      {Section::streams, ""},     {Section::source, "base_url"},
      {Section::stream, "get"},   {Section::stream, "key"},
      {Section::stream, "post"},
  };
  return keys.contains({rule.section, std::string(rule.name)});
}

// A value of the first kind that TOML can write.
std::string sample(const KeyRule& rule) {
  const std::pair<Kind, const char*> samples[] = {
      {Kind::word, nullptr},          {Kind::text, "\"a\""},
      {Kind::name, "\"a\""},          {Kind::path, "\"a\""},
      {Kind::file, "\"a\""},          {Kind::duration, "\"1h\""},
      {Kind::rate, "\"1/s\""},        {Kind::percentage, "\"5%\""},
      {Kind::boolean, "true"},        {Kind::integer, "5"},
      {Kind::texts, "[\"a\"]"},       {Kind::secret, "{ env = \"A\" }"},
      {Kind::table, "{ a = \"b\" }"}, {Kind::zone, "\"UTC\""},
  };
  for (const auto& [kind, text] : samples) {
    if (rule.values.kinds.has(kind)) {
      return text == nullptr
                 ? "\"" + std::string(rule.values.words.front().text) + "\""
                 : text;
    }
  }
  return {};
}

}  // namespace

TEST_SUITE("key table") {
  TEST_CASE("every supported key is accepted in a configuration") {
    for (const auto& rule : config::key_rules()) {
      if (rule.support == Support::later || is_always_there(rule) ||
          of_connectors.contains(rule.section)) {
        continue;
      }
      CAPTURE(name_of(rule));
      const auto use = uses.find({rule.section, std::string(rule.name)});
      REQUIRE(use != uses.end());
      CHECK(faults(config_with(rule.section, use->second)) == "");
    }
    CHECK(faults(small_config("")) == "");
  }

  TEST_CASE("every key of later work is refused as not supported yet") {
    for (const auto& rule : config::key_rules()) {
      if (rule.support == Support::now || rule.name == config::any_name) {
        continue;
      }
      const std::string name(rule.name);
      CAPTURE(name_of(rule));
      const auto said =
          faults(config_with(rule.section, name + " = " + sample(rule)));
      CHECK(said.find("'" + name + "' ") != std::string::npos);
      CHECK(said.find("is not supported yet") != std::string::npos);
      CHECK(said.find("unknown") == std::string::npos);
      CHECK(said.find("must be") == std::string::npos);
    }
  }

  TEST_CASE("no key is listed twice, and each has a meaning and a kind") {
    std::set<std::pair<Section, std::string_view>> seen;
    for (const auto& rule : config::key_rules()) {
      CAPTURE(name_of(rule));
      CHECK(seen.emplace(rule.section, rule.name).second);
      CHECK_FALSE(rule.meaning.empty());
      CHECK_FALSE(rule.default_text.empty());
      CHECK_FALSE(rule.meaning.ends_with('.'));
      CHECK_FALSE(rule.values.kinds.empty());
      CHECK(rule.values.kinds.has(Kind::word) == !rule.values.words.empty());
    }
  }

  TEST_CASE("every kind has a name for messages and a bit of its own") {
    Kinds seen;
    for (const auto kind : config::all_kinds()) {
      CHECK_FALSE(config::description(kind).empty());
      CHECK_FALSE(seen.has(kind));
      seen = seen | kind;
    }
    CHECK(config::all_kinds().back() == Kind::table);
    CHECK(config::all_kinds().size() == 24);
  }

  TEST_CASE("placeholders are supported, of later work, or unknown") {
    struct Case {
      std::string text;
      std::string expected;
    };
    const Case cases[] = {
        {"${token.url}",
         "cannot have the placeholder '${token.url}'; it belongs in base_url "
         "of "
         "a source with auth = \"oauth2\""},
        {"${token}",
         "has an unknown placeholder '${token}'; did you mean "
         "'${token}'?"},
        {"${from.a}",
         "has an unknown placeholder '${from.a}'; did you mean "
         "'${from}'?"},
        {"${form}",
         "has an unknown placeholder '${form}'; did you mean '${from}'?"},
        {"${}", "has an unknown placeholder '${}'"},
        {"${whatever}", "has an unknown placeholder '${whatever}'"},
        {"${from",
         "cannot be read: a placeholder is not closed: `${` needs a "
         "`}`, and `$${` writes a literal `${`"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(faults(small_config("query = { a = \"" + c.text + "\" }\n")) ==
            "7:11: 'a' in [stream.tickets.query] " + c.expected);
    }
  }

  TEST_CASE("a user's file has no options of its own") {
    CHECK(faults(small_config("query = { a = \"${object}\" }\n"
                              "[option.object]\n")) ==
          "7:11: 'a' in [stream.tickets.query] has an unknown placeholder "
          "'${object}'\n"
          "8:2: unknown key 'option' at the top level; valid at the top level "
          "of a connector");
  }

  TEST_CASE("rules and placeholders are found by name") {
    REQUIRE(config::find_rule(Section::page, "token") != nullptr);
    CHECK(config::find_rule(Section::page, "token")->section == Section::page);
    CHECK(config::find_rule(Section::page, "tokens") == nullptr);
    REQUIRE(config::find_rule(Section::query, "anything") != nullptr);
    CHECK(config::find_rule(Section::query, "anything")->name ==
          config::any_name);
    CHECK(
        config::names_in(Section::secret) ==
        std::vector<std::string_view>{"env", "file", "credential", "command"});
    CHECK(config::names_in(Section::query).empty());
    CHECK(config::sections_with("param") ==
          std::vector{Section::source, Section::cursor, Section::page});
    CHECK(config::sections_with("").empty());
    CHECK(config::find_placeholder("from") != nullptr);
    CHECK(config::find_placeholder("token") == nullptr);
  }
}
