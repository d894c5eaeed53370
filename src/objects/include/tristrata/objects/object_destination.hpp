#pragma once

#include "tristrata/objects/object_store.hpp"
#include "tristrata/relay/destination.hpp"
#include "tristrata/sink/sink.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace tristrata::objects {

/// Opened when it is first needed.
using Opener = std::function<core::Result<std::unique_ptr<ObjectStore>>()>;

/// Where a spool's object records end: each becomes an object named by its content. One that is there already
/// is a duplicate; a record that is none, or a key under which other bytes are, is a dead letter.
///
/// Errors    What the store of objects says, and what its opening says: the records wait then.
class ObjectDestination final : public relay::Destination {
public:
    explicit ObjectDestination(Opener opener) : opener_(std::move(opener)) {}
    [[nodiscard]] sink::RecordClass record_class() const noexcept override {
        return sink::RecordClass::object;
    }
    [[nodiscard]] core::Result<spool::Settlement> deliver(const spool::Batch& batch) override;

private:
    Opener opener_;
    std::unique_ptr<ObjectStore> store_;
};

/// Without a spool: the object records of an append are put, and then its other records go on. A process that
/// dies between the two leaves an object that no row names.
///
/// Threads   Any number of callers at once, as the sink behind it.
class ObjectSink final : public sink::Sink {
public:
    /// The sink outlives this.
    ObjectSink(sink::Sink& behind, Opener opener) : behind_(behind), opener_(std::move(opener)) {}
    [[nodiscard]] core::Result<sink::Acknowledgement> append(std::span<const sink::Record> records) override;
    [[nodiscard]] core::Status flush() override { return behind_.flush(); }

private:
    [[nodiscard]] core::Result<ObjectStore*> store();

    sink::Sink& behind_;
    Opener opener_;
    std::mutex opening_;
    std::unique_ptr<ObjectStore> store_;
};

}  // namespace tristrata::objects
