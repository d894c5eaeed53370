#include "tristrata/notification/intake.hpp"

#include "servers/alertmanager.hpp"
#include "tristrata/notification/receivers.hpp"

#include "example_alert.hpp"
#include "posting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

/// As Alertmanager 0.25 sends it.
nlohmann::json from_alertmanager() {
    return nlohmann::json::parse(R"({"receiver":"tristrata","status":"firing","alerts":[{"status":"firing",
        "labels":{"alertname":"ErrorRate","module":"serving","drift_type":"error_rate_drift",
        "severity":"critical"},
        "annotations":{"summary":"5 % of requests fail"},"startsAt":"2023-03-22T00:00:00.123456789Z",
        "endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus/graph",
        "fingerprint":"0123456789abcdef"}],
        "groupLabels":{"alertname":"ErrorRate"},"commonLabels":{},"commonAnnotations":{},
        "externalURL":"http://alertmanager","version":"4","groupKey":"{}:{}","truncatedAlerts":0})");
}

/// As Grafana sends it: with a time zone, values, and a version of its own.
nlohmann::json from_grafana() {
    return nlohmann::json::parse(R"({"receiver":"tristrata","status":"resolved","orgId":1,"alerts":[{
        "status":"firing","labels":{"alertname":"Volume","module":"candles","drift_type":"volume_drift",
        "severity":"warning","grafana_folder":"drift"},"annotations":{},
        "startsAt":"2023-03-22T02:00:00+02:00",
        "endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://grafana/alerting/1","fingerprint":"fedcba",
        "silenceURL":"","dashboardURL":"","panelURL":"","values":{"B":0.5},
        "valueString":"[ var='B' value=0.5 ]"},
        {"status":"resolved","labels":{"alertname":"Volume","module":"trades","drift_type":"volume_drift",
        "severity":"crit"},"annotations":{},"startsAt":"2023-03-22T00:00:00Z","endsAt":"2023-03-22T00:05:00Z",
        "generatorURL":"","fingerprint":"abc"}],"groupLabels":{},"commonLabels":{},"commonAnnotations":{},
        "externalURL":"http://grafana/","version":"1","groupKey":"k","truncatedAlerts":3,"title":"t",
        "state":"ok","message":"m"})");
}

constexpr core::Duration fortnight{14LL * 86'400 * 1'000'000};

/// As of the day of the examples.
core::Result<drift::EventRequest> event_of(const ReceivedAlert& received) {
    return drift_event_of(received, core::parse_timestamp("2023-03-23").value(), fortnight);
}

class IntakeTest : public ::testing::Test {
protected:
    std::vector<std::string> handed;
    core::Status outcome;
    std::vector<std::string> said;
    Intake intake{[this](const ReceivedAlert& received) {
                      if (outcome)
                          handed.emplace_back(std::string(received.alert.label("module")) +
                                              (received.alert.ends_at ? " over"
                                               : received.again_since ? " again"
                                                                      : ""));
                      return outcome;
                  },
                  [this](std::string_view sentence) { said.emplace_back(sentence); }};
    http::Reply answer(const std::string& body) { return intake.answer({"/alerts", body}); }
};

}  // namespace

