#include "altered.hpp"

#include "accepted.hpp"
#include "judge.hpp"
#include "letters.hpp"
#include "markdown.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"
#include "vocabulary.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::readiness {
namespace {

long day_of(core::Timestamp time) { return static_cast<long>(time.microseconds / 86'400'000'000); }

/// By what it says of itself.
Outcome outcome_alone(const Plan& plan, const GateRequest& request, const Policy& policy) {
    CheckOptions options;
    options.recorded = true;
    options.now = request.now;
    options.policy = &policy;
    return check(plan, options);
}

/// Whether no section of it is filled, or skipped: RDY199, RDY299 and so on of each that is there.
bool is_draft(const Plan& plan, const GateRequest& request, const Policy& policy) {
    if (!plan.swallowed.empty()) return false;
    CheckOptions options;
    options.now = request.now;
    options.policy = &policy;
    const Outcome outcome = check(plan, options);
    return std::ranges::all_of(sections_of_a_plan, [&](Part part) {
        const std::string unfilled = fmt::format("RDY{}99", number_of(part));
        return plan.find(part) == nullptr || std::ranges::any_of(outcome.findings, [&](const Finding& one) {
                   return one.rule->id == unfilled;
               });
    });
}

SectionSet asked_for_by(const Outcome& alone) {
    return alone.asked_by == Outcome::AskedBy::record ? alone.required : SectionSet::all();
}

/// Whether no character that an id may have stands beside it: "CVN-S07-B" and "X-CVN-S07" are other ids.
bool stands_alone(std::string_view text, std::size_t at, std::size_t size) {
    const auto is_part = [&](std::size_t i) {
        return i < text.size() && (is_word(text[i]) || text[i] == '-');
    };
    const std::size_t end = at + size;
    const bool before = at > 0 && (is_part(at - 1) || (text[at - 1] == '.' && at > 1 && is_part(at - 2)));
    return !before && !is_part(end) && !(end < text.size() && text[end] == '.' && is_part(end + 1));
}

/// Words of a text without those that have a digit: of "Formerly: A-1, A-2" the second is one like the first.
std::vector<std::string> words_without_ids(std::string_view text) {
    std::string left;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const auto word = text.substr(at, end - at);
        if (std::ranges::none_of(word, is_digit)) left.append(word).append(" ");
        at = end + 1;
    }
    return words_of_text(left);
}

/// Whether what stands before an id says that the plan is of what was it, and nothing else: "Formerly:",
/// "(renamed from", "It replaces". "The old story" or "Nobody renamed" says something of another.
bool leads_to_former(std::string_view before) {
    static constexpr auto former =
        vocabulary::words({"continues", "formerly", "originally", "previously", "renamed", "replaces",
                           "succeeds", "supersedes", "was"});
    static constexpr auto beside =
        vocabulary::words({"a",         "and", "as",      "by",    "called", "documentation", "from", "id",
                           "is",        "it",  "its",     "known", "mlops",  "named",         "of",   "plan",
                           "readiness", "so",  "stories", "story", "that",   "this",          "the",  "to"});
    static constexpr auto old = vocabulary::words({"earlier", "former", "old", "previous"});
    static constexpr auto used = vocabulary::words({"be", "used"});
    const auto words = words_without_ids(before.substr(before.find_last_of(".;!?(") + 1));
    const auto has = [&](vocabulary::Words list) {
        return std::ranges::any_of(words, [&](const auto& word) { return vocabulary::has(list, word); });
    };
    // "Old id: A-1", and no "old story A-1".
    const bool old_id = has(old) && std::ranges::find(words, "id") != words.end();
    const bool used_to_be = says(before, "used to be");
    return (has(former) || old_id || used_to_be) && std::ranges::all_of(words, [&](const auto& word) {
               return vocabulary::has(former, word) || vocabulary::has(beside, word) ||
                      (old_id && vocabulary::has(old, word)) || (used_to_be && vocabulary::has(used, word));
           });
}

/// Whether an entry is of the story that had the id; `names`: it is the plan's title, or its line Story:.
bool is_of(const Entry& entry, const std::string& id, bool names) {
    static constexpr auto unlike = vocabulary::words({"another", "but", "else", "except", "instead", "never",
                                                      "no", "nor", "not", "other", "than", "unlike"});
    constexpr std::size_t bytes_before = 160;
    const std::string line = core::lowered(entry.text);
    // A line in code shows what somebody writes elsewhere; an id in code is an id.
    if (std::ranges::any_of(entry.code, [&](const std::string& code) {
            const std::string small = core::lowered(code);
            return small != id && small.find(id) != std::string::npos;
        }))
        return false;
    for (auto at = line.find(id); at != std::string::npos; at = line.find(id, at + 1)) {
        if (!stands_alone(line, at, id.size())) continue;
        const std::size_t from = at - std::min(at, bytes_before);
        const auto before = std::string_view(line).substr(from, at - from);
        const auto words = words_of_text(before);
        const bool other =
            std::ranges::any_of(words, [](const auto& word) { return vocabulary::has(unlike, word); });
        if ((names && !other) || leads_to_former(before)) return true;
    }
    return false;
}

/// The folder of plans that counts once the change set is merged, where its policy names another than the one
/// in force; empty where it does not.
std::string new_stories(const GateRequest& request, const Policy& policy) {
    if (request.policy_file.empty() || !request.changed ||
        !std::ranges::binary_search(*request.changed, request.policy_file))
        return "";
    // Where it cannot be read at the base nobody knows where plans lay.
    const auto before = text_at(request.root, request.ancestor, request.policy_file);
    if (before && !Policy::parse(*before, request.policy_file)) return "";
    const auto text = text_of(request, request.policy_file);
    // Without the file the decision's own counts.
    const bool gone = !text && text.error().kind == core::ErrorKind::not_found;
    const auto after = text   ? Policy::parse(*text, request.policy_file)
                       : gone ? core::Result<Policy>(Policy::defaults())
                              : propagate(text);
    return after && after->stories != policy.stories ? after->stories : "";
}

/// The plans among what changed, each read once, and only where one is gone.
class ChangedPlans {
public:
    ChangedPlans(const GateRequest& request, const Policy& policy)
        : request_(request), policy_(policy), moved_to_(new_stories(request, policy)) {}

    [[nodiscard]] const std::string& moved_to() const { return moved_to_; }

    /// The one that says that it is of the story that had this id, where a reader sees it: in its title, in
    /// its line Story:, or as "Formerly: …"; or that of this id in the folder that the policy names from now
    /// on. That a sentence names it, too, makes it no plan of it. Empty where there is none.
    std::string successor_of(const std::string& story) {
        if (!moved_to_.empty()) {
            Policy next = policy_;
            next.stories = moved_to_;
            if (auto moved = path_of(next, story); is_there(request_, moved)) return moved;
        }
        read();
        const std::string id = core::lowered(story);
        const auto found = std::ranges::find_if(plans_, [&](const Changed& one) {
            return one.small.find(id) != std::string::npos &&
                   std::ranges::any_of(one.entries, [&](const Entry& entry) {
                       return entry.kind != Entry::Kind::code &&
                              is_of(entry, id, entry.line == one.title || entry.line == one.story);
                   });
        });
        return found == plans_.end() ? std::string() : found->path;
    }

private:
    struct Changed {
        std::string path, small;
        std::vector<Entry> entries;  ///< Also what stands below a heading that is no section's.
        std::size_t title, story;    ///< Their lines.
    };
    void read() {
        if (is_read_) return;
        is_read_ = true;
        for (const auto& path : *request_.changed) {
            if (story_of(policy_, path).empty()) continue;
            const auto text = text_of(request_, path);
            if (!text) continue;
            const auto plan = parse_plan(*text, path);
            auto entries = read_entries(*text, path);
            if (plan && entries)
                plans_.push_back(
                    {path, core::lowered(*text), std::move(*entries), plan->title.line, plan->story.line});
        }
    }

    const GateRequest& request_;
    const Policy& policy_;
    std::string moved_to_;
    bool is_read_ = false;
    std::vector<Changed> plans_;
};

std::string at_the_base(const GateRequest& request) {
    return fmt::format("at the base ({})", request.ancestor.substr(0, 12));
}

/// RDY006 of plans that lie where the policy looks for none any more: neither due nor a check of all would
/// know of them.
void add_left_behind(Verdict& verdict, const GateRequest& request, const Policy& policy,
                     const std::string& moved_to) {
    const auto left = plans_of(request, policy);
    if (!left || left->empty()) return;
    constexpr std::size_t names_max = 5;
    std::string names;
    for (std::size_t i = 0; i < std::min(left->size(), names_max); ++i)
        names += (i > 0 ? ", " : "") + story_of(policy, (*left)[i]);
    if (left->size() > names_max) names += fmt::format(" and {} more", left->size() - names_max);
    verdict.outcomes.push_back(outcome_of(
        "RDY006", request.policy_file,
        fmt::format(
            "`stories` is {} {} and {} now, and of the plans in the former {} left, which nobody would "
            "see any more: {}; move each in this change set, under its id: git mv {} {}",
            core::quoted(policy.stories), at_the_base(request), core::quoted(moved_to),
            left->size() == 1 ? "one is" : fmt::format("{} are", left->size()), names, policy.stories,
            moved_to),
        {}));
}

}  // namespace

bool is_closed(const Named& named, core::Timestamp now) {
    return !named.outcome.empty() && named.sunset && *named.sunset <= day_of(now);
}

std::optional<Before> before_of(const GateRequest& request, const Policy& policy, const std::string& path) {
    if (request.ancestor.empty()) return std::nullopt;
    const auto text = text_at(request.root, request.ancestor, path);
    if (!text && text.error().kind == core::ErrorKind::not_found) return std::nullopt;
    Before before;
    if (!text) return before;
    const auto plan = parse_plan(*text, path);
    if (!plan) return before;
    before.readable = true;
    before.draft = is_draft(*plan, request, policy);
    const Outcome alone = outcome_alone(*plan, request, policy);
    before.named = alone.named;
    if (alone.asked_by == Outcome::AskedBy::record) before.sections = alone.required;
    else
        for (const Part part : sections_of_a_plan)
            if (plan->find(part) != nullptr) before.sections.add(part);
    const Named& named = before.named;
    before.over = is_closed(named, request.now);
    return before;
}

namespace {

/// Of what changed and asks for sections, but for plans, what is there.
std::vector<std::string> asked_and_there(const GateRequest& request, const Policy& policy) {
    std::vector<std::string> paths;
    for (const auto& one : scope_of(policy, *request.changed).paths)
        if (!one.sections.empty() && story_of(policy, one.path).empty() && is_there(request, one.path))
            paths.push_back(one.path);
    return paths;
}

/// The first of them that never was; empty where each was, the first of all where git does not say.
std::string new_among(const GateRequest& request, const std::vector<std::string>& paths) {
    const auto added = first_new(request.root, request.ancestor, paths);
    if (added) return added->value_or("");
    return paths.empty() ? "" : paths.front();
}

}  // namespace

std::string OverPlans::why(const std::string& path, const Named& named) {
    const long today = day_of(request_.now);
    if (named.sunset && *named.sunset < today)
        return fmt::format("its sunset was on {}", date_text(*named.sunset));
    if (named.outcome.empty() || !named.sunset) return "";
    if (!named.undone_on)
        return fmt::format("its sunset is on {}, and its outcome is named", date_text(*named.sunset));
    std::string undone = fmt::format("its change was rolled back on {}", date_text(*named.undone_on));
    if (request_.ancestor.empty() || !request_.changed) return undone;
    std::vector<Before> before;
    if (auto own = before_of(request_, policy_, path)) {
        before.push_back(std::move(*own));
    } else {
        if (!altered_) altered_ = altered_plans(request_, policy_);
        for (const auto& one : *altered_)
            if (one.path == path) before.push_back(one.before);
    }
    // RDY703 says of one that is brought in that it cannot be.
    if (before.empty()) return "";
    if (!there_) there_ = asked_and_there(request_, policy_);
    // What goes away behind it, such as the code behind the lever, brings nothing.
    if (std::ranges::any_of(before,
                            [](const Before& one) { return !one.readable || !one.named.outcome.empty(); }))
        return there_->empty() ? "" : undone;
    if (!new_) new_ = new_among(request_, *there_);
    return new_->empty() ? "" : fmt::format("{}, and {} is new", undone, core::quoted(*new_, 200));
}

bool takes_away(const GateRequest& request, const Policy& policy) {
    if (!request.changed || request.ancestor.empty()) return false;
    const bool goes = std::ranges::any_of(scope_of(policy, *request.changed).paths, [&](const auto& one) {
        return !one.sections.empty() && !is_there(request, one.path);
    });
    return goes && new_among(request, asked_and_there(request, policy)).empty();
}

void check_against_before(Outcome& outcome, const Plan& plan, const std::vector<const Before*>& all,
                          const GateRequest& request, const Policy& policy) {
    SectionSet sections;
    const Before* held = nullptr;  // that whose sunset comes first, of those that are rolled out
    const Before* undone = nullptr;
    std::optional<long> sunset;
    for (const Before* before : all) {
        if (!before->readable || before->over) continue;
        sections = sections | before->sections;
        const Named& was = before->named;
        if (was.sunset) sunset = std::min(sunset.value_or(*was.sunset), *was.sunset);
        if (was.undone_on) undone = before;
        const bool rolled_out = !was.full_rollout || *was.full_rollout < day_of(request.now);
        if (was.sunset && !was.undone_on && rolled_out &&
            (held == nullptr || *was.sunset < *held->named.sunset))
            held = before;
    }
    const auto find = [&](std::size_t line, std::string message) {
        outcome.findings.push_back(Finding{find_rule("RDY006"), outcome.file, line, std::move(message)});
    };
    if (plan.sections.empty()) {
        if (!sections.empty())
            find(0, fmt::format("no section of the plan is left, which has {} {}{}; put them back",
                                shown(sections), at_the_base(request),
                                sunset ? " and its sunset on " + date_text(*sunset) : ""));
        settle(outcome);
        return;
    }
    const Outcome alone = outcome_alone(plan, request, policy);
    const SectionSet asked = asked_for_by(alone);
    if (!asked.contains(sections)) {
        // One finding of one line: this one names what the change asks for, too.
        std::erase_if(outcome.findings, [](const Finding& one) { return one.rule->id == "RDY016"; });
        find(plan.asked.line,
             fmt::format("the plan says that {} are asked for, and {} it is asked for {}; write \"Sections "
                         "asked for: {}\"",
                         shown(asked), at_the_base(request), shown(sections), shown(outcome.required)));
    }
    const Named& now = alone.named;
    // What is merged a second time has days and a review of its own.
    const bool anew = undone != nullptr && now.full_rollout && *now.full_rollout > *undone->named.undone_on &&
                      now.session != undone->named.session;
    if (undone != nullptr && !now.undone_on && !anew)
        find(0,
             fmt::format("{} the change {} rolled back on {}, and the plan says so no more; put its outcome "
                         "back, or, where the change is merged again, write the full rollout and the review "
                         "of this time",
                         at_the_base(request),
                         undone->story.empty() ? "is" : fmt::format("of {} is", core::quoted(undone->story)),
                         date_text(*undone->named.undone_on)));
    // Where the policy's days are others since, the sunset that it asks for is no slip.
    const bool by_policy = held != nullptr && now.sunset && now.full_rollout &&
                           now.full_rollout == held->named.full_rollout &&
                           *now.sunset == *now.full_rollout + policy.sunset_days;
    if (held != nullptr && now.sunset && *now.sunset > *held->named.sunset && !by_policy)
        find(0, fmt::format("the sunset is {} and {} {} is {}; a full rollout that slips is written down "
                            "before its day, and what is due then has an outcome: permanent, or revisited "
                            "and the story that does it",
                            date_text(*now.sunset), at_the_base(request),
                            held->story.empty() ? "it" : fmt::format("that of {}", core::quoted(held->story)),
                            date_text(*held->named.sunset)));
    settle(outcome);
}

/// Whether a plan that names a former id is over itself, or was taken back, so that it takes nobody's place:
/// at the base, or by what it brings; by its days before those of the plan that is gone.
bool is_past(const std::string& path, const Named& gone, const GateRequest& request, const Policy& policy) {
    const auto at_base = before_of(request, policy, path);
    if (at_base && (at_base->over || at_base->named.undone_on)) return true;
    const auto text = text_of(request, path);
    const auto plan = text ? parse_plan(*text, path) : propagate(text);
    if (!plan) return false;
    const Named named = outcome_alone(*plan, request, policy).named;
    return named.undone_on || (is_closed(named, request.now) && gone.sunset && *named.sunset < *gone.sunset);
}

void add_deleted(Verdict& verdict, const GateRequest& request, const Policy& policy) {
    if (!request.changed || request.ancestor.empty()) return;
    ChangedPlans changed(request, policy);
    if (!changed.moved_to().empty()) add_left_behind(verdict, request, policy, changed.moved_to());
    for (const auto& path : *request.changed) {
        const std::string story = story_of(policy, path);
        if (story.empty() || is_there(request, path)) continue;
        const auto before = before_of(request, policy, path);
        if (!before || before->over || before->draft) continue;
        const std::string next = changed.successor_of(story);
        if (!next.empty() && !is_past(next, before->named, request, policy)) continue;
        const Named& named = before->named;
        const std::string why =
            !before->readable ? "it could not be read"
            : !named.sunset   ? "it names no sunset"
            : *named.sunset > day_of(request.now)
                ? fmt::format("its sunset is on {}", date_text(*named.sunset))
                : fmt::format("its sunset was on {} and has no outcome", date_text(*named.sunset));
        if (!next.empty()) {
            verdict.outcomes.push_back(outcome_of(
                "RDY006", path,
                fmt::format("the change set deletes the plan of {}: {}; the plan {} is over itself and takes "
                            "nobody's place: put it back",
                            core::quoted(story), why, core::quoted(next, 200)),
                {}));
            continue;
        }
        verdict.outcomes.push_back(outcome_of(
            "RDY006", path,
            fmt::format(
                "the change set deletes the plan of {}: {}; put it back, or, where the story has another "
                "id now, write \"Formerly: {}\" into its plan's header; where the change is taken back, keep "
                "the plan and write {}",
                core::quoted(story), why, story, accepted::undone_line),
            {}));
    }
}

std::vector<Altered> altered_plans(const GateRequest& request, const Policy& policy) {
    std::vector<Altered> plans;
    if (!request.changed || request.ancestor.empty()) return plans;
    ChangedPlans changed(request, policy);
    for (const auto& path : *request.changed) {
        const std::string story = story_of(policy, path);
        if (story.empty()) continue;
        auto before = before_of(request, policy, path);
        if (!before || before->over) continue;
        std::string now = is_there(request, path) ? path : changed.successor_of(story);
        if (now.empty()) continue;
        if (now != path) before->story = story;
        plans.push_back({std::move(now), std::move(*before)});
    }
    return plans;
}

std::vector<std::string> unjudged_plans(const Verdict& verdict, const GateRequest& request,
                                        const Policy& policy) {
    std::vector<std::string> plans;
    if (!request.changed || request.ancestor.empty()) return plans;
    for (const auto& path : *request.changed)
        if (!story_of(policy, path).empty() && is_there(request, path) &&
            std::ranges::find(verdict.outcomes, path, &Outcome::file) == verdict.outcomes.end() &&
            !before_of(request, policy, path))
            plans.push_back(path);
    return plans;
}

}  // namespace tristrata::readiness
