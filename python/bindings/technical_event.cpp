#include "technical_event.hpp"

#include "active_span.hpp"
#include "failure.hpp"
#include "notices.hpp"
#include "process_session.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

struct EventReceipt {
    technical::EventReceipt of;
    technical::EventSeverity severity;
};

/// logging's number for it.
int level_of(technical::EventSeverity severity) {
    switch (severity) {
        case technical::EventSeverity::debug:
            return 10;
        case technical::EventSeverity::info:
            return 20;
        case technical::EventSeverity::warn:
            return 30;
        case technical::EventSeverity::error:
            return 40;
    }
    return 20;
}

nb::object id_of(const EventReceipt& receipt) {
    return nb::str(core::to_string(receipt.of.event_id).c_str());
}

std::optional<std::string> durability_of(const EventReceipt& receipt) {
    if (!receipt.of.acknowledgement) return std::nullopt;
    return std::string(sink::name(receipt.of.acknowledgement->durability));
}

std::optional<std::string> failure_of(const EventReceipt& receipt) {
    if (!receipt.of.failure) return std::nullopt;
    return receipt.of.failure->message;
}

std::string shown(const EventReceipt& receipt) {
    const auto quoted = [](const std::optional<std::string>& text) {
        return text ? std::string(nb::repr(nb::str(text->c_str(), text->size())).c_str()) : "None";
    };
    return fmt::format("EventReceipt(event_id='{}', durability={}, failure={}, line={})",
                       core::to_string(receipt.of.event_id), quoted(durability_of(receipt)),
                       quoted(failure_of(receipt)), quoted(receipt.of.line));
}

EventReceipt emit_event(nb::handle name, const nb::typed<nb::dict, nb::str, nb::any>& fields) {
    technical::EventRequest request;
    request.name = text_of(name, "an event's name");
    request.fields.reserve(fields.size());
    for (const auto& [key, value] : fields)
        request.fields.emplace_back(text_of(key, "a field's key"), field_of(value));
    if (auto span = active_span()) {
        request.trace_id = std::move(span->trace_id);
        request.span_id = std::move(span->span_id);
        request.trace_flags = span->flags;
    }
    SessionUse use;
    const auto* const catalogue = value_or_raise(use.session().event_catalogue());
    auto receipt = use.without_gil([&](auto& session) { return session.emit_event(request); });
    const auto* const known = receipt ? value_or_raise(catalogue->require(request.name)) : nullptr;
    use.leave();
    log_notices();
    if (!receipt) raise(receipt.error());
    return {std::move(*receipt), known->severity};
}

}  // namespace

void bind_technical_event(nb::module_& module) {
    nb::class_<EventReceipt>(module, "EventReceipt", "What became of an event.")
        .def_prop_ro("event_id", id_of, nb::sig("def event_id(self) -> str"))
        .def_prop_ro(
            "time", [](const EventReceipt& receipt) { return datetime_of(receipt.of.time); },
            nb::sig("def time(self) -> datetime.datetime"))
        .def_prop_ro(
            "line", [](const EventReceipt& receipt) { return receipt.of.line; }, "The line of the log.")
        .def_prop_ro(
            "level", [](const EventReceipt& receipt) { return level_of(receipt.severity); },
            "Its severity, as logging counts.")
        .def_prop_ro("durability", durability_of, "What its record survives; None where there is none.")
        .def_prop_ro("failure", failure_of, "Why its record was not acknowledged; None where nothing failed.")
        .def_prop_ro(
            "redacted", [](const EventReceipt& receipt) { return receipt.of.redacted; },
            "Values that are secret, or look so, and were replaced.")
        .def_prop_ro(
            "shortened", [](const EventReceipt& receipt) { return receipt.of.shortened; },
            "Values that were cut.")
        .def_prop_ro(
            "mended", [](const EventReceipt& receipt) { return receipt.of.mended; },
            "Values that were no UTF-8: U+FFFD stands for what was not.")
        .def("__repr__", shown);
    module.def("emit_event", emit_event, nb::arg("name").none(), nb::arg("fields"));
}

}  // namespace tristrata::python
