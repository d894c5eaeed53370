#include "tristrata/readiness/rendering.hpp"

#include "judge.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/report/display.hpp"
#include "tristrata/report/junit_suite.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

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

/// Who says which sections count, where that is not the change itself; or that the plan will not say it.
std::string who_asks(const Verdict& verdict, const Outcome& outcome) {
    using AskedBy = Outcome::AskedBy;
    const bool lacks_sections = std::ranges::any_of(outcome.findings, [](const Finding& one) {
        return number_of(one.rule->part) > 0 && one.rule->id.ends_with("00");
    });
    const bool light = !outcome.required.contains(verdict.all_asked) && !outcome.required.empty();
    if (outcome.asked_by == AskedBy::record)
        return fmt::format("asked for by line {} of the plan (Sections asked for)", outcome.asked_line);
    if (outcome.asked_by == AskedBy::nothing && lacks_sections)
        return "all six are asked for: neither a change nor a line of the plan says less (\"Sections asked "
               "for: §1, "
               "§2, §5\")";
    if (verdict.scope && light && outcome.asked_line == 0 && !outcome.passed.empty())
        return fmt::format(
            "not recorded in the plan: after the merge {} are asked for; write \"Sections asked for: {}\" "
            "above "
            "its sections",
            verdict.all_asked == SectionSet::all() ? "all six" : shown(verdict.all_asked),
            shown(outcome.required));
    return "";
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
    json.member("asked_by", outcome.asked_by == Outcome::AskedBy::record    ? "plan"
                            : outcome.asked_by == Outcome::AskedBy::nothing ? "default"
                                                                            : "request");
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
        json.member("missing", finding.is_missing());
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
        if (const auto who = who_asks(verdict, outcome); !who.empty()) text += fmt::format("  {}\n", who);
        for (const auto& finding : outcome.findings) {
            std::string where = finding.line > 0 ? fmt::format("line {}", finding.line) : "-";
            if (finding.file != outcome.file)
                where = report::printable(finding.file) +
                        (finding.line > 0 ? fmt::format(":{}", finding.line) : "");
            text += fmt::format("  {:<9} {} {}: {}\n", where, finding.rule->id, name(finding.rule->level),
                                report::printable(finding.message));
            // A note explains nothing of what blocks.
            if (first == nullptr || (first->rule->level == Level::note && finding.rule->level > Level::note))
                first = &finding;
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
                    message += fmt::format("{}{}{}", message.empty() ? "" : "; ",
                                           finding.line > 0 ? fmt::format("line {}: ", finding.line) : "",
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

namespace {

/// Where an annotation stands, and what its words begin with: an issue's plan is in no file of the diff.
std::pair<std::string, std::string> annotated(const std::string& file, std::size_t line) {
    if (is_address(file))
        return {"", fmt::format("{}{}: ", command_text(file, false),
                                line > 0 ? fmt::format(", line {}", line) : "")};
    return {
        fmt::format("file={}{},", command_text(file, true), line > 0 ? fmt::format(",line={}", line) : ""),
        ""};
}

}  // namespace

std::string to_github(const Verdict& verdict) {
    std::string text;
    for (const auto& outcome : verdict.outcomes)
        for (const auto& finding : outcome.findings) {
            const Level level = finding.rule->level;
            const bool error =
                level == Level::not_evaluable ||
                (!verdict.advisory && (level == Level::error || (level == Level::warning && verdict.strict)));
            const auto [place, before] = annotated(finding.file, finding.line);
            text += fmt::format("::{} {}title={}::{}{}. {}\n",
                                error                  ? "error"
                                : level == Level::note ? "notice"
                                                       : "warning",
                                place, finding.rule->id, before, command_text(finding.message, false),
                                command_text(finding.rule->write, false));
        }
    for (const auto& outcome : verdict.outcomes)
        for (const auto& one : outcome.skipped) {
            const auto [place, before] = annotated(outcome.file, one.line);
            text += fmt::format("::notice {}title=skipped::{}{} is skipped: {}\n", place, before,
                                section_name(one.part), command_text(one.why, false));
        }
    return text;
}

namespace {

/// A comment that is filled piece by piece: whatever does not fit is left out as a whole, and counted.
class Comment {
public:
    explicit Comment(const Verdict& verdict) : verdict_(verdict), parts_(verdict.outcomes.size()) {
        text_ = fmt::format("<!-- tristrata-readiness -->\n### MLOps readiness: {}\n\n",
                            !verdict.evaluable() ? "could not be evaluated"
                            : !verdict.blocked() ? "ready"
                            : verdict.advisory   ? "would be blocked"
                                                 : "blocked");
        if (verdict.outcomes.empty())
            text_ += (verdict.none.empty() ? "No changed path asks for a plan."
                                           : cell_text(report::shortened(verdict.none, 200))) +
                     "\n\n";
        used_ = text_.size();
    }

    [[nodiscard]] std::string finished() {
        // What stops the merge comes first; the order of the lines stays that of the plan.
        for (const Level level : {Level::not_evaluable, Level::error, Level::warning, Level::note})
            for (std::size_t i = 0; i < parts_.size(); ++i) take_findings(i, level);
        for (std::size_t i = 0; i < parts_.size(); ++i) take_skipped(i);
        for (std::size_t i = 0; i < parts_.size(); ++i)
            if (!opens(i, 0)) ++plans_left_;
        for (std::size_t i = 0; i < parts_.size(); ++i) write(i);
        const std::string scope = scope_table();
        if (findings_left_ + skipped_left_ + plans_left_ + paths_left_ > 0) text_ += left_out();
        return text_ + scope + "`tristrata readiness explain RDYnnn` says why a rule is there.\n";
    }

private:
    static constexpr std::size_t characters_max = 65'536;  // of a comment of GitHub; a byte is at most one
    static constexpr std::size_t closing = 2'048;          // what is said at the end
    static constexpr std::string_view columns = "| line | rule | what | write |\n|---|---|---|---|\n";
    struct Part {
        bool is_open = false;
        std::vector<std::pair<std::size_t, std::string>> rows;  ///< By the number of the finding.
        std::string skipped;
    };

    [[nodiscard]] std::string head_of(std::size_t i) const {
        const Outcome& outcome = verdict_.outcomes[i];
        const std::string who = who_asks(verdict_, outcome);
        return fmt::format("**{}** (asked for: {}): {}\n\n{}", cell_text(file_of(outcome)),
                           shown(outcome.required), tally(outcome),
                           who.empty() ? "" : cell_text(who) + "\n\n");
    }
    /// Whether the plan's head and so many bytes fit; takes their room.
    bool opens(std::size_t i, std::size_t bytes) {
        const std::size_t head = parts_[i].is_open ? 0 : head_of(i).size() + columns.size() + 2;
        if (used_ + head + bytes + closing > characters_max) return false;
        used_ += head + bytes;
        return parts_[i].is_open = true;
    }
    void take_findings(std::size_t i, Level level) {
        const auto& findings = verdict_.outcomes[i].findings;
        for (std::size_t number = 0; number < findings.size(); ++number) {
            const Finding& finding = findings[number];
            if (finding.rule->level != level) continue;
            std::string row = fmt::format("| {} | {} {} | {} | {} |\n",
                                          finding.line > 0 ? std::to_string(finding.line) : "",
                                          finding.rule->id, name(finding.rule->level),
                                          cell_text(finding.message), own_text(finding.rule->write));
            if (opens(i, row.size())) parts_[i].rows.emplace_back(number, std::move(row));
            else ++findings_left_;
        }
    }
    void take_skipped(std::size_t i) {
        for (const auto& one : verdict_.outcomes[i].skipped) {
            const std::string line = fmt::format("- {} is skipped (line {}): {}\n", section_name(one.part),
                                                 one.line, cell_text(one.why));
            if (opens(i, line.size())) parts_[i].skipped += line;
            else ++skipped_left_;
        }
    }
    void write(std::size_t i) {
        Part& part = parts_[i];
        if (!part.is_open) return;
        text_ += head_of(i);
        std::ranges::sort(part.rows);
        if (!part.rows.empty()) text_ += columns;
        for (const auto& [number, row] : part.rows) text_ += row;
        if (!part.rows.empty()) text_ += "\n";
        if (!part.skipped.empty()) text_ += part.skipped + "\n";
    }
    [[nodiscard]] std::string scope_table() {
        if (!verdict_.scope) return "";
        std::string table =
            "<details><summary>Which path asked for what</summary>\n\n| path | sections | why "
            "|\n|---|---|---|\n";
        constexpr std::size_t rows_max = 100;
        for (std::size_t i = 0; i < verdict_.scope->paths.size(); ++i) {
            const auto& path = verdict_.scope->paths[i];
            const std::string row = fmt::format("| {} | {} | {} |\n", cell_text(path.path),
                                                shown(path.sections), cell_text(path.reason));
            if (i >= rows_max || used_ + row.size() + closing > characters_max) {
                paths_left_ = verdict_.scope->paths.size() - i;
                break;
            }
            used_ += row.size();
            table += row;
        }
        if (!verdict_.policy.empty())
            table += fmt::format("\nPolicy: {}\n", cell_text(report::shortened(verdict_.policy, 200)));
        return table + "\n</details>\n\n";
    }
    [[nodiscard]] std::string left_out() const {
        std::string what;
        for (const auto& [count, one, many] :
             {std::tuple{findings_left_, "finding", "findings"},
              std::tuple{skipped_left_, "skipped section", "skipped sections"},
              std::tuple{plans_left_, "plan", "plans"},
              std::tuple{paths_left_, "changed path", "changed paths"}})
            if (count > 0) what += (what.empty() ? "" : ", ") + core::plural(count, one, many);
        return fmt::format(
            "**Left out here: {}.** The whole is in the log of the check that wrote this, and in what "
            "`tristrata "
            "readiness check` prints.\n\n",
            what);
    }

    const Verdict& verdict_;
    std::vector<Part> parts_;
    std::string text_;
    std::size_t used_ = 0;
    std::size_t findings_left_ = 0, skipped_left_ = 0, plans_left_ = 0, paths_left_ = 0;
};

}  // namespace

std::string to_comment(const Verdict& verdict) { return Comment(verdict).finished(); }

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
