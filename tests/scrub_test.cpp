// SPDX-License-Identifier: MIT
#include "recording/scrub.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "recording/har.hpp"
#include "recording/har_document.hpp"
#include "recording/normal_form.hpp"
#include "recording/personal_names.hpp"
#include "recording/redaction.hpp"

using namespace strandline::recording;
using strandline::http::Url;
using Json = nlohmann::ordered_json;

namespace {

// A recording of one request and its answer.
Recording recording(const std::string& body,
                    const std::string& url = "https://h.example/x") {
  Recording result;
  result.exchanges.push_back({"GET", Url(url), 200});
  result.exchanges.back().body = body;
  return result;
}

Recording scrubbed(const Recording& recording) {
  auto document = har_document(recording);
  Redaction(nullptr, true).apply(document);
  return read_har(document.dump(), "a.har");
}

std::string body_of(const std::string& body) {
  return scrubbed(recording(body)).exchanges[0].body;
}

std::string url_of(const std::string& url) {
  return scrubbed(recording("", url)).exchanges[0].url.text();
}

std::string addresses(const std::string& text) {
  std::size_t count = 0;
  return replace_addresses(
      text, [](std::string_view) { return "p@example.com"; }, count);
}

std::string phones(const std::string& text) {
  std::size_t count = 0;
  return replace_phones(
      text,
      [](std::string_view digits) { return std::string(digits.size(), '0'); },
      count);
}

}  // namespace

TEST_SUITE("addresses") {
  TEST_CASE("an address is found in any text") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"a@b.example", "p@example.com"},
        {"Ann <ann.b+c_d-e@mail.b.example>, ok", "Ann <p@example.com>, ok"},
        {"mailto:a@b.example?subject=x", "mailto:p@example.com?subject=x"},
        {"at a@b.example.", "at p@example.com."},
        {"'a@b.example'", "'p@example.com'"},
        {"jürgen@müller.de", "p@example.com"},
        {"a@xn--mller-kva.xn--p1ai", "p@example.com"},
        {"a@b.example,c@d.example", "p@example.com,p@example.com"},
        {"x=a%40b.example&y", "x=p%40example.com&y"},
        {"q%3Da%2Bc%40b.example%26", "q%3Dp%40example.com%26"},
    };
    for (const auto& each : cases) {
      const auto& before = each.first;
      const auto& after = each.second;
      CAPTURE(before);
      CHECK(addresses(before) == after);
    }
  }

  TEST_CASE("what is none stays") {
    for (const auto* text :
         {"", "@", "a@", "@b.example", "a@b", "a@b.", "a@.b", "@@", "%40",
          "icon@2x.png", "lodash@4.17.21", "app@1.0.js", "a @b.example",
          "https://user@h.example/", "a@-b.example", "100%@b", "a@b.c1"}) {
      CAPTURE(text);
      CHECK(addresses(text) == text);
    }
  }
}

TEST_SUITE("telephone numbers") {
  TEST_CASE("an international number is found in any text") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"+4930123456", "+0000000000"},
        {"call +49 (30) 123-456, please", "call +0000000000, please"},
        {"+1.555.123.4567.", "+00000000000."},
        {"tel:+12345678", "tel:+00000000"},
    };
    for (const auto& each : cases) {
      const auto& before = each.first;
      const auto& after = each.second;
      CAPTURE(before);
      CHECK(phones(before) == after);
    }
  }

  TEST_CASE("times, offsets and other numbers stay") {
    for (const auto* text :
         {"2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00.000+0100",
          "20240101T000000+01002024", "+01:00", "+1234567", "1+23456789",
          "a+12345678", "+1234567890123456", "+002024-01-01T00:00:00Z",
          "+12345678x", "1e+12345678", "+", "++", "+ 12345678", "abc+/12345678",
          "4930123456"}) {
      CAPTURE(text);
      CHECK(phones(text) == text);
    }
  }

  TEST_CASE("a field's value may have any form of one") {
    CHECK(phone_digits("555-1234") == "5551234");
    CHECK(phone_digits("030 / 12 34 56 ext. 7") == "0301234567");
    CHECK(phone_digits("tel:+1-555-123-4567;ext=12") == "1555123456712");
    for (const auto* text : {"", "1234", "2024-01-01", "2024-01-01T00:00:00Z",
                             "none", "123456789012345678901", "mobile 12345"}) {
      CAPTURE(text);
      CHECK_FALSE(phone_digits(text));
    }
  }

  TEST_CASE("fields are known by their names' words") {
    for (const auto* name :
         {"phone", "Phone", "phone_number", "mobilePhone", "work-phone", "fax",
          "telephone2", "homePhone", "whatsapp_number", "tel", "phones"}) {
      CAPTURE(name);
      CHECK(is_phone_field(name));
    }
    for (const auto* name :
         {"phone_id", "phoneType", "mobile_app", "phone_verified_at",
          "phone_country_code", "hotel", "telemetry", "excellent", "faxed",
          "phones_count", ""}) {
      CAPTURE(name);
      CHECK_FALSE(is_phone_field(name));
    }
  }
}

