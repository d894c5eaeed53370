#pragma once

#include "segment.hpp"
#include "tristrata/spool/file_system.hpp"
#include "tristrata/spool/ledger.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::spool {

/// The folders of a spool's slots, those there are, by name.
[[nodiscard]] core::Result<std::vector<std::string>> slot_folders(FileSystem& files, const std::string& root);
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
    /// Segments and spares: what the budget counts.
    [[nodiscard]] std::uint64_t bytes() const noexcept;
};
[[nodiscard]] core::Result<SlotFiles> slot_files(FileSystem& files, const std::string& folder);

/// What is said after the path of a segment or ledger of another format.
[[nodiscard]] std::string of_a_newer_version(std::uint32_t format, std::uint32_t known);

/// configuration: locks and syncs cannot be trusted there.
[[nodiscard]] core::Status require_trusted(FileSystemKind kind, const std::string& root);

/// The whole of a file.
[[nodiscard]] core::Result<std::string> read_whole(FileSystem& files, const std::string& path);
/// The head of a segment, whatever is in it.
[[nodiscard]] core::Result<SegmentScan> read_segment_head(FileSystem& files, const std::string& folder,
                                                          std::uint64_t number);

/// Keeps a copy of a segment beside it, as it was found; one that is there already stays.
[[nodiscard]] core::Status keep_damaged(FileSystem& files, const std::string& folder, std::uint64_t number,
                                        std::string_view bytes);

/// Removes drained segments below `before`, oldest first, until the slot's files take at most `bytes_max`
/// bytes.
/// Returns   How many were removed. The newest segment always stays: it carries the numbers on.
[[nodiscard]] core::Result<std::uint64_t> remove_drained(FileSystem& files, const std::string& folder,
                                                         const Ledger& ledger, std::uint64_t before,
                                                         std::uint64_t bytes_max);

}  // namespace tristrata::spool
