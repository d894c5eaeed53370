#include "tristrata/incident/policy.hpp"

#include "tristrata/config/module_pattern.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/calendar.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tristrata::incident {
namespace {

using config::Reader;
using core::ErrorKind;
using core::fail;

/// As many evaluations as are remembered of a metric.
constexpr std::int64_t evaluations_max = 48;
constexpr std::array link_names{"module",      "drift_type", "run_id", "report_id",
                                "incident_id", "event_id",   "from",   "to"};

core::Result<std::uint64_t> count_of(Reader& reader, std::string_view key, std::uint64_t otherwise,
                                     std::int64_t least, std::int64_t most) {
    auto value = reader.integer(key);
    if (!value) return propagate(value);
    if (!*value) return otherwise;
    if (**value < least || **value > most)
        return fail(ErrorKind::configuration, fmt::format("{}: {} is {}; expected {} to {}",
                                                          reader.where(key), key, **value, least, most));
    return static_cast<std::uint64_t>(**value);
}

core::Result<core::Duration> duration_of(Reader& reader, std::string_view key, core::Duration otherwise) {
    auto value = reader.text(key);
    if (!value) return propagate(value);
    if (!*value) return otherwise;
    auto duration = core::parse_duration(**value);
    if (!duration)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {}: {}", reader.where(key), key, duration.error().message));
    return *duration;
}

core::Result<std::optional<drift::DriftType>> type_of(Reader& reader, std::string_view key) {
    auto value = reader.text(key);
    if (!value) return propagate(value);
    if (!*value) return std::optional<drift::DriftType>();
    auto type = drift::parse_drift_type(**value);
    if (!type)
        return fail(ErrorKind::configuration, fmt::format("{}: {}", reader.where(key), type.error().message));
    return std::optional(*type);
}

/// {count = 2, of = 3}; absent: the file does not say it.
core::Result<std::optional<Evidence>> evidence_of(Reader& reader, std::string_view key, Evidence otherwise) {
    auto table = reader.table(key);
    if (!table) return propagate(table);
    if (!*table) return std::optional<Evidence>();
    auto count = count_of(**table, "count", otherwise.count, 1, evaluations_max);
    if (!count) return propagate(count);
    auto of = count_of(**table, "of", std::max(otherwise.of, *count), 1, evaluations_max);
    if (!of) return propagate(of);
    if (*count > *of)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {} asks for {} of {} evaluations, which no data could reach; expected "
                                "count <= of",
                                reader.where(key), key, *count, *of));
    return std::optional(Evidence{*count, *of});
}

core::Result<Rule> rule_from(Reader& reader, const Rule& base) {
    Rule rule = base;
    auto warn = evidence_of(reader, "open_warn", base.open_warn);
    if (!warn) return propagate(warn);
    auto crit = evidence_of(reader, "open_crit", base.open_crit);
    if (!crit) return propagate(crit);
    rule.open_warn = warn->value_or(base.open_warn);
    rule.open_crit = crit->value_or(base.open_crit);
    // An evaluation of crit is one of warn too: of those that make crit, so many lie in any window of warn's.
    const Evidence &of_warn = rule.open_warn, &of_crit = rule.open_crit;
    const std::uint64_t outside = of_crit.of > of_warn.of ? of_crit.of - of_warn.of : 0;
    const std::uint64_t seen = of_crit.count > outside ? of_crit.count - outside : 1;
    if (of_warn.count > seen)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: warn needs {} of {} evaluations and crit only {} of {}; warn stands "
                                "above crit: expected warn to open no later than crit",
                                reader.where(*warn ? "open_warn" : "open_crit"), rule.open_warn.count,
                                rule.open_warn.of, rule.open_crit.count, rule.open_crit.of));
    auto close = count_of(reader, "close", base.close, 1, evaluations_max);
    if (!close) return propagate(close);
    rule.close = *close;
    // None would silence a module for ever, where nobody looks for it.
    auto pages = count_of(reader, "pages_per_week", base.pages_per_week, 1, 10'000);
    if (!pages) return propagate(pages);
    rule.pages_per_week = *pages;
    auto share = reader.number("page_share");
    if (!share) return propagate(share);
    rule.page_share = share->value_or(base.page_share);
    if (!(rule.page_share >= 0.0 && rule.page_share <= 1.0))
        return fail(ErrorKind::configuration,
                    fmt::format("{}: page_share is {}; expected a share of the columns, 0 to 1",
                                reader.where("page_share"), rule.page_share));
    for (const auto& [key, into] : {std::pair{"cool_down", &rule.cool_down}, std::pair{"quiet", &rule.quiet},
                                    std::pair{"dismissed", &rule.dismissed}}) {
        auto duration = duration_of(reader, key, *into);
        if (!duration) return propagate(duration);
        *into = *duration;
    }
    return rule;
}

