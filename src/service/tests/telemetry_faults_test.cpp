#include "telemetry_faults.hpp"

#include <gtest/gtest.h>

namespace tristrata::service {
namespace {

using telemetry::Fault;
using telemetry::play;

TEST(TelemetryFaults, none_of_them_is_evidence_of_anything_but_itself) {
    for (std::size_t kind = 0; kind < telemetry::fault_count; ++kind)
        for (unsigned seed = 0; seed < 12; ++seed) {
            const auto played = play(static_cast<Fault>(kind), seed);
            EXPECT_FALSE(played.engages) << telemetry::fault_names[kind] << ", seed " << seed;
        }
}

TEST(TelemetryFaults, people_are_told_and_the_evaluation_says_why_nothing_engages) {
    for (const auto& [fault, why] : {std::pair{Fault::frozen, "hold one value alone"},
                                     std::pair{Fault::copied, "stuck, copied or filled in"},
                                     std::pair{Fault::zeros, "stuck, copied or filled in"}}) {
        const auto played = play(fault, 7);
        EXPECT_TRUE(played.is_crit) << why;
        EXPECT_NE(played.why_not.find("not drift (\"v\": "), std::string::npos) << played.why_not;
        EXPECT_NE(played.why_not.find(why), std::string::npos) << played.why_not;
    }
}

TEST(TelemetryFaults, what_moved_by_itself_engages) {
    for (const Fault fault : {Fault::moved, Fault::fell})
        for (unsigned seed = 0; seed < 12; ++seed) {
            const auto played = play(fault, seed);
            EXPECT_TRUE(played.engages) << telemetry::fault_names[static_cast<std::size_t>(fault)]
                                        << ", seed " << seed << ": " << played.why_not;
        }
    EXPECT_FALSE(play(Fault::none, 3).is_crit);
}

}  // namespace
}  // namespace tristrata::service
