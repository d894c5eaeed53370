#include "tristrata/execution/kpi.hpp"

#include <fmt/format.h>
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

TEST_F(EmitTest, an_adapter_sets_the_librarys_own_tags_and_no_others) {
    auto one = request({{"n_output", 985}});
    one.tags = {{"crypto", "BTCUSDC"}};
    one.library_tags = {{"task_id", "expand-item.0"}, {"cache_hit", "true"}};
    ASSERT_TRUE(emit(one));
    EXPECT_EQ(last().tags.at("task_id"), "expand-item.0");
    EXPECT_EQ(last().tags.at("cache_hit"), "true");
    EXPECT_EQ(last().tags.at("crypto"), "BTCUSDC");

    sink.kept.clear();
    one.library_tags = {{"crypto", "ETHUSDC"}};
    refuses(one, R"(the tag "crypto" is none that an adapter sets)");
    one.library_tags = {{"caller_module", "another"}};
    refuses(one, R"(the tag "caller_module" is none that an adapter sets)");
    one.library_tags = {{"task_id", std::string(501, 'x')}};
    refuses(one, R"(the value of the tag "task_id" has 501 bytes)");
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
    EXPECT_EQ(last().rows.at(0).metric_value, 0.0);
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
    auto with_nul = request({{"m", 1}});
    with_nul.tags["crypto"] = std::string("a\0b", 3);
    refuses(with_nul, R"(the value of the tag "crypto" holds U+0000)");
    auto one = request({{"m", 1}});
    one.module = "";
    refuses(one, "module is empty");
    one.module = std::string(201, 'x');
    refuses(one, "at most 200");
    one = request({{"m", 1}});
    one.duration_ms = -1;
    refuses(one, "duration_ms");
    for (const char* far : {"9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"}) {
        one = request({{"m", 1}});
        one.time = *core::parse_timestamp(far);
        refuses(one, "outside the years 1 to 9999 in UTC");
    }
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
    emit.time = {-123456789};
    emit.module = "a\"b<script>\n😀";
    emit.dag_node = std::string(300, 'n');
    emit.success = false;
    emit.tags = {{"crypto", "BTC"}, {"model", ""}};
    emit.rows = {{core::uuid_v5(emit.emit_id, "m"), 0, "m", 5e-324},
                 {core::uuid_v5(emit.emit_id, "n"), 1, "n", -1e300}};
    const auto back = decode(encode(emit));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->emit_id, emit.emit_id);
    EXPECT_EQ(back->time, emit.time);
    EXPECT_EQ(back->module, emit.module);
    EXPECT_EQ(back->run_id, std::nullopt);
    EXPECT_EQ(back->dag_node, emit.dag_node);
    EXPECT_EQ(back->duration_ms, std::nullopt);
    EXPECT_EQ(back->success, false);
    EXPECT_EQ(back->tags, emit.tags);
    ASSERT_EQ(back->rows.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(back->rows[i].event_id, emit.rows[i].event_id);
        EXPECT_EQ(back->rows[i].emit_seq, i);
        EXPECT_EQ(back->rows[i].metric_value, emit.rows[i].metric_value);
    }
}

TEST(KpiRecord, is_the_worked_example_of_the_format_s_page) {
    KpiEmit emit;
    emit.emit_id = *core::parse_uuid("2ed6657d-e927-568b-95e1-2665a8aea6a2");
    emit.time = {1'679'443'200'000'000};
    emit.module = "hamilton";
    emit.success = true;
    emit.tags = {{"crypto", "BTC"}};
    emit.rows = {{core::uuid_v5(emit.emit_id, "r2"), 0, "r2", 0.5}};
    std::string hexadecimal;
    for (const char byte : encode(emit).bytes)
        hexadecimal += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    EXPECT_EQ(hexadecimal,
              "0218"
              "2ed6657de927568b95e12665a8aea6a2"
              "00405bd771f70500"
              "0868616d696c746f6e"
              "010663727970746f03425443"
              "01027232000000000000e03f");
}

TEST(KpiRecord, of_format_1_is_still_read) {
    // As it was spooled before format 2.
    const std::string bytes =
        R"({"format":1,"emit_id":"0199a2b4-1111-7222-8333-444455556666","time_us":1679443200000000,)"
        R"("module":"hamilton.features","run_id":"r1","dag_node":null,"duration_ms":2340,"success":true,)"
        R"("tags":{"caller_module":"caller.py","crypto":"BTCUSDC"},"rows":[{"event_id":)"
        R"("00000000-0000-0000-0000-000000000000","metric_name":"success_rate","metric_value":0.97}]})";
    const auto emit = decode({sink::RecordClass::kpi, bytes, 1});
    ASSERT_TRUE(emit) << emit.error().message;
    EXPECT_EQ(emit->module, "hamilton.features");
    EXPECT_EQ(emit->run_id, "r1");
    EXPECT_EQ(emit->duration_ms, 2340);
    EXPECT_EQ(emit->tags.at("crypto"), "BTCUSDC");
    ASSERT_EQ(emit->rows.size(), 1u);
    EXPECT_EQ(emit->rows[0].event_id, core::uuid_v5(emit->emit_id, "success_rate"));
    EXPECT_EQ(emit->rows[0].metric_value, 0.97);
    EXPECT_FALSE(view({sink::RecordClass::kpi, bytes, 1})) << "it has no bytes to be read in place";
}

TEST(KpiRecord, that_is_cut_damaged_or_of_another_format_is_refused) {
    KpiEmit emit;
    emit.emit_id = core::uuid_v5(core::tristrata_namespace(), "x");
    emit.module = "m";
    emit.run_id = "r";
    emit.duration_ms = 1;
    emit.tags = {{"crypto", "BTC"}};
    emit.rows = {{core::uuid_v5(emit.emit_id, "m"), 0, "m", 1.0}};
    const std::string whole = encode(emit).bytes;
    const auto decoded = [](std::string bytes) {
        return decode({sink::RecordClass::kpi, std::move(bytes), 1});
    };
    ASSERT_TRUE(decoded(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decoded(whole.substr(0, size))) << size << " bytes";
    EXPECT_FALSE(decoded(whole + "x"));
    std::string other = whole;
    other[0] = '\3';
    EXPECT_EQ(decoded(other).error().kind, core::ErrorKind::conflict);
    other = whole;
    other[1] = '\x40';  // A flag that nobody gave a meaning.
    EXPECT_EQ(decoded(other).error().kind, core::ErrorKind::invalid_input);
    other = whole;
    other[other.find("BTC")] = '\xff';
    EXPECT_FALSE(decoded(other)) << "not UTF-8";
    other = whole;
    other.replace(other.size() - 8, 8, std::string("\0\0\0\0\0\0\xf8\x7f", 8));
    EXPECT_FALSE(decoded(other)) << "not a number";
    EXPECT_FALSE(decoded("{"));
    EXPECT_EQ(decoded(R"({"format":2})").error().kind, core::ErrorKind::conflict);
    EXPECT_FALSE(decode({sink::RecordClass::drift, whole, 1}));
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
