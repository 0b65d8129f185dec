// SPDX-License-Identifier: MIT
#include "recording/normal_form.hpp"

#include "recording/sanitizer.hpp"
#include "recording/stand_ins.hpp"

namespace strandline::recording {

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

std::string normal_text(std::string_view text, bool scrubbed,
                        const http::Redactor* known) {
  StandIns stand_ins(StandIns::Mode::fixed, known);
  return Sanitizer(stand_ins, scrubbed).text(text);
}

}  // namespace strandline::recording
