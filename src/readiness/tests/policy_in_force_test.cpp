#include "tristrata/readiness/policy_in_force.hpp"

#include "git_repository.hpp"
#include "tristrata/readiness/changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::readiness;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr const char* policy_file = "readiness.scope.toml";

/// A repository with a plan and owners, and a branch `work` that goes on from `main`.
struct Begun {
    Repository repository;
    explicit Begun(const std::string& policy = "") {
        repository.git("init -q");
        repository.write(plan_path, right_plan());
        repository.write("deploy/owners.toml", "[default]\nowner = \"somebody\"\nroute = \"x\"\n");
        if (!policy.empty()) repository.write(policy_file, policy);
        repository.commit("first");
        repository.git("checkout -q -b work");
    }
    [[nodiscard]] core::Result<PolicyInForce> in_force(const std::string& base = "main") const {
        return policy_in_force(repository.root(), "", *ancestor_of(repository.root(), base, "HEAD"), "");
    }
    /// The change set's own policy, committed.
    [[nodiscard]] core::Result<PolicyInForce> with(const std::string& policy) const {
        repository.write(policy_file, policy);
        repository.commit("a policy");
        return in_force();
    }
    [[nodiscard]] Verdict verdict(const PolicyInForce& counts) const {
        auto request = request_of(repository);
        request.changed = *changed_paths(repository.root(), "main", "HEAD");
        request.ancestor = *ancestor_of(repository.root(), "main", "HEAD");
        request.policy_file = counts.file;
        request.policy_whose = counts.whose;
        const auto facts = read_facts(counts.policy, request.root, request.ancestor);
        if (!facts) throw std::runtime_error(facts.error().message);
        return *evaluate(request, counts.policy, &*facts);
    }
};

constexpr const char* torn = "[[scope]]\npaths = [\n";

}  // namespace

// "moves nothing that guards": of each key of the file.
TEST(PolicyInForce, a_first_policy_may_ask_for_more_and_for_less_never) {
    const Begun begun;
    const auto counts = begun.with(R"(stories = "docs/stories"
template = ""
[[scope]]
paths = ["src/training/**", "new/**"]
sections = []
reason = "nothing"
[[scope]]
paths = ["src/backtest/**"]
sections = ["3"]
reason = "more"
[minima]
shadow_days = 14
sunset_days = 1
cryptos = ["LATER"]
[minima.psi]
warn = 5
crit = 6
[minima.performance_gap]
warn = 5
crit = 6
[teams]
somebody = ["@maria"]
[places]
rules = ["docs/rules/*.yml"]
rule_tests = ["docs/rules/*.yml"]
runbooks = ["docs"]
runbook_headings = ["Purpose"]
metrics = ["win_rate"]
addresses = ["https://example.com"]
owners = ""
[[removed]]
section = 3
adr = "docs/adr/0080.md"
)");
    ASSERT_TRUE(counts) << counts.error().message;
    const Policy& both = counts->policy;
    const Policy own = Policy::defaults();
    EXPECT_THAT(counts->whose, HasSubstr("which may only ask for more"));
    EXPECT_EQ(both.stories, own.stories);
    EXPECT_EQ(both.template_file, own.template_file);
    EXPECT_THAT(both.removed, IsEmpty());
    EXPECT_EQ(both.shadow_days_min, 14.0);
    EXPECT_EQ(both.sunset_days, 90);
    EXPECT_THAT(both.cryptos, IsEmpty());
    EXPECT_EQ(both.psi.crit, 0.5);
    EXPECT_EQ(both.performance_gap.crit, 0.10);
    EXPECT_THAT(both.teams, IsEmpty());
    EXPECT_EQ(both.places.rules, own.places.rules);
    EXPECT_EQ(both.places.rule_tests, own.places.rule_tests);
    EXPECT_EQ(both.places.runbooks, own.places.runbooks);
    EXPECT_THAT(both.places.runbook_headings,
                ElementsAre("Meaning", "Impact", "Diagnosis", "Mitigation", "Purpose"));
    EXPECT_THAT(both.places.metrics, IsEmpty());
    EXPECT_THAT(both.places.addresses, IsEmpty());
    EXPECT_EQ(both.places.owners, "deploy/owners.toml");
    EXPECT_EQ(shown(scope_of(both, {"src/backtest/a.py"}).sections), "§1, §2, §3, §5");
    EXPECT_EQ(shown(scope_of(both, {"src/training/a.py"}).sections), shown(SectionSet::all()));
    const auto fresh = scope_of(both, {"new/a.py"});
    EXPECT_EQ(fresh.unknown, 1u);
    EXPECT_THAT(fresh.paths[0].reason, HasSubstr("\"new/**\" of a policy that the base does not have yet"));
}

