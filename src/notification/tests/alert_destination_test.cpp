#include "alert_destination_scene.hpp"

#include "owed.hpp"
#include "posting.hpp"
#include "servers/alertmanager.hpp"
#include "tristrata/core/authentication.hpp"
#include "tristrata/relay/relay.hpp"
#include "tristrata/spool/spool.hpp"

#include <fstream>
#include <set>

using namespace tristrata;
using namespace tristrata::notification;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace {

/// A port on which nobody listens.
std::string nobody() {
    Hook hook;
    return "http://" + to_string(hook.at);
}

std::set<std::string> modules_of(const nlohmann::json& alerts) {
    std::set<std::string> modules;
    for (const auto& one : alerts) modules.insert(one.at("labels").at("module").get<std::string>());
    return modules;
}

}  // namespace

TEST_F(AlertDestinationTest, every_peer_of_a_real_alertmanager_has_the_alert_and_pages_and_resolves) {
    servers::Alertmanager first, second_peer;
    name(first.url() + " " + second_peer.url() + "/", "");
    const auto settled = deliver({alert("features"), alert("targets")});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->stored, 2u);
    for (auto* peer : {&first, &second_peer}) {
        const auto listed = peer->alerts();
        EXPECT_EQ(modules_of(listed), (std::set<std::string>{"features", "targets"}));
        for (const auto& one : listed) {
            const auto module = one.at("labels").at("module").get<std::string>();
            EXPECT_EQ(one.at("fingerprint"), fingerprint(alert(module).labels)) << "Alertmanager's own";
            EXPECT_EQ(one.at("annotations").at("title"), "[crit] " + module + ": dispersion is 1.000291");
            const auto ends_at = core::parse_timestamp(one.at("endsAt").get<std::string>());
            ASSERT_TRUE(ends_at) << one.at("endsAt");
            EXPECT_GE((*ends_at - clock.wall).microseconds, options.open_for.microseconds - 1000);
        }
        while (peer->pages().size() < 2) ::usleep(50'000);
    }
    ASSERT_TRUE(deliver({resolved("features")}));
    EXPECT_EQ(modules_of(first.alerts()), std::set<std::string>{"targets"});
    while (first.pages().size() < 3) ::usleep(50'000);
    EXPECT_EQ(first.pages().back().at("status"), "resolved");
    EXPECT_EQ(owed(), 0u);
}

TEST_F(AlertDestinationTest, a_dead_peer_is_owed_what_another_one_took_and_gets_it_when_it_lives_again) {
    servers::Alertmanager first, second_peer;
    name(first.url() + "," + second_peer.url(), "");
    second_peer.kill();
    ASSERT_TRUE(deliver({alert("features")}));
    EXPECT_EQ(owed(), 1u);
    EXPECT_EQ(modules_of(first.alerts()), std::set<std::string>{"features"});
    second_peer.start();
    EXPECT_EQ(*destination->retry_owed(), 0u) << "not before its wait is over";
    clock.steady = clock.steady.load() + second;
    EXPECT_EQ(*destination->retry_owed(), 1u);
    EXPECT_EQ(owed(), 0u);
    EXPECT_EQ(modules_of(second_peer.alerts()), std::set<std::string>{"features"});
    EXPECT_THAT(all_said(), HasSubstr("takes alerts again"));
}

TEST_F(AlertDestinationTest, what_alertmanager_refuses_is_dead_in_its_words_and_its_neighbours_are_not) {
    servers::Alertmanager server;
    name(server.url(), "");
    Alert nameless = alert("bad");
    nameless.labels["not-a-name"] = "x";
    const auto settled = deliver({alert("features"), nameless, alert("targets")});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->stored, 2u);
    ASSERT_EQ(settled->dead.size(), 1u);
    EXPECT_EQ(settled->dead[0].first, 1u);
    EXPECT_THAT(settled->dead[0].second.message, HasSubstr("answers 400"));
    EXPECT_THAT(settled->dead[0].second.message, HasSubstr("not-a-name"));
    EXPECT_EQ(modules_of(server.alerts()), (std::set<std::string>{"features", "targets"}));
}

