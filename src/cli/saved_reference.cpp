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

core::Result<drift_check::SavedReference> open_saved_reference(const DriftCheckOptions& options,
                                                               session::Session* session,
                                                               const core::Task& task) {
    if (!options.profile.empty()) {
        auto profile = drift_check::read_profile_file(options.profile, task);
        if (!profile) return propagate(profile);
        return drift_check::SavedReference{std::move(*profile), std::nullopt};
    }
    return drift_check::promoted_reference(options.reference_of, *session, task);
}

}  // namespace tristrata::cli
