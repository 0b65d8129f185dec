// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/base64.hpp"
#include "http/client.hpp"
#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "http/redactor.hpp"
#include "raw_server.hpp"

using namespace std::string_literals;
using namespace strandline::http;
using strandline::Error;
using strandline::ExitCode;
using strandline::model::Auth;
using strandline::model::SecretReference;
using strandline::model::SourceDefinition;
using strandline::test::RawServer;

namespace {

// A secret whose every form differs.
const std::string secret = "s3cret/Tök+\"en=";
const std::string percent_encoded_secret = "s3cret%2FT%C3%B6k%2B%22en%3D";

// Answers as a test says, and keeps what it was asked.
class FakeTransport : public Transport {
 public:
  using Script = std::function<void(const Request&, Response&)>;

  FakeTransport(Script script, std::vector<Request>& asked)
      : script_(std::move(script)), asked_(asked) {}

  void send(const Request& request, Response& response) override {
    asked_.push_back(request);
    response = {};
    script_(request, response);
  }

 private:
  Script script_;
  std::vector<Request>& asked_;
};

// A client of https://h.example/api, and what it sent.
struct Fixture {
  SourceDefinition source;
  Credentials credentials;
  std::vector<Request> asked;
  FakeTransport::Script script = [](const Request&, Response& response) {
    response.status = 200;
    response.body = "[]";
  };

  Fixture() { source.base_url = "https://h.example/api"; }

  explicit Fixture(Auth auth) : Fixture() {
    credentials = {auth, secret, "joe", "X-Token", "Key ", "api_key"};
  }

  Client client() {
    return {source, credentials,
            std::make_unique<FakeTransport>(script, asked)};
  }

  void answer(int status, std::string body, Headers headers = {}) {
    script = [=](const Request&, Response& response) {
      response.status = status;
      response.headers = headers;
      response.body = body;
    };
  }

