#include "tristrata/session/session.hpp"

#include "servers/alertmanager.hpp"
#include "servers/postgres_server.hpp"
#include "servers/tcp_proxy.hpp"
#include "tristrata/drift/payload.hpp"
#include "tristrata/notification/alert.hpp"
#include "tristrata/spool/inspection.hpp"
#include "tristrata/spool/spool.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <mutex>

using namespace tristrata;

namespace {

class SessionTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("session_test_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] config::Settings settings(const std::map<std::string, std::string>& values) const {
        config::Settings all;
        for (const auto& [key, value] : values) all.set(key, {core::Secret(value), "test"});
        return all;
    }
    std::filesystem::path folder_;
    core::ManualClock clock_{core::Timestamp{1'679'443'200'000'000}};
};

}  // namespace

TEST_F(SessionTest, an_emit_goes_to_the_configured_store) {
    const std::string path = (folder_ / "kpi.db").string();
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::kpi, clock_));
    session::Session session(settings({{"kpi_url", "sqlite:///" + path}, {"environment", "test"}}), clock_);
    execution::KpiRequest request;
    request.module = "m";
    request.metrics = {{"x", 1.5}};
    const auto receipt = session.emit_kpi(request, "caller");
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->acknowledgement.durability, sink::Durability::committed);
    auto store = session.open_store(store::Layer::kpi, store::OpenMode::read);
    const auto page = (*store)->query(store::KpiQuery{});
    ASSERT_EQ(page->rows.size(), 1u);
    EXPECT_NE(page->rows[0].tags.find("\"environment\":\"test\""), std::string::npos);
}

TEST_F(SessionTest, without_a_setting_there_is_no_silent_default) {
    session::Session session(settings({}), clock_);
    execution::KpiRequest request;
    request.module = "m";
    request.success = true;
    const auto receipt = session.emit_kpi(request, "caller");
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, core::ErrorKind::configuration);
    EXPECT_NE(receipt.error().message.find("TRISTRATA_KPI_URL"), std::string::npos);
    EXPECT_FALSE(session.push_drift_event({}));
}

TEST_F(SessionTest, a_postgresql_store_is_dialled_when_it_is_used_and_its_url_is_never_shown) {
    session::Session session(settings({{"kpi_url", "postgresql://u:hunter2@127.0.0.1:1/d"},
                                       {"read_url", "postgresql://r:hunter3@127.0.0.1:1/d"}}),
                             clock_);
    execution::KpiRequest request;
    request.module = "m";
    request.success = true;
    const auto written = session.emit_kpi(request, "caller");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, core::ErrorKind::unavailable) << "no server is no missing setting";
    const auto read = session.open_store(store::Layer::kpi, store::OpenMode::read);
    ASSERT_FALSE(read);
    for (const auto& message : {written.error().message, read.error().message})
        EXPECT_EQ(message.find("hunter"), std::string::npos) << message;
    const auto made = session.init_store(store::Layer::kpi, "", true);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("TRISTRATA_ADMIN_URL"), std::string::npos) << made.error().message;
}

TEST_F(SessionTest, who_only_reads_from_a_server_needs_no_other_setting) {
    const session::Session server(settings({{"read_url", "postgresql://r:hunter3@127.0.0.1:1/d"}}), clock_);
    const session::Session file(settings({{"read_url", "sqlite:///kpi.db"}}), clock_);
    for (const auto layer : {store::Layer::kpi, store::Layer::drift}) {
        EXPECT_TRUE(server.may_read(layer));
        EXPECT_FALSE(file.may_read(layer)) << "a file holds one of the two";
    }
    session::Session reader(settings({{"read_url", "postgresql://r:hunter3@127.0.0.1:1/d"}}), clock_);
    const auto read = reader.open_store(store::Layer::drift, store::OpenMode::read);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, core::ErrorKind::unavailable) << read.error().message;
    const auto written = reader.open_store(store::Layer::drift, store::OpenMode::write);
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("TRISTRATA_DRIFT_URL"), std::string::npos)
        << written.error().message;
}

TEST_F(SessionTest, with_a_spool_an_emit_is_durable_at_once_and_in_the_store_at_the_end) {
    const std::string path = (folder_ / "kpi.db").string(), spool = (folder_ / "spool").string();
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::kpi, clock_));
    const auto all = settings({{"kpi_url", "sqlite:///" + path}, {"spool", spool}});
    execution::KpiRequest request;
    request.module = "m";
    request.metrics = {{"x", 1.5}, {"y", 2.5}};
    {
        session::Session session(all, clock_);
        const auto receipt = session.emit_kpi(request, "caller");
        ASSERT_TRUE(receipt) << receipt.error().message;
        EXPECT_NE(receipt->acknowledgement.durability, sink::Durability::committed);
        EXPECT_EQ(receipt->acknowledgement.stored, 2u);
    }
    session::Session session(all, clock_);
    auto store = session.open_store(store::Layer::kpi, store::OpenMode::read);
    EXPECT_EQ((*store)->query(store::KpiQuery{})->rows.size(), 2u);
}

