// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fake_transport.hpp"
#include "fake_waiter.hpp"
#include "file_content.hpp"
#include "http/client.hpp"
#include "http/oauth2.hpp"
#include "http/token_file.hpp"
#include "temp_dir.hpp"

using namespace strandline;
using namespace strandline::http;
using namespace std::chrono_literals;
using namespace std::string_literals;
using test::content;
using test::TempDir;

namespace {

using Clock = OAuth2::Clock;

constexpr auto start = test::FakeWaiter::begin;

// Answers token requests as a test says, and keeps what it was asked.
struct Endpoint {
  std::vector<Response> answers;  // the last stays
  std::vector<Request> asked;

  void answer(std::string body, int status = 200) {
    answers.push_back({});
    answers.back().status = status;
    answers.back().body = std::move(body);
  }

  OAuth2::Send send(Clock::time_point now = start) {
    return [this, now](const Request& request) {
      asked.push_back(request);
      const auto at = std::min(asked.size(), answers.size()) - 1;
      return OAuth2::Answer{answers.at(at), now};
    };
  }
};

struct Fixture {
  TempDir dir;
  Redactor redactor;
  Endpoint endpoint;
  OAuth2::Settings settings{"https://login.example/token", "me", "c-secret"};

  std::filesystem::path file() const { return dir.path() / "a.db.s.token"; }

