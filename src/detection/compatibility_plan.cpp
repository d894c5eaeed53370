#include "compatibility_plan.hpp"

#include "test_choice.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <variant>

namespace tristrata::detection {
namespace {

using core::ErrorKind;
using core::fail;
using core::Status;

constexpr std::array lines{std::pair{std::string_view("0.7"), EvidentlyLine::current},
                           std::pair{std::string_view("0.4"), EvidentlyLine::legacy}};
constexpr std::array offsets{std::pair{std::string_view("mean"), NannymlThreshold::Offset::mean},
                             std::pair{std::string_view("median"), NannymlThreshold::Offset::median},
                             std::pair{std::string_view("min"), NannymlThreshold::Offset::min},
                             std::pair{std::string_view("max"), NannymlThreshold::Offset::max}};
constexpr std::array threshold_kinds{
    std::pair{std::string_view("constant"), NannymlThreshold::Kind::constant},
    std::pair{std::string_view("standard_deviation"), NannymlThreshold::Kind::standard_deviation}};

/// One of a few words; where the key is absent the value stays.
template <class Value, std::size_t Size>
Status read_word(config::Reader& reader, std::string_view key, Value& value,
                 const std::array<std::pair<std::string_view, Value>, Size>& words) {
    auto text = reader.text(key);
    if (!text) return propagate(text);
    if (!*text) return {};
    std::string known;
    for (const auto& [word, meant] : words) {
        if (word == **text) {
            value = meant;
            return {};
        }
        known += (known.empty() ? "" : ", ") + std::string(word);
    }
    return fail(ErrorKind::configuration, fmt::format("{}: {} is {}; expected one of {}", reader.where(key),
                                                      key, core::quoted(**text), known));
}

Status read_number(config::Reader& reader, std::string_view key, std::optional<double>& value) {
    auto number = reader.number(key);
    if (!number) return propagate(number);
    if (*number) value = *number;
    return {};
}

Status read_evidently(config::Reader& reader, EvidentlyOptions& options) {
    if (auto status = read_word(reader, "line", options.line, lines); !status) return status;
    std::optional<double> share = options.drift_share;
    for (const auto& [key, value] : {std::pair{"drift_share", &share},
                                     {"threshold", &options.threshold},
                                     {"num_threshold", &options.num_threshold},
                                     {"cat_threshold", &options.cat_threshold}})
        if (auto status = read_number(reader, key, *value); !status) return status;
    options.drift_share = *share;
    for (const auto& [key, value] : {std::pair{"method", &options.method},
                                     {"num_method", &options.num_method},
                                     {"cat_method", &options.cat_method}}) {
        auto text = reader.text(key);
        if (!text) return propagate(text);
        if (*text) *value = *text;
    }
    return {};
}

/// NannyML's choice, in its order: a size, else a number, else a period.
core::Result<dataset::Chunking> read_chunking(config::Reader& reader) {
    auto incomplete = reader.text("incomplete");
    auto size = reader.integer("chunk_size"), number = reader.integer("chunk_number");
    auto period = reader.text("chunk_period"), zone = reader.text("zone");
    if (!incomplete) return propagate(incomplete);
    if (!size) return propagate(size);
    if (!number) return propagate(number);
    if (!period) return propagate(period);
    if (!zone) return propagate(zone);
    dataset::Remainder remainder = dataset::Remainder::keep;
    if (*incomplete) {
        auto parsed = dataset::parse_remainder(**incomplete);
        if (!parsed)
            return fail(ErrorKind::configuration, reader.where("incomplete") + ": " + parsed.error().message);
        remainder = *parsed;
    }
    for (const auto& [key, value] : {std::pair{"chunk_size", &*size}, {"chunk_number", &*number}})
        if (*value && **value <= 0)
            return fail(ErrorKind::configuration,
                        fmt::format("{}: {} is {}; expected 1 or more", reader.where(key), key, **value));
    if (*size) return dataset::BySize{static_cast<std::uint64_t>(**size), remainder};
    if (*number) return dataset::ByCount{static_cast<std::uint64_t>(**number), remainder};
    if (!*period) return dataset::ByCount{10, remainder};
    auto parsed = dataset::parse_period(**period);
    if (!parsed)
        return fail(ErrorKind::configuration, reader.where("chunk_period") + ": " + parsed.error().message);
    return dataset::ByPeriod{*parsed, zone->value_or("UTC")};
}

core::Result<NannymlThreshold> read_threshold(config::Reader& reader) {
    NannymlThreshold threshold;
    if (auto status = read_word(reader, "type", threshold.kind, threshold_kinds); !status)
        return propagate(status);
    if (auto status = read_word(reader, "offset_from", threshold.offset_from, offsets); !status)
        return propagate(status);
    // NannyML's own default of a standard deviation is 3 on both sides; its methods' is none below.
    std::optional<double> below = 3.0, above = 3.0;
    for (const auto& [key, value] : {std::pair{"lower", &threshold.lower},
                                     {"upper", &threshold.upper},
                                     {"std_lower_multiplier", &below},
                                     {"std_upper_multiplier", &above}})
        if (auto status = read_number(reader, key, *value); !status) return propagate(status);
    for (const auto& [key, value] : {std::pair{"no_lower", &below}, {"no_upper", &above}}) {
        auto flag = reader.flag(key);
        if (!flag) return propagate(flag);
        if (flag->value_or(false)) value->reset();
    }
    threshold.std_lower_multiplier = below;
    threshold.std_upper_multiplier = above;
    return threshold;
}

Status read_nannyml(config::Reader& reader, NannymlOptions& options) {
    for (const auto& [key, value] : {std::pair{"continuous_methods", &options.continuous_methods},
                                     {"categorical_methods", &options.categorical_methods}}) {
        auto names = reader.texts(key);
        if (!names) return propagate(names);
        if (*names && !(*names)->empty()) *value = **names;
    }
    auto chunking = read_chunking(reader);
    if (!chunking) return propagate(chunking);
    options.chunking = *chunking;
    auto thresholds = reader.table("threshold");
    if (!thresholds) return propagate(thresholds);
    if (!*thresholds) return {};
    for (const std::string& method : (*thresholds)->keys()) {
        auto table = (*thresholds)->table(method);
        if (!table) return propagate(table);
        if (!*table) continue;
        auto threshold = read_threshold(**table);
        if (!threshold) return propagate(threshold);
        options.threshold.emplace(method, *threshold);
    }
    return {};
}

Status validate_evidently(const Plan& plan) {
    const EvidentlyOptions& options = plan.evidently;
    if (!(options.drift_share > 0.0 && options.drift_share <= 1.0))
        return fail(ErrorKind::usage, fmt::format("drift_share is {}; expected a share above 0 and at most 1",
                                                  options.drift_share));
    if (options.method)
        if (auto status = check_name("evidently's method", *options.method, Engine::evidently, std::nullopt);
            !status)
            return status;
    if (options.num_method)
        if (auto status = check_name("evidently's num_method", *options.num_method, Engine::evidently,
                                     drift::Kind::numeric);
            !status)
            return status;
    if (options.cat_method)
        if (auto status = check_name("evidently's cat_method", *options.cat_method, Engine::evidently,
                                     drift::Kind::categorical);
            !status)
            return status;
    for (const auto& [column_name, column] : plan.column)
        if (column.test)
            if (auto status = check_name(fmt::format("the test of column {}", core::quoted(column_name)),
                                         *column.test, Engine::evidently, std::nullopt);
                !status)
                return status;
    return {};
}

Status validate_nannyml(const Plan& plan) {
    const NannymlOptions& options = plan.nannyml;
    for (const auto& [names, kind] : {std::pair{&options.continuous_methods, drift::Kind::numeric},
                                      {&options.categorical_methods, drift::Kind::categorical}})
        for (const auto& one : *names)
            if (auto status = check_name(fmt::format("nannyml's method of {} columns", drift::name(kind)),
                                         one, Engine::nannyml, kind);
                !status)
                return status;
    for (const auto& [method, threshold] : options.threshold) {
        if (auto status = check_name("the threshold's method", method, Engine::nannyml, std::nullopt);
            !status)
            return status;
        if (method == "chi2")
            return fail(ErrorKind::usage,
                        "chi2 alerts where its p is below 0.05; NannyML ignores a threshold of it, so it is "
                        "refused here");
        if (threshold.lower && threshold.upper && *threshold.lower >= *threshold.upper)
            return fail(ErrorKind::usage,
                        fmt::format("the threshold of {} has lower {} and upper {}; expected lower < upper",
                                    method, *threshold.lower, *threshold.upper));
        for (const auto& multiplier : {threshold.std_lower_multiplier, threshold.std_upper_multiplier})
            if (multiplier && *multiplier < 0.0)
                return fail(ErrorKind::usage,
                            fmt::format("a multiplier of {} is {}; expected 0 or more", method, *multiplier));
    }
    for (const auto& [column_name, column] : plan.column)
        if (column.test)
            return fail(ErrorKind::usage,
                        fmt::format("column {} has a test of its own; NannyML's methods are chosen by kind: "
                                    "continuous_methods and categorical_methods in [nannyml]",
                                    core::quoted(column_name)));
    return {};
}

}  // namespace

Status read_compatibility(config::Reader& root, Plan& plan) {
    auto evidently = root.table("evidently");
    if (!evidently) return propagate(evidently);
    if (*evidently)
        if (auto status = read_evidently(**evidently, plan.evidently); !status) return status;
    auto nannyml = root.table("nannyml");
    if (!nannyml) return propagate(nannyml);
    if (*nannyml)
        if (auto status = read_nannyml(**nannyml, plan.nannyml); !status) return status;
    auto tests = root.table("tests");
    if (!tests) return propagate(tests);
    if (*tests)
        for (const auto& [key, value] :
             {std::pair{"numeric", &plan.tests.numeric}, {"categorical", &plan.tests.categorical}}) {
            auto text = (*tests)->text(key);
            if (!text) return propagate(text);
            if (*text) *value = *text;
        }
    auto explain = root.flag("explain_difference");
    if (!explain) return propagate(explain);
    plan.explain_difference = explain->value_or(false);
    return {};
}

Status validate_compatibility(const Plan& plan) {
    const auto engine = parse_engine(plan.method);
    if (!engine) return propagate(engine);
    if (*engine == Engine::tristrata) return validate_tests(plan);
    if (!plan.by.empty())
        return fail(ErrorKind::usage,
                    fmt::format("groups are looked at by our own rules; leave out --by, or --method {}",
                                plan.method));
    return *engine == Engine::evidently ? validate_evidently(plan) : validate_nannyml(plan);
}

void digest_compatibility(core::JsonWriter& json, const Plan& plan) {
    const auto maybe = [&](const auto& value) {
        if (value) json.value(*value);
        else json.null();
    };
    bool chosen = false;
    for (const auto& [column_name, column] : plan.column) chosen = chosen || column.test || column.threshold;
    chosen = chosen || plan.tests.numeric || plan.tests.categorical;
    if (chosen) {
        json.key("tests");
        json.begin_array();
        maybe(plan.tests.numeric);
        maybe(plan.tests.categorical);
        for (const auto& [column_name, column] : plan.column) {
            json.value(column_name);
            maybe(column.test);
            maybe(column.threshold);
        }
        json.end_array();
    }
    if (plan.engine() == Engine::tristrata) return;
    json.key("peer");
    json.begin_array();
    if (plan.engine() == Engine::evidently) {
        const EvidentlyOptions& options = plan.evidently;
        json.value(options.line == EvidentlyLine::legacy ? "0.4" : "0.7");
        json.value(options.drift_share);
        for (const auto* name : {&options.method, &options.num_method, &options.cat_method}) maybe(*name);
        for (const auto* value : {&options.threshold, &options.num_threshold, &options.cat_threshold})
            maybe(*value);
    } else {
        const NannymlOptions& options = plan.nannyml;
        for (const auto* names : {&options.continuous_methods, &options.categorical_methods})
            for (const auto& one : *names) json.value(one);
        std::visit(
            [&](const auto& chunking) {
                using Cut = std::decay_t<decltype(chunking)>;
                if constexpr (std::is_same_v<Cut, dataset::BySize>) json.value(chunking.rows);
                if constexpr (std::is_same_v<Cut, dataset::ByCount>) json.value(chunking.chunks);
                if constexpr (std::is_same_v<Cut, dataset::ByPeriod>) {
                    json.value(dataset::name(chunking.period));
                    json.value(chunking.zone);
                } else {
                    json.value(dataset::name(chunking.remainder));
                }
            },
            options.chunking);
        json.value(static_cast<std::uint64_t>(options.chunking.index()));
        for (const auto& [method, threshold] : options.threshold) {
            json.value(method);
            json.value(static_cast<std::uint64_t>(threshold.kind));
            json.value(static_cast<std::uint64_t>(threshold.offset_from));
            for (const auto* value : {&threshold.lower, &threshold.upper, &threshold.std_lower_multiplier,
                                      &threshold.std_upper_multiplier})
                maybe(*value);
        }
    }
    json.end_array();
}

}  // namespace tristrata::detection
