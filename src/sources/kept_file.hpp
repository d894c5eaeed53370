#pragma once

#include "tristrata/core/result.hpp"

#include <string>

namespace tristrata::sources {

/// A file without a name, in the folder for temporary files: it is gone when the process is, however it ends.
class KeptFile {
public:
    [[nodiscard]] static core::Result<KeptFile> make();
    KeptFile(KeptFile&& other) noexcept;
    KeptFile& operator=(KeptFile&& other) noexcept;
    ~KeptFile();

    /// A path under which this process can open it, as often as it likes.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// Everything that `descriptor` still gives. storage: the disk is full; invalid_input: it cannot be read.
    [[nodiscard]] core::Status copy_from(int descriptor);
    [[nodiscard]] core::Status write(const void* bytes, std::size_t size);

private:
    explicit KeptFile(int descriptor);
    int descriptor_ = -1;
    std::string path_;
};

}  // namespace tristrata::sources