  OAuth2 by_client() { return {settings, redactor}; }
  OAuth2 by_refresh_token(const std::string& token = "refresh-0") {
    settings.refresh_token = token;
    settings.token_file = file();
    return {settings, redactor};
  }
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

unsigned mode(const std::filesystem::path& file) {
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

std::string note(const Error& error, std::string_view label) {
  const auto found = std::ranges::find(error.notes(), label, &Note::label);
  return found == error.notes().end() ? "(no such note)" : found->text;
}

std::string whole(const Error& error) {
  std::string text = error.what();
  for (const auto& item : error.notes()) {
    text += "\n" + item.label + ": " + item.text;
  }
  return text;
}

HttpError refusal(OAuth2& oauth2, Endpoint& endpoint) {
  try {
    oauth2.token(start, endpoint.send());
  } catch (const HttpError& error) {
    return error;
  }
  FAIL("no error");
  throw;
}

template <typename Action>
Error failure_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error");
  throw;
}

}  // namespace

TEST_SUITE("OAuth2, what it asks") {
  TEST_CASE("by the client's credentials") {
    Fixture fixture;
    fixture.settings.scope = "read:all offline";
    auto oauth2 = fixture.by_client();
    fixture.endpoint.answer(R"({"access_token": "a-1", "token_type": "x"})");
    CHECK(oauth2.token(start, fixture.endpoint.send())->text == "a-1");
    REQUIRE(fixture.endpoint.asked.size() == 1);
    const auto& request = fixture.endpoint.asked[0];
    CHECK(request.method == Method::post);
    CHECK(request.url.text() == "https://login.example/token");
    CHECK(request.headers ==
          Headers{{"Accept", "application/json"},
                  {"Content-Type", "application/x-www-form-urlencoded"}});
    CHECK(request.body ==
          "grant_type=client_credentials&client_id=me&client_secret=c-secret"
          "&scope=read%3Aall%20offline");
    // Another is to be had for the asking.
    CHECK_FALSE(request.keep_answer);
  }

  TEST_CASE("by a refresh token, where there is one") {
    Fixture fixture;
    fixture.settings.client_secret.clear();
    auto oauth2 = fixture.by_refresh_token();
    fixture.endpoint.answer(R"({"access_token": "a-1"})");
    oauth2.token(start, fixture.endpoint.send());
    CHECK(fixture.endpoint.asked.at(0).body ==
          "grant_type=refresh_token&refresh_token=refresh-0&client_id=me");
    CHECK(fixture.endpoint.asked.at(0).keep_answer);
  }

  TEST_CASE("what is odd in a secret is encoded") {
    Fixture fixture;
    fixture.settings.client_id = "a&b=c";
    fixture.settings.client_secret = "p+q r%s/t\"ö~-._;?#";
    auto oauth2 = fixture.by_refresh_token("1//x+y=&z");
    fixture.endpoint.answer(R"({"access_token": "a-1"})");
    oauth2.token(start, fixture.endpoint.send());
    CHECK(fixture.endpoint.asked.at(0).body ==
          "grant_type=refresh_token&refresh_token=1%2F%2Fx%2By%3D%26z"
          "&client_id=a%26b%3Dc"
          "&client_secret=p%2Bq%20r%25s%2Ft%22%C3%B6~-._%3B%3F%23");
  }

  TEST_CASE("a query of token_url stays") {
    Fixture fixture;
    fixture.settings.token_url = "https://login.example/token?p=policy";
    auto oauth2 = fixture.by_client();
    fixture.endpoint.answer(R"({"access_token": "a-1"})");
    oauth2.token(start, fixture.endpoint.send());
    CHECK(fixture.endpoint.asked.at(0).url.text() ==
          "https://login.example/token?p=policy");
  }
}

TEST_SUITE("OAuth2, when it asks") {
  TEST_CASE("a token is renewed a minute, or a tenth of its life, ahead") {
    struct Case {
      std::string expires_in;
      std::optional<Clock::duration> good_for;
    };
    const Case cases[] = {
        {"3600", 3540s},
        {"600", 540s},
        {"100", 90s},
        {"10", 9s},
        {"\"100\"", 90s},
        {"100.5", 90450ms},
        {"1e300", 87600h - 60s},
        {"0", {}},
        {"-5", {}},
        {"null", {}},
        {"\"soon\"", {}},
        {"\"100 s\"", {}},
        {"\"\"", {}},
        {"true", {}},
        {"[100]", {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.expires_in);
      Fixture fixture;
      auto oauth2 = fixture.by_client();
      fixture.endpoint.answer(R"({"access_token": "a-1", "expires_in": )" +
                              c.expires_in + "}");
      fixture.endpoint.answer(R"({"access_token": "a-2"})");
      const auto send = fixture.endpoint.send();
      CHECK(oauth2.token(start, send)->text == "a-1");
      const auto last = c.good_for.value_or(87600h * 10);
      CHECK(oauth2.token(start + last - 1ms, send)->text == "a-1");
      CHECK(oauth2.token(start + last, send)->text ==
            (c.good_for ? "a-2" : "a-1"));
      CHECK(fixture.endpoint.asked.size() == (c.good_for ? 2 : 1));
    }
  }

  TEST_CASE("without expires_in it is good until it is refused") {
    Fixture fixture;
    auto oauth2 = fixture.by_client();
    fixture.endpoint.answer(R"({"access_token": "a-1"})");
    fixture.endpoint.answer(R"({"access_token": "a-2"})");
    const auto send = fixture.endpoint.send();
    const auto first = oauth2.token(start, send);
    CHECK(oauth2.token(start + 87600h * 10, send) == first);
    const auto second = oauth2.token_instead_of(first, send);
    CHECK(second->text == "a-2");
    // Who still had the first gets the second, without asking.
    CHECK(oauth2.token_instead_of(first, send) == second);
    CHECK(oauth2.token(start, send) == second);
    CHECK(fixture.endpoint.asked.size() == 2);
  }

  TEST_CASE("of many threads one asks, and the others wait for its token") {
    Fixture fixture;
    auto oauth2 = fixture.by_client();
    std::atomic<int> asked = 0;
    std::atomic<int> inside = 0;
    std::atomic<bool> together = false;
    const OAuth2::Send send = [&](const Request&) {
      together = together || ++inside > 1;
      std::this_thread::sleep_for(30ms);
      OAuth2::Answer answer{{}, start};
      answer.response.status = 200;
      answer.response.body =
          R"({"access_token": "a-)" + std::to_string(++asked) + "\"}";
      --inside;
      return answer;
    };
    const auto all_ask = [&](auto ask, const std::string& expected) {
      std::vector<std::thread> threads;
      std::atomic<int> good = 0;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { good += ask()->text == expected ? 1 : 0; });
      }
      for (auto& thread : threads) {
        thread.join();
      }
      CHECK(good == 8);
    };
    all_ask([&] { return oauth2.token(start, send); }, "a-1");
    CHECK(asked == 1);
    const auto first = oauth2.token(start, send);
    all_ask([&] { return oauth2.token_instead_of(first, send); }, "a-2");
    CHECK(asked == 2);
    CHECK_FALSE(together);
  }

  TEST_CASE("where one fails those who waited fail too, and who comes asks") {
    for (const bool refused_before : {false, true}) {
      CAPTURE(refused_before);
      Fixture fixture;
      auto oauth2 = fixture.by_client();
      fixture.endpoint.answer(R"({"access_token": "a-1"})");
      OAuth2::Token refused;
      if (refused_before) {
        refused = oauth2.token(start, fixture.endpoint.send());
      }
      std::atomic<int> asked = 0;
      const OAuth2::Send broken = [&](const Request&) -> OAuth2::Answer {
        ++asked;
        std::this_thread::sleep_for(300ms);
        throw HttpError(ExitCode::temporary, "no network");
      };
      std::vector<std::thread> threads;
      std::atomic<int> failed = 0;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
          try {
            refused ? oauth2.token_instead_of(refused, broken)
                    : oauth2.token(start, broken);
          } catch (const HttpError& error) {
            failed += error.what() == "no network"s ? 1 : 0;
          }
        });
      }
      for (auto& thread : threads) {
        thread.join();
      }
      CHECK(failed == 8);
      CHECK(asked == 1);
      CHECK((refused ? oauth2.token_instead_of(refused, fixture.endpoint.send())
                     : oauth2.token(start, fixture.endpoint.send()))
                ->text == "a-1");
    }
  }

  TEST_CASE("a signal is nobody's failure") {
    Fixture fixture;
    auto oauth2 = fixture.by_client();
    const OAuth2::Send stopped = [](const Request&) -> OAuth2::Answer {
      throw Interrupted(SIGTERM);
    };
    CHECK_THROWS_AS(oauth2.token(start, stopped), Interrupted);
    fixture.endpoint.answer(R"({"access_token": "a-1"})");
    CHECK(oauth2.token(start, fixture.endpoint.send())->text == "a-1");
  }
}

