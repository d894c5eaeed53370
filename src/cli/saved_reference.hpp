#pragma once

#include "options.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/detection/profile.hpp"
#include "tristrata/drift_check/reference.hpp"
#include "tristrata/session/session.hpp"

#include <optional>
#include <string>

namespace tristrata::cli {

/// Writes a profile's file; a reader never sees half of one.
[[nodiscard]] core::Status write_profile_file(const std::string& path, const detection::Profile& profile);

/// Whether the command line names one.
[[nodiscard]] bool names_saved_reference(const DriftCheckOptions& options) noexcept;
/// usage: two of them, a reference window or a reference table beside one, or no current side.
[[nodiscard]] core::Status check_saved_reference(const DriftCheckOptions& options, std::size_t tables);
[[nodiscard]] core::Result<drift_check::SavedReference> open_saved_reference(const DriftCheckOptions& options,
                                                                             session::Session* session,
                                                                             const core::Task& task);
}  // namespace tristrata::cli
