#include "drift_detect.hpp"

#include "console.hpp"
#include "opening.hpp"
#include "reading.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/window.hpp"
#include "tristrata/online/detector.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <thread>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t drifts_shown = 10;  ///< A line of the table names so many.

/// What a detector said of one column.
struct Stream {
    std::string column;
    std::size_t values = 0;
    std::size_t reference_skipped = 0;  ///< Missing or infinite ones of the reference.
    online::Detections found;
    std::string reason;  ///< Why the column was not read; empty where it was.
};

/// The rows that the detector sees, in order.
struct Order {
    std::optional<dataset::RowSelection> stream;  ///< Absent without a time column: all rows as they come.
    std::optional<dataset::RowSelection> reference;
    std::vector<std::int64_t> times;  ///< Of the stream.
    std::vector<std::string> notes;
};

core::Result<online::Settings> settings_of(const std::vector<std::string>& texts) {
    online::Settings settings;
    for (const auto& text : texts) {
        const auto equals = text.find('=');
        double value = 0.0;
        const char* end = text.data() + text.size();
        const char* begin = equals == std::string::npos ? end : text.data() + equals + 1;
        const auto [at, trouble] = std::from_chars(begin, end, value);
        if (begin == end || trouble != std::errc() || at != end)
            return fail(ErrorKind::usage,
                        fmt::format("--set is {}; expected PARAMETER=NUMBER, such as window=200",
                                    core::quoted(text)));
        settings[text.substr(0, equals)] = value;
    }
    return settings;
}

core::Result<Order> order_of(dataset::Source& source, const detection::Plan& plan,
                             const std::string& reference, const core::Task& task) {
    Order order;
    if (plan.time.empty()) {
        if (reference.empty()) return order;
        return fail(ErrorKind::usage,
                    "--reference needs the column that holds the time; name it with --time");
    }
    const auto field = source.schema().find(plan.time);
    if (!field)
        return fail(ErrorKind::usage,
                    fmt::format("{} has no time column {}", source.name(), core::quoted(plan.time)));
    const std::size_t wanted[]{*field};
    auto columns = dataset::read_columns(source, wanted, task);
    if (!columns) return propagate(columns);
    auto times = dataset::times_of(std::move((*columns)[0]), source.name(), plan.time);
    if (!times) return propagate(times);
    if (!times->note.empty()) order.notes.push_back(times->note);
    core::TimeRange after;
    if (!reference.empty()) {
        auto range = window_given("--reference", reference);
        if (!range) return propagate(range);
        if (!range->to)
            return fail(ErrorKind::usage, "--reference needs an end: the stream begins where it ends");
        order.reference = dataset::select_window(times->times, *range);
        after.from = range->to;
    }
    order.stream = dataset::select_window(times->times, after);
    if (!order.stream->was_sorted)
        order.notes.push_back(fmt::format("{} was not in order of {}; its rows were sorted", source.name(),
                                          core::quoted(plan.time)));
    if (order.stream->missing > 0)
        order.notes.push_back(
            fmt::format("{} of {} {} no {} and {} left out", core::plural(order.stream->missing, "row"),
                        source.name(), order.stream->missing == 1 ? "has" : "have", core::quoted(plan.time),
                        order.stream->missing == 1 ? "was" : "were"));
    order.times = dataset::select(times->times, *order.stream);
    return order;
}

/// The columns that the plan asks for, or every column of numbers.
core::Result<std::vector<std::size_t>> fields_of(const dataset::Source& source, const detection::Plan& plan) {
    std::vector<std::size_t> fields;
    for (const auto& wanted : plan.columns) {
        const auto field = source.schema().find(wanted);
        if (!field) {
            std::vector<std::string> known;
            for (const auto& one : source.schema().fields) known.push_back(one.name);
            const auto near = core::nearest(wanted, known);
            return fail(
                ErrorKind::usage,
                fmt::format("{} has no column {}{}", source.name(), core::quoted(wanted),
                            near.empty() ? "" : fmt::format("; did you mean {}?", core::quoted(near))));
        }
        fields.push_back(*field);
    }
    if (!plan.columns.empty()) return fields;
    for (std::size_t i = 0; i < source.schema().fields.size(); ++i) {
        const auto& field = source.schema().fields[i];
        const bool number = field.type == dataset::Type::integer || field.type == dataset::Type::real;
        if (number && field.name != plan.time && !plan.of(field.name).ignore) fields.push_back(i);
    }
    if (fields.empty())
        return fail(ErrorKind::usage, fmt::format("{} has no column of numbers to read", source.name()));
    return fields;
}

