#include "page.hpp"

#include "assets.hpp"
#include "ordering.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::report {

using drift::Severity;
using drift::Verdict;

namespace {

std::string_view mark(std::optional<Severity> severity) {
    if (!severity) return "";
    switch (*severity) {
        case Severity::crit:
            return "▲ ";
        case Severity::warn:
            return "◆ ";
        case Severity::info:
            return "● ";
    }
    return "";
}

// Only these two may act, whatever a name from outside has smuggled in.
std::string own_style() { return fmt::format("\n{}", style_sheet); }
std::string own_script() { return fmt::format("\n{}", script); }

}  // namespace

std::string words(std::string_view name) {
    std::string text(name);
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string badge(Verdict verdict, std::optional<Severity> severity) {
    if (severity)
        return fmt::format("<span class=\"badge {0}\">{1}{0}</span>", drift::name(*severity), mark(severity));
    return fmt::format("<span class=\"badge {}\">{}{}</span>", verdict == Verdict::no_drift ? "ok" : "none",
                       verdict == Verdict::no_drift ? "✓ " : "○ ", words(drift::name(verdict)));
}

std::string breakable(std::string_view name) {
    std::string out;
    for (const char c : escaped(name)) {
        out += c;
        if (c == '_' || c == '.' || c == '/') out += "<wbr>";
    }
    return out;
}

std::string row(std::string_view term, const std::string& value) {
    return fmt::format("<dt>{}</dt><dd>{}</dd>", term, value);
}

std::string side_row(std::string_view what, const drift::Side& side) {
    std::string text = fmt::format("{}, {}", escaped(side.source), core::plural(side.rows, "row"));
    if (side.from && side.to)
        text += fmt::format(", {} to {}", core::to_string(*side.from), core::to_string(*side.to));
    if (!side.version.empty())
        text += fmt::format(" <code title=\"{0}\">{1}</code>", escaped(side.version),
                            escaped(side.version.substr(0, 12)));
    return row(what, text);
}

std::string plan_rows(const drift::PlanSummary& plan, std::string_view what, bool by_peer) {
    std::string rows, text = fmt::format("method {}", escaped(plan.method));
    if (by_peer) {
        rows = row("Rules", escaped(rules_text(plan)));
    } else {
        const bool ours = plan.method == "tristrata";
        rows = row("Null hypothesis", escaped(plan.null_reason)) +
               row("Alpha", fmt::format("{}, {}", plan.alpha,
                                        ours ? "corrected over all columns" : "for our own verdicts only"));
        text += fmt::format(", null {}, season {}", escaped(plan.null), escaped(plan.season));
    }
    if (!plan.digest.empty())
        text += fmt::format(" <code title=\"{0}\">{1}</code>", escaped(plan.digest),
                            escaped(plan.digest.substr(0, 12)));
    rows += row("Plan", text);
    const auto alarms = false_alarms_text(plan, what);
    return alarms.empty() ? rows : rows + row("False alarms", alarms);
}

std::string p_words(double p) {
    if (p < 1e-300) return "&lt; 1e-300";
    return p < 1e-4 ? fmt::format("{:.1e}", p) : fmt::format("{:.2g}", p);
}

std::string signal_list(const std::vector<drift::Signal>& signals) {
    std::string items;
    for (const auto& signal : signals)
        if (signal.verdict == Verdict::drift)
            items += fmt::format("<li>{} {}: {}</li>", badge(signal.verdict, signal.severity),
                                 words(drift::name(signal.kind)), escaped(signal.reason));
    return items.empty() ? "" : "<ul class=\"signals\">" + items + "</ul>";
}

std::string page_begin(std::string_view what, core::Timestamp created_at, std::string_view sentence,
                       const std::string& badge_html) {
    const std::string style = own_style();
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; "
        "form-action "
        "'none'; style-src 'sha256-{4}'; script-src 'sha256-{5}'\">\n"
        "<title>{6}: {0}</title>\n<style>{1}</style>\n</head>\n<body>\n<header>\n<p "
        "class=\"kicker\">{6} of {2}</p>\n<h1>{3} {0}</h1>\n",
        escaped(sentence), style, core::to_string(created_at), badge_html, core::sha256_base64(style),
        core::sha256_base64(own_script()), what);
}

std::string tools(std::string_view noun, std::initializer_list<std::string_view> filters) {
    std::string out = fmt::format(
        "<div class=\"tools\" role=\"search\" hidden><div><label for=\"search\">Search {0}</label><input "
        "id=\"search\" type=\"search\"></div>"
        "<div><label for=\"verdict\">Show</label><select id=\"verdict\"><option value=\"\">all "
        "{0}</option>",
        noun);
    for (const auto value : filters)
        out += fmt::format("<option value=\"{}\">{}</option>", value, words(value));
    return out + "</select></div><p id=\"count\" role=\"status\"></p></div>\n";
}

std::string table_begin(std::string_view noun, std::string_view caption,
                        std::initializer_list<std::string_view> sorting, std::string_view sorted,
                        std::initializer_list<std::string_view> further) {
    std::string out = fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of {0}\"><table "
        "id=\"found\" data-noun=\"{0}\">\n<caption>{1} A heading sorts.</caption>\n<thead><tr>",
        noun, caption);
    for (const auto heading : sorting)
        // A browser does not repeat buttons at the head of each printed page: it repeats text.
        out += fmt::format(
            "<th scope=\"col\"{0}><button type=\"button\">{1}</button><span class=\"printed\" "
            "aria-hidden=\"true\">{1}</span></th>",
            heading == sorted ? " aria-sort=\"ascending\"" : "", heading);
    for (const auto heading : further) out += fmt::format("<th scope=\"col\">{}</th>", heading);
    return out + "</tr></thead>\n";
}

std::string table_end() { return "</table></div>\n"; }

std::string note_section(const std::vector<std::string>& notes) {
    if (notes.empty()) return "";
    std::string out = "<section aria-label=\"Notes\"><h2>What was done to the input</h2><ul>";
    for (const auto& note : notes) out += fmt::format("<li>{}</li>", escaped(note));
    return out + "</ul></section>\n";
}

std::string page_end(const std::string& foot_html) {
    return fmt::format("</main>\n<footer>{}</footer>\n<script>{}</script>\n</body>\n</html>\n", foot_html,
                       own_script());
}

}  // namespace tristrata::report
