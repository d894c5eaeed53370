#include "tristrata/readiness/rendering.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/report/junit_suite.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::readiness {
namespace {

std::string_view word_of(const Verdict& verdict, const Outcome& outcome) {
    if (outcome.count(Level::not_evaluable) > 0) return "could not be evaluated";
    if (!outcome.blocked(verdict.strict)) return "ready";
    return verdict.advisory ? "would be blocked (--advisory)" : "blocked";
}

/// "31 passed, 1 skipped with a reason, 0 warnings, 2 errors".
std::string tally(const Outcome& outcome) {
    const auto left = outcome.not_judged.size();
    return fmt::format(
        "{} passed, {}{} skipped with a reason, {}, {}", core::plural(outcome.passed.size(), "rule"),
        left > 0 ? fmt::format("{} not judged, ", left) : "", outcome.skipped.size(),
        core::plural(outcome.count(Level::warning), "warning"),
        core::plural(outcome.count(Level::error) + outcome.count(Level::not_evaluable), "error"));
}

/// The plan's file; with its state, where it is not what is committed.
std::string file_of(const Outcome& outcome) {
    return outcome.state.empty() ? outcome.file : fmt::format("{} ({})", outcome.file, outcome.state);
}

std::string section_name(Part part) {
    return number_of(part) > 0 ? fmt::format("§{}", number_of(part)) : std::string(title_of(part));
}

/// A message of a workflow command; `property` escapes what would end one, too.
std::string command_text(std::string_view text, bool property) {
    std::string escaped;
    for (const char c : core::valid_utf8(text)) {
        if (c == '%') escaped += "%25";
        else if (c == '\r') escaped += "%0D";
        else if (c == '\n') escaped += "%0A";
        else if (property && c == ':') escaped += "%3A";
        else if (property && c == ',') escaped += "%2C";
        else escaped += c;
    }
    return escaped;
}

/// A text in a cell of a Markdown table: nothing in it is markup, and nobody is called by @.
std::string cell_text(std::string_view text) {
    std::string cell;
    for (const char c : report::printable(text)) {
        if (c == '<') cell += "&lt;";
        else if (c == '>') cell += "&gt;";
        else if (c == '&') cell += "&amp;";
        else if (c == '@') cell += "&#64;";
        else if (std::string_view("|`*_[]\\#!").find(c) != std::string_view::npos) (cell += '\\') += c;
        else cell += c;
    }
    return cell;
}

/// A rule's own words in such a cell: what stands between backticks stays a command.
std::string own_text(std::string_view text) {
    std::string cell;
    for (bool code = false; !text.empty(); code = !code) {
        const auto end = std::min(text.find('`'), text.size());
        if (code) cell += fmt::format("`{}`", text.substr(0, end));
        else cell += cell_text(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return cell;
}

void write_named(core::JsonWriter& json, const Named& named) {
    const auto day = [](const std::optional<long>& one) {
        return one ? std::optional(date_text(*one)) : std::nullopt;
    };
    const auto texts = [&](std::string_view key, const std::vector<std::string>& list) {
        json.key(key);
        json.begin_array();
        for (const auto& one : list) json.value(one);
        json.end_array();
    };
    const auto maybe = [](const std::string& text) {
        return text.empty() ? std::nullopt : std::optional(text);
    };
    json.key("named");
    json.begin_object();
    json.member("story", maybe(named.story));
    json.member("owner", maybe(named.owner));
    texts("metrics", named.metrics);
    texts("alerts", named.alerts);
    json.member("filled_on", day(named.filled_on));
    json.member("full_rollout", day(named.full_rollout));
    json.member("sunset", day(named.sunset));
    json.member("accountable_until", day(named.accountable_until));
    json.member("outcome", maybe(named.outcome));
    json.member("session", maybe(named.session));
    json.end_object();
}

void write_sections(core::JsonWriter& json, std::string_view key, SectionSet sections) {
    json.key(key);
    json.begin_array();
    for (const Part part : sections_of_a_plan)
        if (sections.contains(part)) json.value(number_of(part));
    json.end_array();
}

void write_scope(core::JsonWriter& json, const Scope& scope) {
    json.begin_object();
    write_sections(json, "sections", scope.sections);
    json.member("unknown", static_cast<std::uint64_t>(scope.unknown));
    json.key("paths");
    json.begin_array();
    for (const auto& path : scope.paths) {
        json.begin_object();
        json.member("path", path.path);
        json.member("pattern", path.pattern.empty() ? std::nullopt : std::optional(path.pattern));
        write_sections(json, "sections", path.sections);
        json.member("reason", path.reason);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

void write_outcome(core::JsonWriter& json, const Verdict& verdict, const Outcome& outcome) {
    json.begin_object();
    json.member("file", outcome.file);
    json.member("state", outcome.state.empty() ? std::nullopt : std::optional(outcome.state));
    json.member("blocked", outcome.blocked(verdict.strict));
    json.member("only_completeness", outcome.blocked_for_completeness(verdict.strict));
    write_sections(json, "required", outcome.required);
    json.member("passed", static_cast<std::uint64_t>(outcome.passed.size()));
    json.member("not_judged", static_cast<std::uint64_t>(outcome.not_judged.size()));
    json.member("errors", static_cast<std::uint64_t>(outcome.count(Level::error) +
                                                     outcome.count(Level::not_evaluable)));
    json.member("warnings", static_cast<std::uint64_t>(outcome.count(Level::warning)));
    json.key("findings");
    json.begin_array();
    for (const auto& finding : outcome.findings) {
        json.begin_object();
        json.member("rule", finding.rule->id);
        json.member("level", name(finding.rule->level));
        json.member("file", finding.file);
        json.member("line", finding.line == 0 ? std::nullopt
                                              : std::optional(static_cast<std::uint64_t>(finding.line)));
        json.member("message", finding.message);
        json.member("write", finding.rule->write);
        json.end_object();
    }
    json.end_array();
    json.key("skipped");
    json.begin_array();
    for (const auto& one : outcome.skipped) {
        json.begin_object();
        json.member("section", number_of(one.part));
        json.member("line", static_cast<std::uint64_t>(one.line));
        json.member("why", one.why);
        json.end_object();
    }
    json.end_array();
    write_named(json, outcome.named);
    json.end_object();
}

}  // namespace

bool Verdict::blocked() const {
    return std::ranges::any_of(outcomes, [&](const Outcome& one) { return one.blocked(strict); });
}

bool Verdict::evaluable() const {
    return std::ranges::all_of(outcomes,
                               [](const Outcome& one) { return one.count(Level::not_evaluable) == 0; });
}

int Verdict::exit_code() const {
    if (!evaluable()) return 3;
    return blocked() && !advisory ? 1 : 0;
}

std::string to_text(const Verdict& verdict) {
    std::string text;
    const Finding* first = nullptr;
    for (const auto& outcome : verdict.outcomes) {
        text += fmt::format("{}: {} (sections asked for: {})\n", report::printable(file_of(outcome)),
                            word_of(verdict, outcome), shown(outcome.required));
        for (const auto& finding : outcome.findings) {
            std::string where = finding.line > 0 ? fmt::format("line {}", finding.line) : "-";
            if (finding.file != outcome.file)
                where = report::printable(finding.file) +
                        (finding.line > 0 ? fmt::format(":{}", finding.line) : "");
            text += fmt::format("  {:<9} {} {}: {}\n", where, finding.rule->id, name(finding.rule->level),
                                report::printable(finding.message));
            if (first == nullptr) first = &finding;
        }
        for (const auto& one : outcome.skipped)
            text += fmt::format("  line {:<4} {} is skipped: {}\n", one.line, section_name(one.part),
                                report::printable(one.why));
        text += fmt::format("  {}\n", tally(outcome));
    }
    if (verdict.outcomes.empty())
        text += (verdict.none.empty() ? "no plan is asked for" : report::printable(verdict.none)) + "\n";
    if (!verdict.policy.empty()) text += fmt::format("policy: {}\n", report::printable(verdict.policy));
    if (first != nullptr)
        text += fmt::format("Why, with examples: tristrata readiness explain {}\n", first->rule->id);
    return text;
}

std::string to_json(const Verdict& verdict) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("schema", "tristrata.readiness/1");
    json.member("created_at", core::to_string(verdict.at));
    json.member("blocked", verdict.blocked());
    json.member("advisory", verdict.advisory);
    json.member("strict", verdict.strict);
    json.member("exit_code", verdict.exit_code());
    json.member("policy", verdict.policy.empty() ? std::nullopt : std::optional(verdict.policy));
    json.key("scope");
    if (verdict.scope) write_scope(json, *verdict.scope);
    else json.null();
    json.key("plans");
    json.begin_array();
    for (const auto& outcome : verdict.outcomes) write_outcome(json, verdict, outcome);
    json.end_array();
    json.end_object();
    return json.take() + "\n";
}

std::string to_junit(const Verdict& verdict) {
    using Ending = report::JUnitSuite::Ending;
    report::JUnitSuite suite("readiness check", "readiness");
    for (const auto& outcome : verdict.outcomes) {
        suite.describe("plan", outcome.file);
        const auto before = [&](std::string_view id) { return fmt::format("{} {}", outcome.file, id); };
        const auto fails = [&](Level level) {
            return level == Level::not_evaluable ||
                   (!verdict.advisory &&
                    (level == Level::error || (level == Level::warning && verdict.strict)));
        };
        for (const auto& rule : rules()) {
            std::string message;
            for (const auto& finding : outcome.findings)
                if (finding.rule == &rule)
                    message += fmt::format("{}line {}: {}", message.empty() ? "" : "; ", finding.line,
                                           finding.message);
            const bool passed = std::ranges::find(outcome.passed, &rule) != outcome.passed.end();
            const auto skipped = std::ranges::find(outcome.skipped, rule.part, &Skipped::part);
            const std::string title = fmt::format("{}: {}", before(rule.id), rule.title);
            if (!message.empty())
                suite.add(title, fails(rule.level) ? Ending::failed : Ending::skipped, name(rule.level),
                          message);
            else if (skipped != outcome.skipped.end() && number_of(rule.part) > 0)
                suite.add(title, Ending::skipped, "", skipped->why);
            else if (passed) suite.add(title, Ending::passed, "", "");
        }
    }
    return suite.finish(verdict.at);
}

std::string to_github(const Verdict& verdict) {
    std::string text;
    for (const auto& outcome : verdict.outcomes)
        for (const auto& finding : outcome.findings) {
            const Level level = finding.rule->level;
            const bool error =
                level == Level::not_evaluable ||
                (!verdict.advisory && (level == Level::error || (level == Level::warning && verdict.strict)));
            text +=
                fmt::format("::{} file={}{},title={}::{}. {}\n", error ? "error" : "warning",
                            command_text(finding.file, true),
                            finding.line > 0 ? fmt::format(",line={}", finding.line) : "", finding.rule->id,
                            command_text(finding.message, false), command_text(finding.rule->write, false));
        }
    for (const auto& outcome : verdict.outcomes)
        for (const auto& one : outcome.skipped)
            text += fmt::format("::notice file={},line={},title=skipped::{} is skipped: {}\n",
                                command_text(outcome.file, true), one.line, section_name(one.part),
                                command_text(one.why, false));
    return text;
}

std::string to_comment(const Verdict& verdict) {
    std::string text = "<!-- tristrata-readiness -->\n";
    text += fmt::format("### MLOps readiness: {}\n\n", !verdict.evaluable() ? "could not be evaluated"
                                                       : !verdict.blocked() ? "ready"
                                                       : verdict.advisory   ? "would be blocked"
                                                                            : "blocked");
    if (verdict.outcomes.empty())
        text +=
            (verdict.none.empty() ? "No changed path asks for a plan." : cell_text(verdict.none)) + "\n\n";
    for (const auto& outcome : verdict.outcomes) {
        text += fmt::format("**{}** (asked for: {}): {}\n\n", cell_text(file_of(outcome)),
                            shown(outcome.required), tally(outcome));
        if (!outcome.findings.empty()) text += "| line | rule | what | write |\n|---|---|---|---|\n";
        for (const auto& finding : outcome.findings)
            text += fmt::format("| {} | {} {} | {} | {} |\n",
                                finding.line > 0 ? std::to_string(finding.line) : "", finding.rule->id,
                                name(finding.rule->level), cell_text(finding.message),
                                own_text(finding.rule->write));
        if (!outcome.findings.empty()) text += "\n";
        for (const auto& one : outcome.skipped)
            text += fmt::format("- {} is skipped (line {}): {}\n", section_name(one.part), one.line,
                                cell_text(one.why));
        if (!outcome.skipped.empty()) text += "\n";
    }
    if (verdict.scope) {
        text +=
            "<details><summary>Which path asked for what</summary>\n\n| path | sections | why "
            "|\n|---|---|---|\n";
        constexpr std::size_t rows_max = 100;
        for (std::size_t i = 0; i < std::min(rows_max, verdict.scope->paths.size()); ++i) {
            const auto& path = verdict.scope->paths[i];
            text += fmt::format("| {} | {} | {} |\n", cell_text(path.path), shown(path.sections),
                                cell_text(path.reason));
        }
        if (verdict.scope->paths.size() > rows_max)
            text += fmt::format("\nand {} more\n", verdict.scope->paths.size() - rows_max);
        if (!verdict.policy.empty()) text += fmt::format("\nPolicy: {}\n", cell_text(verdict.policy));
        text += "\n</details>\n\n";
    }
    text += "`tristrata readiness explain RDYnnn` says why a rule is there.\n";
    return text;
}

std::string to_text(const Scope& scope) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& path : scope.paths)
        rows.push_back({report::shortened(report::printable(path.path), 120),
                        path.pattern.empty() ? "unknown" : shown(path.sections),
                        path.pattern.empty() ? "-" : path.pattern, path.reason});
    std::string text =
        rows.empty() ? "no path changed\n" : report::aligned({"path", "sections", "pattern", "why"}, rows);
    text += fmt::format("asked for: {}{}\n", shown(scope.sections),
                        scope.unknown > 0 ? fmt::format("; {} known to no scope",
                                                        core::plural(scope.unknown, "path is", "paths are"))
                                          : "");
    return text;
}

std::string to_json(const Scope& scope) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    write_scope(json, scope);
    return json.take() + "\n";
}

}  // namespace tristrata::readiness
