#include "commands.hpp"
#include "console.hpp"
#include "opening.hpp"

#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <charconv>

namespace tristrata::cli {
namespace {

using core::ErrorKind;
using core::fail;

/// The whole text as a number of this kind, or nothing.
template <class Number>
std::optional<Number> number_of(const std::string& text) {
    Number number{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// 12 is a whole number, 0.5 a number, true a flag; everything else is a text.
technical::FieldValue value_of(const std::string& text) {
    if (text == "true" || text == "false") return text == "true";
    if (const auto whole = number_of<std::int64_t>(text)) return *whole;
    // Not inf and nan, which may be names.
    if (!text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9')))
        if (const auto number = number_of<double>(text)) return *number;
    return text;
}

core::Result<technical::EventRequest> request_of(const EventEmitOptions& options) {
    technical::EventRequest request;
    request.name = options.name;
    for (const auto& text : options.fields) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(ErrorKind::usage,
                        fmt::format("{} is no field; expected KEY=VALUE, such as crypto=BTCUSDC",
                                    core::quoted(text)));
        request.fields.emplace_back(text.substr(0, equals), value_of(text.substr(equals + 1)));
    }
    request.trace_id = options.trace_id;
    request.span_id = options.span_id;
    if (!options.time.empty()) {
        auto time = time_or_now("--time", options.time);
        if (!time) return propagate(time);
        request.time = *time;
    }
    return request;
}

core::Result<int> emit(const EventEmitOptions& options) {
    auto request = request_of(options);
    if (!request) return propagate(request);
    auto session = open_session(options.settings);
    if (!session) return propagate(session);
    auto receipt = (*session)->emit_event(*request, [](std::string_view line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    });
    if (!receipt) return propagate(receipt);
    if (receipt->redacted > 0)
        fmt::print(stderr, "warning: {} secret: [redacted] stands for it\n",
                   core::plural(receipt->redacted, "value is", "values are"));
    if (receipt->shortened + receipt->mended > 0)
        fmt::print(stderr, "warning: {} cut or held bytes that are not UTF-8\n",
                   core::plural(receipt->shortened + receipt->mended, "value was", "values were"));
    // Telemetry ends no pipeline: what failed has been said, as a note.
    const auto& taken = receipt->acknowledgement;
    fmt::print(stderr, "{} {}\n", core::to_string(receipt->event_id),
               receipt->failure ? "not taken"
               : !taken         ? "not exported: OpenTelemetry's variables switch it off"
               : taken->durability == sink::Durability::committed
                   ? "sent"
                   : fmt::format("emitted (spooled: {})", sink::name(taken->durability)));
    return 0;
}

}  // namespace

int event_emit(const EventEmitOptions& options) { return code_of(emit(options)); }

}  // namespace tristrata::cli
