#include "tristrata/readiness/plan.hpp"

#include "markdown.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <fstream>

namespace tristrata::readiness {
namespace {

using core::ErrorKind;
using core::fail;

/// What a heading's words make it; the first row whose every word it says.
struct Heading {
    Part part;
    std::vector<std::string_view> words;
};

const std::vector<Heading>& headings() {
    static const std::vector<Heading> rows{
        {Part::monitoring, {"production", "monitoring"}},
        {Part::monitoring, {"monitoring"}},
        {Part::alerting, {"alerting"}},
        {Part::alerting, {"alerts"}},
        {Part::alerting, {"runbooks"}},
        {Part::drift_detection, {"drift"}},
        {Part::rollout, {"rollout"}},
        {Part::rollout, {"roll-out"}},
        {Part::rollout, {"roll", "out"}},
        {Part::rollback, {"rollback"}},
        {Part::rollback, {"roll-back"}},
        {Part::rollback, {"roll", "back"}},
        {Part::owner, {"owner"}},
        {Part::owner, {"dri"}},
        {Part::sign_off, {"sign-off"}},
        {Part::sign_off, {"signoff"}},
        {Part::sign_off, {"sign", "off"}},
    };
    return rows;
}

/// A heading's number and what follows it: "§4.", "4)", "Section 4 -"; "4.1 Shadow" is a part of a section.
struct Numbered {
    std::optional<int> number;
    bool part = false;
    std::string_view rest;
};
Numbered numbered(std::string_view heading) {
    Numbered result{std::nullopt, false, trimmed_text(heading)};
    std::string_view text = result.rest;
    if (text.starts_with("\u00a7")) text = result.rest = trimmed_text(text.substr(2));
    if (core::lowered(text.substr(0, 8)) == "section ") text = trimmed_text(text.substr(8));
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    if (digits == 0) return result;
    if (digits <= 2) result.number = std::stoi(std::string(text.substr(0, digits)));
    text.remove_prefix(digits);
    result.part = text.size() > 1 && text[0] == '.' && text[1] >= '0' && text[1] <= '9';
    result.rest = text;
    return result;
}

/// The part that a heading begins; nothing where it is another heading.
std::optional<Part> part_of(const Entry& entry) {
    constexpr std::size_t heading_bytes_max = 80;
    if (entry.level > 4 || entry.text.size() > heading_bytes_max) return std::nullopt;
    const Numbered heading = numbered(entry.text);
    if (heading.part) return std::nullopt;
    std::optional<Part> found;
    for (const auto& row : headings()) {
        if (!std::ranges::all_of(row.words, [&](auto word) { return says(heading.rest, word); })) continue;
        if (!found) found = row.part;
        // Where words of several parts stand in one, its number says which.
        if (heading.number && number_of(row.part) == *heading.number) return row.part;
    }
    // A title of one's own: its number and its (MUST) say which it is.
    if (!found && heading.number && *heading.number >= 1 && *heading.number <= 6 && says(entry.text, "must"))
        found = static_cast<Part>(*heading.number);
    // Elsewhere than at the level of sections only what has a number, or says that it must be there, is one.
    const bool marked = heading.number || says(entry.text, "must") || found == Part::sign_off;
    return marked || entry.level == 2 ? found : std::nullopt;
}

bool is_title(const Entry& entry) { return says(entry.text, "mlops") && says(entry.text, "readiness"); }

/// Takes a line of the header into its field, if it is one.
void take_header(Plan& plan, const Entry& entry) {
    std::optional<Labelled> line = labelled(entry.text);
    if (entry.cells.size() >= 2) line = Labelled{core::lowered(entry.cells[0]), entry.cells[1]};
    if (!line) return;
    while (!line->label.empty() && line->label.back() == ':') line->label.pop_back();
    const auto take = [&](Field& field) {
        if (field.line == 0) field = Field{line->value, entry.line};
    };
    if (line->label == "story" || line->label == "story id" || line->label == "cvn_id") take(plan.story);
    else if (line->label == "owner" || line->label == "dri" || line->label == "owner (dri)" ||
             line->label == "owner/dri" || line->label == "owner / dri" || line->label == "owner & dri")
        take(plan.owner);
    else if (line->label == "filled on" || line->label == "filled" || line->label == "date")
        take(plan.filled_on);
    else if (line->label == "sections asked for" || line->label == "asked for") take(plan.asked);
    else if (line->label.starts_with("reviewed")) take(plan.reviewed);
}

/// Divides entries, from `first` on, into header and sections. `anchor`: the level of the heading in an issue
/// under which the plan stands, 0 in a file.
void divide(Plan& plan, std::vector<Entry>&& entries, std::size_t first, int anchor) {
    Section* current = nullptr;
    bool outside = false;
    int level = 0;
    for (std::size_t i = first; i < entries.size(); ++i) {
        Entry& entry = entries[i];
        if (entry.kind == Entry::Kind::heading) {
            if (plan.title.line == 0 && plan.sections.empty() && is_title(entry)) {
                plan.title = Field{entry.text, entry.line};
                continue;
            }
            if (const auto part = part_of(entry)) {
                plan.sections.push_back(
                    Section{*part, entry.line, entry.text, numbered(entry.text).number, {}});
                current = &plan.sections.back();
                outside = false;
                level = entry.level;
                continue;
            }
            if (anchor > 0 && entry.level <= anchor) return;
            // "### 1. Set the flag" is a step within a section.
            const Numbered own = numbered(entry.text);
            if (own.number && !own.part && (current == nullptr || entry.level <= level))
                plan.others.push_back(NumberedHeading{*own.number, entry.line});
            // "## Notes" ends a section, "### Shadow" is a part of it.
            if (current != nullptr && entry.level <= level) outside = true;
        }
        if (outside) continue;
        if (current != nullptr) {
            current->entries.push_back(std::move(entry));
        } else {
            take_header(plan, entry);
            plan.header.push_back(std::move(entry));
        }
    }
}

/// Takes note of a line in which Markdown sees no heading, and a person does.
void swallow(Plan& plan, std::string_view line, std::string_view by, std::size_t opens) {
    line = trimmed_text(line);
    Entry entry;
    while (entry.level < 7 && line.starts_with('#')) line.remove_prefix(1), ++entry.level;
    if (entry.level == 0 || !line.starts_with(' ')) return;
    entry.text = trimmed_text(line);
    if (const auto part = part_of(entry)) plan.swallowed.push_back(Swallowed{*part, by, opens});
}

void swallow_code(Plan& plan, const std::vector<Entry>& entries) {
    for (const auto& entry : entries)
        if (entry.kind == Entry::Kind::code) swallow(plan, entry.text, "code block", entry.opens);
}

/// Of what a page does not show: a comment, a closed <details>.
void swallow_between(Plan& plan, std::string_view text, std::string_view begin, std::string_view finish,
                     std::string_view by) {
    if (text.find(begin) == std::string_view::npos) return;
    std::size_t number = 1, opens = 0;  // 0: not in one
    for (std::size_t at = 0; at < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (opens > 0) swallow(plan, line, by, opens);
        const auto open = line.rfind(begin), close = line.rfind(finish);
        const bool opened =
            open != std::string_view::npos && (close == std::string_view::npos || close < open);
        if (opened && opens == 0) opens = number;
        else if (!opened && close != std::string_view::npos) opens = 0;
        at = end + 1;
    }
}

}  // namespace

int number_of(Part part) noexcept {
    const int number = static_cast<int>(part);
    return number <= 6 ? number : 0;
}

std::string_view title_of(Part part) noexcept {
    static constexpr std::array<std::string_view, 8> titles{
        "Header",         "Production monitoring", "Alerting & runbooks", "Drift detection",
        "Staged rollout", "Rollback plan",         "Owner & DRI",         "Sign-off"};
    return titles[static_cast<std::size_t>(part)];
}

const Section* Plan::find(Part part) const noexcept {
    for (const auto& section : sections)
        if (section.part == part) return &section;
    return nullptr;
}

core::Result<Plan> parse_plan(std::string_view text, std::string name) {
    auto entries = read_entries(text, name);
    if (!entries) return propagate(entries);
    Plan plan;
    plan.name = std::move(name);
    swallow_code(plan, *entries);
    swallow_between(plan, text, "<!--", "-->", "comment");
    swallow_between(plan, text, "<details>", "</details>", "closed <details>");
    divide(plan, std::move(*entries), 0, 0);
    return plan;
}

core::Result<Plan> parse_issue(std::string_view text, std::string name) {
    auto entries = read_entries(text, name);
    if (!entries) return propagate(entries);
    for (std::size_t i = 0; i < entries->size(); ++i) {
        const Entry& entry = (*entries)[i];
        if (entry.kind != Entry::Kind::heading || !is_title(entry)) continue;
        Plan plan;
        plan.name = std::move(name);
        plan.line = entry.line;
        plan.in_issue = true;
        plan.title = Field{entry.text, entry.line};
        const int anchor = entry.level;
        // Of two parts one would be passed over.
        for (std::size_t next = i + 1; next < entries->size(); ++next) {
            const Entry& other = (*entries)[next];
            if (other.kind == Entry::Kind::heading && other.level <= anchor && is_title(other))
                return fail(ErrorKind::conflict,
                            fmt::format("\"{}\" stands in lines {} and {} of {}; make one part of them",
                                        entry.text, entry.line, other.line, plan.name));
        }
        divide(plan, std::move(*entries), i + 1, anchor);
        return plan;
    }
    return fail(ErrorKind::not_found, fmt::format("{} has no heading \"## MLOps readiness\"", name));
}

core::Result<std::string> read_text(const std::filesystem::path& file, const std::filesystem::path& root) {
    std::error_code code;
    // As the repository has it.
    const auto inside = file.lexically_normal().lexically_relative(root.lexically_normal()).string();
    const std::string shown = inside.empty() || inside.starts_with("..") ? file.string() : inside;
    const auto real = std::filesystem::canonical(file, code);
    if (code)
        return fail(ErrorKind::not_found, fmt::format("{}: {}", core::quoted(shown), code.message()),
                    std::to_string(code.value()));
    const auto house = std::filesystem::canonical(root, code);
    const auto [end, rest] = std::ranges::mismatch(house, real);
    if (code || end != house.end())
        return fail(ErrorKind::refused,
                    fmt::format("{} leads out of the repository; what lies elsewhere is not read",
                                core::quoted(shown, 200)));
    if (!std::filesystem::is_regular_file(real, code))
        return fail(ErrorKind::refused, fmt::format("{} is no regular file", core::quoted(shown, 200)));
    std::ifstream stream(real, std::ios::binary);
    std::string text;
    std::array<char, 8192> piece{};
    while (stream && text.size() <= plan_bytes_max) {
        stream.read(piece.data(), piece.size());
        text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    }
    if (!stream.is_open() || stream.bad())
        return fail(ErrorKind::storage, fmt::format("{} cannot be read", core::quoted(shown, 200)));
    if (text.size() > plan_bytes_max)
        return fail(ErrorKind::limit_exceeded,
                    fmt::format("{} has more than 256 KiB; a plan is about a page, and more is not read",
                                core::quoted(shown, 200)));
    return text;
}

}  // namespace tristrata::readiness
