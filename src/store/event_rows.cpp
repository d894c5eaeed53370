#include "tristrata/store/event_rows.hpp"

#include <array>
#include <bit>

namespace tristrata::store {
namespace {

using enum ColumnType;

constexpr std::array kpi_event_columns{
    EventColumn{"time", time, false},        EventColumn{"run_id", text, true},
    EventColumn{"module", text, false},      EventColumn{"dag_node", text, true},
    EventColumn{"metric_name", text, false}, EventColumn{"metric_value", real, true},
    EventColumn{"tags", json, true},         EventColumn{"duration_ms", integer, true},
    EventColumn{"success", boolean, true},   EventColumn{"event_id", uuid, false},
    EventColumn{"emit_id", uuid, false},     EventColumn{"emit_seq", integer, false}};
constexpr std::array drift_event_columns{
    EventColumn{"id", integer, false},        EventColumn{"event_id", uuid, false},
    EventColumn{"report_id", uuid, true},     EventColumn{"run_id", text, true},
    EventColumn{"module", text, false},       EventColumn{"drift_type", text, false},
    EventColumn{"metric", text, false},       EventColumn{"reference_value", real, true},
    EventColumn{"current_value", real, true}, EventColumn{"significance", real, true},
    EventColumn{"severity", text, false},     EventColumn{"payload", json, true},
    EventColumn{"detected_at", time, false}};

}  // namespace

std::span<const EventColumn> event_columns(Layer layer) noexcept {
    if (layer == Layer::kpi) return kpi_event_columns;
    return drift_event_columns;
}

std::size_t time_column(Layer layer) noexcept {
    return layer == Layer::kpi ? 0 : drift_event_columns.size() - 1;
}

std::size_t id_column(Layer layer) noexcept { return layer == Layer::kpi ? 9 : 1; }

void RowDigest::add(const EventRow& row) {
    const auto big_endian = [this](std::uint64_t bits) {
        for (int shift = 56; shift >= 0; shift -= 8) bytes_ += static_cast<char>((bits >> shift) & 0xffu);
    };
    for (const EventValue& value : row) {
        bytes_ += static_cast<char>(value.index());
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            big_endian(static_cast<std::uint64_t>(*number));
        } else if (const auto* real_number = std::get_if<double>(&value)) {
            big_endian(std::bit_cast<std::uint64_t>(*real_number));
        } else if (const auto* words = std::get_if<std::string>(&value)) {
            big_endian(words->size());
            bytes_ += *words;
        }
    }
    sha256_.update(bytes_);
    bytes_.clear();  // Its room stays.
}

}  // namespace tristrata::store
