#pragma once

#include "tristrata/store/store.hpp"

#include <mutex>

namespace tristrata::store {

/// A sink without a spool: an append is committed by the store before it returns.
///
/// Errors    What the store says; refused for a record of another layer. All records of an append are one
/// transaction.
class StoreSink final : public sink::Sink {
public:
    StoreSink(Store& store, sink::RecordClass record_class) : store_(store), record_class_(record_class) {}
    [[nodiscard]] core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override;
    [[nodiscard]] core::Status flush() override { return {}; }

private:
    Store& store_;
    sink::RecordClass record_class_;
    std::mutex mutex_;
};

}  // namespace tristrata::store
