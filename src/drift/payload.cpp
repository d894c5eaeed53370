#include "tristrata/drift/payload.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/sink/object_record.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace tristrata::drift {
namespace {

using core::ErrorKind;
using core::fail;
using json = nlohmann::ordered_json;

constexpr std::size_t member_bytes_max = 400;
constexpr std::size_t members_bytes_max = 4000;
constexpr std::string_view url_key = "payload_url";
constexpr std::string_view sha256_key = "payload_sha256";
constexpr std::string_view bytes_key = "payload_bytes";

}  // namespace

std::optional<PayloadPointer> pointer_of(const Event& event) {
    // A payload without the word is not read.
    if (event.payload.find(sha256_key) == std::string::npos) return std::nullopt;
    const json payload = json::parse(event.payload, nullptr, false);
    if (!payload.is_object()) return std::nullopt;
    const auto url = payload.find(url_key), sha256 = payload.find(sha256_key),
               bytes = payload.find(bytes_key);
    if (url == payload.end() || sha256 == payload.end() || bytes == payload.end() || !url->is_string() ||
        !sha256->is_string() || !bytes->is_number_unsigned())
        return std::nullopt;
    PayloadPointer pointer{url->get<std::string>(), sha256->get<std::string>(), bytes->get<std::uint64_t>()};
    const bool is_hash = pointer.sha256.size() == 64 && std::ranges::all_of(pointer.sha256, [](char c) {
                             return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                         });
    if (!is_hash) return std::nullopt;
    return pointer;
}

std::string pointing_payload(const PayloadPointer& pointer, std::string_view payload) {
    core::JsonWriter row;
    row.begin_object();
    row.member(url_key, pointer.url);
    row.member(sha256_key, pointer.sha256);
    row.member(bytes_key, pointer.bytes);
    std::size_t kept = 0;
    const json whole = json::parse(payload, nullptr, false);
    if (whole.is_object())
        for (const auto& [key, value] : whole.items()) {
            if (key == url_key || key == sha256_key || key == bytes_key) continue;
            const std::string text = value.dump();
            const std::size_t bytes = key.size() + text.size();
            if (bytes > member_bytes_max || kept + bytes > members_bytes_max) continue;
            kept += bytes;
            row.key(key);
            row.raw(text);
        }
    row.end_object();
    return row.take();
}

core::Status check_payload(const PayloadPointer& pointer, std::string_view bytes) {
    if (bytes.size() != pointer.bytes)
        return fail(ErrorKind::invalid_input,
                    fmt::format("the object {} has {} bytes and its row says {}: it is not what was pushed",
                                pointer.url, bytes.size(), pointer.bytes));
    if (const std::string found = core::sha256(bytes); found != pointer.sha256)
        return fail(ErrorKind::invalid_input, fmt::format("the object {} has the SHA-256 {} and its row says "
                                                          "{}: it was damaged or exchanged",
                                                          pointer.url, found, pointer.sha256));
    return {};
}

core::Result<sink::Acknowledgement> PayloadSink::append(std::span<const sink::Record> records) {
    const auto may_hold_one = [](const sink::Record& record) {
        return record.record_class == sink::RecordClass::drift && record.bytes.size() >= object_payload_bytes;
    };
    if (std::ranges::none_of(records, may_hold_one)) return behind_.append(records);
    std::vector<sink::Record> all;
    std::vector<sink::Record> objects;
    std::set<std::string> named;
    for (const sink::Record& record : records) {
        all.push_back(record);
        if (!may_hold_one(record)) continue;
        auto push = decode(record);
        if (!push) return propagate(push);
        bool changed = false;
        for (Event& event : push->events) {
            if (event.payload.size() < object_payload_bytes) continue;
            if (!place_)
                return fail(ErrorKind::configuration,
                            fmt::format("the payload of {} has {} bytes, and a row takes less than {}; {}",
                                        core::quoted(event.metric), event.payload.size(),
                                        object_payload_bytes, without_));
            const std::string sha256 = core::sha256(event.payload);
            const PayloadPointer pointer{fmt::format("{}/{}", *place_, sink::content_key(sha256)), sha256,
                                         event.payload.size()};
            std::string inline_payload = pointing_payload(pointer, event.payload);
            if (named.insert(sha256).second)
                objects.push_back(
                    sink::encode(sink::ContentObject{sha256, std::move(event.payload)}, record.crit));
            event.payload = std::move(inline_payload);
            changed = true;
        }
        if (changed) all.back() = encode(*push);
    }
    std::ranges::move(objects, std::back_inserter(all));
    auto acknowledged = behind_.append(all);
    if (acknowledged) acknowledged->stored -= std::min<std::uint64_t>(acknowledged->stored, objects.size());
    return acknowledged;
}

}  // namespace tristrata::drift
