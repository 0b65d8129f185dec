// SPDX-License-Identifier: MIT
#include "report/progress.hpp"

#include <doctest/doctest.h>

using namespace strandline;

namespace {

Progress progress(const std::string& stream, std::int64_t fetched,
                  std::int64_t requests, bool ended = false) {
  Progress progress;
  progress.stream = stream;
  progress.counts.fetched = fetched;
  progress.counts.requests = requests;
  progress.ended = ended;
  return progress;
}

}  // namespace

TEST_SUITE("progress") {
  TEST_CASE("of one stream is its records and requests") {
    report::StreamsAtWork streams;
    CHECK(streams.line(80).empty());
    CHECK(streams.lines().empty());
    streams.take(progress("contacts", 1000, 2));
    streams.take(progress("contacts", 12000, 24));
    CHECK(streams.line(80) == "contacts: 12,000 records, 24 requests");
    CHECK(streams.lines() ==
          std::vector<std::string>{"contacts: 12,000 records, 24 requests"});
  }

  TEST_CASE("of several stands side by side, each in its place") {
    report::StreamsAtWork streams;
    streams.take(progress("contacts", 1000, 2));
    streams.take(progress("deals", 300, 3));
    streams.take(progress("contacts", 2000, 4));
    CHECK(streams.line(80) == "contacts: 2,000 records | deals: 300 records");
    CHECK(streams.lines() ==
          std::vector<std::string>{"contacts: 2,000 records, 4 requests",
                                   "deals: 300 records, 3 requests"});
  }

  TEST_CASE("is no wider than the terminal") {
    report::StreamsAtWork streams;
    streams.take(progress("contacts", 1000, 2));
    streams.take(progress("deals", 300, 3));
    const std::string all = "contacts: 1,000 records | deals: 300 records";
    CHECK(streams.line(all.size()) == all);
    CHECK(streams.line(all.size() - 1) ==
          "contacts: 1,000 records | deals: 300 rec...");
    CHECK(streams.line(2) == "..");
    CHECK(streams.line(0).empty());
  }

  TEST_CASE("of a stream that has ended is no longer there") {
    report::StreamsAtWork streams;
    streams.take(progress("contacts", 1000, 2));
    streams.take(progress("deals", 300, 3));
    streams.take(progress("contacts", 1000, 2, true));
    CHECK(streams.line(80) == "deals: 300 records, 3 requests");
    streams.take(progress("tickets", 0, 1, true));
    streams.take(progress("deals", 300, 3, true));
    CHECK(streams.line(80).empty());
  }
}
