#pragma once

#include "parquet_part.hpp"
#include "scratch_file.hpp"
#include "tristrata/archive/manifest.hpp"
#include "tristrata/objects/object_store.hpp"
#include "tristrata/store/retention.hpp"

#include <optional>
#include <set>
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

/// Those of the recorded parts, each once, that have no manifest among all those of their layer, or one of
/// another file. `recorded` was read before the manifests: a part is recorded after it was put.
[[nodiscard]] std::vector<store::ArchivePart> missing_parts(const std::vector<store::ArchivePart>& recorded,
                                                            const std::vector<Manifest>& all);

/// The keys of those manifests of files that were recorded, or that stand in for such a one, whose erase may
/// have died before the store knew.
[[nodiscard]] std::set<std::string> own_manifests(const std::vector<store::ArchivePart>& recorded,
                                                  const std::vector<Manifest>& all);

/// Those in force, with rows, that are not among own_manifests(). `recorded` was read after the manifests,
/// and no leaf was under way: else they may be a retain's.
[[nodiscard]] std::vector<Manifest> foreign_parts(const std::vector<store::ArchivePart>& recorded,
                                                  const std::vector<Manifest>& all);

/// The highest number that was recorded of a day, whether or not the archive still has it; 0: none.
[[nodiscard]] std::int64_t last_number(const std::vector<store::ArchivePart>& recorded, std::string_view half,
                                       core::Timestamp day);

/// In what an archive is not the store's own, whole one.
struct Difference {
    std::vector<store::ArchivePart> missing;
    std::vector<DamagedPart> damaged;
    std::vector<Manifest> foreign;
    [[nodiscard]] bool none() const { return missing.empty() && damaged.empty() && foreign.empty(); }
};
/// What of it a person has to know: numbers, the first of each, and where they may come from.
[[nodiscard]] std::string describe(const Difference& difference, const store::Retention& retention,
                                   const std::vector<store::ArchivePart>& recorded,
                                   const objects::ObjectStore& objects);

/// A part's file, when all was compared that its manifest says of it; else what is wrong with it.
struct Fetched {
    std::optional<ScratchFile> file;
    std::string damage;
};
[[nodiscard]] core::Result<Fetched> fetch_part(objects::ObjectStore& objects, const Manifest& manifest,
                                               const std::string& scratch);
/// "FILE in ARCHIVE is not what its manifest says: DAMAGE; …"
[[nodiscard]] std::string describe(const DamagedPart& part, const objects::ObjectStore& objects);
/// The same, as one who cannot go round a damaged part. storage: it is damaged.
[[nodiscard]] core::Result<ScratchFile> fetch_verified(objects::ObjectStore& objects,
                                                       const Manifest& manifest, const std::string& scratch);

/// A file of a day's rows that is to become a part.
struct DayFile {
    store::Layer layer = store::Layer::kpi;
    std::string half;
    core::Timestamp day;
    PartFacts facts;
    std::vector<std::int64_t> replaces;
    std::int64_t last_recorded = 0;  ///< last_number() of the day: no number is given twice.
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
