#include "tristrata/online/detector.hpp"

#include "makers.hpp"
#include "tristrata/core/text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace tristrata::online {
namespace {

using core::ErrorKind;
using core::fail;

constexpr double most = 1e9;
constexpr double reference_max = 10000;  ///< Streaming MMD keeps kernel sums over all its pairs.

constexpr Parameter warm_up{"warm_up", 30, 1, most, "values before the first answer"};
constexpr Parameter direction{"direction", 0, -1, 1, "1 only rises, -1 only falls, 0 both"};
constexpr Parameter rises{"direction", 1, -1, 1, "1 only rises, -1 only falls, 0 both"};

constexpr std::array adwin{Parameter{"delta", 0.002, 1e-300, 1, "share of undrifted windows that may be cut"},
                           Parameter{"clock", 32, 1, most, "values between two looks"},
                           Parameter{"buckets", 5, 1, 1000, "buckets of one size before two are merged"},
                           Parameter{"side_min", 5, 1, most, "values on each side of a cut"},
                           Parameter{"grace", 10, 0, most, "values before the first look"}};
constexpr std::array kswin{
    Parameter{"alpha", 0.005, 1e-300, 1, "p at which the two samples differ"},
    Parameter{"window", 100, 2, 1e6, "values kept"},
    Parameter{"recent", 30, 1, 1e4, "newest values, and as many drawn from the older ones"},
    Parameter{"distance_min", 0.1, 0, 1, "KS distance that must be exceeded too"}};
constexpr std::array jswin{Parameter{"limit", 0.1, 0, 1, "divergence that must be exceeded"},
                           Parameter{"half", 50, 4, 1e5, "values in each half of the window"},
                           Parameter{"bins", 10, 2, 1e4, "about so many bins between the distinct values"}};
constexpr std::array incremental_ks{
    Parameter{"window", 100, 2, 1e6, "newest values, compared with the reference"},
    Parameter{"alpha", 0.0001, 1e-300, 1, "p at which they differ"}};
constexpr std::array streaming_mmd{
    Parameter{"window", 100, 2, 1e4, "newest values, compared with the reference"},
    Parameter{"sigma", 0, 0, 1e300, "width of the kernel; 0: the median distance of two reference values"},
    Parameter{"alpha", 0.001, 0, 1, "share of windows drawn from the reference that lie beyond the limit"},
    Parameter{"draws", 1000, 20, 1e6, "such windows drawn"}};
constexpr std::array page_hinkley{warm_up, Parameter{"slack", 0.005, 0, 1e300, "change that is let pass"},
                                  Parameter{"threshold", 50, 0, 1e300, "sum that is drift"},
                                  Parameter{"fading", 0.9999, 0, 1, "weight of the sum so far"}, direction};
constexpr std::array cusum{
    warm_up, Parameter{"slack", 0.5, 0, 1e300, "standard deviations that are let pass"},
    Parameter{"threshold", 5, 1e-300, 1e300, "standard deviations that are drift"}, direction};
constexpr std::array cusum_running_mean{warm_up,
                                        Parameter{"slack", 0.005, 0, 1e300, "change that is let pass"},
                                        Parameter{"threshold", 50, 0, 1e300, "sum that is drift"}};
constexpr std::array fading_sum{warm_up, Parameter{"slack", 0.005, 0, 1e300, "change that is let pass"},
                                Parameter{"threshold", 50, 0, 1e300, "sum that is drift"},
                                Parameter{"fading", 0.9999, 0, 1, "weight of the sum so far"}};
constexpr std::array shewhart{
    warm_up, Parameter{"width", 3, 1e-300, 1e300, "standard deviations that are drift"}, direction};
constexpr std::array ddm{warm_up, Parameter{"warn", 2, 0, 1e300, "standard deviations above the lowest rate"},
                         Parameter{"drift", 3, 0, 1e300, "standard deviations above the lowest rate"}};
constexpr std::array eddm{warm_up, Parameter{"warn", 0.95, 0, 1, "share of the longest distance of errors"},
                          Parameter{"drift", 0.9, 0, 1, "share of the longest distance of errors"}};
constexpr Parameter drift_confidence{"drift_confidence", 0.001, 1e-300, 1, "chance of a false drift"};
constexpr Parameter warn_confidence{"warn_confidence", 0.005, 1e-300, 1, "chance of a false warning"};
constexpr std::array hddm_a{drift_confidence, warn_confidence, rises};
constexpr std::array hddm_w{drift_confidence, warn_confidence,
                            Parameter{"weight", 0.05, 1e-9, 1, "weight of the newest value"}, rises};
constexpr Parameter mddm_window{"window", 100, 2, 1e6, "newest values"};
constexpr Parameter mddm_drift{"drift_confidence", 1e-6, 1e-300, 1, "chance of a false drift"};
constexpr Parameter mddm_warn{"warn_confidence", 5e-6, 1e-300, 1, "chance of a false warning"};
constexpr std::array mddm_a{mddm_window, mddm_drift, mddm_warn,
                            Parameter{"difference", 0.01, 0, 1e6, "what each newer value weighs more"}};
constexpr std::array mddm_e{mddm_window, mddm_drift, mddm_warn,
                            Parameter{"rate", 0.01, 0, 100, "weights grow by exp(rate)"}};
constexpr std::array mddm_g{mddm_window, mddm_drift, mddm_warn,
                            Parameter{"ratio", 1.01, 1, 1e3, "weights grow by this factor"}};

struct Made {
    DetectorRow row;
    std::unique_ptr<Detector> (*make)(const Start& start);
};

constexpr std::string_view page = "Page (1954), doi:10.1093/biomet/41.1-2.100";
constexpr std::string_view blanco = "Frias-Blanco et al. (2015), doi:10.1109/TKDE.2014.2345382";
constexpr std::string_view pesaranghader =
    "Pesaranghader, Viktor and Paquet (2018), doi:10.1109/IJCNN.2018.8489260";

const std::array table{
    Made{{"adwin", "Adaptive windowing", Input::value, false, adwin,
          "Bifet and Gavalda (2007), doi:10.1137/1.9781611972771.42"},
         make_adwin},
    Made{{"kswin", "KS of the newest values against drawn older ones", Input::value, false, kswin,
          "Raab, Heusinger and Schleif (2020), doi:10.1016/j.neucom.2019.11.111"},
         make_kswin},
    Made{{"jswin", "Divergence of a window's halves", Input::value, false, jswin, "river, JSWIN"},
         make_jswin},
    Made{{"incremental_ks", "KS of the newest values against a reference", Input::value, true, incremental_ks,
          "dos Reis et al. (2016), doi:10.1145/2939672.2939836"},
         make_incremental_ks},
    Made{{"streaming_mmd", "Maximum mean discrepancy of the newest values from a reference", Input::value,
          true, streaming_mmd, "Gretton et al. (2012), A kernel two-sample test, JMLR 13"},
         make_streaming_mmd},
    Made{{"page_hinkley", "Page-Hinkley", Input::value, false, page_hinkley, page}, make_page_hinkley},
    Made{{"cusum", "Tabular CUSUM, in standard deviations of the warm-up", Input::value, false, cusum, page},
         make_cusum},
    Made{{"cusum_running_mean", "CUSUM around the running mean, in the values' unit", Input::value, false,
          cusum_running_mean, page},
         make_cusum_running_mean},
    Made{{"fading_sum", "Fading sum around the running mean (frouros's Page-Hinkley)", Input::value, false,
          fading_sum, page},
         make_fading_sum},
    Made{{"shewhart", "Shewhart's chart of individual values", Input::value, false, shewhart,
          "Shewhart (1931), Economic Control of Quality of Manufactured Product"},
         make_shewhart},
    Made{{"ddm", "Error rate above its lowest value", Input::error, false, ddm,
          "Gama et al. (2004), doi:10.1007/978-3-540-28645-5_29"},
         make_ddm},
    Made{{"eddm", "Distance between errors below its longest value", Input::error, false, eddm,
          "Baena-Garcia et al. (2006), Early drift detection method, IWKDDS"},
         make_eddm},
    Made{{"hddm_a", "Hoeffding's bound on the mean error", Input::error, false, hddm_a, blanco}, make_hddm_a},
    Made{{"hddm_w", "McDiarmid's bound on the weighted mean error", Input::error, false, hddm_w, blanco},
         make_hddm_w},
    Made{{"mddm_a", "McDiarmid's bound, weights that grow by a difference", Input::error, false, mddm_a,
          pesaranghader},
         make_mddm_a},
    Made{
        {"mddm_e", "McDiarmid's bound, weights that grow by exp", Input::error, false, mddm_e, pesaranghader},
        make_mddm_e},
    Made{{"mddm_g", "McDiarmid's bound, weights that grow by a ratio", Input::error, false, mddm_g,
          pesaranghader},
         make_mddm_g},
};

/// The rows alone, for those who only read them.
const auto rows = [] {
    std::array<DetectorRow, table.size()> only{};
    std::ranges::transform(table, only.begin(), &Made::row);
    return only;
}();

template <class Range, class Name>
std::string did_you_mean(std::string_view word, const Range& known, Name name) {
    std::vector<std::string> names;
    std::string all;
    for (const auto& one : known) {
        names.emplace_back(name(one));
        all += (all.empty() ? "" : ", ") + names.back();
    }
    const auto near = core::nearest(word, names);
    return near.empty() ? "expected one of " + all : fmt::format("did you mean {}?", near);
}

/// Every parameter with its value; what is said stands above the defaults.
core::Result<Settings> filled(const DetectorRow& row, const Settings& said) {
    Settings all;
    for (const Parameter& parameter : row.parameters)
        all.emplace(std::string(parameter.name), parameter.standard);
    for (const auto& [key, value] : said) {
        const auto parameter = std::ranges::find(row.parameters, key, &Parameter::name);
        if (parameter == row.parameters.end())
            return fail(ErrorKind::usage,
                        fmt::format("{} has no parameter {}; {}", row.name, core::quoted(key),
                                    did_you_mean(key, row.parameters, [](const auto& p) { return p.name; })));
        if (!(value >= parameter->low && value <= parameter->high))
            return fail(ErrorKind::usage,
                        fmt::format("{} of {} is {}; expected a number from {} to {}: {}", key, row.name,
                                    value, parameter->low, parameter->high, parameter->meaning));
        all[key] = value;
    }
    return all;
}

core::Status fits(const DetectorRow& row, const Settings& all, std::span<const double> reference) {
    const Values values(all);
    if (row.name == "kswin" && 2 * values.count("recent") > values.count("window"))
        return fail(
            ErrorKind::usage,
            fmt::format("window of kswin is {}; as many older values as the {} recent ones are drawn, so "
                        "expected at least {}",
                        values["window"], values["recent"], 2 * values.count("recent")));
    const bool shares = row.name == "eddm";
    const bool rates = row.name == "ddm";
    if ((shares && values["warn"] < values["drift"]) || (rates && values["warn"] > values["drift"]))
        return fail(ErrorKind::usage, fmt::format("warn of {} is {} and drift {}: a warning must come first",
                                                  row.name, values["warn"], values["drift"]));
    if (!row.needs_reference) {
        if (reference.empty()) return {};
        return fail(ErrorKind::usage,
                    fmt::format("{} takes no reference: it compares a stream with its own past", row.name));
    }
    if (std::ranges::any_of(reference, [](double x) { return !std::isfinite(x); }))
        return fail(ErrorKind::invalid_input,
                    fmt::format("the reference of {} holds a missing or infinite value", row.name));
    const std::size_t needed = row.name == "streaming_mmd" ? values.count("window") + 2 : 2;
    if (reference.size() < needed)
        return fail(
            ErrorKind::usage,
            fmt::format("{} compares with a reference of at least {} values; {} given, so choose its rows "
                        "with --reference FROM..TO",
                        row.name, needed, core::plural(reference.size(), "was", "were")));
    if (row.name == "streaming_mmd" && static_cast<double>(reference.size()) > reference_max)
        return fail(
            ErrorKind::limit_exceeded,
            fmt::format("the reference of {} holds {} values; expected at most {}, such as every {}th",
                        row.name, reference.size(), reference_max,
                        std::ceil(static_cast<double>(reference.size()) / reference_max)));
    return {};
}

}  // namespace

