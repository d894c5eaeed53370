#include "kinds.hpp"

#include "csv_rows.hpp"
#include "csv_scan.hpp"
#include "hashed_stream.hpp"
#include "quote_watch.hpp"
#include "recycling_pool.hpp"
#include "row_scanner.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/dataset/no_row.hpp"

#include <arrow/array/array_binary.h>
#include <arrow/buffer.h>
#include <arrow/csv/api.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unordered_map>

namespace tristrata::sources {
namespace {

using core::ErrorKind;
using core::fail;
using dataset::Type;

/// What a column's type is read off: fewer than 70,000 rows, however short, so that a word far down is an
/// error.
constexpr std::int32_t guess_bytes_min = 1 << 16;

core::Result<std::shared_ptr<arrow::io::InputStream>> open_bytes(const std::string& path) {
    auto file = arrow::io::ReadableFile::Open(path, &recycling_pool());
    if (!file.ok()) return foreign(file.status(), path, "cannot be opened");
    if (!path.ends_with(".gz")) return std::shared_ptr<arrow::io::InputStream>(*file);
    auto codec = arrow::util::Codec::Create(arrow::Compression::GZIP);
    if (!codec.ok()) return foreign(codec.status(), path, "cannot be decompressed");
    const std::shared_ptr<arrow::util::Codec> shared = std::move(*codec);
    auto stream = arrow::io::CompressedInputStream::Make(shared.get(), *file);
    if (!stream.ok()) return foreign(stream.status(), path, "not a gzip file");
    // The stream keeps a bare pointer to its codec: let the codec live as long as the stream.
    std::shared_ptr<arrow::io::InputStream> inner = *stream;
    return std::shared_ptr<arrow::io::InputStream>(inner.get(), [shared, inner](arrow::io::InputStream*) {});
}

const std::vector<std::string>& null_words() {
    static const std::vector<std::string> words{"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"};
    return words;
}

/// Nanoseconds only where the first rows hold fractions: they reach no further than the year 2262.
arrow::TimeUnit::type time_unit(const dataset::Field& field) {
    return field.foreign_type.starts_with("timestamp[ns") ? arrow::TimeUnit::NANO : arrow::TimeUnit::MICRO;
}

std::shared_ptr<arrow::DataType> arrow_type(const dataset::Field& field) {
    switch (field.type) {
        case Type::integer:
        case Type::real:
            return arrow::float64();
        case Type::boolean:
            return arrow::boolean();
        case Type::timestamp:
            // A zone in the text must be a zone of the type, and the other way round.
            return has_zone(field) ? arrow::timestamp(time_unit(field), "UTC")
                                   : arrow::timestamp(time_unit(field));
        case Type::null:
            return arrow::null();
        case Type::text:
        case Type::unsupported:
            return arrow::utf8();
    }
    return arrow::utf8();
}

arrow::csv::ConvertOptions convert_options() {
    auto options = arrow::csv::ConvertOptions::Defaults();
    options.null_values = null_words();
    options.true_values = {"true", "True", "TRUE"};
    options.false_values = {"false", "False", "FALSE"};
    options.strings_can_be_null = true;
    options.check_utf8 = true;
    return options;
}

arrow::csv::ParseOptions parse_options() {
    auto options = arrow::csv::ParseOptions::Defaults();
    options.newlines_in_values = true;
    return options;
}

/// Of all columns, by the rows that end within the first bytes, of which there is one at least. `numbers` are
/// taken for numbers untried; where one is none, that is an error.
core::Result<std::shared_ptr<arrow::Schema>> guessed_schema(const std::string& path, std::int32_t bytes,
                                                            const std::vector<std::string>& numbers) {
    auto stream = open_bytes(path);
    if (!stream) return propagate(stream);
    const auto guess = [&]() -> arrow::Result<std::shared_ptr<arrow::Schema>> {
        ARROW_ASSIGN_OR_RAISE(auto first, (*stream)->Read(bytes));
        QuoteWatch quotes;
        const auto row_end = quotes.look(std::string_view(*first));
        if (first->size() == bytes && row_end > 0)
            first = arrow::SliceBuffer(first, 0, static_cast<std::int64_t>(row_end));
        auto options = arrow::csv::ReadOptions::Defaults();
        options.use_threads = false;
        options.block_size = bytes;
        auto convert = convert_options();
        for (const auto& name : numbers) convert.column_types.emplace(name, arrow::float64());
        ARROW_ASSIGN_OR_RAISE(
            const auto reader,
            arrow::csv::StreamingReader::Make(arrow::io::IOContext(&recycling_pool()),
                                              std::make_shared<arrow::io::BufferReader>(std::move(first)),
                                              options, parse_options(), convert));
        return reader->schema();
    };
    auto schema = guess();
    if (!schema.ok()) return fail(ErrorKind::invalid_input, schema.status().message());
    return std::move(*schema);
}

/// To try what a column may be takes several times as long as to read it as what it is.
core::Result<std::shared_ptr<arrow::Schema>> guessed_schema(const std::string& path, std::int32_t bytes,
                                                            const CsvHeader& header,
                                                            const std::optional<dataset::Schema>& read_as) {
    std::vector<std::string> numbers;
    for (const auto& name : header.names) {
        const auto there = read_as ? read_as->find(name) : std::nullopt;
        if (!there) continue;
        const auto type = read_as->fields[*there].type;
        if (type == Type::integer || type == Type::real) numbers.push_back(name);
    }
    auto schema = guessed_schema(path, bytes, numbers);
    return schema || numbers.empty() ? std::move(schema) : guessed_schema(path, bytes, {});
}

/// The file's bytes are hashed on the way, where its digest is not known yet; a gzip stream may end before
/// its file.
core::Result<CsvRows> open_rows(const std::string& path, const dataset::Schema& schema,
                                const arrow::csv::ConvertOptions& convert,
                                const std::shared_ptr<BytesDigest>& digest, const core::Task& task) {
    auto bytes = open_bytes(path);
    if (!bytes) return propagate(bytes);
    if (!path.ends_with(".gz") && !digest->found())
        bytes = std::make_shared<HashedStream>(std::move(*bytes), digest);
    std::vector<std::string> names;
    for (const auto& field : schema.fields) names.push_back(field.name);
    auto rows = CsvRows::make(std::move(*bytes), names, parse_options(), convert, task.limits.threads);
    if (!rows.ok()) return fail(ErrorKind::invalid_input, rows.status().message());
    return std::move(*rows);
}

class CsvStream final : public dataset::BatchStream {
public:
    CsvStream(CsvRows rows, std::string path, dataset::Schema wanted, const SourceOptions& options)
        : rows_(std::move(rows)), path_(std::move(path)), wanted_(std::move(wanted)), options_(options) {}

