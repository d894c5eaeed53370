#include "tristrata/objects/object_destination.hpp"

#include "tristrata/sink/object_record.hpp"

#include <algorithm>
#include <vector>

namespace tristrata::objects {
namespace {

using core::ErrorKind;

/// The place as a whole refused: no record of the batch is why, and the relay must not look for one.
core::Error of_the_place(core::Error error) {
    if (error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::refused ||
        error.kind == ErrorKind::limit_exceeded)
        error.kind = ErrorKind::storage;
    return error;
}

core::Result<Put> put(ObjectStore& store, const sink::Record& record) {
    auto object = sink::decode_object(record);
    if (!object) return propagate(object);
    return store.put_new(sink::content_key(object->sha256), object->bytes);
}

}  // namespace

core::Result<spool::Settlement> ObjectDestination::deliver(const spool::Batch& batch) {
    if (!store_) {
        auto opened = opener_();
        if (!opened) return tl::unexpected(of_the_place(opened.error()));
        store_ = std::move(*opened);
    }
    spool::Settlement settlement;
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        const auto done = put(*store_, batch.records[i]);
        if (done) ++(*done == Put::stored ? settlement.stored : settlement.duplicate);
        else if (done.error().kind == ErrorKind::invalid_input || done.error().kind == ErrorKind::conflict)
            settlement.dead.emplace_back(i, done.error());
        else {
            store_.reset();
            return tl::unexpected(of_the_place(done.error()));
        }
    }
    return settlement;
}

core::Result<ObjectStore*> ObjectSink::store() {
    const std::lock_guard lock(opening_);
    if (!store_) {
        auto opened = opener_();
        if (!opened) return propagate(opened);
        store_ = std::move(*opened);
    }
    return store_.get();
}

core::Result<sink::Acknowledgement> ObjectSink::append(std::span<const sink::Record> records) {
    const auto is_object = [](const sink::Record& record) {
        return record.record_class == sink::RecordClass::object;
    };
    if (std::ranges::none_of(records, is_object)) return behind_.append(records);
    std::vector<sink::Record> others;
    std::uint64_t objects = 0;
    for (const auto& record : records) {
        if (!is_object(record)) {
            others.push_back(record);
            continue;
        }
        auto store = this->store();
        if (!store) return propagate(store);
        if (auto done = put(**store, record); !done) return propagate(done);
        ++objects;
    }
    auto acknowledged = behind_.append(others);
    // One that was there already is stored, as a batch is that was committed before.
    if (acknowledged) acknowledged->stored += objects;
    return acknowledged;
}

}  // namespace tristrata::objects