core::Result<core::Timestamp> moment_of(Reader& reader, std::string_view key) {
    auto text = reader.text(key);
    if (!text) return propagate(text);
    if (!*text)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: the window has no {}; expected {} = \"2026-12-01T06:00Z\"",
                                reader.where(), key, key));
    auto moment = core::parse_timestamp(**text);
    if (!moment)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {}: {}", reader.where(key), key, moment.error().message));
    return *moment;
}

core::Status check_module(Reader& reader, const std::string& module, std::string_view key = "module",
                          std::string_view example = "module = \"train.*\"") {
    if (auto fit = config::check_module_pattern(module, example); !fit)
        return fail(fit.error().kind, fmt::format("{}: {}", reader.where(key), fit.error().message));
    return {};
}

core::Result<Silence> silence_from(Reader& reader) {
    Silence silence;
    auto module = reader.text("module");
    if (!module) return propagate(module);
    if (!*module)
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: the window names no module; expected module = \"train.*\"", reader.where()));
    if (auto fit = check_module(reader, **module); !fit) return propagate(fit);
    silence.module = **module;
    auto type = type_of(reader, "drift_type");
    if (!type) return propagate(type);
    silence.drift_type = *type;
    auto from = moment_of(reader, "from");
    if (!from) return propagate(from);
    auto to = moment_of(reader, "to");
    if (!to) return propagate(to);
    if (*to <= *from)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: the window ends at {}, not after {} where it begins", reader.where(),
                                core::to_string(*to), core::to_string(*from)));
    silence.from = *from;
    silence.to = *to;
    auto why = reader.text("why");
    if (!why) return propagate(why);
    silence.why = (*why).value_or("");
    silence.who = reader.where();
    return silence;
}

core::Status read_inhibition(Reader& section, Inhibition& inhibition) {
    auto table = section.table("inhibit");
    if (!table) return propagate(table);
    if (!*table) return {};
    auto by = (*table)->texts("by");
    if (!by) return propagate(by);
    if (*by) {
        inhibition.by.clear();
        for (const auto& text : **by) {
            auto type = drift::parse_drift_type(text);
            if (!type)
                return fail(ErrorKind::configuration,
                            fmt::format("{}: {}", (*table)->where("by"), type.error().message));
            inhibition.by.push_back(*type);
        }
    }
    auto upstream = (*table)->table("upstream");
    if (!upstream) return propagate(upstream);
    if (*upstream)
        for (const std::string& module : (*upstream)->keys()) {
            auto from = (*upstream)->texts(module);
            if (!from) return propagate(from);
            auto& all = inhibition.upstream[module] = (*from).value_or(std::vector<std::string>());
            constexpr std::string_view example = "upstream = {\"train.*\" = [\"features.*\"]}";
            if (auto fit = check_module(**upstream, module, module, example); !fit) return propagate(fit);
            for (const std::string& one : all)
                if (auto fit = check_module(**upstream, one, module, example); !fit) return propagate(fit);
        }
    return {};
}

core::Status read_links(Reader& section, Policy& policy) {
    auto table = section.table("links");
    if (!table) return propagate(table);
    if (!*table) return {};
    for (const std::string& name : (*table)->keys()) {
        auto link = (*table)->text(name);
        if (!link) return propagate(link);
        std::string_view rest = **link;
        while (rest.find('{') != std::string_view::npos) {
            rest.remove_prefix(rest.find('{') + 1);
            const std::string_view inner = rest.substr(0, rest.find('}'));
            if (std::ranges::find(link_names, inner) == link_names.end())
                return fail(
                    ErrorKind::configuration,
                    fmt::format("{}: the link has {} in braces; expected one of {}", (*table)->where(name),
                                core::quoted(inner), fmt::join(link_names, ", ")));
        }
        policy.links[name] = std::move(**link);
    }
    return {};
}

