#pragma once

#include "tristrata/archive/manifest.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/objects/object_store.hpp"
#include "tristrata/store/event_target.hpp"
#include "tristrata/store/retention.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::archive {

struct RestoreOutcome {
    std::uint64_t parts = 0;
    std::uint64_t read = 0;       ///< Rows of the range, in all parts.
    std::uint64_t restored = 0;   ///< New in the target.
    std::uint64_t duplicate = 0;  ///< There already, or in two parts.
    std::uint64_t refused = 0;    ///< That the target cannot hold: they stay in the archive alone.
    std::optional<core::Error> first_refusal;
    std::vector<DamagedPart> damaged;  ///< Of which nothing was taken.
};

/// The manifests of a layer whose day touches the range: those in force that have rows.
[[nodiscard]] core::Result<std::vector<Manifest>> manifests(objects::ObjectStore& objects, store::Layer layer,
                                                            const core::TimeRange& range);

/// What an archive holds of a range, held against what a store recorded of it: by manifest and SHA-256.
struct RangeParts {
    std::vector<Manifest> parts;              ///< As manifests() says, without the foreign ones.
    std::vector<store::ArchivePart> missing;  ///< Recorded and not there, each once.
    std::vector<Manifest> foreign;            ///< There and not recorded: another store's, or on their way.
};
/// Reads what a store recorded; nothing where there is none to ask.
using ReadRecord = std::function<core::Result<std::optional<std::vector<store::ArchivePart>>>()>;
/// A part is recorded after it was put: the record is read before the archive, and behind it where parts are
/// found that it did not have. A part whose manifest is there and whose file is not is no missing one:
/// restore() says so.
[[nodiscard]] core::Result<RangeParts> range_parts(objects::ObjectStore& objects, store::Layer layer,
                                                   const core::TimeRange& range, const ReadRecord& read);

/// Puts the rows of a range into a target. Each part is fetched, and its hash, rows and digest are compared
/// with its manifest before the first row is taken; one that is damaged is passed over, and stands in the
/// outcome. The same row of two parts is one row; a second restore into the same target changes nothing.
///
/// Errors    not_found: nothing was archived within the range.
[[nodiscard]] core::Result<RestoreOutcome> restore(objects::ObjectStore& objects,
                                                   const std::vector<Manifest>& parts,
                                                   const core::TimeRange& range, store::EventTarget& target,
                                                   const std::string& scratch, const core::Task& task);
/// The same of all parts of a layer.
[[nodiscard]] core::Result<RestoreOutcome> restore(objects::ObjectStore& objects, store::Layer layer,
                                                   const core::TimeRange& range, store::EventTarget& target,
                                                   const std::string& scratch, const core::Task& task);

}  // namespace tristrata::archive
