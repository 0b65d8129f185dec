// SPDX-License-Identifier: MIT
#include "store/repeats.hpp"

#include <functional>

namespace strandline::store {
namespace {

// 64 bits of a key: that two keys of a batch share them is no matter for a
// count, and less likely than a fault of the memory that the keys are in.
std::uint64_t hash(const model::RecordBatch& batch, const model::Record& record,
                   std::size_t key_size) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    if (cell.field < key_size) {
      // Each part in its place, whatever the order in which they came.
      const auto part =
          std::hash<std::string_view>()(batch.text_of(record, cell));
      sum +=
          (part ^ (part >> 32U)) * (0x9E3779B97F4A7C15U * (2 * cell.field + 1));
    }
  }
  return sum;
}

}  // namespace

void Repeats::begin_batch() {
  page_ = 0;
  pages_.clear();
}

Repeats::Repeat Repeats::add(const model::RecordBatch& batch,
                             const model::Record& record,
                             std::size_t key_size) {
  const auto [known, is_new] =
      pages_.emplace(hash(batch, record, key_size), page_);
  if (is_new) {
    return Repeat::none;
  }
  const bool near = known->second == page_;
  known->second = page_;
  return near ? Repeat::in_page : Repeat::in_batch;
}

}  // namespace strandline::store
