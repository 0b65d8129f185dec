// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace strandline::test {

/// A socket that closes itself.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {
    if (fd_ < 0) throw std::runtime_error("no socket");
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

/// A TCP server on 127.0.0.1 that says byte for byte what a test wants, for the
/// faults that an HTTP library cannot commit. Serves one connection after the
/// other.
class RawServer {
 public:
  /// The server's end of a connection, closed when `serve` returns.
  class Connection {
   public:
    Connection(int fd, RawServer& server) : socket_(fd), server_(server) {}

    /// Returns what comes up to the next empty line, or what came until the
    /// client closed or the server stops.
    std::string read_request() {
      std::string request;
      char byte = 0;
      while (!request.ends_with("\r\n\r\n") && wait_for_input() &&
             recv(socket_.fd(), &byte, 1, 0) == 1) {
        request += byte;
      }
      note(request);
      return request;
    }

    /// Adds `request` to what the server's `requests` returns.
    void note(const std::string& request) {
      const std::lock_guard lock(server_.mutex_);
      server_.requests_.push_back(request);
    }

    /// Returns `size` bytes, or what came until the client closed or the server
    /// stops.
    std::string read(std::size_t size) {
      std::string bytes;
      char byte = 0;
      while (bytes.size() < size && wait_for_input() &&
             recv(socket_.fd(), &byte, 1, 0) == 1) {
        bytes += byte;
      }
      return bytes;
    }

    int fd() const { return socket_.fd(); }

    /// Returns false once the client has closed.
    bool send(std::string_view bytes) {
      while (!bytes.empty()) {
        const auto sent =
            ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }

    /// Says nothing more until the client closes or the server stops.
    void stall() {
      char byte = 0;
      while (wait_for_input() && recv(socket_.fd(), &byte, 1, 0) == 1) {
      }
    }

    /// Makes the end a reset (RST).
    void reset_at_end() {
      const linger now{1, 0};
      setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }

   private:
    bool wait_for_input() {
      pollfd waiting{socket_.fd(), POLLIN, 0};
      while (!server_.stop_) {
        if (poll(&waiting, 1, 20) != 0) return true;
      }
      return false;
    }

    Socket socket_;
    RawServer& server_;
  };

  explicit RawServer(std::function<void(Connection&)> serve)
      : listener_(socket(AF_INET, SOCK_STREAM, 0)), serve_(std::move(serve)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_.fd(), generic, size) != 0 ||
        listen(listener_.fd(), 16) != 0 ||
        getsockname(listener_.fd(), generic, &size) != 0) {
      throw std::runtime_error("cannot listen on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }

  /// Reads a request, answers `answer` and closes.
  explicit RawServer(std::string answer)
      : RawServer([answer = std::move(answer)](Connection& connection) {
          connection.read_request();
          connection.send(answer);
        }) {}

  ~RawServer() {
    stop_ = true;
    shutdown(listener_.fd(), SHUT_RDWR);
    thread_.join();
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

  /// How many connections were taken so far.
  int connections() const { return connections_; }

  /// What `read_request` returned so far.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void run() {
    for (;;) {
      const int fd = accept(listener_.fd(), nullptr, nullptr);
      if (fd < 0) return;
      Connection connection(fd, *this);
      if (stop_) return;
      ++connections_;
      serve_(connection);
    }
  }

  Socket listener_;
  std::function<void(Connection&)> serve_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace strandline::test
