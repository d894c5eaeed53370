#pragma once

#include "ledger_page.hpp"
#include "slot.hpp"

#include <fmt/format.h>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::spool {

/// The segments of a slot, each read with what its successor says.
struct SlotReading {
    struct Segment {
        std::uint64_t number = 0;
        std::uint64_t bytes = 0;
        std::string content;  ///< What the scan points into.
        SegmentScan found;
        std::optional<SegmentHead> successor;
        std::string missing;  ///< Appends between the two, held by no file.
    };
    FileSystem& files;
    std::string folder;
    SlotFiles there;
    std::vector<SegmentScan> heads;  ///< Of there.segments.

    core::Status open() {
        auto found = slot_files(files, folder);
        if (!found) return propagate(found);
        there = std::move(*found);
        for (const auto& segment : there.segments) {
            auto head = read_segment_head(files, folder, segment.number);
            if (!head) return propagate(head);
            heads.push_back(std::move(*head));
        }
        return {};
    }
    /// conflict where a newer program has written there.
    core::Status open_known() {
        if (auto opened = open(); !opened) return opened;
        for (std::size_t i = 0; i < heads.size(); ++i)
            if (heads[i].state == SegmentScan::State::unknown_format)
                return core::fail(
                    core::ErrorKind::conflict,
                    fmt::format("{} {}", slot_file(folder, there.segments[i].number, SlotFile::segment),
                                of_a_newer_version(heads[i].format, segment_format)));
        return {};
    }
    core::Result<Segment> read(std::size_t index) const {
        Segment one;
        one.number = there.segments[index].number;
        for (std::size_t later = index + 1; later < heads.size() && !one.successor; ++later)
            if (heads[later].state == SegmentScan::State::sound) one.successor = heads[later].head;
        auto read = read_segment(files, slot_file(folder, one.number, SlotFile::segment),
                                 one.successor ? std::optional(one.successor->first_sequence) : std::nullopt);
        if (!read) return propagate(read);
        one.content = std::move(read->bytes);
        one.found = std::move(read->found);
        if (one.successor) one.missing = take_missing(there, one.number, *one.successor, one.found);
        return one;
    }
};

}  // namespace tristrata::spool
