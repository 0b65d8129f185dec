// SPDX-License-Identifier: MIT
#include "recording/normal_form.hpp"

#include <regex>
#include <string>
#include <vector>

#include "recording/sanitizer.hpp"
#include "recording/stand_ins.hpp"

namespace strandline::recording {
namespace {

// What stands before, between and behind the stand-ins of `text`.
std::vector<std::string> between_stand_ins(const std::string& text) {
  static const std::regex stand_in(
      R"(REDACTED[\w-]*|person-\d+(@|%40)example\.com|\+1555\d{7}|Name \d+)");
  std::vector<std::string> parts;
  auto at = text.begin();
  for (std::sregex_iterator found(text.begin(), text.end(), stand_in), end;
       found != end; ++found) {
    parts.emplace_back(at, (*found)[0].first);
    at = (*found)[0].second;
  }
  parts.emplace_back(at, text.end());
  return parts;
}

}  // namespace

http::Request normal_form(const http::Request& request, bool scrubbed,
                          const http::Redactor* known) {
  StandIns stand_ins(StandIns::Mode::fixed, known);
  Sanitizer sanitizer(stand_ins, scrubbed);
  auto result = request;
  result.url = http::Url(sanitizer.url(request.url.text()), ExitCode::data);
  const auto type = http::find_header(request.headers, "Content-Type");
  result.body = sanitizer.body(request.body, type.value_or(""));
  return result;
}

bool may_be(std::string_view recorded, std::string_view text) {
  const auto parts = between_stand_ins(std::string(recorded));
  if (parts.size() == 1) {
    return text == recorded;
  }
  if (!text.starts_with(parts.front()) || !text.ends_with(parts.back())) {
    return false;
  }
  auto at = parts.front().size();
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    const auto found = text.find(parts[i], at);
    if (found == text.npos) {
      return false;
    }
    at = found + parts[i].size();
  }
  return at + parts.back().size() <= text.size();
}

}  // namespace strandline::recording
