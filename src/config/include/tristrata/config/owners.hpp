#pragma once

#include "tristrata/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::config {

class Document;
class Settings;

/// Who is told of a module, by which way, and where it is written what to do.
struct Owner {
    std::string owner;     ///< A team or a person, as people say it.
    std::string route;     ///< The label `route` of its alerts; the owner where the file names none.
    std::string runbooks;  ///< A folder or URL before each runbook's name, without a / at its end.
    std::string pattern;   ///< What named it: "train.*"; empty: no entry did, this is the default.

    [[nodiscard]] bool is_default() const noexcept { return pattern.empty(); }
};

/// owners.toml: [default], which must be there, and a [modules."NAME"] for each module. NAME is a module's
/// own, or the beginning of several with * at its end. A module's own name counts before a pattern, the
/// longer pattern before the shorter. What an entry leaves out is the default's.
///
/// Errors    configuration, with file and place: no [default], an empty owner or name, a * elsewhere than at
///           the end, a key that nobody knows, a value that cannot be a label or be shown on a line.
/// Example   [modules."train.*"] owner = "models" names the owner of train.lstm, and not that of train
///           (tests/owners_test.cpp).
class Owners {
public:
    /// Nobody was named: of each module the owner is "unowned" and the route too, the runbooks those of
    /// docs/runbooks.
    Owners();
    [[nodiscard]] static core::Result<Owners> read(const std::filesystem::path& file);
    [[nodiscard]] static core::Result<Owners> parse(std::string_view text, std::string name);
    /// read() of the file that the setting "owners" names; nobody's where it is not set.
    [[nodiscard]] static core::Result<Owners> of(const Settings& settings);

    [[nodiscard]] const Owner& of_module(std::string_view module) const;
    [[nodiscard]] const Owner& fallback() const noexcept { return fallback_; }
    /// In the order of the file.
    [[nodiscard]] const std::vector<Owner>& entries() const noexcept { return entries_; }

private:
    [[nodiscard]] static core::Result<Owners> of_document(const core::Result<Document>& document);

    Owner fallback_;
    std::vector<Owner> entries_;
};

}  // namespace tristrata::config
