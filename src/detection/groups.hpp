#pragma once

#include "evidence.hpp"
#include "loading.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tristrata::detection {

/// The plan with its grouping column made one that is looked at, as labels: what it says of new and vanished
/// groups are its signals, and its own verdict is whether their mix moved.
[[nodiscard]] Plan with_grouping_column(Plan plan);

/// A check split by the labels of one column (docs/groups.md). Columns pass through as they do without
/// groups: a group's values are copied out of one column at a time, and what stays is an index a row.
class Grouping {
public:
    /// Reads the grouping column of both sides. usage: it is missing, or neither text, boolean nor whole
    /// numbers.
    [[nodiscard]] static core::Result<Grouping> read(const OrderedSide& reference, const OrderedSide& current,
                                                     const Plan& plan, const core::Task& task);

    /// Each group's setting: its own windows; p resolved for all groups and columns together.
    void prepare(const Setting& setting, std::size_t pairs);

    /// Compares one column in every group. Once an index; may be called from several threads.
    void examine(std::size_t index, const dataset::Field& field, const dataset::Column& reference,
                 const dataset::Column& current);

    /// All groups' verdicts, corrected together.
    [[nodiscard]] drift::Groups finish(const Setting& setting);

private:
    struct Rows {
        std::vector<std::uint32_t> reference;
        std::vector<std::uint32_t> current;
    };
    drift::Groups groups_;
    std::vector<Rows> rows_;                                      ///< Of each of groups_.groups.
    std::vector<Setting> settings_;                               ///< The same.
    std::vector<std::vector<std::optional<Evidence>>> evidence_;  ///< [group][column].
};

}  // namespace tristrata::detection
