#include "tristrata/service/log.hpp"

#include "tristrata/core/json_writer.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/core/time.hpp"

#include <fmt/format.h>

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
        line = fmt::format("time={} level={} event={} message={}", time, name(level),
                           core::logfmt_value(name_of), core::logfmt_value(message));
        for (const LogField& field : fields)
            std::visit(
                [&](const auto& value) {
                    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
                        line += fmt::format(" {}={}", field.name, core::logfmt_value(value));
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
