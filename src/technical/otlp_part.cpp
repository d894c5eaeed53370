#include "otlp_part.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace tristrata::technical {

core::Result<const OtlpPart*> load_otlp_part(const std::string& file) {
    void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return core::fail(
            core::ErrorKind::configuration,
            fmt::format("sending events needs {}, which cannot be loaded ({}); it belongs beside "
                        "the program or into ../lib, and needs Debian's package "
                        "libprotobuf-lite32",
                        file, ::dlerror()));
    const auto* part = static_cast<const OtlpPart*>(::dlsym(handle, otlp_part_name));
    if (part == nullptr)
        return core::fail(core::ErrorKind::configuration,
                          fmt::format("{} has nothing called {}: it is not this program's; put the one there "
                                      "that was built with it",
                                      file, otlp_part_name));
    return part;
}

}  // namespace tristrata::technical
