// SPDX-License-Identifier: MIT
#include "config/key_table.hpp"

#include <array>

namespace strandline::config {
namespace {

using K = Kind;
using S = Section;

constexpr auto now = Support::now;
constexpr auto later = Support::later;

constexpr Word journal_words[] = {{"wal"}, {"rollback"}};
constexpr Word auth_words[] = {{"none"},  {"bearer"}, {"header"},
                               {"query"}, {"basic"},  {"oauth2"}};
constexpr Word utf8_words[] = {{"refuse"}, {"replace"}};

constexpr auto rules = std::to_array<KeyRule>({
    {S::top, "database", of(K::file), now, required,
     "The SQLite file that is kept in step"},
    {S::top, "journal", one_of(journal_words), now, "\"wal\"",
     "How SQLite protects a transaction; \"rollback\" suits files that other "
     "Unix users read"},
    {S::top, "parallel", of(K::integer), now, "2",
     "How many streams are read at the same time, 1 to 32"},
    {S::top, "keep_runs", of(K::duration), now, "\"90d\"",
     "Age at which finished runs and resolved rejects leave the history"},
    {S::top, "source", table_of(S::sources), now, required,
     "The sources, each as [source.NAME]"},
    {S::top, "stream", table_of(S::streams), now, required,
     "The streams, each as [stream.NAME]"},

    {S::connector, "title", of(K::text), now, required,
     "What the service is called"},
    {S::connector, "source", table_of(S::source), now, required,
     "The API, without secrets"},
    {S::connector, "option", table_of(S::options), now, "none",
     "What its users fill in, each as [option.NAME]"},
    {S::connector, "stream", table_of(S::streams), now, required,
     "What there is to read, each as [stream.NAME]"},

    {S::sources, any_name, table_of(S::source), now, required,
     "An API, its address and its credentials"},
    {S::options, any_name, table_of(S::option), now, "none",
     "Something that users of a connector fill in"},
    {S::streams, any_name, table_of(S::stream), now, required,
     "One kind of record, loaded into the table of this name"},

    {S::source, "connector", of(K::name), now, "none",
     "A ready-made description that this source completes"},
    {S::source, "base_url", of(K::text), now, required,
     "Address that the paths of all requests are appended to; https, or http "
     "to this machine"},
    {S::source, "allow_http", of(K::boolean), now, "false",
     "Lets requests go unencrypted to other machines"},
    {S::source, "auth", one_of(auth_words), now, "\"none\"",
     "How a request shows that it may"},
    {S::source, "token", of(K::secret), now,
     "required for bearer, header and query",
     "The token, or the password of \"basic\""},
    {S::source, "user", of(K::text | K::secret), now, "required for basic",
     "The user's name for \"basic\""},
    {S::source, "header", of(K::name), now, "\"Authorization\"",
     "The header in which the token travels"},
    {S::source, "prefix", of(K::text), now,
     "\"Bearer \" for bearer and oauth2, else none",
     "Text that precedes the token in its header"},
    {S::source, "param", of(K::name), now, "required for query",
     "The query parameter in which the token travels"},
    {S::source, "token_url", of(K::text), now, "required for oauth2",
     "Where OAuth2 hands out access tokens"},
    {S::source, "client_id", of(K::text | K::secret), now,
     "required for oauth2", "The OAuth2 client's name"},
    {S::source, "client_secret", of(K::secret), now, "none",
     "The OAuth2 client's secret"},
    {S::source, "refresh_token", of(K::secret), now, "none",
     "Token that renews access; without it the client's own credentials do"},
    {S::source, "scope", of(K::text), now, "none",
     "The permissions that an OAuth2 token is asked for"},
    {S::source, "headers", table_of(S::headers), now, "{}",
     "Headers of every request to this source"},
    {S::source, "rate", of(K::rate), now, "none",
     "Ceiling on the requests of all streams together"},
    {S::source, "error", of(K::path), now, "none",
     "A place in the answer whose being filled means failure"},
    {S::source, "timeout", of(K::duration), now, "\"60s\"",
     "How long a connection may be silent; a whole answer may take ten times "
     "as long"},
    {S::source, "max_body", of(K::size), now, "\"64MiB\"",
     "An answer larger than this, once decoded, is refused"},
    {S::source, "proxy", of(K::text), now, "none",
     "The proxy that requests go through"},
    {S::source, "ca", of(K::file), now, "the system's",
     "Certificates to trust in place of the system's"},
    {S::source, "origins", of(K::texts), now, "[]",
     "Further origins that links and redirects may lead to, without "
     "credentials"},
    {S::source, "invalid_utf8", one_of(utf8_words), later, "\"refuse\"",
     "What happens to an answer with bytes that are not UTF-8"},

    {S::secret, "env", of(K::name), now, "one of the four",
     "The environment variable that holds the secret"},
    {S::secret, "file", of(K::file), now, "one of the four",
     "The file that holds the secret and nothing else"},
    {S::secret, "credential", of(K::name), now, "one of the four",
     "The systemd credential that holds the secret"},
    {S::secret, "command", of(K::texts), now, "one of the four",
     "A program and its arguments; what it prints is the secret"},

    {S::option, "default", of(K::text | K::texts), now, "none: must be set",
     "The value where neither source nor stream gives one"},
    {S::option, "help", of(K::text), now, "none",
     "A line that tells the user what to fill in"},
});

}  // namespace

std::span<const KeyRule> source_rules() {
  return rules;
}

}  // namespace strandline::config
