#include "kept_source.hpp"
#include "kinds.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/objects/object_store.hpp"

#include <fmt/format.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace tristrata::sources {
namespace {

namespace fs = std::filesystem;
using core::ErrorKind;
using core::fail;

/// A folder of the system's for temporary files, gone with this.
class FetchedFolder {
public:
    explicit FetchedFolder(std::string path) : path_(std::move(path)) {}
    ~FetchedFolder() {
        std::error_code code;
        if (!path_.empty()) fs::remove_all(path_, code);
    }
    FetchedFolder(FetchedFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    FetchedFolder& operator=(FetchedFolder&&) = delete;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

core::Result<FetchedFolder> make_folder() {
    std::error_code code;
    std::string pattern = (fs::temp_directory_path(code) / "tristrata-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail(ErrorKind::storage,
                    fmt::format("what is fetched from S3 needs a place in {}: {}; name another by TMPDIR",
                                pattern, std::strerror(errno)),
                    std::to_string(errno));
    return FetchedFolder(std::move(pattern));
}

/// The files of a folder of keys; what lies deeper is there by its name only, to be counted as left out.
core::Status fetch_folder(objects::ObjectStore& bucket, const std::string& key, const std::string& into,
                          const core::Task& task) {
    auto listed = bucket.list(key);
    if (!listed) return propagate(listed);
    for (const auto& object : *listed) {
        if (auto status = task.check(); !status) return status;
        const std::string below = object.key.substr(key.empty() ? 0 : key.size() + 1);
        std::error_code code;
        if (const auto slash = below.find('/'); slash != std::string::npos) {
            fs::create_directory(fs::path(into) / below.substr(0, slash), code);
        } else if (is_table(below)) {
            if (auto fetched = bucket.fetch_file(object.key, (fs::path(into) / below).string()); !fetched)
                return fetched;
        } else {
            std::ofstream(fs::path(into) / below);
        }
    }
    return {};
}

}  // namespace

core::Result<std::unique_ptr<dataset::Source>> open_s3(const std::string& url, const SourceOptions& options,
                                                       const core::Task& task) {
    constexpr std::size_t scheme = 5;
    const auto slash = std::min(url.find('/', scheme), url.size());
    std::string key = url.substr(std::min(slash + 1, url.size()));
    const bool only_folder = key.empty() || key.ends_with('/');
    while (key.ends_with('/')) key.pop_back();
    objects::Options opening;
    opening.origin = core::quoted(url, 200);
    auto bucket = objects::open(url.substr(0, slash), opening);
    if (!bucket) return propagate(bucket);
    auto folder = make_folder();
    if (!folder) return propagate(folder);
    std::optional<objects::ObjectInfo> file;
    if (!only_folder) {
        auto found = (*bucket)->stat(key);
        if (!found) return propagate(found);
        file = std::move(*found);
    }
    const auto last = key.rfind('/');
    const std::string name = last == std::string::npos ? key : key.substr(last + 1);
    std::string place = (*bucket)->where();
    core::Result<std::unique_ptr<dataset::Source>> inner;
    if (file) {
        if (last != std::string::npos) place += "/" + key.substr(0, last);
        const std::string path = folder->path() + "/" + name;
        if (auto fetched = (*bucket)->fetch_file(key, path); !fetched) return propagate(fetched);
        inner = open_source(path, options, task);
    } else {
        if (!key.empty()) place += "/" + key;
        if (auto fetched = fetch_folder(**bucket, key, folder->path(), task); !fetched)
            return propagate(fetched);
        std::error_code code;
        if (fs::is_empty(folder->path(), code))
            return fail(ErrorKind::not_found, fmt::format("{}: there is no such file or folder", url));
        inner = open_folder(folder->path(), options, task);
    }
    if (!inner) return tl::unexpected(renamed(inner.error(), folder->path(), place));
    const std::string path = folder->path();
    std::string shown = (*inner)->name();
    shown.replace(0, path.size(), place);
    return renamed_source(std::make_shared<const FetchedFolder>(std::move(*folder)), std::move(*inner), path,
                          std::move(place), std::move(shown));
}

}  // namespace tristrata::sources
