// SPDX-License-Identifier: MIT
#include "report/connectors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "report/json.hpp"
#include "report/table.hpp"
#include "report/text.hpp"

namespace strandline::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_streams = 4;  // on a line

std::string streams_of(const Connector& connector) {
  auto names = connector.streams;
  const bool more = names.size() > most_streams;
  if (more) {
    names.resize(most_streams);
  }
  return fmt::format("{}{}", fmt::join(names, ", "), more ? ", …" : "");
}

Json error_of(const ListCheck& list) {
  if (!list.failure) {
    return nullptr;
  }
  auto error = Json::parse(json(*list.failure));
  error.erase("type");
  return error;
}

std::string line(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string text(const std::vector<Connector>& connectors) {
  Table table({"connector", "reads", "streams"}, {false, false, false});
  for (const auto& connector : connectors) {
    table.add({connector.name,
               connector.title + (connector.file.empty() ? "" : " (your own)"),
               streams_of(connector)});
  }
  return table.text();
}

std::string json(const std::vector<Connector>& connectors) {
  auto list = Json::array();
  for (const auto& each : connectors) {
    list.push_back(
        {{"connector", each.name},
         {"title", each.title},
         {"file", each.file.empty() ? Json(nullptr) : Json(each.file)},
         {"auth", each.auth},
         {"options", each.options},
         {"streams", each.streams}});
  }
  return line({{"type", "connectors"}, {"connectors", list}});
}

std::string text(const ListCheck& list) {
  const auto name = list.source + "." + list.stream;
  if (!list.left_out.empty()) {
    return fmt::format("{}: not asked: {}\n", name, list.left_out);
  }
  return fmt::format("{}: ok, {} record{} in a page\n", name,
                     grouped(list.records), list.records == 1 ? "" : "s");
}

std::string json(const ListCheck& list) {
  return line(
      {{"type", "list"},
       {"stream", list.stream},
       {"source", list.source},
       {"ok", !list.failure},
       {"records", list.records},
       {"rejected", list.rejected},
       {"reason", list.reason.empty() ? Json(nullptr) : Json(list.reason)},
       {"left_out",
        list.left_out.empty() ? Json(nullptr) : Json(list.left_out)},
       {"error", error_of(list)}});
}

}  // namespace strandline::report
