#include "judge.hpp"
#include "markdown.hpp"
#include "tristrata/core/text.hpp"
#include "wording.hpp"

#include <fmt/format.h>

// Whether a pull request's text links the plan and its review.
namespace tristrata::readiness {
namespace {

/// Whether the address, path or id stands in the text and is not the beginning or end of a longer one.
bool links(std::string_view text, std::string_view what) {
    const auto goes_on = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-';
    };
    if (what.empty()) return false;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) {
        const auto rest = text.substr(at + what.size());
        const bool longer =
            !rest.empty() && (goes_on(rest[0]) || (rest[0] == '.' && rest.size() > 1 && goes_on(rest[1])));
        if (!longer && (at == 0 || !goes_on(text[at - 1]))) return true;
    }
    return false;
}

/// What a reader sees of a text in Markdown, and where its links lead: what nobody sees links nothing.
std::string seen_text(std::string_view given) {
    const auto entries = read_entries(given, "the text");
    if (!entries) return without_comments(given);
    std::string text;
    for (const auto& entry : *entries) {
        text += entry.text + "\n";
        for (const auto& address : entry.addresses) text += address + "\n";
    }
    return text;
}

}  // namespace

void check_pull_request(Outcome& outcome, std::string_view given, const std::string& file,
                        const std::string& address) {
    const std::string text = seen_text(given);
    const auto find = [&](std::string_view rule, std::string message) {
        outcome.findings.push_back(Finding{find_rule(rule), outcome.file, 0, std::move(message)});
    };
    const bool linked = links(text, file) || links(text, address);
    if (file.empty() && address.empty())
        find("RDY810",
             "the plan is in an issue whose address is not given, so that no link to it can be found; "
             "give the address by --issue, such as --issue https://github.com/OWNER/NAME/issues/709");
    else if (!linked)
        find("RDY810", fmt::format("the pull request does not link the plan; expected {} in its text",
                                   core::quoted(file.empty() ? address : file)));
    else outcome.passed.push_back(find_rule("RDY810"));
    const std::string& session = outcome.named.session;
    if (!links(text, session))
        find("RDY811", session.empty()
                           ? "the plan names no review that the pull request could link"
                           : fmt::format("the pull request does not link the review; expected the session "
                                         "{} in its text",
                                         session));
    else outcome.passed.push_back(find_rule("RDY811"));
    settle(outcome);
}

}  // namespace tristrata::readiness
