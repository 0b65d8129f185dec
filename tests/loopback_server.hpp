// SPDX-License-Identifier: MIT
#pragma once

#include <httplib.h>

#include <stdexcept>
#include <string>
#include <thread>

namespace strandline::test {

/// An HTTP server on 127.0.0.1 with a port of its own, for the length of a
/// test: add routes to `routes()`, then `start()`.
class LoopbackServer {
 public:
  LoopbackServer() {
    server_.set_keep_alive_max_count(1000);
    // Head and body are two writes: the second would wait for the first's
    // acknowledgement.
    server_.set_tcp_nodelay(true);
    port_ = server_.bind_to_any_port("127.0.0.1");
    if (port_ < 0) throw std::runtime_error("cannot listen on 127.0.0.1");
  }
  ~LoopbackServer() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  httplib::Server& routes() { return server_; }

  void start() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() of a server that does not run yet is lost.
    while (!server_.is_running()) std::this_thread::yield();
  }

  int port() const { return port_; }
  std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  httplib::Server server_;
  int port_ = -1;
  std::thread thread_;
};

}  // namespace strandline::test
