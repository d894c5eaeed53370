#pragma once

#include "location.hpp"

#include "tristrata/objects/object_store.hpp"

#include <memory>

namespace tristrata::objects {

/// What the plug-in gives, by two names: the library that speaks S3 is large, and most commands never need
/// it. Both sides are built together; `built_for` tells a plug-in that was not.
extern "C" {
using OpenS3 = void(const Location* location, const Options* options,
                    core::Result<std::unique_ptr<ObjectStore>>* opened);
using S3BuiltFor = const char*();
}
inline constexpr const char* s3_plugin_file = "tristrata_s3.so";
inline constexpr const char* open_s3_name = "tristrata_open_s3";
inline constexpr const char* s3_built_for_name = "tristrata_s3_built_for";
/// Raised with each change of what stands above, of Options, Location or ObjectStore.
inline constexpr const char* s3_built_for = TRISTRATA_VERSION " 3";

/// Loads the plug-in beside this program, or in ../lib; once.
[[nodiscard]] core::Result<OpenS3*> s3_plugin();
/// The same of one file, for tests.
[[nodiscard]] core::Result<OpenS3*> load_s3_plugin(const char* file);

}  // namespace tristrata::objects
