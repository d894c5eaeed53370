#include "receipt.hpp"

#include "failure.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <tuple>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

nb::object id_of(const Receipt& receipt) {
    if (!receipt.event_id) return nb::none();
    return nb::str(core::to_string(*receipt.event_id).c_str());
}

std::string shown(const Receipt& receipt) {
    return fmt::format(
        "Receipt(event_id={}, time='{}', durability='{}', stored={}, duplicate={}, parked={}, redacted={})",
        receipt.event_id ? "'" + core::to_string(*receipt.event_id) + "'" : "None",
        core::to_string(receipt.time), sink::name(receipt.taken.durability), receipt.taken.stored,
        receipt.taken.duplicate, receipt.taken.parked, receipt.redacted);
}

using State =
    std::tuple<std::string, std::int64_t, int, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

/// A pool of processes hands back what its calls returned.
State state_of(const Receipt& receipt) {
    return {receipt.event_id ? core::to_string(*receipt.event_id) : "",
            receipt.time.microseconds,
            static_cast<int>(receipt.taken.durability),
            receipt.taken.stored,
            receipt.taken.duplicate,
            receipt.taken.parked,
            receipt.redacted};
}

void from_state(Receipt& empty, const State& state) {
    const auto& [id, time, durability, stored, duplicate, parked, redacted] = state;
    std::optional<core::Uuid> event_id;
    if (!id.empty()) event_id = value_or_raise(core::parse_uuid(id));
    new (&empty) Receipt{
        event_id, {time}, {static_cast<sink::Durability>(durability), stored, duplicate, parked}, redacted};
}

}  // namespace

void bind_receipt(nb::module_& module) {
    nb::class_<Receipt>(module, "Receipt", "What became of an emit.")
        .def_prop_ro("event_id", id_of, nb::sig("def event_id(self) -> str | None"),
                     "Names the emit: given again with the same time it is the same rows.")
        .def_prop_ro(
            "time", [](const Receipt& receipt) { return datetime_of(receipt.time); },
            nb::sig("def time(self) -> datetime.datetime"))
        .def_prop_ro(
            "durability", [](const Receipt& receipt) { return sink::name(receipt.taken.durability); },
            "What it survives: \"process\", \"disk\" (the power, too), or \"committed\" (it is in the "
            "store).")
        .def_prop_ro(
            "stored", [](const Receipt& receipt) { return receipt.taken.stored; }, "Rows taken in.")
        .def_prop_ro(
            "duplicate", [](const Receipt& receipt) { return receipt.taken.duplicate; },
            "Rows that were there already.")
        .def_prop_ro(
            "parked", [](const Receipt& receipt) { return receipt.taken.parked; },
            "Of those taken in: beside the table, which has no place for their time.")
        .def_prop_ro(
            "redacted", [](const Receipt& receipt) { return receipt.redacted; },
            "Values of tags that looked like secrets and are stored as [redacted].")
        .def("__repr__", shown)
        .def("__getstate__", state_of)
        .def("__setstate__", from_state);
}

}  // namespace tristrata::python
