// SPDX-License-Identifier: MIT
#include "recording/json_edit.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace strandline::recording {
namespace {

using Json = nlohmann::json;

constexpr std::string_view blanks = " \t\r\n";

class Editor {
 public:
  Editor(std::string_view text, const Classify& classify, const EditToken& edit)
      : text_(text), classify_(classify), edit_(edit) {
    levels_.push_back({});
  }

  std::string run() {
    result_.reserve(text_.size());
    while (at_ < text_.size()) {
      step(text_[at_]);
    }
    result_.append(text_, copied_);
    return std::move(result_);
  }

 private:
  // An object or array that is open, and the member that is being read.
  struct Level {
    bool object = false;
    unsigned flags = 0;
    unsigned around = 0;
    std::size_t number = 0;
  };

  void step(char c) {
    switch (c) {
      case '{':
        open_object();
        break;
      case '[': {
        auto level = levels_.back();
        level.object = false;
        levels_.push_back(level);
        ++at_;
        break;
      }
      case '}':
      case ']':
        if (levels_.size() > 1) {
          levels_.pop_back();
        }
        ++at_;
        break;
      case '"':
        string();
        break;
      case ',':
        if (levels_.back().object) {
          levels_.back().flags = 0;
        }
        ++at_;
        break;
      default:
        if (blanks.find(c) != blanks.npos || c == ':') {
          ++at_;
        } else {
          scalar();
        }
    }
  }

  void open_object() {
    const auto outer = levels_.back();
    levels_.push_back({true, 0, outer.flags, ++objects_});
    ++at_;
  }

  // From the quote at `at_` to the one that ends it, or to the text's end.
  void string() {
    const auto begin = at_ + 1;
    auto end = begin;
    while (end < text_.size() && text_[end] != '"') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, text_.size());
    const auto behind = std::min(end + 1, text_.size());
    const auto next = text_.find_first_not_of(blanks, behind);
    const bool name =
        levels_.back().object && next != text_.npos && text_[next] == ':';
    auto token = current(name ? JsonToken::Kind::name : JsonToken::Kind::string,
                         text_.substr(begin, end - begin));
    if (name) {
      token.flags = classify_(token.decoded());
      levels_.back().flags = token.flags;
    }
    replace(token, begin - 1, behind, end < text_.size());
  }

  void scalar() {
    const auto end =
        std::min(text_.find_first_of(" \t\r\n\",:{}[]", at_), text_.size());
    replace(current(JsonToken::Kind::scalar, text_.substr(at_, end - at_)), at_,
            end, true);
  }

  JsonToken current(JsonToken::Kind kind, std::string_view text) const {
    const auto& level = levels_.back();
    return {kind, text, level.flags, level.around, level.number};
  }

  void replace(const JsonToken& token, std::size_t begin, std::size_t end,
               bool complete) {
    at_ = end;
    auto edited = edit_(token);
    if (!edited) {
      return;
    }
    // A string that was cut short has no quote at its end, and gets none.
    if (!complete) {
      edited->pop_back();
    }
    result_.append(text_, copied_, begin - copied_);
    result_ += *edited;
    copied_ = end;
  }

  std::string_view text_;
  const Classify& classify_;
  const EditToken& edit_;
  std::vector<Level> levels_;
  std::size_t objects_ = 0;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;
  std::string result_;
};

}  // namespace

std::string JsonToken::decoded() const {
  if (text.find('\\') == text.npos) {
    return std::string(text);
  }
  const auto value = Json::parse('"' + std::string(text) + '"', nullptr, false);
  return value.is_string() ? value.get<std::string>() : std::string(text);
}

std::string edit_json(std::string_view text, const Classify& classify,
                      const EditToken& edit) {
  return Editor(text, classify, edit).run();
}

std::string json_quoted(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool looks_like_json(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) {
    text.remove_prefix(mark.size());
  }
  if (text.starts_with(")]}'")) {
    text.remove_prefix(text.starts_with(")]}',") ? 5 : 4);
  }
  const auto begin = text.find_first_not_of(blanks);
  return begin != text.npos && (text[begin] == '{' || text[begin] == '[');
}

}  // namespace strandline::recording
