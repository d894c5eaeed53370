#include "kill_switch.hpp"

#include "failure.hpp"
#include "process_session.hpp"
#include "tristrata/kill_switch/escalation.hpp"
#include "tristrata/kill_switch/reader.hpp"
#include "without_gil.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <string>
#include <vector>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

/// A reader and what it watches, for as long as Python holds it.
class SwitchReader {
public:
    explicit SwitchReader(const std::vector<std::string>& names) {
        std::vector<kill_switch::Scope> scopes;
        for (const auto& name : names) scopes.push_back(value_or_raise(kill_switch::parse_scope(name)));
        SessionUse use;
        const config::Settings& settings = use.session().settings();
        const auto place = value_or_raise(kill_switch::place_of(settings));
        kill_switch::ReaderOptions options;
        options.engaged_at_boot = value_or_raise(kill_switch::engaged_at_boot(settings));
        reader_ = std::make_unique<kill_switch::Reader>(kill_switch::state_source(place),
                                                        kill_switch::boot_clock(), std::move(options));
        watch_ = reader_->watch(scopes);
        {
            // A switch that does not answer now is no error: it reads as engaged until it does.
            const WithoutGil released;
            (void)reader_->poll();
        }
        reader_->start();
    }
    [[nodiscard]] bool engaged() const noexcept { return watch_.engaged(); }
    [[nodiscard]] std::string reading() const { return std::string(kill_switch::name(watch_.reading())); }
    void close() {
        const WithoutGil released;
        reader_->stop();
    }

private:
    std::unique_ptr<kill_switch::Reader> reader_;
    kill_switch::Watch watch_;
};

}  // namespace

void bind_kill_switch(nb::module_& module) {
    nb::class_<SwitchReader>(module, "KillSwitchReader")
        .def(nb::init<const std::vector<std::string>&>(), nb::arg("scopes"))
        .def("engaged", &SwitchReader::engaged,
             "Whether an order that adds risk must not go: from memory, in less than a microsecond of its "
             "own.")
        .def("reading", &SwitchReader::reading,
             "Why: clear, engaged, unread, stale, unreachable or environment; all but clear are engaged.")
        .def("close", &SwitchReader::close, "Ends its thread; half a second later it reads as engaged.");
    module.attr("kill_switch_engaged_means") = std::string(kill_switch::engaged_means);
}

}  // namespace tristrata::python
