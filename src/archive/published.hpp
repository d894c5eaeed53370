#pragma once

#include "parquet_part.hpp"
#include "scratch_file.hpp"
#include "tristrata/archive/manifest.hpp"
#include "tristrata/objects/object_store.hpp"
#include "tristrata/store/retention.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::archive {

inline constexpr core::Duration day_length{86'400'000'000};

/// The manifests below a prefix, in force or not; with a range those of days that touch it.
[[nodiscard]] core::Result<std::vector<Manifest>> read_manifests(
    objects::ObjectStore& objects, std::string_view prefix,
    const std::optional<core::TimeRange>& range = std::nullopt);

/// The manifests below a prefix, and the Parquet files that none of them names: what runs that died have
/// left, or what one that is under way has put so far. Files are listed before manifests are read: a manifest
/// comes after its file.
struct Contents {
    std::vector<Manifest> manifests;
    std::vector<objects::ObjectInfo> files_without_manifest;
};
[[nodiscard]] core::Result<Contents> read_contents(objects::ObjectStore& objects, std::string_view prefix);

/// What a store records of a part.
[[nodiscard]] store::ArchivePart record_of(const Manifest& manifest, const std::string& leaf);

/// Those of the recorded parts that have no manifest among all those of their layer.
[[nodiscard]] std::vector<store::ArchivePart> missing_parts(const std::vector<store::ArchivePart>& recorded,
                                                            const std::vector<Manifest>& all);

/// conflict: a part that the store recorded has no manifest among all those of its layer, so that this
/// archive is another's, or lost something; with `own`, also where a part stands here that the store did not
/// record. `recorded` was read before the manifests: a part is recorded after it was put.
[[nodiscard]] core::Status require_archive_of(const store::Retention& retention,
                                              const std::vector<store::ArchivePart>& recorded,
                                              const std::vector<Manifest>& all,
                                              const objects::ObjectStore& objects, bool own);

/// Fetches a part's file and compares all that its manifest says of it; the file is left for the caller to
/// read. storage: it is not what the manifest says.
[[nodiscard]] core::Result<ScratchFile> fetch_verified(objects::ObjectStore& objects,
                                                       const Manifest& manifest, const std::string& scratch);

/// A file of a day's rows that is to become a part.
struct DayFile {
    store::Layer layer = store::Layer::kpi;
    std::string half;
    core::Timestamp day;
    PartFacts facts;
    std::vector<std::int64_t> replaces;
};

/// Puts the file and then its manifest, under the day's next number; where the day has a part of the same
/// rows already, that one stands. Returns the manifest of what was read back and found right.
[[nodiscard]] core::Result<Manifest> publish(objects::ObjectStore& objects, const ScratchFile& file,
                                             const DayFile& day, const std::string& scratch,
                                             core::Timestamp now);

/// A manifest without rows: the parts that it replaces are void, and nothing stands in their place.
[[nodiscard]] core::Status publish_void(objects::ObjectStore& objects, const DayFile& day,
                                        core::Timestamp now);

}  // namespace tristrata::archive
