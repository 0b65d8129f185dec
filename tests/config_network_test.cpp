// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "config_file.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

model::SourceDefinition source_with(const std::string& lines) {
  return load_text(small_config("", lines)).sources.at(0);
}

std::string faults_of(const std::string& lines) {
  return faults(small_config("", lines));
}

}  // namespace

TEST_SUITE("the way to a source") {
  TEST_CASE("is the network itself, and whom the system trusts") {
    const auto source = source_with("");
    CHECK(source.proxy.empty());
    CHECK(source.ca.empty());
    CHECK(source.origins.empty());
  }

  TEST_CASE("may lead through a proxy") {
    for (const std::string proxy :
         {"http://proxy.example:3128", "https://proxy.example:443/",
          "socks5h://127.0.0.1:1080", "HTTP://[::1]:8080"}) {
      CAPTURE(proxy);
      CHECK(source_with("proxy = \"" + proxy + "\"\n").proxy == proxy);
    }
  }

  TEST_CASE("a proxy is an address and nothing else") {
    const std::string scheme =
        "must begin with http://, https:// or socks5h://";
    const std::string form = "must be SCHEME://HOST:PORT";
    struct Case {
      std::string proxy;
      std::string fault;
    };
    const std::vector<Case> cases = {
        {"", scheme},
        {"proxy.example:3128", scheme},
        {"socks5://h:1080", scheme},
        {"socks4://h:1080", scheme},
        {"ftp://h:1", scheme},
        {"http://", form},
        {"http://proxy.example", form},
        {"http://[::1]", form},
        {"http://:3128", form},
        {"http://h:port", form},
        {"http://h:1/path", form},
        {"http://h:1?a=b", form},
        {"http://h h:1", form},
    };
    for (const auto& c : cases) {
      CAPTURE(c.proxy);
      CHECK(faults_of("proxy = \"" + c.proxy + "\"\n") ==
            "4:1: 'proxy' in [source.api] " + c.fault);
    }
  }

  TEST_CASE("a proxy's password is refused, and not repeated") {
    for (const std::string proxy :
         {"http://joe:hunter2@h:1", "http://hunter2@h:1",
          "socks5h://joe:hunter2@h:1", "https://joe:hunter2@h"}) {
      CAPTURE(proxy);
      const auto lines = "proxy = \"" + proxy + "\"\n";
      CHECK(faults_of(lines) ==
            "4:1: 'proxy' in [source.api] must not have a user name or "
            "password: secrets do not stand in the configuration");
      CHECK(everything_said(small_config("", lines)).find("hunter2") ==
            std::string::npos);
    }
  }

  TEST_CASE("a file of certificates stands beside the configuration") {
    const TempDir dir;
    const auto file =
        dir.write("crm.toml", small_config("", "ca = \"pki/ca.pem\"\n"));
    CHECK(config::load(file).sources.at(0).ca == dir.path() / "pki/ca.pem");
    CHECK(source_with("ca = \"/etc/own.pem\"\n").ca == "/etc/own.pem");
    CHECK(faults_of("ca = \"\"\n") ==
          "4:1: 'ca' in [source.api] must not be empty");
  }

  TEST_CASE("other origins are listed by scheme, host and port") {
    CHECK(source_with("origins = [\"https://b.example\", "
                      "\"https://c.example:8443/\"]\n")
              .origins == std::vector<std::string>{"https://b.example",
                                                   "https://c.example:8443/"});
    struct Case {
      std::string origin;
      std::string fault;
    };
    const std::vector<Case> cases = {
        {"b.example", "must begin with https://"},
        {"https://", "has no valid host"},
        {"https://*.example/files", "must not have a path"},
        {"https://joe:hunter2@b.example",
         "must not have a user name or password; use auth"},
        {"https://b.example?a=b", "must not have a query or fragment"},
        {"http://127.0.0.1:80", "uses http://, where base_url uses https://"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.origin);
      CHECK(faults_of("origins = [\"https://ok.example\", \"" + c.origin +
                      "\"]\n") == "4:1: 'origins' in [source.api] " + c.fault);
    }
  }

  TEST_CASE("an origin without TLS goes with a source without TLS") {
    const auto config = [](const std::string& base, const std::string& origin) {
      return "database = \"crm.db\"\n[source.api]\nbase_url = \"" + base +
             "\"\norigins = [\"" + origin +
             "\"]\n[stream.a]\nget = \"/a\"\nkey = \"id\"\n";
    };
    CHECK(faults(config("http://127.0.0.1:1", "http://127.0.0.1:2")) == "");
    CHECK(faults(config("http://127.0.0.1:1", "http://b.example"))
              .starts_with("4:1: 'origins' in [source.api] uses http:// to "
                           "b.example"));
  }
}
