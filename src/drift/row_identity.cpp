#include "row_identity.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>

namespace tristrata::drift {

using core::ErrorKind;
using core::fail;

namespace {
constexpr std::size_t name_bytes_max = 200;
}  // namespace

core::Status check_name(std::string_view what, std::string_view value) {
    if (value.empty())
        return fail(ErrorKind::refused,
                    fmt::format("the {} is empty; name the part of the pipeline that is meant", what));
    if (value.size() > name_bytes_max)
        return fail(ErrorKind::refused, fmt::format("the {} {} has {} bytes; at most {} are allowed", what,
                                                    core::quoted(value, 40), value.size(), name_bytes_max));
    if (!core::is_utf8(value))
        return fail(ErrorKind::refused, fmt::format("the {} {} is not UTF-8", what, core::quoted(value, 40)));
    if (value.find('\0') != std::string_view::npos)
        return fail(ErrorKind::refused,
                    fmt::format("the {} {} holds the character U+0000, which no store of PostgreSQL keeps",
                                what, core::quoted(value, 40)));
    return {};
}

core::Status check_run(const std::optional<std::string>& run_id) {
    return run_id && !run_id->empty() ? check_name("run_id", *run_id) : core::Status();
}

core::Status check_time(core::Timestamp time) {
    constexpr core::Timestamp first{946'684'800'000'000}, end{4'102'444'800'000'000};
    if (first <= time && time < end) return {};
    return fail(ErrorKind::refused,
                fmt::format("the time {} lies outside {} to {}; a clock that is not set, or a time that was "
                            "never filled in, is no time at which something was detected",
                            core::to_string(time), core::to_string(first), core::to_string(end)));
}

/// Names may hold anything, so that their parts are written as JSON before they are hashed.
core::Uuid row_identity(const core::Uuid& report_id, std::string_view module,
                        const std::optional<std::string>& run_id, std::string_view column,
                        std::string_view kind, const std::optional<GroupName>& group) {
    core::JsonWriter name;
    name.begin_array();
    name.value(core::to_string(report_id));
    name.value(module);
    name.value(run_id);
    name.value(column);
    name.value(kind);
    if (group) {
        name.value(group->by);
        name.value(group->label);
    }
    name.end_array();
    return core::uuid_v5(core::tristrata_namespace(), name.take());
}

}  // namespace tristrata::drift
