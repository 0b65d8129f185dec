// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <strandline/version.hpp>
#include <string>
#include <thread>
#include <vector>

#include "fake_transport.hpp"
#include "http/client.hpp"
#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "raw_server.hpp"

using namespace std::chrono_literals;
using namespace strandline::http;
using strandline::Error;
using strandline::ExitCode;
using strandline::model::Auth;
using strandline::model::Instant;
using strandline::model::SourceDefinition;
using strandline::test::FakeSource;
using strandline::test::RawServer;

namespace {

using Urls = std::vector<std::string>;

const std::string home = "https://h.example/api/items";
const std::string secret = "hunter2+/=";

// A client of https://h.example/api, to which https://files.example is listed.
struct Fixture {
  SourceDefinition source;
  Credentials credentials;
  FakeSource fake;
  std::unique_ptr<Client> client;

  explicit Fixture(Auth auth = Auth::none) {
    source.base_url = "https://h.example/api";
    source.origins = {"https://files.example", "http://old.example"};
    source.headers = {{"X-Tenant", "7"}};
    credentials = {auth, secret, "joe", "X-Token", "", "api_key"};
  }

  Response& send_on(const std::string& from, const std::string& to,
                    int status = 302) {
    auto& answer = fake.answer(from, "", status);
    answer.headers = {{"Location", to}};
    return answer;
  }

  const Response& fetch(const Request& request) {
    client = std::make_unique<Client>(source, credentials, fake.transport());
    return client->fetch(request);
  }
  const Response& fetch(const std::string& url = home) {
    return fetch({Url(url), {{"X-Stream", "1"}, {"Accept", "text/json"}}});
  }

  HttpError failure(const Request& request = {Url(home)}) {
    try {
      fetch(request);
    } catch (const HttpError& error) {
      return error;
    }
    FAIL("no error");
    throw;
  }
};

std::string note(const Error& error, std::string_view label) {
  for (const auto& each : error.notes()) {
    if (each.label == label) return each.text;
  }
  return "(no such note)";
}

Request post() {
  return {Url(home),
          {{"Content-Type", "application/json"}, {"X-Stream", "1"}},
          Method::post,
          R"({"a":1})"};
}

}  // namespace

