#pragma once

#include "tristrata/analyzer/rounds.hpp"
#include "tristrata/spool/file_system.hpp"

#include <string>
#include <string_view>

namespace tristrata::service {

/// Up to where the windows of analyzers or checks were looked at, by name, in a file of the spool's folder
/// (docs/formats/spool.md): who serves it next goes on from there.
///
/// Threads   One caller at a time.
class WindowFile {
public:
    /// `whose`: "analyzers", "checks".
    WindowFile(spool::FileSystem& files, const std::string& root, std::string_view whose);

    /// Nothing where there is no file. invalid_input: what it holds is no such thing.
    [[nodiscard]] core::Result<analyzer::LookedAt> read();
    /// Whole or not at all, and durable once it returns.
    [[nodiscard]] core::Status write(const analyzer::LookedAt& all);

private:
    spool::FileSystem& files_;
    std::string folder_;
    std::string path_;
};

}  // namespace tristrata::service
