#include "tristrata/readiness/record.hpp"

#include "altered.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

namespace tristrata::readiness {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;
constexpr const char* change_tag = "readiness_change";
constexpr const char* check_tag = "readiness_check";

core::Uuid identity_of(std::string_view kind, const Outcome& outcome, std::int64_t when,
                       std::string_view said = "") {
    return core::uuid_v5(
        core::tristrata_namespace(),
        fmt::format("readiness\n{}\n{}\n{}\n{}{}", kind, outcome.named.story, outcome.file, when, said));
}

/// A check with what it found, so that two of one time that found different things are two.
std::string identity_of(const Verdict& verdict, const Occasion& occasion) {
    std::string said = fmt::format("readiness\ncheck of\n{}\n{}\n{}", occasion.merge ? "merge" : "check",
                                   verdict.at.microseconds, occasion.change);
    for (const auto& outcome : verdict.outcomes) {
        said += fmt::format("\n{}\n{}", outcome.named.story, outcome.file);
        for (const auto& finding : outcome.findings)
            said += fmt::format("\n{} {} {}", finding.rule->id, finding.line, finding.message);
    }
    return core::to_string(core::uuid_v5(core::tristrata_namespace(), said));
}

std::string tag_of(std::string_view tags, const char* key) {
    const auto read = nlohmann::json::parse(tags, nullptr, false);
    const auto found = read.is_object() ? read.find(key) : read.end();
    return found != read.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string_view word_of(Ledger::Answer answer) {
    return answer == Ledger::Answer::too_few ? "too_few"
           : answer == Ledger::Answer::keep  ? "keep"
                                             : "revisit";
}

}  // namespace

std::vector<execution::KpiRequest> kpis_of(const Verdict& verdict, const Occasion& occasion) {
    std::vector<execution::KpiRequest> requests;
    const std::string check = identity_of(verdict, occasion);
    for (const auto& outcome : verdict.outcomes) {
        const auto number = [](std::size_t count) { return static_cast<double>(count); };
        const bool blocked = outcome.blocked(verdict.strict);
        execution::KpiRequest request;
        request.module = module_name;
        if (!outcome.named.story.empty()) request.run_id = outcome.named.story;
        if (!occasion.change.empty()) request.library_tags.emplace(change_tag, occasion.change);
        request.library_tags.emplace(check_tag, check);
        request.dag_node = "check";
        request.success = !blocked;
        request.time = verdict.at;
        request.event_id = identity_of("check", outcome, verdict.at.microseconds, "\n" + check);
        request.metrics = {
            {"merge", occasion.merge ? 1.0 : 0.0},
            {"blocked", blocked ? 1.0 : 0.0},
            {"only_completeness", outcome.blocked_for_completeness(verdict.strict) ? 1.0 : 0.0},
            {"errors", number(outcome.count(Level::error) + outcome.count(Level::not_evaluable))},
            {"warnings", number(outcome.count(Level::warning))},
            {"skipped", number(outcome.skipped.size())},
            {"passed", number(outcome.passed.size())},
        };
        requests.push_back(std::move(request));
    }
    return requests;
}

std::vector<drift::EventRequest> events_of(const Verdict& verdict) {
    std::vector<drift::EventRequest> requests;
    for (const auto& outcome : verdict.outcomes) {
        if (is_closed(outcome.named, verdict.at)) continue;
        std::vector<const Finding*> gone;
        for (const auto& finding : outcome.findings)
            if (finding.rule->level == Level::error &&
                (finding.rule->place == Place::connected || finding.rule->place == Place::drift_plan))
                gone.push_back(&finding);
        if (gone.empty()) continue;
        core::JsonWriter json;
        json.begin_object();
        json.member("story", outcome.named.story);
        json.member("file", outcome.file);
        json.member("owner", outcome.named.owner);
        json.member("reason", fmt::format("the plan of {} names what no longer is so: {}",
                                          outcome.named.story, gone.front()->message));
        json.key("findings");
        json.begin_array();
        for (const Finding* finding : gone) {
            json.begin_object();
            json.member("rule", finding->rule->id);
            json.member("line", static_cast<std::uint64_t>(finding->line));
            json.member("message", finding->message);
            json.end_object();
        }
        json.end_array();
        json.end_object();
        const std::int64_t day = verdict.at.microseconds / day_us;
        drift::EventRequest request;
        request.drift_type = drift::DriftType::data_quality;
        request.module = module_name;
        request.metric = "names_what_is_gone";
        request.reference_value = 0.0;
        request.current_value = static_cast<double>(gone.size());
        request.run_id = outcome.named.story.empty() ? outcome.file : outcome.named.story;
        request.severity = drift::Severity::warn;
        request.payload = json.take();
        request.time = core::Timestamp{day * day_us};
        request.event_id = identity_of("gone", outcome, day);
        requests.push_back(std::move(request));
    }
    return requests;
}

std::string change_of(std::string_view tags) { return tag_of(tags, change_tag); }
std::string check_of(std::string_view tags) { return tag_of(tags, check_tag); }

double Ledger::share() const noexcept {
    return stories == 0 ? 0.0 : static_cast<double>(only_completeness) / static_cast<double>(stories);
}

Ledger ledger_of(std::vector<CheckRecord> records) {
    // Records of one check that has a name, and those that are a check of their own.
    struct Check {
        bool blocked = false, held = false;  // By anything; by what is of no plan.
        std::set<std::string> stories;
    };
    std::map<std::string, Check, std::less<>> checks;
    for (const auto& record : records) {
        if (record.check.empty() || !record.merge) continue;
        Check& check = checks[record.check];
        check.blocked = check.blocked || record.blocked;
        if (record.story.empty()) check.held = check.held || (record.blocked && record.errors);
        else check.stories.insert(record.story);
    }
    const auto its_check = [&](const CheckRecord& record) -> const Check* {
        const auto found = checks.find(record.check);
        return found == checks.end() ? nullptr : &found->second;
    };
    std::ranges::stable_sort(records, {}, [&](const CheckRecord& one) {
        const Check* const check = its_check(one);
        const bool blocked = check != nullptr ? check->blocked : one.blocked;
        return std::tuple(one.time, !blocked, std::string_view(one.check), !one.blocked);
    });
    // Of what is of no story: those of its check, or of the next of its change that is of some.
    std::vector<std::set<std::string>> stories_of(records.size());
    std::map<std::string, std::pair<core::Timestamp, std::set<std::string>>> next;  // of a change
    for (std::size_t i = records.size(); i-- > 0;) {
        const CheckRecord& record = records[i];
        if (!record.merge) continue;
        if (const Check* const check = its_check(record); record.story.empty() && check != nullptr)
            stories_of[i] = check->stories;
        if (record.change.empty()) continue;
        auto& [time, named] = next[record.change];
        if (record.story.empty()) {
            if (stories_of[i].empty()) stories_of[i] = named;
            continue;
        }
        if (time != record.time) named.clear();
        time = record.time;
        named.insert(record.story);
    }
    struct Story {
        bool blocked = false, wrong = false, ready = false;
    };
    Ledger ledger;
    std::map<std::pair<bool, std::string>, Story> stories;  // Whether it is a change alone, and its name.
    const auto count = [&](const CheckRecord& record, bool alone, const std::string& name) {
        Story& story = stories[{alone, name}];
        story.blocked = story.blocked || record.blocked;
        story.wrong = story.wrong || (record.blocked && !record.only_completeness);
        const Check* const check = its_check(record);
        story.ready = !record.blocked && (check == nullptr || !check->held);  // in the end
    };
    for (std::size_t i = 0; i < records.size(); ++i) {
        const CheckRecord& record = records[i];
        if (!record.merge) continue;  // Nobody was held up by it.
        if (!record.story.empty()) count(record, false, record.story);
        else if (!record.errors) ++ledger.of_no_plan;
        else if (stories_of[i].empty() && record.change.empty()) ++ledger.of_no_story;
        else if (stories_of[i].empty()) count(record, true, record.change);
        else
            for (const auto& name : stories_of[i]) count(record, false, name);
    }
    ledger.stories = stories.size();
    ledger.checks = static_cast<std::size_t>(std::ranges::count_if(records, &CheckRecord::merge));
    ledger.of_no_merge = records.size() - ledger.checks;
    for (const auto& [name, story] : stories) {
        ledger.blocked += story.blocked ? 1 : 0;
        ledger.only_completeness += story.blocked && !story.wrong ? 1 : 0;
        ledger.prevented += story.wrong && story.ready ? 1 : 0;
    }
    if (ledger.stories >= stories_of_the_falsifier)
        ledger.answer = ledger.share() > share_of_the_falsifier && ledger.prevented == 0
                            ? Ledger::Answer::revisit
                            : Ledger::Answer::keep;
    return ledger;
}

std::string to_text(const Ledger& ledger) {
    std::string text = fmt::format(
        "{} of {}\nblocked at least once         {}\n  only for what was not written {} ({:.0f} %)\n"
        "blocked for what was wrong, and mended {}\n",
        core::plural(ledger.checks, "check"), core::plural(ledger.stories, "story", "stories"),
        ledger.blocked, ledger.only_completeness, 100.0 * ledger.share(), ledger.prevented);
    if (ledger.of_no_merge > 0)
        text += fmt::format("{} of no merge left out\n", core::plural(ledger.of_no_merge, "check"));
    if (ledger.of_no_story > 0)
        text += fmt::format("{} blocked without a plan, and of no branch or --change, left out\n",
                            core::plural(ledger.of_no_story, "check"));
    if (ledger.of_no_plan > 0)
        text += fmt::format("{} that asked for no plan left out\n", core::plural(ledger.of_no_plan, "check"));
    switch (ledger.answer) {
        case Ledger::Answer::too_few:
            text += fmt::format("too few to judge the gate: ADR-0070 asks for {} stories\n",
                                stories_of_the_falsifier);
            break;
        case Ledger::Answer::keep:
            text += "the gate earns its keep, by ADR-0070's own measure\n";
            break;
        case Ledger::Answer::revisit:
            text +=
                "more than 20 % were blocked for completeness alone, and nothing was prevented: ADR-0070 "
                "says to revisit "
                "the list of sections\n";
            break;
    }
    return text;
}

std::string to_json(const Ledger& ledger) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("checks", static_cast<std::uint64_t>(ledger.checks));
    json.member("checks_of_no_merge", static_cast<std::uint64_t>(ledger.of_no_merge));
    json.member("checks_of_no_story", static_cast<std::uint64_t>(ledger.of_no_story));
    json.member("checks_of_no_plan", static_cast<std::uint64_t>(ledger.of_no_plan));
    json.member("stories", static_cast<std::uint64_t>(ledger.stories));
    json.member("blocked", static_cast<std::uint64_t>(ledger.blocked));
    json.member("only_completeness", static_cast<std::uint64_t>(ledger.only_completeness));
    json.member("share_only_completeness", ledger.share());
    json.member("prevented", static_cast<std::uint64_t>(ledger.prevented));
    json.member("answer", word_of(ledger.answer));
    json.end_object();
    return json.take() + "\n";
}

}  // namespace tristrata::readiness
