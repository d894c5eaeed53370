#pragma once

#include "tristrata/core/result.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace tristrata::archive {

/// A local file that goes with its owner.
class ScratchFile {
public:
    /// storage: the folder cannot be written. An empty folder is the system's. Those that killed runs left a
    /// day ago are removed.
    [[nodiscard]] static core::Result<ScratchFile> make(const std::string& folder);
    ScratchFile(ScratchFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ScratchFile& operator=(ScratchFile&&) = delete;
    ~ScratchFile();
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// SHA-256 and length of what it holds.
    struct Content {
        std::string sha256;
        std::uint64_t bytes = 0;
    };
    [[nodiscard]] core::Result<Content> content() const;

private:
    explicit ScratchFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace tristrata::archive