TEST_SUITE("OAuth2, what it is answered") {
  TEST_CASE("other texts and numbers are kept by name, and no secrets") {
    Fixture fixture;
    auto oauth2 = fixture.by_client();
    fixture.endpoint.answer(
        R"({"access_token": "a", "refresh_token": "b", "id_token": "c",
            "instance_url": "https://x", "n": 5, "list": [1], "no": null})");
    const auto token = oauth2.token(start, fixture.endpoint.send());
    CHECK(token->members == std::map<std::string, std::string>{
                                {"instance_url", "https://x"}, {"n", "5"}});
  }

  TEST_CASE("what is no token is said without what it was") {
    const std::vector<std::pair<std::string, int>> cases = {
        {"", 200},
        {"", 204},
        {"hunter2", 200},
        {"[\"hunter2\"]", 200},
        {R"({"token": "hunter2"})", 200},
        {R"({"access_token": 5, "a": "hunter2"})", 200},
        {R"({"access_token": ""})", 200},
        {R"({"access_token": "hunter2\n"})", 200},
        {R"({"access_token": "hünter2"})", 200},
        {R"({"access_token": "hunter2", "refresh_token": "hunter2\r"})", 200},
        {R"({"access_token": "hunter2)", 200},
    };
    for (const auto& each : cases) {
      const auto& body = each.first;
      const int status = each.second;
      CAPTURE(body);
      Fixture fixture;
      auto oauth2 = fixture.by_refresh_token();
      fixture.endpoint.answer(body, status);
      const auto error = refusal(oauth2, fixture.endpoint);
      CHECK(error.code() == ExitCode::protocol);
      CHECK(error.status() == 0);
      CHECK(error.what() ==
            "POST https://login.example/token: the answer is no access token"s);
      CHECK(note(error, "try") == "check token_url");
      CHECK_FALSE(has(whole(error), "nter2"));
      CHECK_FALSE(std::filesystem::exists(fixture.file()));
    }
  }

  TEST_CASE("other statuses say what they are") {
    struct Case {
      int status;
      ExitCode code;
      std::string advice;
    };
    const std::string redirect =
        "set token_url to where it leads: credentials follow no redirect";
    const Case cases[] = {
        {302, ExitCode::protocol, redirect},
        {307, ExitCode::protocol, redirect},
        {400, ExitCode::protocol, "check token_url"},
        {401, ExitCode::credentials, "check token_url"},
        {404, ExitCode::unavailable, "check token_url"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.status);
      Fixture fixture;
      auto oauth2 = fixture.by_client();
      fixture.endpoint.answer("<html>hunter2", c.status);
      const auto error = refusal(oauth2, fixture.endpoint);
      CHECK(error.code() == c.code);
      CHECK(error.what() == "POST https://login.example/token: the answer is " +
                                std::to_string(c.status));
      CHECK(note(error, "try") == c.advice);
      // Were it told, a reader would take 400 for the refusal of a page.
      CHECK(error.status() == 0);
      CHECK_FALSE(has(whole(error), "hunter2"));
    }
  }

  TEST_CASE("a refusal says what to do, and nobody asks again") {
    struct Case {
      std::string error;
      int status;
      bool refresh;
      std::string advice;
    };
    const std::string client = "check client_id and client_secret";
    const std::string all =
        "check token_url, client_id, client_secret and scope";
    const std::string login =
        "log in again and configure the new refresh token";
    const Case cases[] = {
        {"invalid_grant", 400, true, login},
        {"invalid_code", 200, true, login},  // Zoho
        {"access_denied", 403, true, login},
        {"invalid_grant", 400, false, client},
        {"invalid_client", 401, true, client},
        {"unauthorized_client", 400, false, client},
        {"invalid_scope", 400, true, "check scope"},
        {"invalid_request", 400, true, all},
        {"unsupported_grant_type", 400, true, all},
        {"else", 400, false, all},
    };
    for (const auto& c : cases) {
      CAPTURE(c.error);
      Fixture fixture;
      auto oauth2 =
          c.refresh ? fixture.by_refresh_token() : fixture.by_client();
      fixture.endpoint.answer(
          R"({"error": ")" + c.error + R"(", "error_description": "No: )" +
              (c.refresh ? "refresh-0" : "c-secret") + "\\u0007\"}",
          c.status);
      for (int i = 0; i < 2; ++i) {
        const auto error = refusal(oauth2, fixture.endpoint);
        CHECK(error.code() == ExitCode::credentials);
        CHECK(error.status() == 0);
        CHECK(error.what() ==
              "POST https://login.example/token: no access token is given: " +
                  c.error);
        CHECK(note(error, "answer").starts_with("No: REDACTED"));
        CHECK(note(error, "try").starts_with(c.advice));
      }
      CHECK(fixture.endpoint.asked.size() == 1);
    }
  }

  TEST_CASE("the redactor knows every secret that comes") {
    Fixture fixture;
    auto oauth2 = fixture.by_refresh_token("refresh/0");
    fixture.endpoint.answer(
        R"({"access_token": "a/1", "refresh_token": "refresh/1"})");
    oauth2.token(start, fixture.endpoint.send());
    CHECK(fixture.redactor.redact("c-secret refresh/0 a/1 refresh%2F1 else") ==
          "REDACTED-client_secret REDACTED-refresh_token "
          "REDACTED-access_token REDACTED-refresh_token else");
    // What an earlier run kept as well.
    Fixture next;
    std::filesystem::copy(fixture.file(), next.file());
    auto later = next.by_refresh_token("refresh/0");
    next.endpoint.answer(R"({"error": "refresh/1"})", 400);
    CHECK(has(refusal(later, next.endpoint).what(), "given: REDACTED"));
  }
}

