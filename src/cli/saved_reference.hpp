#pragma once

#include "options.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/detection/profile.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/session/session.hpp"

#include <optional>
#include <string>

namespace tristrata::cli {

/// Reads and writes a profile's file; a reader never sees half of one.
[[nodiscard]] core::Result<detection::Profile> read_profile_file(const std::string& path,
                                                                 const core::Task& task);
[[nodiscard]] core::Status write_profile_file(const std::string& path, const detection::Profile& profile);

/// A reference that was saved: a file, or what was promoted for a module.
struct SavedReference {
    detection::Profile profile;
    std::optional<store::Reference> promoted;
};

/// Whether the command line names one.
[[nodiscard]] bool names_saved_reference(const DriftCheckOptions& options) noexcept;
/// usage: two of them, a reference window or a reference table beside one, or no current side.
[[nodiscard]] core::Status check_saved_reference(const DriftCheckOptions& options, std::size_t tables);
[[nodiscard]] core::Result<SavedReference> open_saved_reference(const DriftCheckOptions& options,
                                                                session::Session* session,
                                                                const core::Task& task);
/// The report says which reference it stands on, and that it has expired where it has: so does what is
/// returned. Its id stays the one that the profile's own version made: numbers repeat from module to module.
[[nodiscard]] std::optional<std::string> name_reference(drift::Report& report,
                                                        const SavedReference& reference);

}  // namespace tristrata::cli
