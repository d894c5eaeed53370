#include "html.hpp"

#include "letters.hpp"
#include "tristrata/core/ascii.hpp"
#include "vocabulary.hpp"

#include <algorithm>

namespace tristrata::readiness {
namespace {

/// Elements whose text a page does not show, or shows as taken out.
constexpr auto hiding_elements = vocabulary::words({"del", "s", "strike", "details", "script", "style"});
/// Elements that stand in a line without a break before and behind them.
constexpr auto inline_elements = vocabulary::words(
    {"b",  "strong", "i",   "em",    "u",    "s",    "strike", "del", "ins",  "code", "kbd", "samp", "var",
     "tt", "sub",    "sup", "small", "mark", "span", "a",      "q",   "abbr", "cite", "dfn", "time", "bdo"});

}  // namespace

/// `tag`: from its < to its >.
void SeenHtml::take_tag(std::string_view tag, std::string& shown) {
    const bool closes = tag.size() > 1 && tag[1] == '/';
    std::size_t end = closes ? 2 : 1;
    while (end < tag.size() && (is_word(tag[end]) || tag[end] == '-')) ++end;
    const std::string name = core::lowered(tag.substr(closes ? 2 : 1, end - (closes ? 2 : 1)));
    const bool is_seen = !is_hidden();
    if (!vocabulary::has(vocabulary::tags, name) && !vocabulary::has(hiding_elements, name)) {
        // What has values is HTML.
        if (is_seen && !closes && tag.find_first_of("=\n") == std::string_view::npos) shown += tag;
        return;
    }
    if (is_seen && !vocabulary::has(inline_elements, name)) shown += ' ';
    if (name == "summary") summary_ = !closes;
    if (!vocabulary::has(hiding_elements, name) || tag.ends_with("/>")) return;
    if (!closes) {
        // <details open> shows what is in it.
        const std::string attributes = " " + core::lowered(tag.substr(end)) + " ";
        const auto open = attributes.find("open");
        const bool opened = name == "details" && open != std::string::npos &&
                            !is_word(attributes[open - 1]) && !is_word(attributes[open + 4]);
        if (!opened) hiding_.push_back(name);
        if (name == "details") summary_ = false;
    } else if (const auto last = std::find(hiding_.rbegin(), hiding_.rend(), name); last != hiding_.rend()) {
        hiding_.erase(std::next(last).base(), hiding_.end());
        of_blocks_ = std::min(of_blocks_, hiding_.size());
        if (name == "details") summary_ = false;
    }
}

std::string SeenHtml::seen(std::string_view html) {
    std::string shown;
    for (std::size_t at = 0; at < html.size(); ++at) {
        const char c = html[at];
        if (c == '\n') shown += c;
        if (ending_ == Ending::comment) {
            if (!html.substr(at).starts_with("-->")) continue;
            ending_ = Ending::none;
            at += 2;
        } else if (ending_ != Ending::none) {
            tag_ += c;
            if (ending_ == Ending::tag && (c == '"' || c == '\'')) {
                ending_ = c == '"' ? Ending::double_quote : Ending::single_quote;
            } else if ((ending_ == Ending::double_quote && c == '"') ||
                       (ending_ == Ending::single_quote && c == '\'')) {
                ending_ = Ending::tag;
            } else if (ending_ == Ending::tag && c == '>') {
                ending_ = Ending::none;
                take_tag(tag_, shown);
            }
        } else if (html.substr(at).starts_with("<!--")) {
            ending_ = Ending::comment;
            // <!--> is a whole one.
            at += html.substr(at).starts_with("<!-->") ? 1 : 3;
        } else if (c == '<' && at + 1 < html.size() &&
                   (is_letter(html[at + 1]) ||
                    std::string_view("/!?").find(html[at + 1]) != std::string_view::npos)) {
            ending_ = Ending::tag;
            tag_ = c;
        } else if (c != '\n' && !is_hidden()) {
            // A space that does not break is one.
            constexpr std::string_view hard_space = "&nbsp;";
            const bool space = html.substr(at).starts_with(hard_space);
            shown += space ? ' ' : c;
            at += space ? hard_space.size() - 1 : 0;
        }
    }
    return shown;
}

}  // namespace tristrata::readiness
