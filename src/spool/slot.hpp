#pragma once

#include "segment.hpp"
#include "tristrata/spool/file_system.hpp"
#include "tristrata/spool/ledger.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::spool {

/// The folders of a spool's slots among what its root holds, in the order given.
[[nodiscard]] std::vector<std::string> slot_folders(const std::string& root,
                                                    std::span<const FolderEntry> entries);
[[nodiscard]] std::string slot_folder(const std::string& root, std::size_t index);

/// What a file of a slot is, by the end of its name.
enum class SlotFile : std::uint8_t { segment, spare, damaged };
[[nodiscard]] std::string slot_file(const std::string& folder, std::uint64_t number, SlotFile kind);

struct NumberedFile {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
};
/// By number.
struct SlotFiles {
    std::vector<NumberedFile> segments;
    std::vector<NumberedFile> spares;
    std::vector<NumberedFile> damaged;
    /// Named like one of them and no file: passed over, and no file of ours gets its number.
    std::vector<NumberedFile> strange;
    std::vector<std::string> strange_names;
    /// Segments and spares: what the budget counts.
    [[nodiscard]] std::uint64_t bytes() const noexcept;
};
[[nodiscard]] core::Result<SlotFiles> slot_files(FileSystem& files, const std::string& folder);

/// What is said after the path of a segment or ledger of another format.
[[nodiscard]] std::string of_a_newer_version(std::uint32_t format, std::uint32_t known);

/// configuration: locks and syncs cannot be trusted there.
[[nodiscard]] core::Status require_trusted(FileSystemKind kind, const std::string& root);

/// Why a strange one is passed over, a sentence each.
[[nodiscard]] std::vector<std::string> of_strange_names(const std::string& folder, const SlotFiles& files);

/// The whole of a file.
[[nodiscard]] core::Result<std::string> read_whole(FileSystem& files, const std::string& path);
/// A segment that its process may append to meanwhile. A read takes it a page at a time, so that one page may
/// be older than the one behind it: a hole is one only where a second read finds it, too.
///
/// Errors    unavailable: it is never the same twice.
struct SegmentRead {
    std::string bytes;
    SegmentScan found;  ///< Points into the bytes.
};
[[nodiscard]] core::Result<SegmentRead> read_segment(FileSystem& files, const std::string& path,
                                                     std::optional<std::uint64_t> successor_first_sequence);
/// The head of a segment, whatever is in it.
[[nodiscard]] core::Result<SegmentScan> read_segment_head(FileSystem& files, const std::string& folder,
                                                          std::uint64_t number);

/// Keeps a copy of a segment beside it, as it was found; one that is there already stays.
[[nodiscard]] core::Status keep_damaged(FileSystem& files, const std::string& folder, std::uint64_t number,
                                        std::string_view bytes);

/// Moves a segment that has no readable head aside.
/// Returns   What to say of it.
[[nodiscard]] core::Result<std::string> set_aside(FileSystem& files, const std::string& folder,
                                                  std::uint64_t number);

/// Rows of a class that no file of a slot holds any more, and where in the order of appends they stood.
[[nodiscard]] std::string of_missing_rows(const std::string& folder, sink::RecordClass record_class,
                                          std::uint64_t from_row, std::uint64_t to_row,
                                          std::string_view appends);
/// What is said behind the path of a segment whose end is no record.
[[nodiscard]] std::string of_torn_bytes(const SegmentScan& found);
/// Rows of a class that the ledger knows, and that stood there.
[[nodiscard]] std::string of_damaged_end(const std::string& path, const SegmentScan& found,
                                         sink::RecordClass record_class, std::uint64_t from_row,
                                         std::uint64_t to_row);
[[nodiscard]] std::string appends_before(std::uint64_t sequence);
[[nodiscard]] std::string appends_from(std::uint64_t sequence);

/// Whether a number between two is of a segment that is not there, neither as it was nor kept as damaged.
[[nodiscard]] bool is_missing_between(const SlotFiles& files, std::uint64_t lower, std::uint64_t upper);

/// The appends that lack between a segment's last frame and its successor and that no file holds; empty where
/// damage is why rows lack there. A hole at the segment's end that another segment explains, which is not
/// there or has no readable head, is no hole of this one: it goes.
[[nodiscard]] std::string take_missing(const SlotFiles& files, std::uint64_t number,
                                       const SegmentHead& successor, SegmentScan& found);

/// Removes drained segments below `before`, oldest first, until the slot's files take at most `bytes_max`
/// bytes.
/// Returns   How many were removed. The newest segment always stays: it carries the numbers on.
[[nodiscard]] core::Result<std::uint64_t> remove_drained(FileSystem& files, const std::string& folder,
                                                         const Ledger& ledger, std::uint64_t before,
                                                         std::uint64_t bytes_max);

}  // namespace tristrata::spool
