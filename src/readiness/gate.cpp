#include "tristrata/readiness/gate.hpp"

#include "tristrata/core/ascii.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"
#include "wording.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

namespace tristrata::readiness {
namespace {

using core::ErrorKind;

constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::string_view plan_name = "mlops_readiness.md";

/// The template of the repository, where it has one, judged once; null where it has none.
struct Form {
    std::optional<Plan> plan;
    std::optional<Plan> before;  ///< As it stands at the base, which is whose words fill nothing.
    [[nodiscard]] const Plan* words() const { return before ? &*before : plan ? &*plan : nullptr; }
    std::vector<std::string> missing_decisions;
};

/// A file of the repository, of the commit or of the working tree.
core::Result<std::string> text_of(const GateRequest& request, const std::string& file) {
    if (std::filesystem::path(file).is_absolute()) return read_text(file, request.root);
    return request.commit.empty() ? read_text(request.root / file, request.root)
                                  : text_at(request.root, request.commit, file);
}

bool is_there(const GateRequest& request, const std::string& file) {
    std::error_code code;
    if (request.commit.empty()) return std::filesystem::exists(request.root / file, code);
    const auto text = text_at(request.root, request.commit, file);
    return text || text.error().kind != ErrorKind::not_found;
}

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
        if (!reasons || reasons->find_first_not_of(" \t\r\n") == std::string::npos)
            form.missing_decisions.push_back(decision);
    }
    return form;
}

/// The plan of a file, or the outcome that says why there is none.
struct Read {
    std::optional<Plan> plan;
    std::optional<Outcome> instead;
};

Read read_plan_file(const GateRequest& request, const std::string& file, SectionSet required) {
    Read read;
    auto text = text_of(request, file);
    if (!text) {
        const bool absent = text.error().kind == ErrorKind::not_found;
        read.instead = outcome_of(
            absent ? "RDY001" : "RDY002", file,
            absent ? fmt::format("there is no plan {}", core::quoted(file)) : text.error().message, required);
        return read;
    }
    auto plan = parse_plan(*text, file);
    if (plan) read.plan = std::move(*plan);
    else read.instead = outcome_of("RDY002", file, plan.error().message, required);
    return read;
}

Read read_issue(const GateRequest& request, SectionSet required) {
    Read read;
    auto plan = parse_issue(*request.issue, request.issue_name);
    if (plan) read.plan = std::move(*plan);
    else
        read.instead = outcome_of(plan.error().kind == ErrorKind::not_found ? "RDY001" : "RDY002",
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
                        fmt::format("no scope knows the path {}", core::quoted(path.path, 200))});
}

/// Whether there is one that a pull request could link.
bool has_plan(const Outcome& outcome) {
    return std::ranges::none_of(outcome.findings, [](const Finding& one) {
        return one.rule->id == "RDY001" || one.rule->id == "RDY002";
    });
}

/// What to do where no plan is among what changed.
std::string begun(const GateRequest& request, const Policy& policy) {
    for (const auto& [path, state] : request.uncommitted)
        if (!story_of(policy, path).empty() && is_there(request, path))
            return fmt::format("{} is there ({}): commit it", core::quoted(path, 200), state);
    return "tristrata readiness init STORY begins one";
}

/// Plans that the change set deletes before their time.
void add_deleted(Verdict& verdict, const GateRequest& request, const Policy& policy) {
    if (!request.changed || request.ancestor.empty()) return;
    std::vector<std::string> left;  // texts of the plans that changed and are there
    std::vector<std::string> gone;
    for (const auto& path : *request.changed) {
        if (story_of(policy, path).empty()) continue;
        if (auto text = text_of(request, path)) left.push_back(std::move(*text));
        else if (!is_there(request, path)) gone.push_back(path);
    }
    for (const auto& path : gone) {
        const std::string story = story_of(policy, path);
        if (std::ranges::any_of(left,
                                [&](const std::string& text) { return says(text, core::lowered(story)); }))
            continue;
        const auto text = text_at(request.root, request.ancestor, path);
        if (!text && text.error().kind == ErrorKind::not_found) continue;
        const auto plan = text ? parse_plan(*text, path) : core::Result<Plan>(propagate(text));
        std::string why = "it could not be read";
        if (plan) {
            CheckOptions options;
            options.now = request.now;
            options.policy = &policy;
            const Named named = check(*plan, options).named;
            const long today = request.now.microseconds / day_us;
            if (named.sunset && *named.sunset <= today && !named.outcome.empty()) continue;
            why = !named.sunset ? "it names no sunset"
                  : *named.sunset > today
                      ? fmt::format("its sunset is on {}", date_text(*named.sunset))
                      : fmt::format("its sunset was on {} and has no outcome", date_text(*named.sunset));
        }
        verdict.outcomes.push_back(outcome_of(
            "RDY006", path,
            fmt::format("the change set deletes the plan of {}: {}", core::quoted(story), why), {}));
    }
}

