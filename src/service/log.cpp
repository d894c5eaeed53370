#include "tristrata/service/log.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/time.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tristrata::service {
namespace {

std::string_view name(LogLevel level) {
    switch (level) {
        case LogLevel::info:
            return "info";
        case LogLevel::warn:
            return "warn";
        case LogLevel::error:
            return "error";
    }
    return "unknown";
}

std::string json_text(std::string_view text) {
    core::JsonWriter json;
    json.value(text);
    return json.take();
}

/// As it is where nothing in it ends a value, else as a JSON string.
std::string logfmt_text(std::string_view text) {
    const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c != '=' && c != '"' && c != '\\' && c < '\x7f';
    });
    return plain ? std::string(text) : json_text(text);
}

}  // namespace

void Log::event(LogLevel level, std::string_view name_of, std::string_view message,
                std::initializer_list<LogField> fields) {
    const std::string time = core::to_string(clock_.now());
    std::string line;
    if (format_ == LogFormat::json) {
        core::JsonWriter json;
        json.begin_object();
        json.member("time", time);
        json.member("level", name(level));
        json.member("event", name_of);
        json.member("message", message);
        for (const LogField& field : fields)
            std::visit([&](const auto& value) { json.member(field.name, value); }, field.value);
        json.end_object();
        line = json.take();
    } else {
        line = fmt::format("time={} level={} event={} message={}", time, name(level), logfmt_text(name_of),
                           logfmt_text(message));
        for (const LogField& field : fields)
            std::visit(
                [&](const auto& value) {
                    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
                        line += fmt::format(" {}={}", field.name, logfmt_text(value));
                    else line += fmt::format(" {}={}", field.name, value);
                },
                field.value);
    }
    const std::lock_guard lock(mutex_);
    write_(line);
}

void Log::failed(std::string_view name_of, const core::Error& error) {
    event(LogLevel::error, name_of, error.message,
          {{"kind", std::string(core::traits(error.kind).name)}, {"code", error.foreign_code}});
}

}  // namespace tristrata::service
