// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/client.hpp"
#include "model/checkpoint.hpp"
#include "model/definition.hpp"
#include "source/body.hpp"
#include "source/decoder.hpp"
#include "source/parent.hpp"

namespace strandline::source {

/// Notices that a list goes in circles, in constant memory: R. P. Brent, "An
/// improved Monte Carlo factorization algorithm", BIT 20 (1980), section 2. Of
/// a list that has n places before it comes back to one of them fewer than 3 n
/// are taken; one that names the same place twice in a row is noticed at once.
class CycleDetector {
 public:
  /// Takes the next place; true if the walk has been there before.
  bool repeats(std::string_view place);

 private:
  std::optional<std::string> kept_;
  std::optional<std::string> last_;
  std::uint64_t steps_ = 0;
  std::uint64_t limit_ = 1;
};

/// What a page told about the list.
struct PageFacts {
  std::int64_t records = 0;         ///< in this page, rejects among them
  std::int64_t records_so_far = 0;  ///< in the list, this page among them
  std::optional<EnvelopeValue> after = {};  ///< `page.after` of the last record
};

/// Returns what an answer says at `path` of the next page or the next run;
/// nothing if it is missing, null, false or empty. Throws DecodeError for an
/// object or array.
std::optional<EnvelopeValue> named(const Envelope& envelope, EnvelopeSlot slot,
                                   const model::Path& path);

/// Turns a window's position into requests, and answers into positions. Not
/// thread-safe.
class Pager {
 public:
  Pager(const model::StreamDefinition& stream, http::Client& client,
        Parent parent = {});

  /// Returns the request for the page at the window's position. `state` is what
  /// a stream that is followed by a token begins with; nothing at first.
  http::Request request(const model::Window& window,
                        const std::optional<std::string>& state = {}) const;

  /// Returns where the page after this answer stands, or nothing if the answer
  /// proves that the list ended with it. Throws DecodeError where the answer
  /// contradicts itself: more to come without a place, a place that the window
  /// has seen or that the source's clients do not ask, a hundred empty pages in
  /// a row.
  std::optional<std::string> next(const model::Window& window,
                                  const http::Url& url,
                                  const http::Response& response,
                                  const Envelope& envelope,
                                  const PageFacts& facts);

  /// Returns how many records the answer says the list has; nothing where the
  /// stream does not ask. Throws DecodeError if it does not say.
  std::optional<std::int64_t> total(const Envelope& envelope) const;

  /// The next page is the first of a list asked for anew: places that were seen
  /// before may come again.
  void begin_anew();

  /// Returns a place or token as it is kept: as text, and where it is sent in a
  /// body as JSON, so that a number stays one.
  std::string written(const Scalar& value) const;

  /// Returns the URL that an answer to `url` names, without credentials. Throws
  /// DecodeError if it is not one that may be asked (see http::Client).
  std::string resolved(const http::Url& url, std::string_view reference) const;

 private:
  /// `counted`: so many records were read as the list has.
  enum class End { proved, counted, denied, unsaid };

  http::Url url(const model::Window& window,
                const std::optional<std::string>& state) const;
  http::Url first_url(const model::Window& window) const;
  std::string segment(const model::Template::Piece& piece,
                      const model::Window& window) const;
  http::Headers headers(const model::Window& window) const;
  std::string body(const model::Window& window,
                   const std::optional<std::string>& state) const;
  Places places(const model::Window& window,
                const std::optional<std::string>& state) const;
  std::optional<std::string> value(const model::Template& text,
                                   const model::Window& window) const;
  std::optional<Scalar> value(std::string_view placeholder,
                              const model::Window& window) const;
  Scalar parsed(const std::string& written) const;
  End end(const model::Window& window, const Envelope& envelope,
          const PageFacts& facts) const;
  std::optional<std::string> after(const PageFacts& facts) const;
  std::optional<std::string> token_of_header(
      const http::Response& response) const;
  std::optional<std::string> place(const model::Window& window,
                                   const http::Url& url,
                                   const http::Response& response,
                                   const Envelope& envelope,
                                   const PageFacts& facts) const;

  const model::StreamDefinition& stream_;
  http::Client& client_;
  Parent parent_;
  CycleDetector cycle_;
  int empty_pages_ = 0;
};

}  // namespace strandline::source
