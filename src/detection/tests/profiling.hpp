#pragma once

#include "comparing.hpp"
#include "tristrata/detection/profile.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace tristrata::profiling {

using namespace tristrata::checking;
using detection::Plan;
using detection::Profile;
using detection::ProfileOptions;

inline constexpr std::int64_t hour = 3'600'000'000;
inline constexpr std::int64_t first_hour = 1'672'531'200'000'000;  // 2023-01-01, a Sunday.

inline Profile profiled(dataset::Source& source, const Plan& plan, const ProfileOptions& options = {},
                        std::optional<core::TimeRange> window = std::nullopt) {
    auto made = detection::profile({&source, window}, plan, options, {});
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return *made;
}

/// Through its bytes, as a file would hold it.
inline Profile saved(const Profile& profile) {
    auto read = detection::read_profile(profile.bytes(), "test.profile", {});
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return *read;
}

/// A report without what a profile may change of it: the reference's name and version, and the id made of it.
inline std::string but_for_the_version(drift::Report report) {
    report.reference.source = "reference";
    report.reference.version = "version";
    report.report_id = drift::report_identity(report);
    return drift::to_json(report);
}

/// Numbers with missing and infinite ones, few values, many equal ones, labels and flags: whatever a check
/// looks at, hour by hour.
inline std::vector<MemoryColumn> table(std::size_t rows, std::uint64_t stream, double shift,
                                       std::int64_t from = first_hour) {
    stats::Random random(91, stream);
    std::vector<std::int64_t> times(rows);
    std::vector<double> normal(rows), holed(rows), few(rows), zeros(rows), walk(rows);
    std::vector<std::string> words(rows), ids(rows);
    double level = 0.0;
    for (std::size_t i = 0; i < rows; ++i) {
        times[i] = from + static_cast<std::int64_t>(i) * hour;
        normal[i] = shift + random.normal();
        holed[i] = random.below(10) == 0 ? NAN : random.below(50) == 0 ? INFINITY : random.normal();
        few[i] = static_cast<double>(random.below(7));
        zeros[i] = random.below(3) != 0 ? (random.below(2) == 0 ? 0.0 : -0.0) : shift + random.normal();
        level = 0.6 * level + random.normal();
        walk[i] = level;
        words[i] = random.below(4) == 0 ? "rare" + std::to_string(random.below(6)) : "often";
        ids[i] = std::to_string(stream) + "-" + std::to_string(i);
    }
    return {{"t", times},     {"normal", normal}, {"holed", holed}, {"few", few},
            {"zeros", zeros}, {"walk", walk},     {"words", words}, {"id", ids}};
}

inline Plan plan_of_table() {
    Plan plan;
    plan.time = "t";
    plan.column["id"].role = drift::Role::key;
    plan.column["words"].sensitive = true;
    plan.column["few"].kind = drift::Kind::categorical;
    return plan;
}

}  // namespace tristrata::profiling
