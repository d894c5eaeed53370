#include "evidence.hpp"

#include <gtest/gtest.h>

namespace tristrata::service {
namespace {

constexpr core::Timestamp now{1'700'000'000'000'000};

incident::Incident open_incident(std::string payload) {
    incident::Incident one;
    one.incident_id.bytes[15] = 7;
    one.module = "features";
    one.severity = drift::Severity::crit;
    one.reopened = 2;
    incident::Finding mild;
    mild.metric = "psi_age";
    mild.occurrences = 9;
    incident::Finding worst;
    worst.metric = "psi_fee";
    worst.severity = drift::Severity::crit;
    worst.occurrences = 3;
    worst.last_seen = now;
    worst.reference_value = 1.0;
    worst.current_value = 4.0;
    worst.payload = std::move(payload);
    one.findings = {mild, worst};
    return one;
}

incident::Signal remembered(const std::string& metric, const std::vector<drift::Severity>& levels) {
    incident::Signal signal;
    signal.metric = metric;
    signal.drift_type = open_incident("").drift_type;
    signal.incident_id = open_incident("").incident_id;
    for (const auto level : levels) {
        signal.recent.push_back({now, {}, {}, level});
        if (level != drift::Severity::info) signal.recent.back().incident_id = open_incident("").incident_id;
        signal.recent.back().is_evidence = true;
    }
    return signal;
}

TEST(Evidence, an_analyzers_finding_names_its_query_its_rows_and_m_of_n) {
    const auto crit = crit_incident_of(
        open_incident(R"({"analyzer":"fees","finding":"distribution","query_sha256":"0123456789abcdef",)"
                      R"("window":{"rows":96}})"),
        {remembered("psi_age", {drift::Severity::warn}),
         remembered("psi_fee", {drift::Severity::crit, drift::Severity::info, drift::Severity::crit})},
        {});
    EXPECT_EQ(crit.module, "features");
    EXPECT_EQ(crit.episode, 3);
    EXPECT_EQ(crit.evidence.analyzer, "fees");
    EXPECT_EQ(crit.evidence.analyzer_version, "0123456789ab");
    EXPECT_EQ(crit.evidence.rows, 96u);
    EXPECT_EQ(crit.evidence.fired, 2u);
    EXPECT_EQ(crit.evidence.evaluations, 3u);
    EXPECT_EQ(crit.evidence.verdict, drift::Verdict::drift);
    EXPECT_EQ(crit.evidence.severity, drift::Severity::crit);
    EXPECT_EQ(crit.evidence.newest, now);
    EXPECT_EQ(crit.evidence.current_value, 4.0);
    EXPECT_NE(crit.why.find("psi_fee"), std::string::npos) << crit.why;
}

TEST(Evidence, what_the_telemetry_says_of_itself_is_no_drift) {
    for (const char* what : {"source", "clock_skew"}) {
        const auto crit = crit_incident_of(open_incident(R"({"analyzer":"fees","finding":")" +
                                                         std::string(what) + R"(","window":{"rows":96}})"),
                                           {}, {});
        EXPECT_EQ(crit.evidence.verdict, drift::Verdict::not_tested) << what;
    }
}

TEST(Evidence, evaluations_of_an_incident_before_it_or_of_none_do_not_count) {
    using drift::Severity;
    auto signal = remembered("psi_fee", {Severity::crit, Severity::crit, Severity::info, Severity::crit,
                                         Severity::crit, Severity::info, Severity::crit});
    core::Uuid before;
    before.bytes[15] = 6;
    for (const std::size_t i : {0u, 1u}) signal.recent[i].incident_id = before;
    signal.recent[3].incident_id.reset();  // As an earlier version wrote it.
    auto crit = crit_incident_of(open_incident("{}"), {signal}, {});
    EXPECT_EQ(crit.evidence.fired, 2u);
    EXPECT_EQ(crit.evidence.evaluations, 3u) << "bad, good, bad";
    signal.recent[4].incident_id = before;
    crit = crit_incident_of(open_incident("{}"), {signal}, {});
    EXPECT_EQ(crit.evidence.fired, 1u);
    EXPECT_EQ(crit.evidence.evaluations, 1u);
}

TEST(Evidence, what_was_found_while_rows_were_missing_does_not_count_and_hides_nothing) {
    using drift::Severity;
    auto signal = remembered("psi_fee", {Severity::crit, Severity::crit, Severity::crit});
    signal.recent[0].is_evidence = signal.recent[1].is_evidence = false;
    const std::string found = R"({"analyzer":"fees","finding":"range","window":{"rows":96}})";
    EXPECT_EQ(crit_incident_of(open_incident(found), {signal}, {}).evidence.fired, 1u);
    // A label that was missing for longer stands beside it in the same incident.
    auto both = open_incident(found);
    incident::Finding absent = both.findings[1];
    absent.metric = "absent_fees[variant=b]";
    absent.occurrences = 1000;
    absent.payload = R"({"analyzer":"fees","finding":"combination","window":{"rows":40}})";
    both.findings.push_back(absent);
    const auto crit = crit_incident_of(both, {signal}, {});
    EXPECT_EQ(crit.evidence.verdict, drift::Verdict::drift);
    EXPECT_EQ(crit.evidence.rows, 96u);
}

/// An evaluation of another analyzer of the module, which found that rows were missing.
incident::Signal missing_at(core::Timestamp at) {
    incident::Signal absent;
    absent.metric = "absent_fees[variant=b]";
    absent.drift_type = drift::DriftType::data_quality;
    absent.recent.push_back({at, {}, {}, drift::Severity::crit});
    absent.recent.back().found_missing = true;
    return absent;
}

TEST(Evidence, what_another_analyzer_of_the_module_found_missing_casts_a_doubt_on_what_moved_by_then) {
    using drift::Severity;
    constexpr core::Duration window{600'000'000};
    auto signal = remembered("psi_fee", {Severity::crit, Severity::crit, Severity::crit});
    for (std::size_t i = 0; i < 3; ++i)
        signal.recent[i].at = now + core::Duration{static_cast<std::int64_t>(i) * window.microseconds};
    const auto incident = open_incident(R"({"analyzer":"fees","finding":"distribution","window":{"rows":96,)"
                                        R"("from":"2023-11-14T22:13:20Z","to":"2023-11-14T22:23:20Z"}})");
    const auto fired = [&](std::vector<incident::Signal> signals,
                           const std::vector<core::Uuid>& dismissed = {}) {
        signals.push_back(signal);
        return crit_incident_of(incident, signals, dismissed).evidence.fired;
    };
    EXPECT_EQ(fired({}), 3u);
    EXPECT_EQ(fired({missing_at(now)}), 2u);
    EXPECT_EQ(fired({missing_at(now + core::Duration{1})}), 1u) << "their windows overlap";
    EXPECT_EQ(fired({missing_at(signal.recent[2].at)}), 0u);
    const auto crit = crit_incident_of(incident, {missing_at(now), signal}, {});
    EXPECT_NE(crit.why.find("missing until 2023-11-14T22:13:20Z"), std::string::npos) << crit.why;

    // What has not been found to come again is missing still, however late its analyzer looks.
    auto lasting = missing_at(now + core::Duration{-window.microseconds});
    EXPECT_EQ(fired({lasting}), 3u);
    lasting.incident_id = incident.incident_id;
    EXPECT_EQ(fired({lasting}), 0u);
    lasting.recent.push_back({now, {}, {}, Severity::info});
    EXPECT_EQ(fired({lasting}), 3u) << "it came again";

    // What a person called a false alarm is none; what came is no doubt.
    auto believed = missing_at(signal.recent[2].at);
    core::Uuid other;
    other.bytes[15] = 9;
    believed.recent[0].incident_id = other;
    EXPECT_EQ(fired({believed}), 0u);
    EXPECT_EQ(fired({believed}, {other}), 3u);
    believed.recent[0].found_missing = false;
    EXPECT_EQ(fired({believed}), 3u);
}

TEST(Evidence, what_is_held_back_is_none_but_for_the_budget) {
    using incident::Hold;
    auto incident = open_incident(R"({"analyzer":"fees","finding":"range","window":{"rows":96}})");
    for (const auto hold : {Hold::none, Hold::budget}) {
        incident.hold = hold;
        EXPECT_EQ(crit_incident_of(incident, {}, {}).evidence.verdict, drift::Verdict::drift);
    }
    for (const auto& [hold, why] :
         {std::pair{Hold::inhibited, "missing upstream"}, std::pair{Hold::maintenance, "in maintenance"},
          std::pair{Hold::snoozed, "snoozed"}}) {
        incident.hold = hold;
        const auto crit = crit_incident_of(incident, {}, {});
        EXPECT_EQ(crit.evidence.verdict, drift::Verdict::insufficient_data) << why;
        EXPECT_NE(crit.why.find(why), std::string::npos) << crit.why;
    }
}

TEST(Evidence, the_newest_row_is_no_newer_than_the_window_that_was_looked_at) {
    const auto crit = crit_incident_of(
        open_incident(
            R"({"analyzer":"fees","finding":"range","window":{"rows":96,"to":"2023-01-02T00:00:00Z"}})"),
        {}, {});
    EXPECT_EQ(crit.evidence.newest, *core::parse_timestamp("2023-01-02T00:00:00Z"));
}

TEST(Evidence, each_finding_is_shown_the_worst_first) {
    using drift::Severity;
    auto incident = open_incident(R"({"analyzer":"few","finding":"range","window":{"rows":10}})");
    incident::Finding many = incident.findings[1];
    many.metric = "range_many";
    many.occurrences = 2;
    many.payload = R"({"analyzer":"many","finding":"range","window":{"rows":96}})";
    incident.findings.push_back(many);
    const auto crit =
        crit_incident_of(incident, {remembered("range_many", {Severity::crit, Severity::crit})}, {});
    EXPECT_EQ(crit.evidence.rows, 10u);
    ASSERT_EQ(crit.further.size(), 2u);
    EXPECT_EQ(crit.further[0].rows, 96u);
    EXPECT_EQ(crit.further[0].fired, 2u);
    EXPECT_EQ(crit.further[1].severity, Severity::warn);
    auto recovered = remembered("range_many", {Severity::crit, Severity::crit});
    recovered.incident_id.reset();
    EXPECT_EQ(crit_incident_of(incident, {recovered}, {}).further[0].fired, 0u) << "good again";
}

TEST(Evidence, rows_and_labels_that_are_missing_are_no_evidence) {
    // All but what speaks of values that came.
    for (const char* what : {"row_count", "rows", "combination", "freshness", "gap", "missing_share",
                             "vanished_category", "column_removed", "duplicate_keys", "of_a_later_version"}) {
        const auto crit = crit_incident_of(open_incident(R"({"analyzer":"fees","finding":")" +
                                                         std::string(what) + R"(","window":{"rows":96}})"),
                                           {}, {});
        EXPECT_NE(crit.evidence.verdict, drift::Verdict::drift) << what;
        auto report = open_incident(R"({"signal":")" + std::string(what) + R"(","window":{"rows":500}})");
        report.findings[1].reference_version = "fedcba9876543210";
        EXPECT_NE(crit_incident_of(report, {}, {}).evidence.verdict, drift::Verdict::drift) << what;
    }
    for (const char* what : {"distribution", "range", "dispersion", "constant"})
        EXPECT_EQ(crit_incident_of(open_incident(R"({"analyzer":"fees","finding":")" + std::string(what) +
                                                 R"(","window":{"rows":96}})"),
                                   {}, {})
                      .evidence.verdict,
                  drift::Verdict::drift)
            << what;
}