/// "08:00", "08:00:30"
core::Result<core::Duration> time_of_day(Reader& reader, std::string_view key) {
    auto text = reader.text(key);
    if (!text) return propagate(text);
    // A day with this time, read as everywhere.
    auto moment = core::parse_timestamp(fmt::format("1970-01-01T{}", text->value_or(std::string())));
    const bool is_time = *text && ((*text)->size() == 5 || (*text)->size() == 8) && moment;
    if (!is_time)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: the digest is sent {}; expected {} = \"08:00\", a time of a day",
                                reader.where(key), *text ? "at " + core::quoted(**text) : "at no time", key));
    return core::Duration{moment->microseconds};
}

core::Status read_digest(Reader& section, Policy& policy) {
    auto table = section.table("digest");
    if (!table) return propagate(table);
    if (!*table) return {};
    Reader& reader = **table;
    auto at = time_of_day(reader, "at");
    if (!at) return propagate(at);
    DigestSchedule schedule{*at};
    auto zone = reader.text("zone");
    if (!zone) return propagate(zone);
    schedule.zone = zone->value_or(schedule.zone);
    if (auto calendar = dataset::Calendar::open(schedule.zone); !calendar)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {}", reader.where("zone"), calendar.error().message));
    auto empty = reader.flag("empty");
    if (!empty) return propagate(empty);
    schedule.empty = empty->value_or(schedule.empty);
    policy.digest = std::move(schedule);
    return {};
}

}  // namespace

bool fits(std::string_view pattern, std::string_view module) noexcept {
    return pattern.empty() || config::fits(pattern, module);
}

const Rule& Policy::rule_of(std::string_view module, drift::DriftType type) const {
    for (const Rule& rule : rules)
        if (fits(rule.module, module) && (!rule.drift_type || *rule.drift_type == type)) return rule;
    return fallback;
}

core::Result<Policy> read_policy(std::optional<Reader> section) {
    Policy policy;
    if (!section) return policy;
    auto fallback = rule_from(*section, policy.fallback);
    if (!fallback) return propagate(fallback);
    policy.fallback = std::move(*fallback);
    auto rules = section->tables("rule");
    if (!rules) return propagate(rules);
    for (Reader& reader : *rules) {
        auto rule = rule_from(reader, policy.fallback);
        if (!rule) return propagate(rule);
        auto module = reader.text("module");
        if (!module) return propagate(module);
        if (*module)
            if (auto fit = check_module(reader, **module); !fit) return propagate(fit);
        rule->module = (*module).value_or("");
        auto type = type_of(reader, "drift_type");
        if (!type) return propagate(type);
        rule->drift_type = *type;
        policy.rules.push_back(std::move(*rule));
    }
    auto windows = section->tables("maintenance");
    if (!windows) return propagate(windows);
    for (Reader& reader : *windows) {
        auto silence = silence_from(reader);
        if (!silence) return propagate(silence);
        policy.maintenance.push_back(std::move(*silence));
    }
    if (auto status = read_inhibition(*section, policy.inhibition); !status) return propagate(status);
    if (auto status = read_links(*section, policy); !status) return propagate(status);
    if (auto status = read_digest(*section, policy); !status) return propagate(status);
    if (auto status = section->finish(); !status) return propagate(status);
    return policy;
}

core::Result<Policy> policy_of(const config::Settings& settings) {
    auto policy = read_policy(settings.section("incident"));
    if (!policy) return propagate(policy);
    if (const config::Setting* max_age = settings.find("spool_max_age")) {
        auto age = core::parse_duration(max_age->value.reveal());
        if (!age)
            return fail(ErrorKind::configuration,
                        fmt::format("{}: {}", max_age->origin, age.error().message));
        policy->max_age = *age;
    }
    return policy;
}

}  // namespace tristrata::incident
