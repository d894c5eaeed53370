#include "tristrata/readiness/gate.hpp"

#include "tristrata/core/task.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"

#include <fmt/format.h>
#include <algorithm>

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

core::Result<Form> read_form(const std::filesystem::path& root, const Policy& policy,
                             const std::string& ancestor) {
    Form form;
    std::error_code code;
    if (!ancestor.empty() && !policy.template_file.empty()) {
        auto before = text_at(root, ancestor, policy.template_file);
        if (!before && before.error().kind != ErrorKind::not_found) return propagate(before);
        if (before) {
            auto plan = parse_plan(*before, policy.template_file);
            if (!plan) return propagate(plan);
            form.before = std::move(*plan);
        }
    }
    if (policy.template_file.empty() || !std::filesystem::exists(root / policy.template_file, code))
        return form;
    auto text = read_text(root / policy.template_file, root);
    if (!text) return propagate(text);
    auto plan = parse_plan(*text, policy.template_file);
    if (!plan) return propagate(plan);
    form.plan = std::move(*plan);
    for (const auto& [section, decision] : policy.removed)
        if (!std::filesystem::is_regular_file(root / decision, code))
            form.missing_decisions.push_back(decision);
    return form;
}

/// The plan of a file, or the outcome that says why there is none.
struct Read {
    std::optional<Plan> plan;
    std::optional<Outcome> instead;
};

Read read_plan_file(const std::filesystem::path& root, const std::string& file, SectionSet required) {
    Read read;
    auto text = read_text(
        std::filesystem::path(file).is_absolute() ? std::filesystem::path(file) : root / file, root);
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

/// Changes of the gate's own files.
void add_own_changes(Verdict& verdict, const GateRequest& request, const Policy& policy) {
    if (!request.changed) return;
    std::vector<std::string> own, paths;
    for (const auto* file : {&request.policy_file, &policy.template_file})
        if (!file->empty() && std::ranges::binary_search(*request.changed, *file)) own.push_back(*file);
    if (own.empty()) return;
    std::error_code code;
    for (const auto& path : *request.changed)
        if (std::ranges::find(own, path) != own.end() || std::filesystem::exists(request.root / path, code))
            paths.push_back(path);
    check_change_set(outcome_of_changes(verdict), paths, own, request.policy_whose);
}

/// The plans that the request names, or those among what changed.
std::vector<std::string> wanted_files(const GateRequest& request, const Policy& policy) {
    if (request.all) return plans_of(request.root, policy);
    if (!request.files.empty()) return request.files;
    if (!request.story.empty()) return {path_of(policy, request.story)};
    std::vector<std::string> files;
    std::error_code code;
    if (request.changed)
        for (const auto& path : *request.changed)
            if (!story_of(policy, path).empty() && std::filesystem::exists(request.root / path, code))
                files.push_back(path);
    return files;
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

std::vector<std::string> plans_of(const std::filesystem::path& root, const Policy& policy) {
    std::vector<std::string> plans;
    std::error_code code;
    constexpr auto quiet = std::filesystem::directory_options::skip_permission_denied;
    for (auto at = std::filesystem::directory_iterator(root / policy.stories, quiet, code);
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
    auto form = read_form(request.root, policy, request.ancestor);
    if (!form) return propagate(form);
    const bool named = request.all || !request.files.empty() || !request.story.empty() || request.issue;
    const std::vector<std::string> files =
        request.issue ? std::vector<std::string>{} : wanted_files(request, policy);
    const auto options_for = [&](const std::string& story) {
        CheckOptions options;
        options.required = required;
        options.now = request.now;
        options.policy = &policy;
        options.form = form->words();
        options.facts = facts;
        options.folder = story;
        return options;
    };
    if (request.issue) {
        Read read = read_issue(request, required);
        verdict.outcomes.push_back(read.plan ? check(*read.plan, options_for(request.story)) : *read.instead);
    } else if (files.empty() && !request.all && (named || !required.empty())) {
        verdict.outcomes.push_back(outcome_of(
            "RDY001", path_of(policy, "STORY"),
            fmt::format("{} {} asked for and no plan is among what changed; tristrata readiness init "
                        "STORY begins one",
                        shown(required), shown(required).find(',') == std::string::npos ? "is" : "are"),
            required));
    } else if (!required.empty() || named) {
        verdict.outcomes.resize(files.size());
        // One plan after the other where a store is asked: it has one caller at a time.
        const unsigned threads = facts != nullptr && facts->stored ? 1 : request.threads;
        const auto done = core::parallel_for(files.size(), threads, {}, [&](std::size_t i) -> core::Status {
            Read read = read_plan_file(request.root, files[i], required);
            verdict.outcomes[i] = read.plan ? check(*read.plan, options_for(story_of(policy, files[i])))
                                            : std::move(*read.instead);
            return {};
        });
        if (!done) return propagate(done);
    }
    if (request.pull_request)
        for (auto& outcome : verdict.outcomes)
            check_pull_request(outcome, *request.pull_request, request.issue ? "" : outcome.file,
                               request.issue ? request.issue_address : "");
    if (form->plan && !verdict.outcomes.empty())
        check_template(verdict.outcomes.front(), *form->plan, policy, form->missing_decisions);
    add_own_changes(verdict, request, policy);
    add_unknown(verdict, request);
    return verdict;
}

}  // namespace tristrata::readiness