TEST_SUITE("OAuth2, a new refresh token") {
  TEST_CASE("is used from then on, also by later runs") {
    Fixture fixture;
    {
      auto oauth2 = fixture.by_refresh_token();
      fixture.endpoint.answer(
          R"({"access_token": "a-1", "refresh_token": "refresh-1"})");
      fixture.endpoint.answer(
          R"({"access_token": "a-2", "refresh_token": "refresh-2"})");
      const auto send = fixture.endpoint.send();
      oauth2.token_instead_of(oauth2.token(start, send), send);
      CHECK(has(fixture.endpoint.asked.at(1).body, "refresh_token=refresh-1&"));
    }
    auto next = fixture.by_refresh_token();
    next.token(start, fixture.endpoint.send());
    CHECK(has(fixture.endpoint.asked.at(2).body, "refresh_token=refresh-2&"));
  }

  TEST_CASE("is dropped when another one is configured") {
    Fixture fixture;
    fixture.endpoint.answer(
        R"({"access_token": "a-1", "refresh_token": "refresh-1"})");
    fixture.by_refresh_token().token(start, fixture.endpoint.send());
    fixture.by_refresh_token("other-0").token(start, fixture.endpoint.send());
    CHECK(has(fixture.endpoint.asked.at(1).body, "refresh_token=other-0&"));
  }

  TEST_CASE("that is the same one is not written") {
    Fixture fixture;
    auto oauth2 = fixture.by_refresh_token();
    fixture.endpoint.answer(
        R"({"access_token": "a-1", "refresh_token": "refresh-0"})");
    oauth2.token(start, fixture.endpoint.send());
    CHECK_FALSE(std::filesystem::exists(fixture.file()));
  }

  TEST_CASE("is none by the client's credentials") {
    Fixture fixture;
    auto oauth2 = fixture.by_client();
    fixture.endpoint.answer(
        R"({"access_token": "a-1", "refresh_token": "refresh-1"})");
    const auto send = fixture.endpoint.send();
    oauth2.token_instead_of(oauth2.token(start, send), send);
    CHECK(fixture.endpoint.asked.at(1).body ==
          fixture.endpoint.asked.at(0).body);
  }

  TEST_CASE("is not asked for where it could not be kept") {
    Fixture fixture;
    std::filesystem::create_directory(fixture.file().string() + ".new");
    auto oauth2 = fixture.by_refresh_token();
    const auto error =
        failure_of([&] { oauth2.token(start, fixture.endpoint.send()); });
    CHECK(error.code() == ExitCode::io);
    CHECK(error.what() == "cannot write the refresh token to " +
                              fixture.file().string() + ".new: File exists");
    CHECK(fixture.endpoint.asked.empty());
  }

  TEST_CASE("that cannot be kept is used by nobody, and not forgotten") {
    Fixture fixture;
    auto oauth2 = fixture.by_refresh_token();
    fixture.endpoint.answer(
        R"({"access_token": "a-1", "refresh_token": "refresh-1"})");
    fixture.endpoint.answer(R"({"access_token": "a-2"})");
    const auto send = fixture.endpoint.send();
    const OAuth2::Send in_the_way = [&](const Request& request) {
      std::filesystem::create_directory(fixture.file());
      return send(request);
    };
    const auto error = failure_of([&] { oauth2.token(start, in_the_way); });
    CHECK(error.code() == ExitCode::io);
    CHECK(has(error.what(),
              "the API has given a new refresh token, and it cannot be kept: "
              "cannot write the refresh token to "));
    CHECK(has(note(error, "try"), "log in again"));
    CHECK_FALSE(has(whole(error), "refresh-1"));
    // The next stream meets the same, without asking.
    failure_of([&] { oauth2.token(start, send); });
    CHECK(fixture.endpoint.asked.size() == 1);
    std::filesystem::remove_all(fixture.file());
    CHECK(oauth2.token(start, send)->text == "a-2");
    CHECK(has(fixture.endpoint.asked.at(1).body, "refresh_token=refresh-1&"));
    CHECK(has(content(fixture.file()), "refresh-1"));
  }
}

