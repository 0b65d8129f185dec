// SPDX-License-Identifier: MIT
//
// Two listings side by side.
#include "store/content.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "model/text.hpp"
#include "store/connection.hpp"
#include "store/error.hpp"
#include "store/listing.hpp"

namespace strandline::store {
namespace {

constexpr std::size_t text_limit = 200;

std::string shown(const StoredValue& value) {
  if (std::holds_alternative<std::monostate>(value)) {
    return "NULL";
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return "'" + model::printable(*text, text_limit) + "'";
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return fmt::format("{}", *real);
  }
  return std::to_string(std::get<std::int64_t>(value));
}

// One file's rows of a table, at one of them.
class Side {
 public:
  explicit Side(std::optional<Listing> listing)
      : listing_(std::move(listing)), there_(listing_ && listing_->next()) {}

  bool there() const { return there_; }
  void go_on() { there_ = listing_->next(); }

  const std::vector<std::string>& columns() const {
    static const std::vector<std::string> none;
    return listing_ ? listing_->columns() : none;
  }

  // The row's value in a column; none where it has no such column.
  StoredValue value(const std::string& column) const {
    const auto& names = listing_->columns();
    const auto found = std::lower_bound(names.begin(), names.end(), column);
    return found == names.end() || *found != column
               ? StoredValue()
               : listing_->values()[static_cast<std::size_t>(found -
                                                             names.begin())];
  }

  // Compares as SQLite orders keys: numbers before text, text by its bytes.
  std::vector<StoredValue> key() const {
    std::vector<StoredValue> values;
    for (const auto place : listing_->key()) {
      values.push_back(listing_->values()[place]);
    }
    return values;
  }

 private:
  std::optional<Listing> listing_;
  bool there_;
};

class Comparison {
 public:
  Comparison(std::string table, std::size_t limit,
             std::vector<RowDifference>& found)
      : table_(std::move(table)), limit_(limit), found_(found) {}

  void compare(Side first, Side second) {
    std::set<std::string> columns(first.columns().begin(),
                                  first.columns().end());
    columns.insert(second.columns().begin(), second.columns().end());
    while ((first.there() || second.there()) && found_.size() < limit_) {
      if (!second.there() || (first.there() && first.key() < second.key())) {
        add(first, RowDifference::Where::first);
        first.go_on();
      } else if (!first.there() || second.key() < first.key()) {
        add(second, RowDifference::Where::second);
        second.go_on();
      } else {
        compare_row(columns, first, second);
        first.go_on();
        second.go_on();
      }
    }
  }

 private:
  RowDifference& add(const Side& side, RowDifference::Where where) {
    RowDifference row{table_, {}, where, {}};
    for (const auto& value : side.key()) {
      row.key += (row.key.empty() ? "" : ", ") + shown(value);
    }
    return found_.emplace_back(std::move(row));
  }

  void compare_row(const std::set<std::string>& columns, const Side& first,
                   const Side& second) {
    std::vector<ValueDifference> values;
    for (const auto& column : columns) {
      const auto was = first.value(column);
      const auto is = second.value(column);
      if (was != is) {
        values.push_back(
            {model::printable(column, text_limit), shown(was), shown(is)});
      }
    }
    if (!values.empty()) {
      add(first, RowDifference::Where::both).values = std::move(values);
    }
  }

  std::string table_;
  std::size_t limit_;
  std::vector<RowDifference>& found_;
};

}  // namespace

std::vector<RowDifference> first_differences(
    const std::filesystem::path& first, const std::filesystem::path& second,
    const model::StreamDefinition& stream, std::size_t limit) {
  auto one = open_for_reading(first);
  auto other = open_for_reading(second);
  return guarded("compare " + first.string() + " with " + second.string(), [&] {
    std::vector<RowDifference> found;
    const auto compare = [&](std::string table, auto listing) {
      Comparison(std::move(table), limit, found)
          .compare(Side(listing(one, stream)), Side(listing(other, stream)));
    };
    compare(stream.name, Listing::rows);
    compare("pipeline_rejects", Listing::rejects);
    compare("pipeline_pending", Listing::due);
    compare("pipeline_tombstones", Listing::tombstones);
    compare("pipeline_seen", Listing::seen);
    return found;
  });
}

}  // namespace strandline::store
