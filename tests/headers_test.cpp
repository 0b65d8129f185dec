// SPDX-License-Identifier: MIT
//
// Built once for each public header, which comes before anything else: it
// compiles if the header stands alone and shows none of the libraries behind
// it.
#include STRANDLINE_HEADER

#if defined(CLI11_VERSION) || defined(FMT_VERSION) ||                   \
    defined(LIBCURL_VERSION) || defined(NLOHMANN_JSON_VERSION_MAJOR) || \
    defined(SIMDJSON_VERSION) || defined(SQLITECPP_VERSION) ||          \
    defined(SQLITE_VERSION) || defined(TOML_LIB_MAJOR)
#error "a public header shows a library that stands behind it"
#endif

int main() {}
