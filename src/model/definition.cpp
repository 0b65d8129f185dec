// SPDX-License-Identifier: MIT
#include "model/definition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace strandline::model {

const SourceDefinition& Configuration::source(const std::string& name) const {
  for (const auto& source : sources) {
    if (source.name == name) {
      return source;
    }
  }
  throw std::out_of_range("no source " + name);
}

std::vector<SecretReference> secrets_of(const SourceDefinition& source) {
  std::vector<SecretReference> secrets;
  for (const auto* text : {&source.user, &source.client_id}) {
    if (const auto* secret = std::get_if<SecretReference>(text)) {
      secrets.push_back(*secret);
    }
  }
  for (const auto* secret :
       {&source.token, &source.client_secret, &source.refresh_token}) {
    if (*secret) {
      secrets.push_back(**secret);
    }
  }
  return secrets;
}

namespace {

// Takes the placeholders out of texts, at any depth of a body.
struct Placeholders {
  std::set<std::string>& names;

  void operator()(const Template& text) const {
    for (const auto& piece : text.pieces) {
      if (piece.placeholder) {
        names.insert(piece.text);
      }
    }
  }
  void operator()(const BodyValue::Array& array) const {
    for (const auto& element : array) {
      std::visit(*this, element.value);
    }
  }
  void operator()(const BodyValue::Object& object) const {
    for (const auto& member : object) {
      std::visit(*this, member.value.value);
    }
  }
  template <typename Scalar>
  void operator()(const Scalar& /*value*/) const {}
};

}  // namespace

std::set<std::string> placeholders_of(const StreamDefinition& stream) {
  std::set<std::string> names;
  const Placeholders take{names};
  take(stream.path);
  for (const auto& parameter : stream.query) {
    take(parameter.value);
  }
  for (const auto& [name, text] : stream.headers) {
    take(text);
  }
  if (stream.body) {
    std::visit(take, stream.body->value);
  }
  return names;
}

const ColumnRule* element_column(const StreamDefinition& stream) {
  if (stream.element.empty()) {
    return nullptr;
  }
  for (const auto* columns : {&stream.key, &stream.columns}) {
    for (const auto& column : *columns) {
      if (column.of_parent && column.path.segments.empty()) {
        return &column;
      }
    }
  }
  return nullptr;
}

std::string whole_reading_command(const StreamDefinition& stream,
                                  const std::string& option) {
  const auto more = option.empty() ? "" : " " + option;
  if (stream.ancestors.empty()) {
    return "strandline sync " + stream.name + " --full" + more;
  }
  return fmt::format("strandline sync {} --full, and then strandline sync {}{}",
                     fmt::join(stream.ancestors, " "), stream.name, more);
}

ColumnRule hash_column() {
  return {"_key", {}, ColumnType::text};
}

std::string hash_text(const StreamDefinition& stream) {
  if (!stream.hash->text.empty()) {
    return stream.hash->text;
  }
  const auto& paths = stream.hash->paths;
  std::vector<std::string> names;
  bool of_fields = paths.empty();
  for (const auto& path : paths) {
    names.push_back(to_text(path));
    of_fields = of_fields || !path.absolute;
  }
  std::sort(names.begin(), names.end());
  std::string text = "hash ";
  for (const auto& name : names) {
    text += (&name == &names.front() ? "" : ", ") + name;
  }
  text += names.empty() ? "*" : "";
  if (of_fields && !stream.fields.segments.empty()) {
    text += " of " + to_text(stream.fields);
  }
  return text;
}

bool exceeds(const RejectLimit& limit, std::int64_t rejected,
             std::int64_t fetched) {
  // Of so few records a share says nothing.
  constexpr std::int64_t few_records = 100;
  constexpr std::int64_t always_allowed = 10;
  if (limit.count) {
    return rejected > *limit.count;
  }
  if (fetched < few_records && rejected <= always_allowed) {
    return false;
  }
  // A share such as 0.29 is a little less than it says.
  constexpr double rounding = 1e-9;
  return static_cast<double>(rejected) >
         limit.share * static_cast<double>(fetched) + rounding;
}

bool asks(const StreamDefinition& stream, std::string_view name) {
  return stream.path.has(name) || (stream.body && has(*stream.body, name)) ||
         std::any_of(stream.query.begin(), stream.query.end(),
                     [&](const auto& parameter) {
                       return parameter.value.has(name);
                     }) ||
         std::any_of(
             stream.headers.begin(), stream.headers.end(),
             [&](const auto& header) { return header.second.has(name); });
}

}  // namespace strandline::model
