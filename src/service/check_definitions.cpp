#include "checks.hpp"
#include "tristrata/config/document.hpp"
#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/drift/event_name.hpp"
#include "tristrata/drift_check/reference.hpp"
#include "tristrata/service/service.hpp"
#include "watched_file.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace tristrata::service {
namespace {

using core::ErrorKind;
using core::fail;

class CheckReader {
public:
    CheckReader(config::Reader& table, const config::Settings& settings)
        : table_(table), settings_(settings) {}

    core::Result<CheckDefinition> read() {
        CheckDefinition one;
        std::vector<std::string> problems;
        one.where = table_.where();
        std::string reference, plan, time;
        for (const auto& [key, target] : {std::pair{"name", &one.name},
                                          {"module", &one.module},
                                          {"current", &one.current.path},
                                          {"sql", &one.current.sql},
                                          {"store", &one.current.store},
                                          {"reference", &reference},
                                          {"reference_module", &one.reference_module},
                                          {"plan", &plan},
                                          {"time", &time}})
            if (auto status = text(key, *target); !status) problems.push_back(status.error().message);
        one.every = {86'400'000'000};
        for (const auto& [key, target] : {std::pair{"every", &one.every},
                                          {"delay", &one.delay},
                                          {"window", &one.window},
                                          {"reference_window", &one.reference_window}})
            if (auto status = duration(key, *target); !status) problems.push_back(status.error().message);
        // Behind all that are known: what was not read would be told as unknown.
        if (auto status = table_.finish(); !status) problems.push_back(status.error().message);
        if (!problems.empty())
            return fail(ErrorKind::configuration, fmt::format("{}", fmt::join(problems, "\n")));
        (drift_check::is_profile_file(reference) ? one.reference_profile : one.reference_table) = reference;
        if (auto status = plan_of(one, plan, time); !status) return propagate(status);
        if (auto status = check(one); !status) return propagate(status);
        return one;
    }

private:
    core::Status text(std::string_view key, std::string& target) {
        auto value = table_.text(key);
        if (!value) return propagate(value);
        if (*value && (*value)->empty())
            return fail(ErrorKind::configuration, fmt::format("{}: {} is empty", table_.where(key), key));
        if (*value) target = **value;
        return {};
    }
    core::Status duration(std::string_view key, core::Duration& target) {
        auto value = table_.text(key);
        if (!value) return propagate(value);
        if (!*value) return {};
        auto parsed = core::parse_duration(**value);
        if (!parsed || (parsed->microseconds <= 0 && key != "delay"))
            return fail(ErrorKind::configuration,
                        fmt::format("{}: {} is {}; expected a duration such as \"1d\", \"6h\" or \"15m\"",
                                    table_.where(key), key, core::quoted(**value)));
        target = *parsed;
        return {};
    }
    core::Status plan_of(CheckDefinition& one, const std::string& plan, const std::string& time) {
        if (!plan.empty()) {
            auto read = detection::read_plan(plan);
            if (!read) return refuse(read.error().message);
            one.plan = std::move(*read);
        }
        if (!time.empty()) one.plan.time = time;
        auto patterns = config::SensitivePatterns::of(settings_);
        if (!patterns) return propagate(patterns);
        one.plan.patterns = std::move(*patterns);
        if (auto status = detection::validate(one.plan); !status) return refuse(status.error().message);
        return {};
    }
    [[nodiscard]] core::Status check(const CheckDefinition& one) const {
        if (one.name.empty()) return refuse("the check has no name; give it one, which its figures bear");
        if (one.module.empty()) return refuse("the check has no module, whose drift it is about");
        // As its longest event bears it.
        const std::string metric = "row_count_" + one.name;
        for (const auto& [what, name] :
             {std::pair{"name, with row_count_ before it,", &metric}, {"module", &one.module}})
            if (auto status = drift::check_name(what, *name); !status) return refuse(status.error().message);
        if (one.current.path.empty() == one.current.sql.empty())
            return refuse("expected one of current (a file, a folder or s3://…) and sql");
        if (one.current.sql.empty() != one.current.store.empty())
            return refuse("sql and store go together: a query, and the store that it asks");
        if (one.current.path == "-") return refuse("current is standard input, which can be read once");
        const int references =
            (one.reference_profile.empty() ? 0 : 1) + (one.reference_table.empty() ? 0 : 1) +
            (one.reference_module.empty() ? 0 : 1) + (one.reference_window.microseconds > 0 ? 1 : 0);
        if (references != 1)
            return refuse(fmt::format(
                "{} references are named; expected one of reference (a profile or a table), "
                "reference_module (what was promoted for it) and reference_window (of the same table)",
                references));
        if (one.plan.time.empty() && (one.window.microseconds > 0 || one.reference_window.microseconds > 0))
            return refuse("a window needs time, the column that holds the time of each row");
        if (one.reference_window.microseconds > 0 && one.window.microseconds == 0)
            return refuse("reference_window ends where window begins, and there is no window");
        return {};
    }
    [[nodiscard]] tl::unexpected<core::Error> refuse(std::string_view why) const {
        return fail(ErrorKind::configuration, fmt::format("{}: {}", table_.where(), why));
    }

    config::Reader& table_;
    const config::Settings& settings_;
};

core::Result<std::vector<CheckDefinition>> of_document(const core::Result<config::Document>& document,
                                                       const config::Settings& settings) {
    if (!document) return propagate(document);
    config::Reader root = document->root();
    auto tables = root.tables("check");
    if (!tables) return propagate(tables);
    std::vector<CheckDefinition> all;
    std::vector<std::string> problems;
    std::set<std::string> names;
    for (config::Reader& table : *tables) {
        auto one = CheckReader(table, settings).read();
        if (!one) problems.push_back(one.error().message);
        else if (!names.insert(one->name).second)
            problems.push_back(
                fmt::format("{}: there is a check {} already", one->where, core::quoted(one->name)));
        else all.push_back(std::move(*one));
    }
    if (auto status = root.finish(); !status) {
        const auto is_told = [&](const std::string& told) {
            return told.find(status.error().message) != std::string::npos;
        };
        if (std::ranges::none_of(problems, is_told)) problems.push_back(status.error().message);
    }
    if (problems.empty() && all.empty())
        problems.push_back(fmt::format("{}: it holds no [[check]]", root.where()));
    if (!problems.empty())
        return fail(ErrorKind::configuration, fmt::format("{}", fmt::join(problems, "\n")));
    return all;
}

}  // namespace

core::Result<std::vector<CheckDefinition>> read_checks(const std::filesystem::path& file,
                                                       const config::Settings& settings) {
    return of_document(config::read_document(file), settings);
}

core::Result<std::uint64_t> count_checks(const config::Settings& settings) {
    auto file = watched_file(settings, "checks", {"drift_url", "kpi_url"});
    if (!file) return propagate(file);
    if (*file == nullptr) return 0;
    auto all = read_checks((*file)->value.reveal(), settings);
    if (!all) return propagate(all);
    return all->size();
}

core::Result<std::vector<CheckDefinition>> parse_checks(std::string_view text, std::string name,
                                                        const config::Settings& settings) {
    return of_document(config::parse_document(text, std::move(name)), settings);
}

}  // namespace tristrata::service
