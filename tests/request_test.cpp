// SPDX-License-Identifier: MIT
//
// What is sent for a page: method, body, and where its place and tokens go.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "config_file.hpp"
#include "feed.hpp"

using namespace strandline;
using namespace strandline::test;
using nlohmann::json;

namespace {

// A configuration with the stream `items`, read by `stream`.
std::string config_of(const std::string& stream,
                      const std::string& source = "") {
  return "database = \"test.db\"\n[source.s]\nbase_url = "
         "\"https://h.example/api\"\n" +
         source + "[stream.items]\nrecords = \"data\"\nkey = \"id\"\n" + stream;
}

// The stream that `stream` describes, on a scripted source that answers every
// request for /items with the next of `answers`.
struct Post {
  Feed feed;

  explicit Post(const std::string& stream, const std::string& source = "") {
    const auto configuration = load_text(config_of(stream, source));
    feed.stream = configuration.streams.at(0);
    feed.source = configuration.sources.at(0);
  }

  Post& answer(const std::string& body, http::Headers headers = {}) {
    feed.answer(items, body).headers = std::move(headers);
    return *this;
  }

  Post& read() {
    feed.read();
    return *this;
  }

  json body(std::size_t request) const {
    return json::parse(feed.fake.asked().at(request).body);
  }
};

const std::string none = page({});

}  // namespace

