#include "golden_case.hpp"

#include <array>

namespace tristrata::golden {
namespace {

constexpr std::string_view online = "online: detectors over a stream";
constexpr std::string_view online_test = "src/online/tests/golden_test.cpp";
constexpr std::string_view nannyml_test = "src/detection/tests/nannyml_test.cpp";
constexpr std::string_view nannyml = "detection: NannyML's binning and its methods are fitted there";
constexpr std::string_view quality = "model quality: metrics and their sampling errors";
constexpr std::string_view error_test = "src/model_quality/tests/sampling_error_test.cpp";
constexpr std::string_view car_loan =
    "model quality and data quality: the peer's car loans are not among ours";

constexpr std::string_view sketch =
    "the figure is of their KLL sketch: a profile of ours holds ranks of its own";

constexpr std::array table{
    Elsewhere{"nml.ks.size5000", nannyml, nannyml_test},
    Elsewhere{"nml.ks.period_M", nannyml, nannyml_test},
    Elsewhere{"nml.js.cont", nannyml, nannyml_test},
    Elsewhere{"nml.js.cat", nannyml, nannyml_test},
    Elsewhere{"nml.hell.quasi", nannyml, nannyml_test},
    Elsewhere{"nml.wass.w1", nannyml, nannyml_test},
    Elsewhere{"nml.wass.w3", nannyml, nannyml_test},
    Elsewhere{"nml.thr.2", "detection: NannyML's thresholds", nannyml_test},
    Elsewhere{"nml.pca.week", "detection: reconstruction error over several columns",
              "src/detection/tests/multivariate_test.cpp"},
    Elsewhere{"nml.se.bin.auroc", quality, error_test},
    Elsewhere{"nml.se.bin.precision", quality, error_test},
    Elsewhere{"nml.se.bin.specificity", quality, error_test},
    Elsewhere{"nml.se.reg.mae", quality, error_test},
    Elsewhere{"nml.se.reg.mse", quality, error_test},
    Elsewhere{"nml.se.reg.rmse", quality, error_test},
    Elsewhere{"nml.se.mc.auroc", quality, error_test},
    Elsewhere{"nml.se.mc.f1", quality, error_test},
    Elsewhere{"nml.se.mc.recall", quality, error_test},
    Elsewhere{"nml.se.mc.accuracy", quality, error_test},
    Elsewhere{"nml.calib.edges", quality, "src/model_quality/tests/calibration_test.cpp"},
    Elsewhere{"nml.cbpe.bin.ap", car_loan, "", "synthetic_car_loan"},
    Elsewhere{"nml.perf.reg", quality, "src/model_quality/tests/regression_metrics_test.cpp"},
    Elsewhere{"nml.stats.std1", car_loan, "", "synthetic_car_loan"},
    Elsewhere{"nml.missing.dq", car_loan, "", "synthetic_car_loan"},
    Elsewhere{"fr.iks.diff", online, online_test},
    Elsewhere{"fr.smmd.diff", online, online_test},
    Elsewhere{"fr.cd.cusum", online, online_test},
    Elsewhere{"fr.cd.ph", online, online_test},
    Elsewhere{"rv.adwin.s1", online, online_test},
    Elsewhere{"rv.ddm", online, online_test},
    Elsewhere{"rv.hddm_a", online, online_test},
    Elsewhere{"rv.hddm_w", online, online_test},
    Elsewhere{"rv.kswin", online, online_test},
    Elsewhere{"rv.ph.down", online, online_test},
    Elsewhere{"rv.ph.doc", online, online_test},
    Elsewhere{"rv.kswin.doc", online, online_test},
    Elsewhere{"rv.eddm.doc", online, online_test},
    Elsewhere{"rv.hddm_w.doc", online, online_test},
    Elsewhere{"rv.doc.MDDM_A", online, online_test},
    Elsewhere{"rv.doc.MDDM_G", online, online_test},
    Elsewhere{"rv.doc.CUSUM", online, online_test},
    Elsewhere{"rv.doc.Shewhart", online, online_test},
    Elsewhere{"rv.doc.JSWIN(alpha .6)", online, online_test},
    Elsewhere{"ds.kll.10", sketch},
    Elsewhere{"ds.ks", sketch},
};

}  // namespace

std::span<const Elsewhere> elsewhere() { return table; }

}  // namespace tristrata::golden
