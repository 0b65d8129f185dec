// SPDX-License-Identifier: MIT
#include "recording/redaction.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "http/base64.hpp"
#include "model/instant.hpp"

namespace strandline::recording {
namespace {

using Json = nlohmann::ordered_json;

/// Goes through a document: first to see what numbers are taken, then to find
/// all secrets, then to replace them.
enum class Stage { survey, collect, replace };

std::string text_or_empty(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

Json* member(Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// `https://h.example:8080` of a URL, as it is written.
std::string_view origin_of(std::string_view url) {
  const auto sign = url.find("://");
  if (sign == url.npos) {
    return {};
  }
  auto origin = url.substr(0, url.find_first_of("/?#", sign + 3));
  const auto at = origin.rfind('@');
  return at == origin.npos ? origin : origin.substr(at + 1);
}

// True for what holds no text: times and sizes.
bool only_numbers(const Json& json) {
  return json.is_number() || json.is_boolean() || json.is_null() ||
         (json.is_structured() &&
          std::ranges::all_of(
              json, [](const Json& value) { return value.is_number(); }));
}

class Walk {
 public:
  Walk(StandIns& stand_ins, bool scrub, Stage stage)
      : stand_ins_(stand_ins), sanitizer_(stand_ins, scrub), stage_(stage) {}

  void document(Json& document) {
    for (auto& [name, value] : document.items()) {
      if (name == "log" && value.is_object()) {
        log(value);
      } else {
        any(value);
      }
    }
  }

  const Replaced& replaced() const { return sanitizer_.replaced(); }

 private:
  // Puts what `change` makes of `json`, a text, in its place.
  template <typename Change>
  void edit(Json& json, const Change& change) {
    const auto& text = json.get_ref<const std::string&>();
    if (stage_ == Stage::survey) {
      stand_ins_.keep_clear_of(text);
      return;
    }
    auto changed = change(text);
    if (stage_ == Stage::replace && changed != text) {
      json = std::move(changed);
    }
  }

  // What has no rule of its own.
  void any(Json& json) {
    if (json.is_string()) {
      edit(json, [&](const auto& text) {
        return model::parse_rfc3339(text) ? text : sanitizer_.body(text, "");
      });
    } else if (!only_numbers(json)) {
      Json text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
      const auto before = text;
      edit(text, [&](const auto& all) { return sanitizer_.json(all); });
      if (text != before) {
        json = Json::parse(text.get_ref<const std::string&>());
      }
    }
  }

  // What we wrote ourselves: its names and words are no secrets, even if one is
  // as short as a part of them.
  void ours(Json& json) {
    for (auto& [name, value] : json.items()) {
      if (value.is_structured()) {
        ours(value);
      } else if (name != "mode" && name != "integer") {
        any(value);
      }
    }
  }

  void log(Json& log) {
    for (auto& [name, value] : log.items()) {
      if (name == "_strandline" && value.is_object()) {
        ours(value);
        continue;
      }
      if (name != "entries" || !value.is_array()) {
        any(value);
        continue;
      }
      for (auto& each : value) {
        entry(each);
      }
    }
  }

  void entry(Json& entry) {
    if (!entry.is_object()) {
      any(entry);
      return;
    }
    for (auto& [name, value] : entry.items()) {
      if (name == "request" && value.is_object()) {
        request(value);
      } else if (name == "response" && value.is_object()) {
        response(value);
      } else if (name == "_strandline" && value.is_object()) {
        ours(value);
      } else {
        any(value);
      }
    }
  }

  void request(Json& request) {
    for (auto& [name, value] : request.items()) {
      if (name == "url" && value.is_string()) {
        stand_ins_.spare(
            std::string(origin_of(value.get_ref<const std::string&>())));
        url(value);
      } else if (name == "queryString") {
        fields(value, FieldPlace::query);
      } else if (name == "postData" && value.is_object()) {
        const auto size = post_data(value);
        set_size(request, "bodySize", size);
      } else {
        message(name, value);
      }
    }
  }

  void response(Json& response) {
    for (auto& [name, value] : response.items()) {
      if (name == "redirectURL" && value.is_string()) {
        url(value);
      } else if (name == "content" && value.is_object()) {
        const auto size = body(value, "encoding");
        set_size(value, "size", size);
      } else {
        message(name, value);
      }
    }
  }

  // What requests and answers have.
  void message(const std::string& name, Json& value) {
    if (name == "headers") {
      headers(value);
    } else if (name == "cookies") {
      cookies(value);
    } else {
      any(value);
    }
  }

  void url(Json& json) {
    edit(json, [&](const auto& text) { return sanitizer_.url(text); });
  }

  // Goes through a list of {name, value, …} or [name, value]; `change` makes
  // the new value.
  template <typename Change>
  void pairs(Json& list, const Change& change) {
    if (!list.is_array()) {
      any(list);
      return;
    }
    for (auto& item : list) {
      if (item.is_array() && item.size() == 2 && item[0].is_string() &&
          item[1].is_string()) {
        const auto name = item[0].get<std::string>();
        edit(item[1], [&](const auto& text) { return change(name, text); });
      } else if (item.is_object()) {
        pair(item, change);
      } else {
        any(item);
      }
    }
  }

  template <typename Change>
  void pair(Json& item, const Change& change) {
    const auto of = text_or_empty(item, "name");
    for (auto& [name, value] : item.items()) {
      if (name == "value" && value.is_string()) {
        edit(value, [&](const auto& text) { return change(of, text); });
      } else {
        any(value);
      }
    }
  }

  void headers(Json& list) {
    pairs(list, [&](const auto& name, const auto& value) {
      return sanitizer_.header(name, value);
    });
  }

  void cookies(Json& list) {
    pairs(list, [&](const auto& /*name*/, const auto& value) {
      return sanitizer_.cookie(value);
    });
  }

  void fields(Json& list, FieldPlace place) {
    pairs(list, [&](const auto& name, const auto& value) {
      return sanitizer_.field(name, value, place);
    });
  }

  // Returns the new size of the body, if it has another text now.
  std::optional<std::size_t> post_data(Json& data) {
    if (auto* parameters = member(data, "params")) {
      fields(*parameters, FieldPlace::form);
    }
    auto* ours = member(data, "_strandline");
    const bool encoded = ours != nullptr && ours->is_object() &&
                         text_or_empty(*ours, "encoding") == "base64";
    return body(data, encoded ? nullptr : "");
  }

  // `encoding` names the member that says base64; empty: it is not; null: it
  // is.
  std::optional<std::size_t> body(Json& content, const char* encoding) {
    const bool encoded =
        encoding == nullptr || text_or_empty(content, encoding) == "base64";
    const auto type = text_or_empty(content, "mimeType");
    std::optional<std::size_t> size;
    for (auto& [name, value] : content.items()) {
      if (name == "text" && value.is_string()) {
        size = encoded ? base64(value, type) : text(value, type);
      } else if (name != "params") {
        any(value);
      }
    }
    return size;
  }

  std::optional<std::size_t> text(Json& json, const std::string& type) {
    const auto before = json.get_ref<const std::string&>().size();
    edit(json, [&](const auto& text) { return sanitizer_.body(text, type); });
    const auto after = json.get_ref<const std::string&>().size();
    return before == after ? std::nullopt : std::optional(after);
  }

  std::optional<std::size_t> base64(Json& json, const std::string& type) {
    const auto bytes = http::base64_decode(json.get_ref<const std::string&>());
    if (!bytes) {
      return text(json, type);
    }
    Json decoded = *bytes;
    const auto size = text(decoded, type);
    if (decoded != *bytes) {
      json = http::base64_encode(decoded.get_ref<const std::string&>());
    }
    return size;
  }

  static void set_size(Json& object, const char* name,
                       std::optional<std::size_t> size) {
    auto* found = member(object, name);
    if (size && found != nullptr && found->is_number() && *found >= 0) {
      *found = *size;
    }
  }

  StandIns& stand_ins_;
  Sanitizer sanitizer_;
  Stage stage_;
};

void note(Json& log, bool scrub) {
  auto& ours = log["_strandline"];
  if (!ours.is_object()) {
    ours = {{"version", 1}};
  }
  ours["redacted"] = true;
  ours["scrubbed"] = scrub || ours.value("scrubbed", Json(false)) == true;
}

}  // namespace

Redaction::Redaction(const http::Redactor* known, bool scrub)
    : stand_ins_(StandIns::Mode::numbered, known), scrub_(scrub) {}

Replaced Redaction::apply(Json& document) {
  Walk(stand_ins_, scrub_, Stage::survey).document(document);
  // Nothing is replaced yet: it would only take time.
  stand_ins_.hide(false);
  Walk(stand_ins_, scrub_, Stage::collect).document(document);
  stand_ins_.hide(true);
  Walk walk(stand_ins_, scrub_, Stage::replace);
  walk.document(document);
  if (const auto log = document.find("log");
      log != document.end() && log->is_object()) {
    note(*log, scrub_);
  }
  return walk.replaced();
}

}  // namespace strandline::recording
