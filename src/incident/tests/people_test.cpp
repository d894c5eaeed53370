#include "events.hpp"
#include "tristrata/config/owners.hpp"
#include "tristrata/incident/incident_store.hpp"
#include "tristrata/store/store.hpp"
#include "tristrata/store/store_sink.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

namespace tristrata::incident {
namespace {

class Nowhere final : public sink::Sink {
public:
    core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override {
        return sink::Acknowledgement{sink::Durability::memory, records.size(), 0, 0};
    }
    core::Status flush() override { return {}; }
};

/// An incident that is open and paged.
struct PagedIncident {
    PagedIncident() {
        std::filesystem::create_directories(folder);
        EXPECT_TRUE(store::init_sqlite(folder / "drift.db", store::Layer::drift, clock));
        EXPECT_TRUE(init_sqlite(folder / "response.db", clock));
        auto drift = store::open_sqlite(folder / "drift.db", store::Layer::drift, store::OpenMode::write);
        const sink::Record record =
            drift::encode({std::nullopt, {event_at(clock.now(), drift::Severity::crit)}});
        EXPECT_TRUE(store::StoreSink(**drift, sink::RecordClass::drift).append({&record, 1}));
        auto opened = IncidentStore::open_sqlite(folder / "response.db", folder / "drift.db");
        EXPECT_TRUE(opened) << opened.error().message;
        store.emplace(std::move(*opened));
        EXPECT_EQ(step().appended, 1u);
    }
    Stepped step() {
        StepOptions options;
        options.policy = &policy;
        options.owners = &owners;
        options.clock = &clock;
        options.holder = "a";
        Nowhere nowhere;
        const auto done = store->step(options, nowhere);
        EXPECT_TRUE(done) << done.error().message;
        return done.value_or(Stepped{});
    }
    ~PagedIncident() { std::filesystem::remove_all(folder); }
    PagedIncident(const PagedIncident&) = delete;
    PagedIncident& operator=(const PagedIncident&) = delete;

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / fmt::format("people_{}", ::getpid());
    core::ManualClock clock{monday};
    Policy policy;
    config::Owners owners;
    std::optional<IncidentStore> store;
};

TEST(People, what_a_person_does_has_a_reason_and_an_end) {
    PagedIncident desk;
    const std::string id = core::to_string(desk.store->list({})->at(0).incident_id);
    const auto refused = [](const auto& done, const char* words) {
        ASSERT_FALSE(done) << words;
        EXPECT_EQ(done.error().kind, core::ErrorKind::usage) << done.error().message;
        EXPECT_NE(done.error().message.find(words), std::string::npos) << done.error().message;
    };
    for (const char* why : {"", " \t\n", "\u00A0\u3000", "\u200B", "\x01", "\u2028\uFEFF"}) {
        refused(desk.store->acknowledge(id, "eve", why, desk.clock.now()), "no why is given");
        refused(desk.store->dismiss(id, "eve", why, desk.clock.now()), "no why is given");
        refused(desk.store->snooze(id, desk.clock.now() + hour, "eve", why, desk.clock.now()),
                "no why is given");
    }
    for (const char* who : {"", " ", "\u2060"})
        refused(desk.store->acknowledge(id, who, "x", desk.clock.now()), "nobody is named");
    const core::Duration month{30 * day.microseconds};
    refused(
        desk.store->snooze(id, desk.clock.now() + month + core::Duration{1}, "eve", "x", desk.clock.now()),
        "more than 30 d away");
    ASSERT_TRUE(desk.store->snooze(id, desk.clock.now() + month, "eve", "x", desk.clock.now()));
    const auto silence = [&](const char* module, core::Timestamp from, core::Timestamp to, const char* why) {
        return desk.store->silence({module, std::nullopt, from, to, "eve", why}, desk.clock);
    };
    const core::Timestamp now = desk.clock.now();
    const core::Duration longest{31 * day.microseconds};
    refused(silence("*", now, now + core::Duration{3'650 * day.microseconds}, "x"), "expected 31 d at most");
    refused(silence("*", now, now + longest + core::Duration{1}, "x"), "expected 31 d at most");
    refused(silence("*", now + core::Duration{-hour.microseconds}, now, "x"), "the window ended at");
    refused(silence("a", now, now + hour, "\u202F"), "no why is given");
    refused(silence(" ", now, now + hour, "x"), "is no module; expected its name");
    refused(desk.store->silence({"a", std::nullopt, now, now + hour, "\u2003", "x"}, desk.clock),
            "nobody is named");
    for (const char* module : {"train.*.x", "*x", "**"})
        refused(silence(module, now, now + hour, "x"), "is no module; expected its name");
    EXPECT_TRUE(desk.store->silences(now)->empty());
    EXPECT_TRUE(silence("*", now, now + longest, "x"));
}

TEST(People, an_acknowledgement_during_a_snooze_outlives_it_and_one_before_does_not) {
    for (const bool before : {true, false}) {
        PagedIncident desk;
        const std::string id = core::to_string(desk.store->list({})->at(0).incident_id);
        const auto ack = [&] { return desk.store->acknowledge(id, "eve", "on it", desk.clock.now()); };
        EXPECT_TRUE(!before || ack());
        ASSERT_TRUE(desk.store->snooze(id, desk.clock.now() + hour, "eve", "x", desk.clock.now()));
        EXPECT_TRUE(before || ack());
        (void)desk.step();
        desk.clock.advance(hour);
        EXPECT_EQ(desk.step().paged, before ? 1u : 0u);
        EXPECT_EQ(desk.store->find(id)->acked_by, before ? "" : "eve");
        EXPECT_TRUE(desk.store->answered(desk.clock.now())->empty()) << "there is no alert to silence";
    }
}

TEST(People, incidents_are_listed_of_a_module_or_of_all_whose_names_begin_so) {
    PagedIncident desk;
    const auto count = [&](const char* module) {
        IncidentQuery query;
        query.module = module;
        return desk.store->list(query)->size();
    };
    for (const char* module : {"features", "feat*", "features*", "*"}) EXPECT_EQ(count(module), 1u) << module;
    for (const char* module : {"feat", "features.*", "f%*", "_eat*", "x*"})
        EXPECT_EQ(count(module), 0u) << module;
}

TEST(People, of_what_was_dismissed_or_is_over_there_is_nothing_to_acknowledge) {
    PagedIncident desk;
    const std::string id = core::to_string(desk.store->list({})->at(0).incident_id);
    const auto refused = [&](const char* words) {
        const auto done = desk.store->acknowledge(id, "eve", "I am looking", desk.clock.now());
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().kind, core::ErrorKind::usage);
        EXPECT_NE(done.error().message.find(words), std::string::npos) << done.error().message;
    };
    ASSERT_TRUE(desk.store->dismiss(id, "eve", "announced", desk.clock.now()));
    const auto before = desk.store->history(*core::parse_uuid(id));
    refused("was dismissed as a false alarm at 2026-11-02T00:00:00Z: it pages nobody");
    for (const auto& done : {desk.store->snooze(id, desk.clock.now() + hour, "eve", "x", desk.clock.now()),
                             desk.store->dismiss(id, "eve", "again", desk.clock.now())}) {
        ASSERT_FALSE(done);
        EXPECT_NE(done.error().message.find("was dismissed as a false alarm"), std::string::npos);
    }
    EXPECT_EQ(*desk.store->history(*core::parse_uuid(id)), *before) << "nothing was changed";
    desk.clock.advance({7 * day.microseconds});
    (void)desk.step();
    refused("closed at 2026-11-09T00:00:00Z (false_alarm); what comes now opens another");
}

}  // namespace
}  // namespace tristrata::incident
