#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"
#include "readiness_places.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/readiness/changes.hpp"
#include "tristrata/readiness/draft.hpp"
#include "tristrata/readiness/due.hpp"
#include "tristrata/readiness/gate.hpp"
#include "tristrata/readiness/policy_in_force.hpp"
#include "tristrata/readiness/record.hpp"
#include "tristrata/report/display.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

core::Result<std::filesystem::path> root_of(const ReadinessOptions& options) {
    if (options.root.empty()) return readiness::repository_of(std::filesystem::current_path());
    std::error_code code;
    if (!std::filesystem::is_directory(options.root, code))
        return fail(ErrorKind::usage, fmt::format("--root: {} is no folder; expected that of a repository",
                                                  core::quoted(options.root, 200)));
    return std::filesystem::path(options.root);
}

std::string head_of(const ReadinessOptions& options) { return options.head.empty() ? "HEAD" : options.head; }

/// Empty without --base.
core::Result<std::string> ancestor_of(const ReadinessOptions& options, const std::filesystem::path& root) {
    return options.base.empty() ? std::string()
                                : readiness::ancestor_of(root, options.base, head_of(options));
}

/// Empty without --head: it is the working tree that is judged.
core::Result<std::string> commit_of(const ReadinessOptions& options, const std::filesystem::path& root) {
    return options.head.empty() ? std::string() : readiness::commit_of(root, "head", options.head);
}

core::Result<readiness::PolicyInForce> policy_of(const ReadinessOptions& options,
                                                 const std::filesystem::path& root) {
    auto ancestor = ancestor_of(options, root);
    if (!ancestor) return propagate(ancestor);
    auto commit = commit_of(options, root);
    if (!commit) return propagate(commit);
    return readiness::policy_in_force(root, options.scope, *ancestor, *commit);
}

core::Result<core::Timestamp> day_of(const std::string& at) { return time_or_now("--at", at); }

/// A text that is given by a file; - is standard input.
core::Result<std::string> body_of(std::string_view option, const std::string& file) {
    constexpr std::size_t bytes_max = 1'000'000;
    std::ifstream stream(file == "-" ? "/dev/stdin" : file, std::ios::binary);
    std::error_code code;
    if (!stream || std::filesystem::is_directory(file, code))  // Of a folder nothing is read, and no error.
        return fail(ErrorKind::not_found,
                    fmt::format("{}: {} is no file that can be read", option, core::quoted(file)));
    std::string text(bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > bytes_max)
        return fail(ErrorKind::limit_exceeded,
                    fmt::format("{}: {} has more than 1 MB", option, core::quoted(file)));
    return text;
}

void note_left_out(const readiness::Facts& facts) {
    for (const auto& file : facts.left_out)
        fmt::print(stderr, "note: {} leads out of the repository and is left out\n", report::printable(file));
}

/// What there is, and the store behind it, which stays open as long.
struct Looked {
    std::optional<readiness::Facts> facts;
    std::unique_ptr<session::Session> session;
    std::unique_ptr<store::Store> store;
};

/// `ancestor`: what the change set is held against; empty: nothing.
core::Status look_up(Looked& looked, const ReadinessOptions& options, const readiness::Policy& policy,
                     const std::filesystem::path& root, const std::string& ancestor) {
    if (options.verify.empty() && !options.against_store) return {};
    auto facts = readiness::read_facts(policy, root, ancestor);
    if (!facts) return propagate(facts);
    if (!options.verify.empty())
        if (auto added = readiness::add_drift_plan(*facts, options.verify); !added)
            return fail(added.error().kind, "--verify: " + added.error().message, added.error().foreign_code);
    if (options.against_store) {
        auto session = open_session(options.settings);
        if (!session) return propagate(session);
        looked.session = std::move(*session);
        auto opened = looked.session->open_store(store::Layer::kpi, store::OpenMode::read);
        if (!opened) return propagate(opened);
        looked.store = std::move(*opened);
        facts->stored = [&store = *looked.store](const std::string& metric) -> core::Result<bool> {
            store::KpiQuery query;
            query.metric = metric;
            query.limit = 1;
            auto page = store.query(query);
            if (!page) return propagate(page);
            return !page->rows.empty();
        };
    }
    note_left_out(*facts);
    if (!facts->owners)
        fmt::print(stderr,
                   "note: {}; whether the DRI owns what the plan watches was not looked up (RDY620)\n",
                   policy.places.owners.empty() ? std::string("no file of owners is named")
                                                : report::printable(policy.places.owners) + " is not there");
    looked.facts = std::move(*facts);
    return {};
}

