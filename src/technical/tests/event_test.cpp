#include "tristrata/technical/event.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/spool/backlog.hpp"
#include "tristrata/spool/file_system.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <limits>

using namespace tristrata;
using namespace tristrata::technical;

namespace {

/// Keeps what it is given, or fails as it is told to.
class MemorySink final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        if (failure) return tl::unexpected(*failure);
        for (const auto& record : records) kept.push_back(record);
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0};
    }
    core::Status flush() override { return {}; }
    std::vector<sink::Record> kept;
    std::optional<core::Error> failure;
};

class EventTest : public ::testing::Test {
protected:
    core::Result<EventReceipt> emit(const EventRequest& request) {
        return emit_event({&sink, &clock, &catalogue, &sensitive, &resource,
                           [this](std::string_view line) { lines.emplace_back(line); }},
                          request);
    }
    core::Result<EventReceipt> emit(std::vector<Field> fields) {
        EventRequest request;
        request.name = "training_fold_complete";
        request.fields = std::move(fields);
        return emit(request);
    }
    Event last() { return *decode(sink.kept.back()); }
    void refuses(const EventRequest& request, std::string_view words) {
        const auto result = emit(request);
        ASSERT_FALSE(result) << words;
        EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
        EXPECT_TRUE(sink.kept.empty()) << "nothing is emitted halfway";
        EXPECT_TRUE(lines.empty());
    }
    void refuses_fields(std::vector<Field> fields, std::string_view words) {
        EventRequest request;
        request.name = "training_fold_complete";
        request.fields = std::move(fields);
        refuses(request, words);
    }

