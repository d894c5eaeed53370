#include "tristrata/readiness/check.hpp"
#include "tristrata/readiness/policy.hpp"
#include "tristrata/readiness/rendering.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

// A plan is read or refused with a message; one that is read is judged, its findings lie on lines that it
// has, and each form of the answer is made.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tristrata::readiness;
    const std::string text(reinterpret_cast<const char*>(data), size);
    static const Policy policy = Policy::defaults();
    for (auto* parse : {&parse_plan, &parse_issue}) {
        const auto plan = (*parse)(text, "plan.md");
        if (!plan) {
            if (plan.error().message.empty()) std::abort();
            continue;
        }
        CheckOptions options;
        options.now = {1'778'371'200'000'000};
        options.policy = &policy;
        Verdict verdict;
        verdict.at = options.now;
        verdict.outcomes.push_back(check(*plan, options));
        const auto lines =
            static_cast<std::size_t>(std::ranges::count(text, '\n') + std::ranges::count(text, '\r')) + 1;
        for (const auto& finding : verdict.outcomes[0].findings)
            if (finding.line > lines || finding.message.empty()) std::abort();
        if (to_json(verdict).empty() || to_sarif(verdict).empty() || to_comment(verdict).empty())
            std::abort();
        (void)to_github(verdict);
        (void)to_junit(verdict);
        (void)to_text(verdict);
    }
    // As paths and patterns.
    const auto half = text.substr(0, size / 2), rest = text.substr(size / 2);
    (void)matches(half, rest);
    for (const auto& reading : readings_of(half.substr(0, 200))) (void)matches(reading, rest);
    (void)Policy::parse(text, "readiness.scope.toml");
    return 0;
}
