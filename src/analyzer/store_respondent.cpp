#include "query_text.hpp"
#include "tristrata/analyzer/answer.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/database/cursor.hpp"
#include "tristrata/dataset/window.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>
#include <variant>

namespace tristrata::analyzer {
namespace {

using core::ErrorKind;
using core::fail;

/// Of a column without a value: whether its table declares it for texts. SQLite knows no type of an
/// expression, and takes any word as one.
bool declares_text(std::string type) {
    std::ranges::transform(type, type.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return std::ranges::any_of(
        std::array{"CHAR", "CLOB", "TEXT", "STRING", "BLOB", "DATE", "TIME", "JSON", "UUID"},
        [&](const char* word) { return type.find(word) != std::string::npos; });
}

/// A column while its rows come: numbers until a text comes first.
struct Growing {
    std::string name;
    std::optional<bool> is_number;  ///< Absent until a value came.
    bool is_untyped = false;        ///< An expression of SQLite: only values tell its type.
    bool declared_text = false;
    std::vector<double> numbers;
    std::vector<std::string> texts;
    std::uint64_t first_row = 0;
};

class Rows {
public:
    Rows(const Definition& definition, const database::Cursor& cursor) : definition_(definition) {
        for (int i = 0; i < cursor.columns(); ++i) {
            Growing column;
            column.name = cursor.column_name(i);
            const std::string type = cursor.declared_type(i);
            column.is_untyped = type.empty();
            column.declared_text = declares_text(type);
            columns_.push_back(std::move(column));
        }
    }

    /// The columns must be what the analyzer asks for.
    [[nodiscard]] core::Status check() const {
        std::vector<std::string> names;
        for (const auto& column : columns_) names.push_back(column.name);
        const auto has = [&](const std::string& name) { return std::ranges::count(names, name) == 1; };
        const auto listed = [&] {
            std::string all;
            for (const auto& name : names) all += (all.empty() ? "" : ", ") + core::quoted(name);
            return all;
        };
        if (!has(definition_.time))
            return fail(ErrorKind::usage,
                        fmt::format("the query has to give each row's time once, as {}; its columns are {}",
                                    core::quoted(definition_.time), listed()));
        for (const auto& name : definition_.columns)
            if (!has(name))
                return fail(ErrorKind::usage,
                            fmt::format("the query gives no column {} (once); its columns are {}",
                                        core::quoted(name), listed()));
        return {};
    }

    [[nodiscard]] core::Status take(const database::Cursor& cursor) {
        ++rows_;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            Growing& column = columns_[i];
            const int at = static_cast<int>(i);
            const database::Cell cell = cursor.cell(at);
            const bool is_null = cell == database::Cell::null;
            const bool is_number = cell == database::Cell::integer || cell == database::Cell::real;
            if (cell == database::Cell::blob)
                return fail(ErrorKind::invalid_input,
                            fmt::format("row {}: {} holds bytes; expected numbers or text", rows_,
                                        core::quoted(column.name)));
            if (!is_null && !column.is_number) {
                column.is_number = is_number;
                column.first_row = rows_;
            }
            if (!is_null && *column.is_number != is_number)
                return fail(ErrorKind::invalid_input,
                            fmt::format("row {}: {} holds {}, and {} in row {}; cast it in the query", rows_,
                                        core::quoted(column.name), is_number ? "a number" : "text",
                                        is_number ? "text" : "a number", column.first_row));
            column.numbers.push_back(is_number ? cursor.real(at) : std::numeric_limits<double>::quiet_NaN());
            column.texts.push_back(is_null || is_number ? std::string() : cursor.text(at));
        }
        return {};
    }

    [[nodiscard]] core::Result<Answer> finish() {
        Answer answer;
        for (auto& column : columns_) {
            if (column.name == definition_.time) {
                auto times = times_of(column);
                if (!times) return propagate(times);
                if (!times->note.empty()) answer.notes.push_back(times->note);
                answer.times = std::move(times->times);
            } else if (is_asked(column)) {
                if (!column.is_number.value_or(true))
                    return fail(ErrorKind::usage, fmt::format("{} holds text; an analyzer looks at numbers",
                                                              core::quoted(column.name)));
                // Numbers that did not come are absent; they are no rows to count.
                if (rows_ > 0 && column.is_untyped && !column.is_number)
                    answer.notes.push_back(fmt::format(
                        "{} holds nothing but NULL: a column without a number; leave it out of the "
                        "query where rows are to be counted",
                        core::quoted(column.name)));
                answer.numbers.push_back({column.name, std::move(column.numbers)});
            } else if (is_label(column.name)) {
                // A number may be a label too: fold_id = 3.
                if (column.is_number.value_or(false))
                    for (std::size_t i = 0; i < column.texts.size(); ++i)
                        if (!std::isnan(column.numbers[i]))
                            column.texts[i] = core::shortest(column.numbers[i]);
                answer.labels.push_back({column.name, std::move(column.texts)});
            }
        }
        if (answer.numbers.empty() && rows_ > 0 && definition_.has_bounds)
            return fail(
                ErrorKind::usage,
                "the query gives no column of numbers, and minimum, maximum and dispersion_min look at "
                "numbers; cast one in the query, or leave them out");
        if (answer.numbers.empty() && rows_ > 0 && definition_.expects.empty())
            answer.notes.emplace_back("the query gives no column of numbers: only rows are counted");
        return answer;
    }

private:
    [[nodiscard]] bool is_label(const std::string& name) const {
        return std::ranges::any_of(definition_.expects, [&](const auto& one) { return one.contains(name); });
    }
    [[nodiscard]] bool is_asked(const Growing& column) const {
        if (!definition_.columns.empty()) return std::ranges::count(definition_.columns, column.name) > 0;
        return !is_label(column.name) && column.is_number.value_or(!column.declared_text);
    }
    [[nodiscard]] core::Result<dataset::Times> times_of(Growing& column) const {
        dataset::Column times;
        times.rows = rows_;
        if (column.is_number.value_or(false)) {
            times.type = dataset::Type::integer;
            times.numbers = std::move(column.numbers);
            return dataset::times_of(std::move(times), "the query", column.name);
        }
        dataset::Times parsed;
        for (std::uint64_t i = 0; i < rows_; ++i) {
            if (column.texts[i].empty()) {
                parsed.times.push_back(dataset::Column::missing_time);
                continue;
            }
            auto time = core::parse_timestamp(column.texts[i]);
            if (!time)
                return fail(
                    ErrorKind::invalid_input,
                    fmt::format("row {}: {}: {}", i + 1, core::quoted(column.name), time.error().message));
            parsed.times.push_back(time->microseconds);
        }
        return parsed;
    }

    const Definition& definition_;
    std::vector<Growing> columns_;
    std::uint64_t rows_ = 0;
};

class StoreRespondent final : public Respondent {
public:
    StoreRespondent(std::string store, config::Setting setting, config::StoreUrl url)
        : store_(std::move(store)), setting_(std::move(setting)), url_(std::move(url)) {}

