// SPDX-License-Identifier: MIT
//
// Sources and streams that lie over a connector's, and its options.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "config/connector_file.hpp"
#include "config_file.hpp"
#include "model/checkpoint.hpp"
#include "temp_dir.hpp"

using namespace strandline;
using test::faults;
using test::load_text;
using test::problems_of;

namespace {

// The user's folder, with connectors of their own, while it lives.
class OwnConnectors {
 public:
  OwnConnectors() {
    std::filesystem::create_directories(dir_.path() / "strandline/connectors");
    setenv("XDG_CONFIG_HOME", dir_.path().c_str(), 1);
  }
  ~OwnConnectors() { unsetenv("XDG_CONFIG_HOME"); }
  OwnConnectors(const OwnConnectors&) = delete;
  OwnConnectors& operator=(const OwnConnectors&) = delete;

  std::filesystem::path add(const std::string& name,
                            const std::string& text) const {
    return dir_.write("strandline/connectors/" + name + ".toml", text);
  }

 private:
  test::TempDir dir_;
};

// A shop whose things are all asked for in the same way.
const std::string shop = R"(title = "The shop"

[source]
base_url = "https://${tenant}.example.com/v${api_version}"
auth = "header"
header = "X-Key"
headers = { X-Tenant = "${tenant}" }

[option.tenant]
help = "acme, of acme.example.com"

[option.api_version]
default = "3"

[option.object]
help = "what is sold"

[option.modified]
default = "updated"

[option.tags]
default = ["a b", "c"]

[stream.things]
get = "/lists/${object}"
query = { since = "${from}", sort = "${modified}", tag = ["${tags}"], tags = "${tags}", fields = "${columns}" }
records = "${object}"
key = "id"
cursor = { field = "${modified}", order = "ascending", start = "2020-01-01" }
page = { next = "next" }
deleted = { when = "state", is = "no ${object}" }
columns = ["name", "price/amount", "codes/0/text", "/top"]

[stream.books]
like = "things"
object = "books"

[stream.records]
like = "books"
object = "records"
)";

const std::string source = R"(database = "crm.db"
[source.acme]
connector = "shop"
tenant = "acme"
token = { env = "T" }
)";

std::string query_of(const model::StreamDefinition& stream) {
  std::string text;
  for (const auto& [name, value] : stream.query) {
    text += (text.empty() ? "" : "&") + name + "=" + model::to_text(value);
  }
  return text;
}

std::string fingerprint(const std::string& text) {
  const auto configuration = load_text(text);
  return model::fingerprint(configuration.sources.front(),
                            configuration.streams.front());
}

}  // namespace

