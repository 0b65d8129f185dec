// SPDX-License-Identifier: MIT
#include "recording/redaction.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "http/base64.hpp"
#include "http/redactor.hpp"
#include "http/url.hpp"
#include "random_recording.hpp"
#include "recording/har.hpp"
#include "recording/har_document.hpp"
#include "recording/json_edit.hpp"
#include "recording/normal_form.hpp"

using namespace std::string_literals;
using namespace strandline::http;
using namespace strandline::recording;
using strandline::test::RandomRecording;
using Json = nlohmann::ordered_json;

namespace {

// An entry as browsers write it.
Json entry(const std::string& url = "https://h.example/x") {
  return {{"startedDateTime", "2026-03-03T08:00:05.000Z"},
          {"time", 1},
          {"request",
           {{"method", "GET"},
            {"url", url},
            {"httpVersion", "HTTP/1.1"},
            {"cookies", Json::array()},
            {"headers", Json::array()},
            {"queryString", Json::array()},
            {"headersSize", -1},
            {"bodySize", 0}}},
          {"response",
           {{"status", 200},
            {"statusText", "OK"},
            {"httpVersion", "HTTP/1.1"},
            {"cookies", Json::array()},
            {"headers", Json::array()},
            {"content", {{"size", 0}, {"mimeType", ""}, {"text", ""}}},
            {"redirectURL", ""},
            {"headersSize", -1},
            {"bodySize", -1}}},
          {"cache", Json::object()},
          {"timings", {{"send", 0}, {"wait", 1}, {"receive", 0}}}};
}

Json har(std::vector<Json> entries) {
  return {{"log",
           {{"version", "1.2"},
            {"creator", {{"name", "test"}, {"version", "1"}}},
            {"entries", std::move(entries)}}}};
}

Json answer(const std::string& body, const std::string& type = "") {
  auto result = entry();
  result["response"]["content"] = {
      {"size", body.size()}, {"mimeType", type}, {"text", body}};
  return result;
}

Json post(const std::string& body, const std::string& type = "") {
  auto result = entry();
  result["request"]["postData"] = {{"mimeType", type}, {"text", body}};
  result["request"]["bodySize"] = body.size();
  return result;
}

Json with_header(const std::string& name, const std::string& value,
                 const char* message = "request") {
  auto result = entry();
  result[message]["headers"] = {{{"name", name}, {"value", value}}};
  return result;
}

Json redacted(Json document, const Redactor* known = nullptr) {
  Redaction(known).apply(document);
  return document;
}

// The answer's body of the only entry, redacted.
std::string body_of(const std::string& body, const std::string& type = "",
                    const Redactor* known = nullptr) {
  return redacted(har({answer(body, type)}),
                  known)["log"]["entries"][0]["response"]["content"]["text"];
}

std::string url_of(const std::string& url) {
  return redacted(har({entry(url)}))["log"]["entries"][0]["request"]["url"];
}

std::string header_of(const std::string& name, const std::string& value) {
  return redacted(har({with_header(
      name, value)}))["log"]["entries"][0]["request"]["headers"][0]["value"];
}

bool is_base64(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' ||
         c == '/' || c == '-' || c == '_';
}

// Texts that `text` may stand for.
std::string without_escapes(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
    } else if (text[i + 1] == 'u' && i + 5 < text.size()) {
      const auto read =
          Json::parse('"' + text.substr(i, 6) + '"', nullptr, false);
      result += read.is_string() ? read.get<std::string>() : "";
      i += 5;
    } else {
      result += text[++i];
    }
  }
  return result;
}

std::string with_blanks(std::string text) {
  std::ranges::replace(text, '+', ' ');
  return text;
}

