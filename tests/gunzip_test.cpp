// SPDX-License-Identifier: MIT
#include "http/gunzip.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <random>
#include <string>

#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "raw_server.hpp"

using namespace strandline::http;
using strandline::ExitCode;
using strandline::test::RawServer;

namespace {

std::string in_gzip(std::string text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8,
                       Z_DEFAULT_STRATEGY) == Z_OK);
  std::string coded(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(coded.data());
  stream.avail_out = static_cast<uInt>(coded.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  coded.resize(stream.total_out);
  deflateEnd(&stream);
  return coded;
}

// What `coded` holds, taken in pieces of at most `piece` bytes.
std::string taken(Gunzip& gunzip, std::string_view coded, std::size_t piece) {
  std::string text;
  while (!coded.empty()) {
    const auto size = std::min(piece, coded.size());
    gunzip.take(coded.substr(0, size), [&](auto more) { text += more; });
    coded.remove_prefix(size);
  }
  return text;
}

}  // namespace

TEST_SUITE("Gunzip") {
  TEST_CASE("gives what was coded, whatever the pieces") {
    std::mt19937 random(1);
    // Of the last one byte of gzip holds hundreds.
    for (const unsigned letters : {200U, 4U, 1U}) {
      std::string text(300'000, ' ');
      std::ranges::generate(
          text, [&] { return static_cast<char>('0' + random() % letters); });
      const auto coded = in_gzip(text);
      for (const std::size_t piece : {1UL, 7UL, 1000UL, coded.size()}) {
        CAPTURE(letters);
        CAPTURE(piece);
        Gunzip gunzip;
        CHECK(taken(gunzip, coded, piece) == text);
        CHECK(gunzip.whole());
        // Another member behind it.
        CHECK(taken(gunzip, coded, piece) == text);
        CHECK(gunzip.whole());
      }
    }
  }

  TEST_CASE("is whole at the end of a member, and nowhere else") {
    const auto coded = in_gzip("one body");
    for (std::size_t size = 0; size < coded.size(); ++size) {
      CAPTURE(size);
      Gunzip gunzip;
      taken(gunzip, std::string_view(coded).substr(0, size), 5);
      CHECK_FALSE(gunzip.whole());
      Gunzip second;
      taken(second, coded + coded.substr(0, size), coded.size());
      CHECK(second.whole() == (size == 0));
    }
  }

  TEST_CASE("refuses what is damaged") {
    const auto coded = in_gzip("one body");
    for (std::size_t at = coded.size() - 8; at < coded.size(); ++at) {
      auto damaged = coded;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      Gunzip gunzip;
      CHECK_THROWS_AS(taken(gunzip, damaged, 100), Gunzip::Damaged);
    }
    for (const auto* other : {"[1, 2]", "\x78\x9c\x4b\x04"}) {
      Gunzip gunzip;
      CHECK_THROWS_AS(taken(gunzip, other, 100), Gunzip::Damaged);
    }
  }

  TEST_CASE("is not let to fill the memory") {
    const auto coded = in_gzip(std::string(20'000'000, ' '));
    RawServer server(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
        std::to_string(coded.size()) + "\r\n\r\n" + coded);
    CurlTransport::Options options;
    options.max_body = 1'000'000;
    Response response;
    try {
      CurlTransport(options).send({Url(server.url())}, response);
      FAIL("taken");
    } catch (const HttpError& error) {
      CHECK(error.code() == ExitCode::protocol);
      CHECK(std::string(error.what()).find("larger than 1000000 bytes") !=
            std::string::npos);
    }
    CHECK(response.body.size() <= options.max_body);
  }
}