    core::Result<std::optional<dataset::Batch>> next() override {
        const auto batch = rows_.next();
        if (!batch.ok()) return explained(path_, wanted_, options_, batch.status().message());
        if (!*batch && rows_.swallowed()) return explained(path_, wanted_, options_, "a quote is not closed");
        if (!*batch) return std::optional<dataset::Batch>();
        auto out = exported(**batch, row_);
        if (!out) return propagate(out);
        row_ += static_cast<std::uint64_t>((*batch)->num_rows());
        return std::optional<dataset::Batch>(std::move(*out));
    }

private:
    CsvRows rows_;
    std::string path_;
    dataset::Schema wanted_;
    const SourceOptions& options_;  ///< The source's.
    std::uint64_t row_ = 1;
};

class CsvSource final : public dataset::Source {
public:
    CsvSource(std::string path, dataset::Schema schema, SourceOptions options,
              std::shared_ptr<BytesDigest> digest, std::uint64_t rows_expected)
        : path_(std::move(path)),
          schema_(std::move(schema)),
          options_(std::move(options)),
          digest_(std::move(digest)),
          rows_expected_(rows_expected) {}

    const std::string& name() const noexcept override { return path_; }
    const dataset::Schema& schema() const noexcept override { return schema_; }
    dataset::Access access() const noexcept override { return dataset::Access::by_pass; }
    core::Result<std::string> digest(const core::Task& task) override {
        if (auto found = digest_->found()) return *std::move(found);
        return digest_of(path_, task);
    }
    std::optional<std::uint64_t> rows() const noexcept override { return std::nullopt; }
    std::uint64_t rows_expected() const noexcept override { return rows_expected_; }

    core::Result<std::unique_ptr<dataset::BatchStream>> open(std::span<const std::size_t> fields,
                                                             const core::Task& task) override {
        auto convert = convert_options();
        dataset::Schema wanted;
        for (const auto field : fields) {
            const auto& one = schema_.fields[field];
            convert.include_columns.push_back(one.name);
            convert.column_types.emplace(one.name, arrow_type(one));
            wanted.fields.push_back(one);
        }
        auto rows = open_rows(path_, schema_, convert, digest_, task);
        if (!rows) return explained(path_, wanted, options_, rows.error().message);
        return std::unique_ptr<dataset::BatchStream>(
            std::make_unique<CsvStream>(std::move(*rows), path_, std::move(wanted), options_));
    }

private:
    std::string path_;
    dataset::Schema schema_;
    SourceOptions options_;
    std::shared_ptr<BytesDigest> digest_;
    std::uint64_t rows_expected_;
};

/// Gives each field that is still null the type of its first values; one without any stays null.
core::Status type_late_columns(const std::string& path, dataset::Schema& schema, const SourceOptions& options,
                               const std::shared_ptr<BytesDigest>& digest, const core::Task& task) {
    auto convert = convert_options();
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
        if (schema.fields[i].type != Type::null) continue;
        waiting.push_back(i);
        convert.include_columns.push_back(schema.fields[i].name);
        convert.column_types.emplace(schema.fields[i].name, arrow::utf8());
    }
    if (waiting.empty()) return {};
    dataset::Schema as_text;
    for (const auto field : waiting)
        as_text.fields.push_back({schema.fields[field].name, Type::text, "string"});
    auto rows = open_rows(path, schema, convert, digest, task);
    if (!rows) return explained(path, as_text, options, rows.error().message);
    for (std::size_t left = waiting.size(); left > 0;) {
        if (auto status = task.check(); !status) return status;
        const auto batch = rows->next();
        if (!batch.ok()) return explained(path, as_text, options, batch.status().message());
        if (!*batch) break;
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            auto& field = schema.fields[waiting[i]];
            const auto& values =
                static_cast<const arrow::StringArray&>(*(*batch)->column(static_cast<int>(i)));
            if (field.type != Type::null || values.null_count() == values.length()) continue;
            TypeCounts counts;
            for (std::int64_t row = 0; row < values.length(); ++row)
                if (!values.IsNull(row)) counts.update(values.GetView(row));
            field = counts.finish(field.name);
            --left;
        }
    }
    return {};
}