TEST_F(AlertDestinationTest, where_nobody_takes_them_they_stay_in_the_spool) {
    name(nobody(), "");
    const auto refused = deliver({alert("features")});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, core::ErrorKind::unavailable);
    EXPECT_EQ(owed(), 0u);
    settings = {};
    const auto unnamed = deliver({alert("features")});
    ASSERT_FALSE(unnamed);
    EXPECT_EQ(unnamed.error().kind, core::ErrorKind::configuration);
    EXPECT_THAT(unnamed.error().message, HasSubstr("TRISTRATA_ALERTMANAGER_URL"));
}

TEST_F(AlertDestinationTest, a_webhook_is_signed_and_says_its_version_and_id) {
    Hook hook;
    name("", hook.url());
    ASSERT_TRUE(deliver({alert("features"), resolved("features")}));
    ASSERT_EQ(hook.bodies.size(), 2u);
    const auto body = nlohmann::json::parse(hook.bodies[0]);
    EXPECT_EQ(body.at("version"), "1");
    EXPECT_EQ(body.at("id"), core::to_string(message_id(alert("features"))));
    EXPECT_EQ(body.at("status"), "firing");
    EXPECT_EQ(body.at("title"), "[crit] features: dispersion is 1.000291");
    EXPECT_EQ(body.at("fingerprint"), fingerprint(alert("features").labels));
    EXPECT_TRUE(body.at("ends_at").is_null());
    EXPECT_EQ(body.at("starts_at"), core::to_string(clock.wall));
    EXPECT_THAT(hook.came(), ElementsAre("features firing", "features resolved"));
    EXPECT_EQ(signature(core::Secret("k3y"), "5", "{}"),
              "v1=" + core::hmac_sha256(core::Secret("k3y"), "5.{}"));
}

TEST_F(AlertDestinationTest, a_receiver_written_as_the_page_says_believes_what_is_signed_and_nothing_else) {
    servers::ServerProcess hook("hook.py", {"k3y"});
    const auto url = nlohmann::json::parse(hook.said()).at("url").get<std::string>();
    name("", url);
    const auto settled = deliver({alert("features")});
    ASSERT_TRUE(settled) << settled.error().message;
    const auto came = nlohmann::json::parse(hook.ask("tell"));
    ASSERT_EQ(came.size(), 1u);
    EXPECT_TRUE(came[0].at("genuine").get<bool>());
    EXPECT_EQ(came[0].at("id"), core::to_string(message_id(alert("features"))));
    settings.set("webhook_secret", {core::Secret("other"), "WS"});
    EXPECT_FALSE(deliver({alert("features")}));
    EXPECT_FALSE(nlohmann::json::parse(hook.ask("tell"))[0].at("genuine").get<bool>());
    settings.set("webhook_secret", {core::Secret("k3y"), "WS"});
    clock.wall = clock.wall + core::Duration{-400 * second.microseconds};
    EXPECT_FALSE(deliver({alert("features")})) << "an old message is another's, sent again";
}

TEST_F(AlertDestinationTest, a_dead_webhook_does_not_hold_alertmanager_and_loses_nothing_and_no_order) {
    servers::Alertmanager server;
    Hook hook;
    name(server.url(), hook.url());
    hook.stop();
    ASSERT_TRUE(deliver({alert("one")}));
    ASSERT_TRUE(deliver({resolved("one"), alert("two")}));
    EXPECT_EQ(modules_of(server.alerts()), std::set<std::string>{"two"});
    EXPECT_EQ(owed(), 3u);
    EXPECT_THAT(all_said(), Not(HasSubstr("s3cret"))) << "a webhook's path may be its password";
    ASSERT_EQ(destination->status().size(), 2u);
    // Another process goes on with what this one has left.
    name(server.url(), hook.url());
    hook.start(hook.at);
    ASSERT_TRUE(deliver({resolved("two")}));
    EXPECT_THAT(hook.came(), ElementsAre("one firing", "one resolved", "two firing", "two resolved"));
    EXPECT_EQ(owed(), 0u);
}

