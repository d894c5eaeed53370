#include "tristrata/config/settings.hpp"

#include "known_settings.hpp"
#include "tristrata/config/document.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <fstream>

extern char** environ;

namespace tristrata::config {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view sqlite_scheme = "sqlite:///";

const SettingName* name_of(std::string_view key) {
    for (const auto& name : setting_names())
        if (name.key == key) return &name;
    return nullptr;
}

core::Result<std::string> content_of(const std::string& path, const std::string& variable) {
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorKind::configuration,
                    fmt::format("{} names {}, which {}; expected a regular file that holds the value",
                                variable, path, why));
    };
    // A pipe (a shell's <(…), too) gives its text once, and it is read at each connect; a device may never
    // end.
    std::error_code code;
    const auto found = std::filesystem::status(path, code);
    if (std::filesystem::exists(found) && !std::filesystem::is_regular_file(found))
        return refuse("is a folder, a pipe or a device");
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return refuse("cannot be read");
    constexpr std::size_t longest = 65'536;
    std::string value(longest + 1, '\0');
    stream.read(value.data(), static_cast<std::streamsize>(value.size()));
    if (stream.bad()) return refuse("cannot be read");
    value.resize(static_cast<std::size_t>(stream.gcount()));
    if (value.size() > longest) return refuse("holds more than 64 KiB");
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
    if (value.empty()) return refuse("is empty");
    return value;
}

/// Each %XX as its byte; what is none stays.
std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        const char* const digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            plain.push_back(static_cast<char>(byte));
            i += 2;
        } else {
            plain.push_back(text[i]);
        }
    }
    return plain;
}

/// A PostgreSQL URL with something between a user and the host, or as an option, whose name may be encoded.
bool holds_password(std::string_view value) {
    const auto scheme = value.find("://");
    if (scheme == std::string_view::npos || !value.starts_with("postgres")) return false;
    const auto rest = value.substr(scheme + 3);
    const auto at = rest.rfind('@');
    return (at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos) ||
           decoded(rest).find("password=") != std::string::npos;
}

/// A place for objects without a user, a second : before its folder, or an option that is none of a place's
/// own.
bool is_plain_location(std::string_view rest) {
    const auto question = rest.find('?');
    const std::string_view path = rest.substr(0, question);
    if (rest.find('@') != std::string_view::npos || path.substr(0, path.find('/')).find(':') != path.npos)
        return false;
    std::string_view options = question == rest.npos ? std::string_view() : rest.substr(question + 1);
    while (!options.empty()) {
        const std::string_view option = options.substr(0, options.find('&'));
        options.remove_prefix(std::min(option.size() + 1, options.size()));
        constexpr std::array known{"addressing=virtual", "addressing=path", "encryption=AES256",
                                   "encryption=aws:kms"};
        if (std::ranges::find(known, option) == known.end() && !option.starts_with("kms_key=")) return false;
    }
    return true;
}

constexpr std::string_view stores_prefix = "stores.";

/// Tables that rooms read for themselves.
constexpr std::array<std::string_view, 3> sections{"incident", "kill_switch", "notification"};

/// A name that stands before a dot in SQL: letters, digits and _, not beginning with a digit.
bool is_identifier(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// [stores.NAME] with its url: further databases that a query may ask.
core::Status read_stores(Reader& root, Settings& settings) {
    auto stores = root.table("stores");
    if (!stores) return propagate(stores);
    if (!*stores) return {};
    for (const std::string& name : (*stores)->keys()) {
        const std::string where = (*stores)->where(name);
        if (!is_identifier(name) || name == "kpi" || name == "drift" || name == "read" || name == "main" ||
            name == "temp")
            return fail(
                ErrorKind::configuration,
                fmt::format("{}: a store cannot be called {}; expected letters, digits and _, and none of "
                            "kpi, drift, read, main and temp",
                            where, core::quoted(name)));
        auto table = (*stores)->table(name);
        if (!table) return propagate(table);
        auto url = (*table)->text("url");
        if (!url) return propagate(url);
        if (!*url)
            return fail(ErrorKind::configuration,
                        fmt::format("{}: the store has no url; expected url = \"sqlite:///PATH\" or "
                                    "\"postgresql://USER@HOST/DATABASE\"",
                                    where));
        settings.set(std::string(stores_prefix) + name, {core::Secret(**url), (*table)->where("url")});
    }
    return {};
}

}  // namespace

