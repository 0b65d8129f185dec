// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <strandline/version.hpp>
#include <string>
#include <thread>
#include <vector>

#include "http/curl_easy.hpp"
#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "http/transfer_error.hpp"
#include "loopback_server.hpp"
#include "raw_server.hpp"
#include "temp_dir.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace strandline::http;
using namespace strandline::test;
using strandline::ExitCode;

namespace {

using Clock = std::chrono::steady_clock;
using Connection = RawServer::Connection;

// `[{"id":1},{"id":2},{"id":3}]`
const std::string json = R"([{"id":1},{"id":2},{"id":3}])";
const std::string json_gzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x8b\xae\x56\xca\x4c\x51\xb2\x32"
    "\xac\xd5\x81\x30\x8c\x60\x0c\xe3\xda\x58\x00\xb4\x9f\x97\x66\x1c\x00\x00"
    "\x00"s;

CurlTransport::Options options(std::chrono::seconds timeout = 5s) {
  CurlTransport::Options result;
  result.timeout = timeout;
  return result;
}

Response send(const std::string& url, const Headers& headers = {},
              const CurlTransport::Options& how = options()) {
  CurlTransport transport(how);
  Response response;
  transport.send({Url(url), headers}, response);
  return response;
}

HttpError failure(const std::string& url,
                  const CurlTransport::Options& how = options(),
                  const Headers& headers = {}) {
  try {
    const auto response = send(url, headers, how);
    FAIL("answered " << response.status << " with " << response.body);
  } catch (const HttpError& error) {
    return error;
  }
  throw;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

std::string answer(const std::string& headers, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body;
}

// A port on 127.0.0.1 where nobody listens.
int closed_port() {
  const RawServer server("");
  return server.port();
}

// Sets a variable of the environment for the length of a test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

}  // namespace

TEST_SUITE("CurlTransport, what it sends and takes") {
  TEST_CASE("an answer of any status is filled in whole") {
    LoopbackServer server;
    server.routes().Get("/a b", [](const auto& request, auto& response) {
      response.status = 404;
      response.set_header("X-Query", request.get_param_value("q"));
      response.set_content("none", "text/plain");
    });
    server.start();

    const auto response = send(server.url("/a%20b?q=1%2F2"));
    CHECK(response.status == 404);
    CHECK(response.body == "none");
    CHECK(find_header(response.headers, "x-query") == "1/2");
    CHECK(find_header(response.headers, "CONTENT-TYPE") == "text/plain");
    CHECK_FALSE(find_header(response.headers, "X-Other"));
  }

  TEST_CASE("a request is a GET with its headers and nobody else's") {
    RawServer server(answer("Content-Length: 2\r\n", "[]"));
    send(server.url("/x?a=%2f&b=c+d#part"),
         {{"Accept", "application/json"}, {"X-Empty", ""}, {"X-Name", "é: 1"}});
    REQUIRE(server.requests().size() == 1);
    CHECK(server.requests()[0] ==
          "GET /x?a=%2f&b=c+d HTTP/1.1\r\n"
          "Host: 127.0.0.1:" +
              std::to_string(server.port()) +
              "\r\n"
              "User-Agent: strandline/" +
              strandline::version +
              "\r\n"
              "Accept-Encoding: gzip\r\n"
              "Accept: application/json\r\n"
              "X-Empty:\r\n"
              "X-Name: é: 1\r\n\r\n");
  }

  TEST_CASE("a header that would break out of its line is refused unsent") {
    RawServer server(answer("", "[]"));
    std::vector<std::string> values = {"a\r\nX-Evil: 1", "a\r", "\nb"};
    for (int c = 0; c < 0x20; ++c) {
      values.push_back("a"s + static_cast<char>(c) + "b");
    }
    std::erase(values, "a\tb");
    values.push_back("a\x7F");
    for (const auto& value : values) {
      CAPTURE(value);
      const auto error = failure(server.url(), options(), {{"X-Token", value}});
      CHECK(error.code() == ExitCode::protocol);
      CHECK(error.what() ==
            "the value of the header X-Token has a line break or another "
            "control character in it"s);
    }
    for (const auto& name : {""s, "X Y"s, "X:Y"s, "X\r\nY"s, "é"s}) {
      CAPTURE(name);
      const auto error = failure(server.url(), options(), {{name, "1"}});
      CHECK(error.code() == ExitCode::configuration);
      CHECK(contains(error.what(), "is not a header's name"));
    }
    send(server.url());
    CHECK(server.connections() == 1);
  }

  TEST_CASE("one connection serves all requests, and its memory too") {
    LoopbackServer server;
    server.routes().Get("/", [](const auto& request, auto& response) {
      response.set_header("X-Port", std::to_string(request.remote_port));
      response.set_content(std::string(100'000, 'x'), "text/plain");
    });
    server.start();

    CurlTransport transport(options());
    Response response;
    transport.send({Url(server.url("/")), {}}, response);
    const auto* memory = response.body.data();
    const std::string port(find_header(response.headers, "X-Port").value());
    for (int i = 0; i < 4; ++i) {
      transport.send({Url(server.url("/")), {}}, response);
      CHECK(find_header(response.headers, "X-Port") == port);
    }
    CHECK(response.body.data() == memory);
    CHECK(response.body.size() == 100'000);
  }

  TEST_CASE("every body has room to spare behind it") {
    const std::vector<std::size_t> sizes = {0, 1, 15, 16, 4096, 65'536};
    for (const auto size : sizes) {
      CAPTURE(size);
      RawServer server(
          answer("Content-Length: " + std::to_string(size) + "\r\n",
                 std::string(size, 'x')));
      const auto response = send(server.url());
      CHECK(response.body.size() == size);
      CHECK(response.body.capacity() >= size + body_padding);
    }
  }

  TEST_CASE("an answer leaves nothing of the one before") {
    int count = 0;
    RawServer server([&](Connection& connection) {
      connection.read_request();
      connection.send(++count == 1
                          ? answer("Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
                                   "X-First: 1\r\nContent-Length: 2\r\n",
                                   "[]")
                          : "HTTP/1.1 204 No Content\r\n\r\n"s);
    });
    CurlTransport transport(options());
    Response response;
    transport.send({Url(server.url()), {}}, response);
    CHECK(response.date);
    transport.send({Url(server.url()), {}}, response);
    CHECK(response.status == 204);
    CHECK(response.headers.empty());
    CHECK(response.body.empty());
    CHECK_FALSE(response.date);
  }

  TEST_CASE("the Date header is read in its three forms") {
    struct Case {
      std::string header;
      std::optional<strandline::model::Instant> expected;
    };
    const strandline::model::Instant instant{784'887'151, 0};
    const std::vector<Case> cases = {
        {"Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n", instant},
        {"date: Tuesday, 15-Nov-94 08:12:31 GMT\r\n", instant},
        {"DATE: Tue Nov 15 08:12:31 1994\r\n", instant},
        {"Date: yesterday\r\n", {}},
        {"Date:\r\n", {}},
        {"", {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.header);
      RawServer server(answer(c.header + "Content-Length: 2\r\n", "[]"));
      CHECK(send(server.url()).date == c.expected);
    }
  }

  TEST_CASE("the time to first byte covers the wait and not the body") {
    for (const auto& interim : {""s, "HTTP/1.1 103 Early Hints\r\n\r\n"s}) {
      CAPTURE(interim);
      RawServer server([&](Connection& connection) {
        connection.read_request();
        connection.send(interim);
        std::this_thread::sleep_for(200ms);
        connection.send(answer("Content-Length: 2\r\n", "["));
        std::this_thread::sleep_for(800ms);
        connection.send("]");
      });
      const auto response = send(server.url());
      CHECK(response.time_to_first_byte >= 200ms);
      CHECK(response.time_to_first_byte < 1000ms);
    }
  }

  TEST_CASE("the headers are those of the final answer") {
    RawServer server(
        "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n"
        "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n\r\n" +
        answer("Transfer-Encoding: chunked\r\nX-Final: 1\r\n",
               "2\r\n[]\r\n0\r\nX-Trailer: 1\r\n\r\n"));
    const auto response = send(server.url());
    CHECK(response.status == 200);
    CHECK(response.body == "[]");
    CHECK(find_header(response.headers, "X-Final"));
    CHECK_FALSE(find_header(response.headers, "X-Early"));
    CHECK_FALSE(find_header(response.headers, "X-Trailer"));
    CHECK_FALSE(response.date);
  }

  TEST_CASE("a header without a value has an empty one") {
    RawServer server(
        answer("Link: \r\nX-Next:\r\nContent-Length: 2\r\n", "[]"));
    const auto response = send(server.url());
    CHECK(find_header(response.headers, "Link") == "");
    CHECK(find_header(response.headers, "X-Next") == "");
  }

  TEST_CASE("a gzip body arrives decoded") {
    RawServer server(answer("Content-Encoding: gzip\r\nContent-Length: " +
                                std::to_string(json_gzip.size()) + "\r\n",
                            json_gzip));
    CHECK(send(server.url()).body == json);
  }

  TEST_CASE("a redirect is an answer and is not followed") {
    RawServer target(answer("", "[]"));
    RawServer server("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " +
                     target.url() + "\r\n\r\n");
    const auto response = send(server.url());
    CHECK(response.status == 302);
    CHECK(find_header(response.headers, "Location") == target.url());
    send(target.url());
    CHECK(target.connections() == 1);
  }

  TEST_CASE("neither cookies nor .netrc nor a proxy of the environment") {
    RawServer proxy(answer("Content-Length: 5\r\n", "proxy"));
    const TempDir home;
    home.write(".netrc", "default login joe password hunter2\n");
    const Variable variables[] = {{"http_proxy", proxy.url()},
                                  {"all_proxy", proxy.url()},
                                  {"ALL_PROXY", proxy.url()},
                                  {"HOME", home.path().string()}};
    RawServer server(
        answer("Set-Cookie: a=b; Path=/\r\nContent-Length: 6\r\n", "server"));

    CurlTransport transport(options());
    Response response;
    for (int i = 0; i < 2; ++i) {
      transport.send({Url(server.url()), {}}, response);
      CHECK(response.body == "server");
    }
    CHECK(server.requests().size() == 2);
    for (const auto& request : server.requests()) {
      CHECK_FALSE(contains(request, "Cookie"));
      CHECK_FALSE(contains(request, "Authorization"));
    }
    CHECK(proxy.connections() == 0);
  }
}

TEST_SUITE("CurlTransport, what it refuses") {
  TEST_CASE("http goes to another host only if that is allowed") {
    // On Linux 0.0.0.0 leads to this machine too, but does not say so.
    RawServer server(answer("Content-Length: 2\r\n", "[]"));
    const auto url =
        "http://0.0.0.0:" + std::to_string(server.port()) + "/a?k=v";
    const auto error = failure(url);
    CHECK(error.code() == ExitCode::configuration);
    CHECK(error.what() ==
          "GET http://0.0.0.0:" + std::to_string(server.port()) +
              "/a: http without TLS goes only to this machine "
              "itself");
    REQUIRE(error.notes().size() == 1);
    CHECK(error.notes()[0].text == "use https, or set allow_http = true");

    auto allowed = options();
    allowed.allow_http = true;
    CHECK(send(url, {}, allowed).body == "[]");
    CHECK(server.connections() == 1);
  }

  TEST_CASE("a URL that is not http is refused") {
    CHECK(failure("file:///etc/passwd").code() == ExitCode::protocol);
    CHECK(failure("ftp://127.0.0.1/").code() == ExitCode::protocol);
  }

  TEST_CASE("a certificate that nobody vouches for is a protocol error") {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_RSA_gen(2048), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(),
                                                                  &X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    httplib::SSLServer server(certificate.get(), key.get());
    std::atomic<bool> asked = false;
    server.Get("/", [&](const auto&, auto&) { asked = true; });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::thread thread([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();

    const auto error =
        failure("https://127.0.0.1:" + std::to_string(port) + "/");
    server.stop();
    thread.join();
    CHECK(error.code() == ExitCode::protocol);
    CHECK(contains(error.what(), "certificate"));
    CHECK_FALSE(asked);
  }

  TEST_CASE("a server that speaks no TLS is a protocol error") {
    RawServer server([](Connection& connection) {
      connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
      connection.stall();
    });
    const auto error =
        failure("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    CHECK(error.code() == ExitCode::protocol);
  }

  TEST_CASE("a body is measured decoded, and ends at max_body") {
    LoopbackServer server;
    server.routes().Get("/bomb", [](const auto&, auto& response) {
      response.set_content(std::string(8'000'000, 'x'), "text/plain");
    });
    server.start();
    auto how = options();
    how.max_body = 8'000'000;
    const auto response = send(server.url("/bomb"), {}, how);
    CHECK(response.body.size() == 8'000'000);
    CHECK(find_header(response.headers, "Content-Encoding") == "gzip");

    how.max_body = 7'999'999;
    const auto error = failure(server.url("/bomb?key=hunter2"), how);
    CHECK(error.code() == ExitCode::protocol);
    CHECK(error.what() == "GET " + server.url("/bomb") +
                              ": the answer is larger than 7999999 bytes, "
                              "decoded");
    REQUIRE(error.notes().size() == 1);
    CHECK(error.notes()[0].label == "try");
  }

  TEST_CASE("an endless body ends at max_body") {
    RawServer server([](Connection& connection) {
      connection.read_request();
      connection.send(answer("", ""));
      while (connection.send(std::string(65'536, 'x'))) {
      }
    });
    auto how = options();
    how.max_body = 1'000'000;
    CHECK(failure(server.url(), how).code() == ExitCode::protocol);
  }

  TEST_CASE("an endless header ends at its limit") {
    struct Case {
      std::string start;
      std::string more;
      std::string reason;
    };
    const std::string limit = "the header of the answer is larger than 256 KiB";
    const std::string line = "X-Filler: " + std::string(1000, 'x') + "\r\n";
    const std::vector<Case> cases = {
        {"HTTP/1.1 200 OK\r\n", line, limit},
        {"HTTP/1.1 200 OK\r\nX: ", std::string(1000, 'x'),
         "a header of the answer is too long, or memory is short"},
        {"", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", limit},
        {answer("Transfer-Encoding: chunked\r\n", "0\r\n"), line, limit},
    };
    for (const auto& c : cases) {
      CAPTURE(c.start);
      RawServer server([&](Connection& connection) {
        connection.read_request();
        connection.send(c.start);
        while (connection.send(c.more)) {
        }
      });
      const auto error = failure(server.url());
      CHECK(error.code() == ExitCode::protocol);
      CHECK(error.what() == "GET " + server.url() + ": " + c.reason);
    }
  }

  TEST_CASE("what is not sound HTTP is a protocol error") {
    const std::map<std::string, std::string> cases = {
        {"HTTP/0.9", "[]\n"},
        {"a garbled status line", "HTTP/1.1 abc OK\r\n\r\n[]"},
        {"two different lengths",
         answer("Content-Length: 2\r\nContent-Length: 3\r\n", "[] ")},
        {"a length that is no number",
         answer("Content-Length: many\r\n", "[]")},
        {"an encoding nobody asked for",
         answer("Content-Encoding: pack200\r\nContent-Length: 2\r\n", "[]")},
    };
    for (const auto& c : cases) {
      CAPTURE(c.first);
      RawServer server(c.second);
      const auto error = failure(server.url());
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == ExitCode::protocol);
    }
  }
}

TEST_SUITE("CurlTransport, when the network fails") {
  TEST_CASE("a name that does not resolve is temporary") {
    const auto error =
        failure("https://no-such-host.invalid/a?key=hunter2", options(2s));
    CHECK(error.code() == ExitCode::temporary);
    CHECK(error.status() == 0);
    CHECK(contains(error.what(), "GET https://no-such-host.invalid/a: "));
    CHECK_FALSE(contains(error.what(), "hunter2"));
  }

  TEST_CASE("a refused connection is temporary") {
    const auto port = std::to_string(closed_port());
    const auto error = failure("http://127.0.0.1:" + port + "/");
    CHECK(error.code() == ExitCode::temporary);
    CHECK(contains(error.what(), "GET http://127.0.0.1:" + port + "/: "));
  }

  TEST_CASE("an answer that is cut off is temporary") {
    const std::map<std::string, std::string> cases = {
        {"nothing", ""},
        {"the status line alone", "HTTP/1.1 200 OK\r\n"},
        {"the header, in a line", "HTTP/1.1 200 OK\r\nContent-Le"},
        {"the header, after a line", "HTTP/1.1 200 OK\r\nX-Page: 1\r\n"},
        {"the header, before its blank line ends",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r"},
        {"after an interim answer", "HTTP/1.1 103 Early Hints\r\n\r\n"},
        {"the body", answer("Content-Length: 28\r\n", json.substr(0, 27))},
        {"before a chunk", answer("Transfer-Encoding: chunked\r\n", "")},
        {"in a chunk", answer("Transfer-Encoding: chunked\r\n", "2\r\n[")},
        {"in a chunk's length",
         answer("Transfer-Encoding: chunked\r\n", "zz\r\n[]")},
        {"after a chunk",
         answer("Transfer-Encoding: chunked\r\n", "2\r\n[]\r\n")},
    };
    for (const auto& c : cases) {
      CAPTURE(c.first);
      RawServer server(c.second);
      const auto error = failure(server.url());
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == ExitCode::temporary);
    }
  }

  TEST_CASE("a reset is temporary, wherever it comes") {
    for (const auto& start : {""s, "HTTP/1.1 200 OK\r\n"s, answer("", "["),
                              answer("Content-Length: 28\r\n", "[")}) {
      CAPTURE(start);
      RawServer server([&](Connection& connection) {
        connection.read_request();
        connection.send(start);
        std::this_thread::sleep_for(50ms);
        connection.reset_at_end();
      });
      const auto error = failure(server.url());
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == ExitCode::temporary);
    }
  }

  TEST_CASE("a reset in the TLS handshake is temporary") {
    RawServer server([](Connection& connection) {
      std::this_thread::sleep_for(50ms);
      connection.reset_at_end();
    });
    const auto error =
        failure("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    CAPTURE(std::string(error.what()));
    CHECK(error.code() == ExitCode::temporary);
  }

  TEST_CASE("a connection closed in the TLS handshake is temporary") {
    for (const bool read : {false, true}) {
      CAPTURE(read);
      RawServer server([read](Connection& connection) {
        std::this_thread::sleep_for(50ms);
        if (read) {
          const auto head = connection.read(5);  // a TLS record's, its length
          connection.read(static_cast<unsigned char>(head.at(3)) * 256U +
                          static_cast<unsigned char>(head.at(4)));
        }
        shutdown(connection.fd(), SHUT_WR);
        connection.stall();
      });
      const auto error =
          failure("https://127.0.0.1:" + std::to_string(server.port()) + "/");
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == ExitCode::temporary);
    }
  }

  TEST_CASE("and so is one that libcurl or OpenSSL tell in other words") {
    const CurlEasy easy;
    const auto code = [&](const char* reason) {
      return classify_failure(easy.handle(), CURLE_SSL_CONNECT_ERROR, reason);
    };
    for (const char* reason :
         {"OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to h:443",
          "OpenSSL SSL_connect: SSL_ERROR_ZERO_RETURN in connection to h:443",
          "error:0A000126:SSL routines::unexpected eof while reading"}) {
      CAPTURE(reason);
      CHECK(code(reason) == ExitCode::temporary);
    }
    CHECK(code("error:0A00010B:SSL routines::wrong version number") ==
          ExitCode::protocol);
  }

  TEST_CASE("gzip that was cut never passes for the whole") {
    for (std::size_t size = 0; size < json_gzip.size(); ++size) {
      CAPTURE(size);
      RawServer server(answer("Content-Encoding: gzip\r\nContent-Length: " +
                                  std::to_string(size) + "\r\n",
                              json_gzip.substr(0, size)));
      Response response;
      CurlTransport transport(options());
      try {
        transport.send({Url(server.url()), {}}, response);
        // Nothing tells it from an answer without a body.
        CHECK(size == 0);
        CHECK(response.body.empty());
      } catch (const HttpError& error) {
        CHECK(size > 0);
        CHECK(error.code() == ExitCode::temporary);
      }
    }
  }

  TEST_CASE("silence ends at the timeout and is temporary") {
    for (const auto& start : {""s, answer("Content-Length: 28\r\n", "[")}) {
      CAPTURE(start);
      RawServer server([&](Connection& connection) {
        connection.read_request();
        connection.send(start);
        connection.stall();
      });
      const auto begin = Clock::now();
      const auto error = failure(server.url(), options(1s));
      CAPTURE(std::string(error.what()));
      CHECK(error.code() == ExitCode::temporary);
      CHECK(Clock::now() - begin < 4s);
    }
  }

  TEST_CASE("an answer that drips ends at ten times the timeout") {
    RawServer server([](Connection& connection) {
      connection.read_request();
      connection.send(answer("", ""));
      while (connection.send("xx")) std::this_thread::sleep_for(200ms);
    });
    const auto begin = Clock::now();
    const auto error = failure(server.url(), options(1s));
    CAPTURE(std::string(error.what()));
    CHECK(error.code() == ExitCode::temporary);
    CHECK(Clock::now() - begin > 9s);
    CHECK(Clock::now() - begin < 12s);
  }

  TEST_CASE("a failure leaves nothing behind") {
    int count = 0;
    RawServer server([&](Connection& connection) {
      connection.read_request();
      switch (++count) {
        case 1:
          connection.send(answer("Content-Length: 99\r\n", json + json));
          break;
        case 2:
          connection.send(answer("Content-Length: 9\r\n", "["));
          break;
        default:
          connection.send(answer("Content-Length: 2\r\n", "[]"));
      }
    });
    auto how = options();
    how.max_body = 50;
    CurlTransport transport(how);
    Response response;
    CHECK_THROWS_WITH_AS(
        transport.send({Url(server.url()), {}}, response),
        doctest::Contains("the answer is larger than 50 bytes"), HttpError);
    CHECK_THROWS_WITH_AS(transport.send({Url(server.url()), {}}, response),
                         doctest::Contains("bytes remaining"), HttpError);
    transport.send({Url(server.url()), {}}, response);
    CHECK(response.body == "[]");
  }
}

TEST_SUITE("CurlTransport, when told to stop") {
  TEST_CASE("a request under way is given up within about a second") {
    struct Case {
      int signal;
      ExitCode code;
    };
    for (const auto& c : {Case{SIGINT, ExitCode::interrupted},
                          Case{SIGTERM, ExitCode::terminated}}) {
      CAPTURE(c.signal);
      RawServer server([](Connection& connection) {
        connection.read_request();
        connection.stall();
      });
      std::atomic<int> stop = 0;
      auto how = options(30s);
      how.stop = &stop;
      Clock::time_point stopped;
      std::thread signal([&] {
        std::this_thread::sleep_for(150ms);
        stopped = Clock::now();
        stop = c.signal;
      });
      ExitCode code = ExitCode::ok;
      try {
        send(server.url(), {}, how);
      } catch (const Interrupted& error) {
        code = error.code();
      }
      signal.join();
      CHECK(code == c.code);
      CHECK(Clock::now() - stopped < 2s);
    }
  }

  TEST_CASE("an answer that is to be kept is waited for a while") {
    struct Case {
      bool by_deadline;
      bool comes;
    };
    for (const auto& c : {Case{false, true}, Case{true, true},
                          Case{false, false}, Case{true, false}}) {
      CAPTURE(c.by_deadline);
      CAPTURE(c.comes);
      std::atomic<int> stop = 0;
      RawServer server([&](Connection& connection) {
        connection.read_request();
        stop = c.by_deadline ? 0 : SIGTERM;
        if (c.comes) {
          std::this_thread::sleep_for(600ms);
        }
        connection.send(answer("", "[]"));
        while (!c.comes && connection.send("          ")) {
          std::this_thread::sleep_for(50ms);
        }
      });
      auto how = options(1s);
      how.stop = &stop;
      if (c.by_deadline) {
        how.deadline = Clock::now() + 200ms;
      }
      CurlTransport transport(how);
      Request request{Url(server.url())};
      request.keep_answer = true;
      Response response;
      const auto begin = Clock::now();
      if (c.comes) {
        transport.send(request, response);
        CHECK(response.body == "[]");
      } else {
        // The grace is not longer than the timeout.
        if (c.by_deadline) {
          CHECK_THROWS_AS(transport.send(request, response), TimeUp);
        } else {
          CHECK_THROWS_AS(transport.send(request, response), Interrupted);
        }
        CHECK(Clock::now() - begin >= 1s);
      }
      CHECK(Clock::now() - begin < 3s);
    }
  }

  TEST_CASE("what was not sent yet is given up, whatever it is") {
    std::atomic<int> stop = 0;
    RawServer server([&](Connection& connection) {
      std::this_thread::sleep_for(150ms);
      stop = SIGTERM;
      connection.stall();
    });
    auto how = options(20s);
    how.stop = &stop;
    CurlTransport transport(how);
    Request request{
        Url("https://127.0.0.1:" + std::to_string(server.port()) + "/")};
    request.keep_answer = true;
    Response response;
    const auto begin = Clock::now();
    CHECK_THROWS_AS(transport.send(request, response), Interrupted);
    CHECK(Clock::now() - begin < 3s);
  }

  TEST_CASE("no request is begun, not even on an open connection") {
    LoopbackServer server;
    std::atomic<int> asked = 0;
    server.routes().Get("/", [&](const auto&, auto&) { ++asked; });
    server.start();
    std::atomic<int> stop = 0;
    auto how = options();
    how.stop = &stop;
    CurlTransport transport(how);
    Response response;
    transport.send({Url(server.url("/")), {}}, response);
    stop = SIGTERM;
    CHECK_THROWS_AS(transport.send({Url(server.url("/")), {}}, response),
                    Interrupted);
    stop = 0;
    transport.send({Url(server.url("/")), {}}, response);
    CHECK(asked == 2);
  }
}