    core::Result<Answer> ask(const Definition& definition, core::Timestamp from, core::Timestamp to,
                             const core::Task& task) override {
        const core::Timestamp end = task.clock->steady_now() + definition.timeout;
        bool late = false;
        const auto stop = [&] {
            late = task.clock->steady_now() > end;
            return late || !task.check();
        };
        auto answer = rows(definition, with_window(definition.query, from, to), stop);
        if (!answer && answer.error().kind == ErrorKind::cancelled && !task.stop.stop_requested())
            return fail(ErrorKind::cancelled,
                        fmt::format("the query was cut after {}; expected an answer within its timeout",
                                    core::to_string(definition.timeout)),
                        answer.error().foreign_code);
        return answer;
    }

    core::Result<core::Duration> ahead(const core::Task& task) override {
        if (url_.backend == config::Backend::sqlite) return core::Duration{};
        database::PostgresOptions options = reached({5'000'000});
        options.any_server = true;
        database::Postgres server(std::move(options));
        const core::Timestamp before = task.clock->now();
        auto asked = server.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
        if (!asked) return propagate(asked);
        const core::Timestamp after = task.clock->now();
        const std::int64_t middle = before.microseconds + (after.microseconds - before.microseconds) / 2;
        return core::Duration{asked->integer(0, 0) - middle};
    }

