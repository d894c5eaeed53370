#include "incident_backends.hpp"
#include "tristrata/incident/digest.hpp"
#include "tristrata/incident/wording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <set>

using namespace tristrata;
using namespace tristrata::incident;
using drift::Severity;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

class ReceptionsOfIncidentsTest : public IncidentStoreTest {
protected:
    /// Pages of one incident, and what it is then.
    Incident paged() {
        push({event_at(start_, Severity::crit)});
        (void)step();
        return only();
    }
    Incident only() {
        const auto all = store_->list({});
        EXPECT_TRUE(all) << all.error().message;
        EXPECT_EQ(all->size(), 1u);
        return all->front();
    }
    notification::Reception refused(bool is_told) {
        notification::Reception made{
            clock_.now(), receiver_.alerts.back(), {}, {"http://hook answers 400: \"no\""}, is_told};
        if (is_told) made.taken_by = {"http://am"};
        return made;
    }
    std::vector<std::string> kinds(const Incident& one) {
        std::vector<std::string> all;
        const auto history = store_->history(one.incident_id);
        EXPECT_TRUE(history) << history.error().message;
        for (const auto& row : *history) all.push_back(row.kind);
        return all;
    }
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Backends, ReceptionsOfIncidentsTest, ::testing::Values("sqlite", "postgres"));

TEST_P(ReceptionsOfIncidentsTest, a_page_that_everybody_refused_is_told_to_nobody_until_one_takes_it) {
    EXPECT_EQ(page_of(paged()), "paged");
    const auto mark = store_->mark();
    const auto one = refused(false);
    ASSERT_TRUE(store_->note(one).value_or(false));
    ASSERT_TRUE(store_->note(one).value_or(false)) << "twice is once: who noted it may have died behind that";
    EXPECT_NE(store_->mark().value(), mark.value());
    Incident incident = only();
    EXPECT_TRUE(is_untold(incident));
    EXPECT_EQ(page_of(incident),
              fmt::format("not told: http://hook answers 400: \"no\"; nobody was told ({})",
                          core::to_string(clock_.now())));
    EXPECT_EQ(store_->find(core::to_string(incident.incident_id))->refusal, incident.refusal);
    EXPECT_EQ(kinds(incident), (std::vector<std::string>{"opened", "paged", "untold"}));
    const auto digest = store_->digest({start_ + core::Duration{-hour.microseconds}, clock_.now() + hour});
    EXPECT_THAT(to_text(*digest, policy_), HasSubstr("; not told: http://hook answers 400"));
    EXPECT_THAT(to_text(*digest, policy_), Not(HasSubstr("; paged")));
    (void)step();
    EXPECT_TRUE(is_untold(only())) << "a step changes nothing of it";
    clock_.advance(minute);
    ASSERT_TRUE(store_->note({clock_.now(), one.alert, {"http://am"}, {}, true}).value_or(false));
    incident = only();
    EXPECT_FALSE(is_untold(incident));
    EXPECT_THAT(page_of(incident), HasSubstr("paged: http://hook answers 400"));
    EXPECT_THAT(page_of(incident), HasSubstr("then told: http://am"));
}

TEST_P(ReceptionsOfIncidentsTest, of_a_page_that_one_refused_and_another_took_both_are_said) {
    (void)paged();
    ASSERT_TRUE(store_->note(refused(true)));
    const Incident incident = only();
    EXPECT_FALSE(is_untold(incident));
    EXPECT_THAT(page_of(incident), HasSubstr("paged: http://hook answers 400: \"no\"; told: http://am"));
    EXPECT_EQ(kinds(incident), (std::vector<std::string>{"opened", "paged", "refused"}));
}

