// SPDX-License-Identifier: MIT
#include "recording/normal_form.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace strandline::http;
using strandline::recording::may_be;
using strandline::recording::normal_form;

namespace {

std::string url(const std::string& text, bool scrubbed = false) {
  return normal_form({Url(text)}, scrubbed).url.text();
}

std::string body(const std::string& text, const std::string& type = "",
                 bool scrubbed = false) {
  const Request request{
      Url("https://h.example/"), {{"Content-Type", type}}, Method::post, text};
  return normal_form(request, scrubbed).body;
}

}  // namespace

TEST_SUITE("normal_form") {
  TEST_CASE("a request without secrets stays byte for byte") {
    const auto text = std::string(
        "https://h.example/a%2fb/x?page_token=abcdefgh&since=2024-01-01T00:00:"
        "00%2b01:00&&empty=&q");
    CHECK(url(text) == Url(text).text());
    CHECK(url(text, true) == Url(text).text());
    const std::string json = "{ \"a\" : [1.0, 1e5,\"\\/\", null],\"a\":2 }";
    CHECK(body(json) == json);
    CHECK(body(json, "", true) == json);
  }

  TEST_CASE("what is known by name to be a secret is one word") {
    CHECK(url("https://h.example/x?api_key=a%20b&page=2&Access-Token=c") ==
          "https://h.example/x?api_key=REDACTED&page=2&Access-Token=REDACTED");
    CHECK(body("grant_type=authorization_code&code=a&client_secret=b",
               "application/x-www-form-urlencoded") ==
          "grant_type=authorization_code&code=REDACTED&client_secret=REDACTED");
    CHECK(
        body(R"({"code":"DE","auth":[{"password": "x"}],"api_key":7})") ==
        R"({"code":"DE","auth":[{"password": "REDACTED"}],"api_key":"REDACTED"})");
  }

  TEST_CASE("placeholders of both sides are equal") {
    CHECK(url("https://h.example/REDACTED-crm-token/x?t=REDACTED-crm-token") ==
          url("https://h.example/REDACTED-3/x?t=REDACTED"));
    CHECK(body(R"({"a":"key REDACTED-12."})") == R"({"a":"key REDACTED."})");
  }

  TEST_CASE("people are compared only where they were scrubbed") {
    const auto* live =
        "https://h.example/x?owner=Ann%40acme.example&phone=%2B49301234567"
        "&first_name=Ann";
    const auto* recorded =
        "https://h.example/x?owner=person-7%40example.com"
        "&phone=%2B15550100002&first_name=Name%203";
    CHECK(url(live) == live);
    CHECK(url(live, true) == url(recorded, true));
    CHECK(url(live, true) != live);
    CHECK(
        body(R"({"name":"Ann","email":"a@b.example","phone":49301234567})", "",
             true) ==
        body(
            R"({"name":"Name 2","email":"person-1@example.com","phone":15550100001})",
            "", true));
  }

  TEST_CASE("done twice it changes nothing more") {
    for (const auto* text :
         {"https://h.example/x?token=abc&email=a%40b.example&q=%2B49301234567",
          "https://h.example/eyJhbGciOi.eyJzdWIiOiJ.c2lnbmF0dXJl/x"}) {
      const auto once = url(text, true);
      CHECK(once != text);
      CHECK(url(once, true) == once);
    }
  }

  TEST_CASE("method and headers stay") {
    const Request request{Url("https://h.example/"),
                          {{"Authorization", "Bearer abc"}},
                          Method::post,
                          "{}"};
    const auto normal = normal_form(request, true);
    CHECK(normal.method == Method::post);
    CHECK(normal.headers == request.headers);
  }

  TEST_CASE("a text with stand-ins may be the one that it was") {
    const std::string text = "GET /x?k=abc&o=jane@a.example&limit=10";
    for (const auto* recorded :
         {"GET /x?k=abc&o=jane@a.example&limit=10",
          "GET /x?k=REDACTED-1&o=jane@a.example&limit=10",
          "GET /x?k=REDACTED-crm-token&o=person-12@example.com&limit=10",
          "REDACTED-2?k=abc&o=person-1%40example.com&limit=REDACTED"}) {
      CAPTURE(recorded);
      CHECK(may_be(recorded, text));
    }
    for (const auto* recorded :
         {"", "GET /x?k=abc&o=jane@a.example&limit=1",
          "GET /x?k=REDACTED-1&o=jane@a.example&limit=20",
          "POST /x?k=REDACTED-1&o=jane@a.example&limit=10",
          "GET /x?k=REDACTED-1&p=person-1@example.com&limit=10",
          "GET /x?k=abc&o=jane@a.example&limit=10REDACTEDlimit=10"}) {
      CAPTURE(recorded);
      CHECK_FALSE(may_be(recorded, text));
    }
  }
}
