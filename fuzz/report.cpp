#include "tristrata/drift/report.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// A report that is read is written and read again as the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tristrata::drift;
    const auto report = parse_report(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!report) return 0;
    const std::string written = to_json(*report);
    const auto again = parse_report(written);
    if (!again || to_json(*again) != written) std::abort();
    return 0;
}