core::Result<std::optional<std::vector<std::string>>> changes_of(const ReadinessOptions& options,
                                                                 const std::filesystem::path& root) {
    if (options.base.empty()) return std::optional<std::vector<std::string>>{};
    auto paths = readiness::changed_paths(root, options.base, head_of(options));
    if (!paths) return propagate(paths);
    return std::optional(std::move(*paths));
}

std::string rendered(const readiness::Verdict& verdict, const std::string& format) {
    if (format == "json") return to_json(verdict);
    if (format == "junit") return to_junit(verdict);
    if (format == "sarif") return to_sarif(verdict);
    if (format == "github") return to_github(verdict);
    if (format == "comment") return to_comment(verdict);
    std::string text = to_text(verdict);
    if (verdict.scope) text += to_text(*verdict.scope);
    return text;
}

/// A check of what a branch or a pull request changes; one of every plan, as each night, is of none.
bool is_of_a_merge(const ReadinessOptions& options, const readiness::Verdict& verdict) {
    return !options.all && (verdict.scope.has_value() || !options.pr_body.empty());
}

/// --emit and --push.
core::Status tell(const ReadinessOptions& options, const readiness::Verdict& verdict,
                  const std::filesystem::path& root) {
    if (!options.emit && !options.push) return {};
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    readiness::Occasion occasion{.merge = is_of_a_merge(options, verdict), .change = options.change};
    if (options.emit && occasion.merge && occasion.change.empty())
        occasion.change = readiness::branch_of(root);
    if (options.emit)
        for (const auto& request : readiness::kpis_of(verdict, occasion)) {
            auto receipt = (*session)->emit_kpi(request, readiness::module_name);
            if (!receipt) return propagate(receipt);
        }
    if (options.push && options.verify.empty())
        fmt::print(
            stderr,
            "note: --push without --verify: {}; only what was looked up can be an event. Name the drift "
            "plan in force by --verify\n",
            options.against_store
                ? "thresholds were held against no drift plan"
                : "whether metrics, alerts, runbooks, owners and thresholds exist was not looked up");
    if (options.push)
        for (const auto& request : readiness::events_of(verdict)) {
            auto taken = (*session)->push_drift_event(request);
            if (!taken) return propagate(taken);
        }
    return {};
}

/// What is edited and in no commit does not count among what changed; plans do, as they lie there.
core::Status note_uncommitted(const readiness::GateRequest& request, const readiness::Policy& policy) {
    auto edited = readiness::uncommitted(request.root, {"."});
    if (!edited) return propagate(edited);
    std::erase_if(*edited, [&](const auto& one) { return !readiness::story_of(policy, one.first).empty(); });
    if (edited->empty()) return {};
    fmt::print(stderr, "note: {} not committed and {} not count among what changed: {}{}; commit first\n",
               core::plural(edited->size(), "changed file is", "changed files are"),
               edited->size() == 1 ? "does" : "do", report::printable(edited->begin()->first),
               edited->size() > 1 ? " and others" : "");
    return {};
}

/// Of a draft: where nothing that is committed differs from its base, the plan is one for all six.
core::Status note_unchanged(const ReadinessOptions& options, const std::filesystem::path& root,
                            const readiness::Policy& policy,
                            const std::optional<std::vector<std::string>>& changed) {
    if (!changed) return {};
    readiness::GateRequest request;
    request.root = root;
    if (changed->empty())
        fmt::print(stderr, "note: nothing that is committed differs from {}: the plan is one for all six\n",
                   report::printable(options.base));
    return note_uncommitted(request, policy);
}

/// The commit that is judged, or what of the working tree is in none.
core::Status tell_commit(readiness::GateRequest& request, const ReadinessOptions& options,
                         const readiness::Policy& policy) {
    auto commit = commit_of(options, request.root);
    if (!commit) return propagate(commit);
    request.commit = std::move(*commit);
    if (!request.commit.empty() && (!options.verify.empty() || options.against_store))
        fmt::print(stderr,
                   "note: plans are those of {}; rules and runbooks are the working tree's, owners {}\n",
                   report::printable(options.head), options.base.empty() ? "too" : "those of the base");
    if (options.base.empty() || !request.commit.empty()) return {};
    auto paths = request.files;
    paths.push_back(policy.stories);
    std::erase_if(paths, [](const std::string& path) { return std::filesystem::path(path).is_absolute(); });
    auto states = readiness::uncommitted(request.root, paths);
    if (!states) return propagate(states);
    request.uncommitted = std::move(*states);
    return note_uncommitted(request, policy);
}