TEST_SUITE("scrub") {
  TEST_CASE("one person is one stand-in, whatever the case, everywhere") {
    Recording two = recording(
        R"({"email":"Ann@b.example","cc":["c@d.example","ANN@B.example"]})",
        "https://h.example/x?owner=ann%40b.example");
    two.exchanges.push_back(two.exchanges[0]);
    two.exchanges[1].body = "by c@d.example";
    const auto after = scrubbed(two);
    CHECK(after.exchanges[0].url.text() ==
          "https://h.example/x?owner=person-1%40example.com");
    CHECK(
        after.exchanges[0].body ==
        R"({"email":"person-1@example.com","cc":["person-2@example.com","person-1@example.com"]})");
    CHECK(after.exchanges[1].body == "by person-2@example.com");
    CHECK(after.scrubbed);
  }

  TEST_CASE("numbers are of a range that nobody has, distinct per number") {
    CHECK(
        body_of(
            R"({"phone":"(030) 123-456","mobile":"030123456",)"
            R"("fax":4930123457,"phone_id":4930123457,)"
            R"("note":"call +49 30 123457","at":"2024-01-01T00:00:00+01:00"})") ==
        R"({"phone":"+15550100001","mobile":"+15550100001",)"
        R"("fax":15550100002,"phone_id":4930123457,)"
        R"("note":"call +15550100002","at":"2024-01-01T00:00:00+01:00"})");
  }

  TEST_CASE("values inside a member are what it is named for") {
    CHECK(body_of(
              R"({"phone":[{"label":"work","value":"0301234567"}],)"
              R"("phones":["0301234568"],"other":[{"value":"0301234567"}]})") ==
          R"({"phone":[{"label":"work","value":"+15550100001"}],)"
          R"("phones":["+15550100002"],"other":[{"value":"0301234567"}]})");
  }

  TEST_CASE("names of persons are replaced, and no others") {
    CHECK(
        body_of(R"({"first_name":"Ann","lastName":"Bee","fullname":"Ann Bee",)"
                R"("display_name":"Ann","name":"Pipeline","surname":null,)"
                R"("file_name":"Ann","owner":{"name":"Ann"}})") ==
        R"({"first_name":"Name 1","lastName":"Name 2","fullname":"Name 3",)"
        R"("display_name":"Name 1","name":"Pipeline","surname":null,)"
        R"("file_name":"Ann","owner":{"name":"Ann"}})");
  }

  TEST_CASE("name is a person's only beside an address or a number") {
    CHECK(body_of(R"([{"name":"Ann","email":"a@b.example"},)"
                  R"({"phone":null,"x":{"name":"Ann"},"name":"Bee"},)"
                  R"({"name":"Cee","emails":[]},{"name":"Deal"}])") ==
          R"([{"name":"Name 1","email":"person-1@example.com"},)"
          R"({"phone":null,"x":{"name":"Ann"},"name":"Name 2"},)"
          R"({"name":"Name 3","emails":[]},{"name":"Deal"}])");
  }

  TEST_CASE("queries and forms are scrubbed by name and by value") {
    CHECK(
        url_of("https://h.example/x?first_name=Ann%20B&phone=030-123456&since="
               "2024-01-01T00%3A00%3A00%2B01%3A00&q=a%2Bb%40c.example") ==
        "https://h.example/x?first_name=Name%201&phone=%2B15550100001&since="
        "2024-01-01T00%3A00%3A00%2B01%3A00&q=person-1%40example.com");
    CHECK(url_of("https://h.example/u/a%40b.example/%2B4930123456") ==
          "https://h.example/u/person-1%40example.com/%2B15550100001");
  }

  TEST_CASE("a link of an answer and the request that follows it stay alike") {
    auto two = recording(
        R"({"next":"https:\/\/h.example\/x?owner=a%40b.example&t=%2B4930123456"})");
    two.exchanges.push_back(
        {"GET", Url("https://h.example/x?owner=a%40b.example&t=%2B4930123456"),
         200});
    const auto after = scrubbed(two);
    const auto next =
        Json::parse(after.exchanges[0].body)["next"].get<std::string>();
    CHECK(next == after.exchanges[1].url.text());
    CHECK(next != "https://h.example/x?owner=a%40b.example&t=%2B4930123456");
  }

  TEST_CASE("scrubbed JSON is JSON, and the rest of it is byte for byte") {
    const std::string before =
        "{ \"n\" : 1.50 , "
        "\"email\":\"a\\u0040b.example\",\"u\":\"\\u00fc\\/\"}";
    CHECK(body_of(before) ==
          "{ \"n\" : 1.50 , \"email\":\"person-1@example.com\",\"u\":"
          "\"\\u00fc\\/\"}");
  }

  TEST_CASE("scrubbed again it is the same, to the byte") {
    auto document = har_document(recording(
        R"({"email":"a@b.example","phone":"030123456","fax":4930123456,)"
        R"("name":"Ann","note":"+49 30 123456, c@d.example","token":"abc"})",
        "https://h.example/x?email=a%40b.example&first_name=Ann"));
    Redaction(nullptr, true).apply(document);
    const auto once = document_text(document);
    CHECK(Redaction(nullptr, true).apply(document) == Replaced{});
    CHECK(document_text(document) == once);
  }

  TEST_CASE("new people get numbers behind those that are there") {
    CHECK(body_of(R"(["person-3@example.com","a@b.example",)"
                  R"("+15550100007","+4930123456",{"first_name":"Name 2",)"
                  R"("last_name":"Bee"}])") ==
          R"(["person-3@example.com","person-4@example.com",)"
          R"("+15550100007","+15550100008",{"first_name":"Name 2",)"
          R"("last_name":"Name 3"}])");
  }

  TEST_CASE("without scrub people stay as they are") {
    const std::string body =
        R"({"email":"a@b.example","phone":"030123456","first_name":"Ann"})";
    auto document = har_document(recording(body));
    Redaction().apply(document);
    CHECK(read_har(document.dump(), "a.har").exchanges[0].body == body);
    CHECK(document["log"]["_strandline"]["scrubbed"] == false);
  }

  TEST_CASE("what was scrubbed once is said to be, also when redacted again") {
    auto document = har_document(recording(""));
    Redaction(nullptr, true).apply(document);
    Redaction().apply(document);
    CHECK(document["log"]["_strandline"]["scrubbed"] == true);
  }

  TEST_CASE("bytes of an image are no addresses") {
    const std::string image("\xFFx@y.ab\0z", 9);
    CHECK(body_of(image) == image);
  }

  TEST_CASE("each kind is counted") {
    auto document = har_document(recording(
        R"({"email":"a@b.example","phone":"030123456","fax":4930123456,)"
        R"("name":"Ann","note":"+49 30 123456"})"));
    CHECK(Redaction(nullptr, true).apply(document) ==
          Replaced{.addresses = 1, .phones = 3, .persons = 1});
  }
}
