#include "outputs.hpp"

#include "opening.hpp"
#include "tristrata/config/settings.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tristrata::cli {
namespace {

/// What SQLite writes beside a store.
constexpr std::array beside_store{"", "-wal", "-shm", "-journal"};

/// What the file is read as: `path`, or a member of the folder `path`; empty where it is another file.
std::string read_as(const std::filesystem::path& file, const std::filesystem::path& path) {
    std::error_code code;
    if (std::filesystem::equivalent(file, path, code)) return path.string();
    for (std::filesystem::directory_iterator member(path, code), end; !code && member != end;
         member.increment(code))
        if (std::error_code other; std::filesystem::equivalent(file, member->path(), other))
            return member->path().string();
    return "";
}

std::filesystem::path place(const std::string& file) {
    std::error_code code;
    const auto whole = std::filesystem::absolute(file, code);
    return code ? whole : std::filesystem::weakly_canonical(whole, code);
}

/// Whether both names are one regular file: one that is not there yet by its path, however it is spelled, one
/// that is there also through links.
bool is_one_file(const std::string& one, const std::string& other) {
    std::error_code code;
    const auto status = std::filesystem::status(one, code);
    if (std::filesystem::exists(status))
        return std::filesystem::is_regular_file(status) && std::filesystem::equivalent(one, other, code);
    return place(one) == place(other);
}

std::string overwritten_input(const FileArguments& files) {
    auto inputs = files.read;
    inputs.emplace_back("settings", "tristrata.toml");
    for (const auto& [option, output] : files.written) {
        std::error_code code;
        if (!std::filesystem::is_regular_file(output, code)) continue;
        for (const auto& [source, input] : inputs) {
            if (source == option) continue;
            const std::string found = read_as(output, input);
            if (found.empty()) continue;
            return fmt::format("{} {} is also what is read{}; give the result another name", option, output,
                               found == output ? "" : fmt::format(", as {}", found));
        }
    }
    return "";
}

std::string overwritten_store(const FileArguments& files) {
    // Settings that cannot be read are no matter of results: a command that needs them says so.
    const auto settings = read_settings(files.settings);
    if (!settings) return "";
    for (const auto& key : settings->keys()) {
        const config::Setting& setting = *settings->find(key);
        const auto url = config::parse_store_url(setting);
        if (!url || url->backend != config::Backend::sqlite) continue;
        const std::string store = place(url->path).string();  // Beside a link SQLite keeps nothing.
        for (const char* ending : beside_store)
            for (const auto& [option, output] : files.written)
                if (is_one_file(output, store + ending))
                    return fmt::format("{} {} is {}the store that {} names; give the result another name",
                                       option, output, *ending == '\0' ? "" : "a part of ", setting.origin);
    }
    return "";
}

std::string overwritten_output(const FileArguments& files) {
    for (std::size_t later = 1; later < files.written.size(); ++later)
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const auto& [option, file] = files.written[later];
            const auto& [before, first] = files.written[earlier];
            if (!is_one_file(first, file)) continue;
            return fmt::format(
                "{} {} and {} {} are one file, and the second result would be written over the first; give "
                "one of them another name",
                before, first, option, file);
        }
    return "";
}

std::string unwritable_output(const FileArguments& files) {
    for (const auto& [option, output] : files.written) {
        std::error_code code;
        const auto status = std::filesystem::status(output, code);
        if (std::filesystem::is_directory(status))
            return fmt::format("{} {} is a folder; name a file in it", option, output);
        std::string written = output;
        if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) {
            // The result is written beside it and renamed.
            written = std::filesystem::path(output).parent_path().string();
            if (written.empty()) written = ".";
            if (!std::filesystem::exists(written, code))
                return fmt::format("{} {}: there is no folder {}; make it, or name a file elsewhere", option,
                                   output, written);
            if (!std::filesystem::is_directory(written, code))
                return fmt::format("{} {}: {} is no folder; name a file elsewhere", option, output, written);
        }
        if (::access(written.c_str(), W_OK) != 0)
            return fmt::format("{} {}: {} may not be written to ({}); name a file elsewhere", option, output,
                               written, std::strerror(errno));
    }
    return "";
}

}  // namespace

std::string refused_output(const FileArguments& files) {
    FileArguments named = files;
    // Standard output each command looks after; an empty name is none.
    std::erase_if(named.written, [](const auto& one) { return one.second == "-" || one.second.empty(); });
    if (named.written.empty()) return "";
    for (const auto& find : {overwritten_input, overwritten_store, overwritten_output, unwritable_output})
        if (const auto why = find(named); !why.empty()) return fmt::format("{}: {}", files.command, why);
    return "";
}

}  // namespace tristrata::cli