TEST_SUITE("a POST that reads") {
  TEST_CASE("sends its body as JSON, of the types that TOML has") {
    Post post(
        "post = \"/items\"\n[stream.items.body]\nlimit = 100\nratio = 0.5\n"
        "all = true\nname = \"a \\\"b\\\" $${c}\"\nnested = { deep = [1, [2, "
        "\"x\"], { y = [] }] }\n[[stream.items.body.groups]]\nid = 1\n");
    post.answer(none).read();
    const auto& asked = post.feed.fake.asked().at(0);
    CHECK(asked.method == http::Method::post);
    CHECK(http::find_header(asked.headers, "content-type") ==
          "application/json");
    CHECK(post.body(0) == json::parse(R"({"limit":100,"ratio":0.5,"all":true,
        "name":"a \"b\" ${c}","nested":{"deep":[1,[2,"x"],{"y":[]}]},
        "groups":[{"id":1}]})"));
  }

  TEST_CASE("without a body sends none") {
    Post post("post = \"/items\"\n");
    post.answer(none).read();
    CHECK(post.feed.fake.asked().at(0).body.empty());
  }

  TEST_CASE("has the content type that the stream says") {
    Post post(
        "post = \"/items\"\nbody = { a = 1 }\nheaders = { content-type = "
        "\"application/vnd.api+json\" }\n");
    post.answer(none).read();
    const auto& headers = post.feed.fake.asked().at(0).headers;
    CHECK(http::find_header(headers, "Content-Type") ==
          "application/vnd.api+json");
    CHECK(std::count_if(headers.begin(), headers.end(), [](const auto& header) {
            return http::same_header(header.first, "Content-Type");
          }) == 1);
  }

  TEST_CASE(
      "a placeholder alone is of its value's type, in a text it is text") {
    const std::string body =
        "body = { alone = \"${from}\", inside = \"x >= ${from}\" }\n";
    struct Case {
      const char* format;
      json alone;
      const char* inside;
    };
    const Case cases[] = {
        {"rfc3339", "2024-01-01T00:00:00Z", "x >= 2024-01-01T00:00:00Z"},
        {"epoch_s", 1'704'067'200, "x >= 1704067200"},
        {"epoch_ms", 1'704'067'200'000, "x >= 1704067200000"},
        {"date", "2024-01-01", "x >= 2024-01-01"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.format);
      Post post(std::string("post = \"/items\"\n") + body +
                "cursor = { field = \"at\", start = 2024-01-01, overlap = "
                "\"0s\", format = \"" +
                each.format + "\" }\n");
      post.answer(none).read();
      CHECK(post.body(0) ==
            json{{"alone", each.alone}, {"inside", each.inside}});
    }
    Post post("post = \"/items\"\n" + body +
              "cursor = { field = \"n\", start = 7, format = \"integer\" }\n");
    post.answer(none).read();
    CHECK(post.body(0) == json{{"alone", 7}, {"inside", "x >= 7"}});
  }

  TEST_CASE("a token goes to its place in the body, as the type it came in") {
    Post post(
        "post = \"/items\"\nbody = { limit = 2, paging = { size = 2 } }\n"
        "page = { token = \"next\", param = \"/paging/after\" }\n");
    post.answer(R"({"data":[{"id":1}],"next":"a\"b"})")
        .answer(R"({"data":[{"id":2}],"next":12345678901234567890})")
        .answer(R"({"data":[{"id":3}],"next":null})")
        .read();
    CHECK(post.body(0) == json::parse(R"({"limit":2,"paging":{"size":2}})"));
    CHECK(post.body(1)["paging"] == json{{"size", 2}, {"after", "a\"b"}});
    CHECK(post.feed.fake.asked().at(2).body ==
          R"({"limit":2,"paging":{"after":12345678901234567890,"size":2}})");
    CHECK(post.feed.fake.asked().size() == 3);
  }

  TEST_CASE("places that are not there are made, others are replaced") {
    Post post(
        "post = \"/items\"\nbody = { page = 9, list = [{ at = 1 }] }\n"
        "page = { number = \"/page\", first = 0 }\n");
    post.answer(page({1})).answer(none).read();
    CHECK(post.body(0)["page"] == 0);
    CHECK(post.body(1)["page"] == 1);

    Post offset("post = \"/items\"\npage = { offset = \"/a/b/skip\" }\n");
    offset.answer(page({1, 2})).answer(none).read();
    CHECK(offset.body(0) == json::parse(R"({"a":{"b":{"skip":0}}})"));
    CHECK(offset.body(1) == json::parse(R"({"a":{"b":{"skip":2}}})"));

    Post element(
        "post = \"/items\"\nbody = { list = [{ at = 1 }] }\n"
        "page = { token = \"next\", param = \"/list/0/at\" }\n");
    element.answer(R"({"data":[{"id":1}],"next":"x"})").answer(none).read();
    CHECK(element.body(1) == json::parse(R"({"list":[{"at":"x"}]})"));
  }

  TEST_CASE("walks by key with ${last}, of the key's type") {
    const std::string stream =
        "post = \"/items\"\nbody = { after = \"${last}\", where = \"id > "
        "${last}\" }\n";
    Post post(stream + "page = { after = \"id\", first = 0 }\n");
    post.answer(page({1, 2})).answer(none).read();
    CHECK(post.body(0) == json{{"after", 0}, {"where", "id > 0"}});
    CHECK(post.body(1) == json{{"after", 2}, {"where", "id > 2"}});

    Post text(stream + "page = { after = \"id\", first = \"0\" }\n");
    text.answer(R"({"data":[{"id":"17"}]})").answer(none).read();
    CHECK(text.body(0) == json{{"after", "0"}, {"where", "id > 0"}});
    CHECK(text.body(1) == json{{"after", "17"}, {"where", "id > 17"}});
  }

  TEST_CASE("a record's value cannot say more than itself in a longer text") {
    Post post(
        "post = \"/items\"\nbody = { where = \"id > '${last}'\" }\n"
        "page = { after = \"id\", first = \"0\" }\n");
    post.answer(R"({"data":[{"id":"1' or '1'='1"}]})");
    CHECK_THROWS_WITH_AS(
        post.read(),
        "the last record's 'id' is '1' or '1'='1': inside a longer text only "
        "letters, digits and . _ : @ + - are sent",
        source::DecodeError);
  }

  TEST_CASE("sends no number back with other digits") {
    Post post(
        "post = \"/items\"\npage = { token = \"next\", param = \"/after\" }\n");
    post.answer(R"({"data":[{"id":1}],"next":123456789012345678901234567890})");
    CHECK_THROWS_WITH_AS(post.read(),
                         "123456789012345678901234567890 cannot be sent back "
                         "as a number without a change of its digits",
                         source::DecodeError);
  }

  TEST_CASE("goes on at the place where another run ended") {
    Post post(
        "post = \"/items\"\npage = { token = \"next\", param = \"/after\" }\n");
    post.answer(R"({"data":[{"id":1}],"next":7})").answer(none);
    post.feed.read(post.feed.window(), 1);
    CHECK(post.feed.pages.back().window.position.value == "7");
    post.feed.resume();
    CHECK(post.body(1) == json{{"after", 7}});
    CHECK(post.feed.pages.back().complete);
  }

  TEST_CASE("follows a token of the answer that goes into the body") {
    Post post(
        "post = \"/items\"\n"
        "cursor = { token = \"delta\", param = \"/since\" }\n");
    post.answer(R"({"data":[{"id":1}],"delta":"d1"})").answer(none).read();
    CHECK(post.feed.fake.asked().at(0).body.empty());
    CHECK(post.feed.pages.back().window.state == "\"d1\"");
    post.feed.basis.state = post.feed.pages.back().window.state;
    post.read();
    CHECK(post.body(1) == json{{"since", "d1"}});
  }

  TEST_CASE("is another list than the same GET, and than another body") {
    const auto print = [](const std::string& stream) {
      const auto configuration = load_text(config_of(stream));
      return model::fingerprint(configuration.sources.at(0),
                                configuration.streams.at(0));
    };
    const auto first =
        print("post = \"/items\"\nbody = { a = 1, limit = 5 }\n");
    CHECK(first == print("post = \"/items\"\nbody = { limit = 9, a = 1 }\n"));
    CHECK(first != print("post = \"/items\"\nbody = { a = 1.0, limit = 5 }\n"));
    CHECK(first != print("post = \"/items\"\nbody = { a = \"1\" }\n"));
    CHECK(first != print("post = \"/items\"\nbody = { a = [1] }\n"));
    CHECK(first != print("post = \"/items\"\n"));
    CHECK(print("post = \"/items\"\nbody = { a = 'x\",\"b\":\"y' }\n") !=
          print("post = \"/items\"\nbody = { a = \"x\", b = \"y\" }\n"));
    CHECK(print("post = \"/items\"\n") != print("get = \"/items\"\n"));
    const auto basis = [](const std::string& stream) {
      return model::position_basis(load_text(config_of(stream)).streams.at(0));
    };
    CHECK(basis("post = \"/items\"\nbody = { limit = 5 }\n") !=
          basis("post = \"/items\"\nbody = { limit = 9 }\n"));
    CHECK(basis("post = \"/items\"\n") != basis("get = \"/items\"\n"));
    CHECK(
        basis("get = \"/items\"\npage = { header = \"A\", param = \"p\" }\n") !=
        basis("get = \"/items\"\npage = { header = \"B\", param = \"p\" }\n"));
  }
}

