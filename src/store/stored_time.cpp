#include "stored_time.hpp"

#include <fmt/format.h>

namespace tristrata::store {

using core::ErrorKind;
using core::fail;

std::string stored_time(core::Timestamp time) {
    const std::int64_t fraction = ((time.microseconds % 1'000'000) + 1'000'000) % 1'000'000;
    const std::string whole = core::to_string(core::Timestamp{time.microseconds - fraction});
    return fmt::format("{}.{:06}Z", whole.substr(0, 19), fraction);
}

core::Result<core::Timestamp> read_time(const std::string& text) {
    auto time = core::parse_timestamp(text);
    if (!time)
        return fail(ErrorKind::storage,
                    fmt::format("the store holds the time {}, which it never wrote", text));
    return time;
}

}  // namespace tristrata::store
