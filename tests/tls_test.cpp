// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fake_waiter.hpp"
#include "http/client.hpp"
#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "tls_client.hpp"
#include "tls_server.hpp"

using namespace strandline::http;
using namespace strandline::test;
using strandline::Error;
using strandline::ExitCode;

namespace {

std::string refusal(const CurlTransport::Options& options) {
  try {
    CurlTransport transport(options);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::no_input);
    CHECK(contains(note(error, "try"), "BEGIN CERTIFICATE"));
    return error.what();
  }
  return "(taken)";
}

}  // namespace

TEST_SUITE("TLS") {
  TEST_CASE("a server of an authority in ca is asked") {
    const TlsClient fixture;
    TlsServer server(Identity({}, &fixture.authority), last_answer);
    CHECK(fixture.send(server.url()).body == "[]");
    CHECK(fixture.send(server.url("/", "localhost")).body == "[]");
    CHECK(server.requests().size() == 2);
  }

  TEST_CASE("ca may hold several, with words between them") {
    TlsClient fixture;
    fixture.options.ca = fixture.dir.write(
        "two.pem", "ours\n" + make_authority("Stranger").pem() +
                       "and theirs\n" + fixture.authority.pem() + "\n");
    TlsServer server(Identity({}, &fixture.authority), last_answer);
    CHECK(fixture.send(server.url()).body == "[]");
  }

  TEST_CASE("a certificate that does not hold is refused, once, and said why") {
    const TlsClient fixture;
    const auto stranger = make_authority("Stranger");
    struct Case {
      const char* name;
      Claim claim;
      const Identity* authority;
      std::string what;
      std::string advice;
    };
    const std::string own_authority =
        "if the server's certificate is of an authority of your own, set ca to "
        "the PEM file with that authority's";
    const Claim good;
    const std::vector<Case> cases = {
        {"self-signed", good, nullptr, "self-signed certificate",
         own_authority},
        {"another authority's", good, &stranger, "certificate", own_authority},
        {"another host's",
         {"test", "DNS:other.example,IP:127.0.0.2"},
         &fixture.authority,
         "127.0.0.1",
         "the certificate is another host's: look at the host in base_url"},
        {"expired",
         {"test", good.hosts, -7200, -60},
         &fixture.authority,
         "certificate has expired",
         "the server needs a new certificate; or this machine's clock is fast"},
        {"not yet valid",
         {"test", good.hosts, 3600, 7200},
         &fixture.authority,
         "certificate is not yet valid",
         "look at this machine's clock: it seems to be slow"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      TlsServer server(Identity(c.claim, c.authority), last_answer);
      strandline::model::SourceDefinition source;
      source.base_url = server.url();
      const auto waiter = std::make_shared<FakeWaiter>();
      Client client(std::make_shared<Session>(source, Credentials{}),
                    std::make_unique<CurlTransport>(fixture.options), waiter);
      try {
        client.fetch({client.base()});
        FAIL("answered");
      } catch (const HttpError& error) {
        CAPTURE(std::string(error.what()));
        CHECK(error.code() == ExitCode::protocol);
        CHECK_FALSE(error.passing());
        CHECK(std::string(error.what()).starts_with("GET " + server.url()));
        CHECK(contains(error.what(), c.what));
        CHECK(note(error, "try") == c.advice);
      }
      CHECK(waiter->waits.empty());
      CHECK(client.requests() == 1);
      CHECK(server.connections() == 1);
      for (const auto& request : server.requests()) {
        CHECK(request.empty());
      }
    }
  }

  TEST_CASE("with the system's authorities ours is nobody") {
    TlsClient fixture;
    TlsServer server(Identity({}, &fixture.authority), last_answer);
    fixture.options.ca.clear();
    const auto error = fixture.failure(server.url());
    CHECK(error.code() == ExitCode::protocol);
    CHECK(contains(error.what(), "certificate"));
  }

  TEST_CASE("older than 1.2 is refused, once") {
    const TlsClient fixture;
    const Identity identity({}, &fixture.authority);
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
      CAPTURE(version);
      TlsServer::Options old;
      old.max_version = version;
      TlsServer server(identity, old, [](auto& connection) {
        connection.read_request();
        connection.send(last_answer);
      });
      const auto error = fixture.failure(server.url());
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == ExitCode::protocol);
      CHECK_FALSE(error.passing());
      CHECK(note(error, "try") ==
            "the server must speak TLS 1.2 or newer: look at base_url, and at "
            "proxy and ca if they are set");
      CHECK(server.requests().empty());
    }
    TlsServer::Options options;
    options.max_version = TLS1_2_VERSION;
    TlsServer server(identity, options, [](auto& connection) {
      connection.read_request();
      connection.send(last_answer);
    });
    CHECK(fixture.send(server.url()).body == "[]");
  }

  TEST_CASE("an end without close_notify does not end a body of its own") {
    const TlsClient fixture;
    const Identity identity({}, &fixture.authority);
    // Its length is known: it does not matter.
    TlsServer known(identity, {}, [](auto& connection) {
      connection.read_request();
      connection.send(last_answer);
    });
    CHECK(fixture.send(known.url()).body == "[]");
    // It is not, and somebody may have cut it.
    TlsServer unknown(identity, {}, [](auto& connection) {
      connection.read_request();
      connection.send("HTTP/1.1 200 OK\r\n\r\n[1,");
    });
    try {
      // Where libcurl lets it pass, who decodes it sees that its end is
      // missing.
      CHECK(fixture.send(unknown.url()).body == "[1,");
    } catch (const HttpError& error) {
      CHECK(error.code() == ExitCode::temporary);
    }
  }
}

