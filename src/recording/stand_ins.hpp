// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "http/redactor.hpp"

namespace strandline::recording {

/// What is put in the place of secrets and of what is about a person. Numbered,
/// each value has its own: `REDACTED-1`, `person-1@example.com`,
/// `+15550100001`, `Name 1`, counted in the order in which they are asked for.
/// Fixed, all of a kind have the same. What already is a stand-in is its own,
/// if numbered. Not thread-safe.
class StandIns {
 public:
  enum class Mode { numbered, fixed };

  /// `known` are secrets that have placeholders already; may be null. Numbered,
  /// a copy is kept, fixed, it must outlive this.
  explicit StandIns(Mode mode, const http::Redactor* known = nullptr);

  /// Returns the placeholder of a secret. Those of `everywhere` with eight or
  /// more characters are from then on known: `hide_known` finds them.
  enum class Reach { here, everywhere };
  std::string secret(std::string_view value, Reach reach);

  /// Returns the stand-in of an e-mail address, whatever its case.
  std::string address(std::string_view value);

  /// Returns the stand-in of a telephone number, by its digits: digits too.
  std::string phone(std::string_view digits);

  /// Returns the stand-in of a person's name.
  std::string person(std::string_view name);

  /// Whether `hide_known` does anything, which it does at first.
  void hide(bool yes) { hide_ = yes; }

  /// Puts placeholders for all known secrets in `text`; returns how many.
  std::size_t hide_known(std::string& text) const;

  /// Keeps numbers from being used that stand-ins in `text` have.
  void keep_clear_of(std::string_view text);

  /// Secrets that stand in `origin` are replaced nowhere but where they are
  /// asked for: a request would go to nowhere.
  void spare(std::string origin);

 private:
  struct Numbered {
    std::map<std::string, std::string, std::less<>> values;
    std::size_t used = 0;
  };

  bool spared(std::string_view value) const;

  Mode mode_;
  bool hide_ = true;
  const http::Redactor* outside_;  ///< null if numbered
  http::Redactor known_;
  Numbered secrets_;
  Numbered addresses_;
  Numbered phones_;
  Numbered persons_;
  std::set<std::string> origins_;
};

}  // namespace strandline::recording
