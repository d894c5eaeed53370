#include "tristrata/config/owners.hpp"

#include "tristrata/config/document.hpp"
#include "tristrata/config/module_pattern.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/blank.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>

namespace tristrata::config {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t owner_bytes_max = 200;

/// A text of an entry; what is not there is `inherited`.
core::Result<std::string> line_of(Reader& reader, std::string_view key, const std::string& inherited) {
    auto value = reader.text(key);
    if (!value) return propagate(value);
    if (!*value) return inherited;
    const std::string& text = **value;
    const bool shows =
        !core::is_blank(text) && text.size() <= owner_bytes_max && core::is_utf8(text) &&
        std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (!shows)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: {} is {}; expected one line of 1 to {} bytes, not of blanks alone",
                                reader.where(key), key, core::quoted(text), owner_bytes_max));
    return text;
}

core::Result<Owner> read_owner(Reader reader, const Owner* fallback) {
    Owner read;
    auto owner = line_of(reader, "owner", fallback == nullptr ? "" : fallback->owner);
    if (!owner) return propagate(owner);
    if (owner->empty())
        return fail(ErrorKind::configuration,
                    fmt::format("{}: [default] names no owner; every module that no other entry names is "
                                "its: owner = \"TEAM\"",
                                reader.where()));
    // Another owner's alerts do not go the default's way unless the entry says so.
    const bool own = fallback == nullptr || *owner != fallback->owner;
    auto route = line_of(reader, "route", own ? *owner : fallback->route);
    if (!route) return propagate(route);
    auto runbooks = line_of(reader, "runbooks", fallback == nullptr ? "docs/runbooks" : fallback->runbooks);
    if (!runbooks) return propagate(runbooks);
    while (runbooks->size() > 1 && runbooks->back() == '/') runbooks->pop_back();
    return Owner{std::move(*owner), std::move(*route), std::move(*runbooks), ""};
}

}  // namespace

Owners::Owners() : fallback_{"unowned", "unowned", "docs/runbooks", ""} {}

core::Result<Owners> Owners::of_document(const core::Result<Document>& document) {
    if (!document) return propagate(document);
    Reader root = document->root();
    auto fallback = root.table("default");
    if (!fallback) return propagate(fallback);
    if (!*fallback)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: there is no [default]; a module that no entry names needs an owner: "
                                "[default] owner = \"TEAM\"",
                                root.where()));
    Owners owners;
    auto first = read_owner(**fallback, nullptr);
    if (!first) return propagate(first);
    owners.fallback_ = std::move(*first);
    auto modules = root.table("modules");
    if (!modules) return propagate(modules);
    if (*modules)
        for (const std::string& pattern : (*modules)->keys()) {
            if (auto module = check_module_pattern(pattern, "[modules.\"train.*\"]"); !module)
                return fail(module.error().kind,
                            fmt::format("{}: {}", (*modules)->where(pattern), module.error().message));
            auto table = (*modules)->table(pattern);
            if (!table) return propagate(table);
            auto owner = read_owner(**table, &owners.fallback_);
            if (!owner) return propagate(owner);
            owner->pattern = pattern;
            owners.entries_.push_back(std::move(*owner));
        }
    if (auto status = root.finish(); !status) return propagate(status);
    return owners;
}

core::Result<Owners> Owners::read(const std::filesystem::path& file) {
    return of_document(read_document(file));
}

core::Result<Owners> Owners::parse(std::string_view text, std::string name) {
    return of_document(parse_document(text, std::move(name)));
}

core::Result<Owners> Owners::of(const Settings& settings) {
    const Setting* const file = settings.find("owners");
    if (file == nullptr || file->value.reveal().empty()) return Owners();
    auto owners = read(file->value.reveal());
    std::error_code code;
    const bool pipe = std::filesystem::is_fifo(file->value.reveal(), code);
    if (owners || (!pipe && std::ifstream(file->value.reveal()))) return owners;
    return fail(owners.error().kind, fmt::format("{} names {}", file->origin, owners.error().message));
}

const Owner& Owners::of_module(std::string_view module) const {
    const Owner* best = nullptr;
    for (const Owner& entry : entries_) {
        if (!fits(entry.pattern, module)) continue;
        if (entry.pattern.back() != '*') return entry;
        if (best == nullptr || entry.pattern.size() > best->pattern.size()) best = &entry;
    }
    return best == nullptr ? fallback_ : *best;
}

}  // namespace tristrata::config
