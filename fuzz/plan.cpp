#include "tristrata/detection/plan.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

// A plan is read or refused with a message; one that is read and valid has a digest that does not change.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tristrata::detection;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto plan = parse_plan(text, "plan.toml");
    if (!plan) {
        if (plan.error().message.empty()) std::abort();
        return 0;
    }
    const auto again = parse_plan(text, "plan.toml");
    if (validate(*plan) && (!again || digest(*plan) != digest(*again))) std::abort();
    return 0;
}
