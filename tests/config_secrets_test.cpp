// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/secret.hpp"
#include "config_file.hpp"
#include "strandline/error.hpp"

using namespace strandline;
using model::SecretReference;
using test::everything_said;
using test::faults;
using test::note;
using test::small_config;
using test::TempDir;

namespace {

constexpr auto variable = "STRANDLINE_TEST_SECRET";

SecretReference env() {
  return {SecretReference::Kind::env, variable};
}

SecretReference file(const std::filesystem::path& path) {
  return {SecretReference::Kind::file, path.string()};
}

struct Refusal {
  ExitCode code;
  std::string message;
  std::string advice;
};

std::optional<Refusal> refusal(const SecretReference& reference) {
  try {
    config::resolve(reference);
  } catch (const Error& error) {
    return Refusal{error.code(), error.what(), note(error.notes(), "try")};
  }
  return {};
}

}  // namespace

TEST_SUITE("resolve") {
  TEST_CASE("a variable is read as it is") {
    setenv(variable, " hunter2 ", 1);
    CHECK(config::resolve(env()) == " hunter2 ");
    unsetenv(variable);
  }

  TEST_CASE("a variable that is unset or empty is missing input") {
    unsetenv(variable);
    auto refused = refusal(env());
    REQUIRE(refused);
    CHECK(refused->code == ExitCode::no_input);
    CHECK(refused->message ==
          "the environment variable STRANDLINE_TEST_SECRET is not set");
    CHECK(refused->advice ==
          "export STRANDLINE_TEST_SECRET=…, or put the secret in a file and "
          "write { file = \"PATH\" }");
    setenv(variable, "", 1);
    refused = refusal(env());
    REQUIRE(refused);
    CHECK(refused->code == ExitCode::no_input);
    CHECK(refused->message ==
          "the environment variable STRANDLINE_TEST_SECRET is empty");
    unsetenv(variable);
  }

  TEST_CASE("a file is read without the line end behind it") {
    const TempDir dir;
    const std::pair<std::string, std::string> cases[] = {
        {"hunter2", "hunter2"},     {"hunter2\n", "hunter2"},
        {"hunter2\r\n", "hunter2"}, {" hunter2 \n", " hunter2 "},
        {"größe\n", "größe"},
    };
    for (const auto& one : cases) {
      const auto& text = one.first;
      const auto& expected = one.second;
      CAPTURE(text);
      CHECK(config::resolve(file(dir.write("token", text))) == expected);
    }
  }

  TEST_CASE("a file that is missing, empty or endless is missing input") {
    const TempDir dir;
    const auto path = dir.path() / "token";
    auto refused = refusal(file(path));
    REQUIRE(refused);
    CHECK(refused->code == ExitCode::no_input);
    CHECK(refused->message == "cannot read the secret file " + path.string() +
                                  ": No such file or directory");
    for (const std::string text : {"", "\n", "\r\n"}) {
      dir.write("token", text);
      refused = refusal(file(path));
      REQUIRE(refused);
      CHECK(refused->code == ExitCode::no_input);
      CHECK(refused->message ==
            "the secret file " + path.string() + " is empty");
    }
    refused = refusal(file("/dev/zero"));
    REQUIRE(refused);
    CHECK(refused->message ==
          "cannot read the secret file /dev/zero: it is longer than 65536 "
          "bytes");
  }

  TEST_CASE("control characters are refused, and the secret is not told") {
    const TempDir dir;
    for (const std::string text :
         {"hunter2\n\n", "hun\nter2", "hun\tter2\n", "hunter2\r", "\x7Fhunter2",
          "hunter2\n\r\n"}) {
      CAPTURE(text);
      const auto path = dir.write("token", text);
      const auto refused = refusal(file(path));
      REQUIRE(refused);
      CHECK(refused->code == ExitCode::configuration);
      CHECK(refused->message ==
            "the secret in the file " + path.string() +
                " has a control character, such as a line end in the middle");
    }
    setenv(variable, "hunter2\n", 1);
    const auto refused = refusal(env());
    REQUIRE(refused);
    CHECK(refused->code == ExitCode::configuration);
    CHECK(refused->message ==
          "the secret in the environment variable STRANDLINE_TEST_SECRET has a "
          "control character, such as a line end in the middle");
    unsetenv(variable);
  }
}

