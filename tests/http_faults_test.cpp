// SPDX-License-Identifier: MIT
//
// Pages over a connection that breaks, and from a server that misbehaves: what
// a Reader takes for a page is whole, whatever came before it.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fake_waiter.hpp"
#include "feed.hpp"
#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "raw_server.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace strandline;
using namespace strandline::test;

namespace {

using Connection = RawServer::Connection;

const std::string body = page({1, 2, 3});

std::string in_gzip(const std::string& text) {
  // Stored, not compressed (RFC 1951 §3.2.4): no library is needed.
  const auto size = static_cast<unsigned>(text.size());
  const auto two = [](unsigned n) {
    return std::string{static_cast<char>(n & 0xFFU),
                       static_cast<char>(n >> 8U & 0xFFU)};
  };
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ (0xEDB88320U & (0U - (crc & 1U)));
    }
  }
  crc = ~crc;
  return "\x1f\x8b\x08\0\0\0\0\0\0\x03\x01"s + two(size) + two(~size) + text +
         two(crc) + two(crc >> 16U) + two(size) + two(0);
}

const std::string gzip_of_body = in_gzip(body);

std::string answer(const std::string& headers, const std::string& content) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + headers +
         "\r\n" + content;
}

std::string length(std::size_t size) {
  return "Content-Length: " + std::to_string(size) + "\r\n";
}

const std::string with_length = answer(length(body.size()), body);

