#include "tristrata/incident/digest.hpp"

#include "events.hpp"
#include "tristrata/incident/wording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::incident;
using drift::Severity;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

Incident incident_of(const std::string& module, Severity severity, core::Timestamp opened_at) {
    Incident one;
    one.incident_id = core::uuid_v5(core::tristrata_namespace(), module + core::to_string(opened_at));
    one.module = module;
    one.severity = severity;
    one.first_seen = one.opened_at = opened_at;
    one.owner = "data-team";
    one.route = "chat";
    return one;
}

core::Timestamp before(core::Duration by) { return {monday.microseconds - by.microseconds}; }

class DigestTest : public ::testing::Test {
protected:
    Digest digest{{monday, monday + day}, {}, 0};
    Policy policy;
};

}  // namespace

TEST_F(DigestTest, it_tells_by_module_what_is_new_open_and_closed_and_whose_it_is) {
    policy.links["board"] = "https://grafana.example.com/d/drift?var-module={module}";
    Incident held = incident_of("features", Severity::crit, monday + hour);
    held.hold = Hold::budget;
    Incident closed = incident_of("features", Severity::warn, before(day));
    closed.closed_at = monday + hour;
    closed.ending = Ending::recovered;
    Incident paged = incident_of("train", Severity::crit, before(hour));
    paged.paged_at = before(hour);
    paged.acked_by = "eve";
    Incident brief = incident_of("train", Severity::warn, monday);
    brief.closed_at = monday + hour;
    brief.ending = Ending::quiet;
    digest.incidents = {held, closed, paged, brief};
    digest.false_alarms = 1;
    const std::string text = to_text(digest, policy);
    EXPECT_THAT(text,
                HasSubstr("2026-11-02T00:00:00Z to 2026-11-03T00:00:00Z: 2 new, 1 still open, 2 closed\n"));
    EXPECT_THAT(text, HasSubstr("\nfeatures, owner data-team, route chat\n"));
    EXPECT_THAT(text, HasSubstr("  new: 0 metrics of features moved"));
    EXPECT_THAT(text, HasSubstr("; held back: budget\n"));
    EXPECT_THAT(text, HasSubstr("board: https://grafana.example.com/d/drift?var-module=features\n"));
    EXPECT_THAT(text, HasSubstr("  closed (recovered): "));
    EXPECT_THAT(text, HasSubstr("  open: 0 metrics of train"));
    EXPECT_THAT(text, HasSubstr("; paged; acked by eve\n"));
    EXPECT_THAT(text, HasSubstr("  new, closed (quiet): "));
    EXPECT_THAT(text, HasSubstr("Dismissed as false alarms: 1\n"));
    const std::size_t module = text.find("\nfeatures, owner");
    EXPECT_EQ(text.find("\nfeatures, owner", module + 1), std::string::npos) << "a module stands once";
}

TEST_F(DigestTest, what_is_new_to_an_acknowledged_one_and_held_back_stands_there_with_the_reason) {
    Incident one = incident_of("features", Severity::crit, monday);
    one.paged_at = monday;
    one.acked_by = "eve";
    for (const auto& [metric, told] : {std::pair{"fee", 1U}, {"price", 0U}}) {
        Finding& finding = one.findings.emplace_back();
        finding.metric = metric;
        finding.severity = Severity::crit;
        finding.told = told;
    }
    const auto text = [&] {
        digest.incidents = {one};
        return to_text(digest, policy);
    };
    EXPECT_THAT(text(), HasSubstr("; paged; acked by eve\n"));
    one.news_hold = Hold::budget;
    EXPECT_THAT(text(), HasSubstr("; paged; acked by eve; new and held back: price (budget)\n"));
    one.findings.back().told = 1;
    EXPECT_EQ(held_news_of(one), "") << "who acknowledges that speaks of it";
}