TEST_SUITE("the file of certificates") {
  TEST_CASE("that cannot be used is refused before anything is sent") {
    TlsClient fixture;
    const auto pem = fixture.authority.pem();
    const auto refused = [&](const std::string& name, const std::string& text) {
      fixture.options.ca = fixture.dir.write(name, text);
      const auto said = refusal(fixture.options);
      const auto start = "cannot use the certificates in " +
                         fixture.options.ca.string() + ": ";
      return said.starts_with(start) ? said.substr(start.size()) : said;
    };
    CHECK(refused("empty", "") == "it holds none in PEM");
    CHECK(refused("text", "no certificate\n") == "it holds none in PEM");
    CHECK(refused("der", "\x30\x82\x01\x0a") == "it holds none in PEM");
    CHECK(refused("key", fixture.authority.key_pem()) ==
          "it holds none in PEM");
    CHECK(refused("cut", pem.substr(0, pem.size() / 2)) ==
          "certificate 1 is broken");
    CHECK(refused("second", pem + pem.substr(0, pem.size() / 2)) ==
          "certificate 2 is broken");
    CHECK(refused("good", pem + pem) == "(taken)");

    fixture.options.ca = fixture.dir.path() / "missing.pem";
    CHECK(refusal(fixture.options) == "cannot use the certificates in " +
                                          fixture.options.ca.string() +
                                          ": No such file or directory");
    fixture.options.ca = fixture.dir.path();
    CHECK(refusal(fixture.options).ends_with(": it cannot be read"));
  }

  TEST_CASE("that is gone when it is needed, as the system's may be, says so") {
    const TlsClient fixture;
    TlsServer server(Identity({}, &fixture.authority), last_answer);
    CurlTransport transport(fixture.options);
    std::filesystem::remove(fixture.options.ca);
    Response response;
    try {
      transport.send({Url(server.url())}, response);
      FAIL("answered");
    } catch (const HttpError& error) {
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == ExitCode::protocol);
      CHECK(contains(error.what(), fixture.options.ca.string()));
      CHECK(note(error, "try") ==
            "install the system's certificates (Debian: ca-certificates), or "
            "set ca to a PEM file that can be read");
    }
    CHECK(server.requests().empty());
  }
}
