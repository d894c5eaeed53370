#include "untaken.hpp"

#include "rows.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <iterator>
#include <tuple>

namespace tristrata::incident {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;  ///< Module, type, metric.

std::int64_t number_of(const Value& value) {
    std::int64_t number = 0;
    if (value) std::from_chars(value->data(), value->data() + value->size(), number);
    return number;
}

std::string place_of(Value value, std::vector<Value>& parameters) {
    parameters.push_back(std::move(value));
    return fmt::format("${}", parameters.size());
}

/// Those of one table; `number` is told that of each row.
core::Status read_untaken(Connection& database, const std::string& table, const std::string& condition,
                          const std::vector<Value>& parameters, std::uint64_t limit, Bad& found,
                          bool numbers) {
    auto rows = database.query(
        fmt::format(
            "SELECT {}, e.id FROM {} AS e WHERE e.detected_at >= $1 AND {} AND NOT EXISTS (SELECT 1 FROM "
            "response.processed AS p WHERE p.event_id = e.event_id AND p.detected_at = "
            "e.detected_at AND p.severity = e.severity) ORDER BY e.severity, e.detected_at LIMIT {}",
            event_columns(database), table, condition, limit),
        parameters);
    if (!rows) return propagate(rows);
    for (const Row& row : *rows) {
        auto event = event_of(row);
        if (!event) return propagate(event);
        found.events.push_back(std::move(*event));
        if (!numbers) continue;
        const std::int64_t number = number_of(row.back());
        found.lowest = std::min(found.lowest.value_or(number), number);
    }
    return {};
}

/// What is bad for the first time: nobody waited for what was good of it.
struct News {
    std::set<std::string> modules;
    std::set<Key> keys;
    std::set<std::string> of_reports;  ///< Modules.
    std::set<std::string> reports;     ///< The row for the whole decides about all of them.
};

core::Result<News> news_in(Connection& database, const std::vector<drift::Event>& bad) {
    News news;
    for (const auto& event : bad) news.modules.insert(event.module);
    std::vector<Value> parameters;
    const std::string condition = among("module", news.modules, parameters);
    auto rows = database.query(
        "SELECT module, drift_type, metric, CASE WHEN by_report THEN 1 ELSE 0 END FROM response.signals "
        "WHERE " +
            condition,
        parameters);
    if (!rows) return propagate(rows);
    std::set<Key> known, known_of_reports;
    for (const Row& row : *rows) {
        Key key(row[0].value_or(""), row[1].value_or(""), row[2].value_or(""));
        if (number_of(row[3]) != 0) known_of_reports.insert(key);
        known.insert(std::move(key));
    }
    for (const auto& event : bad) {
        Key key(event.module, drift::name(event.drift_type), event.metric);
        if (event.report_id) {
            news.reports.insert(core::to_string(*event.report_id));
            if (!known_of_reports.contains(key)) news.of_reports.insert(event.module);
        }
        if (!known.contains(key)) news.keys.insert(std::move(key));
    }
    return news;
}

/// What is good of them, however long ago it was looked through.
std::string condition_of(const News& news, std::vector<Value>& parameters) {
    // In the order in which they are named below.
    const std::string in_modules = among("e.module", news.modules, parameters);
    std::string keys;
    for (const auto& [module, type, metric] : news.keys) {
        keys += keys.empty() ? "" : ", ";
        keys += fmt::format("({}, ", place_of(module, parameters));
        keys += fmt::format("{}, ", place_of(type, parameters));
        keys += fmt::format("{})", place_of(metric, parameters));
    }
    const std::string of_reports = among("e.module", news.of_reports, parameters);
    const std::string reports = among("e.report_id", news.reports, parameters);
    return fmt::format(
        "e.severity = 'info' AND {} AND ({} OR (e.metric = 'share_drifted' AND e.report_id IS NOT NULL "
        "AND ({} OR {})))",
        in_modules,
        keys.empty() ? "1 = 0" : fmt::format("(e.module, e.drift_type, e.metric) IN (VALUES {})", keys),
        of_reports, reports);
}

/// Good evaluations count where something was bad: the metric, or one that reports speak of.
constexpr std::string_view of_signals =
    "e.severity = 'info' AND (EXISTS (SELECT 1 FROM response.signals AS s WHERE s.module = e.module AND "
    "s.drift_type = e.drift_type AND s.metric = e.metric) OR (e.metric = 'share_drifted' AND "
    "e.report_id IS NOT NULL AND EXISTS (SELECT 1 FROM response.signals AS s WHERE s.module = e.module AND "
    "s.by_report)))";

}  // namespace

