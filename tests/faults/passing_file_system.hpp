#pragma once

#include "tristrata/spool/file_system.hpp"

namespace tristrata::faults {

/// Passes everything on to another file system: a test changes the one thing that it is about.
class PassingFileSystem : public spool::FileSystem {
public:
    explicit PassingFileSystem(spool::FileSystem& below) : below_(below) {}

    core::Result<std::unique_ptr<spool::File>> open(const std::string& path, Open how) override {
        return below_.open(path, how);
    }
    core::Result<std::unique_ptr<spool::Lock>> lock(const std::string& path) override {
        return below_.lock(path);
    }
    core::Status rename(const std::string& from, const std::string& to) override {
        return below_.rename(from, to);
    }
    core::Status remove(const std::string& path) override { return below_.remove(path); }
    core::Status make_folder(const std::string& path) override { return below_.make_folder(path); }
    core::Status sync_folder(const std::string& path) override { return below_.sync_folder(path); }
    core::Result<std::vector<spool::FolderEntry>> list(const std::string& path) override {
        return below_.list(path);
    }
    core::Result<spool::FileSystemKind> kind(const std::string& path) override { return below_.kind(path); }
    core::Result<std::uint64_t> bytes_free(const std::string& path) override {
        return below_.bytes_free(path);
    }
    core::Status require_writable(const std::string& path) override { return below_.require_writable(path); }
    core::Status require_own(const std::string& path) override { return below_.require_own(path); }

private:
    spool::FileSystem& below_;
};

}  // namespace tristrata::faults
