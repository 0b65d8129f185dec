// SPDX-License-Identifier: MIT
#include "config/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "config/kind.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

void refuse(const Table& table, const Entry& entry, std::string message,
            std::vector<Note> notes = {}) {
  auto& context = table.context();
  context.refused.insert(entry.node);
  context.reporter.problem(entry.place, std::move(message), std::move(notes));
}

// "a, b, or c"
std::string joined(const std::vector<std::string>& texts,
                   std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) {
      text += texts.size() > 2 ? ", " : " ";
      text += i + 1 == texts.size() ? fmt::format("{} ", last) : "";
    }
    text += texts[i];
  }
  return text;
}

std::string valid_in(const std::vector<Section>& sections, Section not_in) {
  if (sections == std::vector{Section::top} && not_in == Section::connector) {
    return "; it belongs in a user's file";
  }
  std::vector<std::string> headings;
  headings.reserve(sections.size());
  for (const auto section : sections) {
    headings.emplace_back(heading(section));
  }
  const bool only_top = sections == std::vector{Section::top} ||
                        sections == std::vector{Section::connector};
  return fmt::format("; valid {} {}", only_top ? "at" : "in",
                     joined(headings, "and"));
}

// A key after the heading of a sub-table belongs to the sub-table: the
// commonest surprise of TOML.
std::vector<Note> notes_on_place(const Table& table, std::string_view key,
                                 const std::vector<Section>& valid) {
  const auto has = [&](Section section) {
    return std::find(valid.begin(), valid.end(), section) != valid.end();
  };
  const bool in_stream =
      table.section() == Section::cursor || table.section() == Section::page;
  if (table.is_inline() || table.section() == Section::top ||
      !(has(Section::top) || (in_stream && has(Section::stream)))) {
    return {};
  }
  return {{"try",
           fmt::format("move {} above the heading {} on line {}: what follows "
                       "that belongs to it",
                       in_quotes(key), table.heading(), table.place().line)}};
}

void refuse_unknown(const Table& table, Entry entry) {
  auto message =
      fmt::format("unknown key {} {}", in_quotes(entry.name), table.where());
  const auto valid = sections_with(entry.name);
  if (!valid.empty()) {
    message += valid_in(valid, table.section());
  }
  auto names = names_in(table.section());
  const auto options = table.settable();
  names.insert(names.end(), options.begin(), options.end());
  const auto meant = model::nearest(entry.name, names);
  if (meant) {
    message += fmt::format("; did you mean {}?", in_quotes(*meant));
    table.excuse(*meant);
  } else {
    // It may be a secret under a name that nobody knows.
    entry.place.sealed = true;
  }
  refuse(table, entry, std::move(message),
         notes_on_place(table, entry.name, valid));
}

void refuse_later(const Table& table, const Entry& entry,
                  std::string_view what = {}) {
  const auto as = what.empty() ? "" : fmt::format("{} as ", what);
  refuse(table, entry,
         fmt::format("{}{} {} is not supported yet", as, in_quotes(entry.name),
                     table.where()));
}

std::string word_list(const KeyRule& rule) {
  std::vector<std::string> words;
  for (const auto& word : rule.values.words) {
    if (word.support == Support::now) {
      words.push_back(fmt::format("\"{}\"", word.text));
    }
  }
  return joined(words, "or");
}

std::string name_of(Kind kind, const KeyRule& rule) {
  if (kind == Kind::word) {
    return word_list(rule);
  }
  return kind == Kind::table && rule.values.members == Section::hash
             ? "a table such as { hash = \"*\" }"
             : std::string(description(kind));
}

std::string kind_list(const KeyRule& rule) {
  std::vector<std::string> kinds;
  for (const auto kind : all_kinds()) {
    // An integer is a number.
    const bool said =
        kind == Kind::integer && rule.values.kinds.has(Kind::real);
    if (rule.values.kinds.has(kind) && !said) {
      kinds.push_back(name_of(kind, rule));
    }
  }
  return joined(kinds, "or");
}