TEST_SUITE("page.header") {
  TEST_CASE("names the next page, and its absence is the end") {
    for (const auto* end : {"", "null", "(none)"}) {
      CAPTURE(end);
      Post post(
          "get = \"/items\"\npage = { header = \"X-Next-Page\", param = "
          "\"page\" }\n");
      post.answer(page({1}), {{"x-next-page", "2"}});
      post.feed.answer(items + "?page=2", page({2})).headers =
          std::string(end) == "(none)" ? http::Headers{}
                                       : http::Headers{{"X-Next-Page", end}};
      post.read();
      CHECK(post.feed.ids() == std::vector{1, 2});
      CHECK(post.feed.pages.back().complete);
    }
  }
}

TEST_SUITE("an answer without a body") {
  TEST_CASE("is an empty list and its end: 204, and 304 to a condition") {
    for (const int status : {204, 304}) {
      CAPTURE(status);
      Post post(
          "get = \"/items\"\nheaders = { If-Modified-Since = \"${from}\" }\n"
          "cursor = { field = \"at\", start = 2024-01-01 }\n"
          "page = { token = \"next\", param = \"after\" }\n");
      post.feed.answer(items, "", status);
      post.read();
      CHECK(post.feed.ids().empty());
      CHECK(post.feed.pages.back().complete);
    }
  }
}

TEST_SUITE("an answer that says that it failed") {
  TEST_CASE("is no answer, whatever its status, and may pass") {
    struct Case {
      const char* body;
      const char* says;
    };
    const Case cases[] = {
        {R"({"data":[{"id":1}],"errors":[{"message":"Throttled"}]})",
         R"([{"message":"Throttled"}])"},
        {R"({"errors":"busy"})", "busy"},
        {R"({"errors":true,"data":null})", "true"},
        {R"({"errors":17,"data":[]})", "17"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.body);
      Post post("get = \"/items\"\n", "error = \"errors\"\n");
      post.answer(each.body);
      try {
        post.read();
        FAIL("taken for an answer");
      } catch (const http::HttpError& error) {
        CHECK(error.code() == ExitCode::protocol);
        CHECK(error.passing());
        CHECK(error.what() ==
              std::string("the answer says that it failed: 'errors' is ") +
                  each.says);
      }
    }
  }

  TEST_CASE("nothing there is no failure") {
    for (const auto* value : {"null", "false", "\"\"", "[]", "{}", "0"}) {
      CAPTURE(value);
      Post post("get = \"/items\"\n", "error = \"errors\"\n");
      post.answer(std::string(R"({"data":[{"id":1}],"errors":)") + value + "}")
          .read();
      CHECK(post.feed.ids() == std::vector{1});
    }
  }

  TEST_CASE("shows no secret") {
    Post post("get = \"/items\"\n", "error = \"errors\"\n");
    post.feed.secret("hunter2");
    post.feed.answer(items + "?key=hunter2", R"({"errors":"not hunter2"})");
    CHECK_THROWS_WITH_AS(
        post.read(),
        "the answer says that it failed: 'errors' is not REDACTED-s-token",
        http::HttpError);
  }

  TEST_CASE("loses no column that only it brought, when asked for again") {
    Post post("get = \"/items\"\n", "error = \"errors\"\n");
    source::Decoder decoder(post.feed.stream);
    CHECK_THROWS_AS(
        decoder.decode(R"({"data":[{"id":1,"a":1}],"errors":"busy"})"),
        source::DecodeError);
    CHECK_THROWS_AS(decoder.decode(R"({"data":[{"id":1,"a":1,"b":2}],)"),
                    source::DecodeError);
    const auto answer =
        decoder.decode(R"({"data":[{"id":1,"a":1,"b":2,"c":3}]})");
    CHECK(answer.records.first_new_field == 1);
    CHECK(answer.records.new_fields == std::vector<std::string>{"a", "b", "c"});
    CHECK(decoder.decode(R"({"data":[]})").records.first_new_field == 4);
  }
}