TEST_SUITE("a redirect to the same origin") {
  TEST_CASE("of a GET is followed, with all that belongs to the request") {
    for (const int status : {301, 302, 303, 307, 308}) {
      CAPTURE(status);
      Fixture fixture(Auth::header);
      fixture.send_on(home + "?a=1", "/moved?b=2#part", status);
      fixture.fake.answer("https://h.example/moved?b=2", "[1]");
      CHECK(fixture.fetch(home + "?a=1").body == "[1]");
      CHECK(fixture.fake.urls() ==
            Urls{home + "?a=1", "https://h.example/moved?b=2"});
      const auto& asked = fixture.fake.asked();
      CHECK(asked.at(0).headers == asked.at(1).headers);
      CHECK(find_header(asked[1].headers, "X-Token") == secret);
      CHECK(find_header(asked[1].headers, "X-Tenant") == "7");
      CHECK(find_header(asked[1].headers, "X-Stream") == "1");
      CHECK(asked[1].method == Method::get);
      CHECK(fixture.client->requests() == 2);
      CHECK(fixture.client->retries() == 0);
      CHECK(fixture.client->answered_by() ==
            Url("https://h.example/moved?b=2"));
    }
  }

  TEST_CASE("of a POST is followed where it stays a POST") {
    for (const int status : {307, 308}) {
      CAPTURE(status);
      Fixture fixture;
      fixture.send_on(home, "/moved", status);
      fixture.fake.answer("https://h.example/moved", "[1]");
      CHECK(fixture.fetch(post()).body == "[1]");
      CHECK(fixture.fake.asked().at(1).method == Method::post);
      CHECK(fixture.fake.asked().at(1).body == R"({"a":1})");
    }
    for (const int status : {301, 302, 303}) {
      CAPTURE(status);
      Fixture fixture;
      fixture.send_on(home, "/moved", status);
      const auto error = fixture.failure(post());
      CHECK(error.status() == status);
      CHECK(error.code() == ExitCode::protocol);
      CHECK(
          note(error, "try") ==
          "such a redirect is not followed: set base_url to where the API is, "
          "or list in origins what needs no credentials; this one points to "
          "https://h.example/moved");
      CHECK(fixture.fake.asked().size() == 1);
    }
  }

  TEST_CASE("other answers of 3xx are none") {
    for (const int status : {300, 304, 305, 306}) {
      CAPTURE(status);
      Fixture fixture;
      fixture.send_on(home, "/moved", status);
      CHECK(fixture.failure().status() == status);
      CHECK(fixture.fake.asked().size() == 1);
    }
  }

  TEST_CASE("gets the credentials of the query again, once") {
    Fixture fixture(Auth::query);
    const std::string key = "api_key=hunter2%2B%2F%3D";
    fixture.send_on(home + "?" + key, "/a?x=1");
    fixture.send_on("https://h.example/a?x=1&" + key,
                    "/b?" + key + "&api_key=x");
    fixture.fake.answer("https://h.example/b?" + key, "[]");
    fixture.fetch();
    CHECK(fixture.fake.asked().size() == 3);
    CHECK(fixture.client->answered_by() == Url("https://h.example/b"));
  }

  TEST_CASE("three are followed, a fourth is refused") {
    Fixture fixture;
    const auto place = [](int n) {
      return "https://h.example/" + std::to_string(n);
    };
    fixture.send_on(home, place(1));
    fixture.send_on(place(1), place(2));
    fixture.send_on(place(2), place(3));
    fixture.fake.answer(place(3), "[]");
    fixture.fetch();
    CHECK(fixture.client->requests() == 4);

    Fixture longer;
    longer.send_on(home, place(1));
    longer.send_on(place(1), place(2));
    longer.send_on(place(2), place(3));
    longer.send_on(place(3), place(4));
    const auto error = longer.failure();
    CHECK(error.code() == ExitCode::protocol);
    CHECK(error.what() ==
          std::string("GET https://h.example/3: the answer is 302: it sends on "
                      "once more after 3 redirects"));
    CHECK(longer.fake.asked().size() == 4);
  }

  TEST_CASE("that leads back is refused at once") {
    for (const std::string& to : {home, std::string("https://h.example/a")}) {
      CAPTURE(to);
      Fixture fixture;
      fixture.send_on(home, to);
      fixture.send_on("https://h.example/a", home);
      const auto error = fixture.failure();
      CHECK(error.code() == ExitCode::protocol);
      CHECK(std::string(error.what()).ends_with("it sends round in a circle"));
      CHECK(fixture.fake.asked().size() == (to == home ? 1 : 2));
    }
  }

  TEST_CASE("that does not say where to, or not by a URL, is refused") {
    struct Case {
      Headers headers;
      std::string why;
    };
    const std::vector<Case> cases = {
        {{}, "sends on, and does not say where to"},
        {{{"Location", ""}}, "sends on, and does not say where to"},
        {{{"Location", "https://"}},
         "sends on to what is no URL of http or "
         "https"},
        {{{"Location", "file:///etc/passwd"}},
         "sends on to what is no URL of http or https"},
        {{{"Location", "ftp://h.example/"}},
         "sends on to what is no URL of http or https"},
        {{{"Location", "https://joe:x@h.example/"}},
         "sends on to what is no URL of http or https"},
        {{{"Location", "/a\x01"}},
         "sends on to what is no URL of http or "
         "https"},
        {{{"Location", "http://h.example/"}},
         "sends on from https to http, where others can read and change what "
         "is said"},
        {{{"Location", "http://old.example/"}},
         "sends on from https to http, where others can read and change what "
         "is said"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.why);
      Fixture fixture;
      fixture.fake.answer(home, "", 307).headers = c.headers;
      const auto error = fixture.failure();
      CHECK(error.code() == ExitCode::protocol);
      CHECK_FALSE(error.passing());
      CHECK(error.status() == 307);
      CHECK(error.what() == "GET " + home + ": the answer is 307: it " + c.why);
      CHECK(note(error, "request") == "GET " + home);
      CHECK(note(error, "try") == "set base_url to where the API is");
      CHECK(fixture.fake.asked().size() == 1);
    }
  }

  TEST_CASE("what is refused there is said of where it was asked") {
    Fixture fixture;
    fixture.send_on(home, "/moved");
    fixture.fake.answer("https://h.example/moved", "none", 404);
    const auto error = fixture.failure();
    CHECK(error.code() == ExitCode::unavailable);
    CHECK(error.what() ==
          std::string("GET https://h.example/moved: the answer is 404"));
  }
}

