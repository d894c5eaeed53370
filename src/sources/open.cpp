#include "tristrata/sources/open.hpp"
#include "tristrata/core/ascii.hpp"

#include "kinds.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace tristrata::sources {
namespace {

namespace fs = std::filesystem;
using core::ErrorKind;
using core::fail;

enum class Format { csv, parquet, ipc, unknown };

Format format_of(const std::string& path) {
    const std::string lower = core::lowered(path);
    if (lower.ends_with(".csv") || lower.ends_with(".csv.gz")) return Format::csv;
    if (lower.ends_with(".parquet") || lower.ends_with(".pq")) return Format::parquet;
    if (lower.ends_with(".arrow") || lower.ends_with(".feather") || lower.ends_with(".ipc"))
        return Format::ipc;
    return Format::unknown;
}

/// Whether a file begins as a CSV does: UTF-8 without control characters, with a comma or the end of a line.
bool begins_as_csv(const std::string& path) {
    std::string head(4096, '\0');
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) return false;
    head.resize(std::fread(head.data(), 1, head.size(), file));
    std::fclose(file);
    if (const auto end = head.rfind('\n'); end != std::string::npos) head.resize(end + 1);
    const auto control = [](unsigned char c) { return c < ' ' && c != '\t' && c != '\r' && c != '\n'; };
    return head.find_first_of(",\n") != std::string::npos && std::ranges::none_of(head, control) &&
           core::is_utf8(head);
}

core::Result<std::unique_ptr<dataset::Source>> open_by_ending(const std::string& path,
                                                              const SourceOptions& options,
                                                              const core::Task& task) {
    switch (format_of(path)) {
        case Format::csv:
            return open_csv(path, options, task);
        case Format::parquet:
            return open_parquet(path);
        case Format::ipc:
            return open_ipc(path);
        case Format::unknown:
            break;
    }
    return fail(ErrorKind::invalid_input, fmt::format("{}: its ending names no format that is read; expected "
                                                      ".csv, .csv.gz, .parquet, .arrow, .feather or .ipc",
                                                      path));
}

core::Result<std::unique_ptr<dataset::Source>> open_file(const std::string& path,
                                                         const SourceOptions& options,
                                                         const core::Task& task) {
    auto source = open_by_ending(path, options, task);
    if (source) return source;
    const auto format = format_of(path);
    const bool packed = format == Format::csv && path.ends_with(".gz");
    if (!packed && format != Format::parquet && format != Format::ipc) return source;
    if (!begins_as_csv(path)) return source;
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{}: not {}: it looks like CSV text, and only its ending is wrong; name it .csv", path,
                    packed                      ? "a gzip file"
                    : format == Format::parquet ? "Parquet"
                                                : "Arrow IPC"));
}

/// Files one after another.
class FolderStream final : public dataset::BatchStream {
public:
    FolderStream(std::vector<std::unique_ptr<dataset::Source>>& files, std::vector<std::string> fields,
                 core::Task task)
        : files_(files), fields_(std::move(fields)), task_(std::move(task)) {}

    core::Result<std::optional<dataset::Batch>> next() override {
        while (true) {
            if (!stream_) {
                if (index_ == files_.size()) return std::optional<dataset::Batch>();
                std::vector<std::size_t> wanted;
                for (const auto& field : fields_) wanted.push_back(*files_[index_]->schema().find(field));
                auto opened = files_[index_]->open(wanted, task_);
                if (!opened) return propagate(opened);
                stream_ = std::move(*opened);
                ++index_;
            }
            auto batch = stream_->next();
            if (!batch || *batch) return batch;
            stream_.reset();
        }
    }

private:
    std::vector<std::unique_ptr<dataset::Source>>& files_;
    std::vector<std::string> fields_;
    core::Task task_;
    std::unique_ptr<dataset::BatchStream> stream_;
    std::size_t index_ = 0;
};

class FolderSource final : public dataset::Source {
public:
    FolderSource(const std::string& path, dataset::Schema schema,
                 std::vector<std::unique_ptr<dataset::Source>> files, std::size_t left_out)
        : name_(fmt::format("{} ({}{})", path, core::plural(files.size(), "file"),
                            left_out == 0 ? "" : fmt::format("; {} of no such format left out", left_out))),
          schema_(std::move(schema)),
          files_(std::move(files)) {}

