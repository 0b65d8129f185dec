// SPDX-License-Identifier: MIT
#include "store/content.hpp"

#include <SQLiteCpp/Transaction.h>

#include <bit>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "model/digest.hpp"
#include "store/checkpoints.hpp"
#include "store/connection.hpp"
#include "store/error.hpp"
#include "store/listing.hpp"
#include "store/schema.hpp"

namespace strandline::store {
namespace {

// doc/database.md describes the form; another form is another first line.
constexpr std::string_view form = "strandline digest 1\n";

void add_number(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes +=
        static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
  }
}

void add_text(std::string& bytes, char tag, std::string_view text) {
  bytes += tag;
  add_number(bytes, text.size());
  bytes += text;
}

void add_value(std::string& bytes, const StoredValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    bytes += 'i';
    add_number(bytes, std::bit_cast<std::uint64_t>(*integer));
  } else if (const auto* real = std::get_if<double>(&value)) {
    bytes += 'r';
    add_number(bytes, std::bit_cast<std::uint64_t>(*real));
  } else {
    add_text(bytes, 't', std::get<std::string>(value));
  }
}

// A column without a value is none: there may be one that nothing was ever put
// into.
TableDigest digest(std::optional<Listing> listing) {
  TableDigest result;
  model::Sha256 sha256;
  sha256.add(form);
  std::string bytes;
  while (listing && listing->next()) {
    bytes = '\n';
    for (std::size_t i = 0; i < listing->values().size(); ++i) {
      const auto& value = listing->values()[i];
      if (!std::holds_alternative<std::monostate>(value)) {
        add_text(bytes, 'c', listing->columns()[i]);
        add_value(bytes, value);
      }
    }
    sha256.add(bytes);
    ++result.rows;
  }
  result.sha256 = sha256.hex();
  return result;
}

}  // namespace

Content read_content(const std::filesystem::path& file,
                     const model::StreamDefinition& stream) {
  auto database = open_for_reading(file);
  return guarded("read " + file.string(), [&] {
    // So that all is of one moment.
    const SQLite::Transaction transaction(database);
    const bool blank = format(database) == 0;
    const auto of = [&](auto listing) {
      return digest(blank ? std::nullopt : listing(database, stream));
    };
    Content content;
    content.table = of(Listing::rows);
    content.rejects = of(Listing::rejects);
    content.due = of(Listing::due);
    content.tombstones = of(Listing::tombstones);
    content.seen = of(Listing::seen);
    const auto add = [&](const model::StreamDefinition& list) {
      auto found = blank ? std::nullopt
                         : load_checkpoint(database, list.pipeline_name());
      auto& checkpoint = content.checkpoints.emplace_back(
          std::move(found).value_or(model::Checkpoint()));
      checkpoint.generation = 0;
      checkpoint.complete_full = false;
    };
    add(stream);
    for (const auto& also : stream.also) {
      add(also);
    }
    return content;
  });
}

}  // namespace strandline::store