  HttpError failure(const std::string& url = "https://h.example/api/x?page=2") {
    auto subject = client();
    try {
      subject.fetch({Url(url)});
    } catch (const HttpError& error) {
      return error;
    }
    FAIL("no error");
    throw;
  }
};

std::string note(const Error& error, std::string_view label) {
  const auto found =
      std::ranges::find(error.notes(), label, &strandline::Note::label);
  return found == error.notes().end() ? "(no such note)" : found->text;
}

// Everything that is printed of an error.
std::string whole(const Error& error) {
  std::string text = error.what();
  for (const auto& item : error.notes()) {
    text += "\n" + item.label + ": " + item.text;
  }
  return text;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// What arrives at a server when `credentials` ask for "/api/x?a=1".
std::string arriving(Credentials credentials) {
  RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"s);
  SourceDefinition source;
  source.base_url = server.url("/api");
  Client client(source, std::move(credentials),
                std::make_unique<CurlTransport>(CurlTransport::Options{}));
  auto url = client.base();
  url.append_path("/x?a=1");
  client.fetch({url});
  return server.requests().at(0);
}

}  // namespace

TEST_SUITE("classify") {
  TEST_CASE("a status says what can be done about it") {
    const std::vector<std::pair<ExitCode, std::vector<int>>> cases = {
        {ExitCode::credentials, {401, 403, 407}},
        {ExitCode::unavailable, {404, 410, 451}},
        {ExitCode::temporary,
         {408, 425, 429, 500, 501, 502, 503, 504, 520, 529, 599}},
        {ExitCode::protocol,
         {-1,  0,   100, 101, 199, 300, 301, 302, 303, 304, 307, 308,
          400, 402, 405, 406, 409, 411, 412, 418, 422, 426, 499, 600}},
    };
    for (const auto& [code, statuses] : cases) {
      for (const int status : statuses) {
        CAPTURE(status);
        CHECK(classify(status) == code);
      }
    }
  }
}

TEST_SUITE("Client, what it sends") {
  TEST_CASE("each kind of authorisation arrives as it should") {
    const auto none = arriving({});
    CHECK(none.starts_with("GET /api/x?a=1 HTTP/1.1\r\n"));
    CHECK_FALSE(contains(none, "Authorization"));
    CHECK(contains(none, "\r\nAccept: application/json\r\n"));

    CHECK(contains(
        arriving({Auth::bearer, "abc", "", "Authorization", "Bearer ", ""}),
        "\r\nAuthorization: Bearer abc\r\n"));
    CHECK(contains(arriving({Auth::header, "abc", "", "X-Api-Key", "", ""}),
                   "\r\nX-Api-Key: abc\r\n"));
    CHECK(contains(arriving({Auth::basic, "pass:word", "joe", "", "", ""}),
                   "\r\nAuthorization: Basic am9lOnBhc3M6d29yZA==\r\n"));
    const auto query = arriving({Auth::query, secret, "", "", "", "api key"});
    CHECK(query.starts_with("GET /api/x?a=1&api%20key=" +
                            percent_encoded_secret + " HTTP/1.1\r\n"));
    CHECK_FALSE(contains(query, "Authorization"));
  }

  TEST_CASE("a stream's headers lie over the source's, and those over ours") {
    Fixture fixture;
    fixture.source.headers = {{"accept", "application/hal+json"},
                              {"X-Version", "1"},
                              {"X-Source", "s"}};
    auto client = fixture.client();
    client.fetch({client.base(), {{"x-version", "2"}, {"X-Stream", "t"}}});
    CHECK(fixture.asked.at(0).headers ==
          Headers{{"accept", "application/hal+json"},
                  {"X-Source", "s"},
                  {"x-version", "2"},
                  {"X-Stream", "t"}});
  }

  TEST_CASE("the credentials lie over every header of that name") {
    Fixture fixture(Auth::header);
    fixture.source.headers = {{"x-token", "other"}};
    auto client = fixture.client();
    client.fetch({client.base(), {{"X-TOKEN", "another"}}});
    CHECK(fixture.asked.at(0).headers == Headers{{"Accept", "application/json"},
                                                 {"X-Token", "Key " + secret}});
  }

  TEST_CASE("a token in a next URL gives way to ours") {
    Fixture fixture(Auth::query);
    fixture.client().fetch({Url("https://h.example/api/x?api_key=old&page=2")});
    CHECK(fixture.asked.at(0).url.text() ==
          "https://h.example/api/x?api_key=" + percent_encoded_secret +
              "&page=2");
  }

  TEST_CASE("a URL goes out as it stands") {
    Fixture fixture(Auth::bearer);
    const std::string url = "https://h.example/other?a=%2f&b=c+d&e[]=1";
    fixture.client().fetch({Url(url)});
    CHECK(fixture.asked.at(0).url.text() == url);
  }

  TEST_CASE("nothing goes to another origin than base_url's") {
    for (const std::string url :
         {"https://evil.example/api/x", "http://h.example/api/x",
          "https://h.example:444/api/x", "https://h.example./api/x",
          "https://sub.h.example/api/x"}) {
      CAPTURE(url);
      Fixture fixture(Auth::query);
      const auto error = fixture.failure(url);
      CHECK(fixture.asked.empty());
      CHECK(error.code() == ExitCode::protocol);
      CHECK(error.status() == 0);
      CHECK(error.what() == "a URL of " + Url(url).origin() +
                                " is refused: requests and credentials go to "
                                "the origin of base_url alone, "
                                "https://h.example:443");
      CHECK(note(error, "request") == "GET " + url);
    }
    Fixture fixture(Auth::bearer);
    auto client = fixture.client();
    client.fetch({Url("https://H.EXAMPLE:443/elsewhere")});
    CHECK(client.requests() == 1);
  }

  TEST_CASE("another origin sees no connection") {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
    RawServer server(answer);
    RawServer other(answer);
    SourceDefinition source;
    source.base_url = server.url();
    Client client(source,
                  {Auth::bearer, secret, "", "Authorization", "Bearer ", ""},
                  std::make_unique<CurlTransport>(CurlTransport::Options{}));
    CHECK_THROWS_AS(client.fetch({Url(other.url())}), HttpError);
    client.fetch({client.base()});
    // A connection of our own comes after any that was made before.
    CurlTransport transport{CurlTransport::Options{}};
    Response response;
    transport.send({Url(other.url()), {}}, response);
    CHECK(other.connections() == 1);
    CHECK(server.connections() == 1);
  }

  TEST_CASE("a base_url that is none is the configuration's fault") {
    Fixture fixture;
    fixture.source.base_url = "h.example/api";
    try {
      fixture.client();
      FAIL("taken");
    } catch (const HttpError& error) {
      CHECK(error.code() == ExitCode::configuration);
    }
  }
}

TEST_SUITE("Client, what it takes") {
  TEST_CASE("any 2xx with a body is an answer, but a part of one") {
    for (const int status : {200, 201, 202, 203, 299}) {
      CAPTURE(status);
      Fixture fixture;
      fixture.answer(status, "[1]", {{"Link", "<x>"}});
      auto client = fixture.client();
      const auto& response = client.fetch({client.base()});
      CHECK(response.status == status);
      CHECK(response.body == "[1]");
      CHECK(response.headers == Headers{{"Link", "<x>"}});
    }
  }

  TEST_CASE("a part that nobody asked for is refused") {
    Fixture fixture;
    fixture.answer(206, "[1]");
    CHECK(fixture.failure().code() == ExitCode::protocol);
  }

  TEST_CASE("304 is an answer to a request with a condition") {
    Fixture fixture;
    fixture.answer(304, "");
    for (const auto* header : {"If-Modified-Since", "if-none-match"}) {
      CAPTURE(header);
      auto client = fixture.client();
      CHECK(client.fetch({client.base(), {{header, "x"}}}).status == 304);
    }
    CHECK(fixture.failure().code() == ExitCode::protocol);
  }

  TEST_CASE("only 204 and 205 may be empty") {
    for (const int status : {204, 205}) {
      Fixture fixture;
      fixture.answer(status, "");
      auto client = fixture.client();
      CHECK(client.fetch({client.base()}).status == status);
    }
    Fixture fixture;
    fixture.answer(200, "");
    const auto error = fixture.failure();
    CHECK(error.code() == ExitCode::protocol);
    CHECK(error.status() == 200);
    CHECK(error.what() ==
          "GET https://h.example/api/x: the answer 200 is empty"s);
    CHECK(note(error, "request") == "GET https://h.example/api/x?page");
  }

  TEST_CASE("any other status is an error that says what to do") {
    struct Case {
      int status;
      ExitCode code;
      std::string advice;
    };
    const std::vector<Case> cases = {
        {301, ExitCode::protocol,
         "such a redirect is not followed: set base_url to where the API is, "
         "or "
         "list in origins what needs no credentials; this one points to "
         "https://new.example/"},
        {308, ExitCode::protocol, "such a redirect is not followed"},
        {400, ExitCode::protocol, "check the stream's query, body and headers"},
        {401, ExitCode::credentials, "check the token"},
        // All of them come with a Retry-After, which makes this one throttling.
        {403, ExitCode::temporary, "run again later"},
        {404, ExitCode::unavailable, "check the path"},
        {422, ExitCode::protocol, "check the stream's query, body and headers"},
        {429, ExitCode::temporary, "run again later"},
        {503, ExitCode::temporary, "run again later"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.status);
      Fixture fixture(Auth::bearer);
      fixture.answer(
          c.status, "no\tluck\n",
          {{"location", "https://new.example/?a=1"}, {"retry-after", "120"}});
      const auto error = fixture.failure();
      CHECK(error.code() == c.code);
      CHECK(error.status() == c.status);
      CHECK(error.what() == "GET https://h.example/api/x: the answer is " +
                                std::to_string(c.status));
      CHECK(note(error, "request") == "GET https://h.example/api/x?page");
      CHECK(note(error, "answer") == "no\\x09luck\\x0A");
      CHECK(note(error, "retry-after") == "120");
      CHECK(note(error, "try").starts_with(c.advice));
    }
  }

  TEST_CASE("notes are left out where there is nothing to say") {
    Fixture fixture;
    fixture.answer(304, "");
    const auto error = fixture.failure();
    REQUIRE(error.notes().size() == 2);
    CHECK(error.notes()[0].label == "request");
    CHECK(error.notes()[1].label == "try");
    CHECK(error.notes()[1].text ==
          "check the stream's query, body and headers");
  }

  TEST_CASE("a long answer is cut in the note") {
    Fixture fixture;
    fixture.answer(500, std::string(100'000, 'x'));
    const auto text = note(fixture.failure(), "answer");
    CHECK(text.size() <= 303);
    CHECK(text.size() >= 290);
  }

  TEST_CASE("requests and decoded bytes are counted, failures too") {
    Fixture fixture;
    fixture.answer(200, "12345");
    auto client = fixture.client();
    CHECK(client.requests() == 0);
    client.fetch({client.base()});
    client.fetch({client.base()});
    CHECK(client.requests() == 2);
    CHECK(client.bytes() == 10);

    fixture.answer(500, "123");
    auto failing = fixture.client();
    CHECK_THROWS_AS(failing.fetch({failing.base()}), HttpError);
    CHECK(failing.requests() == 1);
    CHECK(failing.bytes() == 3);
  }

  TEST_CASE("an interruption passes as it is") {
    Fixture fixture(Auth::bearer);
    fixture.script = [](const Request&, Response&) { throw Interrupted(15); };
    auto client = fixture.client();
    CHECK_THROWS_AS(client.fetch({client.base()}), Interrupted);
  }
}

TEST_SUITE("Client, what it never shows") {
  TEST_CASE("no error shows a secret in any form") {
    const auto basic = base64_encode("joe:" + secret);
    const std::vector<std::string> forms = {
        secret,
        percent_encoded_secret,
        "s3cret%2fT%c3%b6k%2b%22en%3d",
        R"(s3cret/Tök+\"en=)",
        R"(s3cret\/Tök+\"en=)",
    };
    for (const auto auth :
         {Auth::bearer, Auth::header, Auth::query, Auth::basic}) {
      for (const auto& form : forms) {
        CAPTURE(form);
        Fixture fixture(auth);
        fixture.answer(
            302, "you sent " + form + ", Basic " + basic + "!",
            {{"Location", "https://new.example/" + form + "?k=" + form},
             {"Retry-After", form}});
        const auto error = fixture.failure();
        const auto text = whole(error);
        CAPTURE(text);
        CHECK_FALSE(contains(text, form));
        if (auth == Auth::basic) CHECK_FALSE(contains(text, basic));
        CHECK(note(error, "answer")
                  .starts_with("you sent REDACTED-token, Basic "));
        CHECK(note(error, "retry-after") == "REDACTED-token");
        CHECK(note(error, "try")
                  .ends_with(" https://new.example/REDACTED-token"));
      }
    }
  }

  TEST_CASE("a secret at the edge of the excerpt is not shown in part") {
    for (std::size_t before = 280; before < 305; ++before) {
      CAPTURE(before);
      Fixture fixture(Auth::bearer);
      fixture.answer(500, std::string(before, '.') + secret);
      CHECK_FALSE(contains(whole(fixture.failure()), "s3"));
    }
  }

  TEST_CASE("nor a value of a query, a redirect's either, nor a user's name") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"https://new.example/a?q=jane&code=1#f", "https://new.example/a"},
        {"/b?q=jane", "https://h.example/b"},
        {"?q=jane", "https://h.example/api/x"},
        {"https://jane:pw@new.example/", "what is no URL of http or https"},
        {"mailto:jane@h.example", "what is no URL of http or https"},
    };
    for (const auto& each : cases) {
      const auto& location = each.first;
      const auto& shown = each.second;
      CAPTURE(location);
      Fixture fixture;
      fixture.answer(300, "", {{"Location", location}});
      const auto error = fixture.failure();
      CHECK_FALSE(contains(whole(error), "jane"));
      CHECK(note(error, "try").ends_with("this one points to " + shown));
    }
  }