    const std::string& name() const noexcept override { return name_; }
    const dataset::Schema& schema() const noexcept override { return schema_; }
    dataset::Access access() const noexcept override { return files_.front()->access(); }
    std::optional<std::uint64_t> rows() const noexcept override {
        std::uint64_t sum = 0;
        for (const auto& file : files_) {
            const auto rows = file->rows();
            if (!rows) return std::nullopt;
            sum += *rows;
        }
        return sum;
    }
    std::uint64_t rows_expected() const noexcept override {
        std::uint64_t sum = 0;
        for (const auto& file : files_) sum += file->rows_expected();
        return sum;
    }
    core::Result<std::string> digest(const core::Task& task) override {
        core::Sha256 state;
        for (const auto& file : files_) {
            auto one = file->digest(task);
            if (!one) return one;
            state.update(fs::path(file->name()).filename().string() + "\n" + *one + "\n");
        }
        return state.finish();
    }
    core::Result<std::unique_ptr<dataset::BatchStream>> open(std::span<const std::size_t> fields,
                                                             const core::Task& task) override {
        std::vector<std::string> names;
        for (const auto field : fields) names.push_back(schema().fields[field].name);
        return std::unique_ptr<dataset::BatchStream>(
            std::make_unique<FolderStream>(files_, std::move(names), task));
    }

private:
    std::string name_;
    dataset::Schema schema_;
    std::vector<std::unique_ptr<dataset::Source>> files_;
};

/// Takes a further file's schema into the folder's: the same names, and types that agree. A column without a
/// value agrees with any type, and whole numbers with fractions.
core::Status merge(dataset::Schema& merged, const dataset::Schema& further, const std::string& path,
                   const std::string& first) {
    using dataset::Type;
    const auto differs = [&](std::string_view name, std::string_view found, std::string_view before) {
        return fail(
            ErrorKind::invalid_input,
            fmt::format(
                "{}: column {} is {}, but {} in {}; the files of a folder are one table and share one schema",
                path, core::quoted(name), found, before, first));
    };
    for (auto& field : merged.fields) {
        const auto there = further.find(field.name);
        if (!there) return differs(field.name, "missing", dataset::name(field.type));
        const auto& found = further.fields[*there];
        const bool numbers = dataset::is_number(field.type) && dataset::is_number(found.type);
        if (field.type == Type::null || (numbers && found.type == Type::real)) field = found;
        else if (!numbers && found.type != field.type && found.type != Type::null)
            return differs(field.name, dataset::name(found.type), dataset::name(field.type));
    }
    for (const auto& field : further.fields)
        if (!merged.find(field.name)) return differs(field.name, dataset::name(field.type), "missing");
    return {};
}

}  // namespace

bool is_table(const std::string& path) { return format_of(path) != Format::unknown; }

core::Result<std::unique_ptr<dataset::Source>> open_folder(const std::string& path,
                                                           const SourceOptions& options,
                                                           const core::Task& task) {
    std::vector<std::string> paths;
    std::size_t left_out = 0;
    std::error_code code;
    fs::directory_iterator entries(path, code);
    for (; !code && entries != fs::directory_iterator(); entries.increment(code)) {
        const std::string name = entries->path().filename().string();
        if (name.starts_with('.') || name.starts_with('_')) continue;  // Hidden, or another program's marks.
        std::error_code unreadable;  // A link that leads nowhere, or to itself.
        if (entries->is_regular_file(unreadable) && format_of(name) != Format::unknown)
            paths.push_back(entries->path().string());
        else ++left_out;
    }
    if (code)
        return fail(ErrorKind::not_found, fmt::format("{}: cannot be listed: {}", path, code.message()));
    std::ranges::sort(paths);
    if (paths.empty())
        return fail(ErrorKind::not_found,
                    fmt::format("{}: the folder holds no .csv, .csv.gz, .parquet or .arrow file", path));
    std::vector<std::unique_ptr<dataset::Source>> files;
    dataset::Schema merged;
    SourceOptions as_before = options;
    for (const auto& one : paths) {
        if (auto status = task.check(); !status) return propagate(status);
        auto file = open_file(one, as_before, task);
        if (!file) return propagate(file);
        if (format_of(one) != format_of(paths.front()))
            return fail(
                ErrorKind::invalid_input,
                fmt::format("{} is not of the format of {}; a folder of one table holds files of one format",
                            one, paths.front()));
        if (files.empty()) merged = (*file)->schema();
        else if (auto status = merge(merged, (*file)->schema(), one, paths.front()); !status)
            return propagate(status);
        if (!options.read_as) as_before.read_as = merged;
        files.push_back(std::move(*file));
    }
    return std::unique_ptr<dataset::Source>(
        std::make_unique<FolderSource>(path, std::move(merged), std::move(files), left_out));
}

core::Result<std::unique_ptr<dataset::Source>> open_source(const std::string& path,
                                                           const SourceOptions& options,
                                                           const core::Task& task) {
    if (path == "-") return open_standard_input(STDIN_FILENO, options, task);
    if (path.starts_with("s3://")) return open_s3(path, options, task);
    std::error_code code;
    const auto status = fs::status(path, code);
    if (!fs::exists(status))
        return fail(ErrorKind::not_found, fmt::format("{}: no such file or folder", path),
                    std::to_string(ENOENT));
    if (::access(path.c_str(), R_OK) != 0)
        return fail(ErrorKind::not_found, fmt::format("{} may not be read: {}", path, std::strerror(errno)),
                    std::to_string(errno));
    if (fs::is_directory(status)) return open_folder(path, options, task);
    return open_file(path, options, task);
}

}  // namespace tristrata::sources