// True if `secret` can be read from `text` by whoever knows the usual forms:
// all of it, or of what base64 holds all but the ends.
bool reveals(const std::string& text, const std::string& secret,
             int depth = 3) {
  if (text.find(secret) != text.npos) {
    return true;
  }
  if (depth == 0) {
    return false;
  }
  for (const auto& other : {without_escapes(text), percent_decode(text),
                            percent_decode(with_blanks(text))}) {
    if (other != text && reveals(other, secret, depth - 1)) {
      return true;
    }
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto end = i;
    while (end < text.size() && is_base64(text[end])) {
      ++end;
    }
    for (std::size_t skip = 0; skip < 4 && i + skip + 12 <= end; ++skip) {
      auto run = text.substr(i + skip, end - i - skip);
      std::ranges::replace(run, '-', '+');
      std::ranges::replace(run, '_', '/');
      run.resize(run.size() / 4 * 4);
      const auto bytes = base64_decode(run);
      if (bytes &&
          bytes->find(secret.substr(2, secret.size() - 4)) != bytes->npos) {
        return true;
      }
    }
    i = std::max(i, end);
  }
  return false;
}

// True if the file, or a body in it that is in base64, reveals it.
bool reveals(const Json& document, const std::string& secret) {
  bool found = reveals(document.dump(), secret);
  for (const auto& each : document["log"]["entries"]) {
    const auto& content = each["response"]["content"];
    if (content.value("encoding", "") == "base64") {
      found =
          found ||
          reveals(*base64_decode(content["text"].get<std::string>()), secret);
    }
  }
  return found;
}

std::string quoted(const std::string& text) {
  return Json(text).dump();
}

std::string inside(const std::string& text, bool ascii = false) {
  const auto all = Json(text).dump(-1, ' ', ascii);
  return all.substr(1, all.size() - 2);
}

std::string with_slashes_escaped(std::string text) {
  for (auto at = text.find('/'); at != text.npos; at = text.find('/', at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

// `%2F` as `%2f`.
std::string lower_case_escapes(std::string text) {
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 3)) {
    text.replace(at, 3, lower_case(text.substr(at, 3)));
  }
  return text;
}

std::string all_escaped(const std::string& text) {
  static const char* digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += {'%', digits[byte >> 4U], digits[byte & 15U]};
  }
  return result;
}

struct Place {
  const char* name;
  std::function<Json(const std::string&)> entry;
};

// Where a secret is a secret because of where it stands.
std::vector<Place> origins() {
  std::vector<Place> all;
  const auto header = [&](const char* name, const std::string& before = "",
                          const char* message = "request") {
    all.push_back({name, [=](const std::string& secret) {
                     return with_header(name, before + secret, message);
                   }});
  };
  header("Authorization", "Bearer ");
  header("authorization", "zoho-oauthtoken ");
  header("Authorization");
  header("Proxy-Authorization");
  header("X-Api-Key");
  header("Api-Key");
  header("X-Auth-Token");
  header("X-Shopify-Access-Token");
  header("PRIVATE-TOKEN");
  header("Ocp-Apim-Subscription-Key");
  header("Cookie", "a=b; sid=");
  header("Set-Cookie", "sid=", "response");
  all.push_back({"Basic", [](const std::string& secret) {
                   return with_header("Authorization",
                                      "Basic " + base64_encode("me:" + secret));
                 }});
  for (const auto* name :
       {"access_token", "refresh_token", "id_token", "client_secret",
        "client_assertion", "assertion", "password", "passwd", "secret",
        "api_key", "apiKey", "API-KEY", "private_key", "authorization",
        "auth_token", "session_token", "code_verifier", "token", "code"}) {
    all.push_back({name, [=](const std::string& secret) {
                     return entry("https://h.example/x?a=1&"s + name + "=" +
                                  percent_encode(secret) + "&b=2");
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     return post("a=1&"s + name + "=" + percent_encode(secret),
                                 "application/x-www-form-urlencoded");
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     auto result = entry();
                     result["request"]["postData"] = {
                         {"mimeType", "application/x-www-form-urlencoded"},
                         {"params", {{{"name", name}, {"value", secret}}}}};
                     return result;
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     auto result = entry();
                     result["request"]["queryString"] = {
                         {{"name", name}, {"value", secret}}};
                     return result;
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     auto result = entry();
                     const auto url = "https://h.example/?"s + name + "=" +
                                      percent_encode(secret);
                     result["response"]["redirectURL"] = url;
                     result["response"]["headers"] = {
                         {{"name", "Location"}, {"value", url}}};
                     return result;
                   }});
    if (name == "code"s) {
      continue;
    }
    const auto json = [=](const std::string& secret) {
      return "{\"a\": [{\""s + name + "\" : " + quoted(secret) + "}]}";
    };
    all.push_back({name, [=](const std::string& secret) {
                     return answer(json(secret), "application/json");
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     return post(json(secret), "application/json");
                   }});
  }
  all.push_back({"user name in a URL", [](const std::string& secret) {
                   return answer("see https://me:" + percent_encode(secret) +
                                 "@h.example/x");
                 }});
  all.push_back(
      {"cookies", [](const std::string& secret) {
         auto result = entry();
         result["response"]["cookies"] = {{{"name", "sid"}, {"value", secret}}};
         return result;
       }});
  all.push_back({"a fragment", [](const std::string& secret) {
                   return with_header("Location",
                                      "https://h.example/#access_token=" +
                                          percent_encode(secret),
                                      "response");
                 }});
  all.push_back(
      {"JSON inside JSON", [](const std::string& secret) {
         return answer(Json{{"a", Json{{"password", secret}}.dump()}}.dump());
       }});
  all.push_back({"a value inside", [](const std::string& secret) {
                   return answer(Json{{"api_key", {{"value", secret}}}}.dump());
                 }});
  all.push_back(
      {"a list", [](const std::string& secret) {
         return answer(Json{{"tokens", {{{"token", {"x", secret}}}}}}.dump());
       }});
  all.push_back(
      {"a body in base64", [](const std::string& secret) {
         auto result = entry();
         result["response"]["content"] = {
             {"encoding", "base64"},
             {"text", base64_encode(Json{{"password", secret}}.dump())}};
         return result;
       }});
  return all;
}

