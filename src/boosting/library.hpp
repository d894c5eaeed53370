#pragma once

#include "tristrata/core/result.hpp"

#include <xgboost/c_api.h>

namespace tristrata::boosting {

/// The functions of XGBoost's C API that are used, found in the shared library.
struct Library {
    decltype(&::XGBGetLastError) last_error = nullptr;
    decltype(&::XGDMatrixCreateFromMat) matrix_create = nullptr;
    decltype(&::XGDMatrixSetFloatInfo) matrix_set_floats = nullptr;
    decltype(&::XGDMatrixFree) matrix_free = nullptr;
    decltype(&::XGBoosterCreate) booster_create = nullptr;
    decltype(&::XGBoosterFree) booster_free = nullptr;
    decltype(&::XGBoosterSetParam) booster_set_parameter = nullptr;
    decltype(&::XGBoosterUpdateOneIter) booster_update = nullptr;
    decltype(&::XGBoosterBoostOneIter) booster_boost = nullptr;
    decltype(&::XGBoosterPredictFromDMatrix) booster_predict = nullptr;
    decltype(&::XGBoosterFeatureScore) booster_feature_score = nullptr;
};

/// Loads a shared library by name and finds the functions in it; unavailable if it is not there, or lacks
/// one, with what to install.
[[nodiscard]] core::Result<Library> load_library(const char* file);

/// libxgboost.so.0, loaded at the first call and kept.
///
/// Threads   Any. A library that could not be loaded is tried again at the next call.
[[nodiscard]] core::Result<const Library*> library();

}  // namespace tristrata::boosting