void note_states(const readiness::Verdict& verdict) {
    if (!verdict.unjudged.empty())
        fmt::print(stderr,
                   "note: {} and not judged, as nothing that changed asks for {}: {}{}; tristrata readiness "
                   "check {} says what is left\n",
                   core::plural(verdict.unjudged.size(), "plan is new", "plans are new"),
                   verdict.unjudged.size() == 1 ? "it" : "them", report::printable(verdict.unjudged.front()),
                   verdict.unjudged.size() > 1 ? " and others" : "",
                   report::printable(verdict.unjudged.front()));
    for (const auto& outcome : verdict.outcomes)
        if (!outcome.state.empty())
            fmt::print(stderr,
                       "note: {} ({}) is judged as the working tree has it; --head HEAD judges what is "
                       "committed\n",
                       report::printable(outcome.file), outcome.state);
}

core::Result<std::optional<readiness::SectionSet>> sections_of(const std::vector<std::string>& given) {
    if (given.empty()) return std::optional<readiness::SectionSet>{};
    readiness::SectionSet sections;
    for (const auto& one : given) {
        if (one.size() != 1 || one[0] < '1' || one[0] > '6')
            return fail(ErrorKind::usage, fmt::format("--sections: there is no section {}; expected 1 to 6",
                                                      core::quoted(one)));
        sections.add(static_cast<readiness::Part>(one[0] - '0'));
    }
    return std::optional(sections);
}

core::Result<int> check(const ReadinessOptions& options) {
    auto house = root_of(options);
    if (!house) return propagate(house);
    readiness::GateRequest request;
    request.root = std::move(*house);
    request.files = options.files;
    request.files.insert(request.files.end(), options.files_named.begin(), options.files_named.end());
    request.story = options.story;
    request.all = options.all;
    request.strict = options.strict;
    request.advisory = options.advisory;
    request.version = options.version;
    request.issue_address = options.issue;
    request.threads =
        options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    auto now = day_of(options.at);
    if (!now) return propagate(now);
    request.now = *now;
    auto sections = sections_of(options.sections);
    if (!sections) return propagate(sections);
    request.sections = *sections;
    const bool named =
        !request.files.empty() || !request.story.empty() || request.all || !options.issue_body.empty();
    if (!named && options.base.empty())
        return fail(
            ErrorKind::usage,
            "readiness check: expected a plan, --story, --base, --issue-body or --all; such as tristrata "
            "readiness check --base origin/main");
    if (request.all && !request.story.empty())
        return fail(ErrorKind::usage,
                    "readiness check: --all is every plan and --story one; expected one of both");
    auto placed = place_plans(request.root, !options.root.empty(), request.files);
    if (!placed) return propagate(placed);
    // Whose policy counts, and where it is looked up what a plan names: a root that is named, or the plans'.
    const auto judging = options.root.empty() ? placed->root : request.root;
    request.root = placed->root;
    request.files = std::move(placed->files);
    for (auto [option, file, text] : {std::tuple{"--issue-body", &options.issue_body, &request.issue},
                                      std::tuple{"--pr-body", &options.pr_body, &request.pull_request}}) {
        if (file->empty()) continue;
        auto body = body_of(option, *file);
        if (!body) return propagate(body);
        *text = std::move(*body);
    }
    if (request.issue) request.issue_name = options.issue.empty() ? options.issue_body : options.issue;
    auto policy = policy_of(options, judging);
    if (!policy) return propagate(policy);
    request.policy_file = policy->file;
    request.policy_whose = policy->whose;
    if (placed->elsewhere && options.scope.empty() && options.root.empty())
        fmt::print(
            stderr,
            "note: {} lies outside the repository of the working folder: it is judged by {}{}; --scope and "
            "--root name others\n",
            report::printable(options.files.empty() ? options.files_named.front() : options.files.front()),
            report::printable(policy->whose),
            policy->whose.starts_with("ADR") ? " policy" : " of " + report::printable(request.root.string()));
    auto ancestor = ancestor_of(options, request.root);
    if (!ancestor) return propagate(ancestor);
    request.ancestor = std::move(*ancestor);
    auto changed = changes_of(options, request.root);
    if (!changed) return propagate(changed);
    request.changed = std::move(*changed);
    if (auto told = tell_commit(request, options, policy->policy); !told) return propagate(told);
    Looked looked;
    if (auto done = look_up(looked, options, policy->policy, judging, request.ancestor); !done)
        return propagate(done);
    auto verdict = readiness::evaluate(request, policy->policy, looked.facts ? &*looked.facts : nullptr);
    if (!verdict) return propagate(verdict);
    note_states(*verdict);
    if (auto written = write_result(options.output, rendered(*verdict, options.output.format)); !written)
        return propagate(written);
    if (auto told = tell(options, *verdict, request.root); !told) return propagate(told);
    return verdict->exit_code();
}

