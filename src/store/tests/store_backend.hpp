#pragma once

#include "tristrata/store/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tristrata::store {

/// A backend as the conformance suite sees it: how to make an empty store and open it. A second backend
/// registers another of these and passes the same suite; what it cannot do it declares here, with the reason.
struct StoreBackend {
    std::string name;
    std::function<std::string(Layer)> make;  ///< A fresh, initialised store; returns where it is.
    std::function<core::Result<std::unique_ptr<Store>>(const std::string&, Layer, OpenMode)> open;
};

}  // namespace tristrata::store
