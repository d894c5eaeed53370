#include "tristrata/archive/manifest.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace tristrata::archive {
namespace {

using core::ErrorKind;
using core::fail;
using nlohmann::json;

constexpr std::string_view schema = "tristrata.archive_part/1";

std::string_view name(store::ColumnType type) {
    switch (type) {
        case store::ColumnType::time:
            return "time";
        case store::ColumnType::text:
            return "text";
        case store::ColumnType::json:
            return "json";
        case store::ColumnType::real:
            return "real";
        case store::ColumnType::integer:
            return "integer";
        case store::ColumnType::boolean:
            return "boolean";
        case store::ColumnType::uuid:
            return "uuid";
    }
    return "";
}

core::Timestamp time_in(const json& document, const char* key) {
    auto time = core::parse_timestamp(document.at(key).get<std::string>());
    if (!time) throw std::invalid_argument(time.error().message);
    return *time;
}

std::string text_of_length(const json& document, const char* key, std::size_t length) {
    auto text = document.at(key).get<std::string>();
    if (text.size() != length) throw std::invalid_argument(fmt::format("{} is no SHA-256", key));
    return text;
}

/// By the names that nlohmann's and our own exceptions carry.
Manifest read(const json& document) {
    Manifest manifest;
    const auto layer = document.at("layer").get<std::string>();
    if (layer != "kpi" && layer != "drift") throw std::invalid_argument("layer is neither kpi nor drift");
    manifest.layer = layer == "kpi" ? store::Layer::kpi : store::Layer::drift;
    if (!document.at("half").is_null()) manifest.half = document.at("half").get<std::string>();
    manifest.day = time_in(document, "day");
    manifest.part = document.at("part").get<std::int64_t>();
    manifest.file = document.at("file").get<std::string>();
    manifest.bytes = document.at("bytes").get<std::uint64_t>();
    manifest.sha256 = text_of_length(document, "sha256", 64);
    manifest.rows = document.at("rows").get<std::uint64_t>();
    manifest.time_min = time_in(document, "time_min");
    manifest.time_max = time_in(document, "time_max");
    manifest.rows_sha256 = text_of_length(document, "rows_sha256", 64);
    manifest.replaces = document.at("replaces").get<std::vector<std::int64_t>>();
    manifest.created_at = time_in(document, "created_at");
    return manifest;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("schema", schema);
    json.member("layer", schema_name(manifest.layer));
    json.member("half", manifest.half.empty() ? std::nullopt : std::optional(manifest.half));
    json.member("day", core::to_string(manifest.day).substr(0, 10));
    json.member("part", manifest.part);
    json.member("file", manifest.file);
    json.member("bytes", manifest.bytes);
    json.member("sha256", manifest.sha256);
    json.member("rows", manifest.rows);
    json.member("time_min", core::to_string(manifest.time_min));
    json.member("time_max", core::to_string(manifest.time_max));
    json.member("rows_sha256", manifest.rows_sha256);
    json.key("replaces");
    json.begin_array();
    for (const auto part : manifest.replaces) json.value(part);
    json.end_array();
    json.key("columns");
    json.begin_array();
    for (const auto& column : store::event_columns(manifest.layer)) {
        json.begin_object();
        json.member("name", column.name);
        json.member("type", name(column.type));
        json.member("nullable", column.nullable);
        json.end_object();
    }
    json.end_array();
    json.member("created_at", core::to_string(manifest.created_at));
    json.end_object();
    return json.take() + "\n";
}

core::Result<Manifest> parse_manifest(std::string_view text, std::string_view key) {
    try {
        const json document = json::parse(text);
        const auto version = document.at("schema").get<std::string>();
        if (version != schema)
            return fail(ErrorKind::invalid_input, fmt::format("{} has the schema {}; this program knows {}",
                                                              key, core::quoted(version), schema));
        return read(document);
    } catch (const std::exception& error) {
        return fail(
            ErrorKind::invalid_input,
            fmt::format("{} is no manifest of the archive: {}; bring it back from a backup or an older "
                        "version of the object, or move it away: its part then counts as lost",
                        key, core::valid_utf8(error.what())));
    }
}

std::string day_prefix(store::Layer layer, std::string_view half, core::Timestamp day) {
    const std::string date = core::to_string(day).substr(0, 10);
    return half.empty() ? fmt::format("{}/day={}", schema_name(layer), date)
                        : fmt::format("{}/half={}/day={}", schema_name(layer), half, date);
}

std::string file_key(const Manifest& manifest) {
    return fmt::format("{}/part-{:05}-{}.parquet", day_prefix(manifest.layer, manifest.half, manifest.day),
                       manifest.part, manifest.sha256.substr(0, 12));
}

std::string manifest_key(const Manifest& manifest) {
    return fmt::format("{}/_part-{:05}.json", day_prefix(manifest.layer, manifest.half, manifest.day),
                       manifest.part);
}

bool is_manifest(std::string_view key) noexcept {
    const auto name = key.substr(key.rfind('/') + 1);
    return name.starts_with("_part-") && name.ends_with(".json");
}

std::optional<core::Timestamp> day_of_key(std::string_view key) {
    constexpr std::string_view sign = "/day=";
    const auto at = key.find(sign);
    if (at == std::string_view::npos) return std::nullopt;
    auto day = core::parse_timestamp(key.substr(at + sign.size(), 10));
    return day ? std::optional(*day) : std::nullopt;
}

std::vector<Manifest> in_force(std::vector<Manifest> manifests) {
    using Part = std::tuple<store::Layer, std::string, core::Timestamp, std::int64_t>;
    std::set<Part> replaced;
    for (const auto& one : manifests)
        for (const auto part : one.replaces) replaced.emplace(one.layer, one.half, one.day, part);
    std::erase_if(manifests, [&](const Manifest& one) {
        return replaced.contains({one.layer, one.half, one.day, one.part});
    });
    std::ranges::sort(manifests, {}, [](const Manifest& one) {
        return std::tuple(one.day, std::string_view(one.half), one.part);
    });
    return manifests;
}

}  // namespace tristrata::archive
