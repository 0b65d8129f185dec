// SPDX-License-Identifier: MIT
#pragma once

#include <curl/curl.h>

#include <memory>

#include "http/transport.hpp"

namespace strandline::http {

/// A handle of libcurl for one transfer after the other. libcurl reads options
/// through varargs, where a wrong type is undefined behaviour: the overloads of
/// `set` are typed, and throw Error (ExitCode::bug) for an option that is
/// refused.
class CurlEasy {
 public:
  using Sink = std::size_t (*)(char*, std::size_t, std::size_t, void*) noexcept;
  using Progress = int (*)(void*, curl_off_t, curl_off_t, curl_off_t,
                           curl_off_t) noexcept;

  /// Throws Error (ExitCode::bug) if libcurl cannot be initialised.
  CurlEasy();

  CURL* handle() const noexcept { return handle_.get(); }

  void set(CURLoption option, long value);
  void set_large(CURLoption option, curl_off_t value);  ///< `…_LARGE`
  void set(CURLoption option, const char* value);
  void set(CURLoption option, void* value);
  void set(CURLoption option, Sink value);
  void set(CURLoption option, Progress value);

 private:
  struct Deleter {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  };
  std::unique_ptr<CURL, Deleter> handle_;
};

struct CurlListDeleter {
  void operator()(curl_slist* list) const noexcept {
    curl_slist_free_all(list);
  }
};
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

/// Returns `headers` as libcurl wants them. Throws HttpError:
/// ExitCode::configuration for a name that is not one (RFC 9110 §5.6.2),
/// ExitCode::protocol for a value with a control character other than a tab
/// (§5.5), which can only come from the source's data; it is not shown.
CurlList header_list(const Headers& headers);

}  // namespace strandline::http
