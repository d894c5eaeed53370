#include "library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <mutex>
#include <optional>

namespace tristrata::boosting {
namespace {

constexpr const char* shared_object = "libxgboost.so.0";

}  // namespace

core::Result<Library> load_library(const char* file) {
    void* handle = ::dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return core::fail(core::ErrorKind::unavailable,
                          fmt::format("gradient-boosted trees need XGBoost, and {} cannot be loaded ({}); "
                                      "install Debian's package libxgboost0",
                                      file, ::dlerror()));
    Library found;
    const char* missing = nullptr;
    const auto find = [&](auto& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(handle, name));
        if (function == nullptr && missing == nullptr) missing = name;
    };
    find(found.last_error, "XGBGetLastError");
    find(found.matrix_create, "XGDMatrixCreateFromMat");
    find(found.matrix_set_floats, "XGDMatrixSetFloatInfo");
    find(found.matrix_free, "XGDMatrixFree");
    find(found.booster_create, "XGBoosterCreate");
    find(found.booster_free, "XGBoosterFree");
    find(found.booster_set_parameter, "XGBoosterSetParam");
    find(found.booster_update, "XGBoosterUpdateOneIter");
    find(found.booster_boost, "XGBoosterBoostOneIter");
    find(found.booster_predict, "XGBoosterPredictFromDMatrix");
    find(found.booster_feature_score, "XGBoosterFeatureScore");
    if (missing != nullptr) {
        ::dlclose(handle);
        return core::fail(
            core::ErrorKind::unavailable,
            fmt::format("{} has no function {}: it is not XGBoost 1.7 or newer; install Debian's "
                        "package libxgboost0",
                        file, missing));
    }
    return found;
}

core::Result<const Library*> library() {
    static std::mutex mutex;
    static std::optional<Library> loaded;
    const std::lock_guard lock(mutex);
    if (!loaded) {
        auto found = load_library(shared_object);
        if (!found) return propagate(found);
        loaded = *found;
    }
    return &*loaded;
}

}  // namespace tristrata::boosting