core::Result<Setting> require_store(const Settings& settings, std::string_view name) {
    if (name == "kpi" || name == "drift" || name == "read")
        return settings.require(std::string(name) + "_url");
    if (const Setting* found = settings.find(std::string(stores_prefix) + std::string(name))) return *found;
    std::string known = "kpi, drift, read";
    for (const std::string& key : settings.keys())
        if (key.starts_with(stores_prefix)) known += ", " + key.substr(stores_prefix.size());
    return fail(ErrorKind::configuration,
                fmt::format("there is no store {}; expected one of {}, or a [stores.{}] with its url in "
                            "tristrata.toml",
                            core::quoted(name), known, is_identifier(name) ? name : "NAME"));
}

Environment process_environment() {
    Environment all;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (const auto equals = text.find('='); equals != std::string_view::npos)
            all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

const std::vector<SettingName>& setting_names() {
    static const std::vector<SettingName> names = [] {
        std::vector<SettingName> all;
        for (const KnownSetting& one : known_settings()) all.push_back(one.name);
        return all;
    }();
    return names;
}

std::string_view variable_of(std::string_view key) {
    const SettingName* name = name_of(key);
    assert(name != nullptr);
    return name->variable;
}

std::vector<UnknownVariable> unknown_variables(const Environment& environment) {
    constexpr std::string_view prefix = "TRISTRATA_";
    // Compared without what all of them share, which would make any two near.
    std::vector<std::string> known;
    for (const auto& name : setting_names()) {
        known.emplace_back(name.variable.substr(prefix.size()));
        if (name.secret) known.push_back(known.back() + "_FILE");
    }
    std::vector<UnknownVariable> unknown;
    for (const auto& [name, value] : environment) {
        if (!name.starts_with(prefix)) continue;
        const std::string own = name.substr(prefix.size());
        if (std::ranges::find(known, own) != known.end()) continue;
        const auto nearest = core::nearest(own, known);
        unknown.push_back({name, nearest.empty() ? "" : std::string(prefix) + std::string(nearest)});
    }
    return unknown;
}

std::string Settings::misspelt(std::string_view key) const {
    const std::string variable(variable_of(key));
    for (const auto& [name, nearest] : unknown_)
        if (nearest == variable || nearest == variable + "_FILE")
            return fmt::format("; {} is set, which is no setting: is {} meant?", name, nearest);
    return {};
}

const Setting* Settings::find(std::string_view key) const noexcept {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
}

core::Result<Setting> Settings::require(std::string_view key) const {
    if (const Setting* setting = find(key)) return *setting;
    const SettingName* name = name_of(key);
    if (name == nullptr) return fail(ErrorKind::internal, fmt::format("{} is no setting", key));
    return fail(ErrorKind::configuration,
                fmt::format("{} is not set; set it (for example {}={}), or {} in tristrata.toml{}",
                            name->variable, name->variable, name->example, name->key, misspelt(key)));
}

std::string Settings::text(std::string_view key) const {
    const Setting* setting = find(key);
    return setting == nullptr ? std::string() : setting->value.reveal();
}

std::vector<std::string> Settings::keys() const {
    std::vector<std::string> all;
    for (const auto& [key, setting] : values_) all.push_back(key);
    return all;
}

std::optional<Reader> Settings::section(std::string_view name) const {
    const auto found = sections_.find(name);
    return found == sections_.end() ? std::nullopt : std::optional(found->second.copy());
}

void Settings::set(std::string_view key, Setting setting) {
    values_.insert_or_assign(std::string(key), std::move(setting));
}

core::Result<Settings> read_settings(const Environment& environment,
                                     const std::optional<std::filesystem::path>& file,
                                     const std::map<std::string, std::string>& arguments) {
    Settings settings;
    settings.set_unknown(unknown_variables(environment));
    std::error_code code;
    const std::filesystem::path path = file.value_or("tristrata.toml");
    if (file || std::filesystem::exists(path, code)) {
        auto document = read_document(path);
        if (!document) return propagate(document);
        Reader reader = document->root();
        for (const auto& name : setting_names()) {
            auto value = reader.text(name.key);
            if (!value) return propagate(value);
            if (*value) settings.set(name.key, {core::Secret(**value), reader.where(name.key)});
        }
        if (auto status = read_stores(reader, settings); !status) return propagate(status);
        for (const std::string_view name : sections) {
            auto section = reader.apart(name);
            if (!section) return propagate(section);
            if (*section) settings.set_section(std::string(name), std::move(**section));
        }
        if (auto status = reader.finish(); !status) return propagate(status);
    }
    for (const auto& name : setting_names()) {
        const auto direct = environment.find(name.variable);
        const std::string twin = std::string(name.variable) + "_FILE";
        const auto by_file = environment.find(twin);
        const bool has_direct = direct != environment.end() && !direct->second.empty();
        const bool has_file = name.secret && by_file != environment.end() && !by_file->second.empty();
        if (has_direct && has_file)
            return fail(ErrorKind::configuration,
                        fmt::format("{} and {} are both set; unset one of them", name.variable, twin));
        if (has_direct) settings.set(name.key, {core::Secret(direct->second), std::string(name.variable)});
        if (has_file) {
            auto value = content_of(by_file->second, twin);
            if (!value) return propagate(value);
            settings.set(name.key, {core::Secret(std::move(*value)), twin, by_file->second});
        }
    }
    Environment standard;
    for (const auto& [variable, value] : environment)
        if (variable.starts_with("OTEL_") && !value.empty()) standard.emplace(variable, value);
    settings.set_open_telemetry(std::move(standard));
    for (const auto& [key, value] : arguments) {
        std::string option = "--" + key;
        std::ranges::replace(option, '_', '-');
        if (holds_password(value))
            return fail(
                ErrorKind::usage,
                fmt::format("{} holds a password, which everyone on this machine can read there; put the URL "
                            "into a file and name that by {}_FILE",
                            option, name_of(key) == nullptr ? "TRISTRATA_KPI_URL" : name_of(key)->variable));
        if (!value.empty()) settings.set(key, {core::Secret(value), std::move(option)});
    }
    return settings;
}

core::Result<StoreUrl> parse_store_url(const Setting& setting) {
    const std::string& url = setting.value.reveal();
    if (url.starts_with(sqlite_scheme)) {
        const std::string path = url.substr(sqlite_scheme.size());
        if (path.empty())
            return fail(ErrorKind::configuration, fmt::format("{} names no file; expected sqlite:///PATH, or "
                                                              "sqlite:////PATH for one that begins with /",
                                                              setting.origin));
        return StoreUrl{Backend::sqlite, path};
    }
    if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
        return StoreUrl{Backend::postgresql, ""};
    return fail(
        ErrorKind::configuration,
        fmt::format(
            "{} is no store's URL; expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
            setting.origin));
}

core::SecretSource source_of(const Setting& setting) {
    if (setting.file.empty())
        return {setting.origin, [value = setting.value] { return core::Result<core::Secret>(value); }};
    return {setting.origin, [file = setting.file, origin = setting.origin]() -> core::Result<core::Secret> {
                auto value = content_of(file, origin);
                if (!value) return propagate(value);
                return core::Secret(std::move(*value));
            }};
}

std::string shown(const SettingName& name, const Setting& setting) {
    const std::string& value = setting.value.reveal();
    if ((!name.secret && name.key != "archive") || value.starts_with(sqlite_scheme)) return value;
    const auto scheme = value.find("://");
    // Only a known scheme is shown: anything else might be a password put in the wrong place.
    constexpr std::array schemes{"postgresql", "postgres", "s3", "file"};
    if (scheme == std::string::npos || std::ranges::find(schemes, value.substr(0, scheme)) == schemes.end())
        return std::string(core::hidden);
    if (!name.secret && is_plain_location(value.substr(scheme + 3))) return value;
    return value.substr(0, scheme + 3) + std::string(core::hidden);
}

}  // namespace tristrata::config