// Where a secret that is known may stand besides, and in which form.
std::vector<Place> echoes() {
  using Form = std::function<std::string(const std::string&)>;
  std::vector<Place> all;
  const auto add_in_url = [&](const char* name, const Form& form) {
    all.push_back({name, [=](const std::string& secret) {
                     return entry("https://h.example/" + form(secret) +
                                  "/x?filter=" + form(secret));
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     return post("filter=" + form(secret),
                                 "application/x-www-form-urlencoded");
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     return with_header("Location", "/x?filter=" + form(secret),
                                        "response");
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     return answer(Json{
                         {"next", "https://h.example/x?filter=" + form(secret)}}
                                       .dump());
                   }});
  };
  add_in_url("percent", percent_encode);
  add_in_url("lower case", [](const auto& secret) {
    return lower_case_escapes(percent_encode(secret));
  });
  add_in_url("every byte escaped", all_escaped);
  const auto add_in_text = [&](const char* name, const Form& form) {
    all.push_back({name, [=](const std::string& secret) {
                     return answer("as " + form(secret) + ".", "text/plain");
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     return with_header("X-Echo", "as " + form(secret));
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     return answer(Json{{"a", {"as " + form(secret)}}}.dump());
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     auto result = entry();
                     result["_more"] = {{"text", form(secret)}};
                     result["comment"] = form(secret);
                     return result;
                   }});
  };
  add_in_text("raw", [](const auto& secret) { return secret; });
  add_in_text("percent", percent_encode);
  add_in_text("JSON", [](const auto& secret) { return inside(secret); });
  add_in_text("JSON in ASCII",
              [](const auto& secret) { return inside(secret, true); });
  add_in_text("JSON with \\/", [](const auto& secret) {
    return with_slashes_escaped(inside(secret));
  });
  for (const auto* before : {"", "u:", "user:", "a"}) {
    add_in_text("base64", [=](const auto& secret) {
      return base64_encode(before + secret + ":x");
    });
    add_in_text("base64url", [=](const auto& secret) {
      auto text = base64_encode(before + secret);
      std::ranges::replace(text, '+', '-');
      std::ranges::replace(text, '/', '_');
      return text;
    });
    add_in_text("base64 in a query", [=](const auto& secret) {
      return "q=" + percent_encode(base64_encode(before + secret));
    });
  }
  const auto add_json = [&](const char* name, const Form& form) {
    all.push_back({name, [=](const std::string& secret) {
                     return answer("{\"a\":\"" + form(secret) + "\"}");
                   }});
    all.push_back({name, [=](const std::string& secret) {
                     return post("{\"" + form(secret) + "\":1}");
                   }});
  };
  add_json("\\/", [](const auto& secret) {
    return with_slashes_escaped(inside(secret));
  });
  add_json("\\u", [](const auto& secret) {
    std::string result;
    for (const char c : secret) {
      const auto ascii = static_cast<unsigned char>(c) < 0x80;
      result += ascii ? "\\u00" + lower_case(all_escaped({c}).substr(1))
                      : std::string(1, c);
    }
    return result;
  });
  all.push_back({"the middle of a body in base64", [](const auto& secret) {
                   auto result = entry();
                   result["response"]["content"] = {
                       {"encoding", "base64"},
                       {"text", base64_encode("\xFF of " + secret + "\n")}};
                   return result;
                 }});
  return all;
}

