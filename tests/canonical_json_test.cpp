// SPDX-License-Identifier: MIT
#include "source/canonical_json.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "canonical_json_vectors.hpp"
#include "child.hpp"
#include "model/digest.hpp"
#include "source/canonical_scalar.hpp"
#include "temp_dir.hpp"

using namespace strandline;
using source::CanonicalJson;

namespace {

std::string canonical(std::string_view json) {
  std::string form;
  CanonicalJson writer;
  CHECK_FALSE(writer.append(json, form));
  return form;
}

// Documents at random, each on a line, in every way in which JSON can be
// written.
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : random_(seed) {}

  std::string next() { return space() + value(3) + space(); }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  std::string space() {
    static const char* const spaces[] = {"", "", "", " ", "\t", " \r "};
    return spaces[below(6)];
  }

  std::string value(unsigned depth) {
    switch (below(depth == 0 ? 4 : 7)) {
      case 0:
        return string();
      case 1:
        return integer();
      case 2:
        return real();
      case 3: {
        static const char* const words[] = {"null", "true", "false"};
        return words[below(3)];
      }
      case 4:
        return array(depth);
      default:
        return object(depth);
    }
  }

  std::string array(unsigned depth) {
    std::string text = "[" + space();
    const auto size = below(4);
    for (std::uint64_t i = 0; i < size; ++i) {
      text += (i == 0 ? "" : "," + space()) + value(depth - 1) + space();
    }
    return text + "]";
  }

