// SPDX-License-Identifier: MIT
#include "store/notices.hpp"

#include <fmt/format.h>

#include <utility>

namespace strandline::store {
namespace {

constexpr std::size_t shown = 5;
constexpr std::size_t remembered = 10'000;

struct Wording {
  const char* before;
  const char* after;
};

// In the order of `Notices::About`.
constexpr std::array<Wording, 4> wordings = {{
    {"members whose name no column can have were given another: ", ""},
    {"columns changed their type for a value that they could not hold: ", ""},
    {"new members were not stored (`new_fields` is \"ignore\"): ", ""},
    {"the table has as many columns as `*` makes, and these members were not "
     "stored: ",
     "; list the `columns` that you want, or keep whole records with `raw`"},
}};

}  // namespace

void Notices::add(About about, std::string what) {
  auto& subject = subjects_.at(static_cast<std::size_t>(about));
  if (subject.all.size() < remembered && subject.all.insert(what).second &&
      subject.first.size() < shown) {
    subject.first.push_back(std::move(what));
  }
}

void Notices::add(const Notices& others) {
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    for (const auto& what : others.subjects_.at(i).first) {
      add(static_cast<About>(i), what);
    }
    for (const auto& what : others.subjects_.at(i).all) {
      add(static_cast<About>(i), what);
    }
  }
}

std::vector<std::string> Notices::sentences() const {
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    const auto& subject = subjects_.at(i);
    std::string items;
    for (const auto& what : subject.first) {
      items += (items.empty() ? "" : ", ") + what;
    }
    if (subject.all.size() > subject.first.size()) {
      items += fmt::format(" and {} more",
                           subject.all.size() - subject.first.size());
    }
    if (!items.empty()) {
      sentences.push_back(wordings.at(i).before + items + wordings.at(i).after);
    }
  }
  return sentences;
}

}  // namespace strandline::store
