#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/dataset/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tristrata::dataset {

/// One column in memory, in the order of its rows. Numbers (integer, real) and times (microseconds UTC) are
/// doubles or int64; text and boolean are codes into `labels`. A missing value: NaN in `numbers`,
/// `missing_time` in `times`, `missing_code` in `codes`; a NaN in the source counts as missing, as pandas
/// writes it; infinities stay.
struct Column {
    static constexpr std::int64_t missing_time = INT64_MIN;
    static constexpr std::uint32_t missing_code = UINT32_MAX;

    Type type = Type::null;
    std::uint64_t rows = 0;
    std::uint64_t missing = 0;
    std::uint64_t infinite = 0;
    std::vector<double> numbers;
    std::vector<std::int64_t> times;
    std::vector<std::uint32_t> codes;
    std::string remark;               ///< The field's.
    std::vector<std::string> labels;  ///< In order of first appearance; booleans are "false" and "true".
    /// The finite values of `numbers`, ascending, where the source keeps them so; empty elsewhere.
    std::vector<double> sorted;
};

/// Builds a Column from the batches of a stream: update with every batch in order, then finish.
class ColumnBuilder {
public:
    /// `rows_expected` is a guess that memory is set aside for; 0 where there is none.
    explicit ColumnBuilder(Field field, std::uint64_t rows_expected = 0);
    /// Takes child `child` of the batch; of a dictionary, the values that its rows name. invalid_input if the
    /// child's Arrow type does not fit the field.
    [[nodiscard]] core::Status update(const Batch& batch, std::size_t child);
    [[nodiscard]] Column finish();

private:
    /// The first row whose time microseconds cannot hold, or nothing.
    std::optional<std::int64_t> append(const ArrowSchema& schema, const ArrowArray& array);
    std::optional<std::int64_t> append_words(const ArrowSchema& schema, const ArrowArray& array);
    void append_code(std::uint32_t code);
    std::uint32_t code_for(std::string_view label);

    Field field_;
    Column column_;
    std::unordered_map<std::string, std::uint32_t> code_of_;
};

/// One pass over the source, the named fields as columns in that order.
[[nodiscard]] core::Result<std::vector<Column>> read_columns(Source& source,
                                                             std::span<const std::size_t> fields,
                                                             const core::Task& task);

/// What an Arrow C format string means for us ("l" is integer, "g" real, "u" text, "tsu:UTC" timestamp).
[[nodiscard]] Type type_of(const ArrowSchema& schema) noexcept;

}  // namespace tristrata::dataset
