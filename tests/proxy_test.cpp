// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <stdlib.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "tls_client.hpp"
#include "tls_server.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace strandline::http;
using namespace strandline::test;
using strandline::Error;
using strandline::ExitCode;

namespace {

// A connection to `port` of 127.0.0.1.
class Outgoing {
 public:
  explicit Outgoing(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_.fd(), reinterpret_cast<sockaddr*>(&address),
                sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  int fd() const { return socket_.fd(); }

 private:
  Socket socket_;
};

// Carries bytes both ways until one side closes.
void carry(int a, int b) {
  pollfd waiting[] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
  char bytes[4096];
  for (;;) {
    if (poll(waiting, 2, 5000) <= 0) return;
    for (int i = 0; i < 2; ++i) {
      if (waiting[i].revents == 0) continue;
      const auto count = recv(waiting[i].fd, bytes, sizeof bytes, 0);
      if (count <= 0) return;
      const auto sent = send(waiting[1 - i].fd, bytes,
                             static_cast<std::size_t>(count), MSG_NOSIGNAL);
      if (sent != count) return;
    }
  }
}

// A proxy that leads every CONNECT to `port` and keeps what it was asked.
std::function<void(RawServer::Connection&)> tunnel(int port) {
  return [port](RawServer::Connection& connection) {
    if (!connection.read_request().starts_with("CONNECT ")) return;
    const Outgoing target(port);
    connection.send("HTTP/1.1 200 Connected\r\nX-Proxy: 1\r\n\r\n");
    carry(connection.fd(), target.fd());
  };
}

// As SOCKS5 (RFC 1928) has it.
std::function<void(RawServer::Connection&)> socks(int port) {
  return [port](RawServer::Connection& connection) {
    const auto greeting = connection.read(2);
    connection.read(static_cast<std::size_t>(greeting.at(1)));
    connection.send("\5\0"s);
    const auto head = connection.read(5);  // 5, connect, 0, a name, its length
    const auto name = connection.read(static_cast<std::size_t>(head.at(4)));
    connection.read(2);
    connection.note(head.at(3) == 3 ? name : "no name");
    const Outgoing target(port);
    connection.send("\5\0\0\1\x7f\0\0\1\0\0"s);
    carry(connection.fd(), target.fd());
  };
}

// A source of TLS that ours is the authority of.
struct Fixture : TlsClient {
  TlsServer server;

