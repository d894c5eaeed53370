#pragma once

#include "tristrata/core/task.hpp"
#include "tristrata/detection/profile.hpp"
#include "tristrata/drift/report.hpp"
#include "tristrata/session/session.hpp"

#include <optional>
#include <string>

namespace tristrata::drift_check {

/// Whether a file, whose bytes can be read again, begins as a profile does.
[[nodiscard]] bool is_profile_file(const std::string& path);

/// Reads a profile's file. not_found, invalid_input: a folder, a file that is being written, no profile.
[[nodiscard]] core::Result<detection::Profile> read_profile_file(const std::string& path,
                                                                 const core::Task& task);

/// A reference that was saved: a file, or what was promoted for a module.
struct SavedReference {
    detection::Profile profile;
    std::optional<store::Reference> promoted;
};
/// The reference that was promoted for a module. not_found: none was.
[[nodiscard]] core::Result<SavedReference> promoted_reference(const std::string& module,
                                                              session::Session& session,
                                                              const core::Task& task);

/// The report says which reference it stands on, and that it has expired where it has: so does what is
/// returned. Its id stays the one that the profile's own version made: numbers repeat from module to module.
[[nodiscard]] std::optional<std::string> name_reference(drift::Report& report,
                                                        const SavedReference& reference);

}  // namespace tristrata::drift_check