TEST(ParseWebhook, alertmanagers_own) {
    const auto webhook = parse_webhook(from_alertmanager().dump());
    ASSERT_TRUE(webhook) << webhook.error().message;
    EXPECT_EQ(webhook->sender, Webhook::Sender::alertmanager);
    ASSERT_EQ(webhook->alerts.size(), 1u);
    const auto& one = webhook->alerts[0];
    EXPECT_EQ(one.fingerprint, "0123456789abcdef");
    EXPECT_EQ(one.alert.starts_at.microseconds, 1'679'443'200'123'456) << "cut to microseconds";
    EXPECT_FALSE(one.alert.ends_at) << "the year 1 is no end";
    EXPECT_EQ(one.alert.annotation("summary"), "5 % of requests fail");
    EXPECT_EQ(one.alert.generator_url, "http://prometheus/graph");
}

TEST(ParseWebhook, grafanas) {
    const auto webhook = parse_webhook(from_grafana().dump());
    ASSERT_TRUE(webhook) << webhook.error().message;
    EXPECT_EQ(webhook->sender, Webhook::Sender::grafana);
    EXPECT_EQ(webhook->truncated, 3u);
    ASSERT_EQ(webhook->alerts.size(), 2u);
    EXPECT_EQ(webhook->alerts[0].alert.starts_at.microseconds, 1'679'443'200'000'000);
    ASSERT_TRUE(webhook->alerts[1].alert.ends_at);
    EXPECT_EQ(webhook->alerts[1].alert.ends_at->microseconds, 1'679'443'500'000'000);
}

TEST(ParseWebhook, what_a_real_alertmanager_sends_is_read_and_tells_the_fingerprint_that_is_computed) {
    servers::Alertmanager server;
    config::Settings settings;
    settings.set("alertmanager_url", {core::Secret(server.url()), "AM"});
    const auto named = receivers(settings);
    Posting posting(core::system_clock(), {5'000'000}, {3'600'000'000});
    const Alert alert = example_alert("features", {core::system_clock().now().microseconds});
    ASSERT_EQ(posting.send(named->all[0], *named, {alert})[0].kind, Outcome::Kind::taken);
    while (server.pages().empty()) ::usleep(50'000);
    const auto webhook = parse_webhook(server.pages()[0].dump());
    ASSERT_TRUE(webhook) << webhook.error().message;
    ASSERT_EQ(webhook->alerts.size(), 1u);
    EXPECT_EQ(webhook->alerts[0].fingerprint, fingerprint(alert.labels));
    EXPECT_EQ(webhook->alerts[0].alert.labels, alert.labels);
    EXPECT_EQ(webhook->alerts[0].alert.starts_at, alert.starts_at);
    EXPECT_FALSE(webhook->alerts[0].alert.ends_at);
}

TEST(ParseWebhook, another_version_is_refused_in_words_and_what_is_none_with_its_place) {
    const auto rejects = [](const nlohmann::json& body, core::ErrorKind kind, const char* words) {
        const auto found = parse_webhook(body.dump());
        ASSERT_FALSE(found) << words;
        EXPECT_EQ(found.error().kind, kind);
        EXPECT_THAT(found.error().message, HasSubstr(words));
    };
    const auto changed = [](const char* pointer, const nlohmann::json& to) {
        auto body = from_alertmanager();
        body[nlohmann::json::json_pointer(pointer)] = to;
        return body;
    };
    rejects(changed("/version", "5"), core::ErrorKind::conflict,
            "has version \"5\"; this program reads \"4\"");
    using enum core::ErrorKind;
    rejects(changed("/version", 4), invalid_input, "does not say its version");
    rejects("x", invalid_input, "no JSON object");
    rejects(changed("/alerts", "x"), invalid_input, "its alerts are no array");
    rejects(changed("/alerts/0", 1), invalid_input, "alerts[0] is no object");
    rejects(changed("/alerts/0/status", "ok"), invalid_input, "alerts[0].status is \"ok\"");
    rejects(changed("/alerts/0/labels", nlohmann::json::object()), invalid_input, "alerts[0] has no labels");
    rejects(changed("/alerts/0/labels/module", 3), invalid_input, "alerts[0].labels.\"module\" is no text");
    rejects(changed("/alerts/0/startsAt", "yesterday"), invalid_input, "alerts[0].startsAt");
    rejects(changed("/alerts/0/fingerprint", 3), invalid_input, "alerts[0].fingerprint is no text");
    const std::string whole = from_alertmanager().dump();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(parse_webhook(whole.substr(0, size)));
    EXPECT_FALSE(parse_webhook(std::string(200'000, '['))) << "nor does depth end the program";
}

TEST(DriftEventOf, labels_say_what_it_is_and_twice_is_one_event) {
    const auto webhook = parse_webhook(from_alertmanager().dump());
    const auto event = event_of(webhook->alerts[0]);
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->drift_type, drift::DriftType::error_rate_drift);
    EXPECT_EQ(event->module, "serving");
    EXPECT_EQ(event->metric, "ErrorRate");
    EXPECT_EQ(event->severity, drift::Severity::crit);
    EXPECT_EQ(event->time, webhook->alerts[0].alert.starts_at);
    EXPECT_EQ(event->event_id, event_of(webhook->alerts[0])->event_id);
    const auto payload = nlohmann::json::parse(event->payload);
    EXPECT_EQ(payload.at("labels").at("severity"), "critical");
    EXPECT_EQ(payload.at("annotations").at("summary"), "5 % of requests fail");
    EXPECT_EQ(payload.at("reason"), "5 % of requests fail") << "what a page says";
    auto next = webhook->alerts[0];
    next.alert.starts_at = next.alert.starts_at + core::Duration{1};
    EXPECT_NE(event_of(next)->event_id, event->event_id) << "the next time it fires is another";
}

TEST(DriftEventOf, what_says_too_little_is_refused_in_words) {
    const auto refused = [](const char* label, const char* value, const char* words) {
        auto one = parse_webhook(from_alertmanager().dump())->alerts[0];
        one.alert.labels[label] = value;
        const auto event = event_of(one);
        ASSERT_FALSE(event) << words;
        EXPECT_EQ(event.error().kind, core::ErrorKind::refused);
        EXPECT_THAT(event.error().message, HasSubstr(words));
    };
    refused("module", "", "has no label module; give it to the rule");
    refused("module", " ", "has no label module; give it to the rule");
    refused("alertname", "\u00A0", "has no label alertname; give it to the rule");
    refused("drift_type", "drift", "has no drift_type");
    refused("severity", "bad", "has the severity \"bad\"; expected crit, critical or page");
}

TEST(DriftEventOf, two_of_one_name_are_told_apart_by_their_other_labels) {
    auto one = parse_webhook(from_alertmanager().dump())->alerts[0];
    one.alert.labels = {{"alertname", "FoldMissing"},
                        {"module", "train"},
                        {"drift_type", "data_quality"},
                        {"severity", "warn"},
                        {"__uid__", "x"},
                        {"grafana_folder", "ml"},
                        {"empty", ""}};
    EXPECT_EQ(event_of(one)->metric, "FoldMissing");
    one.alert.labels["fold"] = "2";
    one.alert.labels["crypto"] = "BT\"C";
    EXPECT_EQ(event_of(one)->metric, R"(FoldMissing{crypto="BT\"C",fold="2"})");
    one.alert.labels["severity"] = "crit";
    EXPECT_EQ(event_of(one)->metric, R"(FoldMissing{crypto="BT\"C",fold="2"})") << "worse, and the same";
    // No longer than a store takes, and still apart.
    one.alert.labels["path"] = std::string(300, 'a');
    const std::string metric = event_of(one)->metric;
    EXPECT_EQ(metric.size(), 200u);
    EXPECT_TRUE(metric.ends_with("…{" + one.fingerprint + "}")) << metric;
    one.alert.labels["alertname"] = std::string(201, 'a');
    EXPECT_EQ(event_of(one)->metric.size(), 201u) << "which is refused, as it was";
}

TEST(DriftEventOf, a_resolved_one_is_the_good_end_of_what_it_told_and_firing_again_is_another_event) {
    auto received = parse_webhook(from_alertmanager().dump())->alerts[0];
    const auto fired = event_of(received).value();
    const core::Timestamp ends_at = received.alert.starts_at + core::Duration{60'000'000};
    received.alert.ends_at = ends_at;
    const auto over = event_of(received).value();
    EXPECT_EQ(over.severity, drift::Severity::info);
    EXPECT_EQ(over.metric, fired.metric);
    EXPECT_EQ(over.drift_type, fired.drift_type);
    EXPECT_EQ(over.module, fired.module);
    EXPECT_EQ(over.time, ends_at);
    EXPECT_NE(over.event_id, fired.event_id);
    EXPECT_EQ(over.event_id, event_of(received)->event_id);
    const auto payload = nlohmann::json::parse(over.payload);
    EXPECT_EQ(payload.at("ended"), true);
    EXPECT_EQ(payload.at("reason"), "resolved at 2023-03-22T00:01:00.123456Z");
    for (const char* key : {"received", "fingerprint"})
        EXPECT_EQ(payload.at(key), nlohmann::json::parse(fired.payload).at(key)) << "by which it is known";
    received.alert.ends_at = core::Timestamp{0};
    EXPECT_EQ(event_of(received)->time, received.alert.starts_at) << "an end before the start is none";

    received.alert.ends_at.reset();
    received.again_since = ends_at;
    const auto again = event_of(received).value();
    EXPECT_EQ(again.severity, drift::Severity::crit);
    EXPECT_NE(again.event_id, fired.event_id);
    EXPECT_EQ(again.time, ends_at + core::Duration{1}) << "behind its end";
    EXPECT_FALSE(nlohmann::json::parse(again.payload).contains("ended"));
}

TEST(DriftEventOf, what_fires_for_longer_than_incidents_look_back_is_an_event_of_each_day) {
    auto received = parse_webhook(from_alertmanager().dump())->alerts[0];
    const auto at = [&](const char* began, const char* now) {
        received.alert.starts_at = core::parse_timestamp(began).value();
        return drift_event_of(received, core::parse_timestamp(now).value(), fortnight).value();
    };
    const auto day = [](const char* text) { return std::optional(core::parse_timestamp(text).value()); };
    const auto young = at("2023-03-01T05:00", "2023-03-15T05:00");
    EXPECT_EQ(young.time, day("2023-03-01T05:00")) << "on the edge";
    EXPECT_EQ(young.payload.find("it fires since"), std::string::npos);
    const auto old = at("2023-03-01T05:00", "2023-03-15T05:00:00.000001");
    EXPECT_EQ(old.time, day("2023-03-15"));
    EXPECT_NE(old.event_id, young.event_id);
    EXPECT_EQ(nlohmann::json::parse(old.payload).at("reason"),
              "5 % of requests fail; it fires since 2023-03-01T05:00:00Z");
    EXPECT_EQ(nlohmann::json::parse(old.payload).at("starts_at"), "2023-03-01T05:00:00Z");
    const auto later = at("2023-03-01T05:00", "2023-03-15T23:59");
    EXPECT_EQ(later.event_id, old.event_id) << "twice on a day is one";
    EXPECT_EQ(later.time, old.time);
    EXPECT_NE(at("2023-03-01T05:00", "2023-03-16T00:00").event_id, old.event_id);
    EXPECT_EQ(at("0001-01-01", "2023-03-16T07:00").time, day("2023-03-16")) << "it fires, whenever it began";
}

TEST(DriftEventOf, what_its_rule_says_is_kept_within_bounds_and_its_link_without_credentials) {
    auto received = parse_webhook(from_alertmanager().dump())->alerts[0];
    received.alert.generator_url = "https://eve:s3cret@grafana/alerting/1";
    const auto payload = [&] { return nlohmann::json::parse(event_of(received)->payload); };
    EXPECT_EQ(payload().at("generator_url"), "https://grafana/alerting/1");
    received.alert.generator_url = "https://eve:s3/cret@grafana/alerting/1";
    EXPECT_EQ(payload().at("generator_url"), "https://[hidden]@grafana/alerting/1") << "no URL";
    received.alert.annotations["summary"] = std::string(499, 'x') + "ü";
    EXPECT_EQ(payload().at("reason"), std::string(497, 'x') + "…") << "501 bytes are one too many";
    received.alert.annotations["summary"] = std::string(498, 'x') + "ü";
    EXPECT_EQ(payload().at("reason"), received.alert.annotations["summary"]);
    received.alert.annotations["summary"] = std::string(496, 'x') + "üüü";
    EXPECT_EQ(payload().at("reason"), std::string(496, 'x') + "…") << "no half of a character";
    received.alert.annotations = {{"description", std::string(20'000, 'y')}};
    EXPECT_EQ(payload().at("reason").get<std::string>().size(), 500u) << "where there is no summary";
    EXPECT_EQ(payload().at("annotations").at("description").get<std::string>().size(), 1000u);
    received.alert.annotations.clear();
    EXPECT_FALSE(payload().contains("reason"));
}

TEST(DriftEventOf, a_zero_character_anywhere_is_refused_before_it_is_taken) {
    const std::string zero("a\0b", 3);
    const auto received = parse_webhook(from_alertmanager().dump())->alerts[0];
    const auto refused = [](const ReceivedAlert& one, const char* where) {
        const auto event = event_of(one);
        ASSERT_FALSE(event) << where;
        EXPECT_EQ(event.error().kind, core::ErrorKind::refused);
        EXPECT_THAT(event.error().message, HasSubstr(where));
        EXPECT_EQ(event.error().message.find('\0'), std::string::npos);
    };
    auto one = received;
    one.alert.labels["alertname"] = zero;
    refused(one, "U+0000 in the label \"alertname\"");
    one = received;
    one.alert.labels[zero] = "x";
    refused(one, "U+0000 in the label \"a\\x00b\"");
    one = received;
    one.alert.annotations["summary"] = zero;
    refused(one, "U+0000 in the annotation \"summary\"");
    one = received;
    one.fingerprint = zero;
    refused(one, "in its fingerprint");
    one = received;
    one.alert.generator_url = zero;
    refused(one, "in its generatorURL");
}

TEST(ParseWebhook, a_half_of_a_surrogate_pair_is_no_text) {
    std::string body = from_alertmanager().dump();
    body.replace(body.find("ErrorRate"), 9, "\\ud800");
    EXPECT_EQ(parse_webhook(body).error().kind, core::ErrorKind::invalid_input);
}

TEST_F(IntakeTest, a_webhook_delivered_twice_is_handed_on_once_and_so_is_the_end_of_an_alert) {
    const auto first = answer(from_grafana().dump());
    EXPECT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(first.body, "{\"taken\":1,\"repeated\":0,\"resolved\":1,\"refused\":0,\"truncated\":3}\n");
    EXPECT_THAT(said, ElementsAre(HasSubstr("left 3 alerts out")));
    EXPECT_EQ(answer(from_grafana().dump()).body,
              "{\"taken\":0,\"repeated\":1,\"resolved\":1,\"refused\":0,\"truncated\":3}\n");
    EXPECT_THAT(handed, ElementsAre("candles", "trades over"));
    auto again = from_grafana();
    again["alerts"][0]["startsAt"] = "2023-03-23T00:00:00Z";
    EXPECT_EQ(answer(again.dump()).status, 200);
    EXPECT_THAT(handed, ElementsAre("candles", "trades over", "candles")) << "it fired anew";
    again["alerts"][0]["status"] = again["alerts"][1]["status"] = "resolved";
    again["alerts"][0]["endsAt"] = "2023-03-24T00:00:00Z";
    EXPECT_EQ(answer(again.dump()).status, 200);
    EXPECT_EQ(answer(again.dump()).status, 200) << "once each, however often it comes";
    EXPECT_THAT(handed, ElementsAre("candles", "trades over", "candles", "candles over"));
    EXPECT_EQ(intake.counts().resolved, 7u);
    again["alerts"][0]["status"] = "firing";
    EXPECT_EQ(answer(again.dump()).status, 200);
    EXPECT_EQ(answer(again.dump()).status, 200);
    EXPECT_EQ(handed.size(), 5u);
    EXPECT_EQ(handed.back(), "candles again") << "with the start of before: its sender had lost sight of it";
    EXPECT_EQ(intake.counts().repeated, 2u);
}

TEST_F(IntakeTest, what_could_not_be_handed_on_is_sent_again_and_then_taken) {
    outcome = core::fail(core::ErrorKind::storage, "the spool is full");
    const auto first = answer(from_alertmanager().dump());
    EXPECT_EQ(first.status, 507);
    EXPECT_THAT(first.body, HasSubstr("the spool is full"));
    outcome = {};
    EXPECT_EQ(answer(from_alertmanager().dump()).status, 200);
    EXPECT_THAT(handed, ElementsAre("serving"));
}

TEST_F(IntakeTest, an_end_that_names_another_start_ends_the_alert_all_the_same) {
    EXPECT_EQ(answer(from_alertmanager().dump()).status, 200);
    auto over = from_alertmanager();
    over["alerts"][0]["status"] = "resolved";
    over["alerts"][0]["startsAt"] = over["alerts"][0]["endsAt"] = "2023-03-22T01:00:00Z";
    EXPECT_EQ(answer(over.dump()).status, 200);
    EXPECT_EQ(answer(from_alertmanager().dump()).status, 200);
    EXPECT_THAT(handed, ElementsAre("serving", "serving over", "serving again"));
}

TEST_F(IntakeTest, an_end_is_sent_again_where_it_could_not_be_kept_and_only_counted_where_it_is_of_no_use) {
    auto over = from_alertmanager();
    over["alerts"][0]["status"] = "resolved";
    over["alerts"][0]["endsAt"] = "2023-03-22T01:00:00Z";
    outcome = core::fail(core::ErrorKind::storage, "the spool is full");
    EXPECT_EQ(answer(over.dump()).status, 507);
    EXPECT_EQ(intake.counts().resolved, 0u);
    outcome = core::fail(core::ErrorKind::refused, "it has no label module");
    EXPECT_EQ(answer(over.dump()).status, 200);
    EXPECT_THAT(said, IsEmpty()) << "that was said when it fired";
    outcome = {};
    EXPECT_EQ(answer(over.dump()).status, 200);
    EXPECT_THAT(handed, ElementsAre("serving over"));
    EXPECT_EQ(intake.counts().resolved, 2u);
}

TEST_F(IntakeTest, what_is_refused_for_good_is_counted_said_and_holds_no_other) {
    outcome = core::fail(core::ErrorKind::refused, "it has no label module");
    const auto alone = answer(from_alertmanager().dump());
    EXPECT_EQ(alone.status, 422);
    EXPECT_THAT(alone.body, HasSubstr("no label module"));
    EXPECT_THAT(said, ElementsAre(HasSubstr("no label module")));
    EXPECT_EQ(intake.counts().refused, 1u);
    auto mixed = from_alertmanager();
    mixed["alerts"].push_back(from_grafana()["alerts"][1]);
    EXPECT_EQ(answer(mixed.dump()).status, 200) << "with what was in order";
}

TEST_F(IntakeTest, what_is_no_webhook_is_counted_and_answered_with_why) {
    EXPECT_EQ(answer("{}").status, 422);
    auto newer = from_alertmanager();
    newer["version"] = "5";
    const auto refused = answer(newer.dump());
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(nlohmann::json::parse(refused.body).at("error").get<std::string>(), HasSubstr("has version"));
    EXPECT_EQ(intake.counts().unreadable, 2u);
    EXPECT_EQ(intake.counts().other_version, 1u);
    EXPECT_THAT(said, ElementsAre(HasSubstr("does not say its version"), HasSubstr("has version")));
    EXPECT_THAT(handed, IsEmpty());
}