TEST_F(SessionTest, the_level_of_the_spool_is_a_setting_and_a_flush_brings_what_waits_to_the_disk) {
    const auto emitted = [&](const std::string& level) {
        session::Session session(settings({{"kpi_url", "sqlite:///" + (folder_ / "kpi.db").string()},
                                           {"spool", (folder_ / "spool").string()},
                                           {"spool_level", level}}),
                                 core::system_clock());
        EXPECT_TRUE(session.flush()) << "nothing is open";
        execution::KpiRequest request;
        request.module = "m";
        request.success = true;
        auto receipt = session.emit_kpi(request, "caller");
        EXPECT_TRUE(session.flush());
        return receipt;
    };
    ASSERT_TRUE(store::init_sqlite((folder_ / "kpi.db").string(), store::Layer::kpi, clock_));
    EXPECT_EQ(emitted("async")->acknowledgement.durability, sink::Durability::process);
    EXPECT_EQ(emitted("group")->acknowledgement.durability, sink::Durability::disk);
    EXPECT_EQ(emitted("sync")->acknowledgement.durability, sink::Durability::disk);
    const auto refused = emitted("fast");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, core::ErrorKind::configuration);
    EXPECT_EQ(refused.error().message,
              "test: \"fast\" is no level of a spool; expected sync, group or async");
}

TEST_F(SessionTest, crit_older_than_incidents_look_back_is_stored_and_said_a_few_times) {
    const std::string path = (folder_ / "drift.db").string();
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::drift, clock_));
    std::vector<std::string> said;
    session::Session session(settings({{"drift_url", "sqlite:///" + path}, {"spool_max_age", "2d"}}), clock_,
                             [&](std::string_view sentence) { said.emplace_back(sentence); });
    constexpr std::int64_t day = 86'400'000'000;
    const auto push = [&](std::int64_t age_us, drift::Severity severity) {
        drift::EventRequest event;
        event.drift_type = drift::DriftType::latency_drift;
        event.module = event.metric = "m";
        event.severity = severity;
        event.time = core::Timestamp{clock_.now().microseconds - age_us};
        ASSERT_TRUE(session.push_drift_event(event));
    };
    push(3 * day, drift::Severity::crit);
    push(30 * day, drift::Severity::warn);
    EXPECT_TRUE(said.empty()) << "on the edge, and what never pages";
    for (int i = 0; i < 5; ++i) push(3 * day + 1, drift::Severity::crit);
    ASSERT_EQ(said.size(), 3u) << "at 1, 2 and 4";
    EXPECT_TRUE(said[0].starts_with("1 crit event so far is older than 3 d: stored, but no incident"))
        << said[0];
    EXPECT_TRUE(said[2].starts_with("4 crit events so far are older")) << said[2];
    auto store = session.open_store(store::Layer::drift, store::OpenMode::read);
    EXPECT_EQ((*store)->query(store::DriftQuery{})->rows.size(), 7u);
}

