#include "tristrata/technical/otlp.hpp"

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "otlp_part.hpp"
#include "servers/server_process.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

using namespace tristrata;
using namespace tristrata::technical;
using core::ErrorKind;
using nlohmann::json;
namespace proto = opentelemetry::proto;

namespace {

std::string from_base64(const std::string& text) {
    static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned held = 0, bits = 0;
    for (const char c : text) {
        if (c == '=') break;
        held = (held << 6U | static_cast<unsigned>(digits.find(c))) & 0xFFFFFFU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(static_cast<unsigned char>(held >> bits));
        }
    }
    return bytes;
}

std::string unpacked(const std::string& packed) {
    std::string out(1U << 20U, '\0');
    z_stream stream{};
    EXPECT_EQ(::inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    ::inflateEnd(&stream);
    return out;
}

Event event_of(const std::string& run, const std::string& service = "training") {
    Event event;
    event.event_id = *core::parse_uuid("2ed6657d-e927-568b-95e1-2665a8aea6a2");
    event.time = {1'679'443'200'000'001};
    event.name = "training_fold_complete";
    event.severity = EventSeverity::warn;
    event.resource = {{"service.name", service}, {"service.instance.id", "one"}};
    event.fields = {{"run_id", run},
                    {"crypto", std::string("BTCUSDC")},
                    {"fold_id", std::int64_t{3}},
                    {"share", 0.25},
                    {"last", true}};
    return event;
}

spool::Batch batch_of(const std::vector<Event>& events) {
    spool::Batch batch;
    batch.record_class = sink::RecordClass::event;
    for (const auto& event : events) batch.records.push_back(encode(event));
    batch.to_row = batch.records.size();
    return batch;
}

const std::string& text_of(const auto& attributes, const std::string& key) {
    static const std::string absent = "absent";
    for (const auto& one : attributes)
        if (one.key() == key) return one.value().string_value();
    return absent;
}

/// A collector that answers as it is told.
class OtlpTest : public ::testing::Test {
protected:
    explicit OtlpTest(const std::vector<std::string>& arguments = {}) : server("otlp.py", arguments) {
        const json place = json::parse(server.said());
        endpoint.url = "http://127.0.0.1:" + std::to_string(place.at("port").get<int>()) + "/v1/logs";
        endpoint.origin = "test";
        certificate = place.at("certificate").get<std::string>();
    }
    core::Result<spool::Settlement> deliver(const std::vector<Event>& events) {
        OtlpDestination destination(endpoint,
                                    [this](std::string_view sentence) { said.emplace_back(sentence); });
        auto settlement = destination.deliver(batch_of(events));
        waited = destination.wait_at_least();
        return settlement;
    }
    json came() { return json::parse(server.ask("tell")); }

    servers::ServerProcess server;
    OtlpEndpoint endpoint;
    std::string certificate;
    std::vector<std::string> said;
    core::Duration waited{0};
};

class OtlpOverTlsTest : public OtlpTest {
protected:
    OtlpOverTlsTest() : OtlpTest({"--tls"}) { endpoint.url.replace(0, 4, "https"); }
};

}  // namespace

TEST_F(OtlpTest, a_batch_is_one_request_with_all_that_the_specification_asks_for) {
    endpoint.headers.emplace_back("Authorization", core::Secret("Bearer x"));
    Event traced = event_of("r1");
    traced.trace_id = **core::parse_trace_id("4bf92f3577b34da6a3ce929d0e0e4736");
    traced.span_id = **core::parse_span_id("00f067aa0ba902b7");
    traced.trace_flags = 1;
    const auto settlement = deliver({traced, event_of("r2", "serving"), event_of("r3")});
    ASSERT_TRUE(settlement) << settlement.error().message;
    EXPECT_EQ(settlement->stored, 3u);
    EXPECT_TRUE(settlement->dead.empty());
    const json requests = came();
    ASSERT_EQ(requests.size(), 1u);
    EXPECT_EQ(requests[0].at("path"), "/v1/logs");
    const json& headers = requests[0].at("headers");
    EXPECT_EQ(headers.at("content-type"), "application/x-protobuf");
    EXPECT_EQ(headers.at("authorization"), "Bearer x");
    EXPECT_TRUE(headers.at("user-agent").get<std::string>().starts_with("OTel-OTLP-Exporter-Cpp/"));
    EXPECT_FALSE(headers.contains("content-encoding"));

    proto::collector::logs::v1::ExportLogsServiceRequest request;
    ASSERT_TRUE(request.ParseFromString(from_base64(requests[0].at("body"))));
    ASSERT_EQ(request.resource_logs_size(), 2) << "one a resource";
    const auto& logs = request.resource_logs(0);
    EXPECT_EQ(text_of(logs.resource().attributes(), "service.name"), "training");
    EXPECT_EQ(text_of(logs.resource().attributes(), "service.instance.id"), "one");
    EXPECT_EQ(text_of(request.resource_logs(1).resource().attributes(), "service.name"), "serving");
    ASSERT_EQ(logs.scope_logs_size(), 1);
    EXPECT_EQ(logs.scope_logs(0).scope().name(), "tristrata");
    ASSERT_EQ(logs.scope_logs(0).log_records_size(), 2);
    const auto& record = logs.scope_logs(0).log_records(0);
    EXPECT_EQ(record.time_unix_nano(), 1'679'443'200'000'001'000u);
    EXPECT_EQ(record.observed_time_unix_nano(), record.time_unix_nano());
    EXPECT_EQ(record.severity_number(), proto::logs::v1::SEVERITY_NUMBER_WARN);
    EXPECT_EQ(record.severity_text(), "WARN");
    EXPECT_EQ(record.event_name(), "training_fold_complete");
    EXPECT_EQ(record.body().string_value(),
              "event=training_fold_complete run_id=r1 crypto=BTCUSDC fold_id=3 share=0.25 last=true");
    EXPECT_EQ(text_of(record.attributes(), "event"), "training_fold_complete");
    EXPECT_EQ(text_of(record.attributes(), "event.id"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    EXPECT_EQ(text_of(record.attributes(), "run_id"), "r1");
    EXPECT_EQ(text_of(record.attributes(), "crypto"), "BTCUSDC");
    EXPECT_EQ(record.attributes(4).value().int_value(), 3);
    EXPECT_EQ(record.attributes(5).value().double_value(), 0.25);
    EXPECT_TRUE(record.attributes(6).value().bool_value());
    EXPECT_EQ(record.trace_id(),
              std::string("\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36"));
    EXPECT_EQ(record.span_id(), std::string("\x00\xf0\x67\xaa\x0b\xa9\x02\xb7", 8));
    EXPECT_EQ(record.flags(), 1u);
    EXPECT_TRUE(logs.scope_logs(0).log_records(1).trace_id().empty());
}

TEST_F(OtlpTest, gzip_is_what_was_asked_for_and_unpacks_to_the_same) {
    ASSERT_TRUE(deliver({event_of("r1")}));
    endpoint.gzip = true;
    ASSERT_TRUE(deliver({event_of("r1")}));
    const json requests = came();
    ASSERT_EQ(requests.size(), 2u);
    EXPECT_EQ(requests[1].at("headers").at("content-encoding"), "gzip");
    EXPECT_EQ(unpacked(from_base64(requests[1].at("body"))), from_base64(requests[0].at("body")));
}

TEST_F(OtlpTest, what_a_retry_can_help_is_unavailable_and_retry_after_is_kept) {
    for (const auto* status : {"429", "502", "503", "504"}) {
        server.command(std::string("answer ") + status + " 1 Retry-After=7");
        const auto settlement = deliver({event_of("r1")});
        ASSERT_FALSE(settlement) << status;
        EXPECT_EQ(settlement.error().kind, ErrorKind::unavailable);
        EXPECT_EQ(settlement.error().foreign_code, status);
        EXPECT_NE(settlement.error().message.find(std::string("told to say ") + status), std::string::npos)
            << settlement.error().message;
        EXPECT_EQ(waited.microseconds, 7'000'000);
    }
    server.command("answer 503 1");
    EXPECT_FALSE(deliver({event_of("r1")}));
    EXPECT_EQ(waited.microseconds, 0);
    server.command("answer 503 1 Retry-After=Fri,_31_Dec_2100_23:59:59_GMT");
    EXPECT_FALSE(deliver({event_of("r1")}));
    EXPECT_EQ(waited.microseconds, 3'600'000'000) << "a date counts too, and an hour is the most";
}

TEST_F(OtlpTest, what_is_too_much_is_for_the_relay_to_halve) {
    server.command("answer 413 1");
    const auto settlement = deliver({event_of("r1"), event_of("r2")});
    ASSERT_FALSE(settlement);
    EXPECT_EQ(settlement.error().kind, ErrorKind::limit_exceeded);
}

TEST_F(OtlpTest, everything_else_is_dead_at_once_with_the_answer) {
    for (const auto* status : {"302", "400", "401", "403", "404", "408", "500", "501"}) {
        server.command(std::string("answer ") + status + " 1");
        const auto settlement = deliver({event_of("r1"), event_of("r2")});
        ASSERT_TRUE(settlement) << status << ": " << settlement.error().message;
        EXPECT_EQ(settlement->stored, 0u);
        ASSERT_EQ(settlement->dead.size(), 2u);
        EXPECT_EQ(settlement->dead[1].first, 1u);
        EXPECT_EQ(settlement->dead[0].second.foreign_code, status);
    }
    EXPECT_EQ(came().size(), 8u) << "nothing is sent again";
}

TEST_F(OtlpTest, of_a_partial_success_as_many_as_were_rejected_are_dead) {
    server.command("partial 2 1");
    const auto settlement = deliver({event_of("r1"), event_of("r2"), event_of("r3")});
    ASSERT_TRUE(settlement) << settlement.error().message;
    EXPECT_EQ(settlement->stored, 1u);
    ASSERT_EQ(settlement->dead.size(), 2u);
    EXPECT_NE(settlement->dead[0].second.message.find("rejected 2 of the 3 events"), std::string::npos)
        << settlement->dead[0].second.message;
    EXPECT_NE(settlement->dead[0].second.message.find("too old"), std::string::npos);
    server.command("partial 0 1");
    EXPECT_EQ(deliver({event_of("r1")})->stored, 1u);
    ASSERT_EQ(said.size(), 1u) << "a warning where nothing was rejected";
    EXPECT_NE(said[0].find("too old"), std::string::npos) << said[0];
    server.command("partial 99 1");
    EXPECT_EQ(deliver({event_of("r1")})->dead.size(), 1u) << "no more than were sent";
}

TEST_F(OtlpTest, a_collector_that_hangs_resets_or_is_not_there_is_unavailable) {
    endpoint.timeout = {300'000};
    server.command("hang 1");
    const auto begun = std::chrono::steady_clock::now();
    const auto slow = deliver({event_of("r1")});
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error().kind, ErrorKind::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
    server.command("reset 1");
    const auto cut = deliver({event_of("r1")});
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().kind, ErrorKind::unavailable);
    endpoint.url = "http://user:hunter2@127.0.0.1:1/v1/logs?token=hunter2";
    const auto none = deliver({event_of("r1")});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(none.error().message.starts_with("http://127.0.0.1:1/v1/logs does not answer"))
        << none.error().message;
    EXPECT_EQ(none.error().message.find("hunter2"), std::string::npos) << none.error().message;
}

TEST_F(OtlpTest, a_record_that_is_none_is_dead_and_holds_up_no_other) {
    spool::Batch batch = batch_of({event_of("r1"), event_of("r2"), event_of("r3")});
    batch.records[1].bytes = "nonsense";
    OtlpDestination destination(endpoint);
    const auto settlement = destination.deliver(batch);
    ASSERT_TRUE(settlement) << settlement.error().message;
    EXPECT_EQ(settlement->stored, 2u);
    ASSERT_EQ(settlement->dead.size(), 1u);
    EXPECT_EQ(settlement->dead[0].first, 1u);
}

TEST_F(OtlpTest, an_endpoint_that_cannot_be_used_keeps_the_events_waiting) {
    OtlpDestination destination(core::fail(ErrorKind::configuration, "no URL"));
    const auto settlement = destination.deliver(batch_of({event_of("r1")}));
    ASSERT_FALSE(settlement);
    EXPECT_EQ(settlement.error().kind, ErrorKind::configuration);
}

TEST_F(OtlpTest, a_probe_sends_no_event_and_says_what_the_collector_answers) {
    OtlpDestination destination(endpoint);
    EXPECT_TRUE(destination.probe());
    const json requests = came();
    ASSERT_EQ(requests.size(), 1u);
    EXPECT_EQ(requests[0].at("body"), "");
    server.command("answer 401 1");
    const auto refused = destination.probe();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().foreign_code, "401");
}

TEST_F(OtlpTest, without_a_spool_an_event_is_sent_at_once_or_refused) {
    OtlpSink direct(endpoint);
    const sink::Record record = encode(event_of("r1"));
    const auto taken = direct.append({&record, 1});
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->durability, sink::Durability::committed);
    server.command("answer 400 1");
    EXPECT_FALSE(direct.append({&record, 1}));
    server.command("hang 1");
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_FALSE(direct.append({&record, 1}));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(8)) << "of ten it waits for one";
}

TEST_F(OtlpTest, threads_that_emit_at_once_do_not_queue_up_behind_a_collector_that_hangs) {
    server.command("hang 8");
    OtlpSink direct(endpoint);
    const sink::Record record = encode(event_of("r1"));
    const auto begun = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_FALSE(direct.append({&record, 1})); });
    for (auto& thread : threads) thread.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(6)) << "not a second each";
    EXPECT_EQ(came().size(), 1u) << "who waited for the one that failed sends nothing";
}

TEST_F(OtlpOverTlsTest, a_certificate_that_was_named_is_trusted_and_no_other) {
    const auto stranger = deliver({event_of("r1")});
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().kind, ErrorKind::unavailable);
    endpoint.certificate = "/nowhere/ca.pem";
    EXPECT_EQ(deliver({event_of("r1")}).error().kind, ErrorKind::configuration);
    endpoint.certificate = certificate;
    const auto taken = deliver({event_of("r1")});
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->stored, 1u);
}

TEST(OtlpPartTest, what_cannot_be_loaded_is_an_error_that_says_what_to_do) {
    const auto missing = load_otlp_part("/nowhere/tristrata_otlp.so");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::configuration);
    EXPECT_NE(missing.error().message.find("libprotobuf-lite32"), std::string::npos);
    const auto other = load_otlp_part("libm.so.6");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("tristrata_otlp_part"), std::string::npos) << other.error().message;
}