TEST_P(ReceptionsOfIncidentsTest, who_acknowledges_ends_it_and_a_page_anew_begins_anew) {
    const Incident incident = paged();
    const std::string id = core::to_string(incident.incident_id);
    ASSERT_TRUE(store_->note(refused(false)));
    ASSERT_TRUE(store_->snooze(id, clock_.now() + minute, "eve", "the hook is mended", clock_.now()));
    EXPECT_FALSE(is_untold(only()));
    clock_.advance({2 * minute.microseconds});
    (void)step();
    ASSERT_EQ(receiver_.alerts.size(), 3u) << "page, end, page";
    EXPECT_FALSE(only().refusal);
    // Who keeps ids takes each of them, and the end to come; for an Alertmanager all are one alert.
    const auto& last = receiver_.alerts.back();
    EXPECT_EQ(last.starts_at, receiver_.alerts.front().starts_at);
    EXPECT_EQ(last.labels, receiver_.alerts.front().labels);
    ASSERT_TRUE(store_->snooze(id, clock_.now() + minute, "eve", "once more", clock_.now()));
    (void)step();
    std::set<std::string> ids;
    for (const auto& one : receiver_.alerts) ids.insert(core::to_string(notification::message_id(one)));
    EXPECT_EQ(receiver_.alerts.size(), 4u);
    EXPECT_EQ(ids.size(), 4u);
    clock_.advance({2 * minute.microseconds});
    (void)step();
    EXPECT_EQ(receiver_.alerts.back().annotation("page"), "3");
    ASSERT_TRUE(store_->note(refused(false)));
    EXPECT_TRUE(is_untold(only()));
    ASSERT_TRUE(store_->acknowledge(id, "eve", "I saw it", clock_.now()));
    EXPECT_FALSE(is_untold(only()));
}

TEST_P(ReceptionsOfIncidentsTest, an_end_that_is_refused_leaves_the_page_told_and_a_stranger_is_no_incident) {
    const Incident incident = paged();
    auto end = refused(false);
    end.alert.ends_at = clock_.now();
    ASSERT_TRUE(store_->note(end));
    EXPECT_FALSE(only().refusal);
    EXPECT_EQ(kinds(incident).back(), "end_refused");
    end.alert.annotations["incident_id"] = "0198c0de-0000-7000-8000-000000000001";
    EXPECT_FALSE(store_->note(end).value_or(true));
    end.alert.annotations.erase("incident_id");
    EXPECT_FALSE(store_->note(end).value_or(true));
}

TEST_P(ReceptionsOfIncidentsTest,
       what_a_folder_holds_is_noted_said_and_taken_out_and_stays_where_the_store_is_dead) {
    (void)paged();
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("receptions_{}", ::getpid());
    const notification::Receptions receptions(spool::posix_file_system(), folder.string());
    ASSERT_TRUE(receptions.add(refused(false)));
    const auto said = note_receptions(*store_, receptions);
    ASSERT_TRUE(said) << said.error().message;
    ASSERT_EQ(said->size(), 1u);
    EXPECT_THAT((*said)[0], HasSubstr("the alert drift_latency_drift of features: http://hook answers 400"));
    EXPECT_TRUE(receptions.list()->empty());
    EXPECT_TRUE(is_untold(only()));
    ASSERT_TRUE(receptions.add(refused(false)));
    ASSERT_TRUE(backend_->run(GetParam() == "sqlite" ? "ALTER TABLE transitions RENAME TO gone"
                                                     : "ALTER TABLE response.transitions RENAME TO gone"));
    EXPECT_FALSE(note_receptions(*store_, receptions));
    EXPECT_EQ(receptions.list()->size(), 1u);
    std::filesystem::remove_all(folder);
}

TEST_P(ReceptionsOfIncidentsTest, a_page_that_no_spool_took_is_not_said_to_be_paged) {
    receiver_.refuses = true;
    EXPECT_THAT(page_of(paged()), HasSubstr("not told: not handed over"));
    EXPECT_TRUE(only().is_page_waiting);
    const auto found = store_->find(core::to_string(only().incident_id));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(found->is_page_waiting);
    const auto digest = store_->digest({start_, clock_.now() + hour});
    ASSERT_TRUE(digest) << digest.error().message;
    EXPECT_THAT(to_text(*digest, policy_), HasSubstr("; not told: not handed over"));
    receiver_.refuses = false;
    (void)step();
    EXPECT_EQ(page_of(only()), "paged");
}