TEST_F(SessionTest, with_a_spool_and_no_url_every_emit_waits_in_the_spool_and_that_is_said_once) {
    const std::string kpi = (folder_ / "kpi.db").string(), drift = (folder_ / "drift.db").string(),
                      spool = (folder_ / "spool").string();
    execution::KpiRequest request;
    request.module = "m";
    request.success = true;
    drift::EventRequest event;
    event.drift_type = drift::DriftType::latency_drift;
    event.module = event.metric = "m";
    event.severity = drift::Severity::warn;
    std::vector<std::string> said;
    {
        session::Session storeless(settings({{"spool", spool}}), clock_,
                                   [&](std::string_view sentence) { said.emplace_back(sentence); });
        EXPECT_TRUE(storeless.require_target(store::Layer::drift));
        for (int twice = 0; twice < 2; ++twice) {
            const auto receipt = storeless.emit_kpi(request, "caller");
            ASSERT_TRUE(receipt) << receipt.error().message;
            EXPECT_NE(receipt->acknowledgement.durability, sink::Durability::committed);
            ASSERT_TRUE(storeless.push_drift_event(event));
        }
        event.payload = "{\"x\":\"" + std::string(drift::object_payload_bytes, 'x') + "\"}";
        const auto large = storeless.push_drift_event(event);
        ASSERT_FALSE(large) << "the store may be one that has no place for it";
        for (const auto* named : {"TRISTRATA_ARCHIVE", "TRISTRATA_DRIFT_URL"})
            EXPECT_NE(large.error().message.find(named), std::string::npos) << large.error().message;
    }
    ASSERT_EQ(said.size(), 2u) << "once a layer";
    EXPECT_NE(said[0].find("TRISTRATA_KPI_URL is not set"), std::string::npos) << said[0];
    EXPECT_NE(said[1].find("TRISTRATA_DRIFT_URL is not set"), std::string::npos) << said[1];
    ASSERT_TRUE(store::init_sqlite(kpi, store::Layer::kpi, clock_));
    ASSERT_TRUE(store::init_sqlite(drift, store::Layer::drift, clock_));
    const auto all =
        settings({{"kpi_url", "sqlite:///" + kpi}, {"drift_url", "sqlite:///" + drift}, {"spool", spool}});
    auto relay = session::Session(all, clock_).open_relay();
    ASSERT_TRUE(relay);
    EXPECT_EQ((*relay)->drain({1'000'000}, {}).stored, 4u);
}

TEST_F(SessionTest, with_a_spool_a_store_that_is_not_there_is_no_error) {
    const std::string path = (folder_ / "kpi.db").string(), spool = (folder_ / "spool").string();
    const auto all = settings({{"kpi_url", "sqlite:///" + path}, {"spool", spool}});
    execution::KpiRequest request;
    request.module = "m";
    request.success = true;
    std::vector<std::string> said;
    std::mutex mutex;
    {
        session::Session session(all, clock_, [&](std::string_view sentence) {
            const std::lock_guard lock(mutex);
            said.emplace_back(sentence);
        });
        ASSERT_TRUE(session.emit_kpi(request, "caller"));
    }
    ASSERT_FALSE(said.empty());
    EXPECT_NE(said.back().find("tristrata store init"), std::string::npos) << said.back();
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::kpi, clock_));
    auto relay = session::Session(all, clock_).open_relay();
    ASSERT_TRUE(relay);
    EXPECT_EQ((*relay)->drain({1'000'000}, {}).stored, 1u);
}

TEST_F(SessionTest, what_is_carried_later_needs_a_spool_and_no_store_and_waits_for_who_drains_it) {
    const std::string path = (folder_ / "kpi.db").string(), spool = (folder_ / "spool").string();
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::kpi, clock_));
    execution::KpiRequest request;
    request.module = "m";
    request.success = true;
    session::Session nowhere(settings({{"kpi_url", "sqlite:///" + path}}), clock_);
    const auto refused = nowhere.emit_kpi(request, "caller", session::Carry::later);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("TRISTRATA_SPOOL"), std::string::npos) << refused.error().message;
    {
        session::Session storeless(settings({{"spool", spool}}), clock_);
        ASSERT_TRUE(storeless.emit_kpi(request, "caller", session::Carry::later));
    }
    const auto all = settings({{"kpi_url", "sqlite:///" + path}, {"spool", spool}});
    const auto stored = [&] {
        auto store = session::Session(all, clock_).open_store(store::Layer::kpi, store::OpenMode::read);
        return (*store)->query(store::KpiQuery{})->rows.size();
    };
    {
        session::Session session(all, clock_);
        ASSERT_TRUE(session.emit_kpi(request, "caller", session::Carry::later));
    }
    EXPECT_EQ(stored(), 0u) << "its end carries nothing either";
    {
        session::Session session(all, clock_);
        ASSERT_TRUE(session.emit_kpi(request, "caller", session::Carry::later));
        ASSERT_TRUE(session.emit_kpi(request, "caller")) << "the pipeline's own, in the same process";
    }
    EXPECT_EQ(stored(), 4u) << "who carries carries all that waits";
}

