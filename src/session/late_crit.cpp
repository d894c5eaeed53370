#include "late_crit.hpp"

#include "tristrata/core/text.hpp"
#include "tristrata/drift/event.hpp"

#include <fmt/format.h>
#include <bit>

namespace tristrata::session {

core::Result<sink::Acknowledgement> LateCrit::append(std::span<const sink::Record> records) {
    auto taken = behind_.append(records);
    if (!taken || !notice_) return taken;
    const core::Timestamp from{clock_.now().microseconds - looked_back_.microseconds};
    std::uint64_t late = 0;
    for (const auto& record : records) {
        if (!record.crit || record.record_class != sink::RecordClass::drift) continue;
        const auto push = drift::decode(record);
        if (!push) continue;  // The store says what is wrong with it.
        for (const auto& event : push->events)
            late += event.severity == drift::Severity::crit && event.detected_at < from ? 1 : 0;
    }
    if (late == 0) return taken;
    std::uint64_t before = 0, all = 0;
    {
        const std::lock_guard lock(mutex_);
        before = count_;
        all = count_ += late;
    }
    if (std::bit_width(before) != std::bit_width(all))
        notice_(
            fmt::format("{} so far {} older than {}: stored, but no incident is made of {} and nobody is "
                        "paged; what is happening now is pushed with a time of now",
                        core::plural(all, "crit event"), all == 1 ? "is" : "are",
                        core::to_string(looked_back_), all == 1 ? "it" : "them"));
    return taken;
}

}  // namespace tristrata::session
