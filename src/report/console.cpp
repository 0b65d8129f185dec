// SPDX-License-Identifier: MIT
#include "report/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "model/text.hpp"
#include "report/text.hpp"

namespace strandline::report {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds redraw{200};
constexpr std::chrono::seconds heartbeat{60};
constexpr std::chrono::seconds long_wait{10};

// A wait is planned, not measured: tenths of a second would be a pretence.
std::string rounded(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time);
  return seconds.count() < 60 ? fmt::format("{} s", seconds.count())
                              : duration(seconds);
}

// systemd names the stream that leads to the journal by device and inode.
bool leads_to_journal() {
  const char* named = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  return named != nullptr && fstat(STDERR_FILENO, &status) == 0 &&
         fmt::format("{}:{}", status.st_dev, status.st_ino) == named;
}

// Columns of the terminal. A line that is longer would be drawn below itself.
std::size_t width() {
  constexpr std::size_t usual = 80;
  winsize size{};
  const bool known =
      ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? std::max<std::size_t>(size.ws_col, 20) : usual;
}

}  // namespace

Console::Console(Detail detail)
    : detail_(detail),
      terminal_(isatty(STDERR_FILENO) == 1),
      journal_(leads_to_journal()),
      next_(steady_clock::now() + (terminal_ ? redraw : heartbeat)) {}

Console::~Console() {
  clear();
}

void Console::progress(const Progress& progress) {
  const std::lock_guard lock(mutex_);
  streams_.take(progress);
  if (streams_.empty()) {
    clear();  // nothing of it stands before what is printed next
    return;
  }
  const auto now = steady_clock::now();
  if (detail_ == Detail::quiet || now < next_) {
    return;
  }
  next_ = now + (terminal_ ? std::chrono::milliseconds(redraw)
                           : std::chrono::milliseconds(heartbeat));
  if (!terminal_) {
    for (const auto& line : streams_.lines()) {
      write(Priority::info, line + "\n");
    }
    return;
  }
  draw(streams_.line(width() - 1));
}

void Console::waiting(const Waiting& waiting) {
  if (detail_ == Detail::quiet) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const auto line = fmt::format("{}: waiting {}: {}", waiting.stream,
                                rounded(waiting.time), waiting.why);
  if (detail_ == Detail::verbose || waiting.time >= long_wait) {
    write(Priority::info, line + "\n");
  } else if (terminal_) {
    draw(line);
  }
}

void Console::working(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (line.empty()) {
    clear();
    return;
  }
  const auto now = steady_clock::now();
  if (terminal_ && detail_ != Detail::quiet && now >= next_) {
    next_ = now + redraw;
    draw(line);
  }
}

void Console::info(const std::string& line) {
  if (detail_ == Detail::verbose) {
    const std::lock_guard lock(mutex_);
    write(Priority::info, line + "\n");
  }
}

void Console::warning(const std::string& line) {
  if (detail_ != Detail::quiet) {
    const std::lock_guard lock(mutex_);
    write(Priority::warning, "warning: " + line + "\n");
  }
}

void Console::error(const Failure& failure, const std::string& stream) {
  const std::lock_guard lock(mutex_);
  write(Priority::error, text(failure, stream));
}

// A line that is longer than the terminal is wide would stay in part when it
// is drawn anew.
void Console::draw(const std::string& line) {
  std::cerr << "\r\033[K" << model::printable(line, width() - 2) << std::flush;
  drawn_ = true;
}

void Console::write(Priority priority, const std::string& lines) {
  clear();
  if (!journal_) {
    std::cerr << lines << std::flush;
    return;
  }
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    std::cerr << '<' << static_cast<int>(priority) << '>' << line << '\n';
  }
  std::cerr << std::flush;
}

void Console::clear() {
  if (drawn_) {
    std::cerr << "\r\033[K" << std::flush;
    drawn_ = false;
  }
}

}  // namespace strandline::report