class Secrets {
 public:
  // Of twelve and more characters: what base64 has of it can be found then.
  std::string next() {
    static const std::string plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const std::string all = plain + "/+=-_.~!$ <>'\"\\&%#?:@";
    const auto& characters = random_() % 2 == 0 ? plain : all;
    std::string secret;
    for (auto length = 16 + random_() % 24; length > 0; --length) {
      secret += characters[random_() % characters.size()];
    }
    return "s" + secret + "e";
  }

 private:
  std::mt19937_64 random_{1};
};

}  // namespace

TEST_SUITE("canaries") {
  TEST_CASE("a secret of the run is in no form anywhere in the file") {
    Secrets secrets;
    for (int round = 0; round < 8; ++round) {
      for (const auto& place : echoes()) {
        CAPTURE(place.name);
        const auto secret = secrets.next();
        CAPTURE(secret);
        Redactor known;
        known.add(secret, "REDACTED-crm-token");
        const auto before = har({place.entry(secret)});
        REQUIRE(reveals(before, secret));
        const auto after = redacted(before, &known);
        CAPTURE(after.dump());
        REQUIRE_FALSE(reveals(after, secret));
        CHECK(after.dump().find("REDACTED-1") == std::string::npos);
      }
    }
  }

  TEST_CASE("a secret known by its place is there no more") {
    Secrets secrets;
    for (int round = 0; round < 3; ++round) {
      for (const auto& place : origins()) {
        CAPTURE(place.name);
        const auto secret = secrets.next();
        CAPTURE(secret);
        const auto before = har({place.entry(secret)});
        CAPTURE(before.dump());
        REQUIRE(reveals(before, secret));
        const auto after = redacted(before);
        CAPTURE(after.dump());
        REQUIRE_FALSE(reveals(after, secret));
        CHECK((after.dump().find("REDACTED-1") != std::string::npos ||
               after["log"]["entries"][0]["response"]["content"].contains(
                   "encoding")));
      }
    }
  }

  TEST_CASE("a secret known by its place is nowhere else, before or behind") {
    Secrets secrets;
    const auto others = echoes();
    for (const auto& place : origins()) {
      CAPTURE(place.name);
      const auto secret = secrets.next();
      CAPTURE(secret);
      std::vector<Json> entries;
      for (const auto& other : others) {
        entries.push_back(other.entry(secret));
      }
      entries.insert(entries.begin() + 5, place.entry(secret));
      const auto after = redacted(har(std::move(entries)));
      for (const auto& each : after["log"]["entries"]) {
        CAPTURE(each.dump());
        REQUIRE_FALSE(reveals(har({each}), secret));
      }
    }
  }

  TEST_CASE("two secrets of the run and one that came, all in one text") {
    Redactor known;
    known.add("first/secret", "REDACTED-a");
    known.add("second secret", "REDACTED-b");
    const auto after = body_of(
        "{\"access_token\":\"third-secret\",\"x\":\"first/secret second secret "
        "third-secret\",\"y\":\"" +
            base64_encode("first/secret:third-secret") + "\"}",
        "", &known);
    CHECK(after.starts_with(
        "{\"access_token\":\"REDACTED-1\",\"x\":\"REDACTED-a REDACTED-b "
        "REDACTED-1\",\"y\":\"REDACTED-a"));
    CHECK(after.find("REDACTED-1", 80) != after.npos);
  }
}

