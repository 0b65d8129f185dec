// SPDX-License-Identifier: MIT
//
// Random credentials of every kind, sent to a source that says them
// again wherever it can, and looked for wherever the program leaves something.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "child.hpp"
#include "file_content.hpp"
#include "http/base64.hpp"
#include "http/url.hpp"
#include "loopback_server.hpp"
#include "temp_dir.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Letters that every encoding writes as they are, and some that each writes
// otherwise.
std::string canary() {
  static std::mt19937_64 random{std::random_device{}()};
  constexpr std::string_view letters =
      "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";
  // (No percent sign: the server decodes what it is sent twice.)
  constexpr std::string_view others = "+/=&\"\\ ~";
  std::string text;
  for (int i = 0; i < 24; ++i) {
    text += letters[random() % letters.size()];
    if (i == 11) {
      text += others[random() % others.size()];
    }
  }
  return text;
}

// Whether a part of a text stands in others, of so many bytes.
class Parts {
 public:
  static constexpr std::size_t size = sizeof(std::uint64_t);

  void add(const std::string& text) {
    for (std::size_t at = 0; at + size <= text.size(); ++at) {
      parts_.insert(part(text, at));
    }
  }

  bool hold_any_of(const std::string& text) const {
    for (std::size_t at = 0; at + size <= text.size(); ++at) {
      if (parts_.contains(part(text, at))) {
        return true;
      }
    }
    return false;
  }

 private:
  static std::uint64_t part(const std::string& text, std::size_t at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, size);
    return bytes;
  }

  std::unordered_set<std::uint64_t> parts_;
};

// Of base64 what does not depend on what stands around `text`.
std::vector<std::string> in_base64(const std::string& text) {
  std::vector<std::string> forms;
  for (std::size_t before = 0; before < 3; ++before) {
    const auto coded = http::base64_encode(std::string(before, 'x') + text);
    forms.push_back(coded.substr(4, coded.size() - 8));
  }
  return forms;
}

struct Source {
  std::string name;
  std::string login;  // of the configuration
};

// Sources with credentials, and a server that all of them ask.
class Flock {
 public:
  Flock() {
    auto& routes = server_.routes();
    // Each of its threads serves one connection, and there are many sources.
    routes.set_keep_alive_max_count(1);
    routes.Get(R"(/(\w+)/items)", [this](const auto& request, auto& response) {
      answer(request, response);
    });
    routes.Post(R"(/(\w+)/items)", [this](const auto& request, auto& response) {
      answer(request, response);
    });
    routes.Post(R"(/(\w+)/token)", [this](const auto& request, auto& response) {
      give_token(request, response);
    });
    server_.start();
  }

