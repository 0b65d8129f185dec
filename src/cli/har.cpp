// SPDX-License-Identifier: MIT
#include "cli/verbs.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "model/text.hpp"
#include "recording/har_document.hpp"
#include "recording/har_list.hpp"
#include "recording/private_file.hpp"
#include "recording/redaction.hpp"
#include "report/table.hpp"
#include "report/text.hpp"
#include "strandline/error.hpp"
#include "sync/live.hpp"

namespace strandline::cli {
namespace {

using recording::ListedEntry;
using recording::Listing;
using recording::Replaced;
using Json = nlohmann::ordered_json;

constexpr std::size_t longest_url = 300;
constexpr std::size_t longest_text = 200;

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", report::grouped(static_cast<std::int64_t>(count)),
                     count == 1 ? one : many);
}

std::string printable(const std::string& text) {
  return model::printable(text, longest_text);
}

// "crm.har: by Strandline 0.1.0, from 2026-03-03T08:00:05Z, 13 requests,
// redacted"
std::string heading(const std::string& file, const Listing& listing) {
  auto line = file + ":";
  if (!listing.creator.empty()) {
    line += " by " + printable(listing.creator) + ",";
  }
  if (listing.started) {
    line += " from " + model::to_rfc3339(*listing.started, 3) + ",";
  }
  line += " " + counted(listing.entries.size(), "request", "requests");
  line += listing.redacted ? ", redacted" : ", not redacted";
  line += listing.scrubbed ? " and scrubbed\n" : "\n";
  if (!listing.streams.empty()) {
    line += printable(fmt::format("checkpoints of {}",
                                  fmt::join(listing.streams, ", "))) +
            "\n";
  }
  return line;
}

std::string number_or_dash(const std::optional<std::int64_t>& number) {
  return number ? report::grouped(*number) : "-";
}

std::string table(const Listing& listing) {
  if (listing.entries.empty()) {
    return {};
  }
  report::Table table(
      {"#", "method", "status", "bytes", "ms", "content", "url"},
      {true, false, true, true, true, false, false});
  std::size_t number = 0;
  for (const auto& entry : listing.entries) {
    const bool answered = entry.status.value_or(0) != 0;
    table.add({std::to_string(++number), printable(entry.method),
               answered ? std::to_string(*entry.status) : "-",
               number_or_dash(entry.bytes), report::grouped(entry.time.count()),
               entry.content.empty() ? "-" : printable(entry.content),
               model::printable(entry.url, longest_url)});
    if (!entry.problem.empty()) {
      table.add_line("   ! " + printable(entry.problem));
    }
  }
  return table.text();
}

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json(const ListedEntry& entry) {
  return {
      {"method", entry.method},
      {"status", or_null(entry.status)},
      {"url", entry.url},
      {"bytes", or_null(entry.bytes)},
      {"duration_s", static_cast<double>(entry.time.count()) / 1000},
      {"content", entry.content},
      {"replayed", entry.replayed},
      {"problem", entry.problem.empty() ? Json(nullptr) : Json(entry.problem)}};
}

std::string line(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string json(const std::string& file, const Listing& listing) {
  auto entries = Json::array();
  for (const auto& entry : listing.entries) {
    entries.push_back(json(entry));
  }
  const auto started = listing.started
                           ? Json(model::to_rfc3339(*listing.started, 3))
                           : Json(nullptr);
  return line({{"type", "har"},
               {"file", file},
               {"creator", listing.creator},
               {"started_at", started},
               {"redacted", listing.redacted},
               {"scrubbed", listing.scrubbed},
               {"checkpoints", listing.streams},
               {"entries", entries}});
}

std::string json(const std::string& file, const std::string& out,
                 const Replaced& replaced) {
  return line({{"type", "har_redact"},
               {"file", file},
               {"out", out},
               {"headers", replaced.headers},
               {"fields", replaced.fields},
               {"tokens", replaced.tokens},
               {"logins", replaced.logins},
               {"elsewhere", replaced.elsewhere},
               {"addresses", replaced.addresses},
               {"phones", replaced.phones},
               {"names", replaced.persons}});
}

// "replaced 3 headers, 1 field", each kind of which there was something.
std::string told(const Replaced& replaced) {
  std::vector<std::string> kinds;
  const auto add = [&](std::size_t count, const char* one, const char* many) {
    if (count > 0) {
      kinds.push_back(counted(count, one, many));
    }
  };
  add(replaced.headers, "header or cookie", "headers and cookies");
  add(replaced.fields, "field known by name", "fields known by name");
  add(replaced.tokens, "token", "tokens");
  add(replaced.logins, "user name in a URL", "user names in URLs");
  add(replaced.elsewhere, "repetition of these", "repetitions of these");
  add(replaced.addresses, "e-mail address", "e-mail addresses");
  add(replaced.phones, "telephone number", "telephone numbers");
  add(replaced.persons, "name", "names");
  return kinds.empty() ? "nothing to replace"
                       : fmt::format("replaced {}", fmt::join(kinds, ", "));
}

void require_another_file(const HarRedaction& request) {
  std::error_code ignored;
  if (std::filesystem::equivalent(request.file, request.out, ignored)) {
    throw Error(ExitCode::usage,
                fmt::format("{} is the file that is read", request.out),
                {{"try", "another name behind -o"}});
  }
}

}  // namespace

int har_list(const Common& common, const std::string& file) {
  const auto listing = recording::list_har(sync::recording_text(file), file);
  std::cout << (common.json ? json(file, listing)
                            : heading(file, listing) + table(listing));
  return 0;
}

int har_redact(const Common& common, const HarRedaction& request) {
  require_another_file(request);
  auto document = recording::parse_document(sync::recording_text(request.file),
                                            request.file);
  const auto replaced =
      recording::Redaction(nullptr, request.scrub).apply(document);
  const auto text = recording::document_text(document);
  if (request.out.empty()) {
    std::cout << text;
  } else {
    recording::write_private_file(request.out, text);
  }
  if (common.json && !request.out.empty()) {
    std::cout << json(request.file, request.out, replaced);
  } else if (common.detail != report::Console::Detail::quiet) {
    std::cerr << fmt::format("strandline: {}: {}\n", request.file,
                             told(replaced));
  }
  return 0;
}

}  // namespace strandline::cli