  explicit Fixture(const std::string& hosts = Claim().hosts)
      : server(Identity({"test", hosts}, &authority), last_answer) {
    headers = {{"Authorization", "Bearer hunter2"}};
  }
};

}  // namespace

TEST_SUITE("a proxy") {
  TEST_CASE("carries TLS that it cannot look into") {
    Fixture fixture("DNS:source.example");
    RawServer proxy(tunnel(fixture.server.port()));
    fixture.options.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
    // The name is looked up by the proxy.
    const auto response = fixture.send("https://source.example:4430/a?b=1");
    CHECK(response.body == "[]");
    CHECK_FALSE(find_header(response.headers, "X-Proxy"));
    REQUIRE(proxy.requests().size() == 1);
    CHECK(proxy.requests()[0].starts_with(
        "CONNECT source.example:4430 HTTP/1.1\r\n"));
    CHECK_FALSE(contains(proxy.requests()[0], "Authorization"));
    CHECK_FALSE(contains(proxy.requests()[0], "/a"));
    REQUIRE(fixture.server.requests().size() == 1);
    CHECK(contains(fixture.server.requests()[0],
                   "Authorization: Bearer hunter2\r\n"));
  }

  TEST_CASE("may be asked by TLS itself, which is verified as well") {
    Fixture fixture("DNS:source.example");
    const Identity own({}, &fixture.authority);
    const auto serve = [&](TlsServer::Connection& connection) {
      connection.read_request();
      connection.send("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n");
    };
    TlsServer proxy(own, {}, serve);
    fixture.options.proxy = "https://127.0.0.1:" + std::to_string(proxy.port());
    fixture.failure("https://source.example/");
    CHECK(proxy.requests().size() == 1);

    TlsServer misnamed(
        Identity({"test", "DNS:other.example"}, &fixture.authority), {}, serve);
    fixture.options.proxy =
        "https://127.0.0.1:" + std::to_string(misnamed.port());
    CHECK(fixture.failure("https://source.example/").code() ==
          ExitCode::protocol);
    for (const auto& request : misnamed.requests()) CHECK(request.empty());

    TlsServer stranger(Identity({}), {}, serve);
    fixture.options.proxy =
        "https://127.0.0.1:" + std::to_string(stranger.port());
    const auto error = fixture.failure("https://source.example/");
    CHECK(error.code() == ExitCode::protocol);
    CHECK(contains(error.what(), "certificate"));
    CHECK(stranger.requests().empty());
  }

  TEST_CASE("of SOCKS is told the name of the host") {
    Fixture fixture("DNS:source.example");
    RawServer proxy(socks(fixture.server.port()));
    fixture.options.proxy =
        "socks5h://127.0.0.1:" + std::to_string(proxy.port());
    CHECK(fixture.send("https://source.example/").body == "[]");
    CHECK(proxy.requests() == std::vector<std::string>{"source.example"});
  }

  TEST_CASE("is asked for whole URLs where there is no TLS") {
    Fixture fixture;
    RawServer proxy(last_answer);
    fixture.options.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
    fixture.options.allow_http = true;
    CHECK(fixture.send("http://source.example/a?b=1").body == "[]");
    CHECK(proxy.requests().at(0).starts_with(
        "GET http://source.example/a?b=1 HTTP/1.1\r\n"));
    // Of localhost too, whatever NO_PROXY says.
    setenv("NO_PROXY", "*", 1);
    setenv("no_proxy", "*", 1);
    CHECK(fixture.send("http://127.0.0.1:1/").body == "[]");
    unsetenv("NO_PROXY");
    unsetenv("no_proxy");
    CHECK(proxy.connections() == 2);
  }

  TEST_CASE("elsewhere makes of this machine another one") {
    Fixture fixture;
    RawServer proxy(last_answer);
    const auto port = std::to_string(proxy.port());
    for (const std::string scheme : {"http", "socks5h"}) {
      CAPTURE(scheme);
      fixture.options.proxy = scheme + "://0.0.0.0:" + port;
      const auto error = fixture.failure("http://127.0.0.1:1/");
      CHECK(error.code() == ExitCode::configuration);
      CHECK(contains(error.what(),
                     "http without TLS goes only to this machine itself"));
    }
    CHECK(proxy.connections() == 0);
    fixture.options.proxy = "http://127.0.0.1:" + port;
    CHECK(fixture.send("http://127.0.0.1:1/").body == "[]");
  }

  TEST_CASE("that refuses is an error by what it says") {
    struct Case {
      std::string answer;
      ExitCode code;
      std::string advice;
    };
    const std::string rules =
        "the proxy does not lead on to this host: look at its rules, and at "
        "proxy";
    const std::vector<Case> cases = {
        {"407 Who", ExitCode::credentials,
         "the proxy wants a user and a password, which are not supported: use "
         "one that lets this machine through"},
        {"403 No", ExitCode::protocol, rules},
        {"404 No", ExitCode::protocol, rules},
        {"502 No", ExitCode::temporary, rules},
        {"503 No", ExitCode::temporary, rules},
    };
    for (const auto& c : cases) {
      CAPTURE(c.answer);
      Fixture fixture;
      RawServer proxy("HTTP/1.1 " + c.answer +
                      "\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                      "Content-Length: 0\r\n\r\n");
      fixture.options.proxy =
          "http://127.0.0.1:" + std::to_string(proxy.port());
      const auto error = fixture.failure("https://source.example/a?key=b");
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == c.code);
      CHECK(contains(error.what(), c.answer.substr(0, 3)));
      CHECK(note(error, "try") == c.advice);
    }
  }

  TEST_CASE("whose header has no end is refused") {
    Fixture fixture;
    RawServer proxy([](RawServer::Connection& connection) {
      connection.read_request();
      connection.send("HTTP/1.1 200 Connected\r\n");
      while (connection.send("X-Filler: " + std::string(1000, 'x') + "\r\n")) {
      }
    });
    fixture.options.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
    const auto error = fixture.failure("https://source.example/");
    CHECK(error.code() == ExitCode::protocol);
    CHECK(error.what() ==
          "GET https://source.example/: the header of the "
          "answer is larger than 256 KiB"s);
  }

  TEST_CASE("that is not there is temporary") {
    Fixture fixture;
    fixture.options.proxy = "http://no-such-proxy.invalid:3128";
    CHECK(fixture.failure("https://source.example/").code() ==
          ExitCode::temporary);
    const auto closed = [] {
      const RawServer server("");
      return server.port();
    }();
    fixture.options.proxy = "http://127.0.0.1:" + std::to_string(closed);
    CHECK(fixture.failure("https://source.example/").code() ==
          ExitCode::temporary);
    RawServer silent(
        [](RawServer::Connection& connection) { connection.read_request(); });
    fixture.options.proxy = "http://127.0.0.1:" + std::to_string(silent.port());
    CHECK(fixture.failure("https://source.example/").code() ==
          ExitCode::temporary);
  }

  TEST_CASE("of SOCKS that refuses is an error by its reason") {
    struct Case {
      std::string bytes;
      ExitCode code;
      std::string advice;
    };
    // No method of ours; the host cannot be reached; it is against the rules.
    for (const auto& c :
         {Case{"\5\xff"s, ExitCode::credentials, "the proxy wants a user"},
          Case{"\5\0\5\4\0\1\0\0\0\0\0\0"s, ExitCode::temporary,
               "(no such note)"},
          Case{"\5\0\5\2\0\1\0\0\0\0\0\0"s, ExitCode::protocol,
               "the proxy does not lead on to this host"}}) {
      Fixture fixture;
      RawServer proxy([&](RawServer::Connection& connection) {
        connection.read(2);
        connection.send(c.bytes);
        connection.stall();
      });
      fixture.options.proxy =
          "socks5h://127.0.0.1:" + std::to_string(proxy.port());
      const auto error = fixture.failure("https://source.example/");
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == c.code);
      CHECK(note(error, "try").starts_with(c.advice));
    }
  }
}
