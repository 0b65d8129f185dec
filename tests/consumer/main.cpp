// SPDX-License-Identifier: MIT
//
// A program that embeds the library: it is built against what is installed,
// with the flags of its pkg-config file. Its argument is the folder of a demo.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <strandline/sync.hpp>
#include <strandline/version.hpp>
#include <string>

namespace {

void expect(bool truth, const char* what) {
  if (!truth) {
    std::cerr << "not so: " << what << '\n';
    std::exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  expect(argc == 2, "one argument");
  const std::filesystem::path folder = argv[1];

  const auto states = strandline::read_status(folder / "strandline.toml");
  expect(!states.empty(), "the demo has streams");
  for (const auto& state : states) {
    expect(state.rows > 0, "each stream of the demo has rows");
  }

  strandline::SyncOptions options;
  options.config = folder / "missing.toml";
  const auto summary = strandline::run_sync(options);
  expect(summary.exit_code == strandline::ExitCode::no_input,
         "a sync without a configuration is a failure as a value");
  try {
    strandline::read_status(options.config);
    expect(false, "a status without a configuration throws");
  } catch (const strandline::Error& error) {
    expect(error.code() == strandline::ExitCode::no_input,
           "an exception of the library is caught by its type");
  }
  std::cout << "built against strandline " << strandline::version << '\n';
}