/// RDY001, of the path that asks for most.
Outcome without_a_plan(const GateRequest& request, const Policy& policy, const Verdict& verdict,
                       SectionSet required) {
    const PathDecision* asks = nullptr;
    std::size_t others = 0;
    if (verdict.scope && !request.sections)
        for (const auto& path : verdict.scope->paths) {
            if (path.sections.empty()) continue;
            others += asks == nullptr ? 0 : 1;
            if (asks == nullptr || (asks->sections != required && path.sections == required)) asks = &path;
        }
    const std::string first = begun(request, policy);
    if (asks == nullptr)
        return outcome_of(
            "RDY001", path_of(policy, "STORY"),
            fmt::format("{} {} asked for and no plan is among what changed; {}", shown(required),
                        shown(required).find(',') == std::string::npos ? "is" : "are", first),
            required);
    return outcome_of(
        "RDY001", asks->path,
        fmt::format(
            "{} asks for {}{}, and no plan is among what changed; {}", asks->path, shown(asks->sections),
            others > 0 ? " (as " + core::plural(others, "other path does", "other paths do") + ")" : "",
            first),
        required);
}

/// Changes of the gate's own files.
void add_own_changes(Verdict& verdict, const GateRequest& request, const Policy& policy) {
    if (!request.changed) return;
    std::vector<std::string> own, paths;
    for (const auto* file : {&request.policy_file, &policy.template_file})
        if (!file->empty() && std::ranges::binary_search(*request.changed, *file)) own.push_back(*file);
    if (own.empty()) return;
    for (const auto& path : *request.changed)
        if (std::ranges::find(own, path) != own.end() || (path.ends_with(".md") && is_there(request, path)))
            paths.push_back(path);
    check_change_set(outcome_of_changes(verdict), paths, own, request.policy_whose);
}

/// Plans that the pull request's text links and that are there: of a story whose plan was merged before.
std::vector<std::string> linked_plans(const GateRequest& request, const Policy& policy) {
    std::vector<std::string> plans;
    if (!request.pull_request) return plans;
    constexpr std::size_t plans_max = 20;
    const std::string_view text = *request.pull_request;
    const std::string before = policy.stories + "/";
    for (auto at = text.find(before); at != std::string_view::npos && plans.size() < plans_max;
         at = text.find(before, at + 1)) {
        const auto slash = text.find('/', at + before.size());
        if (slash == std::string_view::npos || !text.substr(slash + 1).starts_with(plan_name)) continue;
        std::string path(text.substr(at, slash + 1 + plan_name.size() - at));
        if (!story_of(policy, path).empty() && std::ranges::find(plans, path) == plans.end() &&
            is_there(request, path))
            plans.push_back(std::move(path));
    }
    return plans;
}

/// The plans that the request names, or those among what changed.
core::Result<std::vector<std::string>> wanted_files(const GateRequest& request, const Policy& policy) {
    if (request.all) return plans_of(request, policy);
    if (!request.files.empty()) return request.files;
    if (!request.story.empty()) return std::vector{path_of(policy, request.story)};
    std::vector<std::string> files;
    if (request.changed)
        for (const auto& path : *request.changed)
            if (!story_of(policy, path).empty() && is_there(request, path)) files.push_back(path);
    return files.empty() ? linked_plans(request, policy) : files;
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
        if (std::filesystem::exists(at->path() / plan_name, ignored))
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
    const bool named = request.all || !request.files.empty() || !request.story.empty() || request.issue;
    std::vector<std::string> files;
    if (!request.issue) {
        auto wanted = wanted_files(request, policy);
        if (!wanted) return propagate(wanted);
        files = std::move(*wanted);
    }
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
    if (request.all && !request.issue && files.empty())
        verdict.none = fmt::format("no plans below {}", policy.stories);
    if (request.issue) {
        Read read = read_issue(request, required);
        verdict.outcomes.push_back(read.plan ? check(*read.plan, options_for(request.story)) : *read.instead);
    } else if (files.empty() && !request.all && (named || !required.empty())) {
        verdict.outcomes.push_back(without_a_plan(request, policy, verdict, required));
    } else if (!required.empty() || named) {
        verdict.outcomes.resize(files.size());
        // One plan after the other where a store is asked: it has one caller at a time.
        const unsigned threads = facts != nullptr && facts->stored ? 1 : request.threads;
        const auto done = core::parallel_for(files.size(), threads, {}, [&](std::size_t i) -> core::Status {
            Read read = read_plan_file(request, files[i], required);
            verdict.outcomes[i] = read.plan ? check(*read.plan, options_for(story_of(policy, files[i])))
                                            : std::move(*read.instead);
            if (const auto state = request.uncommitted.find(files[i]); state != request.uncommitted.end())
                verdict.outcomes[i].state = state->second;
            return {};
        });
        if (!done) return propagate(done);
    }
    if (request.pull_request)
        for (auto& outcome : verdict.outcomes)
            if (has_plan(outcome))
                check_pull_request(outcome, *request.pull_request, request.issue ? "" : outcome.file,
                                   request.issue ? request.issue_address : "");
    if (form->plan && !verdict.outcomes.empty())
        check_template(verdict.outcomes.front(), *form->plan, policy, form->missing_decisions);
    add_deleted(verdict, request, policy);
    add_own_changes(verdict, request, policy);
    add_unknown(verdict, request);
    return verdict;
}

}  // namespace tristrata::readiness
