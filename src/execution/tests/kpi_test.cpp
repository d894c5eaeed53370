#include "tristrata/execution/kpi.hpp"

#include <gtest/gtest.h>
#include <cmath>

using namespace tristrata;
using namespace tristrata::execution;

namespace {

/// Keeps what it is given.
class MemorySink final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        for (const auto& record : records) kept.push_back(record);
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0};
    }
    core::Status flush() override { return {}; }
    std::vector<sink::Record> kept;
};

/// Never knows how an append ended.
class HangingSink final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record>) override {
        return core::fail(core::ErrorKind::possibly_persisted, "the disk hung");
    }
    core::Status flush() override { return {}; }
};

class EmitTest : public ::testing::Test {
protected:
    core::Result<KpiReceipt> emit(const KpiRequest& request) {
        return emit_kpi_as({&sink, &clock, &tags, environment}, request, "caller.py");
    }
    KpiEmit last() { return *decode(sink.kept.back()); }
    static KpiRequest request(std::vector<std::pair<std::string, double>> metrics) {
        KpiRequest one;
        one.module = "hamilton.features";
        one.metrics = std::move(metrics);
        return one;
    }
    void refuses(const KpiRequest& one, std::string_view words) {
        const auto result = emit(one);
        ASSERT_FALSE(result) << words;
        EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
        EXPECT_TRUE(sink.kept.empty()) << "nothing is written halfway";
    }

    MemorySink sink;
    core::ManualClock clock{core::Timestamp{1'679'443'200'000'000}};
    TagPolicy tags = TagPolicy::defaults();
    std::string environment;
};

}  // namespace

TEST_F(EmitTest, one_row_a_metric_sharing_emit_id_duration_and_success) {
    auto one = request({{"success_rate", 0.97}, {"n_output", 985}});
    one.run_id = "r1";
    one.duration_ms = 2340;
    one.success = true;
    one.tags = {{"crypto", "BTCUSDC"}};
    ASSERT_TRUE(emit(one));
    const KpiEmit stored = last();
    ASSERT_EQ(stored.rows.size(), 2u);
    EXPECT_EQ(stored.rows[0].emit_seq, 0);
    EXPECT_EQ(stored.rows[1].emit_seq, 1);
    EXPECT_EQ(stored.rows[1].event_id, core::uuid_v5(stored.emit_id, "n_output"));
    EXPECT_EQ(*stored.duration_ms, 2340);
    EXPECT_TRUE(*stored.success);
    EXPECT_EQ(stored.time, clock.now());
    EXPECT_EQ(stored.tags.at("crypto"), "BTCUSDC");
    EXPECT_EQ(stored.tags.at("caller_module"), "caller.py");
}

TEST_F(EmitTest, without_a_metric_the_duration_or_else_success_names_the_row) {
    KpiRequest one = request({});
    one.duration_ms = 5;
    one.success = false;
    ASSERT_TRUE(emit(one));
    EXPECT_EQ(last().rows.at(0).metric_name, "duration_ms");
    one.duration_ms.reset();
    ASSERT_TRUE(emit(one));
    EXPECT_EQ(last().rows.at(0).metric_name, "success");
    EXPECT_EQ(*last().rows.at(0).metric_value, 0.0);
}

TEST_F(EmitTest, the_same_event_id_and_time_are_the_same_rows) {
    auto one = request({{"m", 1}});
    one.event_id = core::uuid_v5(core::tristrata_namespace(), "retry");
    one.time = core::Timestamp{42};
    ASSERT_TRUE(emit(one));
    ASSERT_TRUE(emit(one));
    EXPECT_EQ(sink.kept[0].bytes, sink.kept[1].bytes);
}

TEST_F(EmitTest, the_configured_environment_is_a_tag_unless_the_call_gives_one) {
    environment = "staging";
    ASSERT_TRUE(emit(request({{"m", 1}})));
    EXPECT_EQ(last().tags.at("environment"), "staging");
    auto one = request({{"m", 1}});
    one.tags = {{"environment", "test"}};
    ASSERT_TRUE(emit(one));
    EXPECT_EQ(last().tags.at("environment"), "test");
}

TEST_F(EmitTest, a_value_that_looks_like_a_secret_is_redacted_and_counted) {
    auto one = request({{"m", 1}});
    one.tags = {{"model", "postgresql://user:hunter2@db/x"}};
    const auto receipt = emit(one);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->redacted, 1u);
    EXPECT_EQ(sink.kept.back().bytes.find("hunter2"), std::string::npos);
}

TEST_F(EmitTest, every_offence_is_refused_and_named) {
    refuses(request({}), "nothing to emit");
    refuses(request({{"m", std::nan("")}}), "\"m\" is nan");
    refuses(request({{"m", INFINITY}}), "finite");
    refuses(request({{"m", 1}, {"m", 2}}), "twice");
    refuses(request({{"", 1}}), "empty");
    auto one = request({{"m", 1}});
    one.module = "";
    refuses(one, "module is empty");
    one.module = std::string(201, 'x');
    refuses(one, "at most 200");
    one = request({{"m", 1}});
    one.duration_ms = -1;
    refuses(one, "duration_ms");
    for (const auto& [key, words] :
         std::vector<std::pair<std::string, std::string>>{{"cripto", "did you mean \"crypto\"? A new tag"},
                                                          {"Email", "deny-list"},
                                                          {"API-Key", "deny-list"},
                                                          {"db_secret", "deny-list"},
                                                          {"trace_id", "library's own"}}) {
        one = request({{"m", 1}});
        one.tags = {{key, "v"}};
        refuses(one, words);
    }
}

TEST(KpiRecord, survives_its_bytes_whatever_the_names_hold) {
    KpiEmit emit;
    emit.emit_id = core::uuid_v5(core::tristrata_namespace(), "x");
    emit.time = {123456789};
    emit.module = "a\"b<script>\n😀";
    emit.rows = {{core::uuid_v5(emit.emit_id, "m"), 0, "m", 5e-324}};
    const auto back = decode(encode(emit));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->module, emit.module);
    EXPECT_EQ(*back->rows[0].metric_value, 5e-324);
    EXPECT_FALSE(decode({sink::RecordClass::kpi, "{", 1}));
    EXPECT_FALSE(decode({sink::RecordClass::kpi, R"({"format":2})", 1}));
    EXPECT_FALSE(decode({sink::RecordClass::drift, encode(emit).bytes, 1}));
}

TEST_F(EmitTest, an_emit_that_may_have_happened_names_what_repeats_it) {
    HangingSink hanging;
    KpiRequest one = request({{"m1", 1.0}});
    one.event_id = core::uuid_v5(core::tristrata_namespace(), "emit");
    one.time = core::Timestamp{5};
    const auto unknown = emit_kpi_as({&hanging, &clock, &tags, environment}, one, "caller.py");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, core::ErrorKind::possibly_persisted);
    EXPECT_NE(unknown.error().message.find(core::to_string(*one.event_id)), std::string::npos);
    EXPECT_NE(unknown.error().message.find("1970-01-01T00:00:00.000005Z"), std::string::npos);
}
