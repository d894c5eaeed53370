#include "tristrata/kill_switch/contract.hpp"

#include "servers/postgres_server.hpp"
#include "tristrata/database/postgres.hpp"
#include "tristrata/kill_switch/kill_switch.hpp"

#include <gtest/gtest.h>
#include <algorithm>

using namespace tristrata;
using namespace tristrata::kill_switch;

namespace {

class ContractTest : public ::testing::Test {
protected:
    ContractTest() {
        Place place;
        place.backend = config::Backend::postgresql;
        place.url = admin_;
        EXPECT_EQ(init(place, admin_, "contract_", core::system_clock()).value(), 2);
        database::PostgresOptions options;
        options.url = admin_;
        database_ = std::make_unique<database::Postgres>(options);
    }
    std::vector<ContractRule> check(const char* scope) {
        auto rules = check_contract(admin_, *parse_scope(scope));
        EXPECT_TRUE(rules) << (rules ? "" : rules.error().message);
        return rules.value_or(std::vector<ContractRule>());
    }
    /// The rules that do not hold once this was run.
    std::vector<std::string> broken_by(const std::string& sql) {
        EXPECT_TRUE(database_->run(sql)) << sql;
        std::vector<std::string> broken;
        for (const auto& rule : check("drill"))
            if (!rule.holds) broken.push_back(rule.rule);
        return broken;
    }

    servers::PostgresServer server_;
    core::SecretSource admin_{"TRISTRATA_ADMIN_URL",
                              [this] { return core::Result<core::Secret>(core::Secret(server_.url())); }};
    std::unique_ptr<database::Postgres> database_;
};

}  // namespace

TEST_F(ContractTest, the_tables_of_init_keep_each_rule_and_a_check_leaves_nothing) {
    for (const char* scope : {"drill", "global", "crypto:BTCUSDT"})
        for (const auto& rule : check(scope))
            EXPECT_TRUE(rule.holds) << scope << ": " << rule.rule << ": " << rule.found;
    EXPECT_EQ(check("drill").size(), 19u);
    EXPECT_EQ(database_->query("SELECT count(*) FROM kill_switch.history")->integer(0, 0), 0);
    EXPECT_EQ(database_->query("SELECT count(*) FROM kill_switch.state")->integer(0, 0), 0);
}

TEST_F(ContractTest, a_rule_that_the_tables_lost_is_named) {
    using Rules = std::vector<std::string>;
    EXPECT_EQ(
        broken_by("CREATE POLICY hole ON kill_switch.state FOR UPDATE TO contract_engager USING (true) WITH "
                  "CHECK (true)"),
        Rules{"who engages cannot disengage"});
    EXPECT_EQ(
        broken_by("DROP POLICY hole ON kill_switch.state; ALTER TABLE kill_switch.state DROP CONSTRAINT "
                  "a_person_disengages; ALTER TABLE kill_switch.history DROP CONSTRAINT a_person_disengages"),
        (Rules{"nobody disengages without a ticket", "nothing disengages automatically"}));
    EXPECT_EQ(
        broken_by(
            "ALTER TABLE kill_switch.state ADD CONSTRAINT a_person_disengages CHECK (engaged OR (source IN "
            "('cli', 'console', 'airflow') AND ticket IS NOT NULL)); DROP TRIGGER transitions_are_checked ON "
            "kill_switch.state"),
        Rules{"a version follows the one before"});
    EXPECT_EQ(broken_by("ALTER TABLE kill_switch.state DROP CONSTRAINT who_why_and_ticket_say_something"),
              (Rules{"blanks are no ticket", "blanks are no name", "blanks are no reason",
                     "a version follows the one before"}));
    EXPECT_EQ(broken_by("DROP TRIGGER transitions_are_kept ON kill_switch.state").front(),
              "history shows who looks what was engaged");
    EXPECT_EQ(broken_by("REVOKE SELECT ON kill_switch.state FROM contract_grafana_reader"),
              Rules{"who looks can read state and history"});
}

TEST_F(ContractTest, what_is_refused_as_it_should_be_reads_as_such) {
    const auto rules = check_contract(admin_, *parse_scope("drill"));
    ASSERT_TRUE(rules) << rules.error().message;
    std::size_t refused = 0;
    for (const auto& rule : *rules) {
        EXPECT_TRUE(rule.holds) << rule.rule << ": " << rule.found;
        for (const char* alarming : {"denied", "grant", "GRANT", "violates"})
            EXPECT_EQ(rule.found.find(alarming), std::string::npos) << rule.rule << ": " << rule.found;
        refused += rule.found == "refused by the database, as it should be" ? 1U : 0U;
    }
    EXPECT_EQ(refused, 12U);
}

TEST_F(ContractTest, what_cannot_be_checked_is_said) {
    ASSERT_TRUE(database_->run(
        "INSERT INTO kill_switch.state (scope, engaged, version, incident, episode, source, who, "
        "why) VALUES ('global', true, 1, 'i', 1, 'cli', 'w', 'y')"));
    const auto engaged = check_contract(admin_, *parse_scope("global"));
    ASSERT_FALSE(engaged);
    EXPECT_EQ(engaged.error().kind, core::ErrorKind::conflict);
    ASSERT_TRUE(database_->run("DROP SCHEMA kill_switch CASCADE"));
    const auto none = check_contract(admin_, *parse_scope("global"));
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("kill-switch init"), std::string::npos) << none.error().message;
}