TEST_SUITE("configuration: connectors") {
  TEST_CASE("a stream of the connector's name lies over it") {
    const OwnConnectors own;
    own.add("shop", shop);
    const auto configuration = load_text(source + "[stream.books]\n");
    const auto& api = configuration.sources.front();
    CHECK(api.base_url == "https://acme.example.com/v3");
    CHECK(api.header == "X-Key");
    REQUIRE(api.headers.size() == 1);
    CHECK(api.headers.front().second == "acme");
    const auto& books = configuration.streams.front();
    CHECK(books.name == "books");
    CHECK(model::to_text(books.path) == "/lists/books");
    CHECK(query_of(books) ==
          "since=${from}&sort=updated&tag=a b&tag=c&tags=a b,c&"
          "fields=id,updated,state,name,price.amount,codes.text");
    CHECK(model::to_text(books.records) == "books");
    CHECK(model::to_text(books.cursor->field) == "updated");
    CHECK(books.deleted.is == std::vector<std::string>{"no books"});
    CHECK_FALSE(books.all_columns);
  }

  TEST_CASE("the stream's option wins over the source's, and that over all") {
    const OwnConnectors own;
    own.add("shop", shop);
    const auto with = [&](const std::string& in_source,
                          const std::string& in_stream) {
      return query_of(load_text(source + in_source +
                                "[stream.books]\n"
                                "query = { fields = \"\" }\n" +
                                in_stream)
                          .streams.front());
    };
    CHECK(with("", "").find("sort=updated&") != std::string::npos);
    CHECK(with("modified = \"changed\"\n", "").find("sort=changed&") !=
          std::string::npos);
    CHECK(with("modified = \"changed\"\n", "modified = \"touched\"\n")
              .find("sort=touched&") != std::string::npos);
    CHECK(with("tags = [\"x\"]\n", "").find("tag=x&tags=x") !=
          std::string::npos);
  }

  TEST_CASE("an option's text is a name in a path, whatever is in it") {
    const OwnConnectors own;
    own.add("shop", shop);
    const auto stream =
        load_text(source + "[stream.books]\nmodified = \"when/then\"\n")
            .streams.front();
    REQUIRE(stream.cursor->field.segments.size() == 1);
    CHECK(stream.cursor->field.segments.front().text == "when/then");
  }

  TEST_CASE("like names a stream of the connector") {
    const OwnConnectors own;
    own.add("shop", shop);
    const auto stream =
        load_text(source +
                  "[stream.films]\nlike = \"books\"\nobject = \"films\"\n")
            .streams.front();
    CHECK(stream.name == "films");
    CHECK(model::to_text(stream.path) == "/lists/films");
    CHECK(faults(source + "[stream.films]\nlike = \"bookz\"\n") ==
          "7:1: 'like' in [stream.films] is 'bookz', which the connector "
          "'shop' does not have; did you mean 'books'?");
    CHECK(faults(source + "[stream.films]\nlike = \"books\"\n"
                          "[stream.more]\nlike = \"films\"\n")
              .find("8:") == std::string::npos);
  }

  TEST_CASE("a stream like another of the connector may have any name of it") {
    const OwnConnectors own;
    own.add("shop", shop);
    const auto stream =
        load_text(source + "[stream.things]\nlike = \"records\"\n")
            .streams.front();
    CHECK(stream.name == "things");
    CHECK(model::to_text(stream.path) == "/lists/records");
  }

  TEST_CASE("a stream that neither side describes is refused with the names") {
    const OwnConnectors own;
    own.add("shop", shop);
    const auto problems = problems_of(source + "[stream.bokks]\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().message ==
          "the connector 'shop' has no stream 'bokks'; did you mean 'books'?");
    CHECK(test::note(problems.front().notes, "has") ==
          "things, books, records");
  }

  TEST_CASE("a stream of its own stands beside the connector's") {
    const OwnConnectors own;
    own.add("shop", shop);
    const auto configuration = load_text(
        source + "[stream.mine]\nget = \"/mine/${modified}\"\nkey = \"id\"\n");
    CHECK(model::to_text(configuration.streams.front().path) ==
          "/mine/updated");
  }

  TEST_CASE("an option that nobody sets is asked for with its help") {
    const OwnConnectors own;
    own.add("shop", shop);
    CHECK(faults("database = \"crm.db\"\n"
                 "[source.acme]\n"
                 "connector = \"shop\"\n"
                 "token = { env = \"T\" }\n"
                 "[stream.books]\n"
                 "[stream.records]\n") ==
          "2:1: missing key 'tenant' in [source.acme]: acme, of "
          "acme.example.com");
    CHECK(faults(source + "[stream.things]\n") ==
          "6:1: missing key 'object' in [stream.things], or in [source.acme]: "
          "what is sold");
  }

  TEST_CASE("a key that is no option either is refused with the nearest") {
    const OwnConnectors own;
    own.add("shop", shop);
    CHECK(faults(source + "tenannt = \"x\"\n[stream.books]\n") ==
          "6:1: unknown key 'tenannt' in [source.acme]; did you mean "
          "'tenant'?");
    CHECK(faults(source + "[stream.books]\nobjekt = \"x\"\n") ==
          "7:1: unknown key 'objekt' in [stream.books]; did you mean "
          "'object'?");
    CHECK(faults(source + "[stream.books]\nobject = 3\n") ==
          "7:1: 'object' in [stream.books] must be a text or a list of texts");
    CHECK(faults(source + "[stream.books]\ntags = []\n") ==
          "7:1: 'tags' in [stream.books] must have at least one value");
  }

  TEST_CASE("a connector that is not there is said with the nearest") {
    const OwnConnectors own;
    own.add("shop", shop);
    CHECK(faults("database = \"crm.db\"\n"
                 "[source.acme]\n"
                 "connector = \"shopp\"\n"
                 "[stream.books]\n") ==
          "3:1: there is no connector 'shopp'; did you mean 'shop'?");
  }

  TEST_CASE("what is wrong in a connector is said with its file and line") {
    const OwnConnectors own;
    const auto file = own.add("shop",
                              "title = \"x\"\n"
                              "database = \"x\"\n"
                              "[source]\n"
                              "auth = \"bearer\"\n"
                              "token = { env = \"T\" }\n"
                              "[option.key]\n"
                              "[option.from]\n"
                              "[stream.a]\n"
                              "get = \"/a\"\n"
                              "kei = \"id\"\n");
    std::string all;
    for (const auto& problem : problems_of("database = \"crm.db\"\n"
                                           "[source.acme]\n"
                                           "connector = \"shop\"\n"
                                           "base_url = \"https://a.example\"\n"
                                           "[stream.a]\n")) {
      CHECK(problem.file == file.string());
      all += std::to_string(problem.line) + ": " + problem.message + "\n";
    }
    CHECK(all ==
          "2: unknown key 'database' at the top level; it belongs in a user's "
          "file\n"
          "5: 'token' in [source] is a secret, and a connector has none: it "
          "belongs in the user's file\n"
          "6: the name of the option 'key' is a key\n"
          "7: the name of the option 'from' is a placeholder\n"
          "10: unknown key 'kei' in [stream.a]; did you mean 'key'?\n");
    own.add("shop", "title = \"x\"\n[source\n");
    const auto problems = problems_of(source + "[stream.a]\n");
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().file == file.string());
    CHECK(problems.front().line == 2);
  }

  TEST_CASE("columns that are not listed cannot be asked for") {
    const OwnConnectors own;
    own.add("shop", shop);
    CHECK(faults(source + "[stream.books]\ncolumns = [\"*\"]\n") ==
          "6:1: [stream.books] asks for '${columns}', and its columns have "
          "\"*\": they must be listed");
  }

  TEST_CASE("an old mark fits whatever the path, the version and the columns") {
    const OwnConnectors own;
    own.add("shop", shop);
    const auto books = source + "[stream.books]\n";
    const auto before = fingerprint(books);
    CHECK(fingerprint(books + "columns = [\"name\"]\n") == before);
    CHECK(fingerprint(source + "api_version = \"4\"\n[stream.books]\n") ==
          before);
    CHECK(fingerprint(books + "object = \"films\"\n") != before);
    CHECK(fingerprint(books + "query = { more = 1 }\n") != before);
    CHECK(fingerprint(source + "modified = \"m\"\n[stream.books]\n") != before);
    auto changed = shop;
    changed.replace(changed.find("/lists/"), 7, "/other/");
    own.add("shop", changed);
    CHECK(fingerprint(books) == before);
    changed.replace(changed.find("key = \"id\""), 10,
                    "key = \"id\"\nstate_version = 2");
    own.add("shop", changed);
    CHECK(fingerprint(books) != before);
  }

  TEST_CASE("a parent that is an option is a list for each of its elements") {
    const OwnConnectors own;
    own.add("code", R"(title = "Code"
[source]
base_url = "https://code.example.com"
[option.repos]
[stream.issues]
parent = "repos"
get = "/repos/${parent}/issues"
query = { since = "${from}" }
key = "id"
cursor = { field = "updated" }
columns = { "*" = "*", repo = "${parent}" }
also = { get = "/gone/${parent}", deleted = { when = "id" } }
)");
    const std::string api =
        "database = \"crm.db\"\n"
        "[source.code]\n"
        "connector = \"code\"\n";
    const auto streams =
        load_text(api + "repos = [\"acme/a\", \"acme/b\"]\n[stream.issues]\n")
            .streams;
    REQUIRE(streams.size() == 2);
    CHECK(streams[0].pipeline_name() == "code.issues[acme/a]");
    CHECK(streams[1].pipeline_name() == "code.issues[acme/b]");
    CHECK(streams[1].also.front().pipeline_name() ==
          "code.issues[acme/b]@also");
    CHECK(streams[0].owner() == streams[1].owner());
    CHECK(streams[0].parent.empty());
    CHECK(model::to_text(streams[1].path) == "/repos/acme/b/issues");
    CHECK(model::to_text(streams[1].also.front().path) == "/gone/acme/b");
    CHECK(streams[1].columns.front().of_parent);
    CHECK(load_text(api + "repos = \"acme/a\"\n[stream.issues]\n")
              .streams.size() == 1);
    CHECK(faults(api + "repos = [\"a\", \"a\"]\n[stream.issues]\n")
              .find("'parent' in [stream.issues] is the option 'repos', whose "
                    "list has 'a' twice") != std::string::npos);
    CHECK(faults(api + "[stream.issues]\n") ==
          "4:1: missing key 'repos' in [stream.issues], or in [source.code]");
    CHECK(faults(api + "repos = \"a\"\n[stream.issues]\n"
                       "columns = { x = \"${parent.id}\" }\n")
              .find("has ${parent.PATH}, which stands for a value of a parent "
                    "record") != std::string::npos);
  }

  TEST_CASE("the user's own connector stands before a built-in one") {
    const OwnConnectors own;
    const auto built_in = config::connector_names();
    REQUIRE_FALSE(built_in.empty());
    const auto name = built_in.front();
    CHECK(config::find_connector(name)->built_in);
    own.add(name, shop);
    own.add("zzz", shop);
    CHECK_FALSE(config::find_connector(name)->built_in);
    CHECK(config::find_connector(name)->text == shop);
    CHECK(config::find_built_in(name)->text != shop);
    CHECK(config::connector_names().size() == built_in.size() + 1);
    own.add("../zzz", shop);
    CHECK_FALSE(config::find_connector("../zzz"));
    CHECK_FALSE(config::find_connector("nothing"));
  }
}
