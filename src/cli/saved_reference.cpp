#include "saved_reference.hpp"

#include "console.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>

namespace tristrata::cli {

using core::ErrorKind;
using core::fail;

core::Result<detection::Profile> read_profile_file(const std::string& path, const core::Task& task) {
    std::error_code code;
    if (std::filesystem::is_directory(path, code))
        return fail(ErrorKind::invalid_input, fmt::format("{} is a folder; expected a saved profile", path));
    const auto size = std::filesystem::file_size(path, code);
    std::FILE* file = code ? nullptr : std::fopen(path.c_str(), "rb");
    if (file == nullptr)
        return fail(ErrorKind::not_found,
                    fmt::format("{}: no such profile, or it may not be read; make one with tristrata drift "
                                "profile",
                                path));
    const auto bytes = std::make_shared_for_overwrite<std::byte[]>(size);
    const bool whole = std::fread(bytes.get(), 1, size, file) == size;
    std::fclose(file);
    if (!whole)
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: it became shorter while it was read; is it being written?", path));
    return detection::read_profile(std::span(bytes.get(), size), bytes, path, task);
}

core::Status write_profile_file(const std::string& path, const detection::Profile& profile) {
    return write_file(path, profile.bytes());
}

bool names_saved_reference(const DriftCheckOptions& options) noexcept {
    return !options.profile.empty() || !options.reference_of.empty();
}

core::Status check_saved_reference(const DriftCheckOptions& options, std::size_t tables) {
    if (!options.profile.empty() && !options.reference_of.empty())
        return fail(ErrorKind::usage,
                    "--profile and --reference-of each name the reference; give one of them");
    if (!options.reference.empty())
        return fail(
            ErrorKind::usage,
            "--reference chooses rows of a table, and a saved reference has its own; choose them when "
            "it is made: tristrata drift profile DATA --window FROM..TO -o P");
    if (tables != 1)
        return fail(
            ErrorKind::usage,
            fmt::format("{} tables are named beside a saved reference; expected one, CURRENT", tables));
    return {};
}

core::Result<SavedReference> open_saved_reference(const DriftCheckOptions& options, session::Session* session,
                                                  const core::Task& task) {
    if (!options.profile.empty()) {
        auto profile = read_profile_file(options.profile, task);
        if (!profile) return propagate(profile);
        return SavedReference{std::move(*profile), std::nullopt};
    }
    auto store = session->open_store(store::Layer::drift, store::OpenMode::read);
    if (!store) return propagate(store);
    auto promoted = (*store)->current_reference(options.reference_of);
    if (!promoted) return propagate(promoted);
    auto bytes = (*store)->profile(promoted->profile_sha256);
    if (!bytes) return propagate(bytes);
    auto profile = detection::read_profile(
        std::move(*bytes), fmt::format("reference {} of {}", promoted->version, promoted->module), task);
    if (!profile) return propagate(profile);
    return SavedReference{std::move(*profile), std::move(*promoted)};
}

std::optional<std::string> name_reference(drift::Report& report, const SavedReference& reference) {
    std::optional<std::string> warning;
    if (reference.promoted) {
        const store::Reference& promoted = *reference.promoted;
        report.reference.version = std::to_string(promoted.version);
        report.reference.source = fmt::format("reference {} of {} ({})", promoted.version, promoted.module,
                                              report.reference.source);
        if (promoted.expires_at && *promoted.expires_at <= report.created_at) {
            warning = fmt::format(
                "reference {} of {} expired at {}: promote a newer one, or the same again "
                "with another --expires",
                promoted.version, promoted.module, core::to_string(*promoted.expires_at));
            report.notes.push_back(*warning);
            std::ranges::sort(report.notes);
        }
    }
    return warning;
}

}  // namespace tristrata::cli