TEST_SUITE("resolve a credential") {
  TEST_CASE("it is a file of the folder that systemd names") {
    const TempDir dir;
    dir.write("token", "hunter2\n");
    const SecretReference token{SecretReference::Kind::credential, "token"};
    setenv("CREDENTIALS_DIRECTORY", dir.path().c_str(), 1);
    CHECK(config::resolve(token) == "hunter2");
    dir.write("token", "hun\nter2");
    auto refused = refusal(token);
    REQUIRE(refused);
    CHECK(refused->code == ExitCode::configuration);
    CHECK(refused->message ==
          "the secret in the systemd credential token has a control character, "
          "such as a line end in the middle");
    unsetenv("CREDENTIALS_DIRECTORY");
  }

  TEST_CASE("where it is missing the unit's key is told") {
    const TempDir dir;
    const SecretReference token{SecretReference::Kind::credential, "token"};
    unsetenv("CREDENTIALS_DIRECTORY");
    auto refused = refusal(token);
    REQUIRE(refused);
    CHECK(refused->code == ExitCode::no_input);
    CHECK(refused->message ==
          "there is no credential token: systemd has not set "
          "CREDENTIALS_DIRECTORY");
    CHECK(refused->advice ==
          "LoadCredential=token:FILE in the service's unit (see systemd.exec)");
    setenv("CREDENTIALS_DIRECTORY", dir.path().c_str(), 1);
    refused = refusal(token);
    REQUIRE(refused);
    CHECK(refused->code == ExitCode::no_input);
    CHECK(refused->message == "cannot read the systemd credential " +
                                  (dir.path() / "token").string() +
                                  ": No such file or directory");
    CHECK(refused->advice ==
          "LoadCredential=token:FILE in the service's unit (see systemd.exec)");
    dir.write("token", "\n");
    refused = refusal(token);
    REQUIRE(refused);
    CHECK(refused->message == "the systemd credential " +
                                  (dir.path() / "token").string() +
                                  " is empty");
    unsetenv("CREDENTIALS_DIRECTORY");
  }
}

TEST_SUITE("permission_warning") {
  TEST_CASE("a file that others may read is warned of with its mode") {
    using std::filesystem::perms;
    const TempDir dir;
    const auto path = dir.write("token", "hunter2");
    const auto warning = [&](perms mode) {
      std::filesystem::permissions(path, mode);
      return config::permission_warning(file(path));
    };
    CHECK_FALSE(warning(perms::owner_read | perms::owner_write));
    CHECK_FALSE(warning(perms::owner_read));
    CHECK_FALSE(warning(perms{0610}));
    CHECK(warning(perms{0644}) ==
          "others can read the secret file " + path.string() +
              ": its mode is 0644; chmod 600 makes it yours alone");
    CHECK(warning(perms{0640}).value().find("0640") != std::string::npos);
    CHECK(warning(perms{0604}).value().find("0604") != std::string::npos);
  }

  TEST_CASE("a variable or a missing file has no mode") {
    const TempDir dir;
    CHECK_FALSE(config::permission_warning(env()));
    CHECK_FALSE(config::permission_warning(file(dir.path() / "token")));
  }

  TEST_CASE("every secret of every source is looked at, each file once") {
    using std::filesystem::perms;
    const TempDir dir;
    model::Configuration configuration;
    configuration.sources.resize(2);
    const auto secret = [&](const std::string& name) {
      const auto path = dir.write(name, "hunter2");
      std::filesystem::permissions(path, perms{0644});
      return file(path);
    };
    auto& first = configuration.sources[0];
    first.user = secret("user");
    first.token = secret("token");
    first.client_id = secret("client_id");
    first.client_secret = secret("client_secret");
    first.refresh_token = secret("refresh_token");
    configuration.sources[1].token = secret("token");
    const auto warnings = config::permission_warnings(configuration);
    REQUIRE(warnings.size() == 5);
    for (const std::string name :
         {"user", "token", "client_id", "client_secret", "refresh_token"}) {
      CAPTURE(name);
      CHECK(std::any_of(
          warnings.begin(), warnings.end(), [&](const auto& warning) {
            return warning.find("/" + name + ": its mode is 0644") !=
                   std::string::npos;
          }));
    }
  }
}