TEST_F(SessionTest, a_forked_child_emits_through_a_slot_and_a_thread_of_its_own) {
    const std::string path = (folder_ / "kpi.db").string(), spool = (folder_ / "spool").string();
    ASSERT_TRUE(store::init_sqlite(path, store::Layer::kpi, clock_));
    execution::KpiRequest request;
    request.module = "m";
    request.success = true;
    {
        session::Session session(settings({{"kpi_url", "sqlite:///" + path}, {"spool", spool}}), clock_);
        ASSERT_TRUE(session.emit_kpi(request, "parent"));
        std::vector<pid_t> children;
        for (int i = 0; i < 3; ++i) {
            const pid_t child = ::fork();
            if (child == 0) {
                const bool emitted = session.emit_kpi(request, "child").has_value();
                session.~Session();
                ::_exit(emitted ? 0 : 1);
            }
            children.push_back(child);
        }
        ASSERT_TRUE(session.emit_kpi(request, "parent"));
        for (const pid_t child : children) {
            int status = 1;
            ::waitpid(child, &status, 0);
            EXPECT_EQ(status, 0);
        }
    }
    session::Session session(settings({{"kpi_url", "sqlite:///" + path}, {"spool", spool}}), clock_);
    EXPECT_FALSE((*session.open_relay())->drain({5'000'000}, {}).pending);
    auto store = session.open_store(store::Layer::kpi, store::OpenMode::read);
    EXPECT_EQ((*store)->query(store::KpiQuery{})->rows.size(), 5u);
}

TEST_F(SessionTest,
       forks_in_the_middle_of_a_delivery_over_a_network_that_cuts_lose_nothing_and_repeat_nothing) {
    servers::PostgresServer server;
    const core::SecretSource source{
        "TRISTRATA_TEST_URL", [url = server.url()] { return core::Result<core::Secret>(core::Secret(url)); }};
    ASSERT_TRUE(store::init_postgres({source, "", true}, store::Layer::kpi));
    servers::TcpProxy network(server.port(), {0.2, 0.2, 0.1}, 7);
    const std::string spool = (folder_ / "spool").string();
    const auto all =
        settings({{"kpi_url", "postgresql://postgres:" + server.encoded_password() + "@127.0.0.1:" +
                                  std::to_string(network.port()) + "/postgres?sslmode=disable"},
                  {"spool", spool}});
    execution::KpiRequest request;
    request.module = "m";
    request.success = true;
    constexpr int rounds = 4, of_the_parent = 25, of_a_child = 15;
    {
        session::Session session(all, clock_);
        std::vector<pid_t> children;
        for (int round = 0; round < rounds; ++round) {
            for (int i = 0; i < of_the_parent; ++i) ASSERT_TRUE(session.emit_kpi(request, "parent"));
            const pid_t child = ::fork();
            if (child == 0) {
                int emitted = 0;
                for (int i = 0; i < of_a_child; ++i)
                    emitted += session.emit_kpi(request, "child").has_value();
                session.~Session();
                ::_exit(emitted == of_a_child ? 0 : 1);
            }
            children.push_back(child);
        }
        for (const pid_t child : children) {
            int status = 1;
            ::waitpid(child, &status, 0);
            EXPECT_EQ(status, 0);
        }
    }
    network.heal();
    session::Session session(all, clock_);
    const auto rest = (*session.open_relay())->drain({60'000'000}, {});
    EXPECT_FALSE(rest.pending) << (rest.held.empty() ? "" : rest.held.front().message);
    constexpr std::uint64_t rows = rounds * (of_the_parent + of_a_child);
    auto store = session.open_store(store::Layer::kpi, store::OpenMode::read);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->query(store::KpiQuery{})->rows.size(), rows);
    std::uint64_t emitted = 0, stored = 0;
    const auto slots = spool::status(spool::posix_file_system(), spool);
    for (const auto& slot : *slots) {
        emitted += slot.classes[0].emitted;
        stored += slot.classes[0].ledger.stored;
    }
    EXPECT_EQ(emitted, rows);
    EXPECT_EQ(stored, rows) << "every slot's ledger is exact";
    EXPECT_GT(network.cut_before() + network.cut_after(), 0u);
}