void refuse_plain_secret(const Table& table, const Entry& entry) {
  refuse(table, entry,
         fmt::format("{} {} must not be the secret itself; write "
                     "{{ env = \"NAME\" }} or {{ file = \"PATH\" }}",
                     in_quotes(entry.name), table.where()));
}

void refuse_kind(const Table& table, const Entry& entry, const KeyRule& rule) {
  if (rule.values.kinds == Kinds(Kind::secret)) {
    refuse_plain_secret(table, entry);
    return;
  }
  std::vector<Note> notes;
  if (entry.node->is_array_of_tables()) {
    notes.push_back({"try", "write its heading with single brackets"});
  }
  refuse(table, entry,
         fmt::format("{} {} must be {}", in_quotes(entry.name), table.where(),
                     kind_list(rule)),
         std::move(notes));
}

void check_word(const Table& table, const Entry& entry, const KeyRule& rule) {
  const auto text = entry.node->value_or(std::string());
  std::vector<std::string_view> words;
  for (const auto& word : rule.values.words) {
    if (word.text == text) {
      if (word.support == Support::later) {
        refuse_later(table, entry, fmt::format("\"{}\"", word.text));
      }
      return;
    }
    words.push_back(word.text);
  }
  // The value itself is not repeated: it may be a token in the wrong place.
  const bool or_paths = rule.values.kinds.has(Kind::paths);
  const auto meant = or_paths ? std::nullopt : model::nearest(text, words);
  std::vector<Note> notes;
  if (rule.values.kinds.has(Kind::pattern)) {
    notes.push_back({"try",
                     "a pattern of %Y %m %d %H %M %S %z, such as "
                     "\"%d.%m.%Y %H:%M\""});
  }
  refuse(table, entry,
         fmt::format("{} {} must be {}{}", in_quotes(entry.name), table.where(),
                     or_paths ? kind_list(rule) : word_list(rule),
                     meant ? fmt::format("; did you mean \"{}\"?", *meant)
                           : std::string()),
         std::move(notes));
}

void check_elements(const Table& table, const Entry& entry, const KeyRule& rule,
                    Kind kind) {
  for (const auto& element : *entry.node->as_array()) {
    if (!fits_element(element, kind)) {
      refuse(table, entry,
             fmt::format("{} {} must be {}", in_quotes(entry.name),
                         table.where(), kind_list(rule)));
      return;
    }
  }
}

void check_table(const Table& table);

// What a source or stream says of an option is like its default.
KeyRule option_rule(std::string_view name) {
  auto rule = *find_rule(Section::option, "default");
  rule.name = name;
  return rule;
}

void check_value(const Table& table, const Entry& entry, const KeyRule& rule) {
  const auto kind = kind_of(*entry.node, rule.values);
  if (!kind) {
    refuse_kind(table, entry, rule);
  } else if (rule.values.later.has(*kind)) {
    refuse_later(table, entry, description(*kind));
  } else if (*kind == Kind::word) {
    check_word(table, entry, rule);
  } else if (*kind == Kind::table) {
    check_table(Table(table, entry, rule.values.members));
  } else if (*kind == Kind::secret) {
    check_table(Table(table, entry, Section::secret));
  } else if (entry.node->is_array()) {
    check_elements(table, entry, rule, *kind);
  }
}

void check_table(const Table& table) {
  for (const auto& entry : table.all_entries()) {
    const auto* const rule = find_rule(table.section(), entry.name);
    if (rule == nullptr && table.may_set(entry.name)) {
      check_value(table, entry, option_rule(entry.name));
    } else if (rule == nullptr) {
      refuse_unknown(table, entry);
    } else if (rule->support == Support::later) {
      refuse_later(table, entry);
    } else {
      check_value(table, entry, *rule);
    }
  }
}

}  // namespace

void check_keys(const Table& document) {
  check_table(document);
  check_required(document);
}

void check_required(const Table& table) {
  for (const auto& rule : key_rules()) {
    if (rule.section != table.section() || rule.default_text != required ||
        rule.name == any_name) {
      continue;
    }
    if (rule.values.kinds == Kinds(Kind::table)) {
      continue;  // that there are sources and streams, `load` sees to
    }
    table.require(rule.name);
  }
}

}  // namespace strandline::config
