#include "tristrata/notification/reception.hpp"

#include "kept_file.hpp"
#include "tristrata/core/json_writer.hpp"
#include "tristrata/spool/whole_file.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace tristrata::notification {
namespace {

using core::ErrorKind;
using core::fail;

constexpr int kept_format = 1;
constexpr std::string_view ending = ".reception";

std::string written(const Reception& reception) {
    core::JsonWriter json;
    json.begin_object();
    json.member("format", kept_format);
    json.member("at_us", reception.at.microseconds);
    json.member("told", reception.is_told);
    for (const auto& [key, texts] :
         {std::pair{"taken_by", &reception.taken_by}, {"refused", &reception.refused}}) {
        json.key(key);
        json.begin_array();
        for (const std::string& text : *texts) json.value(text);
        json.end_array();
    }
    json.key("alert");
    json.raw(encode(reception.alert).bytes);
    json.end_object();
    return json.take();
}

core::Result<Reception> read(const std::string& bytes) {
    try {
        const auto object = nlohmann::json::parse(bytes);
        if (object.at("format").get<int>() != kept_format)
            return fail(ErrorKind::invalid_input, "it is of another format");
        Reception reception;
        reception.at = {object.at("at_us").get<std::int64_t>()};
        reception.is_told = object.at("told").get<bool>();
        reception.taken_by = object.at("taken_by").get<std::vector<std::string>>();
        reception.refused = object.at("refused").get<std::vector<std::string>>();
        auto alert = decode({sink::RecordClass::alert, object.at("alert").dump()});
        if (!alert) return propagate(alert);
        reception.alert = std::move(*alert);
        return reception;
    } catch (const nlohmann::json::exception& error) {
        return fail(ErrorKind::invalid_input, error.what());
    }
}

}  // namespace

std::string receptions_folder(const std::string& spool_root) { return spool_root + "/receptions"; }

core::Status Receptions::add(const Reception& reception) const {
    if (folder_.empty()) return {};
    auto entries = files_.list(folder_);
    if (entries && entries->size() >= kept_max)
        return fail(ErrorKind::unavailable,
                    fmt::format("{} holds {} answers of receivers that no serve has noted, and no more are "
                                "kept there",
                                folder_, entries->size()));
    if (auto made = files_.make_folder(folder_); !made) return made;
    return spool::write_whole(files_, folder_,
                              fmt::format("{:020}_{}{}", reception.at.microseconds,
                                          core::to_string(message_id(reception.alert)), ending),
                              written(reception));
}

core::Result<std::vector<Receptions::Kept>> Receptions::list() const {
    std::vector<Kept> all;
    if (folder_.empty()) return all;
    auto entries = files_.list(folder_);
    if (!entries && entries.error().kind == ErrorKind::not_found) return all;
    if (!entries) return propagate(entries);
    for (const auto& entry : *entries) {
        if (!entry.name.ends_with(ending)) continue;
        const std::string path = folder_ + "/" + entry.name;
        auto bytes = read_kept_file(files_, path);
        if (!bytes && bytes.error().kind == ErrorKind::not_found) continue;
        if (!bytes) return propagate(bytes);
        auto reception = read(*bytes);
        if (!reception) {
            if (auto aside = files_.rename(path, path + ".damaged"); !aside) return propagate(aside);
            continue;
        }
        all.push_back({path, std::move(*reception)});
    }
    std::ranges::sort(all, {}, &Kept::path);
    return all;
}

core::Status Receptions::remove(const Kept& kept) const {
    if (auto removed = files_.remove(kept.path); !removed) return removed;
    return files_.sync_folder(folder_);
}

}  // namespace tristrata::notification
