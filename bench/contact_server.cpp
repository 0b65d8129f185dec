// SPDX-License-Identifier: MIT
#include "contact_server.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

namespace strandline::bench {

std::string contact(int id) {
  return fmt::format(
      R"({{"id":"{0}","email":"person{0}@example.com","first_name":"Ada{1}",)"
      R"("last_name":"Byron{0}","phone":"+1 555 {0:07}","company":"Acme {1} Ltd",)"
      R"("job_title":"Head of things number {1}","city":"Springfield",)"
      R"("country":"GB","street":"{1} Analytical Engine Road","zip":"SW1A {1}AA",)"
      R"("lifecycle_stage":"opportunity","owner_id":{1},"score":{2:.2f},)"
      R"("subscribed":{3},"visits":{0},"note":null,)"
      R"("created_at":"2023-05-04T10:11:12.123Z",)"
      R"("updated_at":"2024-{4:02}-{5:02}T{6:02}:{7:02}:{8:02}.000Z",)"
      R"("address":{{"line1":"{1} Road","line2":null,"geo":[51.5,-0.1]}},)"
      R"("tags":["alpha","beta"]}})",
      id, id % 97, id * 0.5, id % 2 == 0 ? "true" : "false",
      1 + id / 40'000 % 12, 1 + id / 2'000 % 20, id / 86 % 24, id / 3 % 60,
      id % 60);
}

namespace {

std::vector<std::string> pages(int records, int page_size) {
  std::vector<std::string> bodies;
  for (int id = 1; id <= records;) {
    std::string body = "{\"data\":[";
    for (int i = 0; i < page_size && id <= records; ++i, ++id) {
      body += (i == 0 ? "" : ",") + contact(id);
    }
    body += "],\"meta\":{\"next\":";
    body += id <= records ? fmt::format("\"{}\"", bodies.size() + 1) : "null";
    bodies.push_back(body + "}}");
  }
  return bodies;
}

[[noreturn]] void serve(httplib::Server& server, int records, int page_size,
                        std::chrono::milliseconds latency, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto bodies = pages(records, page_size);
  server.Get(R"(/\w+)", [&](const auto& request, auto& response) {
    if (latency.count() > 0) {
      std::this_thread::sleep_for(latency);
    }
    const auto after = request.get_param_value("after");
    response.set_header("Date", "Mon, 02 Nov 2026 12:00:00 GMT");
    response.set_content(bodies.at(after.empty() ? 0 : std::stoul(after)),
                         "application/json");
  });
  close(ready);
  server.listen_after_bind();
  _exit(0);
}

}  // namespace

ContactServer::ContactServer(int records, int page_size,
                             std::chrono::milliseconds latency) {
  httplib::Server server;
  server.set_keep_alive_max_count(1'000'000);
  server.set_tcp_nodelay(true);
  port_ = server.bind_to_any_port("127.0.0.1");
  std::array<int, 2> ready{};
  if (pipe(ready.data()) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  pid_ = fork();
  if (pid_ < 0) {
    throw std::runtime_error("cannot fork");
  }
  if (pid_ == 0) {
    close(ready[0]);
    serve(server, records, page_size, latency, ready[1]);
  }
  close(ready[1]);
  char none = 0;
  while (read(ready[0], &none, 1) > 0) {
  }
  close(ready[0]);
}

ContactServer::~ContactServer() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

}  // namespace strandline::bench
