// SPDX-License-Identifier: MIT
#include "sync/family.hpp"

#include <algorithm>

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
    if (!has_parent) {
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
    const auto& stream = family.streams[i];
    lists.push_back({&stream, i, 0});
    for (const auto& also : stream.also) {
      lists.push_back({&also, i, 1});
    }
  }
  return lists;
}

FamilyContent read_content(const std::filesystem::path& file,
                           const Family& family) {
  FamilyContent content;
  for (const auto& stream : family.streams) {
    content.push_back(store::read_content(file, stream));
  }
  return content;
}

}  // namespace strandline::sync