std::string moment(const Order& order, std::size_t index) {
    return order.times.empty() ? fmt::format("row {}", index + 1)
                               : core::to_string(core::Timestamp{order.times[index]});
}

std::string table_of(const std::vector<Stream>& streams, const Order& order,
                     const DriftBacktestOptions& options, unsigned width) {
    std::vector<std::vector<std::string>> rows;
    std::size_t drifts = 0;
    for (const auto& stream : streams) {
        std::string where = stream.reason;
        for (std::size_t i = 0; i < std::min(drifts_shown, stream.found.drifts.size()); ++i)
            where += (i == 0 ? "" : ", ") + moment(order, stream.found.drifts[i]);
        if (stream.found.drifts.size() > drifts_shown)
            where += fmt::format(" and {} more", stream.found.drifts.size() - drifts_shown);
        drifts += stream.found.drifts.size();
        rows.push_back({stream.column, fmt::format("{}", stream.values),
                        fmt::format("{}", stream.found.skipped),
                        fmt::format("{}", stream.found.drifts.size()),
                        fmt::format("{}", stream.found.warnings.size()), where.empty() ? "-" : where});
    }
    std::string text = fmt::format("{} fired {} in {}.\n\n", options.detector, core::plural(drifts, "time"),
                                   core::plural(streams.size(), "column"));
    text += report::aligned({"column", "values", "skipped", "drifts", "warnings", "where"}, rows);
    text += "\n";
    for (const auto& note : order.notes)
        text += report::wrapped("note: " + report::printable(note), width, 0, 2);
    return text +
           report::wrapped(
               "A detector looks at every column by itself, and says nothing of how often it fires on a "
               "stream that does not change.",
               width);
}

void write_moments(core::JsonWriter& json, std::string_view key, const std::vector<std::size_t>& indices,
                   const Order& order) {
    json.key(key);
    json.begin_array();
    for (const std::size_t index : indices) {
        json.begin_object();
        json.member("index", static_cast<std::uint64_t>(index));
        json.key("time");
        if (order.times.empty()) json.null();
        else json.value(core::to_string(core::Timestamp{order.times[index]}));
        json.end_object();
    }
    json.end_array();
}

std::string json_of(const std::vector<Stream>& streams, const Order& order, const std::string& source,
                    const DriftBacktestOptions& options, const online::Settings& settings) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("schema", "tristrata.detections/1");
    json.member("source", source);
    json.member("detector", options.detector);
    json.key("settings");
    json.begin_object();
    for (const auto& [name, value] : settings) json.member(name, value);
    json.end_object();
    json.key("columns");
    json.begin_array();
    for (const auto& stream : streams) {
        json.begin_object();
        json.member("column", stream.column);
        json.member("values", static_cast<std::uint64_t>(stream.values));
        json.member("skipped", static_cast<std::uint64_t>(stream.found.skipped));
        json.member("reason", stream.reason);
        json.member("statistic", stream.found.statistic);
        write_moments(json, "drifts", stream.found.drifts, order);
        write_moments(json, "warnings", stream.found.warnings, order);
        json.end_object();
    }
    json.end_array();
    json.key("notes");
    json.begin_array();
    for (const auto& note : order.notes) json.value(note);
    json.end_array();
    if (json.not_finite() > 0) json.member("not_finite", std::uint64_t{json.not_finite()});
    json.end_object();
    return json.take() + "\n";
}

