// SPDX-License-Identifier: MIT
#include "config/schema.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "config/keys.hpp"

namespace strandline::config {
namespace {

using Json = nlohmann::ordered_json;

Json pattern(const char* text) {
  return {{"type", "string"}, {"pattern", text}};
}

Json list_of(const Json& elements) {
  return {{"type", "array"}, {"items", elements}};
}

Json texts() {
  return list_of({{"type", "string"}});
}

std::string name_of(Section section) {
  // "[stream.NAME.page]" without what is not a name.
  std::string name;
  for (const char c : heading(section)) {
    name += c == '.' || c == ' '   ? "_"
            : c == '[' || c == ']' ? ""
                                   : std::string(1, c);
  }
  return name;
}

Json reference(Section section) {
  return {{"$ref", "#/definitions/" + name_of(section)}};
}

Json of_kind(Kind kind, const Values& values) {
  switch (kind) {
    case Kind::word: {
      auto words = Json::array();
      for (const auto& word : values.words) {
        words.push_back(word.text);
      }
      return {{"enum", words}};
    }
    case Kind::duration:
      return pattern("^[0-9]+[smhd]$");
    case Kind::rate:
      return pattern("^[0-9]+/[smhd]$");
    case Kind::size:
      return pattern("^[0-9]+(KiB|MiB|GiB)$");
    case Kind::percentage:
      return pattern("^[0-9]+(\\.[0-9]+)?%$");
    case Kind::place:
      return pattern("^/");
    case Kind::integer:
      return {{"type", "integer"}};
    case Kind::real:
      return {{"type", "number"}};
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::off:
      return {{"enum", Json::array({false})}};
    case Kind::paths:
    case Kind::texts:
      return texts();
    case Kind::values:
      return list_of({{"type", Json::array({"string", "number", "boolean"})}});
    case Kind::list:
      return {{"type", "array"}};
    case Kind::secret:
      return reference(Section::secret);
    case Kind::table:
      return reference(values.members);
    default:
      return {{"type", "string"}};
  }
}

Json of_values(const Values& values) {
  auto any = Json::array();
  for (const auto kind : all_kinds()) {
    if (!values.kinds.has(kind)) {
      continue;
    }
    auto schema = of_kind(kind, values);
    if (std::find(any.begin(), any.end(), schema) == any.end()) {
      any.push_back(std::move(schema));
    }
  }
  return any;
}

Json of_rule(const KeyRule& rule) {
  auto said = std::string(rule.meaning);
  if (!rule.default_text.empty() && rule.default_text != "none") {
    said += fmt::format(" ({}{})",
                        rule.default_text.starts_with("required") ||
                                rule.default_text.starts_with("one of")
                            ? ""
                            : "default: ",
                        rule.default_text);
  }
  return {{"description", said}, {"anyOf", of_values(rule.values)}};
}

// A source and a stream may also set their connector's options.
Json options() {
  return {{"description", "An option of the source's connector"},
          {"anyOf", Json::array({Json{{"type", "string"}}, texts()})}};
}

Json of_section(Section section) {
  Json schema = {{"type", "object"},
                 {"properties", Json::object()},
                 {"additionalProperties", false}};
  auto required_keys = Json::array();
  for (const auto& rule : key_rules()) {
    if (rule.section != section || rule.support == Support::later) {
      continue;
    }
    if (rule.name == any_name) {
      schema["additionalProperties"] = of_rule(rule);
      continue;
    }
    schema["properties"][std::string(rule.name)] = of_rule(rule);
    // What lies over something else need not say it again.
    const bool whole = section == Section::top || section == Section::connector;
    if (whole && rule.default_text == required) {
      required_keys.push_back(rule.name);
    }
  }
  if (section == Section::source || section == Section::stream) {
    schema["additionalProperties"] = options();
  }
  if (section == Section::secret) {
    schema["minProperties"] = 1;
    schema["maxProperties"] = 1;
  }
  if (!required_keys.empty()) {
    schema["required"] = required_keys;
  }
  return schema;
}

// Takes up the sections that stand in `section`, at any depth.
void take(Section section, std::set<Section>& sections) {
  if (!sections.insert(section).second) {
    return;
  }
  for (const auto& rule : key_rules()) {
    if (rule.section != section) {
      continue;
    }
    if (rule.values.kinds.has(Kind::table)) {
      take(rule.values.members, sections);
    }
    if (rule.values.kinds.has(Kind::secret)) {
      take(Section::secret, sections);
    }
  }
}

}  // namespace

std::string schema(bool of_connector) {
  const auto top = of_connector ? Section::connector : Section::top;
  std::set<Section> sections;
  take(top, sections);
  Json document = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                   {"title", of_connector ? "A connector of Strandline"
                                          : "A configuration of Strandline"}};
  document.update(of_section(top));
  for (const auto section : sections) {
    if (section != top) {
      document["definitions"][name_of(section)] = of_section(section);
    }
  }
  return document.dump(2) + "\n";
}

}  // namespace strandline::config
