// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "model/definition.hpp"

namespace strandline::config {

/// How long a command may take that prints a secret.
struct Patience {
  std::chrono::milliseconds longest{30'000};
  /// Not 0, but the number of a signal, when the program is to stop. May be
  /// null.
  const std::atomic<int>* stop = nullptr;
  /// When the program has to be done.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
};

/// Returns the secret that `reference` points to, without the line end that
/// editors and commands put behind it. Throws Error: with `ExitCode::no_input`
/// if it is missing or empty or the command failed, with
/// `ExitCode::configuration` if it has a control character, with
/// `ExitCode::interrupted` or `terminated` if `patience` was told to stop, with
/// `ExitCode::temporary` at its deadline. The message names the place, never
/// the secret. Not to be called while another thread changes the environment.
std::string resolve(const model::SecretReference& reference,
                    const Patience& patience = {});

/// Returns what to warn of if `reference` is a file that others than its owner
/// may read.
std::optional<std::string> permission_warning(
    const model::SecretReference& reference);

/// Returns what `permission_warning` says of all secrets of a configuration,
/// each once.
std::vector<std::string> permission_warnings(
    const model::Configuration& configuration);

}  // namespace strandline::config
