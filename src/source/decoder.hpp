// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/cursor.hpp"
#include "model/definition.hpp"
#include "model/records.hpp"
#include "source/shape.hpp"
#include "strandline/error.hpp"

namespace strandline::source {

/// An answer is not what the stream's description says. Its code is `protocol`,
/// or `temporary` where its end is missing, as when a connection breaks: the
/// same request may bring it whole.
class DecodeError : public Error {
 public:
  explicit DecodeError(const std::string& message, std::vector<Note> notes = {},
                       ExitCode code = ExitCode::protocol)
      : Error(code, message, std::move(notes)) {}

  bool cut_off() const noexcept { return code() == ExitCode::temporary; }

  /// True if the same request may bring a better answer a little later.
  bool passing() const noexcept { return passing_ || cut_off(); }
  void set_passing() noexcept { passing_ = true; }

 private:
  bool passing_ = false;
};

/// A value of the answer beside its records.
struct EnvelopeValue {
  model::CellKind kind = model::CellKind::null;
  std::string text;

  /// Not null, false, 0 or empty.
  bool truthy() const;

  bool is_number() const;
};

/// What an answer says about its page; a slot that was not there is empty.
struct Envelope {
  std::array<std::optional<EnvelopeValue>, envelope_slots> slots;

  const std::optional<EnvelopeValue>& operator[](EnvelopeSlot slot) const {
    return slots.at(static_cast<std::size_t>(slot));
  }
};

/// One decoded answer.
struct Answer {
  model::RecordBatch records;
  Envelope envelope;
  /// Of a list that is paged by `after`: that value of its last record, be it a
  /// reject; nothing where it is null, missing or no scalar.
  std::optional<EnvelopeValue> after;
};

class Parent;

/// Decodes the answers of one stream, in one pass each, in document order.
/// Not thread-safe.
class Decoder {
 public:
  explicit Decoder(const model::StreamDefinition& stream);
  /// The same, for the children of `parent`.
  Decoder(const model::StreamDefinition& stream, const Parent& parent);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Decodes `body`. Where its capacity is less than 64 bytes more than its
  /// size it is copied first. A record that does not fit becomes a reject.
  /// Throws DecodeError for a body that is not one JSON document in UTF-8, in
  /// which the records are not there, or that says itself that it failed; what
  /// it held is forgotten then.
  Answer decode(const std::string& body);

  /// True if `body` is JSON that says itself that it failed. Nothing is kept of
  /// it.
  bool says_failure(const std::string& body);

  /// Returns what an answer without a body holds: nothing.
  Answer nothing() const;

 private:
  struct Parser;

  model::StreamDefinition stream_;
  Shape shape_;
  std::unique_ptr<const Parent> parent_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace strandline::source