TEST_F(AlertDestinationTest, a_webhook_that_answers_wrongly_is_asked_again_and_one_that_refuses_is_not) {
    Hook hook;
    name("", hook.url());
    for (const int status : {500, 503, 429, 404, 401, 302}) {
        hook.status = status;
        const auto refused = deliver({alert("features")});
        ASSERT_FALSE(refused) << status;
        EXPECT_EQ(refused.error().kind, core::ErrorKind::unavailable);
        EXPECT_THAT(refused.error().message, Not(HasSubstr("s3cret")));
    }
    hook.status = 422;
    hook.words = "no such team";
    const auto settled = deliver({alert("features")});
    ASSERT_TRUE(settled) << settled.error().message;
    ASSERT_EQ(settled->dead.size(), 1u);
    EXPECT_THAT(settled->dead[0].second.message, HasSubstr("no such team"));
}

TEST_F(AlertDestinationTest,
       figures_of_every_receiver_begin_at_0_and_a_refusal_is_counted_where_nobody_takes_it) {
    Hook hook;
    name("", hook.url());
    ASSERT_EQ(destination->status().size(), 1u) << "before anything was sent";
    EXPECT_EQ(destination->status()[0].refused, 0u);
    hook.status = 400;
    hook.words = "no such team";
    ASSERT_TRUE(deliver({page("features")}));
    const ReceiverStatus status = destination->status()[0];
    EXPECT_EQ(status.refused, 1u);
    ASSERT_TRUE(status.refusal);
    EXPECT_FALSE(status.refusal->is_told);
    EXPECT_THAT(status.refusal->error.message, HasSubstr("answers 400: \"no such team\""));
    const auto kept = receptions();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept[0].alert, page("features"));
    EXPECT_FALSE(kept[0].is_told);
    EXPECT_THAT(kept[0].taken_by, IsEmpty());
    EXPECT_THAT(kept[0].refused, ElementsAre(HasSubstr("no such team")));
    EXPECT_THAT(kept[0].refused[0], Not(HasSubstr("s3cret")));
    hook.status = 200;
    ASSERT_TRUE(deliver({page("targets")}));
    EXPECT_FALSE(destination->status()[0].refusal) << "what it takes ends it";
    EXPECT_EQ(receptions().size(), 1u) << "what everybody takes is not kept";
}

TEST_F(AlertDestinationTest,
       of_a_page_that_one_took_and_another_refused_both_are_kept_also_where_it_was_owed) {
    Hook takes, refuses;
    name("", takes.url() + " " + refuses.url());
    refuses.status = 422;
    ASSERT_TRUE(deliver({page("features")}));
    auto kept = receptions();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_TRUE(kept[0].is_told);
    EXPECT_THAT(kept[0].taken_by, ElementsAre("http://" + to_string(takes.at)));
    EXPECT_THAT(kept[0].refused, ElementsAre(HasSubstr(to_string(refuses.at) + " answers 422")));
    refuses.status = 503;
    ASSERT_TRUE(deliver({page("targets")}));
    EXPECT_EQ(owed(), 1u);
    refuses.status = 400;
    clock.steady = clock.steady.load() + core::Duration{120'000'000};
    clock.wall = clock.wall + second;
    ASSERT_TRUE(destination->retry_owed());
    kept = receptions();
    ASSERT_EQ(kept.size(), 2u);
    EXPECT_TRUE(kept[1].is_told) << "others took it before it was owed";
    EXPECT_EQ(kept[1].alert.label("module"), "targets");
}

TEST_F(AlertDestinationTest, a_page_that_nobody_was_told_of_goes_to_the_receiver_that_is_named_instead) {
    Hook wrong, right;
    wrong.status = 404;
    name("", wrong.url());
    (void)destination->retry_owed();
    ASSERT_TRUE(deliver_twice({page("features")})) << "it waits alone";
    ASSERT_TRUE(deliver_twice({resolved("features")}));
    ASSERT_EQ(owed(), 2u);
    settings = {};
    name("", right.url());
    EXPECT_EQ(destination->status().front().untold, 0u) << "nobody has looked yet";
    right.status = 503;
    EXPECT_EQ(*destination->retry_owed(), 0u);
    EXPECT_EQ(destination->status().front().untold, 2u) << "who asks after its health sees it";
    right.status = 200;
    pass(60);
    EXPECT_EQ(*destination->retry_owed(), 2u);
    EXPECT_EQ(right.came().front(), "features firing");
    EXPECT_EQ(right.came().back(), "features resolved") << "in their order";
    EXPECT_EQ(owed(), 0u);
}

