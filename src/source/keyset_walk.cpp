// SPDX-License-Identifier: MIT
#include "source/keyset_walk.hpp"

#include <algorithm>
#include <utility>

#include "model/digest.hpp"

namespace strandline::source {

KeysetWalk::KeysetWalk(const model::StreamDefinition& stream,
                       const std::optional<model::CursorValue>& from)
    : stream_(&stream) {
  position_.bound = from;
}

std::optional<KeysetWalk> KeysetWalk::resumed(
    const model::StreamDefinition& stream, std::string_view position) {
  auto read =
      model::parse_keyset(position, model::is_time(stream.cursor->format));
  if (!read) {
    return {};
  }
  KeysetWalk walk(stream, {});
  walk.position_ = std::move(*read);
  // The passes of a run that gave up say nothing of what is there now.
  walk.position_.pass = std::min(walk.position_.pass, 1);
  return walk;
}

bool KeysetWalk::take(const Answer& answer, std::int64_t records,
                      std::optional<std::string> place) {
  using Kind = model::KeysetStep::Kind;
  const auto& cursors = answer.records.cursors;
  const auto last = std::find_if(cursors.rbegin(), cursors.rend(),
                                 [](const auto& each) { return each; });
  model::KeysetPage page;
  page.last = last == cursors.rend() ? std::nullopt : *last;
  page.records = records;
  page.place = std::move(place);
  take_tie(answer.records, page);
  auto step = model::advance(position_, page, stream_->cursor->format);
  if (step.kind == Kind::restless) {
    throw DecodeError(
        "more records than a page holds share one '" +
            model::to_text(stream_->cursor->field) +
            "', and no two readings of them bring the same",
        {{"try",
          "a larger page, or page by a key that never changes (after)"}});
  }
  if (step.kind == Kind::end) {
    return false;
  }
  if (step.next.place.empty()) {
    last_keys_.clear();
  }
  position_ = std::move(step.next);
  return true;
}

// Of the records that the filter cannot tell from the walk's bound, those of a
// page that moved back while it was read come again with the next one.
void KeysetWalk::take_tie(const model::RecordBatch& batch,
                          model::KeysetPage& page) {
  std::string tie;
  std::set<std::string> keys;
  const auto take = [&](std::string key, std::string_view raw) {
    tie += raw;
    page.repeated = page.repeated || last_keys_.contains(key) ||
                    !keys.insert(std::move(key)).second;
  };
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    if (model::in_tie(position_, batch.cursors[i], stream_->cursor->format)) {
      take(batch.key_of(batch.records[i], stream_->key.size()),
           batch.raw_of(batch.records[i]));
    }
  }
  for (const auto& reject : batch.rejects) {
    take(reject.key.empty() ? reject.raw : reject.key, reject.raw);
  }
  page.digest = tie.empty() ? position_.digest
                            : model::sha256_hex(position_.digest + tie);
  last_keys_ = std::move(keys);
}

}  // namespace strandline::source
