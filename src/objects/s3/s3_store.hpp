#pragma once

#include "location.hpp"

#include "tristrata/objects/object_store.hpp"

#include <memory>

namespace tristrata::objects {

[[nodiscard]] core::Result<std::unique_ptr<ObjectStore>> open_s3(const Location& location,
                                                                 const Options& options);

}  // namespace tristrata::objects
