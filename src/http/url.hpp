// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strandline/error.hpp"

namespace strandline::http {

/// Query parameters, decoded, in the order in which they stand.
using Query = std::vector<std::pair<std::string, std::string>>;

/// Returns `text` with every byte but letters, digits and `-._~` written as
/// `%XX`.
std::string percent_encode(std::string_view text);

/// Returns `text` with every `%XX` as the byte that it writes; what is no such
/// escape stays as it is.
std::string percent_decode(std::string_view text);

/// An absolute http or https URL without a user name, a password or a fragment.
/// A plain value; libcurl reads and resolves.
class Url {
 public:
  /// Reads `text` as it stands: nothing in it is written anew but what no URL
  /// may hold (spaces, bytes beyond ASCII) and `.` and `..` segments. A
  /// fragment is left out, as it is never sent. Throws HttpError with the code
  /// `failure` if it is no such URL; its message leaves out the query and any
  /// user name or password.
  explicit Url(std::string_view text, ExitCode failure = ExitCode::protocol);

  /// Puts `path` behind the path, with one slash between them; an empty one
  /// changes nothing. It stands as in a URL, so it may bring a query, which
  /// goes behind the one that is there. Throws HttpError
  /// (ExitCode::configuration) for a `#` or a control character.
  void append_path(std::string_view path);

  /// Adds a query parameter behind the others, percent-encoded.
  void add_query(std::string_view name, std::string_view value);

  /// Puts `value` in the place of the first parameter `name` and takes away
  /// the others of that name; adds one if there is none.
  void set_query(std::string_view name, std::string_view value);

  /// Takes away every query parameter `name`; what is left stands as it was.
  void remove_query(std::string_view name);

  /// Returns the URL that `reference` means where this one was read (RFC 3986
  /// §5): a full URL, a path, a query. Throws HttpError (ExitCode::protocol)
  /// as the constructor does.
  Url resolve(std::string_view reference) const;

  std::string text() const;
  std::string without_query() const;   ///< what messages may show
  std::string without_values() const;  ///< of the query the names alone
  std::string path_and_query() const;  ///< as a request names it
  const std::string& path() const noexcept { return path_; }
  Query query() const;

  /// `scheme://host:port` in lower case, the port always written.
  const std::string& origin() const noexcept { return origin_; }

  bool encrypted() const noexcept { return scheme_ == "https"; }

  /// True if the host is `localhost` or an address of this machine itself
  /// (127.0.0.0/8, ::1). No name is looked up.
  bool loopback() const;

  friend bool operator==(const Url&, const Url&) = default;

 private:
  std::string scheme_;  ///< lower case
  std::string host_;    ///< IPv6 in brackets
  std::string port_;    ///< empty if not written
  std::string path_;    ///< begins with a slash
  std::string query_;   ///< without its `?`
  std::string origin_;
};

}  // namespace strandline::http
