// SPDX-License-Identifier: MIT
#include "http/transfer_error.hpp"

#include <openssl/x509_vfy.h>

#include "http/error.hpp"

namespace strandline::http {
namespace {

long info(CURL* handle, CURLINFO what) {
  long value = 0;
  curl_easy_getinfo(handle, what, &value);
  return value;
}

// The status with which a proxy refused to lead on; 0 if it did not.
int refusal_of_proxy(CURL* handle, CURLcode code) {
  const auto status = static_cast<int>(info(handle, CURLINFO_HTTP_CONNECTCODE));
  const bool refused = code == CURLE_RECV_ERROR && status >= 300;
  return refused ? status : 0;
}

// By its rules, as SOCKS has it.
bool proxy_forbids(CURL* handle, CURLcode code) {
  return code == CURLE_PROXY &&
         info(handle, CURLINFO_PROXY_ERROR) == long{CURLPX_REPLY_NOT_ALLOWED};
}

// In the middle of TLS's beginning. Only OpenSSL's words for it tell a
// connection that ended in order from a peer that does not agree.
bool peer_closed(CURL* handle, std::string_view reason) {
  return info(handle, CURLINFO_OS_ERRNO) != 0 ||
         reason.find("unexpected eof while reading") != reason.npos ||
         reason.find("SSL_ERROR_ZERO_RETURN") != reason.npos ||
         reason.find("SSL_ERROR_SYSCALL") != reason.npos;
}

bool proxy_wants_login(CURL* handle, CURLcode code) {
  const auto reason = info(handle, CURLINFO_PROXY_ERROR);
  return refusal_of_proxy(handle, code) == 407 ||
         (code == CURLE_PROXY &&
          (reason == CURLPX_NO_AUTH || reason == CURLPX_USER_REJECTED));
}

// What to do where no one vouches for who answers.
const char* advice_on_certificate(long verified) {
  switch (verified) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the server needs a new certificate; or this machine's clock is "
             "fast";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "look at this machine's clock: it seems to be slow";
    // libcurl compares the names before it asks for the rest.
    case X509_V_ERR_UNSPECIFIED:
    case X509_V_OK:
      return "the certificate is another host's: look at the host in base_url";
    default:
      return "if the server's certificate is of an authority of your own, set "
             "ca to the PEM file with that authority's";
  }
}

}  // namespace

ExitCode classify_failure(CURL* handle, CURLcode code,
                          std::string_view reason) {
  if (proxy_wants_login(handle, code)) {
    return ExitCode::credentials;
  }
  if (const int status = refusal_of_proxy(handle, code)) {
    return classify(status) == ExitCode::temporary ? ExitCode::temporary
                                                   : ExitCode::protocol;
  }
  if (proxy_forbids(handle, code)) {
    return ExitCode::protocol;
  }
  switch (code) {
    // The peer's TLS does not agree with ours, or the network failed below it.
    case CURLE_SSL_CONNECT_ERROR:
      return peer_closed(handle, reason) ? ExitCode::temporary
                                         : ExitCode::protocol;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_PROXY:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return ExitCode::temporary;
    default:
      return ExitCode::protocol;
  }
}

std::optional<std::string> advice_on_failure(CURL* handle, CURLcode code) {
  if (proxy_wants_login(handle, code)) {
    return "the proxy wants a user and a password, which are not supported: "
           "use one that lets this machine through";
  }
  if (refusal_of_proxy(handle, code) != 0 || proxy_forbids(handle, code)) {
    return "the proxy does not lead on to this host: look at its rules, and at "
           "proxy";
  }
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return advice_on_certificate(info(handle, CURLINFO_SSL_VERIFYRESULT));
    case CURLE_SSL_CACERT_BADFILE:
      return "install the system's certificates (Debian: ca-certificates), or "
             "set ca to a PEM file that can be read";
    case CURLE_SSL_CONNECT_ERROR:
      return "the server must speak TLS 1.2 or newer: look at base_url, and at "
             "proxy and ca if they are set";
    default:
      return {};
  }
}

}  // namespace strandline::http
