#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/sink/sink.hpp"
#include "tristrata/spool/backlog.hpp"

namespace tristrata::relay {

/// Where the records of one class end. A batch is one transaction: a settlement says that it was committed,
/// now or before; the batch's spool, class and number recognise one that was sent again.
///
/// Errors    invalid_input, refused, limit_exceeded: nothing of the batch was committed, and a record in it
/// is
///           why: the relay looks for it. Every other kind: perhaps it was; the same batch comes again.
/// Threads   One caller at a time.
class Destination {
public:
    virtual ~Destination() = default;
    [[nodiscard]] virtual sink::RecordClass record_class() const noexcept = 0;
    [[nodiscard]] virtual core::Result<spool::Settlement> deliver(const spool::Batch& batch) = 0;
    /// After an error of deliver(): how long nothing is to be sent at least, as who answered has asked.
    [[nodiscard]] virtual core::Duration wait_at_least() const noexcept { return {0}; }
};

}  // namespace tristrata::relay