TEST_F(DigestTest, foreign_texts_stay_in_their_line) {
    Incident one = incident_of("tra\nder\u202E", Severity::crit, monday + hour);
    one.owner = "o\x1b[2Jps";
    one.route = "chat\n";
    one.paged_at = monday + hour;
    one.acked_by = "eve\nDismissed as false alarms: 9";
    digest.incidents = {one};
    policy.links["bo\nard"] = "https://grafana.example.com/\n";
    const std::string text = to_text(digest, policy);
    EXPECT_THAT(text, HasSubstr("            bo\u2424ard: https://grafana.example.com/\u2424\n"));
    EXPECT_THAT(text, HasSubstr("\ntra\u2424der\uFFFD, owner o\uFFFD[2Jps, route chat\u2424\n"));
    EXPECT_THAT(text, HasSubstr("  new: 0 metrics of tra\u2424der\uFFFD moved"));
    EXPECT_THAT(text, HasSubstr("; acked by eve\u2424Dismissed as false alarms: 9\n"));
}

TEST_F(DigestTest, what_nobody_was_told_of_and_what_was_dismissed_or_snoozed_is_not_just_paged) {
    Incident waiting = incident_of("features", Severity::crit, monday);
    waiting.paged_at = monday + hour;
    digest.incidents = {waiting};
    EXPECT_THAT(to_text(digest, policy), HasSubstr("; paged\n"));
    const std::string untold = to_text(digest, policy, {core::to_string(waiting.incident_id)});
    EXPECT_THAT(untold, HasSubstr("; not told: in the spool\n"));
    EXPECT_THAT(untold, Not(HasSubstr("paged")));
    digest.incidents[0].dismissed_at = monday + hour;
    EXPECT_THAT(to_text(digest, policy), HasSubstr("; paged; dismissed as a false alarm\n"));
    digest.incidents[0].paged_at.reset();
    digest.incidents[0].hold = Hold::dismissed;
    EXPECT_THAT(to_text(digest, policy), HasSubstr("; held back: dismissed\n"));
    Incident snoozed = incident_of("train", Severity::warn, monday);
    snoozed.snoozed_until = monday + day;
    digest.incidents = {snoozed};
    EXPECT_THAT(to_text(digest, policy), HasSubstr("; snoozed until 2026-11-03T00:00:00Z\n"));
}

TEST_F(DigestTest, what_came_behind_its_end_stands_in_the_next_one) {
    Incident late = incident_of("features", Severity::warn, before(hour));
    late.closed_at = monday + day;  // On the edge: the next one's.
    late.ending = Ending::recovered;
    digest.incidents = {late};
    EXPECT_THAT(to_text(digest, policy), HasSubstr("0 new, 1 still open, 0 closed"));
    digest.range = {monday + day, monday + day + day};
    EXPECT_THAT(to_text(digest, policy), HasSubstr("0 new, 0 still open, 1 closed"));
}

TEST_F(DigestTest, more_than_two_hundred_are_counted) {
    for (int i = 0; i < 203; ++i)
        digest.incidents.push_back(incident_of("m" + std::to_string(1000 + i), Severity::warn, monday));
    const std::string text = to_text(digest, policy);
    EXPECT_THAT(text, HasSubstr("\nm1199, owner"));
    EXPECT_THAT(text, Not(HasSubstr("\nm1200, owner")));
    EXPECT_THAT(text, HasSubstr("and 3 more: "));
}

TEST_F(DigestTest, as_an_alert_it_is_info_starts_when_it_is_due_and_holds_no_number_in_a_label) {
    const auto alert = alert_of(digest, policy);
    EXPECT_TRUE(notification::check(alert)) << notification::check(alert).error().message;
    EXPECT_TRUE(notification::is_digest(alert));
    EXPECT_EQ(alert.label("severity"), "info");
    EXPECT_EQ(alert.starts_at, monday + day);
    EXPECT_EQ(alert.annotation("summary"),
              "Digest 2026-11-02T00:00:00Z to 2026-11-03T00:00:00Z: 0 new, 0 still open, 0 closed");
}

TEST_F(DigestTest, it_is_due_by_the_clocks_of_its_zone) {
    const core::Duration eight{8 * hour.microseconds};
    EXPECT_EQ(core::to_string(last_due({eight, "Europe/Berlin"}, monday).value()), "2026-11-01T07:00:00Z");
    EXPECT_EQ(core::to_string(last_due({eight}, monday + eight).value()), "2026-11-02T08:00:00Z")
        << "on the edge";
    EXPECT_EQ(last_due({hour, "Mars/Olympus"}, monday).error().kind, core::ErrorKind::configuration);
}
