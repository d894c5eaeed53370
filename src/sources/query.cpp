#include "tristrata/sources/query.hpp"

#include "kept_source.hpp"
#include "kinds.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/database/cursor.hpp"
#include "tristrata/dataset/no_row.hpp"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <set>
#include <variant>
#include <vector>

namespace tristrata::sources {
namespace {

using core::ErrorKind;
using core::fail;
using database::Cell;
using dataset::Type;

constexpr std::size_t rows_looked_at = 10'000;
constexpr std::int64_t rows_a_batch = 65'536;

using Value = std::variant<std::monostate, double, std::string>;

/// Where a value stands, for messages.
struct Place {
    const std::string& source;
    const std::string& column;
    std::uint64_t row;
};

core::Result<Value> value_of(const database::Cursor& row, int column, const Place& place) {
    switch (row.cell(column)) {
        case Cell::null:
            return Value{};
        case Cell::integer:
        case Cell::real:
            return Value{row.real(column)};
        case Cell::text: {
            std::string text = row.text(column);
            if (core::is_utf8(text)) return Value{std::move(text)};
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{}, row {}, column {}: {} is not UTF-8; CAST it or leave the column out of the "
                            "query",
                            place.source, place.row, core::quoted(place.column), core::quoted(text, 40)));
        }
        case Cell::blob:
            break;
    }
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{}, row {}, column {}: found a BLOB; expected a number or a text, so leave the column "
                    "out of the query or CAST it",
                    place.source, place.row, core::quoted(place.column)));
}

/// What the first values of a column are.
Type type_of(const std::vector<Value>& values, const std::string& declared) {
    bool numbers = false, texts = false, times = true;
    for (const Value& value : values) {
        numbers = numbers || std::holds_alternative<double>(value);
        if (const auto* text = std::get_if<std::string>(&value)) {
            texts = true;
            times = times && core::parse_timestamp(*text).has_value();
        }
    }
    if (texts) return numbers || !times ? Type::text : Type::timestamp;
    if (numbers) return Type::real;
    const bool number =
        declared.find("INT") != std::string::npos || declared.find("REAL") != std::string::npos ||
        declared.find("DOUB") != std::string::npos || declared.find("NUM") != std::string::npos ||
        declared.find("FLOA") != std::string::npos;
    return number ? Type::real : Type::text;
}

/// One column of the file that is being written.
class Column {
public:
    Column(std::string name, Type type) : name_(std::move(name)), type_(type) {
        if (type == Type::real) builder_ = std::make_shared<arrow::DoubleBuilder>();
        else if (type == Type::timestamp)
            builder_ = std::make_shared<arrow::TimestampBuilder>(arrow_type(), arrow::default_memory_pool());
        else builder_ = std::make_shared<arrow::StringBuilder>();
    }

    [[nodiscard]] std::shared_ptr<arrow::DataType> arrow_type() const {
        return type_ == Type::real        ? arrow::float64()
               : type_ == Type::timestamp ? arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")
                                          : arrow::utf8();
    }
    [[nodiscard]] const std::string& name() const { return name_; }

    core::Status append(const Value& value, const std::string& source, std::uint64_t row) {
        const auto unfit = [&](std::string_view expected, std::string_view found) {
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{}, row {}, column {}: found {}; expected {}, as in the rows before: CAST the "
                            "column in the query",
                            source, row, core::quoted(name_), found, expected));
        };
        const auto* number = std::get_if<double>(&value);
        const auto* text = std::get_if<std::string>(&value);
        arrow::Status status;
        if (number == nullptr && text == nullptr) {
            status = builder_->AppendNull();
        } else if (type_ == Type::real) {
            if (number == nullptr) return unfit("a number", core::quoted(*text, 40));
            status = static_cast<arrow::DoubleBuilder&>(*builder_).Append(*number);
        } else if (type_ == Type::timestamp) {
            const auto time = text != nullptr
                                  ? core::parse_timestamp(*text)
                                  : core::Result<core::Timestamp>(fail(ErrorKind::invalid_input, ""));
            if (!time)
                return unfit("a time", text != nullptr ? core::quoted(*text, 40) : core::shortest(*number));
            status = static_cast<arrow::TimestampBuilder&>(*builder_).Append(time->microseconds);
        } else {
            status = static_cast<arrow::StringBuilder&>(*builder_).Append(
                text != nullptr ? *text : core::shortest(*number));
        }
        if (!status.ok()) return propagate(core::Status(foreign(status, source, "cannot be kept")));
        return {};
    }
    arrow::Result<std::shared_ptr<arrow::Array>> finish() { return builder_->Finish(); }

private:
    std::string name_;
    Type type_;
    std::shared_ptr<arrow::ArrayBuilder> builder_;
};

/// Writes the rows of a query into a kept file in Arrow's IPC format.
class Keeper {
public:
    Keeper(database::Cursor& query, std::string name, std::uint64_t rows_max, core::Task task)
        : query_(query), name_(std::move(name)), rows_max_(rows_max), task_(std::move(task)) {}

