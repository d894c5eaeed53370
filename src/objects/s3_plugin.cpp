#include "s3_plugin.hpp"

#include "tristrata/core/program_part.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <cstring>
#include <mutex>

namespace tristrata::objects {
namespace {

using core::ErrorKind;
using core::fail;

}  // namespace

core::Result<OpenS3*> load_s3_plugin(const char* file) {
    void* handle = ::dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return fail(ErrorKind::unavailable,
                    fmt::format("S3 needs {}, which cannot be loaded ({}); build it (./dev build), or put it "
                                "beside the program or into ../lib",
                                file, ::dlerror()));
    auto* const built_for = reinterpret_cast<S3BuiltFor*>(::dlsym(handle, s3_built_for_name));
    auto* const open_s3 = reinterpret_cast<OpenS3*>(::dlsym(handle, open_s3_name));
    if (built_for == nullptr || open_s3 == nullptr || std::strcmp(built_for(), s3_built_for) != 0)
        return fail(ErrorKind::unavailable,
                    fmt::format("{} belongs to another version of this program ({}, not {}); install both "
                                "together",
                                file, built_for == nullptr ? "unknown" : built_for(), s3_built_for));
    return open_s3;
}

core::Result<OpenS3*> s3_plugin() {
    static std::mutex mutex;
    static OpenS3* loaded = nullptr;
    const std::lock_guard lock(mutex);
    if (loaded != nullptr) return loaded;
    const std::string file = core::program_part(s3_plugin_file);
    auto found = load_s3_plugin(file.c_str());
    if (found) loaded = *found;
    return found;
}

}  // namespace tristrata::objects