TEST_SUITE("another origin") {
  const std::string file = "https://files.example/x?sign=1";

  TEST_CASE("that is listed is asked without anything that is the source's") {
    for (const auto auth :
         {Auth::bearer, Auth::header, Auth::query, Auth::basic}) {
      Fixture fixture(auth);
      const std::string key =
          auth == Auth::query ? "?api_key=hunter2%2B%2F%3D" : "";
      fixture.send_on(home + key, file + "&api_key=1");
      // Of the one that sends on the query parameter would be a guess.
      const auto target = auth == Auth::query ? file : file + "&api_key=1";
      fixture.fake.answer(target, "[1]");
      CHECK(fixture.fetch().body == "[1]");
      CHECK(fixture.fake.urls() == Urls{home + key, target});
      CHECK(fixture.fake.asked().at(1).headers ==
            Headers{{"Accept", "text/json"}});
    }
  }

  TEST_CASE("that is listed may also be the first that is asked") {
    for (const auto auth : {Auth::header, Auth::query}) {
      Fixture fixture(auth);
      fixture.fake.answer(file, "[1]");
      fixture.fake.answer(file + "&api_key=x", "[1]");
      CHECK(fixture.fetch(file + "&api_key=x").body == "[1]");
      CHECK(fixture.fake.urls() ==
            Urls{auth == Auth::query ? file : file + "&api_key=x"});
      CHECK(fixture.fake.asked().at(0).headers ==
            Headers{{"Accept", "text/json"}});
    }
  }

  TEST_CASE("gets the body of a POST, and its type") {
    Fixture fixture(Auth::bearer);
    fixture.send_on(home, file, 307);
    fixture.fake.answer(file, "[1]");
    fixture.fetch(post());
    const auto& asked = fixture.fake.asked().at(1);
    CHECK(asked.method == Method::post);
    CHECK(asked.body == R"({"a":1})");
    CHECK(asked.headers == Headers{{"Accept", "application/json"},
                                   {"Content-Type", "application/json"}});
  }

  TEST_CASE("gets nothing in which a secret stands") {
    Fixture fixture(Auth::header);
    fixture.send_on(home, file + "&t=hunter2%2B%2F%3D");
    auto error = fixture.failure();
    CHECK(error.what() ==
          std::string("a request to https://files.example:443 is refused: a "
                      "secret of https://h.example:443 stands in it"));
    CHECK(error.code() == ExitCode::protocol);
    CHECK(fixture.fake.asked().size() == 1);

    Fixture with_body(Auth::header);
    with_body.send_on(home, file, 307);
    auto request = post();
    request.body = R"({"token":"hunter2+/="})";
    CHECK(
        std::string(with_body.failure(request).what())
            .starts_with("a request to https://files.example:443 is refused"));
    CHECK(with_body.fake.asked().size() == 1);
  }

  TEST_CASE("may send back to the source, and credentials stay behind") {
    Fixture fixture(Auth::query);
    fixture.send_on(home + "?api_key=hunter2%2B%2F%3D", file);
    fixture.send_on(file, "https://h.example/back");
    fixture.fake.answer("https://h.example/back", "[]");
    fixture.fetch();
    CHECK(fixture.fake.asked().at(2).headers ==
          Headers{{"Accept", "text/json"}});
  }

  TEST_CASE("that is not listed is not asked, and it is said how to list it") {
    for (const std::string to :
         {"https://evil.example/x", "//evil.example/x",
          "https://h.example:8443/", "https://sub.files.example/",
          "https://files.example:444/", "https://files.example./"}) {
      CAPTURE(to);
      Fixture fixture(Auth::bearer);
      fixture.send_on(home, to);
      const auto error = fixture.failure();
      CHECK(error.code() == ExitCode::protocol);
      CHECK(error.status() == 302);
      CHECK(error.what() == "GET " + home + ": the answer is 302");
      CHECK(
          note(error, "try") ==
          "such a redirect is not followed: set base_url to where the API is, "
          "or list in origins what needs no credentials; this one points to " +
              (to.starts_with("//") ? "https:" + to : to));
      CHECK(fixture.fake.asked().size() == 1);
    }
    Fixture fixture;
    CHECK(note(fixture.failure({Url("https://evil.example/x")}), "try") ==
          "if it is to be asked, without credentials, list it: origins = "
          "[\"https://evil.example:443\"]");
    // Listed, but http where the source is https.
    CHECK(fixture.failure({Url("http://old.example/x")}).status() == 0);
    CHECK(fixture.fake.asked().empty());
  }

  TEST_CASE("sees no byte unless it is listed") {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
    RawServer other(answer);
    RawServer server("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " +
                     other.url("/file") + "\r\n\r\n");
    SourceDefinition source;
    source.base_url = server.url();
    source.headers = {{"Cookie", "a=hunter2"}};
    const auto ask = [&] {
      Client client(source, {Auth::bearer, secret, "", "Authorization", "", ""},
                    std::make_unique<CurlTransport>(CurlTransport::Options{}));
      client.fetch({client.base()});
    };
    CHECK_THROWS_AS(ask(), HttpError);
    source.origins = {other.url()};
    ask();
    CHECK(other.connections() == 1);
    CHECK(server.connections() == 2);
    CHECK(other.requests() ==
          std::vector<std::string>{
              "GET /file HTTP/1.1\r\nHost: 127.0.0.1:" +
              std::to_string(other.port()) + "\r\nUser-Agent: strandline/" +
              strandline::version +
              "\r\nAccept-Encoding: gzip\r\nAccept: application/json\r\n\r\n"});
  }
}

