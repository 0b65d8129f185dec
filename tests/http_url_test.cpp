// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "http/error.hpp"
#include "http/url.hpp"

using namespace std::string_literals;
using strandline::ExitCode;
using strandline::http::HttpError;
using strandline::http::percent_encode;
using strandline::http::Query;
using strandline::http::Url;

namespace {

// What the constructor throws for `text`.
HttpError refusal(const std::string& text,
                  ExitCode failure = ExitCode::protocol) {
  try {
    const Url url(text, failure);
  } catch (const HttpError& error) {
    return error;
  }
  FAIL("taken: " << text);
  throw;
}

}  // namespace

TEST_SUITE("Url") {
  TEST_CASE("what stands in a URL is left as it stands") {
    for (const std::string text : {
             "https://h.example/a%2Fb%2fc?x=%5B%5b&y=a+b",
             "https://h.example:8443/?q=a?b/c;d&&e",
             "https://h.example:443/",
             "http://[::1]:8080/x",
             "https://h.example/x?filter[a]=1&b={c}|d",
             "https://h.example/x?next=https://other/?a=b",
         }) {
      CAPTURE(text);
      CHECK(Url(text).text() == text);
    }
  }

  TEST_CASE("only what no URL may hold is written anew") {
    struct Case {
      std::string text;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {"https://h", "https://h/"},
        {"HTTPS://h/", "https://h/"},
        {"https://h?a=1", "https://h/?a=1"},
        {"https://h/a b?c=d e", "https://h/a%20b?c=d+e"},
        {"https://h/é", "https://h/%c3%a9"},
        {"https://h/a/../b/./c", "https://h/b/c"},
        {"https://h/a#part", "https://h/a"},
        {"https://h/a?b#part", "https://h/a?b"},
        {"https://h/a?", "https://h/a"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(Url(c.text).text() == c.expected);
    }
  }

  TEST_CASE("an origin is lower-case and always has its port") {
    struct Case {
      std::string text;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {"https://H.Example/a", "https://h.example:443"},
        {"https://h.example:443/", "https://h.example:443"},
        {"https://h.example:8443/", "https://h.example:8443"},
        {"http://h.example/", "http://h.example:80"},
        {"http://[::1]/", "http://[::1]:80"},
        {"http://127.1:80/", "http://127.0.0.1:80"},
        {"https://h.example./", "https://h.example.:443"},
        {"https://h%2Eexample/", "https://h.example:443"},
        {"https://h.example:0443/", "https://h.example:443"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(Url(c.text).origin() == c.expected);
    }
  }

  TEST_CASE("what is not an absolute http URL is refused with the reason") {
    struct Case {
      std::string text;
      std::string reason;
    };
    const std::vector<Case> cases = {
        {"", "Bad scheme"},
        {"/path", "Bad scheme"},
        {"h.example/path", "Bad scheme"},
        {"ftp://h.example/", "it is neither http nor https"},
        {"file:///etc/passwd", "it is neither http nor https"},
        {"https://", "No host part in the URL"},
        {"https://h:99999/", "Port number"},
        {"https://h/a\r\nb", "Bad path"},
        {"https://h/a\0b"s, "it has a NUL character"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      const auto error = refusal(c.text);
      CHECK(error.code() == ExitCode::protocol);
      CHECK(error.status() == 0);
      CHECK(std::string(error.what()).find(c.reason) != std::string::npos);
    }
    CHECK(refusal("ftp://h/", ExitCode::configuration).code() ==
          ExitCode::configuration);
  }

  TEST_CASE("a user name or password is refused and not shown") {
    for (const std::string text :
         {"https://joe:hunter2@h.example/a?hunter2",
          "https://hunter2@h.example/", "https://hunter2:x@h.example:99999/",
          "ftp://joe:hunter2@h.example/"}) {
      CAPTURE(text);
      const std::string message = refusal(text).what();
      CHECK(message.find("hunter2") == message.npos);
    }
    CHECK(std::string(refusal("https://joe:hunter2@h.example/a?q").what()) ==
          "cannot read the URL \"h.example/a\": it has a user name or password "
          "in it");
  }

  TEST_CASE("a query is not shown in an error") {
    const std::string message = refusal("ftp://h/path?key=hunter2").what();
    CHECK(message.find("ftp://h/path") != message.npos);
    CHECK(message.find("hunter2") == message.npos);
  }

  TEST_CASE("a path is put behind the base's whatever the slashes") {
    struct Case {
      std::string base;
      std::string path;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {"https://h/api/v2", "/tickets", "https://h/api/v2/tickets"},
        {"https://h/api/v2", "tickets", "https://h/api/v2/tickets"},
        {"https://h/api/v2/", "/tickets", "https://h/api/v2/tickets"},
        {"https://h/api/v2//", "//tickets", "https://h/api/v2/tickets"},
        {"https://h", "tickets", "https://h/tickets"},
        {"https://h", "//evil.example/x", "https://h/evil.example/x"},
        {"https://h/", "/tickets/", "https://h/tickets/"},
        {"https://h/api", "", "https://h/api"},
        {"https://h/api", "/", "https://h/api/"},
        {"https://h:8443/api", "/a b/%2F", "https://h:8443/api/a%20b/%2F"},
        {"https://h/api", "/x?limit=5", "https://h/api/x?limit=5"},
        {"https://h/api", "?limit=5", "https://h/api?limit=5"},
        {"https://h/api?a=1", "/x?b=2", "https://h/api/x?a=1&b=2"},
        {"https://h/api?a=1", "/x", "https://h/api/x?a=1"},
        {"https://h/api", "/x?", "https://h/api/x"},
        {"https://h/api", "https://other/x", "https://h/api/https://other/x"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.base);
      CAPTURE(c.path);
      Url url(c.base);
      url.append_path(c.path);
      CHECK(url.text() == c.expected);
    }
  }

  TEST_CASE("a # in a path is refused rather than cut off") {
    Url url("https://h/api");
    CHECK_THROWS_WITH_AS(url.append_path("/a#b"),
                         "cannot read the URL \"/a\": a # in it must be "
                         "written %23",
                         HttpError);
    CHECK(url.text() == "https://h/api");
  }

  TEST_CASE("a query parameter is percent-encoded and added at the end") {
    Url url("https://h/x?sort=a%2Cb");
    url.add_query("filter[updated_at]", "2024-01-01T00:00:00+01:00");
    url.add_query("q", "a&b=c d/é%");
    url.add_query("empty", "");
    CHECK(url.path_and_query() ==
          "/x?sort=a%2Cb&filter%5Bupdated_at%5D=2024-01-01T00%3A00%3A00%2B01"
          "%3A00&q=a%26b%3Dc%20d%2F%C3%A9%25&empty=");
    CHECK(url.query() ==
          Query{{"sort", "a,b"},
                {"filter[updated_at]", "2024-01-01T00:00:00+01:00"},
                {"q", "a&b=c d/é%"},
                {"empty", ""}});
  }

  TEST_CASE("a query is read with its plus signs, escapes and odd pieces") {
    const Url url("https://h/?a+b=c+d&e&=f&&g=h=i&j=%ZZ&k=%00x");
    CHECK(url.query() == Query{{"a b", "c d"},
                               {"e", ""},
                               {"", "f"},
                               {"g", "h=i"},
                               {"j", "%ZZ"},
                               {"k", "\0x"s}});
    CHECK(Url("https://h/").query().empty());
  }

  TEST_CASE("setting a parameter replaces what stands there") {
    struct Case {
      std::string url;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {"https://h/x", "https://h/x?after=t%2F1"},
        {"https://h/x?a=%2f", "https://h/x?a=%2f&after=t%2F1"},
        {"https://h/x?after=old&a=1", "https://h/x?after=t%2F1&a=1"},
        {"https://h/x?after&a&after=2", "https://h/x?after=t%2F1&a"},
        {"https://h/x?%61fter=old", "https://h/x?after=t%2F1"},
        {"https://h/x?afterward=1", "https://h/x?afterward=1&after=t%2F1"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.url);
      Url url(c.url);
      url.set_query("after", "t/1");
      CHECK(url.text() == c.expected);
    }
  }

  TEST_CASE("removing a parameter leaves the others as they stand") {
    struct Case {
      std::string url;
      std::string expected;
    };
    const std::vector<Case> cases = {
        {"https://h/x", "https://h/x"},
        {"https://h/x?key=1", "https://h/x"},
        {"https://h/x?a=%2f&key=1&b=c+d&key", "https://h/x?a=%2f&b=c+d"},
        {"https://h/x?k%65y=1&a", "https://h/x?a"},
        {"https://h/x?keys=1", "https://h/x?keys=1"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.url);
      Url url(c.url);
      url.remove_query("key");
      CHECK(url.text() == c.expected);
    }
  }

  TEST_CASE("a reference is resolved as RFC 3986 has it") {
    const Url base("http://a/b/c/d;p?q");
    struct Case {
      std::string reference;
      std::string expected;
    };
    // §5.4, less the fragments, which are never sent
    const std::vector<Case> cases = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"https://other:1/x?a=%2f+b", "https://other:1/x?a=%2f+b"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.reference);
      CHECK(base.resolve(c.reference).text() == c.expected);
    }
    for (const std::string reference :
         {"ftp://a/x", "file:///etc/passwd", "//joe:pw@a/x", "mailto:a@b"}) {
      CAPTURE(reference);
      CHECK_THROWS_AS(base.resolve(reference), HttpError);
    }
  }

  TEST_CASE("loopback is told by the address, not by the look of the name") {
    for (const std::string url :
         {"http://127.0.0.1/", "http://127.8.9.10:1/", "http://localhost/",
          "http://LOCALHOST/", "http://[::1]/", "http://0x7f.1/",
          "http://[0:0:0:0:0:0:0:1]/"}) {
      CAPTURE(url);
      CHECK(Url(url).loopback());
    }
    for (const std::string url :
         {"http://127.evil.example/", "http://127.0.0.1.evil.example/",
          "http://localhost.evil.example/", "http://0.0.0.0/",
          "http://10.0.0.1/", "http://[::2]/", "http://128.0.0.1/"}) {
      CAPTURE(url);
      CHECK_FALSE(Url(url).loopback());
    }
  }

  TEST_CASE("percent encoding leaves only unreserved characters") {
    CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
    CHECK(percent_encode("a/b c+[é]\0"s) == "a%2Fb%20c%2B%5B%C3%A9%5D%00");
    CHECK(percent_encode("").empty());
  }
}