TEST(PolicyInForce, a_first_policy_does_not_say_who_owns_what) {
    for (const char* policy : {"[places]\nowners = \"\"\n", "[teams]\nsomebody = [\"@maria\"]\n",
                               "[places]\nowners = \"docs/owners.toml\"\n"}) {
        const Begun begun;
        begun.repository.write("docs/owners.toml", "[default]\nowner = \"maria\"\nroute = \"x\"\n");
        begun.repository.write("src/training/fit.py", "x\n");
        begun.repository.write(plan_path, right_plan() + "\n");
        const auto counts = begun.with(policy);
        ASSERT_TRUE(counts) << counts.error().message;
        EXPECT_THAT(found_in(begun.verdict(*counts).outcomes.at(0)), testing::Contains("RDY620")) << policy;
        // Once it is at the base, it does.
        begun.repository.git("branch -f main HEAD");
        begun.repository.write("src/training/fit.py", "y\n");
        begun.repository.write(plan_path, right_plan() + "\n\n");
        begun.repository.commit("the next");
        EXPECT_THAT(found_in(begun.verdict(*begun.in_force()).outcomes.at(0)),
                    testing::Not(testing::Contains("RDY620")))
            << policy;
    }
    // Where the base has no owners, those that the file names are more than none.
    const Begun begun;
    begun.repository.git("rm -q deploy/owners.toml");
    begun.repository.commit("no owners");
    begun.repository.git("branch -f main HEAD");
    EXPECT_EQ(begun.with("[places]\nowners = \"docs/owners.toml\"\n")->policy.places.owners,
              "docs/owners.toml");
    EXPECT_EQ(begun.with("[places]\nowners = \"\"\n")->policy.places.owners, "deploy/owners.toml");
}

TEST(PolicyInForce, what_brings_the_gate_brings_its_places_and_teams) {
    for (const char* gate : {"", ".github/workflows/readiness.yml", "deploy/owners.toml",
                             "documentation/templates/TEMPLATE_mlops_readiness.md",
                             "documentation/stories/CVN-1/mlops_readiness.md"}) {
        const Repository repository;
        repository.git("init -q");
        repository.write("src/training/fit.py", "x\n");
        if (*gate != '\0') repository.write(gate, "x\n");
        repository.commit("first");
        repository.git("checkout -q -b work");
        repository.write(policy_file,
                         "[[scope]]\npaths = [\"**\"]\nsections = []\nreason = \"x\"\n"
                         "[teams]\nsomebody = [\"@maria\"]\n");
        repository.commit("a policy alone");
        const auto alone =
            policy_in_force(repository.root(), "", *ancestor_of(repository.root(), "main", "HEAD"), "");
        ASSERT_TRUE(alone) << alone.error().message;
        EXPECT_TRUE(alone->policy.teams.empty()) << gate;
        repository.write("documentation/templates/TEMPLATE_mlops_readiness.md", "y\n");
        repository.commit("the gate");
        const auto counts =
            policy_in_force(repository.root(), "", *ancestor_of(repository.root(), "main", "HEAD"), "");
        ASSERT_TRUE(counts) << counts.error().message;
        EXPECT_EQ(counts->policy.teams.empty(), *gate != '\0') << gate;
        EXPECT_EQ(shown(scope_of(counts->policy, {"src/training/fit.py"}).sections), shown(SectionSet::all()))
            << "what a path asks for is asked for";
    }
}

TEST(PolicyInForce, a_change_set_that_breaks_the_policy_is_refused_before_it_is_merged) {
    for (const std::string broken :
         {torn, "[minima]\nshadow_days = \"ten\"\n", "[places]\nrulez = []\n",
          "[[scope]]\npaths = [\"/src/**\"]\nsections = [\"all\"]\nreason = \"x\"\n"}) {
        const Begun begun("[minima]\nshadow_days = 14\n");
        ASSERT_TRUE(begun.in_force());
        const auto counts = begun.with(broken);
        ASSERT_FALSE(counts) << broken;
        EXPECT_EQ(core::traits(counts.error().kind).exit_code, 2);
        EXPECT_THAT(counts.error().message,
                    AllOf(HasSubstr("readiness.scope.toml (HEAD)"), HasSubstr("the change set makes it so"),
                          HasSubstr("mend it before")));
    }
    // A link in its place could be read by nobody either; a file that is gone leaves ADR-0070's own.
    const Begun begun("[minima]\nshadow_days = 14\n");
    begun.repository.git("rm -q readiness.scope.toml");
    begun.repository.commit("none");
    EXPECT_EQ(begun.in_force()->policy.shadow_days_min, 14.0);
    fs::create_symlink(plan_path, begun.repository.root() / policy_file);
    begun.repository.commit("a link");
    EXPECT_FALSE(begun.in_force());
}

