// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/secret.hpp"
#include "strandline/error.hpp"
#include "temp_dir.hpp"

using namespace strandline;
using namespace std::chrono_literals;
using config::Patience;
using model::SecretReference;
using test::TempDir;

namespace {

using Clock = std::chrono::steady_clock;

std::string printed(const std::vector<std::string>& command,
                    const Patience& patience = {}) {
  return config::resolve({SecretReference::Kind::command, {}, command},
                         patience);
}

std::string by_shell(const std::string& script, const Patience& patience = {}) {
  return printed({"/bin/sh", "-c", script}, patience);
}

struct Refusal {
  ExitCode code;
  std::string message;
};

std::optional<Refusal> refusal(const std::vector<std::string>& command,
                               const Patience& patience = {}) {
  try {
    printed(command, patience);
  } catch (const Error& error) {
    CHECK(error.notes().empty());
    return Refusal{error.code(), error.what()};
  }
  return {};
}

void check_refused(const std::string& script, const std::string& how,
                   ExitCode code = ExitCode::no_input,
                   const Patience& patience = {}) {
  CAPTURE(script);
  const auto refused = refusal({"/bin/sh", "-c", script}, patience);
  REQUIRE(refused);
  CHECK(refused->code == code);
  CHECK(refused->message == how);
}

// As a library might, which does not think of programs that we start. Its
// number is none that a shell would take.
int open_plainly(const std::filesystem::path& file) {
  const int opened = open(file.c_str(), O_RDONLY);
  const int high = fcntl(opened, F_DUPFD, 100);
  close(opened);
  return high;
}

// Our own input comes from `file` while it is there.
class Input {
 public:
  explicit Input(const std::filesystem::path& file) : before_(dup(0)) {
    const int opened = open_plainly(file);
    dup2(opened, 0);
    close(opened);
  }
  ~Input() {
    dup2(before_, 0);
    close(before_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

 private:
  int before_;
};

bool is_alive(pid_t process) {
  // What is dead and not waited for by anybody yet has no files any more.
  const auto file = "/proc/" + std::to_string(process) + "/stat";
  std::string text;
  std::getline(std::ifstream(file), text);
  return !text.empty() && text.find(") Z ") == std::string::npos;
}

bool dies(pid_t process) {
  for (int i = 0; i < 200 && is_alive(process); ++i) {
    std::this_thread::sleep_for(10ms);
  }
  return !is_alive(process);
}

// A script that writes its own number and that of what it starts, and stays.
std::string staying(const std::filesystem::path& file) {
  return "sleep 60 & echo $$ $! > " + file.string() + ".new; mv " +
         file.string() + ".new " + file.string() + "; wait";
}

std::vector<pid_t> numbers(const std::filesystem::path& file) {
  for (int i = 0; i < 500 && !std::filesystem::exists(file); ++i) {
    std::this_thread::sleep_for(10ms);
  }
  std::ifstream text(file);
  std::vector<pid_t> all;
  for (pid_t number = 0; text >> number;) {
    all.push_back(number);
  }
  return all;
}

}  // namespace

TEST_SUITE("resolve a command") {
  TEST_CASE("what a command prints is the secret, without its line end") {
    CHECK(printed({"echo", "hunter2"}) == "hunter2");
    CHECK(printed({"/bin/echo", "-n", "hunter2"}) == "hunter2");
    CHECK(printed({"printf", "hunter2\\r\\n"}) == "hunter2");
    CHECK(printed({"printf", " hunter2 \\n"}) == " hunter2 ");
  }

  TEST_CASE("no shell reads its arguments") {
    CHECK(printed({"echo", "$HOME", "`id`;", "a  b", "*"}) ==
          "$HOME `id`; a  b *");
  }

  TEST_CASE("a secret that comes in parts and late is whole") {
    CHECK(by_shell("printf hun; sleep 0.1; printf ter2") == "hunter2");
  }

  TEST_CASE("it can be as long as one in a file, and no longer") {
    CHECK(by_shell("head -c 65536 /dev/zero | tr '\\0' a").size() == 65536);
    check_refused("head -c 65537 /dev/zero | tr '\\0' a",
                  "the command \"/bin/sh\" printed more than 65536 bytes");
    check_refused("yes hunter2",
                  "the command \"/bin/sh\" printed more than 65536 bytes");
  }

  TEST_CASE("a command that fails is said to, without what it printed") {
    check_refused("echo hunter2; exit 3",
                  "the command \"/bin/sh\" ended with status 3");
    check_refused("echo hunter2; kill -TERM $$",
                  "the command \"/bin/sh\" was ended by signal 15");
    check_refused("true", "the command \"/bin/sh\" printed nothing");
    check_refused("echo", "the command \"/bin/sh\" printed nothing");
    check_refused("echo hun; echo ter2",
                  "the secret that the command \"/bin/sh\" printed has a "
                  "control character, such as a line end in the middle",
                  ExitCode::configuration);
    const auto missing = refusal({"/no/such/program", "hunter2"});
    REQUIRE(missing);
    CHECK(missing->code == ExitCode::no_input);
    CHECK(missing->message ==
          "the command \"/no/such/program\" cannot be run: No such file or "
          "directory");
  }

  TEST_CASE("it reads nothing, and signals do with it what they should") {
    const TempDir dir;
    const Input input(dir.write("input", "hunter2"));
    CHECK(by_shell("cat; echo end") == "end");
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    // Were it ignored, `yes` would go on and complain.
    check_refused("kill -PIPE $$; echo hunter2",
                  "the command \"/bin/sh\" was ended by signal 13");
    std::signal(SIGPIPE, before);
  }

  TEST_CASE("how it ended cannot be known where children are ignored") {
    const TempDir dir;
    const auto file = (dir.path() / "ignored").string();
    struct sigaction ignore {};
    struct sigaction before {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGCHLD, &ignore, &before);
    check_refused("echo s3cret",
                  "the command \"/bin/sh\" has ended, and how it did cannot be "
                  "known: SIGCHLD is "
                  "ignored, or another part of this process waits for all "
                  "children");
    // A shell would take it back by itself.
    CHECK(refusal({"cp", "/proc/self/status", file}));
    sigaction(SIGCHLD, &before, nullptr);
    // It ignores none of its own.
    std::string name;
    std::string bits = "0";
    std::ifstream status(file);
    while (status >> name && name != "SigIgn:") {
    }
    status >> bits;
    CHECK_FALSE(status.fail());
    CHECK((std::stoull(bits, nullptr, 16) >> (SIGCHLD - 1U) & 1U) == 0);
  }

  TEST_CASE("it gets none of our files") {
    const TempDir dir;
    const auto path = dir.write("secret", "hunter2");
    const int kept = open_plainly(path);
    CHECK(by_shell("ls /proc/$$/fd | tr '\\n' ' '; echo .")
              .find(" " + std::to_string(kept) + " ") == std::string::npos);
    close(kept);
  }

  TEST_CASE("one that takes too long is ended, with what it has started") {
    const TempDir dir;
    const auto file = dir.path() / "numbers";
    const auto begin = Clock::now();
    Patience patience;
    patience.longest = 500ms;
    check_refused("echo hunter2; " + staying(file),
                  "the command \"/bin/sh\" has printed no secret within 0.5 s",
                  ExitCode::no_input, patience);
    CHECK(Clock::now() - begin < 5s);
    const auto left = numbers(file);
    REQUIRE(left.size() == 2);
    CHECK(dies(left[0]));
    CHECK(dies(left[1]));
  }

  TEST_CASE("a run's end is the command's") {
    Patience patience;
    patience.deadline = Clock::now() + 200ms;
    const auto begin = Clock::now();
    check_refused("sleep 60",
                  "the command \"/bin/sh\" was not done when the time that "
                  "--max-time allows was over",
                  ExitCode::temporary, patience);
    CHECK(Clock::now() - begin < 5s);
  }

  TEST_CASE("a signal to us ends it, with what it has started") {
    const TempDir dir;
    for (const int signal : {SIGINT, SIGTERM}) {
      const auto file = dir.path() / std::to_string(signal);
      std::atomic<int> stop = 0;
      Patience patience;
      patience.stop = &stop;
      std::vector<pid_t> left;
      std::thread sender([&] {
        left = numbers(file);
        stop = signal;
      });
      check_refused(
          staying(file), "stopped by signal " + std::to_string(signal),
          signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted,
          patience);
      sender.join();
      REQUIRE(left.size() == 2);
      CHECK(dies(left[0]));
      CHECK(dies(left[1]));
    }
  }

  TEST_CASE("what a command leaves behind is not waited for") {
    const TempDir dir;
    const auto file = dir.path() / "number";
    const auto begin = Clock::now();
    CHECK(by_shell("sleep 60 & echo $! > " + file.string() +
                   "; echo hunter2") == "hunter2");
    CHECK(Clock::now() - begin < 10s);
    const auto left = numbers(file);
    REQUIRE(left.size() == 1);
    CHECK(is_alive(left[0]));
    kill(left[0], SIGKILL);
  }

  TEST_CASE("one that closes its output and works on is waited for") {
    check_refused("echo hunter2; exec >&-; sleep 0.2; exit 4",
                  "the command \"/bin/sh\" ended with status 4");
  }

  TEST_CASE("many threads may ask") {
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const auto text = "hunter" + std::to_string(i);
        good += by_shell("sleep 0.05; echo " + text) == text ? 1 : 0;
      });
    }
    for (auto& thread : threads) {
      thread.join();
    }
    CHECK(good == 8);
  }
}
