#pragma once

#include "tristrata/dataset/column.hpp"
#include "tristrata/sources/open.hpp"

#include <arrow/type_fwd.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::sources::testing {

/// A folder of its own for each test, gone afterwards.
class Tables : public ::testing::Test {
public:
    Tables() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sources_XXXXXX").string();
        if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
    }
    ~Tables() override { std::filesystem::remove_all(folder_); }
    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
    /// Writes the bytes and returns the path.
    std::string file(const std::string& name, std::string_view bytes) const;
    std::string gzip_file(const std::string& name, std::string_view bytes) const;
    std::string parquet_file(const std::string& name, const arrow::Table& table,
                             std::int64_t row_group = 1000) const;
    enum class Ipc : std::uint8_t { file, stream };
    std::string ipc_file(const std::string& name, const arrow::Table& table, Ipc kind,
                         std::int64_t batch = 1000) const;

private:
    std::filesystem::path folder_;
};

/// The source, or a failed test and nothing.
[[nodiscard]] std::unique_ptr<dataset::Source> opened(const std::string& path,
                                                      const SourceOptions& options = {});
[[nodiscard]] dataset::Column column(dataset::Source& source, std::string_view name);
/// The message of the error that opening and reading every column ends with; empty where it ends well.
[[nodiscard]] std::string refusal(const std::string& path, const SourceOptions& options = {});
/// The labels of a text or boolean column, row by row; "<missing>" where there is none.
[[nodiscard]] std::vector<std::string> labels(const dataset::Column& column);

}  // namespace tristrata::sources::testing