TEST(PolicyInForce, one_that_cannot_be_read_at_the_base_can_be_mended) {
    const Begun begun(torn);
    begun.repository.write("src/training/fit.py", "x\n");
    begun.repository.commit("another change");
    auto counts = begun.in_force();
    ASSERT_FALSE(counts);
    EXPECT_EQ(core::traits(counts.error().kind).exit_code, 2);
    EXPECT_THAT(counts.error().message,
                AllOf(HasSubstr("so it stands at the base"),
                      HasSubstr("expected a change set of readiness.scope.toml alone, or with its ADR")));
    // Nor is anything else let through with the mend: where plans lay cannot be told.
    counts = begun.with("[minima]\nshadow_days = 3\n");
    ASSERT_FALSE(counts);
    EXPECT_THAT(counts.error().message, HasSubstr("this one changes \"src/training/fit.py\", too"));
    begun.repository.git("rm -q src/training/fit.py");
    begun.repository.write("docs/adr/0081-the-mend.md", "# Why\n\nA bracket was never closed.\n");
    counts = begun.with(torn + std::string("# still\n"));
    ASSERT_FALSE(counts);
    EXPECT_THAT(counts.error().message, HasSubstr("nor could it be read at the base"));
    // By what both ask.
    for (const auto& [days, asked] : {std::pair{3, 7.0}, std::pair{21, 21.0}}) {
        counts = begun.with("stories = \"x\"\n[minima]\nshadow_days = " + std::to_string(days) + "\n");
        ASSERT_TRUE(counts) << counts.error().message;
        EXPECT_EQ(counts->policy.shadow_days_min, asked);
        EXPECT_EQ(counts->policy.stories, "documentation/stories");
        EXPECT_THAT(counts->whose, AllOf(HasSubstr("ADR-0070's own, and the mended one beside it"),
                                         HasSubstr("cannot be read, and this change set mends it")));
        EXPECT_EQ(begun.verdict(*counts).exit_code(), 0) << to_text(begun.verdict(*counts));
    }
    begun.repository.git("rm -q readiness.scope.toml");
    begun.repository.commit("none");
    ASSERT_TRUE(begun.in_force());
    EXPECT_THAT(begun.in_force()->whose, testing::StartsWith("ADR-0070's own: readiness.scope.toml"));
    // A plan is no decision, wherever it lies.
    begun.repository.write("docs/adr/A/mlops_readiness.md", "x\n");
    begun.repository.commit("a plan");
    EXPECT_FALSE(begun.in_force());
}

// Neither by its own name, nor as the default; what is merged counts.
TEST(PolicyInForce, no_change_set_makes_its_author_the_owner) {
    const Begun begun;
    const std::string owners = "deploy/owners.toml";
    begun.repository.write(plan_path, right_plan() + "\n");
    const auto owned = [&] {
        begun.repository.commit("owners");
        std::vector<std::string> messages;
        for (const auto& outcome : begun.verdict(*begun.in_force()).outcomes)
            for (const auto& one : outcome.findings)
                if (one.rule->id == "RDY620") messages.push_back(one.message);
        return messages;
    };
    for (const char* text :
         {"[default]\nowner = \"maria\"\nroute = \"x\"\n",
          "[default]\nowner = \"somebody\"\nroute = \"x\"\n[modules.\"*\"]\nowner = \"maria\"\n"}) {
        begun.repository.write(owners, text);
        const auto messages = owned();
        ASSERT_FALSE(messages.empty()) << text;
        EXPECT_THAT(messages[0],
                    testing::AllOf(testing::HasSubstr("belongs to \"somebody\""),
                                   testing::HasSubstr("in owners.toml as it stands at the base (")));
    }
    // One that cannot be read is none, here as there.
    begun.repository.write(owners, "[default\n");
    begun.repository.commit("torn");
    const std::string ancestor = *ancestor_of(begun.repository.root(), "main", "HEAD");
    EXPECT_FALSE(read_facts(Policy::defaults(), begun.repository.root(), ancestor));
    // Merged it counts, and where the base has none the first one does.
    begun.repository.write(owners, "[default]\nowner = \"maria\"\nroute = \"x\"\n");
    begun.repository.commit("mended");
    for (const bool merged : {true, false}) {
        begun.repository.git("checkout -q main");
        if (merged) begun.repository.git("checkout -q work -- deploy");
        else begun.repository.git("rm -q " + owners);
        begun.repository.commit("the base");
        begun.repository.git("checkout -q -B next");
        begun.repository.git("checkout -q work -- deploy");
        begun.repository.write(plan_path, right_plan() + "\n");
        EXPECT_THAT(owned(), testing::IsEmpty()) << merged;
    }
}