  TEST_CASE("the token in a request's query is not shown") {
    Fixture fixture(Auth::query);
    fixture.answer(401, "");
    const auto error = fixture.failure();
    CHECK(note(error, "request") == "GET https://h.example/api/x?page&api_key");
    CHECK(error.what() == "GET https://h.example/api/x: the answer is 401"s);
  }

  TEST_CASE("what the transport throws is redacted and says what was asked") {
    Fixture fixture(Auth::query);
    fixture.script = [](const Request& request, Response&) {
      throw HttpError(ExitCode::data, "no answer for " + request.url.text(), 0,
                      {{"nearest", request.url.text()}});
    };
    const auto error = fixture.failure();
    CHECK(error.code() == ExitCode::data);
    CHECK(error.what() ==
          "no answer for "
          "https://h.example/api/x?page=2&api_key=REDACTED-token"s);
    CHECK(note(error, "nearest") ==
          "https://h.example/api/x?page=2&api_key=REDACTED-token");
    CHECK(note(error, "request") == "GET https://h.example/api/x?page&api_key");
  }

  TEST_CASE("a secret in the path or the host is not shown either") {
    Fixture fixture(Auth::bearer);
    fixture.credentials.secret = "hunter2";
    fixture.answer(500, "");
    CHECK_FALSE(contains(
        whole(fixture.failure("https://h.example/api/hunter2/x")), "hunter2"));
    CHECK_FALSE(contains(whole(fixture.failure("https://hunter2.example/")),
                         "hunter2"));
  }

