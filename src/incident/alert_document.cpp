#include "rows.hpp"
#include "tristrata/core/json_writer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

// An alert as it waits in a row.

namespace tristrata::incident {
namespace {

using core::ErrorKind;
using core::fail;
using json = nlohmann::json;

core::Timestamp stored_in(const json& object, const char* key) {
    return core::parse_timestamp(object.at(key).get<std::string>()).value_or(core::Timestamp{});
}

}  // namespace

std::string to_json(const notification::Alert& alert) {
    core::JsonWriter out;
    out.begin_object();
    for (const auto& [key, texts] :
         {std::pair{"labels", &alert.labels}, std::pair{"annotations", &alert.annotations}}) {
        out.key(key);
        out.begin_object();
        for (const auto& [name, text] : *texts) out.member(name, text);
        out.end_object();
    }
    out.member("starts_at", core::to_string(alert.starts_at));
    out.member("ends_at", alert.ends_at ? Value(core::to_string(*alert.ends_at)) : Value());
    out.member("generator_url", alert.generator_url);
    out.end_object();
    return out.take();
}

core::Result<notification::Alert> alert_from(const Value& text) {
    try {
        const json document = json::parse(text.value_or(""));
        notification::Alert alert;
        for (const auto& [key, value] : document.at("labels").items())
            alert.labels[key] = value.get<std::string>();
        for (const auto& [key, value] : document.at("annotations").items())
            alert.annotations[key] = value.get<std::string>();
        alert.starts_at = stored_in(document, "starts_at");
        if (document.at("ends_at").is_string()) alert.ends_at = stored_in(document, "ends_at");
        alert.generator_url = document.at("generator_url").get<std::string>();
        return alert;
    } catch (const json::exception& error) {
        return fail(ErrorKind::storage,
                    fmt::format("an alert in response.pages cannot be read: {}", error.what()));
    }
}

}  // namespace tristrata::incident
