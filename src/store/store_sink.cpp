#include "tristrata/store/store_sink.hpp"

#include <fmt/format.h>

namespace tristrata::store {

core::Result<sink::Acknowledgement> StoreSink::append(std::span<const sink::Record> records) {
    for (const auto& record : records)
        if (record.record_class != record_class_)
            return core::fail(core::ErrorKind::refused,
                              fmt::format("this store takes records of class {}, not {}",
                                          sink::name(record_class_), sink::name(record.record_class)));
    const std::lock_guard lock(mutex_);
    auto result = store_.ingest(records, std::nullopt);
    if (!result) return propagate(result);
    if (!result->dead.empty()) return tl::unexpected<core::Error>(result->dead.front().second);
    return sink::Acknowledgement{sink::Durability::committed, result->stored, result->duplicate,
                                 result->parked};
}

}  // namespace tristrata::store