TEST_SUITE("redaction") {
  TEST_CASE("placeholders are numbered as values appear, and stay with them") {
    auto document =
        har({post("client_secret=s-one&grant_type=refresh_token&refresh_token="
                  "refresh-one",
                  "application/x-www-form-urlencoded"),
             answer(R"({"access_token":"access-one","expires_in":3600})"),
             with_header("Authorization", "Bearer access-one"),
             entry("https://h.example/access-one/x?refresh_token=refresh-one"),
             post("refresh_token=refresh-one&client_secret=s-one",
                  "application/x-www-form-urlencoded")});
    document = redacted(document);
    const auto& entries = document["log"]["entries"];
    CHECK(entries[0]["request"]["postData"]["text"] ==
          "client_secret=REDACTED-1&grant_type=refresh_token&refresh_token="
          "REDACTED-2");
    CHECK(entries[1]["response"]["content"]["text"] ==
          R"({"access_token":"REDACTED-3","expires_in":3600})");
    CHECK(entries[2]["request"]["headers"][0]["value"] == "Bearer REDACTED-3");
    CHECK(entries[3]["request"]["url"] ==
          "https://h.example/REDACTED-3/x?refresh_token=REDACTED-2");
    CHECK(entries[4]["request"]["postData"]["text"] ==
          "refresh_token=REDACTED-2&client_secret=REDACTED-1");
  }

  TEST_CASE("a secret of the run keeps its placeholder in a known field") {
    Redactor known;
    known.add("abc", "REDACTED-crm-token");
    CHECK(body_of(R"({"token":"abc","password":"abc1"})", "", &known) ==
          R"({"token":"REDACTED-crm-token","password":"REDACTED-1"})");
  }

  TEST_CASE("short values are replaced only in their field") {
    CHECK(body_of(R"({"password":"1234567","x":"1234567"})") ==
          R"({"password":"REDACTED-1","x":"1234567"})");
    CHECK(body_of(R"({"password":"12345678","x":"12345678"})") ==
          R"({"password":"REDACTED-1","x":"REDACTED-1"})");
  }

  TEST_CASE("JSON keeps every other byte") {
    const std::string before =
        "\xEF\xBB\xBF { \"n\" : 1.50, \"big\":123456789012345678901234567890, "
        "\"n\":1E5,\r\n\t\"token\" :\"a\\/b\",\"u\":\"\\u00fc\\/\", \"code\":"
        "\"DE\",\"e\":{},\"l\":[ ] , \"token\":null,\"token\":true}\n";
    auto after = before;
    after.replace(after.find("a\\/b"), 4, "REDACTED-1");
    CHECK(body_of(before) == after);
  }

  TEST_CASE("a secret number becomes a text, and JSON stays JSON") {
    CHECK(body_of(R"({"api_key":12345678,"id":12345678,"x":[12345678,1]})") ==
          R"({"api_key":"REDACTED-1","id":"REDACTED-1","x":["REDACTED-1",1]})");
  }

  TEST_CASE("JSON that was cut short or is not quite JSON is redacted") {
    CHECK(body_of(R"({"token":"abc)") == R"({"token":"REDACTED-1)");
    CHECK(body_of(R"([{"token":"abc"},{"tok)") ==
          R"([{"token":"REDACTED-1"},{"tok)");
    CHECK(body_of("{\"token\":\"a\"}\n{\"token\":\"b\"}\n") ==
          "{\"token\":\"REDACTED-1\"}\n{\"token\":\"REDACTED-2\"}\n");
    CHECK(body_of(")]}',\n{\"token\":\"abc\"}") ==
          ")]}',\n{\"token\":\"REDACTED-1\"}");
    CHECK(body_of(R"({"token":"\ud800"})") == R"({"token":"REDACTED-1"})");
  }

  TEST_CASE("tokens of pages and feeds, and other fields, are no secrets") {
    const std::string body =
        R"({"next_page_token":"abcdefghij","pageToken":"abcdefghij",)"
        R"("sync_token":"abcdefghij","delta_token":"abcdefghij",)"
        R"("cursor":"abcdefghij","continuation_token":"abcdefghij",)"
        R"("code":"abcdefghij","signature":"abcdefghij",)"
        R"("token_type":"Bearer12","secretary":"Ann Example"})";
    CHECK(body_of(body) == body);
    const std::string url =
        "https://h.example/x?page_token=abcdefghij&syncToken=abcdefghij&"
        "cursor=abcdefghij&state=abcdefghij";
    CHECK(url_of(url) == url);
    CHECK(header_of("X-Next-Page-Token", "abcdefghij") == "abcdefghij");
    CHECK(header_of("X-Sync-Token", "abcdefghij") == "abcdefghij");
    CHECK(header_of("X-Request-Id", "abcdefghij") == "abcdefghij");
  }

  TEST_CASE("a JWT is one anywhere, and what looks a little like it is none") {
    const std::string jwt =
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_DEF123";
    CHECK(body_of("as " + jwt + ", again " + jwt) ==
          "as REDACTED-1, again REDACTED-1");
    CHECK(url_of("https://h.example/" + jwt + "/x?a=" + jwt) ==
          "https://h.example/REDACTED-1/x?a=REDACTED-1");
    CHECK(body_of("{\"a\":\"" + jwt + "\"}") == "{\"a\":\"REDACTED-1\"}");
    for (const auto* text :
         {"eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0",
          "xeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", "eyJ.a.b"}) {
      CAPTURE(text);
      CHECK(body_of(text) == text);
    }
  }

  TEST_CASE("user names of URLs are replaced, and the host stays") {
    CHECK(body_of("<a href='https://me:pass-word@h.example/x'>pass-word") ==
          "<a href='https://REDACTED-1@h.example/x'>REDACTED-2");
    CHECK(url_of("https://me@h.example/x") == "https://REDACTED-1@h.example/x");
  }

  TEST_CASE("user names of URLs are replaced whatever the scheme") {
    CHECK(body_of(R"({"dsn":"postgres://me:pass-word@h.example/x"})") ==
          R"({"dsn":"postgres://REDACTED-1@h.example/x"})");
    CHECK(body_of("(HTTPS://me@h.example/x), ://me@h.example") ==
          "(HTTPS://REDACTED-1@h.example/x), ://me@h.example");
  }

  TEST_CASE(
      "what stands in a host or is a time is replaced only in its field") {
    auto document =
        har({entry("https://acme-crm.example/x?token=acme-crm"),
             answer(R"({"password":"2024-01-01","x":"2024-01-01 acme-crm"})")});
    document = redacted(document);
    const auto& entries = document["log"]["entries"];
    CHECK(entries[0]["request"]["url"] ==
          "https://acme-crm.example/x?token=REDACTED-1");
    CHECK(entries[1]["response"]["content"]["text"] ==
          R"({"password":"REDACTED-2","x":"2024-01-01 acme-crm"})");
  }

  TEST_CASE("headers that authorise keep the word that says how") {
    CHECK(header_of("Authorization", "Bearer abc") == "Bearer REDACTED-1");
    CHECK(header_of("Authorization", "Basic YTpi") == "Basic REDACTED-1");
    CHECK(header_of("Authorization", "my secret") == "REDACTED-1");
    CHECK(header_of("Cookie", "a=b; c=d") == "REDACTED-1");
    CHECK(header_of("Accept", "application/json") == "application/json");
  }

  TEST_CASE("where an answer leads is a URL, also without a slash") {
    CHECK(header_of("Location", "next?code=abc") == "next?code=REDACTED-1");
    CHECK(header_of("X-Other", "next?code=abc") == "next?code=abc");
  }

  TEST_CASE("a secret of one character leaves placeholders alone") {
    Redactor known;
    known.add("1", "REDACTED-pin");
    const auto after = redacted(
        har({entry("https://h.example/x?password=abc&pin=1")}), &known);
    CHECK(after["log"]["entries"][0]["request"]["url"] ==
          "https://h.example/x?password=REDACTED-1&pin=REDACTED-pin");
  }

  TEST_CASE("headers in pairs are redacted") {
    auto with = entry();
    with["request"]["headers"] = {{"Authorization", "abc"}, {"Accept", "x"}};
    with["request"]["headers"] = Json::array(
        {Json::array({"Authorization", "abc"}), Json::array({"Accept", "x"})});
    const auto after = redacted(har({with}));
    CHECK(after["log"]["entries"][0]["request"]["headers"].dump() ==
          R"([["Authorization","REDACTED-1"],["Accept","x"]])");
  }

  TEST_CASE("sizes are those of the new bodies") {
    auto document = har({answer(R"({"token":"abc"})"), post("token=abc")});
    document = redacted(document);
    const auto& entries = document["log"]["entries"];
    CHECK(entries[0]["response"]["content"]["size"] == 22);
    CHECK(entries[0]["response"]["bodySize"] == -1);
    CHECK(entries[1]["request"]["bodySize"] == 16);
  }

  TEST_CASE("a body in base64 is redacted, and stays in base64") {
    auto with = entry();
    with["response"]["content"] = {
        {"size", 4},
        {"text", base64_encode("{\"token\":\"abc\"}")},
        {"encoding", "base64"}};
    auto image = with;
    image["response"]["content"]["text"] = "/9j/4AAQSkZJRgABAQ==";
    const auto after = redacted(har({with, image}));
    const auto& entries = after["log"]["entries"];
    CHECK(entries[0]["response"]["content"]["text"] ==
          base64_encode("{\"token\":\"REDACTED-1\"}"));
    CHECK(entries[0]["response"]["content"]["size"] == 22);
    CHECK(entries[1]["response"]["content"] == image["response"]["content"]);
  }

  TEST_CASE("a file without secrets gets a note that it was looked at") {
    auto before = har({entry(), answer("[1]")});
    before["log"]["pages"] = Json::array({{{"title", "x"}}});
    before["log"]["_other"] = {{"a", 1.5}, {"b", {true, nullptr}}};
    const auto after = redacted(before);
    CHECK(after["log"]["_strandline"].dump() ==
          R"({"version":1,"redacted":true,"scrubbed":false})");
    before["log"]["_strandline"] = after["log"]["_strandline"];
    CHECK(after.dump() == before.dump());
  }

  TEST_CASE("secrets in a recording's checkpoints are replaced") {
    Recording recording;
    auto& checkpoint = recording.checkpoints["a"];
    checkpoint.window.emplace().position.value =
        "https://h.example/x?api_key=secret-1&page=2";
    checkpoint.state = "feed at secret-1";
    auto document = har_document(recording);
    document = redacted(document);
    const auto read = read_har(document.dump(), "a.har").checkpoints.at("a");
    CHECK(read.window->position.value ==
          "https://h.example/x?api_key=REDACTED-1&page=2");
    CHECK(read.state == "feed at REDACTED-1");
  }

  TEST_CASE("a secret of one character leaves where a stream stands alone") {
    Recording recording;
    auto& checkpoint = recording.checkpoints["crm.people"];
    checkpoint.mark = std::int64_t{121};
    checkpoint.fingerprint = "GET /a1";
    checkpoint.window.emplace();
    checkpoint.window->from = std::int64_t{100};
    checkpoint.window->position = {"1", "limit 10"};
    Redactor known;
    known.add("a");
    known.add("1");
    auto document = har_document(recording);
    Redaction(&known).apply(document);
    const auto read =
        read_har(document_text(document), "a.har").checkpoints.at("crm.people");
    CHECK(read.mark == checkpoint.mark);
    CHECK(read.window.value().mode == checkpoint.window->mode);
    CHECK(read.window->from == checkpoint.window->from);
    CHECK(read.window->position.value == "REDACTED");
    CHECK(read.fingerprint == "GET /REDACTEDREDACTED");
  }

  TEST_CASE("redacted again it is the same, to the byte") {
    Secrets secrets;
    std::vector<Json> entries;
    for (const auto& place : origins()) {
      entries.push_back(place.entry(secrets.next()));
    }
    Redactor known;
    for (const auto& place : echoes()) {
      const auto secret = secrets.next();
      known.add(secret, "REDACTED-crm-token");
      entries.push_back(place.entry(secret));
    }
    const auto once = redacted(har(std::move(entries)), &known);
    CHECK(document_text(redacted(once)) == document_text(once));
    CHECK(document_text(redacted(once, &known)) == document_text(once));
  }

  TEST_CASE("new placeholders come behind those that are there") {
    CHECK(body_of(R"({"token":"REDACTED-4","password":"abc"})") ==
          R"({"token":"REDACTED-4","password":"REDACTED-5"})");
  }

  TEST_CASE("a redacted recording is read") {
    for (unsigned seed = 0; seed < 100; ++seed) {
      CAPTURE(seed);
      const auto recording = RandomRecording(seed).make();
      const auto after = redacted(har_document(recording));
      const auto read = read_har(after.dump(), "a.har");
      CHECK(read.exchanges.size() == recording.exchanges.size());
    }
  }

  TEST_CASE("a request that is asked again is like the one recorded") {
    Secrets secrets;
    for (int round = 0; round < 300; ++round) {
      const auto secret = round % 3 == 0 ? "12345678" : secrets.next();
      const auto other = secrets.next();
      CAPTURE(secret);
      CAPTURE(other);
      Request asked{Url("https://h.example/" + percent_encode(secret) +
                        "/x?password=" + percent_encode(other) +
                        "&email=a%40b.example&q=" + percent_encode(secret)),
                    {},
                    Method::post,
                    R"({"id":12345678,"a":)" + quoted("by " + secret) +
                        R"(,"token":)" + quoted(other) +
                        R"(,"phone":"030 123456","name":"Ann"})"};
      const bool scrub = round % 2 == 0;
      Redactor known;
      known.add(secret, "REDACTED-crm-token");
      Recording recording;
      recording.exchanges.push_back({"POST", asked.url, 200});
      recording.exchanges[0].request_body = asked.body;
      auto document = har_document(recording);
      Redaction(&known, scrub).apply(document);
      const auto read = read_har(document.dump(), "a.har").exchanges[0];
      const Request recorded{read.url, {}, Method::post, read.request_body};
      const auto one = normal_form(asked, scrub, &known);
      const auto two = normal_form(recorded, scrub, &known);
      REQUIRE(one.url == two.url);
      REQUIRE(one.body == two.body);
      REQUIRE(one.url != asked.url);
    }
  }

  TEST_CASE("what is replaced is counted by its kind") {
    Redactor known;
    known.add("known-secret");
    auto document =
        har({with_header("Authorization", "Bearer abc"),
             answer(R"({"token":"t","x":"known-secret known-secret"})"),
             answer("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc"),
             answer("https://me@h.example/")});
    const auto counts = Redaction(&known).apply(document);
    CHECK(counts == Replaced{.headers = 1,
                             .fields = 1,
                             .tokens = 1,
                             .logins = 1,
                             .elsewhere = 2});
    CHECK(Redaction(&known).apply(document) == Replaced{});
  }

  TEST_CASE("any document is taken, whatever its types") {
    const auto good =
        har({post("token=abc"), answer(R"({"token":"abc"})"),
             with_header("Authorization", "abc"), entry("not a url")});
    const std::vector<Json> values = {nullptr,
                                      true,
                                      -1,
                                      1e308,
                                      "",
                                      "abc",
                                      "{",
                                      Json::array(),
                                      Json::object(),
                                      Json::array({1, "x"})};
    std::vector<std::string> all;
    const auto flat = good.flatten();
    for (const auto& [place, value] : flat.items()) {
      for (auto at = place; !at.empty(); at.erase(at.rfind('/'))) {
        all.push_back(at);
      }
    }
    for (const auto& place : all) {
      for (const auto& value : values) {
        auto changed = good;
        changed[Json::json_pointer(place)] = value;
        CHECK_NOTHROW(redacted(changed));
      }
    }
  }
}

TEST_SUITE("edit_json") {
  TEST_CASE("any bytes come back as they are, if nothing is replaced") {
    RandomRecording random(7);
    const std::string characters = "{}[]\":,\\ntruefals01-.e \n\xFF";
    for (int round = 0; round < 5'000; ++round) {
      std::string text;
      for (auto length = random.below(30); length > 0; --length) {
        text += characters[random.below(characters.size())];
      }
      CAPTURE(text);
      const auto after = edit_json(
          text, [](auto) { return 0U; },
          [](const JsonToken& token) -> std::optional<std::string> {
            return token.kind == JsonToken::Kind::scalar
                       ? std::string(token.text)
                       : '"' + std::string(token.text) + '"';
          });
      REQUIRE(after == text);
    }
  }
}
