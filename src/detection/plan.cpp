#include "tristrata/detection/plan.hpp"

#include "compatibility_plan.hpp"
#include "tristrata/config/document.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/detection/bounds.hpp"
#include "tristrata/detection/method.hpp"

#include <fmt/format.h>
#include <array>
#include <cmath>

namespace tristrata::detection {
namespace {

using core::ErrorKind;

template <class Enum, std::size_t Size>
core::Result<Enum> parse_name(std::string_view what, std::string_view text,
                              const std::array<Enum, Size>& all) {
    std::string known;
    for (const Enum one : all) {
        if (name(one) == text) return one;
        known += (known.empty() ? "" : ", ") + std::string(name(one));
    }
    return core::fail(ErrorKind::usage,
                      fmt::format("{} is {}; expected one of {}", what, core::quoted(text), known));
}

/// A value that no plan may have, and the key that it stands under.
struct Fault {
    std::string_view key;
    std::string sentence;
};

std::optional<Fault> fault_of(const Plan& plan) {
    if (!(plan.alpha > 0.0 && plan.alpha <= 0.5))
        return Fault{"alpha", fmt::format("alpha is {}; expected a share of false alarms above 0 and at most "
                                          "0.5, such as 0.05",
                                          plan.alpha)};
    if (auto status = validate_compatibility(plan); !status) return Fault{"method", status.error().message};
    if (!plan.by.empty() && plan.by == plan.time)
        return Fault{"by", fmt::format("{} orders the rows and cannot also group them; name another column "
                                       "with --by",
                                       core::quoted(plan.by))};
    if (plan.groups_max == 0)
        return Fault{"groups_max", "no group may be looked at; expected 1 or more of them"};
    return std::nullopt;
}

core::Result<ColumnPlan> read_column(config::Reader& reader) {
    ColumnPlan plan;
    if (auto role = reader.text("role"); !role) return propagate(role);
    else if (*role) {
        auto parsed = drift::parse_role(**role);
        if (!parsed)
            return core::fail(ErrorKind::configuration, reader.where("role") + ": " + parsed.error().message);
        plan.role = *parsed;
    }
    if (auto kind = reader.text("kind"); !kind) return propagate(kind);
    else if (*kind) {
        using enum drift::Kind;
        auto parsed = parse_name("the kind", **kind, std::array{numeric, categorical, boolean, time});
        if (!parsed)
            return core::fail(ErrorKind::configuration, reader.where("kind") + ": " + parsed.error().message);
        plan.kind = *parsed;
    }
    if (auto unit = reader.text("unit"); !unit) return propagate(unit);
    else plan.unit = unit->value_or("");
    if (auto sensitive = reader.flag("sensitive"); !sensitive) return propagate(sensitive);
    else plan.sensitive = sensitive->value_or(false);
    if (auto ignore = reader.flag("ignore"); !ignore) return propagate(ignore);
    else plan.ignore = ignore->value_or(false);
    if (auto importance = reader.number("importance"); !importance) return propagate(importance);
    else if (*importance) {
        if (!(**importance >= 0.0 && std::isfinite(**importance)))
            return core::fail(
                ErrorKind::configuration,
                reader.where("importance") + fmt::format(": {}; expected a number, 0 or more", **importance));
        plan.importance = *importance;
    }
    auto test = reader.text("test");
    if (!test) return propagate(test);
    plan.test = *test;
    auto threshold = reader.number("threshold");
    if (!threshold) return propagate(threshold);
    plan.threshold = *threshold;
    for (const auto& [key, member] :
         {std::pair{"minimum", &ColumnPlan::minimum}, std::pair{"maximum", &ColumnPlan::maximum},
          std::pair{"dispersion_min", &ColumnPlan::dispersion_min}}) {
        auto number = reader.number(key);
        if (!number) return propagate(number);
        if (*number && !std::isfinite(**number))
            return core::fail(ErrorKind::configuration,
                              fmt::format("{}: {}", reader.where(key), not_finite(key, **number)));
        plan.*member = *number;
    }
    if (plan.minimum && plan.maximum && *plan.minimum > *plan.maximum)
        return core::fail(ErrorKind::configuration,
                          fmt::format("{}: minimum is {} and maximum {}; expected the smaller one first",
                                      reader.where("minimum"), *plan.minimum, *plan.maximum));
    return plan;
}

core::Result<dataset::Derived> read_derived(config::Reader& reader, std::string name) {
    dataset::Derived derived;
    derived.name = std::move(name);
    auto by = reader.text("by");
    auto of = reader.text("of");
    auto over = reader.text("over");
    if (!by) return propagate(by);
    if (!of) return propagate(of);
    if (!over) return propagate(over);
    auto parsed = dataset::parse_derivation(by->value_or(""));
    if (!parsed)
        return core::fail(ErrorKind::configuration,
                          reader.where(*by ? "by" : "") + ": " + parsed.error().message);
    derived.by = *parsed;
    const bool two = dataset::inputs_of(derived.by) == 2;
    if (!*of || over->has_value() != two)
        return core::fail(ErrorKind::configuration,
                          fmt::format("{}: {} is made {}", reader.where(), dataset::name(derived.by),
                                      two ? "of one column over another; expected of = \"A\" and over = "
                                            "\"B\""
                                          : "of one column; expected of = \"A\" and no over"));
    derived.of.push_back(**of);
    if (two) derived.of.push_back(**over);
    return derived;
}

core::Result<drift::PolicyRow> read_policy(config::Reader& reader) {
    drift::PolicyRow row;
    auto subject = reader.text("subject");
    auto warn = reader.number("warn");
    auto crit = reader.number("crit");
    auto rationale = reader.text("rationale");
    if (!subject) return propagate(subject);
    if (!warn) return propagate(warn);
    if (!crit) return propagate(crit);
    if (!rationale) return propagate(rationale);
    row.subject = subject->value_or("");
    row.warn = warn->value_or(row.warn);
    row.crit = crit->value_or(row.crit);
    row.rationale = rationale->value_or("");
    return row;
}

/// rows_min and max_age: what the table as a whole must hold.
core::Status read_table_bounds(config::Reader& root, Plan& plan) {
    auto rows = root.integer("rows_min");
    if (!rows) return propagate(rows);
    if (*rows && **rows < 1)
        return core::fail(ErrorKind::configuration, fmt::format("{}: rows_min is {}; expected 1 or more",
                                                                root.where("rows_min"), **rows));
    if (*rows) plan.rows_min = static_cast<std::uint64_t>(**rows);
    auto age = root.text("max_age");
    if (!age) return propagate(age);
    if (*age) {
        const auto parsed = core::parse_duration(**age);
        if (!parsed)
            return core::fail(ErrorKind::configuration,
                              root.where("max_age") + ": " + parsed.error().message);
        plan.max_age_us = parsed->microseconds;
    }
    return {};
}

core::Result<Plan> read(const config::Document& document) {
    Plan plan;
    config::Reader root = document.root();
    auto method = root.text("method");
    if (!method) return propagate(method);
    plan.method = method->value_or(plan.method);
    auto null = root.text("null");
    if (!null) return propagate(null);
    if (*null) {
        auto parsed = parse_null(**null);
        if (!parsed)
            return core::fail(ErrorKind::configuration, root.where("null") + ": " + parsed.error().message);
        plan.null = *parsed;
    }
    auto season = root.text("season");
    if (!season) return propagate(season);
    if (*season) {
        auto parsed = parse_season(**season);
        if (!parsed)
            return core::fail(ErrorKind::configuration, root.where("season") + ": " + parsed.error().message);
        plan.season = *parsed;
    }
    auto alpha = root.number("alpha");
    if (!alpha) return propagate(alpha);
    plan.alpha = alpha->value_or(plan.alpha);
    auto seed = root.integer("seed");
    if (!seed) return propagate(seed);
    plan.seed = static_cast<std::uint64_t>(seed->value_or(0));
    auto time = root.text("time");
    if (!time) return propagate(time);
    plan.time = time->value_or("");
    if (auto status = read_table_bounds(root, plan); !status) return propagate(status);
    auto columns = root.texts("columns");
    if (!columns)
        return core::fail(columns.error().kind,
                          columns.error().message + "; one column is described under [column.NAME]");
    plan.columns = columns->value_or(std::vector<std::string>{});
    auto multivariate = root.flag("multivariate");
    if (!multivariate) return propagate(multivariate);
    plan.multivariate = multivariate->value_or(false);
    auto by = root.text("by");
    if (!by) return propagate(by);
    plan.by = by->value_or("");
    auto groups_max = root.integer("groups_max");
    if (!groups_max) return propagate(groups_max);
    if (*groups_max && **groups_max < 1)
        return core::fail(
            ErrorKind::configuration,
            root.where("groups_max") + fmt::format(": {} groups; expected 1 or more", **groups_max));
    plan.groups_max = static_cast<std::uint64_t>(groups_max->value_or(50));
    auto column = root.table("column");
    if (!column) return propagate(column);
    if (*column) {
        for (const std::string& key : (*column)->keys()) {
            auto table = (*column)->table(key);
            if (!table) return propagate(table);
            if (!*table) continue;
            auto one = read_column(**table);
            if (!one) return propagate(one);
            plan.column.emplace(key, *one);
        }
    }
    auto derived = root.table("derived");
    if (!derived) return propagate(derived);
    if (*derived) {
        for (const std::string& key : (*derived)->keys()) {
            auto table = (*derived)->table(key);
            if (!table) return propagate(table);
            if (!*table) continue;
            auto one = read_derived(**table, key);
            if (!one) return propagate(one);
            plan.derived.push_back(std::move(*one));
        }
    }
    if (auto status = read_compatibility(root, plan); !status) return propagate(status);
    auto severity = root.tables("severity");
    if (!severity) return propagate(severity);
    for (auto& reader : *severity) {
        auto row = read_policy(reader);
        if (!row) return propagate(row);
        if (auto status = plan.severity.override_with(*row); !status)
            return core::fail(
                ErrorKind::configuration,
                reader.where(row->warn > row->crit ? "warn" : "subject") + ": " + status.error().message);
    }
    if (auto status = root.finish(); !status) return propagate(status);
    if (const auto fault = fault_of(plan))
        return core::fail(ErrorKind::configuration, root.where(fault->key) + ": " + fault->sentence);
    return plan;
}

}  // namespace

std::string_view name(Null null) noexcept {
    switch (null) {
        case Null::automatic:
            return "auto";
        case Null::independent:
            return "independent";
        case Null::dependent:
            return "dependent";
        case Null::chunks:
            return "chunks";
    }
    return "auto";
}

std::string_view name(Season season) noexcept {
    switch (season) {
        case Season::none:
            return "none";
        case Season::weekend:
            return "weekend";
        case Season::weekday:
            return "weekday";
        case Season::hour:
            return "hour";
    }
    return "none";
}

core::Result<Null> parse_null(std::string_view text) {
    return parse_name("the null", text,
                      std::array{Null::automatic, Null::independent, Null::dependent, Null::chunks});
}

core::Result<Season> parse_season(std::string_view text) {
    return parse_name("the season", text,
                      std::array{Season::none, Season::weekend, Season::weekday, Season::hour});
}

Engine Plan::engine() const { return parse_engine(method).value_or(Engine::tristrata); }

const ColumnPlan& Plan::of(std::string_view column_name) const noexcept {
    static const ColumnPlan unnamed;
    const auto found = column.find(column_name);
    return found == column.end() ? unnamed : found->second;
}

core::Result<Plan> read_plan(const std::filesystem::path& file) {
    auto document = config::read_document(file);
    if (!document) return propagate(document);
    return read(*document);
}

core::Result<Plan> parse_plan(std::string_view text, std::string name) {
    auto document = config::parse_document(text, std::move(name));
    if (!document) return propagate(document);
    return read(*document);
}

core::Status validate(const Plan& plan) {
    if (const auto fault = fault_of(plan)) return core::fail(ErrorKind::usage, fault->sentence);
    return {};
}

std::string digest(const Plan& plan) {
    core::JsonWriter json;
    json.begin_object();
    json.member("method", plan.method);
    json.member("null", name(plan.null));
    json.member("season", name(plan.season));
    json.member("alpha", plan.alpha);
    json.member("seed", plan.seed);
    json.member("time", plan.time);
    json.key("columns");
    json.begin_array();
    for (const auto& column : plan.columns) json.value(column);
    json.end_array();
    json.key("column");
    json.begin_object();
    for (const auto& [key, column] : plan.column) {
        json.key(key);
        json.begin_array();
        json.value(drift::name(column.role));
        if (column.kind) json.value(drift::name(*column.kind));
        else json.null();
        json.value(column.unit);
        json.value(column.sensitive);
        json.value(column.ignore);
        if (column.importance) json.value(*column.importance);
        for (const auto& bound : {column.minimum, column.maximum, column.dispersion_min})
            if (bound) json.value(*bound);
            else json.null();
        json.end_array();
    }
    json.end_object();
    if (!plan.derived.empty()) {
        json.key("derived");
        json.begin_array();
        for (const auto& derived : plan.derived) {
            json.value(derived.name);
            json.value(dataset::name(derived.by));
            for (const auto& input : derived.of) json.value(input);
        }
        json.end_array();
    }
    if (plan.multivariate) json.member("multivariate", true);
    if (!plan.by.empty()) {
        json.member("by", plan.by);
        json.member("groups_max", plan.groups_max);
    }
    digest_compatibility(json, plan);
    if (plan.rows_min) json.member("rows_min", *plan.rows_min);
    if (plan.max_age_us) json.member("max_age_us", *plan.max_age_us);
    json.key("severity");
    json.begin_array();
    for (const auto& row : plan.severity.rows()) {
        json.value(row.subject);
        json.value(row.warn);
        json.value(row.crit);
    }
    json.end_array();
    json.end_object();
    return core::sha256(json.take());
}

}  // namespace tristrata::detection
