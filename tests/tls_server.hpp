// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/ssl.h>
#include <signal.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "certificates.hpp"
#include "raw_server.hpp"

namespace strandline::test {

/// A TLS server on 127.0.0.1 that says byte for byte what a test wants. Serves
/// one connection after the other; one whose handshake fails is not served.
class TlsServer {
 public:
  struct Options {
    int max_version = 0;  ///< such as TLS1_1_VERSION; 0: the newest
    bool http2 = false;   ///< offers HTTP/2 and nothing else
  };

  class Connection {
   public:
    Connection(RawServer::Connection& below, SSL* ssl)
        : below_(below), ssl_(ssl) {}

    /// As RawServer::Connection has it.
    std::string read_request() {
      std::string request;
      while (!request.ends_with("\r\n\r\n")) {
        const auto byte = read(1);
        if (byte.empty()) break;
        request += byte;
      }
      below_.note(request);
      return request;
    }

    /// Returns `size` bytes, or what came until the client closed.
    std::string read(std::size_t size) {
      std::string bytes(size, '\0');
      std::size_t have = 0;
      while (have < size) {
        const int count =
            SSL_read(ssl_, bytes.data() + have, static_cast<int>(size - have));
        if (count <= 0) break;
        have += static_cast<std::size_t>(count);
      }
      bytes.resize(have);
      return bytes;
    }

    /// Returns false once the client has closed.
    bool send(std::string_view bytes) {
      return bytes.empty() ||
             SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
    }

    /// The end says so, by close_notify; without this the connection is cut.
    void end_properly() { SSL_shutdown(ssl_); }
    void reset_at_end() { below_.reset_at_end(); }

   private:
    RawServer::Connection& below_;
    SSL* ssl_;
  };

  using Serve = std::function<void(Connection&)>;

  TlsServer(const Identity& identity, const Options& options, Serve serve)
      : context_(SSL_CTX_new(TLS_server_method())),
        serve_(std::move(serve)),
        server_([this](RawServer::Connection& below) { run(below); }) {
    auto* context = context_.get();
    SSL_CTX_use_certificate(context, identity.certificate.get());
    SSL_CTX_use_PrivateKey(context, identity.key.get());
    if (options.max_version != 0) {
      // Debian's defaults would not even offer the old ones.
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_min_proto_version(context, 0);
      SSL_CTX_set_max_proto_version(context, options.max_version);
    }
    if (options.http2) {
      SSL_CTX_set_alpn_select_cb(context, &choose_http2, nullptr);
    }
  }

  TlsServer(const Identity& identity, std::string answer)
      : TlsServer(identity, {}, [answer](Connection& connection) {
          connection.read_request();
          connection.send(answer);
          connection.end_properly();
        }) {}

  int port() const { return server_.port(); }
  std::string url(const std::string& path = "/",
                  const std::string& host = "127.0.0.1") const {
    return "https://" + host + ":" + std::to_string(port()) + path;
  }

  int connections() const { return server_.connections(); }  ///< of TCP
  std::vector<std::string> requests() const { return server_.requests(); }

 private:
  struct ContextDeleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  static int choose_http2(SSL*, const unsigned char** out,
                          unsigned char* length, const unsigned char*,
                          unsigned int, void*) {
    static constexpr unsigned char name[] = {'h', '2'};
    *out = name;
    *length = sizeof name;
    return SSL_TLSEXT_ERR_OK;
  }

  void run(RawServer::Connection& below) {
    // OpenSSL writes without MSG_NOSIGNAL. For this thread alone: the client
    // has to look after itself.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    const std::unique_ptr<SSL, SslDeleter> ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), below.fd());
    if (SSL_accept(ssl.get()) == 1) {
      Connection connection(below, ssl.get());
      serve_(connection);
    }
  }

  std::unique_ptr<SSL_CTX, ContextDeleter> context_;
  Serve serve_;
  RawServer server_;
};

}  // namespace strandline::test
