// SPDX-License-Identifier: MIT
#include "http/certificates.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

#include "strandline/error.hpp"

namespace strandline::http {
namespace {

struct Deleter {
  void operator()(std::FILE* file) const { std::fclose(file); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

[[noreturn]] void refuse(const std::filesystem::path& file,
                         std::string_view reason) {
  throw Error(ExitCode::no_input,
              fmt::format("cannot use the certificates in {}: {}",
                          file.string(), reason),
              {{"try",
                "`ca` names a file with the certificates to trust, each "
                "between lines BEGIN CERTIFICATE and END "
                "CERTIFICATE"}});
}

}  // namespace

void require_certificates(const std::filesystem::path& file) {
  const std::unique_ptr<std::FILE, Deleter> input(
      std::fopen(file.c_str(), "rbe"));
  if (!input) {
    refuse(file, std::generic_category().message(errno));
  }
  std::size_t count = 0;
  for (;; ++count) {
    const std::unique_ptr<X509, Deleter> certificate(
        PEM_read_X509(input.get(), nullptr, nullptr, nullptr));
    if (!certificate) {
      break;
    }
  }
  const auto error = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM &&
                      ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (std::ferror(input.get()) != 0) {
    refuse(file, "it cannot be read");
  }
  if (!at_end) {
    refuse(file, fmt::format("certificate {} is broken", count + 1));
  }
  if (count == 0) {
    refuse(file, "it holds none in PEM");
  }
}

}  // namespace strandline::http