/// Arrow takes a column for text because of one word among its numbers. Where nearly all of the values are
/// numbers or times, that is what the column is, and a word among them is an error, as it is further down.
/// Where they are not, but the column is another type's by `read_as`, what stands in the way is kept for the
/// report.
void settle_text(const std::string& path, dataset::Schema& schema, const SourceOptions& options,
                 std::size_t bytes) {
    const auto known = [&](const std::string& name) -> const dataset::Field* {
        const auto there = options.read_as ? options.read_as->find(name) : std::nullopt;
        return there ? &options.read_as->fields[*there] : nullptr;
    };
    const auto in_doubt = [&](const dataset::Field& field) {
        const auto* as = known(field.name);
        return field.type == Type::text && !options.types.contains(field.name) &&
               (as == nullptr || as->type != Type::text);
    };
    if (std::ranges::none_of(schema.fields, in_doubt)) return;
    const auto counts = count_types(path, schema, bytes);
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
        auto& field = schema.fields[i];
        if (!in_doubt(field)) continue;
        if (auto settled = counts[i].finish(field.name); settled.type != Type::text)
            field = std::move(settled);
        else if (const auto* as = known(field.name)) field.remark = first_misfit(path, i, *as, bytes);
        else field.remark = counts[i].doubt();
    }
}

/// By the length of the first row, and some to spare: a row too few costs a copy of the column.
std::uint64_t rows_expected(const std::string& path, const CsvHeader& header) {
    std::error_code code;
    const auto bytes = std::filesystem::file_size(path, code);
    if (code || path.ends_with(".gz")) return 0;
    return bytes / std::max<std::size_t>(header.row_bytes, 1) * 17 / 16 + 16;
}

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_csv(const std::string& path, const SourceOptions& options,
                                                        const core::Task& task) {
    auto header = read_header(path);
    if (!header) return propagate(header);
    dataset::Schema schema;
    if (!header->has_rows)
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: a header and no row; expected at least one row of values", path),
                    std::string(dataset::no_row_code));
    // The first rows decide; Arrow's own reading of them is the guess. A block must hold at least one row.
    const auto longest = static_cast<std::int32_t>(std::min<std::size_t>(header->bytes * 4, 64u << 20u));
    const std::int32_t guess_bytes = std::max(guess_bytes_min, longest);
    auto first_rows = guessed_schema(path, guess_bytes, *header, options.read_as);
    if (!first_rows) {
        for (const auto& name : header->names) schema.fields.push_back({name, Type::text, "string"});
        return explained(path, schema, options, first_rows.error().message);
    }
    auto guessed = schema_of(**first_rows, path);
    if (!guessed) return propagate(guessed);
    schema = std::move(*guessed);
    for (auto& field : schema.fields) {
        if (options.read_as)
            if (const auto there = options.read_as->find(field.name)) {
                const auto& known = options.read_as->fields[*there];
                const bool numbers = known.type == Type::integer || known.type == Type::real;
                const bool readable = numbers ? field.type == Type::null || field.type == Type::integer ||
                                                    field.type == Type::real
                                              : known.type == Type::text || field.type == Type::null;
                if (readable && known.type != Type::null && known.type != Type::unsupported &&
                    field.type != Type::timestamp)
                    field = known;
            }
        if (const auto known = options.types.find(field.name); known != options.types.end())
            field = {field.name, known->second, known->second == Type::text ? "string" : "double"};
        if (field.type == Type::unsupported) field = {field.name, Type::text, "string"};  // A time of day.
    }
    settle_text(path, schema, options, static_cast<std::size_t>(guess_bytes));
    for (std::size_t i = 0; i < schema.fields.size(); ++i)
        if (schema.fields[i].name == options.time && schema.fields[i].type == Type::text)
            if (auto status = require_times(path, i, options.time, static_cast<std::size_t>(guess_bytes));
                !status)
                return propagate(status);
    auto digest = std::make_shared<BytesDigest>();
    if (auto status = type_late_columns(path, schema, options, digest, task); !status)
        return propagate(status);
    return std::unique_ptr<dataset::Source>(std::make_unique<CsvSource>(
        path, std::move(schema), options, std::move(digest), rows_expected(path, *header)));
}

}  // namespace tristrata::sources
