#include "tristrata/notification/wording.hpp"

#include "tristrata/core/printable.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <functional>

namespace tristrata::notification {
namespace {

using core::ErrorKind;
using core::fail;

/// Of a label or, where there is none of that name, an annotation.
std::string value_of(const Alert& alert, std::string_view name) {
    if (name == "status") return alert.ends_at ? "resolved" : "firing";
    if (name == "starts_at") return core::to_string(alert.starts_at);
    if (name == "ends_at") return alert.ends_at ? core::to_string(*alert.ends_at) : std::string();
    if (name == "generator_url") return alert.generator_url;
    const auto label = alert.label(name);
    return std::string(label.empty() ? alert.annotation(name) : label);
}

/// The template with each placeholder replaced; an error in words where it is none.
core::Result<std::string> filled(std::string_view wording,
                                 const std::function<core::Result<std::string>(std::string_view)>& value) {
    std::string text;
    while (!wording.empty()) {
        const auto brace = wording.find_first_of("{}");
        text += wording.substr(0, brace);
        if (brace == std::string_view::npos) break;
        wording.remove_prefix(brace);
        if (wording.size() > 1 && wording[1] == wording[0]) {
            text += wording[0];
            wording.remove_prefix(2);
            continue;
        }
        const auto end = wording.find('}');
        if (wording[0] == '}' || end == std::string_view::npos)
            return fail(ErrorKind::configuration,
                        fmt::format("{} has no partner; a brace itself is written {{{{ or }}}}",
                                    core::quoted(wording, 20)));
        auto found = value(wording.substr(1, end - 1));
        if (!found) return propagate(found);
        text += *found;
        wording.remove_prefix(end + 1);
    }
    return text;
}

core::Result<std::string> known(std::string_view name) {
    const auto& all = placeholders();
    if (std::ranges::find(all, name) != all.end()) return std::string();
    const auto near = core::nearest(name, all);
    return fail(ErrorKind::configuration,
                fmt::format("there is no placeholder {}; {}", core::quoted(name),
                            near.empty() ? fmt::format("expected one of {}", fmt::join(all, ", "))
                                         : fmt::format("did you mean {{{}}}?", near)));
}

/// Only a description has lines of its own, and only in a text: whatever else is named stays in its line.
std::string of_alert(std::string_view wording, const Alert& alert, bool has_lines) {
    const auto shown = [&](std::string_view name) -> core::Result<std::string> {
        const std::string value = value_of(alert, name);
        return has_lines && name == "description" ? core::printable_lines(value) : core::printable(value);
    };
    // What of() has let in is whole.
    return filled(wording, shown).value_or(std::string(wording));
}

}  // namespace

const std::vector<std::string>& placeholders() {
    static const std::vector<std::string> all{"alertname",   "description",   "drift_type",  "ends_at",
                                              "environment", "generator_url", "incident_id", "module",
                                              "owner",       "route",         "runbook_url", "severity",
                                              "starts_at",   "status",        "summary"};
    return all;
}

core::Result<Wording> Wording::of(const config::Settings& settings) {
    Wording wording;
    auto section = settings.section("notification");
    if (!section) return wording;
    for (const auto& [key, part] : {std::pair{"title", &wording.title_}, {"text", &wording.text_}}) {
        auto given = section->text(key);
        if (!given) return propagate(given);
        if (!*given) continue;
        if (auto whole = filled(**given, known); !whole)
            return fail(ErrorKind::configuration,
                        fmt::format("{}: {}", section->where(key), whole.error().message));
        *part = std::move(**given);
    }
    if (auto status = section->finish(); !status) return propagate(status);
    return wording;
}

std::string Wording::title(const Alert& alert) const { return of_alert(title_, alert, false); }
std::string Wording::text(const Alert& alert) const { return of_alert(text_, alert, true); }

}  // namespace tristrata::notification
