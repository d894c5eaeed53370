#pragma once

#include "tristrata/relay/destination.hpp"
#include "tristrata/store/store.hpp"

#include <functional>
#include <memory>

namespace tristrata::store {

/// Where a spool's records of a layer end: a store, opened when something is first delivered and again after
/// each failure.
///
/// Errors    What the store says. None names a record: the store isolates those itself, and they are in the
///           settlement.
class StoreDestination final : public relay::Destination {
public:
    using Opener = std::function<core::Result<std::unique_ptr<Store>>()>;
    StoreDestination(sink::RecordClass record_class, Opener opener)
        : record_class_(record_class), opener_(std::move(opener)) {}
    [[nodiscard]] sink::RecordClass record_class() const noexcept override { return record_class_; }
    [[nodiscard]] core::Result<spool::Settlement> deliver(const spool::Batch& batch) override;

private:
    sink::RecordClass record_class_;
    Opener opener_;
    std::unique_ptr<Store> store_;
};

}  // namespace tristrata::store
