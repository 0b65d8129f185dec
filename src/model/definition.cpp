// SPDX-License-Identifier: MIT
#include "model/definition.hpp"

#include <stdexcept>

namespace strandline::model {

const SourceDefinition& Configuration::source(const std::string& name) const {
  for (const auto& source : sources) {
    if (source.name == name) {
      return source;
    }
  }
  throw std::out_of_range("no source " + name);
}

}  // namespace strandline::model
