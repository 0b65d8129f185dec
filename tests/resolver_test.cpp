// SPDX-License-Identifier: MIT
//
// A look-up of a name that takes longer than anybody has patience for.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <string_view>
#include <thread>

#include "http/curl_transport.hpp"
#include "http/error.hpp"

using namespace std::chrono_literals;
using namespace strandline::http;
using strandline::ExitCode;

namespace {

using Clock = std::chrono::steady_clock;

std::atomic<int> looking_up = 0;
std::atomic<bool> go_on = false;

// Lets the look-ups that are under way end, and waits for them.
struct Rest {
  Rest() { go_on = false; }
  ~Rest() {
    go_on = true;
    while (looking_up != 0) {
      std::this_thread::sleep_for(10ms);
    }
    // Their threads have yet to end.
    std::this_thread::sleep_for(200ms);
  }
};

template <typename Error>
Clock::duration time_to_fail(const CurlTransport::Options& options) {
  const auto begin = Clock::now();
  {
    CurlTransport transport(options);
    Response response;
    CHECK_THROWS_AS(transport.send({Url("https://slow.invalid/")}, response),
                    Error);
    // Else it did not take long.
    CHECK(looking_up == 1);
  }
  return Clock::now() - begin;
}

}  // namespace

// The dynamic linker takes this one for libcurl as well.
extern "C" int getaddrinfo(const char* node, const char* service,
                           const addrinfo* hints, addrinfo** result) {
  using Original = int(const char*, const char*, const addrinfo*, addrinfo**);
  if (node != nullptr && std::string_view(node) == "slow.invalid") {
    ++looking_up;
    for (int i = 0; i < 400 && !go_on; ++i) {
      std::this_thread::sleep_for(50ms);
    }
    --looking_up;
    return EAI_AGAIN;
  }
  static auto* const original =
      reinterpret_cast<Original*>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return original(node, service, hints, result);
}

TEST_SUITE("a look-up that hangs") {
  TEST_CASE("is given up for a signal") {
    const Rest rest;
    std::atomic<int> stop = 0;
    CurlTransport::Options options;
    options.stop = &stop;
    std::thread signal([&] {
      std::this_thread::sleep_for(300ms);
      stop = SIGTERM;
    });
    CHECK(time_to_fail<Interrupted>(options) < 3s);
    signal.join();
  }

  TEST_CASE("is given up at the deadline") {
    const Rest rest;
    CurlTransport::Options options;
    options.deadline = Clock::now() + 300ms;
    CHECK(time_to_fail<TimeUp>(options) < 3s);
  }

  TEST_CASE("is given up at the timeout") {
    const Rest rest;
    CurlTransport::Options options;
    options.timeout = 1s;
    CHECK(time_to_fail<HttpError>(options) < 4s);
  }
}