TEST_F(AlertDestinationTest, what_is_owed_to_a_receiver_that_nobody_names_any_more_stays_and_is_said_once) {
    Hook hook;
    name(nobody(), hook.url());
    ASSERT_TRUE(deliver({alert("features")}));
    EXPECT_EQ(owed(), 1u);
    settings = {};
    name("", hook.url());
    EXPECT_EQ(*destination->retry_owed(), 0u);
    EXPECT_EQ(*destination->retry_owed(), 0u);
    EXPECT_EQ(owed(), 1u);
    const std::string all = all_said();
    EXPECT_THAT(all, HasSubstr("named no longer"));
    EXPECT_EQ(all.find("named no longer"), all.rfind("named no longer"));
}

TEST_F(AlertDestinationTest,
       who_is_named_anew_is_told_from_then_on_and_what_another_was_owed_is_kept_for_it) {
    Hook first, second_one;
    first.stop();
    name("", first.url() + " " + second_one.url());
    ASSERT_TRUE(deliver({alert("features")}));
    ASSERT_EQ(owed(), 1u);
    const auto held = [&] {
        std::size_t count = 0;
        for (const auto& one : destination->status()) count += one.held ? 1U : 0U;
        return count;
    };
    EXPECT_EQ(held(), 1u);
    Hook third;
    settings.set("webhook_url", {core::Secret(third.url()), "WH"});
    ASSERT_TRUE(deliver({alert("targets")}));
    EXPECT_THAT(third.came(), ElementsAre("targets firing"));
    EXPECT_THAT(second_one.came(), ElementsAre("features firing"));
    EXPECT_EQ(destination->status().size(), 1u) << "of who is asked no longer nothing is told for ever";
    EXPECT_EQ(held(), 0u);
    EXPECT_EQ(owed(), 1u);
    first.start(first.at);
    settings.set("webhook_url", {core::Secret(first.url()), "WH"});
    clock.steady = clock.steady.load() + core::Duration{120'000'000};
    EXPECT_EQ(*destination->retry_owed(), 1u) << "named again, it is sent what it is owed";
    EXPECT_THAT(first.came(), ElementsAre("features firing"));
    EXPECT_EQ(owed(), 0u);
}

TEST_F(AlertDestinationTest, a_damaged_file_is_set_aside_and_holds_nothing) {
    Hook hook;
    name("", hook.url());
    hook.stop();
    Owed files(spool::posix_file_system(), clock, options.owed_folder, 100);
    const std::string key = receivers(settings)->all[0].key;
    ASSERT_TRUE(files.add(key, alert("first")));
    ASSERT_TRUE(files.add(key, alert("second")));
    std::ofstream(files.list()->front().path) << "{";
    hook.start(hook.at);
    EXPECT_EQ(*destination->retry_owed(), 1u);
    EXPECT_THAT(hook.came(), ElementsAre("second firing"));
    EXPECT_THAT(all_said(), HasSubstr("is damaged and set aside"));
}

TEST_F(AlertDestinationTest, urls_that_are_none_are_refused_unseen_and_a_webhook_wants_a_secret) {
    const auto refuses = [&](const char* key, const std::string& value, const char* words) {
        config::Settings wrong;
        wrong.set(key, {core::Secret(value), "SETTING"});
        const auto found = receivers(wrong);
        ASSERT_FALSE(found) << value;
        EXPECT_EQ(found.error().kind, core::ErrorKind::configuration);
        EXPECT_THAT(found.error().message, HasSubstr(words));
        EXPECT_THAT(found.error().message, Not(HasSubstr("hunter2")));
    };
    refuses("alertmanager_url", "http://a:9093 hunter2:9093", "SETTING: entry 2 is no URL");
    refuses("alertmanager_url", "ftp://hunter2", "is no URL");
    refuses("webhook_url", "https://", "is no URL");
    refuses("webhook_url", "https://host/hunter2", "TRISTRATA_WEBHOOK_SECRET");
    EXPECT_FALSE(has_receivers({}));
    config::Settings named;
    named.set("alertmanager_url", {core::Secret(" http://u:hunter2@a:9093/am/ ,\nhttp://a/am/api/v2/alerts,"
                                                "http://a/am"),
                                   "SETTING"});
    const auto found = receivers(named);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->all.size(), 2u) << "the third is the second";
    EXPECT_EQ(found->all[0].shown, "http://a:9093/am/api/v2/alerts");
    EXPECT_EQ(found->all[1].url.reveal(), "http://a/am/api/v2/alerts");
}

