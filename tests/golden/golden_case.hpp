#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::golden {

/// How near a figure has to come to the one that the peer states.
struct Nearness {
    double absolute = 0.0;
    double relative = 0.0;
};
/// Printed to so many decimals.
[[nodiscard]] Nearness decimals(int count);
[[nodiscard]] constexpr Nearness relative(double share) { return {0.0, share}; }
[[nodiscard]] constexpr Nearness within(double distance) { return {distance, 0.0}; }

/// A case of peer_test_cases.json and the functions of ours that give its figures, in the order of its
/// "expected".
struct Row {
    std::string id;
    std::function<std::vector<double>()> figures;
    Nearness nearness;
    std::string defect;  ///< What is wrong with the peer's figure, where something is.
};
/// One list a room; golden_test.cpp joins them.
[[nodiscard]] std::vector<Row> stats_rows();

/// A case that another program holds, or that nothing of ours can give, and why.
struct Elsewhere {
    std::string_view id;
    std::string_view why;
    std::string_view file = "";  ///< From the root: names the case. Empty where no program holds it.
    /// A word of the case's input that no file of ours bears: the day one does, the case is to be held.
    std::string_view absent = "";
};
[[nodiscard]] std::span<const Elsewhere> elsewhere();

/// A gzipped CSV of inputs/: its cells by column. The names stand in the first line, or there are none.
class Input {
public:
    explicit Input(const std::string& file, bool has_names = true);

    [[nodiscard]] const std::vector<std::string>& cells(const std::string& name) const;
    /// The numbers of a column, its empty cells left out.
    [[nodiscard]] std::vector<double> numbers(std::size_t column) const;
    [[nodiscard]] std::vector<double> numbers(const std::string& name) const;

private:
    std::vector<std::string> names_;
    std::vector<std::vector<std::string>> columns_;
};

}  // namespace tristrata::golden
