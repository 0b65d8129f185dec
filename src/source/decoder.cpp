// SPDX-License-Identifier: MIT
#include "source/decoder.hpp"

#include <fmt/format.h>

#include <limits>

#include "source/json_text.hpp"
#include "source/parent.hpp"
#include "source/walk.hpp"

namespace strandline::source {

using model::CellKind;

bool EnvelopeValue::truthy() const {
  switch (kind) {
    case CellKind::null:
      return false;
    case CellKind::boolean:
      return text == "true";
    case CellKind::integer:
    case CellKind::real:
    case CellKind::number:
      return text.substr(0, text.find_first_of("eE"))
                 .find_first_of("123456789") != std::string::npos;
    case CellKind::text:
      return !text.empty();
    case CellKind::json:
      return text.find_first_not_of(" \t\r\n", 1) != text.size() - 1;
  }
  return false;
}

bool EnvelopeValue::is_number() const {
  return kind == CellKind::integer || kind == CellKind::real ||
         kind == CellKind::number;
}

struct Decoder::Parser {
  simdjson::ondemand::parser parser;
};

Decoder::Decoder(const model::StreamDefinition& stream)
    : Decoder(stream, Parent()) {}

Decoder::Decoder(const model::StreamDefinition& stream, const Parent& parent)
    : stream_(stream),
      shape_(stream),
      parent_(std::make_unique<const Parent>(parent)),
      parser_(std::make_unique<Parser>()) {}

Decoder::~Decoder() = default;

Answer Decoder::decode(const std::string& body) {
  if (body.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw DecodeError("the answer is larger than 4 GiB");
  }
  if (body.capacity() - body.size() < simdjson::SIMDJSON_PADDING) {
    std::string padded;
    padded.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    padded = body;
    return decode(padded);
  }
  auto answer = nothing();
  try {
    Walk(stream_, shape_, body, answer, *parent_).run(parser_->parser);
  } catch (const DecodeError&) {
    shape_.forget_fields(answer.records.first_new_field);
    if (!ends_early(body)) {
      throw;
    }
    throw DecodeError(
        fmt::format(
            "the answer is not JSON, or is cut off: it does not end, after {} "
            "bytes",
            body.size()),
        {}, ExitCode::temporary);
  }
  return answer;
}

bool Decoder::says_failure(const std::string& body) {
  if (!stream_.error) {
    return false;
  }
  try {
    shape_.forget_fields(decode(body).records.first_new_field);
    return false;
  } catch (const DecodeError& failure) {
    return failure.passing() && !failure.cut_off();
  }
}

Answer Decoder::nothing() const {
  Answer answer;
  answer.records.first_new_field = shape_.field_count;
  return answer;
}

}  // namespace strandline::source
