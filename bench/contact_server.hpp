// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

namespace strandline::bench {

/// A CRM contact of about 600 bytes, as JSON; `id` from 1.
std::string contact(int id);

/// Serves a list of contacts at every path, paged by token, on a free port of
/// 127.0.0.1, in a process of its own, which ends with this object. Each answer
/// takes `latency`, several at once. The pages
/// are ready when the constructor returns, and take no memory in this process:
/// a child's peak would begin with it.
class ContactServer {
 public:
  ContactServer(int records, int page_size,
                std::chrono::milliseconds latency = {});
  ~ContactServer();
  ContactServer(const ContactServer&) = delete;
  ContactServer& operator=(const ContactServer&) = delete;

  int port() const { return port_; }

 private:
  int port_ = 0;
  int pid_ = 0;
};

}  // namespace strandline::bench
