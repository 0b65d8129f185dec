// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "model/records.hpp"

namespace strandline::store {

/// Which keys came before in a batch.
class Repeats {
 public:
  /// How near the last record of the same key is.
  enum class Repeat {
    none,
    in_batch,  ///< in an earlier page of the batch
    in_page,
  };

  /// Begins a batch: none came before.
  void begin_batch();

  /// Begins the batch's next page.
  void begin_page() { ++page_; }

  /// Takes a record, and returns whether its key, the texts of its first
  /// `key_size` fields, came before.
  Repeat add(const model::RecordBatch& batch, const model::Record& record,
             std::size_t key_size);

 private:
  std::uint32_t page_ = 0;
  std::unordered_map<std::uint64_t, std::uint32_t> pages_;  // by key
};

}  // namespace strandline::store