std::string in_chunks() {
  std::string text;
  for (std::size_t at = 0; at < body.size(); at += 10) {
    const auto chunk = body.substr(at, 10);
    text += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  return answer("Transfer-Encoding: chunked\r\n", text + "0\r\n\r\n");
}

const std::string to_the_end = answer("Connection: close\r\n", body);
const std::string zipped = answer(
    "Content-Encoding: gzip\r\n" + length(gzip_of_body.size()), gzip_of_body);

// What a Reader makes of a source: `serve` is told the number of each request.
struct Outcome {
  std::vector<int> ids;
  std::int64_t retries = 0;
  std::string error;
  std::optional<ExitCode> code = {};
};

using Serve = std::function<void(Connection&, int, const std::string&)>;

Outcome read(const Serve& serve, int attempts = 8) {
  int number = 0;
  RawServer server([&](Connection& connection) {
    const auto request = connection.read_request();
    serve(connection, ++number, request);
  });
  Feed feed;
  feed.source.base_url = server.url("");
  http::CurlTransport::Options options;
  options.timeout = 5s;
  options.max_body = 1'000'000;
  http::RetryPolicy policy;
  policy.attempts = attempts;
  http::Client client(
      std::make_shared<http::Session>(feed.source, http::Credentials{}),
      std::make_unique<http::CurlTransport>(options),
      std::make_shared<FakeWaiter>(), policy);
  Reader reader(feed.stream, client, feed.window(), [] { return at(0); });
  Outcome outcome;
  try {
    while (auto next = reader.next()) {
      for (const auto& entry : next->records.records) {
        outcome.ids.push_back(
            static_cast<int>(next->records.cells.at(entry.first_cell).integer));
      }
    }
  } catch (const Error& error) {
    outcome.error = error.what();
    outcome.code = error.code();
  }
  outcome.retries = client.retries();
  return outcome;
}

Outcome read(const std::function<void(Connection&, int)>& serve,
             int attempts = 8) {
  return read(Serve([&](Connection& connection, int number,
                        const std::string&) { serve(connection, number); }),
              attempts);
}

// What follows `name` in its line.
std::string line_of(const std::string& request, const std::string& name) {
  const auto begin = request.find(name) + name.size();
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

// First `bad`, then what is good.
Outcome read_after(const std::string& bad) {
  return read([&](Connection& connection, int number) {
    connection.send(number == 1 ? bad : with_length);
  });
}

const std::vector<int> all = {1, 2, 3};

}  // namespace

TEST_SUITE("an answer that is cut") {
  TEST_CASE("at any byte, in any framing, is never a page that is short") {
    struct Case {
      const char* name;
      std::string whole;
      std::size_t enough;  // bytes after which nothing is missing but an end
    };
    const std::vector<Case> cases = {
        {"length", with_length, with_length.size()},
        {"chunks", in_chunks(), in_chunks().size() - 2},
        {"the end of the connection", to_the_end, to_the_end.size()},
        {"gzip", zipped, zipped.size()},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      const auto header = c.whole.find("\r\n\r\n") + 4;
      REQUIRE(read_after(c.whole).retries == 0);
      for (std::size_t size = 0; size < c.whole.size(); ++size) {
        CAPTURE(size);
        auto bad = c.whole.substr(0, size);
        if (c.whole == zipped && size >= header) {
          // As a cache has it that kept what came.
          bad = answer("Content-Encoding: gzip\r\n" + length(size - header),
                       c.whole.substr(header, size - header));
        }
        const auto outcome = read_after(bad);
        if (size == header && (c.whole == to_the_end || c.whole == zipped)) {
          // Nothing that tells it from an answer without a body.
          CHECK(outcome.error.ends_with("the answer 200 is empty"));
          CHECK(outcome.ids.empty());
          continue;
        }
        CHECK_MESSAGE(outcome.ids == all, outcome.error);
        if (size < c.enough) {
          CHECK(outcome.retries == 1);
        }
      }
    }
  }

  TEST_CASE("by a reset, is asked for again") {
    for (std::size_t size = 0; size < with_length.size(); size += 7) {
      CAPTURE(size);
      const auto outcome = read([&](Connection& connection, int number) {
        connection.send(number == 1 ? with_length.substr(0, size)
                                    : with_length);
        if (number == 1) connection.reset_at_end();
      });
      CHECK_MESSAGE(outcome.ids == all, outcome.error);
      CHECK(outcome.retries == 1);
    }
  }

  TEST_CASE("by a length that is too small, is never a page that is short") {
    for (std::size_t size = 1; size < body.size(); ++size) {
      CAPTURE(size);
      const auto outcome = read_after(answer(length(size), body));
      CHECK_MESSAGE(outcome.ids == all, outcome.error);
      CHECK(outcome.retries == 1);
    }
  }

  TEST_CASE("each time, ends as temporary after the attempts there are") {
    int asked = 0;
    const auto outcome = read(
        [&](Connection& connection, int number) {
          asked = number;
          connection.send(to_the_end.substr(0, to_the_end.size() - 1));
        },
        3);
    CHECK(asked == 3);
    CHECK(outcome.code == ExitCode::temporary);
    CHECK(outcome.ids.empty());
  }
}

TEST_SUITE("gzip") {
  std::string coded(const std::string& content) {
    return answer("Content-Encoding: gzip\r\n" + length(content.size()),
                  content);
  }

  TEST_CASE("that is damaged is asked for again without, and then refused") {
    struct Case {
      const char* name;
      std::string content;
    };
    auto wrong_size = gzip_of_body;
    wrong_size[wrong_size.size() - 4] ^= 1;
    auto wrong_sum = gzip_of_body;
    wrong_sum[wrong_sum.size() - 8] ^= 1;
    const std::vector<Case> cases = {
        {"a wrong checksum", wrong_sum},
        {"a wrong length", wrong_size},
        {"bytes behind it", gzip_of_body + "garbage"},
        {"zeros behind it", gzip_of_body + std::string(20, '\0')},
        {"none", body},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      std::vector<std::string> offered;
      const auto outcome = read(
          [&](Connection& connection, int number, const std::string& request) {
            offered.push_back(line_of(request, "Accept-Encoding: "));
            connection.send(number == 1 ? coded(c.content) : with_length);
          });
      CHECK_MESSAGE(outcome.ids == all, outcome.error);
      CHECK(offered == std::vector<std::string>{"gzip", "identity"});
      const auto stubborn = read([&](Connection& connection, int) {
        connection.send(coded(c.content));
      });
      CHECK(stubborn.code == ExitCode::protocol);
      CHECK(stubborn.ids.empty());
      CHECK(stubborn.retries == 1);
    }
  }

  TEST_CASE("of several members is one body") {
    const auto content =
        in_gzip(body.substr(0, 11)) + in_gzip("") + in_gzip(body.substr(11));
    const auto outcome = read_after(coded(content));
    CHECK_MESSAGE(outcome.ids == all, outcome.error);
    CHECK(outcome.retries == 0);
  }

  TEST_CASE("of an empty body is no answer that was cut off") {
    const auto nothing = in_gzip("");
    const auto outcome =
        read_after("HTTP/1.1 401 Unauthorized\r\nContent-Encoding: gzip\r\n" +
                   length(nothing.size()) + "\r\n" + nothing);
    CHECK(outcome.code == ExitCode::credentials);
    CHECK(outcome.retries == 0);
  }

  TEST_CASE("is what the header says, or it is refused") {
    const auto coding = [](const std::string& headers,
                           const std::string& content) {
      return read_after(answer(headers + length(content.size()), content));
    };
    for (const auto* header : {
             "Content-Encoding: gzip, gzip, gzip, gzip\r\n",
             "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
             "Content-Encoding: br\r\n",
         }) {
      CAPTURE(header);
      const auto outcome = coding(header, gzip_of_body);
      CHECK(outcome.code == ExitCode::protocol);
      CHECK(outcome.error.find("was not asked for") != std::string::npos);
    }
    CHECK(coding("Content-Encoding: X-GZIP\r\n", gzip_of_body).ids == all);
    CHECK(coding("Content-Encoding: identity\r\n", body).ids == all);
  }
}

TEST_SUITE("a server that misbehaves") {
  TEST_CASE("with a status that nobody asked for is refused") {
    struct Case {
      std::string status;
      ExitCode code;
    };
    const std::vector<Case> cases = {
        {"200 OK", ExitCode::protocol},  // without a body
        {"206 Partial Content", ExitCode::protocol},
        {"304 Not Modified", ExitCode::protocol},
        {"300 Multiple Choices", ExitCode::protocol},
        {"600 What", ExitCode::protocol},
    };
    for (const auto& c : cases) {
      CAPTURE(c.status);
      const auto outcome =
          read_after("HTTP/1.1 " + c.status + "\r\nContent-Length: 0\r\n\r\n");
      CHECK(outcome.code == c.code);
      CHECK(outcome.retries == 0);
    }
  }

  TEST_CASE("byte for byte, or after many interim answers, is understood") {
    const auto sliced = read([](Connection& connection, int) {
      for (const char c : in_chunks()) connection.send({&c, 1});
    });
    CHECK_MESSAGE(sliced.ids == all, sliced.error);
    std::string flood;
    for (int i = 0; i < 200; ++i) {
      flood += "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    }
    const auto patient = read_after(flood + with_length);
    CHECK_MESSAGE(patient.ids == all, patient.error);
    CHECK(patient.retries == 0);
  }

  TEST_CASE("that drops a connection it kept open is asked by a new one") {
    int served = 0;
    RawServer server([&](Connection& connection) {
      connection.read_request();
      ++served;
      connection.send(with_length);  // and it closes, without a word of that
    });
    http::CurlTransport transport({});
    http::Response response;
    for (int i = 0; i < 5; ++i) {
      transport.send({http::Url(server.url())}, response);
      CHECK(response.body == body);
    }
    CHECK(served == 5);
  }

  TEST_CASE("that drips its header ends at ten times the timeout") {
    RawServer server([](Connection& connection) {
      connection.read_request();
      connection.send("HTTP/1.1 200 OK\r\nX: ");
      while (connection.send("x")) std::this_thread::sleep_for(200ms);
    });
    http::CurlTransport::Options options;
    options.timeout = 1s;
    http::CurlTransport transport(options);
    http::Response response;
    const auto begin = std::chrono::steady_clock::now();
    try {
      transport.send({http::Url(server.url())}, response);
      FAIL("answered");
    } catch (const http::HttpError& error) {
      CHECK(error.code() == ExitCode::temporary);
    }
    CHECK(std::chrono::steady_clock::now() - begin < 13s);
  }
}

TEST_SUITE("what data can put into a request") {
  TEST_CASE("leaves the request's line and headers whole") {
    std::string nasty = "a b\r\nX-Evil: 1\r\n\r\n?&=#%2F+é\"<>";
    for (int c = 1; c < 0x20; ++c) nasty += static_cast<char>(c);
    nasty += '\x7F';
    RawServer server(with_length);
    http::CurlTransport transport({});
    http::Response response;
    http::Url url(server.url("/items"));
    url.append_path("/" + http::percent_encode(nasty));
    url.add_query(nasty, nasty);
    url.set_query("since", nasty);
    http::Request request{
        url, {{"Content-Type", "application/json"}}, http::Method::post, nasty};
    transport.send(request, response);
    const auto asked = server.requests().at(0);
    CHECK(asked.find("X-Evil: 1") == std::string::npos);
    CHECK(asked.substr(0, asked.find("\r\n")) ==
          "POST " + url.path_and_query() + " HTTP/1.1");
    CHECK(std::count(asked.begin(), asked.end(), '\n') == 8);
    for (const char c : url.path_and_query()) {
      CHECK((c > 0x20 && c < 0x7F));
    }
  }

  TEST_CASE("as a URL of the answer has no control characters") {
    const http::Url base("https://h.example/a");
    for (int c = 0; c < 0x20; ++c) {
      CAPTURE(c);
      for (const auto& text :
           {"https://h.example/x"s + static_cast<char>(c) + "y",
            "/x?a="s + static_cast<char>(c) + "b"}) {
        CHECK_THROWS_AS(base.resolve(text), http::HttpError);
      }
    }
    CHECK_THROWS_AS(base.resolve("/x\x7Fy"), http::HttpError);
  }
}
