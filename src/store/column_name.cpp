// SPDX-License-Identifier: MIT
#include "store/column_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/digest.hpp"
#include "model/text.hpp"
#include "store/columns.hpp"
#include "store/error.hpp"

namespace strandline::store {
namespace {

constexpr std::size_t longest_name = 120;
constexpr std::size_t kept_of_long = 100;
constexpr std::size_t hash_digits = 8;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

// A name that is cut, with no character halved, and a hash in place of the
// rest: the same whatever else the table holds.
std::string shortened(std::string_view name) {
  auto end = kept_of_long;
  while ((static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return std::string(name.substr(0, end)) + '_' +
         model::sha256_hex(name).substr(0, hash_digits);
}

}  // namespace

bool is_own_column(std::string_view name) {
  static constexpr std::array<std::string_view, 5> ours = {
      "_deleted_at", "_key", "_raw", "_run_id", "_synced_at"};
  return std::any_of(ours.begin(), ours.end(), [&](std::string_view own) {
    return same_name(own, name);
  });
}

void check_column_name(std::string_view name) {
  const auto refuse = [&](const std::string& why) {
    throw StoreError(
        ExitCode::data,
        fmt::format("the member '{}' cannot be a column: {}",
                    model::printable(name, 60), why),
        {{"try", "list the `columns` that you want, with names of your own"}});
  };
  if (name.empty()) {
    refuse("its name is empty");
  }
  if (std::any_of(name.begin(), name.end(), is_control)) {
    refuse("its name holds a control character");
  }
  if (is_own_column(name)) {
    refuse("the name is one of Strandline's own");
  }
}

std::string column_name_for(std::string_view member) {
  std::string name =
      member.size() > longest_name ? shortened(member) : std::string(member);
  std::replace_if(name.begin(), name.end(), is_control, '_');
  return name.empty() || is_own_column(name) ? "x" + name : name;
}

}  // namespace strandline::store