core::Result<int> scope(const ReadinessOptions& options) {
    auto given = root_of(options);
    if (!given) return propagate(given);
    const std::filesystem::path root = std::move(*given);
    auto policy = policy_of(options, root);
    if (!policy) return propagate(policy);
    std::vector<std::string> paths = options.files;
    if (paths.empty()) {
        if (options.base.empty())
            return fail(ErrorKind::usage,
                        "readiness scope: expected paths or --base, such as --base origin/main");
        auto changed = changes_of(options, root);
        if (!changed) return propagate(changed);
        paths = **changed;
    } else {
        for (auto& path : paths) {
            auto plain = readiness::path_of_repository(root, path);
            if (!plain) return propagate(plain);
            path = std::move(*plain);
        }
    }
    const auto found = readiness::scope_of(policy->policy, paths);
    const std::string text = options.output.format == "json" ? to_json(found) : to_text(found);
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

core::Result<int> init(const ReadinessOptions& options) {
    auto given = root_of(options);
    if (!given) return propagate(given);
    const std::filesystem::path root = std::move(*given);
    auto policy = policy_of(options, root);
    if (!policy) return propagate(policy);
    auto now = day_of(options.at);
    if (!now) return propagate(now);
    auto changed = changes_of(options, root);
    if (!changed) return propagate(changed);
    Looked looked;
    if (auto done = look_up(looked, options, policy->policy, root, ""); !done) return propagate(done);
    if (!looked.facts) {
        auto facts = readiness::read_facts(policy->policy, root);
        if (!facts) return propagate(facts);
        note_left_out(*facts);
        looked.facts = std::move(*facts);
    }
    readiness::DraftRequest request;
    request.story = options.story;
    request.title = options.title;
    // A name that no plan may have as its owner leaves the form's own words; one that is given is refused.
    auto owner = readiness::owner_of_a_plan(
        options.owner.empty() ? readiness::owner_of_git(root) : options.owner, policy->policy);
    if (!owner && !options.owner.empty())
        return fail(owner.error().kind, "--owner: " + owner.error().message);
    if (owner) request.owner = std::move(*owner);
    request.now = *now;
    if (*changed) request.changed = **changed;
    if (auto told = note_unchanged(options, root, policy->policy, *changed); !told) return propagate(told);
    request.facts = &*looked.facts;
    std::string form(readiness::built_in_form());
    std::error_code code;
    const auto& own_form = policy->policy.template_file;
    if (!own_form.empty() && std::filesystem::exists(root / own_form, code)) {
        auto own = readiness::read_text(root / own_form, root);
        if (!own) return propagate(own);
        form = std::move(*own);
    }
    auto text = readiness::draft(form, request, policy->policy);
    if (!text) return propagate(text);
    const bool printed = options.output.out == "-";
    // A link out of the repository is followed by nothing here.
    const auto house = std::filesystem::weakly_canonical(root, code);
    const auto own = readiness::path_of(policy->policy, options.story);
    const auto below = std::filesystem::weakly_canonical((root / own).parent_path(), code);
    if (options.output.out.empty() && below.lexically_relative(house).generic_string().starts_with(".."))
        return fail(ErrorKind::refused, fmt::format("{} leads out of the repository; nothing was written",
                                                    core::quoted(own, 200)));
    const auto file = options.output.out.empty() ? root / own : std::filesystem::path(options.output.out);
    const std::string named = options.output.out.empty() ? own : options.output.out;
    if (!printed && std::filesystem::exists(std::filesystem::symlink_status(file, code)))
        return fail(
            ErrorKind::conflict,
            fmt::format("{} is there already; nothing was written. Edit it, or give another --out", named));
    if (!printed && options.output.out.empty()) std::filesystem::create_directories(file.parent_path(), code);
    if (auto written = write_file(printed ? "-" : file.string(), *text); !written) return propagate(written);
    if (!printed)
        fmt::print("{}: replace each <…>, then: tristrata readiness check --story {}\n", named,
                   options.story);
    return 0;
}

core::Result<int> due(const ReadinessOptions& options) {
    auto house = root_of(options);
    if (!house) return propagate(house);
    readiness::GateRequest request;
    request.root = std::move(*house);
    request.all = true;
    auto policy = policy_of(options, request.root);
    if (!policy) return propagate(policy);
    auto now = day_of(options.at);
    if (!now) return propagate(now);
    request.now = *now;
    auto verdict = readiness::evaluate(request, policy->policy, nullptr);
    if (!verdict) return propagate(verdict);
    const auto left_out = readiness::left_out_of(verdict->outcomes);
    for (const auto& one : left_out)
        fmt::print(stderr, "warning: {} is left out: {}\n", report::printable(one.file),
                   report::printable(one.why));
    for (const auto& outcome : verdict->outcomes)
        if (!outcome.named.sunset && outcome.named.outcome.empty() && outcome.named.accountable_until)
            fmt::print(stderr, "warning: {} names no sunset: the end of its DRI's term alone is looked at\n",
                       report::printable(outcome.file));
    const auto found = readiness::due_of(verdict->outcomes, *now, static_cast<long>(options.days));
    const std::string text =
        options.output.format == "json"  ? to_json(found, left_out, *now, static_cast<long>(options.days))
        : options.output.format == "ics" ? to_calendar(found, *now)
                                         : to_text(found, static_cast<long>(options.days));
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    if (!verdict->evaluable()) return 3;
    return options.fail_overdue && !found.empty() && found.front().days_left < 0 ? 1 : 0;
}

core::Result<int> report_of(const ReadinessOptions& options) {
    auto range = range_of(options.from, options.to);
    if (!range) return propagate(range);
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto store = (*session)->open_store(store::Layer::kpi, store::OpenMode::read);
    if (!store) return propagate(store);
    std::map<core::Uuid, readiness::CheckRecord> records;
    for (const char* metric : {"blocked", "only_completeness", "merge", "errors"}) {
        store::KpiQuery query;
        query.module = std::string(readiness::module_name);
        query.metric = metric;
        query.range = *range;
        query.limit = 1'000'000;
        auto page = (*store)->query(query);
        if (!page) return propagate(page);
        if (page->truncated)
            return fail(ErrorKind::limit_exceeded,
                        "more than a million checks; narrow them by --from and --to");
        for (const auto& row : page->rows) {
            auto& record = records[row.emit_id.value_or(core::Uuid{})];
            record.story = row.run_id.value_or("");
            record.change = readiness::change_of(row.tags);
            record.check = readiness::check_of(row.tags);
            record.time = row.time;
            const std::string_view name = metric;
            if (name == "errors") record.errors = row.value > 0.0;
            else
                (name == "blocked" ? record.blocked
                 : name == "merge" ? record.merge
                                   : record.only_completeness) = row.value == 1.0;
        }
    }
    std::vector<readiness::CheckRecord> all;
    for (auto& [key, record] : records) all.push_back(std::move(record));
    const auto ledger = readiness::ledger_of(std::move(all));
    const std::string text = options.output.format == "json" ? to_json(ledger) : to_text(ledger);
    if (auto written = write_result(options.output, text); !written) return propagate(written);
    return 0;
}

}  // namespace

int readiness_check(const ReadinessOptions& options) { return code_of(check(options)); }
int readiness_scope(const ReadinessOptions& options) { return code_of(scope(options)); }
int readiness_init(const ReadinessOptions& options) { return code_of(init(options)); }
int readiness_due(const ReadinessOptions& options) { return code_of(due(options)); }
int readiness_report(const ReadinessOptions& options) { return code_of(report_of(options)); }

}  // namespace tristrata::cli
