// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "child.hpp"
#include "fake_waiter.hpp"
#include "http/client.hpp"
#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "temp_dir.hpp"
#include "tls_server.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace strandline::http;
using namespace strandline::test;
using strandline::ExitCode;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos;
       at = text.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

int free_port() {
  const RawServer server("");
  return server.port();
}

// The program nghttpd of nghttp2, a server of HTTP/2.
class Nghttpd {
 public:
  Nghttpd(const TempDir& dir, const Identity& identity)
      : port_(free_port()),
        process_(dir, {program(), "--verbose", "--address=127.0.0.1",
                       "--htdocs=" + dir.path().string(), std::to_string(port_),
                       dir.write("key.pem", identity.key_pem()),
                       dir.write("cert.pem", identity.pem())}) {}

  std::string url(const std::string& path) const {
    return "https://127.0.0.1:" + std::to_string(port_) + path;
  }

  std::string told() const { return process_.out() + process_.err(); }

  // Ends it and returns what it told.
  std::string log_at_end() {
    process_.kill(SIGTERM);
    process_.wait();
    return process_.out();
  }

 private:
  static std::string program() {
    const char* path = std::getenv("NGHTTPD");
    return path != nullptr ? path : "/usr/sbin/nghttpd";
  }

  int port_;
  Child process_;
};

// Frames of HTTP/2 (RFC 9113 §4.1).
std::string frame(char type, char flags, char stream,
                  const std::string& payload) {
  const auto size = static_cast<unsigned>(payload.size());
  std::string text;
  for (const unsigned shift : {16U, 8U, 0U}) {
    text += static_cast<char>(size >> shift & 0xFFU);
  }
  return text + type + flags + "\0\0\0"s + stream + payload;
}

constexpr char data = 0, headers = 1, reset = 3, settings = 4, go_away = 7;
constexpr char end_stream = 1, acknowledges = 1, end_headers = 4;

// A server of HTTP/2 that answers a request with the frames of `script`, which
// is told the number of the request and of its stream, and closes the
// connection after an empty text.
TlsServer::Serve http2(std::function<std::string(int, char)> script) {
  auto requests = std::make_shared<int>(0);
  return [=](TlsServer::Connection& connection) {
    connection.read(24);  // the preface
    connection.send(frame(settings, 0, 0, ""));
    for (;;) {
      const auto head = connection.read(9);
      if (head.size() < 9) return;
      const auto byte = [&](std::size_t i) {
        return static_cast<unsigned char>(head[i]);
      };
      connection.read(static_cast<std::size_t>(byte(0)) << 16U |
                      static_cast<std::size_t>(byte(1)) << 8U | byte(2));
      if (head[3] == settings && head[4] == 0) {
        connection.send(frame(settings, acknowledges, 0, ""));
      } else if (head[3] == headers) {
        const auto answer = script(++*requests, head[8]);
        if (!connection.send(answer) || answer.empty() ||
            answer.ends_with("close")) {
          return;
        }
      }
    }
  };
}

// `:status: 200` stands in HPACK's table.
std::string good(char stream) {
  return frame(headers, end_headers, stream, "\x88") +
         frame(data, end_stream, stream, R"([{"id":1}])");
}

}  // namespace

TEST_SUITE("HTTP/2") {
  TEST_CASE("all pages come over it, by one connection") {
    const TempDir dir;
    const auto authority = make_authority();
    dir.write("1.json", R"({"page":1})");
    dir.write("2.json", R"({"page":2})");
    dir.write("big.json", std::string(3'000'000, ' ') + "[]");
    Nghttpd server(dir, Identity({}, &authority));
    strandline::model::SourceDefinition source;
    source.base_url = server.url("");
    CurlTransport::Options options;
    options.ca = dir.write("ca.pem", authority.pem());
    {
      Client client(std::make_shared<Session>(source, Credentials{}),
                    std::make_unique<CurlTransport>(options), nullptr);
      for (int attempt = 0;; ++attempt) {
        try {
          const auto& first = client.fetch({Url(server.url("/1.json"))});
          CHECK(first.body == R"({"page":1})");
          break;
        } catch (const HttpError& error) {  // it has not begun to listen
          REQUIRE_MESSAGE(attempt < 200, error.what() << server.told());
          std::this_thread::sleep_for(50ms);
        }
      }
      for (int i = 0; i < 5; ++i) {
        CHECK(client.fetch({Url(server.url("/2.json"))}).body ==
              R"({"page":2})");
      }
      // More than any window of flow control.
      CHECK(client.fetch({Url(server.url("/big.json"))}).body.size() ==
            3'000'002);
    }
    const auto log = server.log_at_end();
    CAPTURE(log);
    // nghttpd speaks nothing else, and numbers its connections.
    CHECK(count(log, ":path: /1.json") == 1);
    CHECK(count(log, ":path: /2.json") == 5);
    CHECK(count(log, "[id=1]") > 7);
    CHECK(count(log, "[id=2]") == 0);
  }

  TEST_CASE("what breaks off is temporary, and asked for again") {
    const TempDir dir;
    const auto authority = make_authority();
    const Identity identity({}, &authority);
    CurlTransport::Options options;
    options.ca = dir.write("ca.pem", authority.pem());
    options.timeout = 5s;
    struct Case {
      std::string name;
      std::function<std::string(char)> fault;
    };
    const auto refused = "\0\0\0\7"s;
    const auto internal = "\0\0\0\2"s;
    const std::vector<Case> cases = {
        {"REFUSED_STREAM",
         [&](char stream) { return frame(reset, 0, stream, refused); }},
        {"a reset stream",
         [&](char stream) { return frame(reset, 0, stream, internal); }},
        {"a stream reset in its body",
         [&](char stream) {
           return frame(headers, end_headers, stream, "\x88") +
                  frame(data, 0, stream, "[") +
                  frame(reset, 0, stream, internal);
         }},
        {"GOAWAY before the stream, and the end",
         [](char) { return frame(go_away, 0, 0, "\0\0\0\0\0\0\0\0close"s); }},
        {"GOAWAY with an error, and the end",
         [](char) { return frame(go_away, 0, 0, "\0\0\0\0\0\0\0\2close"s); }},
        {"the end of the connection", [](char) { return ""s; }},
        {"the end of the connection in a body",
         [](char stream) {
           return frame(headers, end_headers, stream, "\x88") +
                  frame(data, 0, stream, "[close");
         }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      // Oftener than libcurl tries by itself.
      constexpr int faults = 20;
      TlsServer::Options how;
      how.http2 = true;
      int asked = 0;
      TlsServer server(identity, how, http2([&](int number, char stream) {
                         asked = number;
                         return number <= faults ? c.fault(stream)
                                                 : good(stream);
                       }));
      strandline::model::SourceDefinition source;
      source.base_url = server.url();
      const auto waiter = std::make_shared<FakeWaiter>();
      RetryPolicy policy;
      policy.attempts = faults + 1;
      Client client(std::make_shared<Session>(source, Credentials{}),
                    std::make_unique<CurlTransport>(options), waiter, policy);
      CHECK(client.fetch({client.base()}).body == R"([{"id":1}])");
      CHECK(asked == faults + 1);
      CHECK(client.retries() > 0);
      for (const auto& wait : waiter->waits) {
        CHECK(wait.why.starts_with("GET " + server.url()));
      }
    }
  }
}
