#include "tristrata/core/text.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/time.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// What is read as a time or an identifier is printed and read again as the same; what is cleaned is UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tristrata::core;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto time = parse_timestamp(text)) {
        const auto again = parse_timestamp(to_string(*time));
        if (!again || *again != *time) std::abort();
    }
    if (const auto uuid = parse_uuid(text)) {
        const auto again = parse_uuid(to_string(*uuid));
        if (!again || *again != *uuid) std::abort();
    }
    if (const auto range = parse_time_range(text);
        range && range->from && range->to && !(*range->from < *range->to))
        std::abort();
    if (!is_utf8(valid_utf8(text)) || !is_utf8(quoted(text))) std::abort();
    return 0;
}
