#pragma once

#include "options.hpp"
#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/result.hpp"
#include "tristrata/objects/object_store.hpp"
#include "tristrata/session/session.hpp"
#include "tristrata/store/store.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::cli {

/// The stores, in the order in which commands go through them, with the setting of each.
inline constexpr std::array layers{std::pair{store::Layer::kpi, "kpi_url"},
                                   std::pair{store::Layer::drift, "drift_url"}};
/// configuration: what a command says that goes through them and finds no setting. `example`: a command that
/// names them.
[[nodiscard]] tl::unexpected<core::Error> no_store_configured(const config::Settings& settings,
                                                              std::string_view example = {});

/// A sentence for each store on PostgreSQL whose URL names another database than TRISTRATA_READ_URL does:
/// what is written there is not what is read. Names only settings: a piece of a URL may be one of a password.
/// A host of another name may be a copy of the same database, and counts for nothing.
[[nodiscard]] std::vector<std::string> stores_not_read(const config::Settings& settings);

/// Settings from the arguments, the environment and tristrata.toml, as a session.
[[nodiscard]] core::Result<std::unique_ptr<session::Session>> open_session(const SettingOptions& options);
[[nodiscard]] core::Result<config::Settings> read_settings(const SettingOptions& options);

/// An archive while a command uses it. At its end it says on standard error how many requests had to be sent
/// again, also where the command failed.
class OpenedArchive {
public:
    [[nodiscard]] static core::Result<OpenedArchive> of(session::Session& session);
    ~OpenedArchive();
    OpenedArchive(OpenedArchive&&) noexcept = default;
    OpenedArchive& operator=(OpenedArchive&&) = delete;
    [[nodiscard]] objects::ObjectStore& operator*() const noexcept { return *objects_; }
    [[nodiscard]] objects::ObjectStore* operator->() const noexcept { return objects_.get(); }

private:
    explicit OpenedArchive(std::unique_ptr<objects::ObjectStore> objects) : objects_(std::move(objects)) {}
    std::unique_ptr<objects::ObjectStore> objects_;
};

/// The patterns of the setting "sensitive", over the built-in ones.
[[nodiscard]] core::Result<config::SensitivePatterns> read_patterns(const SettingOptions& options);

/// What became of an emit, for people: "(2 were there already)", what of it is parked, or where it waits:
/// "(spooled: disk)".
[[nodiscard]] std::string how_taken(const sink::Acknowledgement& taken);

/// The time that an option was given, or now where it was not. usage: it is no time, with the option's name.
[[nodiscard]] core::Result<core::Timestamp> time_or_now(std::string_view option, const std::string& text);
/// The window that an option was given. usage: it is none, with the option's name.
[[nodiscard]] core::Result<core::TimeRange> window_given(std::string_view option, const std::string& text);

/// --from and --to as a range. usage: one is no time, or they hold none between them.
[[nodiscard]] core::Result<core::TimeRange> range_of(const std::string& from, const std::string& to);

/// Empty means absent.
[[nodiscard]] inline std::optional<std::string> optional_text(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace tristrata::cli