    MemorySink sink;
    core::ManualClock clock{core::Timestamp{1'679'443'200'000'000}};
    EventCatalogue catalogue = EventCatalogue::defaults();
    config::SensitivePatterns sensitive;
    Resource resource{{"service.name", "training"}, {"service.instance.id", "one"}};
    std::vector<std::string> lines;
};

}  // namespace

TEST_F(EventTest, the_worked_example_is_a_line_and_a_record) {
    const auto receipt = emit({{"crypto", std::string("BTCUSDC")},
                               {"fold_id", std::int64_t{0}},
                               {"duration_ms", std::int64_t{12'345}}});
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->line, "event=training_fold_complete crypto=BTCUSDC fold_id=0 duration_ms=12345");
    EXPECT_EQ(lines, std::vector<std::string>{receipt->line});
    ASSERT_TRUE(receipt->acknowledgement);
    EXPECT_FALSE(receipt->failure);
    const Event event = last();
    EXPECT_EQ(event.name, "training_fold_complete");
    EXPECT_EQ(event.time, clock.now());
    EXPECT_EQ(event.event_id, receipt->event_id);
    EXPECT_EQ(event.resource, resource);
    EXPECT_EQ(log_line(event), receipt->line);
    EXPECT_FALSE(event.trace_id);
}

TEST_F(EventTest, every_kind_of_value_comes_back_from_the_record_as_it_was) {
    const double nothing = std::numeric_limits<double>::quiet_NaN();
    ASSERT_TRUE(emit({{"text", std::string("two words, \"quoted\" = so")},
                      {"empty", std::string()},
                      {"umlaut", std::string("größer")},
                      {"least", std::numeric_limits<std::int64_t>::min()},
                      {"share", 0.1},
                      {"bound", -std::numeric_limits<double>::infinity()},
                      {"nothing", nothing},
                      {"yes", true},
                      {"no", false}}));
    const Event event = last();
    EXPECT_EQ(std::get<std::string>(event.fields[0].second), "two words, \"quoted\" = so");
    EXPECT_EQ(std::get<std::string>(event.fields[2].second), "größer");
    EXPECT_EQ(std::get<std::int64_t>(event.fields[3].second), std::numeric_limits<std::int64_t>::min());
    EXPECT_TRUE(std::isnan(std::get<double>(event.fields[6].second)));
    EXPECT_EQ(
        lines.back(),
        "event=training_fold_complete text=\"two words, \\\"quoted\\\" = so\" empty=\"\" umlaut=\"größer\" "
        "least=-9223372036854775808 share=0.1 bound=-inf nothing=nan yes=true no=false");
}

TEST_F(EventTest, a_line_break_does_not_break_the_line) {
    ASSERT_TRUE(emit({{"message", std::string("first\nevent=forged")}}));
    EXPECT_EQ(lines.back(), "event=training_fold_complete message=\"first\\nevent=forged\"");
}

TEST_F(EventTest, what_is_secret_by_its_key_or_looks_so_is_redacted_and_counted) {
    const auto receipt = emit({{"db_password", std::string("hunter2")},
                               {"API-Key", std::int64_t{42}},
                               {"refreshToken", std::string("abc")},
                               {"CLIENT_SECRET", true},
                               {"credentials", 1.5},
                               {"owner", std::string("jane@example.com")},
                               {"url", std::string("postgresql://me:pw@db/x")},
                               {"settings", std::string("{'password': 'hunter2'}")},
                               {"crypto", std::string("BTC")}});
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->redacted, 8u);
    EXPECT_EQ(
        receipt->line,
        "event=training_fold_complete db_password=[redacted] API-Key=[redacted] refreshToken=[redacted] "
        "CLIENT_SECRET=[redacted] credentials=[redacted] owner=[redacted] url=[redacted] "
        "settings=[redacted] crypto=BTC");
    EXPECT_EQ(sink.kept.back().bytes.find("hunter2"), std::string::npos);
    EXPECT_EQ(sink.kept.back().bytes.find("jane"), std::string::npos);
    EXPECT_EQ(sink.kept.back().bytes.find("me:pw"), std::string::npos);
}

TEST_F(EventTest, mistakes_of_the_program_are_refused_by_name) {
    EventRequest unknown;
    unknown.name = "training_fold_completed";
    refuses(unknown, "did you mean \"training_fold_complete\"?");
    refuses_fields({{"two words", 1.0}}, "is no name");
    refuses_fields({{"", 1.0}}, "is no name");
    refuses_fields({{"a", 1.0}, {"a", 2.0}}, "stands twice");
    refuses_fields({{"event", std::string("x")}}, "the event's name is given for itself");
    refuses_fields({{"trace_id", std::string("x")}}, "beside the fields");
    refuses_fields(std::vector<Field>(101, Field("a", 1.0)), "at most 100 are allowed");
    EventRequest traced;
    traced.name = "training_fold_complete";
    traced.trace_id = "12";
    refuses(traced, "no id of a trace; expected 32 hexadecimal digits");
    traced.trace_id.clear();
    traced.span_id = "00f067aa0ba902bX";
    refuses(traced, "no id of a span; expected 16 hexadecimal digits");
}

TEST_F(EventTest, a_catalogue_that_names_fields_closes_them_too) {
    const auto file = std::filesystem::temp_directory_path() / ("event_test_" + std::to_string(::getpid()));
    {
        std::FILE* out = std::fopen(file.c_str(), "w");
        std::fputs("[events.order_sent]\nmeaning = \"an order went out\"\nfields = [\"venue\", \"crypto\"]\n",
                   out);
        std::fclose(out);
    }
    catalogue = *EventCatalogue::read(file);
    std::filesystem::remove(file);
    EventRequest request;
    request.name = "order_sent";
    request.fields = {{"venue", std::string("a")}};
    EXPECT_TRUE(emit(request));
    sink.kept.clear();
    lines.clear();
    request.fields = {{"venu", std::string("a")}};
    refuses(request, "did you mean \"venue\"?");
}

TEST_F(EventTest, what_is_too_long_is_cut_at_a_whole_character_and_counted) {
    std::string umlauts;
    for (int i = 0; i < 3000; ++i) umlauts += "ü";
    const auto receipt = emit({{"text", umlauts}});
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->shortened, 1u);
    const auto text = std::get<std::string>(last().fields[0].second);
    EXPECT_LE(text.size(), 4096u);
    EXPECT_GE(text.size(), 4094u);
    EXPECT_TRUE(text.ends_with("…"));
    EXPECT_TRUE(core::is_utf8(text));
    std::vector<Field> many;
    for (int i = 0; i < 40; ++i) many.emplace_back("f" + std::to_string(i), std::string(4000, 'x'));
    const auto much = emit(many);
    ASSERT_TRUE(much);
    EXPECT_EQ(much->shortened, 28u) << "twelve of 4,000 bytes fit into 48 KiB whole";
    EXPECT_LT(sink.kept.back().bytes.size(), 50'000u);
}

TEST_F(EventTest, bytes_that_are_no_text_are_mended_and_counted) {
    const auto receipt = emit({{"text", std::string("a\xff z")}});
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->mended, 1u);
    EXPECT_EQ(std::get<std::string>(last().fields[0].second), "a\xEF\xBF\xBD z");
}

TEST_F(EventTest, the_ids_of_the_active_span_stand_in_the_record_and_zeros_are_none) {
    EventRequest request;
    request.name = "training_fold_complete";
    request.trace_id = "4BF92f3577b34da6a3ce929d0e0e4736";
    request.span_id = "00f067aa0ba902b7";
    request.trace_flags = 1;
    ASSERT_TRUE(emit(request));
    const Event event = last();
    ASSERT_TRUE(event.trace_id && event.span_id);
    EXPECT_EQ(core::hexadecimal(*event.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(core::hexadecimal(*event.span_id), "00f067aa0ba902b7");
    EXPECT_EQ(event.trace_flags, 1);
    request.trace_id = std::string(32, '0');
    request.span_id = std::string(16, '0');
    ASSERT_TRUE(emit(request));
    EXPECT_FALSE(last().trace_id || last().span_id);
}

TEST_F(EventTest, a_sink_that_fails_is_said_in_the_receipt_and_the_line_is_written_all_the_same) {
    sink.failure = core::Error{core::ErrorKind::storage, "the spool is full", {}};
    const auto receipt = emit({{"crypto", std::string("BTC")}});
    ASSERT_TRUE(receipt) << "telemetry does not take a pipeline down";
    ASSERT_TRUE(receipt->failure);
    EXPECT_EQ(receipt->failure->message, "the spool is full");
    EXPECT_FALSE(receipt->acknowledgement);
    EXPECT_EQ(lines.size(), 1u);
}

TEST_F(EventTest, without_a_sink_an_event_is_its_line) {
    EventRequest request;
    request.name = "run_started";
    const auto receipt = emit_event({nullptr, &clock, &catalogue, &sensitive, &resource}, request);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->line, "event=run_started");
    EXPECT_FALSE(receipt->acknowledgement || receipt->failure);
}

TEST_F(EventTest, a_record_that_is_none_is_refused_and_one_of_a_newer_program_is_a_conflict) {
    ASSERT_TRUE(emit({{"crypto", std::string("BTC")}, {"n", std::int64_t{1}}, {"ok", true}}));
    const sink::Record whole = sink.kept.back();
    for (std::size_t cut = 0; cut < whole.bytes.size(); ++cut) {
        sink::Record torn = whole;
        torn.bytes.resize(cut);
        const auto event = decode(torn);
        ASSERT_FALSE(event) << cut;
        EXPECT_EQ(event.error().kind, core::ErrorKind::invalid_input) << cut;
    }
    sink::Record longer = whole;
    longer.bytes += 'x';
    EXPECT_FALSE(decode(longer));
    sink::Record newer = whole;
    newer.bytes[0] = 2;
    EXPECT_EQ(decode(newer).error().kind, core::ErrorKind::conflict);
    sink::Record flags = whole;
    flags.bytes[1] = static_cast<char>(0x80);
    EXPECT_FALSE(decode(flags));
    sink::Record severity = whole;
    severity.bytes[26] = 77;
    EXPECT_FALSE(decode(severity));
    sink::Record other = whole;
    other.record_class = sink::RecordClass::kpi;
    EXPECT_FALSE(decode(other));
}

TEST_F(EventTest, an_event_is_in_the_spool_when_the_call_returns) {
    const auto root = std::filesystem::temp_directory_path() / ("event_spool_" + std::to_string(::getpid()));
    spool::Options options;
    options.root = root.string();
    options.any_file_system = true;
    {
        auto opened = spool::Spool::open(spool::posix_file_system(), core::system_clock(), options);
        ASSERT_TRUE(opened) << opened.error().message;
        EventRequest request;
        request.name = "run_started";
        request.fields = {{"run_id", std::string("r1")}};
        const auto receipt = emit_event({opened->get(), &clock, &catalogue, &sensitive, &resource}, request);
        ASSERT_TRUE(receipt);
        ASSERT_TRUE(receipt->acknowledgement) << receipt->failure->message;
        const auto folder = (*opened)->folder();
        ASSERT_TRUE(folder);
        auto backlog = spool::Backlog::open(spool::posix_file_system(), core::system_clock(), *folder);
        ASSERT_TRUE(backlog && *backlog);
        const auto batch = (*backlog)->next(sink::RecordClass::event, 10, 1U << 20U);
        ASSERT_TRUE(batch) << batch.error().message;
        ASSERT_EQ(batch->records.size(), 1u);
        EXPECT_EQ(log_line(*decode(batch->records[0])), "event=run_started run_id=r1");
    }
    std::filesystem::remove_all(root);
}
