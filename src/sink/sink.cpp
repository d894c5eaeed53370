#include "tristrata/sink/sink.hpp"

namespace tristrata::sink {

std::string_view name(RecordClass record_class) noexcept {
    switch (record_class) {
        case RecordClass::kpi:
            return "kpi";
        case RecordClass::drift:
            return "drift";
        case RecordClass::event:
            return "event";
        case RecordClass::alert:
            return "alert";
        case RecordClass::object:
            return "object";
        case RecordClass::engage:
            return "engage";
    }
    return "unknown";
}

core::Error repeatable(core::Error error, const core::Uuid& event_id, core::Timestamp time) {
    if (error.kind == core::ErrorKind::possibly_persisted)
        error.message += "; repeat it harmlessly with event_id " + core::to_string(event_id) + " and time " +
                         core::to_string(time);
    return error;
}

std::string_view name(Durability durability) noexcept {
    switch (durability) {
        case Durability::memory:
            return "memory";
        case Durability::process:
            return "process";
        case Durability::disk:
            return "disk";
        case Durability::committed:
            return "committed";
    }
    return "unknown";
}

}  // namespace tristrata::sink
