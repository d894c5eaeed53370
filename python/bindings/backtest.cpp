#include "backtest.hpp"

#include "call_site.hpp"
#include "check_arguments.hpp"
#include "failure.hpp"
#include "interruptible.hpp"
#include "notices.hpp"
#include "process_session.hpp"
#include "receipt.hpp"
#include "tristrata/config/settings.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/detection/backtest.hpp"
#include "tristrata/drift/backtest_push.hpp"
#include "tristrata/model_quality/push.hpp"
#include "tristrata/model_quality/quality.hpp"
#include "tristrata/report/backtest_html.hpp"
#include "tristrata/report/backtest_table.hpp"
#include "tristrata/report/quality_html.hpp"
#include "tristrata/report/quality_table.hpp"
#include "unlocked.hpp"
#include "values.hpp"

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <algorithm>
#include <functional>
#include <type_traits>

namespace nb = nanobind;

namespace tristrata::python {
namespace {

using drift::Backtest;
using model_quality::QualityReport;

/// What the columns of a model's table are.
struct QualityArguments {
    std::string y_true = "y_true", y_pred = "y_pred";
    std::vector<std::string> y_proba, features;
    std::optional<std::string> problem, time, key, positive;
    double alpha = 0.05;
};

core::Timestamp moment_of(nb::handle at) { return time_of(at, "at").value_or(core::system_clock().now()); }

Backtest backtest(nb::handle data, const PlanArguments& arguments, const ChunkArguments& chunks,
                  nb::handle window, nb::handle reference, nb::handle yearly, nb::handle at,
                  nb::handle threads) {
    const auto plan = plan_of(arguments);
    detection::BacktestOptions options;
    const auto chunking = chunking_of(chunks);
    if (!chunking)
        raise({core::ErrorKind::usage,
               "say how the rows are cut: chunk=\"day\" (or 15min, hour, week, month, quarter, year), rows=N "
               "or count=K",
               {}});
    options.chunking = *chunking;
    const auto chunks_before = count_of(window, "window");
    if (chunks_before && !reference.is_none())
        raise({core::ErrorKind::usage, "reference fixes one reference and window moves it; give one", {}});
    if (chunks_before) options.window = *chunks_before;
    options.reference = window_of(reference, "reference");
    options.yearly = is_set(yearly, "yearly");
    const auto created_at = moment_of(at);
    const auto source = source_of(data, "data", plan);
    return value_or_raise(interruptible(task_of(threads), [&](const core::Task& task) {
        return detection::backtest(*source, plan, options, {}, created_at, task);
    }));
}

model_quality::QualityPlan quality_plan_of(const QualityArguments& given, const ChunkArguments& chunks) {
    model_quality::QualityPlan plan;
    if (given.problem) plan.problem = value_or_raise(model_quality::parse_problem(*given.problem));
    plan.y_true = given.y_true;
    plan.y_pred = given.y_pred;
    plan.y_proba = given.y_proba;
    plan.features = given.features;
    plan.time = given.time.value_or("");
    plan.key = given.key.value_or("");
    plan.positive = given.positive.value_or("");
    plan.alpha = given.alpha;
    plan.chunking = chunking_of(chunks);
    const auto settings =
        value_or_raise(config::read_settings(config::process_environment(), std::nullopt, {}));
    plan.patterns = value_or_raise(config::SensitivePatterns::of(settings));
    return plan;
}

QualityReport performance(nb::handle reference, nb::handle current, nb::handle labels,
                          const QualityArguments& arguments, const ChunkArguments& chunks, bool estimated,
                          nb::handle at, nb::handle threads) {
    const auto plan = quality_plan_of(arguments, chunks);
    const auto created_at = moment_of(at);
    detection::Plan read_as;
    read_as.time = plan.time;
    const auto first = source_of(reference, "reference", read_as);
    const auto second = source_of(current, "current", read_as);
    const auto known = labels.is_none() ? nullptr : source_of(labels, "labels", read_as);
    return value_or_raise(interruptible(task_of(threads), [&](const core::Task& task) {
        const auto ask = estimated ? model_quality::estimate : model_quality::check;
        return ask({first.get(), {}}, {second.get(), {}}, known.get(), plan, created_at, task);
    }));
}

report::TableStyle plain_style() {
    report::TableStyle style;
    style.colour = false;
    style.width = 120;
    return style;
}

/// The faces that both have.
void write_text(nb::handle path, const std::string& text) {
    nb::module_::import_("tristrata._writing")
        .attr("replace_file")(path, nb::bytes(text.data(), text.size()));
}

nb::object severity_name(const std::optional<drift::Severity>& severity) {
    if (!severity) return nb::none();
    const auto name = drift::name(*severity);
    return nb::str(name.data(), name.size());
}

std::optional<drift::Severity> severity_of(const Backtest& one) { return one.summary.severity; }
std::optional<drift::Severity> severity_of(const QualityReport& one) { return one.severity; }

std::string counts_of(const Backtest& one) {
    return fmt::format("Backtest(chunks={}, tested={}, drifted={}, signalled={}, severity=",
                       one.summary.chunks, one.summary.tested, one.summary.drifted, one.summary.signalled);
}

std::string counts_of(const QualityReport& one) {
    return fmt::format("QualityReport(chunks={}, tested={}, drifted={}, severity=", one.chunks.size(),
                       one.tested, one.drifted);
}

std::string json_of(const Backtest& one) { return drift::to_json(one); }
std::string json_of(const QualityReport& one) { return model_quality::to_json(one); }

core::Result<Backtest> parsed(std::type_identity<Backtest> /*of*/, std::string_view text) {
    return drift::parse_backtest(text);
}
core::Result<QualityReport> parsed(std::type_identity<QualityReport> /*of*/, std::string_view text) {
    return model_quality::parse_quality(text);
}

/// The member "columns" is a report of its own, or null; absent from a backtest by our own methods.
nb::object columns_in(std::type_identity<Backtest> /*of*/, const nb::object& document) {
    return document.attr("get")("columns", nb::list());
}
nb::object columns_in(std::type_identity<QualityReport> /*of*/, const nb::object& document) {
    const nb::object report = document["columns"];
    return report.is_none() ? nb::object(nb::list()) : nb::object(report["columns"]);
}

bool has_drifted(const drift::BacktestChunk& chunk) { return drift::drifted(chunk); }
bool has_drifted(const model_quality::QualityChunk& chunk) {
    return std::ranges::any_of(chunk.metrics,
                               [](const auto& one) { return one.verdict == drift::Verdict::drift; }) ||
           (chunk.calibration && chunk.calibration->verdict == drift::Verdict::drift);
}

/// Of the document in a text, whose name stands in the errors.
template <class Result>
Result read_result(std::string_view text, const std::string& name) {
    return value_or_raise(unlocked([&] { return parsed(std::type_identity<Result>(), text); }), name);
}

template <class Result>
nb::object document_of(const Result& one) {
    const std::string text = unlocked([&] { return json_of(one); });
    return nb::module_::import_("json").attr("loads")(nb::str(text.c_str(), text.size()));
}

template <class Result>
nb::class_<Result> bind_result(nb::module_& module, const char* name, const char* summary) {
    return nb::class_<Result>(module, name, summary)
        .def_static(
            "load",
            [](nb::handle path) {
                const nb::object content =
                    nb::module_::import_("tristrata._reading").attr("content_of")(path);
                const auto bytes = nb::cast<nb::bytes>(content);
                return read_result<Result>({bytes.c_str(), bytes.size()}, nb::str(path).c_str());
            },
            nb::arg("path"),
            nb::sig(fmt::format("def load(path: str | os.PathLike[str]) -> {}", name).c_str()),
            "What a JSON file holds; ValueError where that is something else.")
        .def(
            "to_json", [](const Result& one) { return unlocked([&] { return json_of(one); }); },
            "The document, byte by byte as the command line writes it.")
        .def("to_dict", document_of<Result>, nb::sig("def to_dict(self) -> dict[str, typing.Any]"),
             "The document as a dictionary.")
        .def_prop_ro(
            "summary", [](const Result& one) { return nb::object(document_of(one)["summary"]); },
            nb::sig("def summary(self) -> dict[str, typing.Any]"),
            "How many were tested, drifted; the worst severity.")
        .def_prop_ro(
            "chunks", [](const Result& one) { return nb::object(document_of(one)["chunks"]); },
            nb::sig("def chunks(self) -> list[dict[str, typing.Any]]"),
            "What was found of each chunk, in order.")
        .def_prop_ro(
            "columns",
            [](const Result& one) { return columns_in(std::type_identity<Result>(), document_of(one)); },
            nb::sig("def columns(self) -> list[dict[str, typing.Any]]"),
            "What was found of columns over all chunks; empty where nothing is said of them.")
        .def_prop_ro(
            "drifted",
            [](const Result& one) {
                std::vector<std::string> keys;
                for (const auto& chunk : one.chunks)
                    if (has_drifted(chunk)) keys.push_back(chunk.key);
                return keys;
            },
            "The keys of the chunks that drifted.")
        .def(
            "to_html", [](const Result& one) { return unlocked([&] { return report::to_html(one); }); },
            "One page that needs nothing else.")
        .def(
            "_repr_html_",
            [](const Result& one) {
                const std::string page = unlocked([&] { return report::to_html(one); });
                const nb::object escaped =
                    nb::module_::import_("html").attr("escape")(nb::str(page.c_str(), page.size()));
                return nb::str("<iframe srcdoc=\"") + escaped +
                       nb::str("\" style=\"width: 100%; height: 640px; border: 0\"></iframe>");
            },
            nb::sig("def _repr_html_(self) -> str"))
        .def_prop_ro(
            "severity", [](const Result& one) { return severity_name(severity_of(one)); },
            nb::sig("def severity(self) -> str | None"),
            "The worst of what fired: \"info\", \"warn\" or \"crit\"; None where nothing did.")
        .def(
            "save_html",
            [](const Result& one, nb::handle path) {
                write_text(path, unlocked([&] { return report::to_html(one); }));
            },
            nb::arg("path"), nb::sig("def save_html(self, path: str | os.PathLike[str]) -> None"),
            "Writes that page.")
        .def(
            "save_json",
            [](const Result& one, nb::handle path) {
                write_text(path, unlocked([&] { return json_of(one); }));
            },
            nb::arg("path"), nb::sig("def save_json(self, path: str | os.PathLike[str]) -> None"),
            "Writes the document: what load() reads.")
        .def(
            "__repr__",
            [](const Result& one) {
                return nb::str(counts_of(one).c_str()) + nb::repr(severity_name(severity_of(one))) +
                       nb::str(")");
            },
            nb::sig("def __repr__(self) -> str"))
        .def("__getstate__", [](const Result& one) { return unlocked([&] { return json_of(one); }); })
        .def("__setstate__",
             [name](Result& empty, const std::string& json) {
                 new (&empty) Result(read_result<Result>(json, fmt::format("a pickled {}", name)));
             })
        .def(
            "__eq__",
            [](const Result& one, const Result& other) {
                return unlocked([&] { return json_of(one) == json_of(other); });
            },
            nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"))
        .def("__hash__",
             [](const Result& one) {
                 return unlocked([&] { return std::hash<std::string>()(json_of(one)); });
             })
        .def("__str__", [](const Result& one) {
            return unlocked([&] { return report::to_table(one, plain_style()); });
        });
}

Receipt push(const QualityReport& report, nb::handle module, nb::handle run_id) {
    const std::string named = text_of(module, "module");
    const auto run = optional_text_of(run_id, "run_id");
    const std::string caller = call_site();
    SessionUse use;
    const auto pushed = use.without_gil([&](auto& session) {
        return model_quality::push_findings(report, named, run, [&](drift::EventRequest request) {
            request.payload = drift::with_caller(request.payload, caller);
            return session.push_drift_event(request);
        });
    });
    use.leave();
    log_notices();
    return {std::nullopt, report.created_at, value_or_raise(pushed), 0};
}

Receipt push_backtest(const Backtest& backtest, nb::handle module, nb::handle run_id) {
    const auto requests = drift::findings_of(backtest, text_of(module, "module"),
                                             optional_text_of(run_id, "run_id"), call_site());
    SessionUse use;
    const auto pushed = use.without_gil([&](auto& session) -> core::Result<sink::Acknowledgement> {
        sink::Acknowledgement all{sink::Durability::committed, 0, 0};
        for (const auto& request : requests) {
            const auto one = session.push_drift_event(request);
            if (!one) return propagate(one);
            all.durability = one->durability;
            all.stored += one->stored;
            all.duplicate += one->duplicate;
            all.parked += one->parked;
        }
        return all;
    });
    use.leave();
    log_notices();
    return {std::nullopt, backtest.created_at, value_or_raise(pushed), 0};
}

}  // namespace

void bind_backtest(nb::module_& module) {
    nb::class_<ChunkArguments> chunks(module, "ChunkArguments", "How rows are cut into chunks.");
    chunks.def(nb::init<>());
    bind_member(chunks, "chunk", &ChunkArguments::period, optional_text_of);
    bind_member(chunks, "zone", &ChunkArguments::zone, text_of);
    bind_member(chunks, "rows", &ChunkArguments::rows, count_of);
    bind_member(chunks, "count", &ChunkArguments::count, count_of);
    nb::class_<QualityArguments> quality(module, "QualityArguments",
                                         "What the columns of a model's table are.");
    quality.def(nb::init<>());
    bind_member(quality, "y_true", &QualityArguments::y_true, text_of);
    bind_member(quality, "y_pred", &QualityArguments::y_pred, text_of);
    bind_member(quality, "y_proba", &QualityArguments::y_proba, texts_of);
    bind_member(quality, "features", &QualityArguments::features, texts_of);
    bind_member(quality, "problem", &QualityArguments::problem, optional_text_of);
    bind_member(quality, "time", &QualityArguments::time, optional_text_of);
    bind_member(quality, "key", &QualityArguments::key, optional_text_of);
    bind_member(quality, "positive", &QualityArguments::positive, optional_text_of);
    bind_member(quality, "alpha", &QualityArguments::alpha, number_of);
    bind_result<Backtest>(module, "Backtest", "What would have fired, chunk by chunk.")
        .def("push", push_backtest, nb::kw_only(), nb::arg("module").none(), nb::arg("run_id") = nb::none(),
             nb::sig("def push(self, *, module: str, run_id: str | None = None) -> Receipt"),
             "Pushes what fired, chunk by chunk, as history: rows of severity info, with the chunk's time.");
    bind_result<QualityReport>(module, "QualityReport", "How good a model is, chunk by chunk.")
        .def("push", push, nb::kw_only(), nb::arg("module").none(), nb::arg("run_id") = nb::none(),
             nb::sig("def push(self, *, module: str, run_id: str | None = None) -> Receipt"),
             "Pushes it to the drift store: a row for each figure that became worse.");
    module.def("backtest", backtest, nb::arg("data").none(), nb::arg("plan"), nb::arg("chunks"),
               nb::arg("window").none(), nb::arg("reference").none(), nb::arg("yearly").none(),
               nb::arg("at").none(), nb::arg("threads").none());
    module.def("performance", performance, nb::arg("reference").none(), nb::arg("current").none(),
               nb::arg("labels").none(), nb::arg("columns"), nb::arg("chunks"), nb::arg("estimated"),
               nb::arg("at").none(), nb::arg("threads").none());
}

}  // namespace tristrata::python
