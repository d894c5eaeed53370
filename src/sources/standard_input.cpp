#include "kept_source.hpp"
#include "kinds.hpp"

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <unistd.h>
#include <string_view>

namespace tristrata::sources {
namespace {

using core::ErrorKind;
using core::fail;

const std::string shown_name = "standard input";
constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view parquet_magic = "PAR1";
constexpr std::string_view ipc_file_magic = "ARROW1";
constexpr std::string_view ipc_stream_magic = "\xff\xff\xff\xff";

core::Result<std::string> head_of(const std::string& path) {
    const auto read = [&]() -> arrow::Result<std::string> {
        ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path));
        ARROW_ASSIGN_OR_RAISE(const auto bytes, file->Read(8));
        return bytes->ToString();
    };
    auto head = read();
    if (!head.ok()) return foreign(head.status(), shown_name, "cannot be read");
    return *head;
}

/// The same bytes, unpacked.
core::Result<KeptFile> unpacked(const KeptFile& packed) {
    auto plain = KeptFile::make();
    if (!plain) return propagate(plain);
    core::Status kept;
    const auto copy = [&]() -> arrow::Status {
        ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(packed.path()));
        ARROW_ASSIGN_OR_RAISE(auto codec, arrow::util::Codec::Create(arrow::Compression::GZIP));
        ARROW_ASSIGN_OR_RAISE(auto stream, arrow::io::CompressedInputStream::Make(codec.get(), file));
        while (true) {
            ARROW_ASSIGN_OR_RAISE(const auto block, stream->Read(1 << 20));
            if (block->size() == 0) return arrow::Status::OK();
            kept = plain->write(block->data(), static_cast<std::size_t>(block->size()));
            if (!kept) return arrow::Status::OK();
        }
    };
    if (const auto status = copy(); !status.ok()) return foreign(status, shown_name, "not a whole gzip file");
    if (!kept) return propagate(kept);
    return plain;
}

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_standard_input(int descriptor,
                                                                   const SourceOptions& options,
                                                                   const core::Task& task) {
    if (::isatty(descriptor) != 0)
        return fail(ErrorKind::usage,
                    "DATA is -, and standard input is a terminal; pipe a CSV, Parquet or Arrow file into it");
    auto kept = KeptFile::make();
    if (!kept) return propagate(kept);
    if (auto status = kept->copy_from(descriptor); !status) return propagate(status);
    auto head = head_of(kept->path());
    if (!head) return propagate(head);
    if (head->starts_with(gzip_magic)) {
        kept = unpacked(*kept);
        if (!kept) return propagate(kept);
        head = head_of(kept->path());
        if (!head) return propagate(head);
    }
    const bool ipc = head->starts_with(ipc_file_magic) || head->starts_with(ipc_stream_magic);
    auto source = head->starts_with(parquet_magic) ? open_parquet(kept->path())
                  : ipc                            ? open_ipc(kept->path())
                                                   : open_csv(kept->path(), options, task);
    if (!source) return tl::unexpected(renamed(source.error(), kept->path(), shown_name));
    return kept_source(std::move(*kept), std::move(*source), shown_name);
}

}  // namespace tristrata::sources