  // As many sources of each kind.
  void make(int of_each) {
    for (int i = 0; i < of_each; ++i) {
      add("bearer", fmt::format("token = {}\n", by_file()));
      add("header",
          fmt::format("header = \"X-Key\"\ntoken = {}\n", by_command()));
      add("query", fmt::format("param = \"k\"\ntoken = {}\n", by_file()));
      add("basic",
          fmt::format("user = {}\ntoken = {}\n", by_credential(), by_file()));
      add("oauth2", fmt::format("client_id = \"me\"\nclient_secret = {}\n"
                                "refresh_token = {}\n",
                                by_file(), by_command()));
      add("oauth2", fmt::format("client_id = {}\nclient_secret = {}\n",
                                by_credential(), by_file()));
    }
    std::string text = "database = \"crm.db\"\nparallel = 4\n";
    for (const auto& [name, login] : sources_) {
      const bool post = name.ends_with("0");
      text += fmt::format(
          "[source.{0}]\nbase_url = \"{1}/{0}\"\n{2}"
          "[stream.{0}_items]\nsource = \"{0}\"\n{3} = \"/items\"\n"
          "records = \"data\"\nkey = \"id\"\npage = {{ {4} }}\n",
          name, server_.url(), login, post ? "post" : "get",
          post ? "token = \"more\", param = \"page\"" : "next = \"next\"");
    }
    dir_.write("strandline.toml", text);
  }

  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {program(), "--config", config()});
    Child child(dir_, arguments,
                {"CREDENTIALS_DIRECTORY=" + (dir_.path() / "secret").string()});
    while (!child.ends_within(std::chrono::milliseconds(20))) {
      look_at_process();
    }
    const int code = child.wait();
    look_at_files();
    said_ = child.err();
    return code;
  }

  // Everything that was seen: output, files, command lines.
  const Parts& seen() const { return seen_; }
  std::vector<std::string> canaries() const {
    const std::lock_guard lock(mutex_);
    return canaries_;
  }
  fs::path recording() const { return dir_.path() / "run.har"; }

  // Whether the answers are failures that say everything again.
  std::atomic<bool> fails{false};

 private:
  std::string config() const {
    return (dir_.path() / "strandline.toml").string();
  }

  void add(const std::string& kind, const std::string& login) {
    const auto name = fmt::format("s{}", sources_.size());
    auto all = fmt::format("auth = \"{}\"\n{}", kind, login);
    if (kind == "oauth2") {
      all += fmt::format("token_url = \"{}/{}/token\"\n", server_.url(), name);
    }
    sources_.push_back({name, all});
  }

  std::string next() {
    const std::lock_guard lock(mutex_);
    return canaries_.emplace_back(canary());
  }
  // Returns the name of a file with another canary, in a folder of its own.
  std::string file() {
    const auto name = std::to_string(files_++);
    fs::create_directory(dir_.path() / "secret");
    const auto path = dir_.path() / "secret" / name;
    std::ofstream(path) << next();
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    return name;
  }
  std::string by_file() {
    return fmt::format("{{ file = \"secret/{}\" }}", file());
  }
  std::string by_credential() {
    return fmt::format("{{ credential = \"{}\" }}", file());
  }
  std::string by_command() {
    return fmt::format("{{ command = [\"cat\", \"{}\"] }}",
                       (dir_.path() / "secret" / file()).string());
  }

  // What of a request is a credential, in every form that it may come back in.
  static Json echo_of(const httplib::Request& request) {
    auto echo = Json::array();
    const auto say = [&](const std::string& text) {
      echo.push_back(text);
      echo.push_back(http::percent_encode(text));
      echo.push_back(http::base64_encode("you sent: " + text));
      echo.push_back("you sent " + text + ", and " +
                     http::percent_encode(http::base64_encode(text)));
    };
    for (const auto* header : {"Authorization", "X-Key"}) {
      if (request.has_header(header)) {
        const auto value = request.get_header_value(header);
        // Without its scheme; a key has none, and may have a space.
        say(header == std::string("X-Key") ? value
                                           : value.substr(value.find(' ') + 1));
        if (value.starts_with("Basic ")) {
          say(http::base64_decode(value.substr(6)).value_or(""));
        }
      }
    }
    for (const auto& [name, value] : request.params) {
      say(value);
    }
    return echo;
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    look_at_files();
    const auto echo = echo_of(request);
    for (const auto& text : echo) {
      const auto value = text.get<std::string>();
      response.set_header("X-Echo", value);
      response.set_header("Set-Cookie",
                          "session=" + http::percent_encode(value));
    }
    if (fails) {
      response.status = request.path.size() % 2 == 0 ? 401 : 400;
      response.set_header("Location", "https://elsewhere.example/?k=" +
                                          http::percent_encode(echo.dump()));
      response.set_content(Json{{"error", echo}}.dump(), "application/json");
      return;
    }
    const bool first = !request.has_param("page");
    Json body{{"data", {{{"id", first ? 1 : 2}}}}, {"echo", echo}};
    if (first) {
      body["more"] = "2";
      // With all that came, credentials included.
      body["next"] =
          server_.url() + request.target +
          (request.target.find('?') == std::string::npos ? "?" : "&") +
          "page=2";
    }
    response.set_content(body.dump(), "application/json");
  }

  void give_token(const httplib::Request& request,
                  httplib::Response& response) {
    Json body{{"access_token", next()},
              {"expires_in", 3600},
              {"echo", echo_of(request)}};
    if (request.has_param("refresh_token")) {
      body["refresh_token"] = next();
    }
    response.set_content(body.dump(), "application/json");
  }

  // Files that are no secret's own: the database and its log, the output, the
  // recording.
  void look_at_files() {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : fs::directory_iterator(dir_.path())) {
      const auto& path = entry.path();
      if (!entry.is_regular_file() ||
          path.filename().string().find(".token") != std::string::npos) {
        continue;
      }
      looked_at_wal_ = looked_at_wal_ || path.extension() == ".db-wal";
      const auto text = content(path);
      if (text != last_[path.string()]) {
        seen_.add(text);
        last_[path.string()] = text;
      }
    }
  }

  void look_at_process() {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      // Of the program, and of what it starts.
      const auto line = content(entry.path() / "cmdline");
      if (line.find(dir_.path().string()) != std::string::npos) {
        const std::lock_guard lock(mutex_);
        seen_.add(line);
      }
    }
  }

 public:
  bool looked_at_wal() const { return looked_at_wal_; }
  const std::string& said() const { return said_; }

 private:
  TempDir dir_;
  LoopbackServer server_;
  std::vector<Source> sources_;
  int files_ = 0;
  std::string said_;
  mutable std::mutex mutex_;
  std::vector<std::string> canaries_;
  std::map<std::string, std::string> last_;
  Parts seen_;
  bool looked_at_wal_ = false;
};

int found(const Parts& seen, const std::vector<std::string>& canaries) {
  int count = 0;
  for (const auto& text : canaries) {
    auto forms = in_base64(text);
    // The letters before and behind the one that encodings differ in.
    forms.push_back(text.substr(0, 12));
    forms.push_back(text.substr(13));
    for (const auto& form : forms) {
      count += seen.hold_any_of(form) ? 1 : 0;
    }
  }
  return count;
}

}  // namespace

TEST_SUITE("canaries") {
  TEST_CASE("are found where one is") {
    const std::string text = "abcdefghABCD+EFGH12345678";
    for (const auto& where : {"x" + text.substr(0, 8), text.substr(17),
                              http::base64_encode("user:" + text),
                              http::base64_encode("me and user:" + text)}) {
      Parts seen;
      seen.add(where);
      CHECK(found(seen, {text}) > 0);
    }
  }

  TEST_CASE("are nowhere to be seen") {
    const char* wanted = std::getenv("STRANDLINE_CANARIES");
    const auto enough = wanted != nullptr ? std::stoul(wanted) : 40UL;
    std::size_t canaries = 0;
    while (canaries < enough) {
      Flock flock;
      flock.make(4);
      CHECK_MESSAGE(
          flock.run({"sync", "--record", flock.recording().string()}) == 0,
          flock.said());
      CHECK(content(flock.recording()).size() > 10'000);
      CHECK(flock.run({"sync", "--json", "-v"}) == 0);
      flock.fails = true;
      CHECK(flock.run({"sync", "-v", "--record", flock.recording().string()}) !=
            0);
      CHECK(flock.run({"sync", "--json"}) != 0);
      CHECK(flock.run({"runs"}) == 0);
      CHECK(flock.run({"status", "--json"}) == 1);
      CHECK(flock.looked_at_wal());
      const auto all = flock.canaries();
      CHECK(found(flock.seen(), all) == 0);
      canaries += all.size();
    }
    MESSAGE(canaries);
  }
}
