#include "tristrata/readiness/gate.hpp"

#include "altered.hpp"
#include "judge.hpp"
#include "plan_files.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>
#include <set>

namespace tristrata::readiness {
namespace {

using core::ErrorKind;

constexpr std::string_view plan_name = "mlops_readiness.md";

/// The template of the repository, where it has one, judged once; null where it has none.
struct Form {
    std::optional<Plan> plan;
    std::optional<Plan> before;  ///< As it stands at the base, which is whose words fill nothing.
    [[nodiscard]] const Plan* words() const { return before ? &*before : plan ? &*plan : nullptr; }
    std::vector<std::string> missing_decisions;
};

core::Result<Form> read_form(const GateRequest& request, const Policy& policy) {
    Form form;
    if (!request.ancestor.empty() && !policy.template_file.empty()) {
        auto before = text_at(request.root, request.ancestor, policy.template_file);
        if (!before && before.error().kind != ErrorKind::not_found) return propagate(before);
        if (before) {
            auto plan = parse_plan(*before, policy.template_file);
            if (!plan) return propagate(plan);
            form.before = std::move(*plan);
        }
    }
    if (policy.template_file.empty() || !is_there(request, policy.template_file)) return form;
    auto text = text_of(request, policy.template_file);
    if (!text) return propagate(text);
    auto plan = parse_plan(*text, policy.template_file);
    if (!plan) return propagate(plan);
    form.plan = std::move(*plan);
    for (const auto& [section, decision] : policy.removed) {
        // An empty file decides nothing, nor does one outside the repository.
        const auto reasons = text_of(request, decision);
        if (!reasons || !decides(*reasons, decision)) form.missing_decisions.push_back(decision);
    }
    return form;
}

Read read_issue(const GateRequest& request, SectionSet required) {
    Read read;
    auto plan = parse_issue(*request.issue, request.issue_name);
    if (plan) read.plan = std::move(*plan);
    else
        read.instead = outcome_of(plan.error().kind == ErrorKind::not_found  ? "RDY001"
                                  : plan.error().kind == ErrorKind::conflict ? "RDY003"
                                                                             : "RDY002",
                                  request.issue_name, plan.error().message, required);
    return read;
}

/// The first outcome, or one of the change set as such.
Outcome& outcome_of_changes(Verdict& verdict) {
    if (verdict.outcomes.empty()) {
        Outcome outcome;
        outcome.file = "changed paths";
        verdict.outcomes.push_back(std::move(outcome));
    }
    return verdict.outcomes.front();
}

/// Paths that no scope knows, each a warning of its own file.
void add_unknown(Verdict& verdict, const GateRequest& request) {
    if (!verdict.scope || verdict.scope->unknown == 0) return;
    for (const auto& path : verdict.scope->paths)
        if (path.pattern.empty() && path.path != request.policy_file)
            outcome_of_changes(verdict).findings.push_back(
                Finding{find_rule("RDY021"), path.path, 0,
                        fmt::format("no scope knows the path {}{}", core::quoted(path.path, 200),
                                    path.unaccepted ? ", but for " + path.reason : "")});
}

/// Whether there is one that a pull request could link.
bool has_plan(const Outcome& outcome) {
    return std::ranges::none_of(outcome.findings, [](const Finding& one) {
        return one.rule->id == "RDY001" || one.rule->id == "RDY002";
    });
}

/// Without those that a decision took out of the template.
SectionSet still_asked(SectionSet required, const Form& form, const Policy& policy) {
    SectionSet left;
    for (const Part part : sections_of_a_plan) {
        const auto removed = policy.removed.find(number_of(part));
        const bool gone =
            removed != policy.removed.end() && form.words() != nullptr &&
            form.words()->find(part) == nullptr &&
            std::ranges::find(form.missing_decisions, removed->second) == form.missing_decisions.end();
        if (required.contains(part) && !gone) left.add(part);
    }
    return left;
}

/// The plan by what it says of itself; nothing of one that cannot be read.
std::optional<Named> named_by(const GateRequest& request, const Policy& policy, const std::string& file) {
    const Read read = read_plan_file(request, file, {});
    if (!read.plan) return std::nullopt;
    CheckOptions options;
    options.now = request.now;
    options.policy = &policy;
    return check(*read.plan, options).named;
}

/// Of what changed a plan's file by its name, in any capitals, that lies where none is looked for.
std::string misplaced(const GateRequest& request, const Policy& policy) {
    const auto last_of = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
    const std::string name = core::lowered(last_of(path_of(policy, "STORY")));
    if (!request.changed) return "";
    for (const auto& path : *request.changed)
        if (core::lowered(last_of(path)) == name && story_of(policy, path).empty() && is_there(request, path))
            return path;
    return "";
}

/// What to do where no plan is among what changed.
std::string begun(const GateRequest& request, const Policy& policy) {
    if (const std::string path = misplaced(request, policy); !path.empty()) {
        const auto slash = path.rfind('/');
        const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
        const auto story = folder.substr(folder.rfind('/') + 1);
        const bool named = !story.empty() && folder != policy.stories;
        return fmt::format("{} lies where no plan is looked for: move it to {}", core::quoted(path, 200),
                           core::quoted(path_of(policy, named ? story : "STORY"), 200));
    }
    for (const auto& [path, state] : request.uncommitted)
        if (!story_of(policy, path).empty() && is_there(request, path))
            return fmt::format("{} is there ({}): commit it", core::quoted(path, 200), state);
    return fmt::format("tristrata readiness init STORY begins one{}",
                       request.pull_request
                           ? "; or link the plan that the story has in the pull request's text"
                           : "; one that the story has is linked in the pull request's text (--pr-body)");
}

/// A plan that is there and answers for no change, and why.
struct Over {
    std::string file;
    std::string why;
};

/// RDY001, of the path that asks for most.
Outcome without_a_plan(const GateRequest& request, const Policy& policy, const Verdict& verdict,
                       SectionSet required, const std::vector<Over>& over) {
    const PathDecision* asks = nullptr;
    std::size_t others = 0;
    if (verdict.scope && !request.sections)
        for (const auto& path : verdict.scope->paths) {
            if (path.sections.empty()) continue;
            others += asks == nullptr ? 0 : 1;
            if (asks == nullptr || (asks->sections != required && path.sections == required)) asks = &path;
        }
    std::string first = begun(request, policy);
    std::string none = "no plan is among what changed";
    if (!over.empty())
        none = fmt::format("{} answers for no new change: {}", core::quoted(over.front().file, 200),
                           over.front().why);
    if (asks == nullptr)
        return outcome_of(
            "RDY001", path_of(policy, "STORY"),
            fmt::format("{} {} asked for and {}; {}", shown(required),
                        shown(required).find(',') == std::string::npos ? "is" : "are", none, first),
            required);
    return outcome_of(
        "RDY001", asks->path,
        fmt::format(
            "{} asks for {}{}, and {}; {}", asks->path, shown(asks->sections),
            others > 0 ? " (as " + core::plural(others, "other path does", "other paths do") + ")" : "", none,
            first),
        required);
}

/// Changes of the gate's own files; the change set that brings the first of them, its template, is none.
void add_own_changes(Verdict& verdict, const GateRequest& request, const Policy& policy) {
    if (!request.changed) return;
    const std::string workflow = ".github/workflows/readiness.yml";
    std::vector<std::string> own, paths;
    bool begins = !request.ancestor.empty() && is_there(request, policy.template_file) &&
                  std::ranges::binary_search(*request.changed, policy.template_file);
    for (const auto* file : {&request.policy_file, &policy.template_file, &workflow}) {
        if (file->empty()) continue;
        if (std::ranges::binary_search(*request.changed, *file)) own.push_back(*file);
        if (!begins) continue;
        const auto before = text_at(request.root, request.ancestor, *file);
        begins = !before && before.error().kind == ErrorKind::not_found;
    }
    if (own.empty() || begins) return;
    for (const auto& path : *request.changed) {
        const bool gates = std::ranges::find(own, path) != own.end();
        const auto text =
            gates || !path.ends_with(".md") ? core::Result<std::string>("") : text_of(request, path);
        // Too large to be read is not empty.
        const bool says = text ? decides(*text, path)
                               : text.error().kind == ErrorKind::limit_exceeded &&
                                     names_a_decision(std::string_view(path).substr(path.rfind('/') + 1));
        if (gates || says) paths.push_back(path);
    }
    check_change_set(outcome_of_changes(verdict), paths, own, request.policy_whose);
}

/// Where a reader of the pull request sees it: not in a comment, nor struck out.
bool is_linked(const GateRequest& request, const std::string& file) {
    Outcome asked;
    check_pull_request(asked, *request.pull_request, file, "");
    return std::ranges::find(asked.findings, "RDY810", [](const Finding& one) { return one.rule->id; }) ==
           asked.findings.end();
}

/// Plans that the pull request's text links and that are there: of a story whose plan was merged before.
std::vector<std::string> linked_plans(const GateRequest& request, const Policy& policy) {
    std::vector<std::string> plans;
    std::set<std::string> tried;
    if (!request.pull_request) return plans;
    constexpr std::size_t plans_max = 20;
    const std::string_view text = *request.pull_request;
    const std::string before = policy.stories + "/";
    for (auto at = text.find(before); at != std::string_view::npos && plans.size() < plans_max;
         at = text.find(before, at + 1)) {
        const auto slash = text.find('/', at + before.size());
        if (slash == std::string_view::npos || !text.substr(slash + 1).starts_with(plan_name)) continue;
        std::string path(text.substr(at, slash + 1 + plan_name.size() - at));
        if (!story_of(policy, path).empty() && tried.insert(path).second && is_there(request, path) &&
            is_linked(request, path))
            plans.push_back(std::move(path));
    }
    return plans;
}

/// Plans that are to be judged, and those that are there and over.
struct Wanted {
    std::vector<std::string> files;
    std::vector<Over> over;
};

/// Of the plans among what changed those that answer for it; where the pull request links some, these.
Wanted answering(const GateRequest& request, const Policy& policy, std::vector<std::string> files) {
    Wanted wanted;
    OverPlans over(request, policy);
    for (auto& file : files) {
        const auto named = named_by(request, policy, file);
        auto why = named ? over.why(file, *named) : "";
        if (why.empty()) wanted.files.push_back(std::move(file));
        else wanted.over.push_back({std::move(file), std::move(why)});
    }
    if (!request.pull_request) return wanted;
    const auto unlinked = [&](const std::string& file) { return !is_linked(request, file); };
    if (!std::ranges::all_of(wanted.files, unlinked)) std::erase_if(wanted.files, unlinked);
    return wanted;
}

/// The plans that the request names, or those among what changed.
core::Result<Wanted> wanted_files(const GateRequest& request, const Policy& policy) {
    if (request.all) {
        auto files = plans_of(request, policy);
        if (!files) return propagate(files);
        return Wanted{std::move(*files), {}};
    }
    if (!request.files.empty()) return Wanted{request.files, {}};
    if (!request.story.empty()) return Wanted{{path_of(policy, request.story)}, {}};
    std::vector<std::string> files;
    if (request.changed)
        for (const auto& path : *request.changed)
            if (!story_of(policy, path).empty() && is_there(request, path)) files.push_back(path);
    Wanted wanted = answering(request, policy, std::move(files));
    if (!wanted.files.empty()) return wanted;
    Wanted linked = answering(request, policy, linked_plans(request, policy));
    linked.over.insert(linked.over.end(), wanted.over.begin(), wanted.over.end());
    return linked;
}

/// Messages are of the repository, wherever on a machine it lies.
void without_root(Verdict& verdict, const std::filesystem::path& root) {
    std::error_code code;
    const std::string folder = std::filesystem::absolute(root, code).lexically_normal().generic_string();
    const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
    if (code || prefix == "/") return;
    for (auto& outcome : verdict.outcomes)
        for (auto& finding : outcome.findings)
            for (auto at = finding.message.find(prefix); at != std::string::npos;
                 at = finding.message.find(prefix, at))
                finding.message.erase(at, prefix.size());
}

}  // namespace

std::string path_of(const Policy& policy, const std::string& story) {
    return fmt::format("{}/{}/{}", policy.stories, story, plan_name);
}

std::string story_of(const Policy& policy, std::string_view path) {
    const std::string before = policy.stories + "/", after = fmt::format("/{}", plan_name);
    if (!path.starts_with(before) || !path.ends_with(after) || path.size() <= before.size() + after.size())
        return "";
    const auto story = path.substr(before.size(), path.size() - before.size() - after.size());
    return story.find('/') == std::string_view::npos ? std::string(story) : "";
}

core::Result<std::vector<std::string>> plans_of(const GateRequest& request, const Policy& policy) {
    std::vector<std::string> plans;
    if (!request.commit.empty()) {
        auto paths = paths_at(request.root, request.commit, policy.stories);
        if (!paths) return propagate(paths);
        std::ranges::copy_if(*paths, std::back_inserter(plans),
                             [&](const std::string& path) { return !story_of(policy, path).empty(); });
        return plans;
    }
    std::error_code code;
    constexpr auto quiet = std::filesystem::directory_options::skip_permission_denied;
    for (auto at = std::filesystem::directory_iterator(request.root / policy.stories, quiet, code);
         !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
        std::error_code ignored;
        if (std::filesystem::exists(std::filesystem::symlink_status(at->path() / plan_name, ignored)))
            plans.push_back(path_of(policy, at->path().filename().string()));
    }
    std::ranges::sort(plans);
    return plans;
}

core::Result<Verdict> evaluate(const GateRequest& request, const Policy& policy, const Facts* facts) {
    Verdict verdict;
    verdict.strict = request.strict;
    verdict.advisory = request.advisory;
    verdict.at = request.now;
    verdict.version = request.version;
    SectionSet required = request.sections.value_or(SectionSet::all());
    if (request.changed) {
        verdict.scope = scope_of(policy, *request.changed);
        verdict.policy = request.policy_whose;
        if (!request.sections) required = verdict.scope->sections;
    }
    auto form = read_form(request, policy);
    if (!form) return propagate(form);
    required = still_asked(required, *form, policy);
    verdict.all_asked = still_asked(SectionSet::all(), *form, policy);
    const bool named = request.all || !request.files.empty() || !request.story.empty() || request.issue;
    Wanted wanted;
    if (!request.issue) {
        auto found = wanted_files(request, policy);
        if (!found) return propagate(found);
        wanted = std::move(*found);
    }
    const auto& files = wanted.files;
    const auto altered = altered_plans(request, policy);
    const auto options_for = [&](const std::string& story) {
        CheckOptions options;
        options.required = required;
        options.recorded = !request.changed && !request.sections;
        options.now = request.now;
        options.policy = &policy;
        options.form = form->words();
        options.facts = facts;
        options.folder = story;
        return options;
    };
    // Of every plan those that live are held against what runs; what was taken back owes nothing.
    const auto checked = [&](const Plan& plan, CheckOptions options) {
        Outcome outcome = check(plan, options);
        const bool owes_nothing =
            outcome.named.undone_on || (request.all && is_closed(outcome.named, request.now));
        if (facts == nullptr || !owes_nothing) return outcome;
        options.facts = nullptr;
        return check(plan, options);
    };
    const auto judged_file = [&](const std::string& file, SectionSet sections) {
        std::vector<const Before*> before;
        for (const auto& one : altered) {
            if (one.path != file) continue;
            before.push_back(&one.before);
            sections = sections | one.before.sections;
        }
        Read read = read_plan_file(request, file, sections);
        Outcome outcome;
        if (read.plan) {
            auto options = options_for(story_of(policy, file));
            options.required = sections;
            options.brought = before.empty() && request.changed && !request.ancestor.empty() &&
                              std::ranges::binary_search(*request.changed, file) &&
                              !before_of(request, policy, file);
            outcome = checked(*read.plan, options);
            if (!before.empty()) check_against_before(outcome, *read.plan, before, request, policy);
        } else {
            outcome = std::move(*read.instead);
        }
        if (const auto state = request.uncommitted.find(file); state != request.uncommitted.end())
            outcome.state = state->second;
        return outcome;
    };
    if (request.all && !request.issue && files.empty())
        verdict.none = fmt::format("no plans below {}", policy.stories);
    if (request.issue) {
        Read read = read_issue(request, required);
        auto options = options_for(request.story);
        // Nobody knows of an issue whether its story was merged before.
        options.brought = request.changed && !required.empty() && !takes_away(request, policy);
        verdict.outcomes.push_back(read.plan ? checked(*read.plan, options) : *read.instead);
    } else if (files.empty() && !request.all && (named || !required.empty())) {
        verdict.outcomes.push_back(without_a_plan(request, policy, verdict, required, wanted.over));
    } else if (!required.empty() || named) {
        verdict.outcomes.resize(files.size());
        // One plan after the other where a store is asked: it has one caller at a time.
        const unsigned threads = facts != nullptr && facts->stored ? 1 : request.threads;
        const auto done = core::parallel_for(files.size(), threads, {}, [&](std::size_t i) -> core::Status {
            verdict.outcomes[i] = judged_file(files[i], required);
            return {};
        });
        if (!done) return propagate(done);
    }
    if (request.pull_request)
        for (auto& outcome : verdict.outcomes)
            if (has_plan(outcome))
                check_pull_request(outcome, *request.pull_request, request.issue ? "" : outcome.file,
                                   request.issue ? request.issue_address : "");
    // What the change set makes of plans that were merged before is judged whatever else it changes.
    for (const auto& one : altered)
        if (std::ranges::none_of(verdict.outcomes, [&](const Outcome& own) { return own.file == one.path; }))
            verdict.outcomes.push_back(judged_file(one.path, {}));
    const bool form_changed =
        request.changed && std::ranges::binary_search(*request.changed, policy.template_file);
    if (form_changed && form->before && !form->plan)
        outcome_of_changes(verdict).findings.push_back(
            Finding{find_rule("RDY004"), policy.template_file, 0,
                    "the template is gone, and its sections with it; put it back, or name another at "
                    "template in readiness.scope.toml, in a change that is merged before this one"});
    if (form->plan && (form_changed || !verdict.outcomes.empty())) {
        Outcome asked;
        check_template(asked, *form->plan, policy, form->missing_decisions);
        if (!asked.findings.empty()) {
            Outcome& outcome = outcome_of_changes(verdict);
            std::ranges::move(asked.findings, std::back_inserter(outcome.findings));
            settle(outcome);
        }
    }
    add_deleted(verdict, request, policy);
    verdict.unjudged = unjudged_plans(verdict, request, policy);
    add_own_changes(verdict, request, policy);
    add_unknown(verdict, request);
    without_root(verdict, request.root);
    return verdict;
}

}  // namespace tristrata::readiness
