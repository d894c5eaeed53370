#include "tristrata/notification/alert.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::HasSubstr;

namespace {

Alert dispersion() {
    return {{{"alertname", "DriftCrit"},
             {"module", "features"},
             {"drift_type", "feature_drift"},
             {"severity", "crit"},
             {"incident_id", "2ed6657d-e927-568b-95e1-2665a8aea6a2"}},
            {{"summary", "dispersion of 12 features is 1.000291"},
             {"description", "größer, \"quoted\"\nand over two lines"},
             {"runbook_url", "https://docs.internal/runbooks/drift_feature_drift_crit"}},
            {1'679'443'200'000'000},
            {},
            "https://grafana.internal/d/drift"};
}

void refuses(const Alert& alert, const char* words) {
    const auto status = check(alert);
    ASSERT_FALSE(status) << words;
    EXPECT_EQ(status.error().kind, core::ErrorKind::refused);
    EXPECT_THAT(status.error().message, HasSubstr(words));
}

}  // namespace

TEST(Alert, it_comes_back_from_its_record_as_it_was) {
    Alert alert = dispersion();
    ASSERT_TRUE(check(alert)) << check(alert).error().message;
    const sink::Record record = encode(alert);
    EXPECT_EQ(record.record_class, sink::RecordClass::alert);
    EXPECT_EQ(record.rows, 1u);
    EXPECT_TRUE(record.crit);
    const auto back = decode(record);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, alert);
    alert.ends_at = core::Timestamp{1'679'443'260'000'001};
    alert.labels["severity"] = "warn";
    const sink::Record resolved = encode(alert);
    EXPECT_FALSE(resolved.crit);
    EXPECT_EQ(*decode(resolved), alert);
    alert.starts_at = {std::numeric_limits<std::int64_t>::max()};
    EXPECT_EQ(decode(encode(alert))->starts_at, alert.starts_at) << "not by way of a double";
}

TEST(Alert, the_records_bytes_are_the_documents) {
    EXPECT_EQ(encode({{{"alertname", "DriftCrit"}, {"severity", "crit"}}, {}, {5}, {}, ""}).bytes,
              R"({"format":1,"labels":{"alertname":"DriftCrit","severity":"crit"},"annotations":{},)"
              R"("starts_at_us":5,"ends_at_us":null,"generator_url":""})");
}

TEST(Alert, bytes_that_are_no_alert_are_refused_and_a_newer_programs_are_a_conflict) {
    const sink::Record good = encode(dispersion());
    const auto rejects = [&](const std::string& bytes, core::ErrorKind kind, const char* words) {
        const auto found = decode({sink::RecordClass::alert, bytes});
        ASSERT_FALSE(found) << bytes;
        EXPECT_EQ(found.error().kind, kind);
        EXPECT_THAT(found.error().message, HasSubstr(words));
    };
    using enum core::ErrorKind;
    rejects("", invalid_input, "no JSON object");
    rejects("[]", invalid_input, "no JSON object");
    rejects("{}", invalid_input, "does not say its format");
    rejects(R"({"format":2})", conflict, "has format 2; this program reads 1");
    rejects(R"({"format":1})", invalid_input, "its labels are no object");
    rejects(R"({"format":1,"labels":{"a":1}})", invalid_input, "\"a\" of its labels is no text");
    rejects(R"({"format":1,"labels":{},"annotations":{},"starts_at_us":1.5})", invalid_input, "starts_at_us");
    rejects(R"({"format":1,"labels":{},"annotations":{},"starts_at_us":1})", invalid_input, "ends_at_us");
    rejects(R"({"format":1,"labels":{},"annotations":{},"starts_at_us":1,"ends_at_us":null})", invalid_input,
            "generator_url");
    for (std::size_t size = 0; size < good.bytes.size(); ++size)
        EXPECT_FALSE(decode({sink::RecordClass::alert, good.bytes.substr(0, size)})) << size;
    EXPECT_THAT(decode({sink::RecordClass::kpi, good.bytes}).error().message, HasSubstr("its class is kpi"));
}

TEST(Alert, what_a_receiver_would_not_take_is_refused_before) {
    Alert alert = dispersion();
    alert.labels.erase("module");
    refuses(alert, "has no label module; expected alertname, module, drift_type, severity");
    alert = dispersion();
    alert.labels["severity"] = "critical";
    refuses(alert, "has no severity");
    alert = dispersion();
    alert.labels["owner-team"] = "ml";
    refuses(alert, "\"owner-team\"; expected letters, digits and _");
    alert = dispersion();
    alert.labels["crypto"] = "";
    refuses(alert, "the label crypto without a text");
    for (const char* measured : {"0.42", "1e-9", "-3.5", "nan"}) {
        alert = dispersion();
        alert.labels["psi"] = measured;
        refuses(alert, "put it into an annotation");
    }
    for (const char* name : {"3", "v1.2", "2023-03-22", "BTC", "1.2.3"}) {
        alert = dispersion();
        alert.labels["fold_id"] = name;
        EXPECT_TRUE(check(alert)) << name;
    }
    alert = dispersion();
    alert.annotations["9th"] = "x";
    refuses(alert, "the annotation \"9th\"");
    alert = dispersion();
    alert.ends_at = core::Timestamp{alert.starts_at.microseconds - 1};
    refuses(alert, "before it starts");
    alert.ends_at = alert.starts_at;
    EXPECT_TRUE(check(alert)) << "on the edge";
}

TEST(Alert, a_message_has_one_id_until_the_alert_is_resolved) {
    const Alert alert = dispersion();
    Alert again = alert;
    again.annotations["summary"] = "dispersion of 13 features is 1.000291";
    EXPECT_EQ(message_id(again), message_id(alert));
    Alert resolved = alert;
    resolved.ends_at = core::Timestamp{alert.starts_at.microseconds + 1};
    EXPECT_NE(message_id(resolved), message_id(alert));
    Alert next = alert;
    next.starts_at = next.starts_at + core::Duration{1};
    EXPECT_NE(message_id(next), message_id(alert));
    Alert other = alert;
    other.labels["incident_id"] = "x";
    EXPECT_NE(message_id(other), message_id(alert));
    Alert anew = alert;
    anew.annotations["page"] = "2";
    EXPECT_NE(message_id(anew), message_id(alert)) << "another page of one incident";
    EXPECT_EQ(fingerprint(anew.labels), fingerprint(alert.labels));
}

// The value that Prometheus' own labels give: Fingerprint of LabelSet{} is the offset of FNV-1a.
TEST(Alert, the_fingerprint_of_no_label_is_where_the_hash_begins) {
    EXPECT_EQ(fingerprint({}), "cbf29ce484222325");
    EXPECT_NE(fingerprint({{"ab", "c"}}), fingerprint({{"a", "bc"}}));
}
