// SPDX-License-Identifier: MIT
#include "model/template.hpp"

#include <algorithm>
#include <stdexcept>

namespace strandline::model {

using Piece = Template::Piece;

bool Template::has(std::string_view name) const {
  return std::any_of(pieces.begin(), pieces.end(), [&](const Piece& piece) {
    return piece.placeholder && piece.text == name;
  });
}

Template parse_template(std::string_view text) {
  Template parsed;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) {
      parsed.pieces.push_back({literal, false});
      literal.clear();
    }
  };
  while (!text.empty()) {
    if (text.starts_with("$${")) {
      literal += "${";
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      const auto close = text.find('}');
      if (close == std::string_view::npos) {
        throw std::invalid_argument(
            "a placeholder is not closed: `${` needs a `}`, and `$${` writes a "
            "literal `${`");
      }
      end_literal();
      parsed.pieces.push_back({std::string(text.substr(2, close - 2)), true});
      text.remove_prefix(close + 1);
    } else {
      literal += text.front();
      text.remove_prefix(1);
    }
  }
  end_literal();
  return parsed;
}

std::string to_text(const Template& text, Columns columns) {
  std::string written;
  for (const auto& piece : text.pieces) {
    if (columns == Columns::named && piece.from == Piece::From::columns) {
      written += "${columns}";
      continue;
    }
    if (piece.placeholder) {
      written += "${" + piece.text + "}";
      continue;
    }
    std::string_view rest = piece.text;
    for (auto at = rest.find("${"); at != std::string_view::npos;
         at = rest.find("${")) {
      written += rest.substr(0, at);
      written += "$${";
      rest.remove_prefix(at + 2);
    }
    written += rest;
  }
  return written;
}

bool is_columns(const Template& text) {
  return text.pieces.size() == 1 &&
         text.pieces.front().from == Piece::From::columns;
}

}  // namespace strandline::model