core::Status refuse_other_options(const DriftBacktestOptions& options) {
    const std::pair<bool, std::string_view> given[]{{!options.chunk.empty(), "--chunk"},
                                                    {options.rows.has_value(), "--rows"},
                                                    {options.count.has_value(), "--count"},
                                                    {options.window.has_value(), "--window"},
                                                    {options.yearly, "--yearly"},
                                                    {!options.state.empty(), "--state"},
                                                    {!options.events.empty(), "--event"},
                                                    {options.null.has_value(), "--null"},
                                                    {options.season.has_value(), "--season"},
                                                    {options.alpha.has_value(), "--alpha"}};
    for (const auto& [there, option] : given)
        if (there)
            return fail(
                ErrorKind::usage,
                fmt::format("{} belongs to chunks; a detector reads one value after another, and takes "
                            "--set PARAMETER=NUMBER",
                            option));
    if (!options.output.html.empty())
        return fail(
            ErrorKind::usage,
            "--html is for chunks, which have verdicts; a detector says where it fired, as table or json");
    if (options.output.format != "table" && options.output.format != "json")
        return fail(
            ErrorKind::usage,
            fmt::format("--format {} is for chunks, which have verdicts; a detector says where it fired, "
                        "as table or json",
                        options.output.format));
    return {};
}

}  // namespace

core::Result<int> drift_detect(const DriftBacktestOptions& options) {
    if (auto status = refuse_other_options(options); !status) return propagate(status);
    auto parameters = settings_of(options.parameters);
    if (!parameters) return propagate(parameters);
    auto plan =
        plan_of({options.plan, options.time, options.columns, options.method, {}, {}, {}, options.seed},
                options.settings);
    if (!plan) return propagate(plan);
    ProgressLine progress;
    core::Task task;
    task.stop = interrupted();
    task.progress = &progress;
    task.limits.threads =
        options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    auto source = open_table(options.tables, 0, *plan, std::nullopt, options.settings, task);
    if (!source) return propagate(source);
    auto order = order_of(**source, *plan, options.reference, task);
    if (!order) return propagate(order);
    auto fields = fields_of(**source, *plan);
    if (!fields) return propagate(fields);
    auto columns = dataset::read_columns(**source, *fields, task);
    if (!columns) return propagate(columns);

    std::vector<Stream> streams(fields->size());
    auto status = core::parallel_for(
        streams.size(), task.limits.threads, task.stop, [&](std::size_t i) -> core::Status {
            Stream& stream = streams[i];
            stream.column = (*source)->schema().fields[(*fields)[i]].name;
            const dataset::Column& column = (*columns)[i];
            const auto values =
                order->stream ? dataset::select(column, *order->stream).numbers : column.numbers;
            const auto reference =
                order->reference ? dataset::select(column, *order->reference).numbers : std::vector<double>{};
            stream.values = values.size();
            if (values.empty()) {
                stream.reason = "it holds no numbers after the reference";
                return {};
            }
            auto found = online::detect(options.detector, *parameters, values, reference, plan->seed);
            if (found) {
                stream.found = std::move(*found);
                return {};
            }
            // Among many columns one that the detector cannot read is a row of the answer; else it is the
            // answer.
            if (found.error().kind != ErrorKind::invalid_input || streams.size() == 1)
                return propagate(found);
            stream.reason = found.error().message;
            return {};
        });
    if (!status) return propagate(status);
    if (std::ranges::none_of(streams, [](const Stream& stream) { return stream.reason.empty(); }))
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} can read none of the columns; {}: {}", options.detector,
                                core::quoted(streams[0].column), streams[0].reason));
    for (const Stream& stream : streams)
        if (stream.reference_skipped > 0)
            order->notes.push_back(
                fmt::format("of the reference of {} {} left out", core::quoted(stream.column),
                            core::plural(stream.reference_skipped, "missing or infinite value was",
                                         "missing or infinite values were")));

    for (const Stream& stream : streams)
        if (stream.found.overflowed > 0)
            order->notes.push_back(
                fmt::format("the statistic of {} left the range of a double at {}: where {} fires after that "
                            "says nothing",
                            core::quoted(stream.column), core::plural(stream.found.overflowed, "value"),
                            options.detector));

    const std::string text = options.output.format == "json"
                                 ? json_of(streams, *order, (*source)->name(), options, *parameters)
                                 : table_of(streams, *order, options, terminal_width());
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    const bool fired =
        std::ranges::any_of(streams, [](const Stream& stream) { return !stream.found.drifts.empty(); });
    return fired && (options.fail_on == "info" || options.fail_on == "warn") ? 1 : 0;
}

}  // namespace tristrata::cli
