#include "window_file.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/spool/whole_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tristrata::service {
namespace {

using core::ErrorKind;

constexpr std::int64_t format = 1;
constexpr std::uint64_t bytes_max = 16U << 20U;

}  // namespace

WindowFile::WindowFile(spool::FileSystem& files, const std::string& root, std::string_view whose)
    : files_(files), folder_(root + "/windows"), path_(fmt::format("{}/{}.json", folder_, whose)) {}

core::Result<analyzer::LookedAt> WindowFile::read() {
    auto file = files_.open(path_, spool::FileSystem::Open::existing);
    if (!file && file.error().kind == ErrorKind::not_found) return analyzer::LookedAt();
    if (!file) return propagate(file);
    auto bytes = (*file)->read(0, bytes_max);
    if (!bytes) return propagate(bytes);
    const auto refuse = [&](std::string_view what) {
        return core::fail(
            ErrorKind::invalid_input,
            fmt::format("{} {}; expected {{\"format\": {}, \"windows\": {{NAME: TIME}}}}: it is "
                        "written anew, and windows that ended before are not looked at",
                        path_, what, format));
    };
    const auto document = nlohmann::json::parse(*bytes, nullptr, false);
    if (!document.is_object()) return refuse("is no JSON object");
    if (document.value("format", nlohmann::json()) != format) return refuse("has another format");
    const auto windows = document.find("windows");
    if (windows == document.end() || !windows->is_object()) return refuse("holds no windows");
    analyzer::LookedAt all;
    for (const auto& [name, value] : windows->items()) {
        const auto* text = value.get_ptr<const std::string*>();
        auto time = text == nullptr ? core::Result<core::Timestamp>(refuse("holds a time that is none"))
                                    : core::parse_timestamp(*text);
        if (!time) return refuse("holds a time that is none");
        all.emplace(name, *time);
    }
    return all;
}

core::Status WindowFile::write(const analyzer::LookedAt& all) {
    core::JsonWriter json(core::JsonWriter::Style::indented);
    json.begin_object();
    json.member("format", format);
    json.key("windows");
    json.begin_object();
    for (const auto& [name, until] : all) json.member(name, core::to_string(until));
    json.end_object();
    json.end_object();
    if (auto made = files_.make_folder(folder_); !made) return made;
    return spool::write_whole(files_, folder_, path_.substr(folder_.size() + 1), json.take() + "\n");
}

}  // namespace tristrata::service
