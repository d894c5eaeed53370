#pragma once

#include "tristrata/config/document.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::config {

/// Environment variables, as a map: tests give their own.
using Environment = std::map<std::string, std::string, std::less<>>;
/// Those of this process.
[[nodiscard]] Environment process_environment();

/// One setting: its value and where it came from ("--kpi-url", "TRISTRATA_KPI_URL", "tristrata.toml:2:11").
struct Setting {
    core::Secret value;
    std::string origin;
    std::string file = {};  ///< Where a …_FILE twin found it; it is read again when the secret is used.
};

/// A known setting: its key in tristrata.toml and its environment variable.
struct SettingName {
    std::string_view key;       ///< "kpi_url"
    std::string_view variable;  ///< "TRISTRATA_KPI_URL"
    bool secret;                ///< A URL: hidden but for its scheme, and with a _FILE twin.
    std::string_view example;
};
[[nodiscard]] const std::vector<SettingName>& setting_names();
/// The variable of a key that stands among them.
[[nodiscard]] std::string_view variable_of(std::string_view key);

/// A variable of the environment whose name begins with TRISTRATA_ and that no setting reads.
struct UnknownVariable {
    std::string name;
    std::string nearest;  ///< The known one that may be meant, empty where none is near.
};
/// In alphabetical order. The value of none is looked at.
[[nodiscard]] std::vector<UnknownVariable> unknown_variables(const Environment& environment);

/// All settings that are set. Arguments stand above the environment, the environment above the file.
class Settings {
public:
    [[nodiscard]] const Setting* find(std::string_view key) const noexcept;
    /// The value; configuration error that names the variable where it is not set, and one that may be it,
    /// misspelt.
    [[nodiscard]] core::Result<Setting> require(std::string_view key) const;
    /// The value of a setting that is no secret, or an empty text.
    [[nodiscard]] std::string text(std::string_view key) const;
    void set(std::string_view key, Setting setting);
    /// The keys that are set, in alphabetical order; a further store's is "stores.NAME".
    [[nodiscard]] std::vector<std::string> keys() const;

    [[nodiscard]] const std::vector<UnknownVariable>& unknown() const noexcept { return unknown_; }
    void set_unknown(std::vector<UnknownVariable> unknown) { unknown_ = std::move(unknown); }
    /// For the end of a sentence which says that a setting is not set: "; TRISTRATA_KPI_ULR is set, which is
    /// no setting: is TRISTRATA_KPI_URL meant?", empty where no such variable is near its name.
    [[nodiscard]] std::string misspelt(std::string_view key) const;

    /// A table of tristrata.toml that a room reads and finishes, such as [incident]; nothing where it is not
    /// there.
    [[nodiscard]] std::optional<Reader> section(std::string_view name) const;
    void set_section(std::string name, Reader reader) {
        sections_.insert_or_assign(std::move(name), std::move(reader));
    }

    /// OpenTelemetry's own variables, OTEL_…, as they stand in the environment; those that are empty are not
    /// set.
    [[nodiscard]] const Environment& open_telemetry() const noexcept { return open_telemetry_; }
    void set_open_telemetry(Environment variables) { open_telemetry_ = std::move(variables); }

private:
    std::map<std::string, Setting, std::less<>> values_;
    std::map<std::string, Reader, std::less<>> sections_;
    std::vector<UnknownVariable> unknown_;
    Environment open_telemetry_;
};

/// The URL of a store by the name a person gives it: kpi, drift and read are settings of their own, every
/// other one is a [stores.NAME] of tristrata.toml. configuration: it is not set, with the names that are.
[[nodiscard]] core::Result<Setting> require_store(const Settings& settings, std::string_view name);

/// Reads the environment, and the file (default tristrata.toml in the working directory, where there is one).
/// A
/// `<NAME>_FILE` variable names a file that holds the value (a trailing newline is left out); both set is an
/// error, and so is an unknown key of the file. `arguments` maps keys to values; empty values are not set,
/// and a URL with a password among them is an error: everyone on the machine can read a command line.
[[nodiscard]] core::Result<Settings> read_settings(const Environment& environment,
                                                   const std::optional<std::filesystem::path>& file,
                                                   const std::map<std::string, std::string>& arguments);

enum class Backend { sqlite, postgresql };

/// Where a store is. sqlite:///kpi.db is relative to the working directory, sqlite:////var/kpi.db absolute.
struct StoreUrl {
    Backend backend = Backend::sqlite;
    std::string path;  ///< SQLite's file.
};
[[nodiscard]] core::Result<StoreUrl> parse_store_url(const Setting& setting);

/// A setting's value for whoever uses it later: one from a file is read anew, so that it can be exchanged.
[[nodiscard]] core::SecretSource source_of(const Setting& setting);

/// A URL as it may be shown: user and password hidden, SQLite's path whole.
[[nodiscard]] std::string shown(const SettingName& name, const Setting& setting);

}  // namespace tristrata::config
