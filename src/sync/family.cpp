// SPDX-License-Identifier: MIT
#include "sync/family.hpp"

#include <algorithm>
#include <utility>

#include "model/digest.hpp"
#include "sync/run.hpp"

namespace strandline::sync {
namespace {

using Streams = std::vector<model::StreamDefinition>;

void add_with_children(const model::StreamDefinition& stream,
                       const Streams& all, Family& family) {
  family.streams.push_back(stream);
  for (const auto& each : all) {
    if (each.parent == stream.name) {
      add_with_children(each, all, family);
    }
  }
}

// The family that has the stream for another element, or null.
Family* of_same_table(std::vector<Family>& families,
                      const model::StreamDefinition& stream) {
  const auto found = std::find_if(
      families.begin(), families.end(),
      [&](const Family& family) { return family.head().name == stream.name; });
  return found == families.end() ? nullptr : &*found;
}

// All that fill the table of a stream, itself the first.
std::vector<const model::StreamDefinition*> of_table(
    const Family& family, const model::StreamDefinition& stream) {
  std::vector<const model::StreamDefinition*> all = {&stream};
  const auto others = family.others.find(stream.name);
  if (others != family.others.end()) {
    for (const auto& other : others->second) {
      all.push_back(&other);
    }
  }
  return all;
}

// Two digests as one.
store::TableDigest together(const store::TableDigest& a,
                            const store::TableDigest& b) {
  return {a.rows + b.rows, model::sha256_hex(a.sha256 + b.sha256)};
}

}  // namespace

std::vector<Family> families(const model::Configuration& configuration,
                             const std::vector<std::string>& names) {
  const auto all = chosen(configuration, names);
  std::vector<Family> families;
  for (const auto& stream : all) {
    const bool has_parent = std::any_of(
        all.begin(), all.end(), [&](const model::StreamDefinition& each) {
          return each.name == stream.parent;
        });
    if (has_parent) {
      continue;
    }
    if (auto* const family = of_same_table(families, stream)) {
      family->others[stream.name].push_back(stream);
    } else {
      add_with_children(stream, all, families.emplace_back());
    }
  }
  return families;
}

bool is_wanted(const Family& family, const std::vector<std::string>& names) {
  const auto is_named = [&](const model::StreamDefinition& stream) {
    return std::find(names.begin(), names.end(), stream.name) != names.end();
  };
  return names.empty() ||
         std::any_of(family.streams.begin(), family.streams.end(), is_named);
}

std::vector<FamilyList> lists_of(const Family& family) {
  std::vector<FamilyList> lists;
  for (std::size_t i = 0; i < family.streams.size(); ++i) {
    std::size_t number = 0;
    for (const auto* stream : of_table(family, family.streams[i])) {
      lists.push_back({stream, i, number++});
      for (const auto& also : stream->also) {
        lists.push_back({&also, i, number++});
      }
    }
  }
  return lists;
}

FamilyContent read_content(const std::filesystem::path& file,
                           const Family& family) {
  FamilyContent all;
  for (const auto& stream : family.streams) {
    auto content = store::read_content(file, stream);
    for (const auto* other : of_table(family, stream)) {
      if (other == &stream) {
        continue;
      }
      const auto more = store::read_content(file, *other);
      content.seen = together(content.seen, more.seen);
      content.checkpoints.insert(content.checkpoints.end(),
                                 more.checkpoints.begin(),
                                 more.checkpoints.end());
    }
    all.push_back(std::move(content));
  }
  return all;
}

}  // namespace strandline::sync