std::span<const DetectorRow> detectors() noexcept { return rows; }

const DetectorRow* find_detector(std::string_view name) noexcept {
    const auto* row = std::ranges::find(rows, name, &DetectorRow::name);
    return row == rows.end() ? nullptr : row;
}

core::Result<std::unique_ptr<Detector>> make_detector(std::string_view name, const Settings& settings,
                                                      std::span<const double> reference, std::uint64_t seed) {
    const auto* made = std::ranges::find(table, name, [](const Made& one) { return one.row.name; });
    if (made == table.end())
        return fail(ErrorKind::usage,
                    fmt::format("there is no detector {}; {}", core::quoted(name),
                                did_you_mean(name, rows, [](const auto& row) { return row.name; })));
    const auto all = filled(made->row, settings);
    if (!all) return propagate(all);
    if (auto status = fits(made->row, *all, reference); !status) return propagate(status);
    return made->make({Values(*all), reference, seed});
}

core::Result<Detections> detect(std::string_view name, const Settings& settings,
                                std::span<const double> values, std::span<const double> reference,
                                std::uint64_t seed) {
    auto detector = make_detector(name, settings, reference, seed);
    if (!detector) return propagate(detector);
    const bool errors = find_detector(name)->input == Input::error;
    Detections found;
    bool warned = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            ++found.skipped;
            continue;
        }
        if (errors && values[i] != 0.0 && values[i] != 1.0)
            return fail(ErrorKind::invalid_input,
                        fmt::format("value {} of the stream is {}; {} reads errors: 1 where a prediction was "
                                    "wrong, 0 where it was right",
                                    i + 1, values[i], name));
        const Update update = (*detector)->update(values[i]);
        found.statistic = update.statistic;
        if (found.statistic && !std::isfinite(*found.statistic)) {
            found.statistic.reset();
            ++found.overflowed;
        }
        if (update.state == State::drift) found.drifts.push_back(i);
        if (update.state == State::warning && !warned) found.warnings.push_back(i);
        warned = update.state == State::warning;
    }
    return found;
}

}  // namespace tristrata::online
