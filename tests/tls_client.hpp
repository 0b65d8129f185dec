// SPDX-License-Identifier: MIT
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "certificates.hpp"
#include "http/curl_transport.hpp"
#include "http/error.hpp"
#include "temp_dir.hpp"

namespace strandline::test {

/// What a server of one request answers.
inline const std::string last_answer =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";

/// Who asks servers of an authority of ours, and of nobody else.
struct TlsClient {
  TempDir dir;
  Identity authority = make_authority();
  http::CurlTransport::Options options;
  http::Headers headers;

  TlsClient() {
    options.ca = dir.write("ca.pem", authority.pem());
    options.timeout = std::chrono::seconds(5);
  }

  http::Response send(const std::string& url) const {
    http::CurlTransport transport(options);
    http::Response response;
    transport.send({http::Url(url), headers}, response);
    return response;
  }

  http::HttpError failure(const std::string& url) const {
    try {
      send(url);
    } catch (const http::HttpError& error) {
      return error;
    }
    FAIL("answered");
    throw;
  }
};

/// The first note of that label.
inline std::string note(const Error& error, std::string_view label) {
  for (const auto& each : error.notes()) {
    if (each.label == label) return each.text;
  }
  return "(no such note)";
}

/// True if `part` stands in `text`.
inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace strandline::test
