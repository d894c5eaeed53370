#pragma once

#include "tristrata/core/clock.hpp"
#include "tristrata/core/error.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>

namespace tristrata::service {

enum class LogFormat : std::uint8_t {
    text,  ///< logfmt: time=… level=… event=… key=value, quoted where it must be
    json   ///< One object a line.
};
enum class LogLevel : std::uint8_t { info, warn, error };

struct LogField {
    std::string_view name;
    std::variant<std::string, std::int64_t, std::uint64_t, double> value;
};

/// What a service says, an event a line; every line has time, level, event and message, in this order.
///
/// Secrets   It is given sentences and figures; errors hold none (core/error.hpp).
/// Threads   Any number of callers at once; each line is written whole.
/// Example   json: {"time":"2023-03-22T00:00:00Z","level":"info","event":"stopped","message":"…","stored":3}
class Log {
public:
    /// `write` takes a line without its end.
    Log(LogFormat format, core::Clock& clock, std::function<void(std::string_view)> write)
        : format_(format), clock_(clock), write_(std::move(write)) {}
    void event(LogLevel level, std::string_view name, std::string_view message,
               std::initializer_list<LogField> fields = {});
    /// With the error's kind and foreign code.
    void failed(std::string_view name, const core::Error& error);

private:
    LogFormat format_;
    core::Clock& clock_;
    std::function<void(std::string_view)> write_;
    std::mutex mutex_;
};

}  // namespace tristrata::service
