#include "tristrata/drift/event.hpp"
#include "tristrata/store/retention.hpp"

namespace tristrata::store {

std::optional<core::Uuid> push_id_of(const PushedReport& report) {
    const auto id = core::parse_uuid(report.report_id);
    if (!id) return std::nullopt;
    return drift::push_identity(*id, report.module, report.run_id);
}

}  // namespace tristrata::store