    [[nodiscard]] unsigned at_once() const noexcept override { return 2; }

private:
    [[nodiscard]] database::PostgresOptions reached(core::Duration timeout) const {
        database::PostgresOptions options;
        options.url = config::source_of(setting_);
        options.application = "tristrata analyzer";
        options.connect_timeout = std::min(timeout, core::Duration{5'000'000});
        options.answer_timeout = timeout;
        options.where_denied = "set TRISTRATA_ANALYZER_URL to a user with the role sql_analyzer";
        return options;
    }

    [[nodiscard]] core::Result<Answer> rows(const Definition& definition, const std::string& sql,
                                            const std::function<bool()>& stop) const {
        const auto open = [&]() -> core::Result<std::unique_ptr<database::Cursor>> {
            if (url_.backend == config::Backend::postgresql)
                return database::open_cursor(reached(definition.timeout), sql, stop, definition.timeout);
            auto file = database::Sqlite::open(url_.path, store_, database::Access::read, false,
                                               std::min(definition.timeout, core::Duration{5'000'000}));
            // A volume that is not mounted yet: down, as a server that does not answer is, and no fault of a
            // query.
            if (!file) return fail(ErrorKind::unavailable, file.error().message);
            return database::open_cursor(std::move(*file), sql, stop);
        };
        auto cursor = open();
        if (!cursor) return propagate(cursor);
        Rows rows(definition, **cursor);
        if (auto status = rows.check(); !status) return propagate(status);
        for (std::uint64_t count = 0;; ++count) {
            auto more = (*cursor)->step();
            if (!more) return propagate(more);
            if (!*more) return rows.finish();
            if (count == definition.rows_max)
                return fail(ErrorKind::limit_exceeded,
                            fmt::format("the query gives more than {}, its rows_max; aggregate in the query",
                                        core::plural(definition.rows_max, "row")));
            if (auto status = rows.take(**cursor); !status) return propagate(status);
        }
    }

    std::string store_;  ///< The schema of SQLite's tables.
    config::Setting setting_;
    config::StoreUrl url_;
};

bool is_on(const config::Setting* setting, config::Backend backend) {
    if (setting == nullptr) return false;
    const auto url = config::parse_store_url(*setting);
    return url && url->backend == backend;
}

/// One user may read all of a server; files are one a layer.
core::Result<config::Setting> setting_of(const std::string& store, const config::Settings& settings) {
    const config::Setting* own = settings.find("analyzer_url");
    if (store == "analyzer") {
        if (own == nullptr && is_on(settings.find("kpi_url"), config::Backend::sqlite))
            return settings.require("kpi_url");
        return settings.require("analyzer_url");
    }
    if ((store == "kpi" || store == "drift") && is_on(own, config::Backend::postgresql) &&
        !is_on(settings.find(store + "_url"), config::Backend::sqlite))
        return *own;
    return config::require_store(settings, store);
}

}  // namespace

core::Result<std::unique_ptr<Respondent>> open_store(const Place& place, const config::Settings& settings) {
    auto setting = setting_of(place.store, settings);
    if (!setting) return propagate(setting);
    auto url = config::parse_store_url(*setting);
    if (!url) return propagate(url);
    const std::string schema = place.store == "analyzer" || place.store == "read" ? "kpi" : place.store;
    return std::make_unique<StoreRespondent>(schema, std::move(*setting), std::move(*url));
}

core::Result<std::unique_ptr<Respondent>> open_respondent(const Place& place,
                                                          const config::Settings& settings) {
    return place.kind == SourceKind::sql ? open_store(place, settings) : open_prometheus(place);
}

}  // namespace tristrata::analyzer