TEST(Evidence, what_moved_in_a_window_of_which_rows_are_missing_is_no_evidence) {
    const auto crit =
        crit_incident_of(open_incident(R"({"analyzer":"fees","finding":"distribution","window":{"rows":96},)"
                                       R"("missing":"variant=b did not report in the window"})"),
                         {}, {});
    EXPECT_EQ(crit.evidence.verdict, drift::Verdict::insufficient_data);
}

TEST(Evidence, a_row_of_a_report_stands_on_its_reference_and_its_rows) {
    auto incident = open_incident(R"({"name":"fee","window":{"rows":500}})");
    EXPECT_EQ(crit_incident_of(incident, {}, {}).evidence.verdict, drift::Verdict::not_tested);
    incident.findings[1].reference_version = "fedcba9876543210";
    const auto crit = crit_incident_of(incident, {}, {});
    EXPECT_EQ(crit.evidence.analyzer, "drift_check");
    EXPECT_EQ(crit.evidence.analyzer_version, "fedcba987654");
    EXPECT_EQ(crit.evidence.rows, 500u);
    EXPECT_EQ(crit.evidence.fired, 0u);
}

TEST(Evidence, a_payload_that_says_nothing_is_no_evidence) {
    for (const char* payload :
         {"", "{", "[]", "{}", R"({"window":7,"analyzer":3})", R"({"window":{"rows":-4}})"}) {
        const auto crit = crit_incident_of(open_incident(payload), {}, {});
        EXPECT_EQ(crit.evidence.rows, 0u) << payload;
        EXPECT_EQ(crit.evidence.verdict, drift::Verdict::not_tested) << payload;
    }
    incident::Incident none;
    EXPECT_EQ(crit_incident_of(none, {}, {}).evidence.rows, 0u);
}

TEST(Evidence, only_what_is_open_crit_and_believed_is_escalated) {
    auto one = open_incident("{}");
    EXPECT_TRUE(is_escalated(one));
    auto warn = one;
    warn.severity = drift::Severity::warn;
    EXPECT_FALSE(is_escalated(warn));
    auto over = one;
    over.phase = incident::Phase::cooling;
    EXPECT_FALSE(is_escalated(over));
    auto alarm = one;
    alarm.dismissed_at = now;
    EXPECT_FALSE(is_escalated(alarm));
    auto own = one;
    own.module = kill_switch::event_module;
    EXPECT_FALSE(is_escalated(own));
}

}  // namespace
}  // namespace tristrata::service
