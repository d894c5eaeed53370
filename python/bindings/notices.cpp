#include "notices.hpp"

#include "failure.hpp"
#include "process_session.hpp"

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <atomic>
#include <mutex>
#include <vector>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

constexpr std::size_t kept_max = 100;

struct Kept {
    std::mutex mutex;
    std::vector<std::string> sentences;
    std::uint64_t left_out = 0;
};

std::atomic<Kept*> kept{new Kept};
std::atomic<bool> waiting{false};

}  // namespace

void keep_notice(std::string_view sentence) {
    Kept& here = *kept.load();
    const std::lock_guard lock(here.mutex);
    if (here.sentences.size() < kept_max) here.sentences.emplace_back(sentence);
    else ++here.left_out;
    waiting.store(true, std::memory_order_release);
}

void log_notices() {
    if (!waiting.load(std::memory_order_acquire)) return;
    if (!may_run_python()) return;  // A logging handler may let go of the GIL.
    std::vector<std::string> sentences;
    {
        Kept& here = *kept.load();
        const std::lock_guard lock(here.mutex);
        sentences.swap(here.sentences);
        if (here.left_out > 0) sentences.push_back(fmt::format("and {} notices more", here.left_out));
        here.left_out = 0;
        waiting.store(false);
    }
    const nb::error_scope of_the_caller;
    try {
        const nb::object logger = nb::module_::import_("logging").attr("getLogger")("tristrata");
        for (auto& sentence : sentences) {
            sentence = with_calls(std::move(sentence));
            logger.attr("warning")("%s", nb::str(sentence.c_str(), sentence.size()));
        }
    } catch (nb::python_error& error) {
        if (error.matches(PyExc_KeyboardInterrupt) || error.matches(PyExc_SystemExit)) throw;
        error.discard_as_unraisable("a notice of tristrata");
    }
}

void forget_inherited_notices() {
    kept.store(new Kept);  // The parent's stays: another thread may have held its lock.
    waiting.store(false);
}

}  // namespace tristrata::python
