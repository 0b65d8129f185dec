// SPDX-License-Identifier: MIT
//
// Keys and certificates for tests, made when they run.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace strandline::test {

struct OpensslDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, OpensslDeleter>;
using Certificate = std::unique_ptr<X509, OpensslDeleter>;

/// What a certificate says of itself; times in seconds from now.
struct Claim {
  std::string name = "test";
  std::string hosts = "IP:127.0.0.1,DNS:localhost";  ///< empty: an authority
  long begin = -3600;
  long end = 3600;
};

/// A key and a certificate, by itself or by an authority.
struct Identity {
  Key key;
  Certificate certificate;

  explicit Identity(const Claim& claim, const Identity* authority = nullptr)
      : key(EVP_EC_gen("P-256")), certificate(X509_new()) {
    auto* made = certificate.get();
    const auto& issuer = authority != nullptr ? *authority : *this;
    static long serial = 1;
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made), claim.begin);
    X509_gmtime_adj(X509_getm_notAfter(made), claim.end);
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(made), "CN", MBSTRING_ASC,
        reinterpret_cast<const unsigned char*>(claim.name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(issuer.certificate.get()));
    X509_set_pubkey(made, key.get());
    if (claim.hosts.empty()) {
      add(NID_basic_constraints, "critical,CA:TRUE");
    } else {
      add(NID_subject_alt_name, claim.hosts);
    }
    X509_sign(made, issuer.key.get(), EVP_sha256());
  }

  /// The certificate in PEM.
  std::string pem() const {
    const std::unique_ptr<BIO, OpensslDeleter> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.get());
    return text_of(bio.get());
  }

  /// The key in PEM.
  std::string key_pem() const {
    const std::unique_ptr<BIO, OpensslDeleter> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                             nullptr);
    return text_of(bio.get());
  }

 private:
  void add(int what, const std::string& value) {
    auto* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
    if (extension == nullptr) throw std::runtime_error("no extension");
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  static std::string text_of(BIO* bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    return {text, static_cast<std::size_t>(size)};
  }
};

/// An authority that nobody knows.
inline Identity make_authority(const std::string& name = "Test Authority") {
  return Identity({name, ""});
}

}  // namespace strandline::test
