#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/sink/sink.hpp"
#include "tristrata/spool/file_system.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tristrata::spool {

/// Records of a class, as they follow each other in a slot.
struct PendingRecords {
    std::vector<sink::Record> records;
    std::uint64_t to_row = 0;  ///< Of the class: whoever asks from here on is given what comes next.
};
/// Reads beside the slot's writer and its drain, and changes nothing: what is pending from a row of the class
/// on and was appended before `before`, in order, at most so many records. One that was appended within ten
/// seconds of it may be left out; what is parked is.
///
/// Errors    storage; conflict: a newer program has written there, and nothing of the slot was read.
[[nodiscard]] core::Result<PendingRecords> pending_before(FileSystem& files, const std::string& folder,
                                                          sink::RecordClass record_class,
                                                          std::uint64_t from_row, core::Timestamp before,
                                                          std::size_t records_max);

/// The same of records whether settled or not, as far as their segments are still there.
[[nodiscard]] core::Result<PendingRecords> appended_before(FileSystem& files, const std::string& folder,
                                                           sink::RecordClass record_class,
                                                           std::uint64_t from_row, core::Timestamp before,
                                                           std::size_t records_max);

}  // namespace tristrata::spool