std::string among(const std::string& column, const std::set<std::string>& names,
                  std::vector<Value>& parameters) {
    if (names.empty()) return "1 = 0";
    std::string text = column + " IN (";
    for (const auto& one : names) {
        text += text.back() == '(' ? "" : ", ";
        text += place_of(one, parameters);
    }
    return text + ")";
}

core::Result<Bad> bad_events(Connection& database, core::Timestamp from, std::uint64_t limit) {
    Bad bad;
    const auto tables = database.event_tables();
    for (const std::string& table : tables)
        if (auto status = read_untaken(database, table, "e.severity IN ('warn', 'crit')", {stored_time(from)},
                                       limit, bad, table == tables.front());
            !status)
            return propagate(status);
    return bad;
}

core::Result<std::vector<drift::Event>> good_events(Connection& database, core::Timestamp from,
                                                    const Bad& bad, std::uint64_t limit, core::Timestamp now,
                                                    std::optional<Looked>& looked) {
    // Asked first: what commits meanwhile is looked at again.
    auto end = database.query("SELECT id FROM drift.events WHERE severity = 'info' ORDER BY id DESC LIMIT 1");
    if (!end) return propagate(end);
    const std::int64_t last = end->empty() ? 0 : number_of(end->front()[0]);
    if (looked && (now < looked->at || looked->whole_at + whole_every <= now || last < looked->last ||
                   (bad.lowest && looked->below && *bad.lowest <= *looked->below)))
        looked.reset();

    Bad good;
    const auto tables = database.event_tables();
    const std::string unseen = looked && looked->below ? fmt::format(" AND e.id > {}", *looked->below) : "";
    for (const std::string& table : tables)
        if (auto status = read_untaken(database, table,
                                       std::string(of_signals) + (table == tables.front() ? unseen : ""),
                                       {stored_time(from)}, limit, good, false);
            !status)
            return propagate(status);
    if (!bad.events.empty()) {
        auto news = news_in(database, bad.events);
        if (!news) return propagate(news);
        std::set<core::Uuid> read;
        for (const auto& event : good.events) read.insert(event.event_id);
        std::vector<Value> parameters{stored_time(from)};
        const std::string condition = condition_of(*news, parameters);
        Bad more;
        for (const std::string& table : tables)
            if (auto status = read_untaken(database, table, condition, parameters, limit, more, false);
                !status)
                return propagate(status);
        for (auto& event : more.events)
            if (read.insert(event.event_id).second) good.events.push_back(std::move(event));
        // From the next step on they are not new.
        if (more.events.size() >= limit) looked.reset();
        if (more.events.size() >= limit) return std::move(good.events);
    }
    if (good.events.size() >= limit) return std::move(good.events);

    if (!looked) looked = Looked{now, last, now, std::nullopt, {}};
    looked->last = last;
    looked->at = now;
    looked->ends.emplace_back(now, last);
    const auto settled = [&](const auto& one) { return one.first + commits_within <= now; };
    while (!looked->ends.empty() && settled(looked->ends.front())) {
        looked->below = looked->ends.front().second;
        looked->ends.erase(looked->ends.begin());
    }
    return std::move(good.events);
}

core::Status mark_taken(Connection& database, const std::vector<drift::Event>& events) {
    constexpr std::size_t rows_max = 200;
    for (std::size_t from = 0; from < events.size(); from += rows_max) {
        std::string places;
        std::vector<Value> values;
        for (std::size_t i = from; i < std::min(from + rows_max, events.size()); ++i) {
            places += fmt::format("{}(${}, ${}, ${})", places.empty() ? "" : ", ", values.size() + 1,
                                  values.size() + 2, values.size() + 3);
            values.emplace_back(core::to_string(events[i].event_id));
            values.emplace_back(stored_time(events[i].detected_at));
            values.emplace_back(drift::name(events[i].severity));
        }
        auto done =
            database.query("INSERT INTO response.processed (event_id, detected_at, severity) VALUES " +
                               places + " ON CONFLICT DO NOTHING",
                           values);
        if (!done) return propagate(done);
    }
    return {};
}

}  // namespace tristrata::incident