TEST_SUITE("TokenFile") {
  TEST_CASE("keeps a token for its owner alone") {
    const TempDir dir;
    const auto path = dir.path() / "token";
    const auto before = umask(0);
    TokenFile file(path, "configured");
    CHECK_FALSE(file.kept());
    file.keep("one");
    CHECK(mode(path) == 0600);
    CHECK(file.kept() == "one");
    file.keep("two");
    umask(before);
    CHECK(mode(path) == 0600);
    CHECK(file.kept() == "two");
    CHECK(TokenFile(path, "configured").kept() == "two");
    CHECK_FALSE(TokenFile(path, "another").kept());
    // The configured one need not lie about twice.
    CHECK_FALSE(has(content(path), "\"configured\""));
  }

  TEST_CASE("what was readable by others is not any more") {
    const TempDir dir;
    const auto path = dir.path() / "token";
    TokenFile(path, "configured").keep("one");
    std::filesystem::permissions(path, std::filesystem::perms{0644});
    TokenFile(path, "configured").keep("two");
    CHECK(mode(path) == 0600);
  }

  TEST_CASE("what is prepared is not there until it is kept") {
    const TempDir dir;
    const auto path = dir.path() / "token";
    const auto prepared = path.string() + ".new";
    // As a killed run leaves it.
    dir.write("token.new", "rest");
    {
      TokenFile file(path, "configured");
      file.prepare();
      file.prepare();
      CHECK(mode(prepared) == 0600);
      // There is room for a long one.
      CHECK(std::filesystem::file_size(prepared) == 65536);
      CHECK_FALSE(file.kept());
    }
    CHECK_FALSE(std::filesystem::exists(prepared));
    TokenFile file(path, "configured");
    file.prepare();
    file.keep("one");
    CHECK_FALSE(std::filesystem::exists(prepared));
    CHECK(file.kept() == "one");
    CHECK(std::filesystem::file_size(path) < 200);
  }

  TEST_CASE("one that is not as it was written is an error") {
    const TempDir dir;
    const auto path = dir.path() / "token";
    for (const std::string text :
         {"", "refresh", "[]", "{}", R"({"refresh_token": "hunter2"})",
          R"({"configured_sha256": "hunter2"})",
          R"({"refresh_token": 5, "configured_sha256": "a"})"}) {
      CAPTURE(text);
      dir.write("token", text);
      const auto error =
          failure_of([&] { TokenFile(path, "configured").kept(); });
      CHECK(error.code() == ExitCode::io);
      CHECK(error.what() == "cannot read the refresh token in " +
                                path.string() +
                                ": it is not what was written there");
      CHECK(has(note(error, "try"), "log in again"));
      CHECK_FALSE(has(whole(error), "hunter2"));
    }
    std::filesystem::remove(path);
    dir.write("other", "{}");
    std::filesystem::create_symlink("other", path);
    CHECK(has(failure_of([&] { TokenFile(path, "configured").kept(); }).what(),
              "Too many levels of symbolic links"));
  }

  TEST_CASE("stands beside the database, where links lead") {
    const TempDir dir;
    std::filesystem::create_directory(dir.path() / "real");
    dir.write("real/a.db", "");
    std::filesystem::create_symlink("real/a.db", dir.path() / "a.db");
    const auto real = std::filesystem::canonical(dir.path() / "real");
    CHECK(token_file(dir.path() / "a.db", "crm") == real / "a.db.crm.token");
    CHECK(token_file(real / "new.db", "crm") == real / "new.db.crm.token");
  }
}

namespace {

const std::string api = "https://api.example/v1";
const std::string login = "https://login.example/token";

struct ClientFixture {
  test::FakeSource source;
  model::SourceDefinition definition;
  std::shared_ptr<test::FakeWaiter> waiter =
      std::make_shared<test::FakeWaiter>();
  std::shared_ptr<Session> session;