namespace {

Alert digest_at(core::Timestamp due) {
    return {{{"alertname", std::string(digest_name)},
             {"module", "all"},
             {"drift_type", "any"},
             {"severity", "info"}},
            {{"summary", "Digest: 1 new"}, {"description", "features\n  new"}},
            due};
}

}  // namespace

TEST_F(AlertDestinationTest, a_digest_goes_to_webhooks_in_its_own_words_and_to_no_alertmanager) {
    servers::Alertmanager alertmanager;
    Hook hook;
    name(alertmanager.url(), hook.url());
    const auto settled = deliver({digest_at(clock.wall), alert("features")});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->stored, 2u);
    EXPECT_EQ(modules_of(alertmanager.alerts()), std::set<std::string>{"features"});
    EXPECT_THAT(hook.came(), ElementsAre("all firing", "features firing"));
    const auto body = nlohmann::json::parse(hook.bodies.at(0));
    EXPECT_EQ(body.at("title"), "Digest: 1 new");
    EXPECT_EQ(body.at("text"), "features\n  new");
    EXPECT_EQ(owed(), 0u);
}

TEST_F(AlertDestinationTest, digests_have_webhooks_of_their_own_where_those_are_named) {
    Hook pager, chat, both;
    settings.set("digest_url", {core::Secret(chat.url() + " " + both.url()), "DG"});
    name("", pager.url() + "," + both.url());
    const auto settled = deliver({alert("features"), digest_at(clock.wall)});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->stored, 2u);
    EXPECT_THAT(pager.came(), ElementsAre("features firing"));
    EXPECT_THAT(chat.came(), ElementsAre("all firing"));
    EXPECT_THAT(both.came(), ElementsAre("features firing", "all firing"));
}

TEST_F(AlertDestinationTest,
       a_page_does_not_wait_behind_a_digest_that_nobody_takes_and_the_digest_comes_late) {
    servers::Alertmanager alertmanager;
    Hook hook;
    const http::Address at = hook.at;
    hook.stop();
    name(alertmanager.url(), hook.url());
    const auto settled = deliver({digest_at(clock.wall), alert("features")});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->stored, 2u) << "the page was taken, and the digest is kept";
    EXPECT_EQ(modules_of(alertmanager.alerts()), std::set<std::string>{"features"});
    EXPECT_EQ(owed(), 2u);
    // Another process, after this one has died.
    name(alertmanager.url(), hook.url());
    hook.start(at);
    EXPECT_EQ(destination->retry_owed().value_or(0), 2u);
    EXPECT_THAT(hook.came(), ElementsAre("all firing", "features firing"));
    EXPECT_EQ(owed(), 0u);
    options.owed_folder.clear();
    name("", "");
    hook.stop();
    EXPECT_FALSE(deliver({digest_at(clock.wall)})) << "nowhere to keep it: it stays in the spool";
}

TEST_F(AlertDestinationTest, a_digest_without_any_webhook_is_dead_with_what_to_do) {
    servers::Alertmanager alertmanager;
    name(alertmanager.url(), "");
    const auto settled = deliver({alert("features"), digest_at(clock.wall)});
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->stored, 1u);
    ASSERT_EQ(settled->dead.size(), 1u);
    EXPECT_EQ(settled->dead[0].first, 1u);
    EXPECT_THAT(settled->dead[0].second.message, HasSubstr("TRISTRATA_DIGEST_URL"));
    config::Settings alone;
    alone.set("digest_url", {core::Secret("http://127.0.0.1:1/x"), "DG"});
    alone.set("webhook_secret", {core::Secret("k3y"), "WS"});
    EXPECT_FALSE(receivers(alone)) << "nobody would be paged";
}
