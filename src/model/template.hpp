// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace strandline::model {

/// A text with placeholders, `${NAME}`. `$${` stands for a literal `${`.
struct Template {
  /// Literal text, or the name of a placeholder.
  struct Piece {
    /// Where literal text comes from.
    enum class From {
      file,     ///< it is written there
      option,   ///< it is what an option says
      columns,  ///< it names what the table's columns need
    };
    std::string text;
    bool placeholder = false;
    From from = From::file;

    friend bool operator==(const Piece&, const Piece&) = default;
  };
  std::vector<Piece> pieces;

  /// True if the placeholder `name` stands in it.
  bool has(std::string_view name) const;

  friend bool operator==(const Template&, const Template&) = default;
};

/// Returns the template that `text` writes. Throws std::invalid_argument if a
/// `${` is never closed.
Template parse_template(std::string_view text);

/// How a text shows what the columns gave.
enum class Columns {
  written,  ///< as it is sent
  named,    ///< as `${columns}`
};

/// Returns the template as it is written: the inverse of `parse_template`.
std::string to_text(const Template& text, Columns columns = Columns::written);

/// True if the template is nothing but what the columns gave.
bool is_columns(const Template& text);

}  // namespace strandline::model