  explicit ClientFixture(const std::string& base_url = api) {
    definition.base_url = base_url;
    definition.auth = model::Auth::oauth2;
    definition.headers = {{"X-Api-Key", "k"}};
  }

  Client client() {
    if (!session) {
      Credentials credentials;
      credentials.auth = definition.auth;
      credentials.header = "Authorization";
      credentials.prefix = "Bearer ";
      if (definition.auth == model::Auth::oauth2) {
        credentials.oauth2 = OAuth2::Settings{login, "me", "c-secret"};
      } else {
        credentials.secret = "fixed";
      }
      session = std::make_shared<Session>(definition, credentials);
    }
    return {session, source.transport(), waiter};
  }

  std::vector<std::string> tokens() const {
    std::vector<std::string> all;
    for (const auto& request : source.asked()) {
      all.emplace_back(
          find_header(request.headers, "Authorization").value_or("-"));
    }
    return all;
  }
};

HttpError failure(Client& client, const std::string& url = api + "/x") {
  try {
    client.fetch({Url(url)});
  } catch (const HttpError& error) {
    return error;
  }
  FAIL("no error");
  throw;
}

using Tokens = std::vector<std::string>;

// The base URL that a token answer makes, or why it makes none.
std::string base_with(const std::string& base_url, const std::string& answer,
                      bool allow_http = false) {
  ClientFixture fixture(base_url);
  fixture.definition.allow_http = allow_http;
  fixture.source.answer(login, answer);
  auto client = fixture.client();
  try {
    return client.base().text();
  } catch (const HttpError& error) {
    CHECK(error.code() == ExitCode::protocol);
    CHECK(error.status() == 0);
    return error.what();
  }
}

}  // namespace

