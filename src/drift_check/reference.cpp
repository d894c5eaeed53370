#include "tristrata/drift_check/reference.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>

namespace tristrata::drift_check {

using core::ErrorKind;
using core::fail;

bool is_profile_file(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) return false;
    std::ifstream file(path, std::ios::binary);
    std::array<char, 8> head{};
    file.read(head.data(), head.size());
    return detection::begins_as_profile({head.data(), static_cast<std::size_t>(file.gcount())});
}

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

core::Result<SavedReference> promoted_reference(const std::string& module, session::Session& session,
                                                const core::Task& task) {
    auto store = session.open_store(store::Layer::drift, store::OpenMode::read);
    if (!store) return propagate(store);
    auto promoted = (*store)->current_reference(module);
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

}  // namespace tristrata::drift_check