  // Names differ in the prefix that their form has: no escapes make two of them
  // one.
  std::string object(unsigned depth) {
    std::string text = "{" + space();
    const auto size = below(7);
    std::set<std::uint64_t> used;
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto point = code_point();
      if (used.insert(point).second) {
        text += (used.size() == 1 ? "" : "," + space()) + "\"" +
                character(point) + (below(3) == 0 ? "x" : "") + "\"" + space() +
                ":" + space() + value(depth - 1) + space();
      }
    }
    return text + "}";
  }

  std::string digits(std::uint64_t most) {
    std::string text(1, static_cast<char>('1' + below(9)));
    for (auto more = below(most); more > 0; --more) {
      text += static_cast<char>('0' + below(10));
    }
    return below(8) == 0 ? "0" : text;
  }

  std::string integer() {
    return (below(3) == 0 ? "-" : "") + digits(below(10) == 0 ? 100 : 20);
  }

  std::string real() {
    if (below(2) == 0) {
      return any_double();
    }
    std::string text = integer();
    const bool point = below(2) == 0;
    if (point) {
      text += "." + digits(25);
    }
    if (!point || below(2) == 0) {
      static const char* const letters[] = {"e", "E", "e+", "E-", "e-"};
      text += letters[below(5)];
      text += std::to_string(below(below(4) == 0 ? 290 : 25));
    }
    return text;
  }

  // Doubles of every magnitude, powers of two among them, and their neighbours.
  std::string any_double() {
    auto bits = random_();
    if (below(4) == 0) {
      bits &= ~((std::uint64_t{1} << 52U) - 1);
      bits += below(3) - 1;
    }
    double real = 0;
    static_assert(sizeof real == sizeof bits);
    std::memcpy(&real, &bits, sizeof real);
    if (!std::isfinite(real)) {
      return "0.5";
    }
    static const char* const forms[] = {"{:.16e}", "{:.17g}", "{:e}"};
    auto text = fmt::format(fmt::runtime(forms[below(3)]), real);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }

  std::string string() {
    std::string text = "\"";
    for (auto more = below(6); more > 0; --more) {
      text += character(code_point());
    }
    return text + "\"";
  }

  std::uint32_t code_point() {
    static const std::uint32_t limits[] = {0x80, 0x80, 0x800, 0x10000,
                                           0x110000};
    const auto point = static_cast<std::uint32_t>(below(limits[below(5)]));
    return point >= 0xD800 && point < 0xE000 ? point - 0x800 : point;
  }

  std::string character(std::uint64_t point) {
    if (point == '"' || point == '\\') {
      return std::string("\\") + static_cast<char>(point);
    }
    if (point < 0x20 || below(3) == 0) {
      return point < 0x10000 ? unit(point)
                             : unit(0xD800 + ((point - 0x10000) >> 10U)) +
                                   unit(0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
    std::string text;
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += static_cast<char>(0xC0U | point >> 6U);
    } else if (point < 0x10000) {
      text += static_cast<char>(0xE0U | point >> 12U);
      text += static_cast<char>(0x80U | (point >> 6U & 0x3FU));
    } else {
      text += static_cast<char>(0xF0U | point >> 18U);
      text += static_cast<char>(0x80U | (point >> 12U & 0x3FU));
      text += static_cast<char>(0x80U | (point >> 6U & 0x3FU));
    }
    if (point >= 0x80) {
      text += static_cast<char>(0x80U | (point & 0x3FU));
    }
    return text;
  }

  std::string unit(std::uint64_t unit) {
    return fmt::format(fmt::runtime(below(2) == 0 ? "\\u{:04x}" : "\\u{:04X}"),
                       unit);
  }

  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("JSON has one form for each value, that of Python's json.dumps") {
  for (const auto& vector : test::canonical_vectors) {
    const auto json = vector.first;
    const auto form = vector.second;
    CAPTURE(json);
    CHECK(canonical(json) == form);
  }
}

TEST_CASE("one writer may write many values, each behind what is there") {
  CanonicalJson writer;
  std::string form = "x";
  CHECK_FALSE(writer.append(R"({"b":{"d":1,"c":2},"a":0})", form));
  CHECK(form == R"(x{"a": 0, "b": {"c": 2, "d": 1}})");
  CHECK_FALSE(writer.append(R"({"\u0062":1,"a":2})", form));
  CHECK(form == R"(x{"a": 0, "b": {"c": 2, "d": 1}}{"a": 2, "b": 1})");
}

TEST_CASE("a number beyond the range of doubles has no form") {
  for (const std::string number :
       {"1e400", "-1e309", "1.7976931348623159e308", "1e99999999999999999999",
        "123456789.5e301", "0.001e400"}) {
    CAPTURE(number);
    CanonicalJson writer;
    std::string form;
    const auto json = R"({"a":1,"b":[ )" + number + R"( ,1e999]})";
    const auto unfit = writer.append(json, form);
    REQUIRE(unfit);
    CHECK(*unfit == number);
    CHECK(writer.append("[1]", form) == std::nullopt);
  }
}

TEST_CASE("members of one name stay in the order they came") {
  CHECK(canonical(R"({"b":1,"a":2,"\u0062":3,"a":1})") ==
        R"({"a": 2, "a": 1, "b": 1, "b": 3})");
  std::string json = R"({"z":0)";
  std::string form = "{";
  for (int i = 0; i < 50; ++i) {
    json += fmt::format(R"(,"a":{})", i);
    form += fmt::format(R"("a": {}, )", i);
  }
  CHECK(canonical(json + "}") == form + R"("z": 0})");
}

TEST_CASE("a text that is no token of JSON is written alike") {
  std::string form;
  source::append_canonical_text("a/b\\n\"\xC3\xA9\x7F\n", form);
  CHECK(form == R"("a/b\\n\"\u00e9\u007f\n")");
}

TEST_CASE("Python makes the same of thousands of random documents") {
  const auto* const python = std::getenv("PYTHON");
  const auto* const script = std::getenv("CANONICAL_JSON");
  if (python == nullptr || *python == '\0' || script == nullptr) {
    MESSAGE(
        "skipped: there is no python3, or PYTHON and CANONICAL_JSON are "
        "not set");
    return;
  }
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  Documents documents(seed);
  std::vector<std::string> texts;
  std::string lines;
  for (int i = 0; i < 20'000; ++i) {
    texts.push_back(documents.next());
    lines += texts.back() + "\n";
  }
  const test::TempDir folder;
  test::Child child(folder, {python, script, "--answer",
                             folder.write("documents", lines).string()});
  REQUIRE(child.wait() == 0);
  std::istringstream answers(child.out());
  CanonicalJson writer;
  int same = 0;
  for (const auto& text : texts) {
    CAPTURE(text);
    std::string answer;
    REQUIRE(std::getline(answers, answer));
    std::string form;
    if (writer.append(text, form)) {
      REQUIRE(answer.find("Infinity") != std::string::npos);
    } else {
      REQUIRE(answer == model::sha256_hex(form) + " " + form);
      ++same;
    }
  }
  CHECK(same > 19'000);
}