TEST_SUITE("Client with oauth2") {
  TEST_CASE("a token is asked for before the first request, once") {
    ClientFixture fixture;
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    fixture.source.answer(api + "/x", "[1]");
    auto first = fixture.client();
    auto second = fixture.client();
    CHECK(first.fetch({Url(api + "/x")}).body == "[1]");
    CHECK(second.fetch({Url(api + "/x")}).body == "[1]");
    CHECK(fixture.tokens() == Tokens{"-", "Bearer a-1", "Bearer a-1"});
    CHECK(first.requests() == 2);
    // The API's headers are not for who gives out tokens.
    CHECK_FALSE(find_header(fixture.source.asked()[0].headers, "X-Api-Key"));
    CHECK(find_header(fixture.source.asked()[1].headers, "X-Api-Key"));
  }

  TEST_CASE("a wait that the token endpoint asks for is waited out") {
    ClientFixture fixture;
    fixture.source.answer(login, "", 429).headers = {{"Retry-After", "300"}};
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    fixture.source.answer(api + "/x", "[1]");
    auto client = fixture.client();
    CHECK(client.fetch({Url(api + "/x")}).body == "[1]");
    CHECK(fixture.waiter->now() - start >= 300s);
  }

  TEST_CASE("no token is asked for before the source may be asked again") {
    ClientFixture fixture;
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    fixture.source.answer(api + "/x", "[1]");
    auto client = fixture.client();
    fixture.session->pace().hold(start + 300s, "the answer is 429");
    fixture.waiter->deadline = 200s;
    CHECK(has(failure(client).what(), "the source asks to wait until"));
    CHECK(fixture.source.asked().empty());
    fixture.waiter->deadline.reset();
    client.fetch({Url(api + "/x")});
    CHECK(fixture.waiter->elapsed == 300s);
  }

  TEST_CASE("no token is asked for when told to stop, nor out of time") {
    ClientFixture fixture;
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    auto client = fixture.client();
    fixture.waiter->signal = SIGTERM;
    CHECK_THROWS_AS(client.fetch({Url(api + "/x")}), Interrupted);
    fixture.waiter->signal = 0;
    fixture.waiter->deadline = -1s;
    CHECK_THROWS_AS(client.fetch({Url(api + "/x")}), TimeUp);
    CHECK(fixture.source.asked().empty());
    // Neither is the endpoint's refusal.
    fixture.waiter->deadline.reset();
    fixture.source.answer(api + "/x", "[1]");
    CHECK(client.fetch({Url(api + "/x")}).body == "[1]");
  }

  TEST_CASE("after a 401 the same is asked with a new token") {
    ClientFixture fixture;
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    fixture.source.answer(login, R"({"access_token": "a-2"})");
    fixture.source.answer(api + "/x", "expired", 401);
    fixture.source.answer(api + "/x", "[1]");
    auto client = fixture.client();
    CHECK(client.fetch({Url(api + "/x")}).body == "[1]");
    CHECK(fixture.tokens() == Tokens{"-", "Bearer a-1", "-", "Bearer a-2"});
    CHECK(client.retries() == 0);
  }

  TEST_CASE("a second 401 in a row is one") {
    ClientFixture fixture;
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    fixture.source.answer(login, R"({"access_token": "a-2"})");
    fixture.source.answer(api + "/x", "expired", 401);
    auto client = fixture.client();
    const auto error = failure(client);
    CHECK(error.code() == ExitCode::credentials);
    CHECK(error.status() == 401);
    CHECK(note(error, "try") ==
          "the access token is new: check scope, and what the login may read");
    CHECK(fixture.tokens() == Tokens{"-", "Bearer a-1", "-", "Bearer a-2"});
    // The next page may meet it again.
    fixture.source.answer(api + "/y", "expired", 401);
    fixture.source.answer(api + "/y", "[2]");
    CHECK(client.fetch({Url(api + "/y")}).body == "[2]");
  }

  TEST_CASE("a 403, and a 401 of another kind of auth, stay what they are") {
    ClientFixture fixture;
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    fixture.source.answer(api + "/x", "no", 403);
    auto client = fixture.client();
    CHECK(failure(client).status() == 403);
    CHECK(fixture.source.asked().size() == 2);

    ClientFixture bearer;
    bearer.definition.auth = model::Auth::bearer;
    bearer.source.answer(api + "/x", "no", 401);
    auto other = bearer.client();
    const auto error = failure(other);
    CHECK(error.code() == ExitCode::credentials);
    CHECK(note(error, "try").starts_with("check the token"));
    CHECK(bearer.source.asked().size() == 1);
  }

  TEST_CASE("a token that expires while we wait is not used") {
    ClientFixture fixture;
    fixture.source.answer(login,
                          R"({"access_token": "a-1", "expires_in": 100})");
    fixture.source.answer(login, R"({"access_token": "a-2"})");
    fixture.source.answer(api + "/x", "later", 503).headers = {
        {"Retry-After", "95"}};
    fixture.source.answer(api + "/x", "[1]");
    auto client = fixture.client();
    client.fetch({Url(api + "/x")});
    CHECK(fixture.tokens() == Tokens{"-", "Bearer a-1", "-", "Bearer a-2"});
  }

  TEST_CASE("a token that expires while a rate is waited for costs no place") {
    ClientFixture fixture;
    fixture.definition.rate = model::Rate{1, 100s};
    fixture.source.answer(login,
                          R"({"access_token": "a-1", "expires_in": 50})");
    fixture.source.answer(login, R"({"access_token": "a-2"})");
    fixture.source.answer(api + "/x", "[1]");
    auto client = fixture.client();
    client.set_stream("s", model::Rate{1, 10s});
    client.fetch({Url(api + "/x")});
    client.fetch({Url(api + "/x")});
    CHECK(fixture.tokens() == Tokens{"-", "Bearer a-1", "-", "Bearer a-2"});
    CHECK(fixture.waiter->elapsed == 100s);
  }

  TEST_CASE("what is asked for with a token holds for the API at once") {
    ClientFixture fixture;
    fixture.source.answer(login, R"({"access_token": "a-1"})").headers = {
        {"Retry-After", "300"}};
    fixture.source.answer(api + "/x", "[1]");
    auto client = fixture.client();
    client.fetch({Url(api + "/x")});
    CHECK(fixture.waiter->elapsed == 300s);
  }

  TEST_CASE("who waited for a token keeps the rate") {
    // A token takes a while, the API no time.
    struct Slow : Transport {
      Slow(std::mutex& lock, std::vector<Clock::time_point>& sent_at)
          : mutex(lock), sent(sent_at) {}
      void send(const Request& request, Response& response) override {
        response = {};
        response.status = 200;
        response.body = R"({"access_token": "a-1"})";
        if (request.url.text() == login) {
          std::this_thread::sleep_for(2500ms);
        } else {
          const std::lock_guard lock(mutex);
          sent.push_back(Clock::now());
        }
      }
      std::mutex& mutex;
      std::vector<Clock::time_point>& sent;
    };
    ClientFixture fixture;
    fixture.definition.rate = model::Rate{1, 1s};
    fixture.client();  // for the session
    std::mutex mutex;
    std::vector<Clock::time_point> sent;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        Client(fixture.session, std::make_unique<Slow>(mutex, sent),
               std::make_shared<SteadyWaiter>(SteadyWaiter::Options{}))
            .fetch({Url(api + "/x")});
      });
    }
    for (auto& thread : threads) {
      thread.join();
    }
    REQUIRE(sent.size() == 3);
    // Threads may be late, but not for long.
    CHECK(sent.back() - sent.front() > 1500ms);
  }

  TEST_CASE("a 401 of another origin is not the token's") {
    ClientFixture fixture;
    fixture.definition.origins = {"https://files.example"};
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    fixture.source.answer(api + "/x", "", 302).headers = {
        {"Location", "https://files.example/x"}};
    fixture.source.answer("https://files.example/x", "no", 401);
    auto client = fixture.client();
    const auto error = failure(client);
    CHECK(error.code() == ExitCode::credentials);
    CHECK(fixture.tokens() == Tokens{"-", "Bearer a-1", "-"});
    CHECK(note(error, "try") ==
          "https://files.example:443 is asked without credentials, as all of "
          "origins: it needs some");
  }

  TEST_CASE("what may pass at the token's place is asked again") {
    ClientFixture fixture;
    fixture.source.answer(login, "", 503);
    fixture.source.answer(login, "busy c-secret", 429);
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    fixture.source.answer(api + "/x", "[1]");
    auto client = fixture.client();
    client.fetch({Url(api + "/x")});
    CHECK(fixture.tokens() == Tokens{"-", "-", "-", "Bearer a-1"});
    CHECK(client.retries() == 2);
  }

  TEST_CASE("and told as it is when it does not") {
    ClientFixture fixture;
    fixture.source.answer(login, "c-secret", 503);
    auto client = fixture.client();
    const auto error = failure(client);
    CHECK(error.code() == ExitCode::temporary);
    CHECK(error.what() == "POST " + login + ": the answer is 503");
    CHECK(fixture.source.asked().size() == 8);
    CHECK_FALSE(has(whole(error), "c-secret"));
  }

  TEST_CASE("an origin that is not the API's gets no token") {
    ClientFixture fixture;
    fixture.source.answer(login, R"({"access_token": "a-1"})");
    auto client = fixture.client();
    const auto error = failure(client, "https://else.example/v1/x");
    CHECK(error.code() == ExitCode::protocol);
    CHECK(fixture.source.asked().empty());
  }
}

