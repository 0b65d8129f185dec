// SPDX-License-Identifier: MIT
#include "source/hash_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "model/digest.hpp"
#include "model/path.hpp"
#include "model/text.hpp"
#include "source/canonical_scalar.hpp"

namespace strandline::source {

using model::CellKind;

HashKey::HashKey(const model::StreamDefinition& stream) {
  const auto& names = stream.hash->names;
  for (std::size_t i = 0; i < stream.hash->paths.size(); ++i) {
    Part part;
    part.name = model::to_text(stream.hash->paths[i]);
    part.hashed_as = names.empty() ? part.name : names[i];
    append_canonical_text(part.hashed_as, part.begin);
    part.begin += ": ";
    parts_.push_back(std::move(part));
  }
  order_.resize(parts_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return parts_[a].hashed_as < parts_[b].hashed_as;
  });
  if (parts_.empty()) {
    parts_.emplace_back();
    parts_.back().name = model::to_text(stream.fields);
  }
}

void HashKey::begin() {
  for (auto& part : parts_) {
    part.kind.reset();
  }
}

void HashKey::take(std::size_t part, CellKind kind, std::string_view raw) {
  parts_[part].kind = kind;
  parts_[part].raw = raw;
}

std::string HashKey::digest() {
  form_.clear();
  if (find_problem()) {
    return {};
  }
  if (is_whole()) {
    return append(parts_.front()) ? model::sha256_hex(form_) : std::string();
  }
  for (const auto number : order_) {
    form_ += form_.empty() ? "{" : ", ";
    form_ += parts_[number].begin;
    if (!append(parts_[number])) {
      return {};
    }
  }
  form_ += '}';
  return model::sha256_hex(form_);
}

// What would give records that differ one key.
bool HashKey::find_problem() {
  const auto missing =
      std::find_if(parts_.begin(), parts_.end(),
                   [](const Part& part) { return !part.kind; });
  if (missing != parts_.end()) {
    problem_ =
        fmt::format("the key is a hash, and '{}' is not there", missing->name);
    return true;
  }
  if (is_whole()) {
    if (!parts_.front().raw.starts_with('{')) {
      problem_ = fmt::format("the key is a hash of '{}', which is no object",
                             parts_.front().name);
      return true;
    }
    return false;
  }
  if (std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
        return part.kind == CellKind::null;
      })) {
    problem_ = "the key is a hash, and all that it is made of is null";
    return true;
  }
  return false;
}

bool HashKey::append(const Part& part) {
  const auto unfit = canonical_.append(part.raw, form_);
  if (unfit) {
    problem_ = fmt::format(
        "the key is a hash, and {}, which it is made of, is beyond the range "
        "of a double",
        model::printable(*unfit, 60));
  }
  return !unfit;
}

}  // namespace strandline::source
