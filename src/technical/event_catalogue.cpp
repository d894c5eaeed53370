#include "tristrata/technical/event_catalogue.hpp"

#include "tristrata/config/document.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <optional>

namespace tristrata::technical {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t name_bytes_max = 200;
constexpr std::array severities{EventSeverity::debug, EventSeverity::info, EventSeverity::warn,
                                EventSeverity::error};

std::optional<EventSeverity> severity_of(std::string_view text) {
    for (const auto severity : severities)
        if (name(severity) == text) return severity;
    return std::nullopt;
}

core::Result<EventKind> read_kind(config::Reader& table, const std::string& name) {
    EventKind kind;
    kind.name = name;
    kind.where = table.where();
    if (!is_plain_name(name) || name.size() > name_bytes_max)
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: {} is no name of an event; expected letters, digits, _, . and -, beginning "
                        "with a letter, at most {} bytes",
                        kind.where, core::quoted(name), name_bytes_max));
    auto meaning = table.text("meaning");
    if (!meaning) return propagate(meaning);
    kind.meaning = meaning->value_or("");
    if (kind.meaning.empty())
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: the event {} has no meaning; say in a sentence when it happens: meaning = "
                        "\"a fold has been trained\"",
                        kind.where, core::quoted(name)));
    auto severity = table.text("severity");
    if (!severity) return propagate(severity);
    if (*severity) {
        const auto known = severity_of(**severity);
        if (!known)
            return fail(ErrorKind::configuration,
                        fmt::format("{}: the severity is {}; expected debug, info, warn or error",
                                    table.where("severity"), core::quoted(**severity)));
        kind.severity = *known;
    }
    auto fields = table.texts("fields");
    if (!fields) return propagate(fields);
    kind.fields = fields->value_or(std::vector<std::string>());
    for (const auto& field : kind.fields)
        if (!is_plain_name(field))
            return fail(ErrorKind::configuration,
                        fmt::format("{}: {} is no name of a field; expected letters, digits, _, . and -, "
                                    "beginning with a letter",
                                    table.where("fields"), core::quoted(field)));
    return kind;
}

}  // namespace

std::string_view name(EventSeverity severity) noexcept {
    switch (severity) {
        case EventSeverity::debug:
            return "debug";
        case EventSeverity::info:
            return "info";
        case EventSeverity::warn:
            return "warn";
        case EventSeverity::error:
            return "error";
    }
    return "unknown";
}

bool is_plain_name(std::string_view name) noexcept {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !name.empty() && letter(name.front()) && std::ranges::all_of(name, [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    });
}

EventCatalogue EventCatalogue::defaults() {
    EventCatalogue catalogue;
    const auto add = [&](const char* name, const char* meaning,
                         EventSeverity severity = EventSeverity::info) {
        catalogue.kinds_.push_back({name, meaning, severity, {}, "built in"});
    };
    add("run_started", "a run of a pipeline has begun");
    add("run_complete", "a run of a pipeline has ended, and did what it was asked to");
    add("run_failed", "a run of a pipeline has ended without doing what it was asked to",
        EventSeverity::error);
    add("dag_node_started", "a node or a task of a run has begun");
    add("dag_node_complete", "a node or a task of a run has ended well");
    add("dag_node_failed", "a node or a task of a run has failed", EventSeverity::error);
    add("dag_node_retried", "a node or a task of a run is tried again", EventSeverity::warn);
    add("data_loaded", "input data has been read");
    add("data_missing", "input data that was expected is not there", EventSeverity::warn);
    add("features_complete", "the features of a run have been computed");
    add("training_started", "the training of a model has begun");
    add("training_fold_complete", "a fold of a walk-forward validation has been trained");
    add("training_complete", "a model has been trained");
    add("training_failed", "a model could not be trained", EventSeverity::error);
    add("model_promoted", "a model is used from now on");
    add("model_rolled_back", "an earlier model is used again", EventSeverity::warn);
    add("predictions_complete", "the predictions of a run have been written");
    add("predictions_dropped", "predictions of a run were not written", EventSeverity::error);
    add("drift_check_complete", "data has been compared with its reference");
    return catalogue;
}

core::Result<EventCatalogue> EventCatalogue::read(const std::filesystem::path& file) {
    if (file.empty()) return defaults();
    auto document = config::read_document(file);
    if (!document) return propagate(document);
    config::Reader root = document->root();
    auto events = root.table("events");
    if (!events) return propagate(events);
    if (!*events)
        return fail(
            ErrorKind::configuration,
            fmt::format("{}: expected a table [events.NAME] with its meaning for each event", file.string()));
    EventCatalogue catalogue;
    for (const auto& name : (*events)->keys()) {
        auto table = (*events)->table(name);
        if (!table) return propagate(table);
        auto kind = read_kind(**table, name);
        if (!kind) return propagate(kind);
        catalogue.kinds_.push_back(std::move(*kind));
    }
    if (auto status = root.finish(); !status) return propagate(status);
    return catalogue;
}

core::Result<const EventKind*> EventCatalogue::require(std::string_view name) const {
    if (const auto found = std::ranges::find(kinds_, name, &EventKind::name); found != kinds_.end())
        return &*found;
    std::vector<std::string> known;
    for (const auto& kind : kinds_) known.push_back(kind.name);
    const auto near = core::nearest(name, known);
    return fail(
        ErrorKind::refused,
        fmt::format("the event {} is not in the catalogue; {} A new event is a table [events.{}] with its "
                    "meaning in events.toml, the file that TRISTRATA_EVENTS names",
                    core::quoted(name),
                    near.empty() ? fmt::format("known are {}.", fmt::join(known, ", "))
                                 : fmt::format("did you mean {}?", core::quoted(near)),
                    is_plain_name(name) ? name : "NAME"));
}

}  // namespace tristrata::technical