TEST_SUITE("Client with a base URL from the token") {
  TEST_CASE("it is made with the first token, and then stays") {
    ClientFixture fixture("${token.instance_url}/services");
    fixture.source.answer(
        login,
        R"({"access_token": "a-1", "instance_url": "https://eu.example"})");
    fixture.source.answer(
        login,
        R"({"access_token": "a-2", "instance_url": "https://us.example"})");
    fixture.source.answer("https://eu.example/services/x", "no", 401);
    fixture.source.answer("https://eu.example/services/x", "[1]");
    auto client = fixture.client();
    CHECK(client.base().text() == "https://eu.example/services");
    auto url = client.base();
    url.append_path("/x");
    client.fetch({url});
    CHECK(fixture.client().base().text() == "https://eu.example/services");
    CHECK(fixture.tokens() == Tokens{"-", "Bearer a-1", "-", "Bearer a-2"});
    const auto error = failure(client, "https://us.example/services/x");
    CHECK(has(error.what(), "a URL of https://us.example:443 is refused"));
  }

  TEST_CASE("its parts can be anywhere in it") {
    const auto answer =
        R"({"access_token": "a-1", "url": "https://h.example/", "host": "h",
            "n": 7})";
    CHECK(base_with("${token.url}", answer) == "https://h.example/");
    CHECK(base_with("${token.url}/v1", answer) == "https://h.example/v1");
    CHECK(base_with("https://${token.host}.example/${token.n}", answer) ==
          "https://h.example/7");
  }

  TEST_CASE("what makes no URL that may be asked is refused") {
    const auto with = [](const std::string& url, bool allow_http = false) {
      return base_with("${token.url}/v1",
                       R"({"access_token": "a-1", "url": ")" + url + "\"}",
                       allow_http);
    };
    CHECK(base_with("${token.url}", R"({"access_token": "a-1"})") ==
          "the token answer has no 'url', which base_url needs");
    CHECK(with("") == "the token answer has no 'url', which base_url needs");
    CHECK(base_with("${token.access_token}", R"({"access_token": "a-1"})") ==
          "the token answer has no 'access_token', which base_url needs");
    const std::string begin = "with what the token answer says base_url ";
    const std::string must =
        "; it must be https and without query and fragment";
    CHECK(with("h") == begin + "is no URL");
    CHECK(with("ftp://h") == begin + "is no URL");
    CHECK(with("https://u:p@h") == begin + "is no URL");
    CHECK(with("http://h") == begin + "leads to http://h:80" + must);
    CHECK(with("https://h?a=") == begin + "leads to https://h:443" + must);
    CHECK(with("https://h#a") == begin + "leads to https://h:443" + must);
    CHECK(with("http://a-1") ==
          begin + "leads to http://REDACTED-access_token:80" + must);
    CHECK(with("http://127.0.0.1:5") == "http://127.0.0.1:5/v1");
    CHECK(with("http://h.example", true) == "http://h.example/v1");
  }
}