TEST_F(SessionTest, an_event_is_in_the_spool_and_names_its_process) {
    const std::string spool = (folder_ / "spool").string();
    auto all = settings({{"spool", spool}, {"environment", "test"}});
    all.set_open_telemetry(
        {{"OTEL_SERVICE_NAME", "training"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"}});
    technical::EventRequest request;
    request.name = "run_started";
    request.fields = {{"run_id", std::string("r1")}};
    std::vector<std::string> lines;
    const auto emit = [&] {
        session::Session session(all, clock_);
        const auto receipt =
            session.emit_event(request, [&](std::string_view line) { lines.emplace_back(line); });
        ASSERT_TRUE(receipt) << receipt.error().message;
        ASSERT_TRUE(receipt->acknowledgement) << receipt->failure->message;
        request.name = "run_startd";
        EXPECT_EQ(session.emit_event(request).error().kind, core::ErrorKind::refused);
        request.name = "run_started";
    };
    emit();
    emit();
    EXPECT_EQ(lines, (std::vector<std::string>(2, "event=run_started run_id=r1")));
    const auto slots = spool::status(spool::posix_file_system(), spool);
    ASSERT_TRUE(slots) << slots.error().message;
    ASSERT_EQ(slots->size(), 1u);
    EXPECT_EQ((*slots)[0].classes[spool::place(sink::RecordClass::event)].emitted, 2u);
}

TEST_F(SessionTest, an_event_is_its_line_where_the_export_is_switched_off) {
    const std::string spool = (folder_ / "spool").string();
    auto all = settings({{"spool", spool}});
    all.set_open_telemetry({{"OTEL_SDK_DISABLED", "true"}});
    session::Session session(all, clock_);
    technical::EventRequest request;
    request.name = "run_started";
    const auto receipt = session.emit_event(request);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->line, "event=run_started");
    EXPECT_FALSE(receipt->acknowledgement || receipt->failure);
    EXPECT_FALSE(std::filesystem::exists(spool));
}

TEST_F(SessionTest, a_spool_that_cannot_be_opened_costs_events_and_no_run) {
    std::ofstream(folder_ / "file") << "no folder";
    std::vector<std::string> said;
    session::Session session(settings({{"spool", (folder_ / "file").string()}}), clock_,
                             [&](std::string_view sentence) { said.emplace_back(sentence); });
    technical::EventRequest request;
    request.name = "run_started";
    for (int i = 0; i < 3; ++i) {
        const auto receipt = session.emit_event(request);
        ASSERT_TRUE(receipt);
        EXPECT_TRUE(receipt->failure);
    }
    ASSERT_EQ(said.size(), 1u);
    EXPECT_NE(said[0].find("events are not taken, and count as lost"), std::string::npos) << said[0];
    EXPECT_EQ(session.events_not_taken(), 3u);
}

TEST_F(SessionTest, without_a_spool_a_collector_that_is_not_there_costs_an_event_and_no_run) {
    auto all = settings({});
    all.set_open_telemetry({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"}});
    std::vector<std::string> said;
    session::Session session(all, clock_, [&](std::string_view sentence) { said.emplace_back(sentence); });
    technical::EventRequest request;
    request.name = "run_started";
    const auto receipt = session.emit_event(request);
    ASSERT_TRUE(receipt);
    ASSERT_TRUE(receipt->failure);
    EXPECT_NE(receipt->failure->message.find("http://127.0.0.1:1/v1/logs does not answer"), std::string::npos)
        << receipt->failure->message;
    EXPECT_EQ(session.events_not_taken(), 1u);
    EXPECT_EQ(said.size(), 1u);
}

TEST_F(SessionTest, an_alert_waits_in_the_spool_until_somebody_is_named_who_takes_it) {
    const std::string root = (folder_ / "spool").string();
    {
        spool::Options options;
        options.root = root;
        auto spool = spool::Spool::open(spool::posix_file_system(), clock_, std::move(options));
        ASSERT_TRUE(spool) << spool.error().message;
        const sink::Record record = notification::encode({{{"alertname", "Drift"},
                                                           {"module", "features"},
                                                           {"drift_type", "feature_drift"},
                                                           {"severity", "crit"}},
                                                          {{"summary", "it drifts"}},
                                                          core::system_clock().now(),
                                                          {},
                                                          ""});
        ASSERT_TRUE((*spool)->append({&record, 1}));
    }
    const auto pending = [&] {
        return spool::status(spool::posix_file_system(), root)
            ->front()
            .classes[spool::place(sink::RecordClass::alert)]
            .pending;
    };
    session::Session unnamed(settings({{"spool", root}}), clock_);
    ASSERT_TRUE((*unnamed.open_relay())->drain({1'000'000}, {}).held.empty());
    EXPECT_EQ(pending(), 1u);
    servers::Alertmanager alertmanager;
    // A database that nobody answers for does not delay it.
    session::Session named(settings({{"spool", root},
                                     {"drift_url", "postgresql://u@127.0.0.1:1/d"},
                                     {"alertmanager_url", alertmanager.url()}}),
                           clock_);
    auto relay = named.open_relay();
    ASSERT_TRUE(relay) << relay.error().message;
    const auto done = (*relay)->drain({10'000'000}, {});
    EXPECT_EQ(done.stored, 1u);
    EXPECT_EQ(pending(), 0u);
    ASSERT_EQ(alertmanager.alerts().size(), 1u);
    EXPECT_EQ(alertmanager.alerts()[0].at("labels").at("module"), "features");
}
