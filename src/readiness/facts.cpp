#include "tristrata/readiness/facts.hpp"

#include "judge.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/readiness/changes.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>
#include <algorithm>

namespace tristrata::readiness {
namespace {

using core::ErrorKind;
using core::fail;

/// Files below the root that match a pattern, in alphabetical order. Only folders that the pattern names
/// without a star are looked into, so that a large repository costs nothing.
std::vector<std::filesystem::path> files_of(Facts& facts, const std::string& pattern) {
    const std::filesystem::path& root = facts.root;
    std::vector<std::filesystem::path> files;
    std::error_code code;
    const auto house = std::filesystem::canonical(root, code);
    const auto is_inside = [&](const std::filesystem::path& file) {
        std::error_code ignored;
        const auto real = std::filesystem::canonical(file, ignored);
        const bool inside = !ignored && std::ranges::mismatch(house, real).in1 == house.end();
        if (!inside) facts.left_out.push_back(file.lexically_relative(root).generic_string());
        return inside;
    };
    const auto star = pattern.find_first_of("*?{");
    if (star == std::string::npos) {
        if (std::filesystem::is_regular_file(root / pattern, code) && is_inside(root / pattern))
            files.push_back(root / pattern);
        return files;
    }
    const auto slash = pattern.rfind('/', star);
    const auto folder = slash == std::string::npos ? root : root / pattern.substr(0, slash);
    const auto readings = readings_of(pattern);
    const auto take = [&](const std::filesystem::directory_entry& entry) {
        std::error_code ignored;
        if (!entry.is_regular_file(ignored)) return;
        const std::string path = entry.path().lexically_relative(root).generic_string();
        if (std::ranges::any_of(readings, [&](const std::string& one) { return matches(one, path); }) &&
            is_inside(entry.path()))
            files.push_back(entry.path());
    };
    constexpr auto quiet = std::filesystem::directory_options::skip_permission_denied;
    if (pattern.find("**") != std::string::npos) {
        for (auto at = std::filesystem::recursive_directory_iterator(folder, quiet, code);
             !code && at != std::filesystem::recursive_directory_iterator(); at.increment(code))
            take(*at);
    } else {
        for (auto at = std::filesystem::directory_iterator(folder, quiet, code);
             !code && at != std::filesystem::directory_iterator(); at.increment(code))
            take(*at);
    }
    std::ranges::sort(files);
    return files;
}

/// Names that an expression of PromQL reads: no function, no label, no word of the language.
void add_metrics(std::set<std::string, std::less<>>& metrics, std::string_view expression) {
    static const std::set<std::string, std::less<>> words{
        "by",   "without", "on",  "ignoring", "and", "or",         "unless",     "offset",
        "bool", "inf",     "nan", "start",    "end", "group_left", "group_right"};
    int braces = 0;
    bool quotes = false, labels = false;
    for (std::size_t at = 0; at < expression.size();) {
        const char c = expression[at];
        if (c == '"' || c == '\'') quotes = !quotes;
        if (c == '{' || c == '[') ++braces;
        if (c == '}' || c == ']') --braces;
        if (c == ')') labels = false;
        const auto is_name = [](char one) {
            return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || one == '_' || one == ':' ||
                   (one >= '0' && one <= '9');
        };
        if (quotes || braces > 0 || !is_name(c)) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < expression.size() && is_name(expression[end])) ++end;
        const std::string_view name = expression.substr(at, end - at);
        std::size_t next = end;
        while (next < expression.size() && expression[next] == ' ') ++next;
        // max(x), or max by (label) (x).
        const auto rest = expression.substr(next);
        const auto word_follows = [&](std::string_view word) {
            return rest.starts_with(word) && (rest.size() == word.size() || !is_name(rest[word.size()]));
        };
        const bool called = rest.starts_with('(') || word_follows("by") || word_follows("without");
        const bool grouping = name == "by" || name == "without" || name == "on" || name == "ignoring";
        const bool digit = name[0] >= '0' && name[0] <= '9';
        if (!labels && !called && !digit && !words.contains(name)) metrics.emplace(name);
        labels = labels || (grouping && called);
        at = end;
    }
}

std::string text_of(const YAML::Node& node, const char* key) {
    const auto found = node[key];
    return found && found.IsScalar() ? found.Scalar() : std::string();
}

void add_rule(Facts& facts, const YAML::Node& rule) {
    if (!rule.IsMap()) return;
    for (const char* key : {"alert", "title", "uid"})  // Prometheus; Grafana, by either.
        if (auto name = text_of(rule, key); !name.empty()) facts.alerts.insert(std::move(name));
    if (auto record = text_of(rule, "record"); !record.empty()) facts.metrics.insert(std::move(record));
    add_metrics(facts.metrics, text_of(rule, "expr"));
    if (const auto data = rule["data"]; data && data.IsSequence())
        for (const auto& query : data)
            if (query.IsMap() && query["model"] && query["model"].IsMap())
                add_metrics(facts.metrics, text_of(query["model"], "expr"));
}

/// The document of one file; its errors as values. A file of several MB is no file of rules.
core::Result<YAML::Node> read_yaml(const std::filesystem::path& file, const std::filesystem::path& root) {
    auto text = read_text(file, root);
    if (!text) return propagate(text);
    try {
        return YAML::Load(*text);
    } catch (const YAML::Exception& error) {
        return fail(
            ErrorKind::configuration,
            fmt::format("{}:{}: {}; expected rules of Prometheus or Grafana in YAML",
                        file.lexically_relative(root).generic_string(), error.mark.line + 1, error.msg));
    }
}

/// Of a change set those that its base has: it would make its author the owner of what it changes.
core::Status read_owners(Facts& facts, const Places& places, const std::string& ancestor) {
    if (places.owners.empty()) return {};
    const bool here = !files_of(facts, places.owners).empty();
    core::Result<std::string> before = fail(ErrorKind::not_found, "no base");
    if (!ancestor.empty()) before = text_at(facts.root, ancestor, places.owners);
    if (!before && before.error().kind != ErrorKind::not_found) return propagate(before);
    if (before && !here)
        return fail(
            ErrorKind::not_found,
            fmt::format("{} is there at the base and gone: whether the DRI owns what the plan watches "
                        "cannot be told; put it back, or name another in [places] owners of "
                        "readiness.scope.toml",
                        core::quoted(places.owners, 200)));
    if (!here && !places.owners_named) return {};
    if (!here)
        return fail(
            ErrorKind::not_found,
            fmt::format("[places] owners: {} is no file of the repository; expected the owners.toml that "
                        "says who owns which module, or no such line",
                        core::quoted(places.owners, 200)));
    // What cannot be read is refused before it is the base of others.
    auto read = config::Owners::read(facts.root / places.owners);
    if (!read) return propagate(read);
    facts.sources.push_back(places.owners);
    if (before) {
        const std::string base = fmt::format("at the base ({})", ancestor.substr(0, 12));
        auto merged = config::Owners::parse(*before, fmt::format("{} {}", places.owners, base));
        if (!merged) return propagate(merged);
        read = std::move(merged);
        facts.owners_at = base;
    }
    facts.owners = std::move(*read);
    return {};
}

}  // namespace

