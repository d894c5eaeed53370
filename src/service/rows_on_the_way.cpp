#include "rows_on_the_way.hpp"

#include <algorithm>

namespace tristrata::service {
namespace {

std::optional<core::Timestamp> earlier(std::optional<core::Timestamp> one,
                                       std::optional<core::Timestamp> other) {
    if (!one || !other) return one ? one : other;
    return std::min(*one, *other);
}

}  // namespace

std::optional<core::Timestamp> RowsOnTheWay::since(const std::string& store, core::Timestamp not_before) {
    const std::lock_guard lock(mutex_);
    const core::Timestamp now = clock_.now();
    const bool is_fresh =
        looked_at_ && *looked_at_ >= not_before && *looked_at_ <= now && now < *looked_at_ + look_again;
    if (!is_fresh) {
        kpi_.reset();
        drift_.reset();
        if (const auto slots = spool::status(files_, root_); slots)
            for (const auto& slot : *slots) {
                kpi_ = earlier(kpi_, slot.classes[spool::place(sink::RecordClass::kpi)].pending_since);
                drift_ = earlier(drift_, slot.classes[spool::place(sink::RecordClass::drift)].pending_since);
            }
        looked_at_ = now;
    }
    if (store == "kpi") return kpi_;
    return store == "drift" ? drift_ : earlier(kpi_, drift_);
}

}  // namespace tristrata::service
