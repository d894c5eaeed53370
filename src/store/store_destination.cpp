#include "tristrata/store/store_destination.hpp"

namespace tristrata::store {
namespace {

using core::ErrorKind;

/// The store as a whole refused: no record of the batch is why, and the relay must not look for one.
core::Error of_the_store(core::Error error) {
    if (error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::refused ||
        error.kind == ErrorKind::limit_exceeded)
        error.kind = ErrorKind::storage;
    return error;
}

}  // namespace

core::Result<spool::Settlement> StoreDestination::deliver(const spool::Batch& batch) {
    if (!store_) {
        auto opened = opener_();
        if (!opened) return tl::unexpected(of_the_store(opened.error()));
        store_ = std::move(*opened);
    }
    auto result = store_->ingest(batch.records, BatchOrigin{batch.spool_id, batch.number, batch.to_row});
    if (!result) {
        store_.reset();
        return tl::unexpected(of_the_store(result.error()));
    }
    return spool::Settlement{result->stored, result->duplicate, std::move(result->dead), result->parked};
}

}  // namespace tristrata::store
