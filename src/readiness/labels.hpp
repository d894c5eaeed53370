#pragma once

#include <string_view>
#include <vector>

// By which words of a label each field is read: by the rules that own it, and by those that look at what
// stands below it.
namespace tristrata::readiness::labels {

using Words = std::vector<std::string_view>;

inline const Words psi{"psi", "population stability index"};
inline const Words performance_gap{"performance gap", "perf gap", "perf-gap",
                                   "performance-gap", "perf_gap", "performance_gap"};
inline const Words shadow{"shadow"};
inline const Words canary{"canary"};
inline const Words full_rollout{"full rollout", "full", "general availability", "100"};
inline const Words lever{"lever"};
inline const Words rehearsal{"rehearsed", "rehearsal", "drill"};
inline const Words dri{"dri"};
inline const Words owner{"owner"};  ///< Of section 6 where no line says DRI.
inline const Words no_dri{"backup", "deputy", "former", "previous", "term", "accountable"};
inline const Words sunset{"sunset"};
/// A line with a session and one of these is one of the review, whatever its label is.
inline const Words review{"session", "review", "reviewed", "committee", "reviewed by committee"};

}  // namespace tristrata::readiness::labels