  TEST_CASE("a user that is kept as a secret is one") {
    Fixture fixture(Auth::basic);
    fixture.credentials.user = "sk_live_1";
    fixture.credentials.secret = "";
    CHECK(fixture.client().redact("sk_live_1") == "sk_live_1");
    fixture.source.user = SecretReference{};
    const auto client = fixture.client();
    CHECK(client.redact("as sk_live_1, " + base64_encode("sk_live_1:")) ==
          "as REDACTED-user, REDACTED-basic");
    CHECK(client.holds_secret("x" + base64_encode("sk_live_1:")));
  }

  TEST_CASE("without a secret no text is touched") {
    for (const auto auth :
         {Auth::none, Auth::bearer, Auth::header, Auth::query, Auth::basic}) {
      Fixture fixture(auth);
      fixture.credentials.secret = "";
      fixture.credentials.user = "";
      const auto client = fixture.client();
      for (const auto& text : {""s, "any text"s, "Basic Og=="s}) {
        CHECK(client.redact(text) == text);
        CHECK_FALSE(client.holds_secret(text));
      }
    }
  }

  TEST_CASE("a URL loses the parameter that authorises, and no other") {
    Fixture fixture(Auth::query);
    const Url url("https://h.example/x?a=%2f&api_key=abc&api_keys=1");
    CHECK(fixture.client().without_credentials(url).text() ==
          "https://h.example/x?a=%2f&api_keys=1");
    CHECK(Fixture(Auth::bearer).client().without_credentials(url) == url);
  }
}