TEST_SUITE("the time of an answer after redirects") {
  const Instant noon{1'704'110'400, 0};
  const Instant later{1'704'110'460, 0};

  TEST_CASE("counts from the first request on") {
    Fixture fixture;
    fixture.send_on(home, "/a");
    fixture.send_on("https://h.example/a", "/b");
    auto& answer = fixture.fake.answer("https://h.example/b", "[]");
    answer.date = noon;
    answer.time_to_first_byte = 2s;
    // A transport that is asked takes a while, whatever its answer says.
    struct Slow : Transport {
      explicit Slow(std::unique_ptr<Transport> inner)
          : inner_(std::move(inner)) {}
      void send(const Request& request, Response& response) override {
        std::this_thread::sleep_for(50ms);
        inner_->send(request, response);
      }
      std::unique_ptr<Transport> inner_;
    };
    Client client(fixture.source, {},
                  std::make_unique<Slow>(fixture.fake.transport()));
    const auto& response = client.fetch({Url(home)});
    CHECK(response.date == noon);
    CHECK(response.time_to_first_byte >= 2100ms);
    CHECK(response.time_to_first_byte < 3s);
  }

  TEST_CASE("counts what each answer says it took") {
    Fixture fixture;
    fixture.send_on(home, "/a").time_to_first_byte = 5s;
    fixture.send_on("https://h.example/a", "/b").time_to_first_byte = 5s;
    fixture.fake.answer("https://h.example/b", "[]").time_to_first_byte = 5s;
    const auto& response = fixture.fetch();
    CHECK(response.time_to_first_byte >= 15s);
    CHECK(response.time_to_first_byte < 16s);
  }

  TEST_CASE("is what the source's own clock said last") {
    Fixture fixture;
    auto& first = fixture.fake.answer(home, "", 302);
    first.headers = {{"Location", "/own"}};
    first.date = noon;
    first.time_to_first_byte = 1s;
    auto& own = fixture.fake.answer("https://h.example/own", "", 302);
    own.headers = {{"Location", "https://files.example/x"}};
    own.date = later;
    own.time_to_first_byte = 2s;
    auto& file = fixture.fake.answer("https://files.example/x", "[]");
    file.date = Instant{2'000'000'000, 0};
    file.time_to_first_byte = 10ms;
    const auto& response = fixture.fetch();
    CHECK(response.date == later);
    CHECK(response.time_to_first_byte >= 3s);
    CHECK(response.time_to_first_byte < 4s);
  }

  TEST_CASE("is left alone without one") {
    Fixture fixture;
    auto& answer = fixture.fake.answer(home, "[]");
    answer.time_to_first_byte = 7ms;
    CHECK(fixture.fetch().time_to_first_byte == 7ms);
  }
}
