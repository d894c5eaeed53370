#include "csv_rows.hpp"

#include "byte_order_mark.hpp"
#include "recycling_pool.hpp"

#include <arrow/array/array_base.h>
#include <arrow/buffer.h>
#include <arrow/csv/converter.h>
#include <arrow/csv/parser.h>
#include <arrow/type.h>
#include <arrow/util/thread_pool.h>
#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>
#include <unordered_map>

namespace tristrata::sources {
namespace {

/// Raw, cut into fields and converted, a piece fits into the nearer caches.
constexpr std::int64_t piece_bytes = 1 << 19;

std::string_view text_of(const arrow::Buffer& piece) {
    return {reinterpret_cast<const char*>(piece.data()), static_cast<std::size_t>(piece.size())};
}

}  // namespace

/// What the pieces share.
struct CsvRows::Parser {
    arrow::csv::ParseOptions parse;
    arrow::csv::ConvertOptions convert;  ///< The converters refer to it.
    std::int32_t names = 0;
    std::shared_ptr<arrow::Schema> schema;
    std::vector<std::shared_ptr<arrow::csv::Converter>> converters;
    std::vector<std::int32_t> columns;  ///< Where each converter's column stands in a row.

    [[nodiscard]] Rows rows(std::string_view piece, bool begins, bool quotes) const {
        std::uint32_t taken = 0;
        if (begins) {
            if (piece.starts_with(byte_order_mark)) piece.remove_prefix(byte_order_mark.size());
            arrow::csv::BlockParser header(&recycling_pool(), parse, names, -1, 1);
            ARROW_RETURN_NOT_OK(header.ParseFinal(piece, &taken));
            piece.remove_prefix(taken);
        }
        auto options = parse;
        options.quoting = quotes;  // Without them parsing is faster.
        arrow::csv::BlockParser parser(&recycling_pool(), options, names, -1,
                                       std::numeric_limits<std::int32_t>::max());
        ARROW_RETURN_NOT_OK(parser.ParseFinal(piece, &taken));
        if (taken != piece.size()) return arrow::Status::Invalid("not all of the rows could be parsed");
        std::vector<std::shared_ptr<arrow::Array>> arrays;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            ARROW_ASSIGN_OR_RAISE(auto array, converters[i]->Convert(parser, columns[i]));
            arrays.push_back(std::move(array));
        }
        return arrow::RecordBatch::Make(schema, parser.num_rows(), std::move(arrays));
    }
};

CsvRows::CsvRows(std::shared_ptr<arrow::io::InputStream> bytes, std::shared_ptr<const Parser> parser,
                 unsigned threads)
    : bytes_(std::move(bytes)), parser_(std::move(parser)), at_once_(std::max(threads, 1u)) {}

arrow::Result<CsvRows> CsvRows::make(std::shared_ptr<arrow::io::InputStream> bytes,
                                     const std::vector<std::string>& names,
                                     const arrow::csv::ParseOptions& parse,
                                     const arrow::csv::ConvertOptions& convert, unsigned threads) {
    auto parser = std::make_shared<Parser>();
    parser->parse = parse;
    parser->convert = convert;
    parser->names = static_cast<std::int32_t>(names.size());
    std::unordered_map<std::string_view, std::int32_t> place_of;
    for (std::size_t i = 0; i < names.size(); ++i) place_of.emplace(names[i], static_cast<std::int32_t>(i));
    arrow::FieldVector fields;
    for (const auto& name : parser->convert.include_columns) {
        const auto type = parser->convert.column_types.find(name);
        const auto at = place_of.find(name);
        if (type == parser->convert.column_types.end() || at == place_of.end())
            return arrow::Status::Invalid("no column ", name, " with a type");
        ARROW_ASSIGN_OR_RAISE(auto converter,
                              arrow::csv::Converter::Make(type->second, parser->convert, &recycling_pool()));
        parser->converters.push_back(std::move(converter));
        parser->columns.push_back(at->second);
        fields.push_back(arrow::field(name, type->second));
    }
    parser->schema = arrow::schema(std::move(fields));
    return CsvRows(std::move(bytes), std::move(parser), threads);
}

arrow::Result<std::shared_ptr<arrow::Buffer>> CsvRows::cut() {
    auto filled = static_cast<std::int64_t>(rest_.size());
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::ResizableBuffer> buffer,
                          arrow::AllocateResizableBuffer(filled + piece_bytes, &recycling_pool()));
    std::memcpy(buffer->mutable_data(), rest_.data(), rest_.size());
    quotes_in_piece_ = rest_.find('"') != std::string::npos;
    std::int64_t end = 0;
    while (!ended_ && (end == 0 || filled < piece_bytes)) {
        // A row that is longer than a piece: as much again.
        if (filled == buffer->size()) ARROW_RETURN_NOT_OK(buffer->Resize(2 * filled, false));
        ARROW_ASSIGN_OR_RAISE(const auto got,
                              bytes_->Read(buffer->size() - filled, buffer->mutable_data() + filled));
        const std::string_view block(reinterpret_cast<const char*>(buffer->data() + filled),
                                     static_cast<std::size_t>(got));
        if (const auto row_end = quotes_.look(block); row_end > 0)
            end = filled + static_cast<std::int64_t>(row_end);
        quotes_in_piece_ = quotes_in_piece_ || quotes_.in_block();
        filled += got;
        ended_ = got == 0;
    }
    if (ended_) end = filled;
    rest_.assign(reinterpret_cast<const char*>(buffer->data() + end), static_cast<std::size_t>(filled - end));
    return arrow::SliceBuffer(buffer, 0, end);
}

CsvRows::Rows CsvRows::next() {
    while (!ended_ && parsed_.size() < at_once_) {
        ARROW_ASSIGN_OR_RAISE(auto piece, cut());
        auto parse = [parser = parser_, piece = std::move(piece), begins = !began_,
                      quotes = quotes_in_piece_] { return parser->rows(text_of(*piece), begins, quotes); };
        began_ = true;
        if (at_once_ == 1) return parse();
        ARROW_ASSIGN_OR_RAISE(auto rows, arrow::internal::GetCpuThreadPool()->Submit(std::move(parse)));
        parsed_.push_back(std::move(rows));
    }
    if (parsed_.empty()) return std::shared_ptr<arrow::RecordBatch>();
    auto rows = parsed_.front().result();
    parsed_.pop_front();
    return rows;
}

}  // namespace tristrata::sources
