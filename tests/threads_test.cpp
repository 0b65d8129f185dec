// SPDX-License-Identifier: MIT
//
// A system that gives no more threads.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

std::atomic<bool> none_left = false;

}  // namespace

// The dynamic linker takes this one for the libraries as well.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* how,
                              void* (*run)(void*), void* argument) {
  using Original =
      int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static auto* const original =
      reinterpret_cast<Original*>(dlsym(RTLD_NEXT, "pthread_create"));
  return none_left ? EAGAIN : original(thread, how, run, argument);
}

TEST_SUITE("without threads") {
  TEST_CASE("to read with, a stream is to be tried again") {
    SyncFixture fixture(items_stream);
    fixture.server.set(items(5));
    // The server has all its threads then.
    REQUIRE(fixture.sync().exit_code == ExitCode::ok);
    none_left = true;
    const auto summary = fixture.sync();
    none_left = false;
    CHECK(summary.exit_code == ExitCode::temporary);
    const auto& failure = summary.streams.at(0).failure;
    REQUIRE(failure);
    CHECK(failure->message == "the system gives no more threads to read with");
    CHECK(failure->notes.back().text ==
          "set parallel lower, or run again later");
    CHECK(fixture.sync().exit_code == ExitCode::ok);
  }
}