TEST_SUITE("secrets in a configuration") {
  TEST_CASE("a secret in plain text is refused with what to write") {
    CHECK(
        faults(small_config("", "auth = \"bearer\"\ntoken = \"hunter2\"\n")) ==
        "5:1: 'token' in [source.api] must not be the secret itself; write "
        "{ env = \"NAME\" } or { file = \"PATH\" }");
    CHECK(faults(small_config("", "auth = \"bearer\"\ntoken = 12345\n")) ==
          "5:1: 'token' in [source.api] must not be the secret itself; write "
          "{ env = \"NAME\" } or { file = \"PATH\" }");
  }

  TEST_CASE("a secret is kept in one place of a known kind") {
    const auto token = [](const std::string& text) {
      return faults(
          small_config("", "auth = \"bearer\"\ntoken = { " + text + " }\n"));
    };
    CHECK(token("") ==
          "5:1: 'token' in [source.api] must have exactly one of env, "
          "file, credential, and command");
    CHECK(token("env = \"A\", file = \"b\"") ==
          "5:1: 'token' in [source.api] must have exactly one of env, "
          "file, credential, and command");
    CHECK(token("env = \"\"") ==
          "5:11: 'env' in [source.api.token] must be the name of an "
          "environment variable");
    CHECK(token("env = \"sk-live-1\"") ==
          "5:11: 'env' in [source.api.token] must be the name of an "
          "environment variable");
    CHECK(token("env = \"_\"") ==
          "5:11: 'env' in [source.api.token] must be the name of an "
          "environment variable");
    CHECK(token("env = \"_A1\"") == "");
    CHECK(token("file = \"\"") ==
          "5:11: 'file' in [source.api.token] must not be empty");
    CHECK(token("credential = \"api-token.1\"") == "");
    for (const std::string name : {"a/b", ".", ".."}) {
      CHECK(token("credential = \"" + name + "\"") ==
            "5:11: 'credential' in [source.api.token] must be the name of a "
            "systemd credential");
    }
    CHECK(token("credential = \"\"") ==
          "5:11: 'credential' in [source.api.token] must not be empty");
    CHECK(token("command = [\"pass\", \"show\", \"\"]") == "");
    CHECK(token("command = \"pass show\"") ==
          "5:11: 'command' in [source.api.token] must be a list of texts");
    CHECK(token("command = [\"pass\", 5]") ==
          "5:11: 'command' in [source.api.token] must be a list of texts");
    for (const std::string list : {"", "\"\"", "\"\", \"a\""}) {
      CHECK(token("command = [" + list + "]") ==
            "5:11: 'command' in [source.api.token] must begin with a program");
    }
    CHECK(token("command = [\"echo\", \"a\\nb\"]") ==
          "5:11: 'command' in [source.api.token] must not have control "
          "characters");
  }

  TEST_CASE("a secret file is looked for beside the configuration") {
    const TempDir dir;
    const auto loaded = config::load(
        dir.write("crm.toml",
                  small_config("",
                               "auth = \"basic\"\nuser = { file = \"user\" }\n"
                               "token = { file = \"/run/token\" }\n")));
    const auto& source = loaded.sources[0];
    CHECK(std::get<SecretReference>(source.user).name == dir.path() / "user");
    CHECK(source.token->name == "/run/token");
  }

  TEST_CASE("a command with a slash is looked for beside the configuration") {
    const TempDir dir;
    const auto command = [&](const std::string& list) {
      const auto loaded = config::load(dir.write(
          "crm.toml",
          small_config("", "auth = \"bearer\"\ntoken = { command = [" + list +
                               "] }\n")));
      return loaded.sources[0].token->command;
    };
    using Words = std::vector<std::string>;
    CHECK(command("\"pass\", \"show\", \"a/b\"") ==
          Words{"pass", "show", "a/b"});
    CHECK(command("\"bin/pass\"") == Words{dir.path() / "bin/pass"});
    CHECK(command("\"/bin/pass\"") == Words{"/bin/pass"});
    CHECK(command("\"echo\", \"$${HOME}\"") == Words{"echo", "${HOME}"});
  }

  TEST_CASE("nothing that may be a secret is ever shown") {
    const std::string sources[] = {
        "auth = \"bearer\"\ntoken = \"hunter2\"\n",
        "auth = \"bearer\"\ntoken = [\"hunter2\"]\n",
        "auth = \"bearer\"\ntoken = { env = \"hunter2-\" }\n",
        "auth = \"bearer\"\ntoken = { enw = \"hunter2\" }\n",
        "auth = \"bearer\"\ntoken = { hunter = \"hunter2\", env = \"hunter2\" "
        "}\n",
        "auth = \"bearer\"\ntokn = \"hunter2\"\n",
        "auth = \"hunter2\"\n",
        "auth = \"basic\"\nuser = \"hunter2:x\"\n",
        "client_secret = \"hunter2\"\n",
        "auth = \"oauth2\"\nclient_secret = \"hunter2\"\n",
        "auth = \"oauth2\"\nrefresh_token = \"hunter2\"\n",
        "auth = \"oauth2\"\nclient_id = { enw = \"hunter2\" }\n",
        "auth = \"oauth2\"\ntoken_url = \"https://hunter2:hunter2@a/\"\n",
        "auth = \"bearer\"\ntoken = { command = \"hunter2\" }\n",
        "auth = \"bearer\"\ntoken = { command = [\"a\", \"${hunter2}\"] }\n",
        "auth = \"bearer\"\ntoken = { credential = \"hunter2/\" }\n",
        "whatever = \"hunter2\"\n",
        "headers = { A = \"hunter2\\n\" }\n",
        "headers = { A = \"${hunter2}\" }\n",
        "headers = { A = \"hunter2\", b = 5 }\n",
        "prefix = \"hunter2\"\n",
        "timeout = \"hunter2\"\n",
        "max_body = \"hunter2\"\n",
        "auth = \"bearer\"\ntoken = \"\"\"\nhunter2\n\"\"\"\n",
        "auth = \"bearer\"\ntoken = hunter2\n",
        "auth = \"bearer\"\ntoken = hunter2==\n",
        "auth = \"bearer\"\ntoken = \"hunter2\n",
        "auth = \"bearer\"\ntoken = \"\\hunter2\"\n",
        "auth = \"bearer\"\ntoken = \"a\" \"hunter2\"\n",
        "auth = \"bearer\"\ntoken = true hunter2\n",
        "auth = \"bearer\"\ntoken = \"\"\"\n\\hunter2\n\"\"\"\n",
        "auth = \"bearer\"\ntoken = \"\"\"\nhunter2",
        "hunter2\n",
    };
    for (const auto& source : sources) {
      CAPTURE(source);
      const auto said = everything_said(small_config("", source));
      CHECK_FALSE(said.empty());
      CHECK(said.find("unter2") == std::string::npos);
    }
    const std::string streams[] = {
        "token = \"hunter2\"\n",
        "tokn = \"hunter2\"\n",
        "password = \"hunter2\"\n",
        "auth = \"hunter2\"\n",
        "headers = { Authorization = \"Bearer hunter2\", A = 5 }\n",
        "headers = { X-Shop-Token = \"hunter2\", A = 5 }\n",
        "headers = { Authorization = Bearer hunter2 }\n",
        "query = { api_key = \"hunter2\", a = \"${form}\" }\n",
        "query = { access_token = \"hunter2\", a = \"${form}\" }\n",
        "page = { link = \"next\", zzz = \"hunter2\", size = 0 }\n",
    };
    for (const auto& stream : streams) {
      CAPTURE(stream);
      const auto said = everything_said(small_config(stream));
      CHECK_FALSE(said.empty());
      CHECK(said.find("unter2") == std::string::npos);
    }
    const std::string files[] = {
        "token = \"hunter2\"\n" + small_config(""),
        "sauce.api.token = \"hunter2\"\n" + small_config(""),
        "source.api = { token = \"hunter2\", base_url = 5 }\n",
        "[sauce.api]\ntoken = hunter2\n",
        "token = hunter2\n",
        "[source.api]\nbase_url = \"https://hunter2:hunter2@a/\"\n",
        "[source.api]\nbase_url = \"http://a/?key=hunter2\"\n",
    };
    for (const auto& text : files) {
      CAPTURE(text);
      const auto said = everything_said(text);
      CHECK_FALSE(said.empty());
      CHECK(said.find("unter2") == std::string::npos);
    }
  }

  TEST_CASE("the line of a secret is shown without its value") {
    const auto said = everything_said(small_config("",
                                                   "auth = \"bearer\"\n"
                                                   "  token = \"hunter2\"\n"));
    CHECK(said.find("    5 |   token = …\n      |   ^^^^^\n") !=
          std::string::npos);
  }

  TEST_CASE("paths of page and cursor are no secrets") {
    const auto said = everything_said(
        small_config("page = { token = \"meta/next\", parm = \"after\" }\n"));
    CHECK(said.find("7 | page = { token = \"meta/next\", parm") !=
          std::string::npos);
  }
}
