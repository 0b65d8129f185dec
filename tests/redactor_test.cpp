// SPDX-License-Identifier: MIT
#include "http/redactor.hpp"

#include <doctest/doctest.h>

#include <string>

#include "http/base64.hpp"
#include "http/secret_forms.hpp"

using namespace strandline::http;

TEST_SUITE("Redactor") {
  TEST_CASE("each secret has its placeholder, and an unnamed one the word") {
    Redactor redactor;
    redactor.add("one");
    redactor.add("two", "REDACTED-two");
    redactor.add("two", "REDACTED-other");
    redactor.add("", "REDACTED-none");
    CHECK(redactor.redact("one two three") == "REDACTED REDACTED-two three");
    CHECK(redactor.placeholder_of("two") == "REDACTED-two");
    CHECK(redactor.placeholder_of("one") == "REDACTED");
    CHECK_FALSE(redactor.placeholder_of("three"));
    CHECK_FALSE(redactor.placeholder_of("REDACTED"));
    CHECK_FALSE(redactor.placeholder_of(""));
  }

  TEST_CASE("secrets of any length are found, and never in a placeholder") {
    Redactor redactor;
    redactor.add("E", "REDACTED-e");
    redactor.add("1-", "REDACTED-1-x");
    CHECK(redactor.redact("REDACTED-1-x E1-") ==
          "REDACTED-1-x REDACTED-eREDACTED-1-x");
    CHECK(redactor.finds_any("xEx"));
    CHECK_FALSE(redactor.finds_any("REDACTED-1-x"));
    CHECK_FALSE(redactor.finds_any(""));
  }

  TEST_CASE("of overlapping secrets nothing is left") {
    Redactor redactor;
    redactor.add("abcd", "A");
    redactor.add("cdefgh", "B");
    redactor.add("abc", "C");
    redactor.add("gh1234", "D");
    CHECK(redactor.redact("xabcdefgh1234y abcx") == "xAy Cx");
  }

  TEST_CASE("a text is counted by what was put there") {
    Redactor redactor;
    redactor.add("abc");
    std::string text = "abc, abc";
    CHECK(redactor.redact_in(text) == 2);
    CHECK(redactor.redact_in(text) == 0);
    CHECK(text == "REDACTED, REDACTED");
  }

  TEST_CASE("a copy knows what was known, and nothing later") {
    Redactor first;
    first.add("one");
    const Redactor copy(first);
    first.add("two");
    CHECK(copy.redact("one two") == "REDACTED two");
  }

  TEST_CASE("what others know can be added") {
    Redactor all;
    all.add("one", "REDACTED-first");
    Redactor other;
    other.add("one", "REDACTED-second");
    other.add("two", "REDACTED-second");
    all.add_all_of(other);
    CHECK(all.redact("one two REDACTED-second") ==
          "REDACTED-first REDACTED-second REDACTED-second");
    CHECK(all.placeholder_of("two") == "REDACTED-second");
    all.add_all_of(all);
    CHECK(all.redact("one") == "REDACTED-first");
  }

  TEST_CASE("base64 of it is found at each place, if enough is its own") {
    const std::string secret = "0123456789";
    Redactor redactor;
    redactor.add(secret);
    for (const auto* before : {"", "a", "ab", "abc"}) {
      for (const auto* behind : {"", "x", "xy", "xyz"}) {
        CAPTURE(before);
        CAPTURE(behind);
        const auto text = base64_encode(before + secret + behind);
        const auto hidden = redactor.redact(text);
        CHECK(hidden.find("REDACTED") != hidden.npos);
        // What is left has a character or two of it at each end.
        CHECK(hidden.size() <= text.size() + 8 - 12);
      }
    }
    // Of six characters there would be seven of base64 in the middle.
    for (const auto& form : forms_of("012345")) {
      CHECK((form == "012345" || form.size() >= 8));
    }
  }
}