    core::Status keep(const std::string& path) {
        if (auto status = look(); !status) return status;
        arrow::FieldVector fields;
        for (const Column& column : columns_)
            fields.push_back(arrow::field(column.name(), column.arrow_type()));
        schema_ = arrow::schema(fields);
        auto file = arrow::io::FileOutputStream::Open(path);
        if (!file.ok()) return not_kept(file.status());
        auto writer = arrow::ipc::MakeFileWriter(*file, schema_);
        if (!writer.ok()) return not_kept(writer.status());
        for (auto& row : looked_at_)
            if (auto status = take(row, **writer); !status) return status;
        looked_at_.clear();
        while (more_) {
            auto row = next();
            if (!row) return propagate(row);
            if (!more_) break;
            if (auto status = take(*row, **writer); !status) return status;
        }
        if (auto status = flush(**writer); !status) return status;
        if (const auto status = (*writer)->Close(); !status.ok()) return not_kept(status);
        if (const auto status = (*file)->Close(); !status.ok()) return not_kept(status);
        return {};
    }

private:
    using Row = std::vector<Value>;

    [[nodiscard]] core::Status not_kept(const arrow::Status& status) const {
        return core::Status(foreign(status, name_, "its rows could not be kept"));
    }

    /// The next row; `more_` is false where there is none.
    core::Result<Row> next() {
        auto stepped = query_.step();
        if (!stepped) return propagate(stepped);
        more_ = *stepped;
        Row row;
        if (!more_) return row;
        if (++read_ > rows_max_)
            return fail(ErrorKind::limit_exceeded,
                        fmt::format("{} gives more than {} rows; narrow it with WHERE, or group its rows",
                                    name_, core::readable(static_cast<double>(rows_max_))));
        if (read_ % 4096 == 0) {
            if (auto status = task_.check(); !status) return propagate(status);
            if (task_.progress != nullptr) task_.progress->advanced("rows", read_, 0);
        }
        for (int i = 0; i < query_.columns(); ++i) {
            auto value = value_of(query_, i, {name_, names_[static_cast<std::size_t>(i)], read_});
            if (!value) return propagate(value);
            row.push_back(std::move(*value));
        }
        return row;
    }

    /// Names, the first rows, and the types they show.
    core::Status look() {
        std::set<std::string> seen;
        for (int i = 0; i < query_.columns(); ++i) {
            names_.push_back(query_.column_name(i));
            if (!seen.insert(names_.back()).second)
                return fail(ErrorKind::usage,
                            fmt::format("the query has two columns {}; name one of them otherwise with AS",
                                        core::quoted(names_.back())));
        }
        std::vector<std::string> declared;
        for (int i = 0; i < query_.columns(); ++i) declared.push_back(query_.declared_type(i));
        while (more_ && looked_at_.size() < rows_looked_at) {
            auto row = next();
            if (!row) return propagate(row);
            if (more_) looked_at_.push_back(std::move(*row));
        }
        if (looked_at_.empty())
            return fail(ErrorKind::invalid_input,
                        fmt::format("{} gave no row; expected at least one, so look at its WHERE", name_),
                        std::string(dataset::no_row_code));
        for (std::size_t i = 0; i < names_.size(); ++i) {
            std::vector<Value> values;
            values.reserve(looked_at_.size());
            for (const Row& row : looked_at_) values.push_back(row[i]);
            columns_.emplace_back(names_[i], type_of(values, declared[i]));
        }
        return {};
    }

    core::Status take(const Row& row, arrow::ipc::RecordBatchWriter& writer) {
        ++written_;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (auto status = columns_[i].append(row[i], name_, written_); !status) return status;
        return ++in_batch_ == rows_a_batch ? flush(writer) : core::Status();
    }

    core::Status flush(arrow::ipc::RecordBatchWriter& writer) {
        arrow::ArrayVector arrays;
        for (Column& column : columns_) {
            auto array = column.finish();
            if (!array.ok()) return not_kept(array.status());
            arrays.push_back(std::move(*array));
        }
        const auto batch = arrow::RecordBatch::Make(schema_, std::exchange(in_batch_, 0), std::move(arrays));
        if (const auto status = writer.WriteRecordBatch(*batch); !status.ok()) return not_kept(status);
        return {};
    }

    database::Cursor& query_;
    std::string name_;
    std::uint64_t rows_max_;
    core::Task task_;
    std::vector<std::string> names_;
    std::vector<Row> looked_at_;
    std::vector<Column> columns_;
    std::shared_ptr<arrow::Schema> schema_;
    bool more_ = true;
    std::uint64_t read_ = 0, written_ = 0;
    std::int64_t in_batch_ = 0;
};

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_query(database::Cursor& query, const std::string& name,
                                                          const core::Task& task, std::uint64_t rows_max) {
    auto kept = KeptFile::make();
    if (!kept) return propagate(kept);
    Keeper keeper(query, name, rows_max, task);
    if (auto status = keeper.keep(kept->path()); !status) return propagate(status);
    auto source = open_ipc(kept->path());
    if (!source) return tl::unexpected(renamed(source.error(), kept->path(), name));
    return kept_source(std::move(*kept), std::move(*source), name);
}

}  // namespace tristrata::sources