TEST_SUITE("Redactor") {
  TEST_CASE("every form of every secret is found and replaced") {
    Redactor redactor;
    redactor.add("ab");
    redactor.add("abc d");
    redactor.add("");
    CHECK(redactor.redact("abc d, abc%20d, abc+d, abX, a b") ==
          "REDACTED, REDACTED, REDACTED, REDACTEDX, a b");
    CHECK(redactor.finds_any("xabx"));
    CHECK_FALSE(redactor.finds_any("a b c d"));
    CHECK_FALSE(redactor.finds_any(""));
  }
}

TEST_SUITE("base64") {
  TEST_CASE("text is encoded and decoded as in RFC 4648") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"\xff\xfe\0\n"s, "//4ACg=="},
        {std::string(100, 'x'), base64_encode(std::string(100, 'x'))},
    };
    for (const auto& c : cases) {
      CAPTURE(c.second);
      CHECK(base64_encode(c.first) == c.second);
      CHECK(base64_decode(c.second) == c.first);
      CHECK_FALSE(contains(c.second, "\n"));
    }
  }

  TEST_CASE("line breaks are read, anything else is refused") {
    CHECK(base64_decode("Zm9v\r\nYg==\n") == "foob");
    for (const std::string text :
         {"Zm9", "Zm9v!", "Z===", "Zg==Zg==", "_-8="}) {
      CAPTURE(text);
      CHECK_FALSE(base64_decode(text));
    }
  }
}