core::Result<Facts> read_facts(const Policy& policy, const std::filesystem::path& root,
                               const std::string& ancestor) {
    Facts facts;
    facts.root = root;
    facts.metrics.insert(policy.places.metrics.begin(), policy.places.metrics.end());
    std::set<std::filesystem::path> tests;
    for (const auto& pattern : policy.places.rule_tests)
        for (const auto& file : files_of(facts, pattern)) {
            if (!tests.insert(file).second) continue;
            auto document = read_yaml(file, root);
            if (!document) return propagate(document);
            facts.sources.push_back(file.lexically_relative(root).generic_string());
            if (!document->IsMap() || !(*document)["tests"].IsSequence()) continue;
            for (const auto& test : (*document)["tests"]) {
                if (!test.IsMap() || !test["alert_rule_test"] || !test["alert_rule_test"].IsSequence())
                    continue;
                for (const auto& one : test["alert_rule_test"])
                    // exp_alerts: [] says that it does not fire.
                    if (one.IsMap() && one["exp_alerts"] && one["exp_alerts"].IsSequence() &&
                        one["exp_alerts"].size() > 0)
                        facts.tested.insert(text_of(one, "alertname"));
            }
        }
    std::set<std::filesystem::path> seen;
    for (const auto& pattern : policy.places.rules)
        for (const auto& file : files_of(facts, pattern)) {
            if (tests.contains(file) || !seen.insert(file).second) continue;
            auto document = read_yaml(file, root);
            if (!document) return propagate(document);
            facts.sources.push_back(file.lexically_relative(root).generic_string());
            if (!document->IsMap() || !(*document)["groups"].IsSequence()) continue;
            for (const auto& group : (*document)["groups"])
                if (group.IsMap() && group["rules"] && group["rules"].IsSequence())
                    for (const auto& rule : group["rules"])
                        // Grafana evaluates no rule that is paused.
                        if (!rule.IsMap() || !rule["isPaused"] || !rule["isPaused"].as<bool>(false))
                            add_rule(facts, rule);
        }
    if (auto read = read_owners(facts, policy.places, ancestor); !read) return propagate(read);
    for (const auto& address : policy.places.addresses) facts.addresses.push_back(without_scheme(address));
    facts.origin = origin_of(root);
    return facts;
}

core::Status add_drift_plan(Facts& facts, const std::filesystem::path& file) {
    auto plan = detection::read_plan(file);
    if (!plan) return propagate(plan);
    facts.drift_plan = file.generic_string();
    for (const auto& row : plan->severity.rows()) {
        if (row.subject == "distribution") facts.psi = Thresholds{row.warn, row.crit};
        if (row.subject == "performance_gap") facts.performance_gap = Thresholds{row.warn, row.crit};
    }
    return {};
}

}  // namespace tristrata::readiness