TEST_SUITE("the check of a request") {
  TEST_CASE("refuses what does not go together, and says why") {
    struct Case {
      const char* stream;
      const char* says;
    };
    const Case cases[] = {
        {"get = \"/a\"\npost = \"/a\"\n",
         "'post' in [stream.items] is a second request besides 'get'; a stream "
         "has one"},
        {"get = \"/a\"\nbody = { a = 1 }\n",
         "'body' in [stream.items] goes with post only"},
        {"post = \"/a\"\npage = { next = \"next\" }\n",
         "'page' in [stream.items] follows URLs, which go with get only: a "
         "post "
         "has its next page in the body or query"},
        {"post = \"/a\"\npage = { link = \"next\" }\n",
         "'page' in [stream.items] follows URLs, which go with get only: a "
         "post "
         "has its next page in the body or query"},
        {"post = \"/a\"\ncursor = { next = \"delta\" }\n",
         "'cursor' in [stream.items] follows URLs, which go with get only"},
        {"get = \"/a\"\npage = { offset = \"/skip\" }\n",
         "'offset' in [stream.items.page] is a place in the body, and a get "
         "has "
         "none"},
        {"get = \"/a\"\ncursor = { token = \"t\", param = \"/since\" }\n",
         "'param' in [stream.items.cursor] is a place in the body, and a get "
         "has none"},
        {"post = \"/a\"\nbody = { a = 1 }\npage = { offset = \"/a/b\" }\n",
         "'offset' in [stream.items.page] has a value on its way to 'b' in the "
         "body"},
        {"post = \"/a\"\nbody = { a = [1] }\npage = { offset = \"/a/1\" }\n",
         "'offset' in [stream.items.page] has no element '1' in the body's "
         "array"},
        {"post = \"/a\"\npage = { header = \"X Y\", param = \"p\" }\n",
         "'header' in [stream.items.page] must be the name of a header"},
        {"post = \"/a\"\npage = { header = \"X-Y\" }\n",
         "missing key 'param' in [stream.items.page] with 'header'"},
        {"post = \"/a\"\nbody = { a = \"${from}\" }\ncursor = { field = \"at\" "
         "}\n",
         "'a' in [stream.items.body] has the placeholder '${from}', which the "
         "first run cannot fill without start in the cursor"},
        {"post = \"/a\"\nbody = { a = { b = [\"${last}\"] } }\npage = { after "
         "= "
         "\"id\" }\n",
         "'a' in [stream.items.body] has the placeholder '${last}', which the "
         "first page cannot fill without first in page"},
        {"post = \"/a\"\nbody = { a = \"${from}\" }\n",
         "'a' in [stream.items.body] has the placeholder '${from}', but the "
         "stream has no cursor"},
        {"post = \"/a\"\nbody = { a = \"${nothing}\" }\n",
         "'a' in [stream.items.body] has an unknown placeholder '${nothing}'"},
        {"post = \"/a\"\nbody = { a = [2024-01-01] }\n",
         "'a' in [stream.items.body] must be a text, a number, true or false, "
         "a "
         "list, or a table"},
        {"post = \"/a\"\nbody = { a = 2024-01-01 }\n",
         "'a' in [stream.items.body] must be a text, a number, true or false, "
         "a "
         "list, or a table"},
        {"post = \"/a\"\nbody = { a = nan }\n",
         "'a' in [stream.items.body] must be a finite number"},
    };
    for (const auto& each : cases) {
      CAPTURE(each.stream);
      const auto said = faults(config_of(each.stream));
      CHECK_MESSAGE(said.find(each.says) != std::string::npos, said);
    }
    CHECK(faults(config_of("post = \"/a\"\nbody = { a = [{ b = 1 }] }\n"
                           "page = { offset = \"/a/0/c\" }\n")) == "");
  }
}
