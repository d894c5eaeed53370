#include "tristrata/core/program_part.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <cstring>
#include <filesystem>

namespace tristrata::core {
namespace {

std::filesystem::path own_folder() {
    Dl_info facts{};
    static const char here = 0;
    std::error_code code;
    if (::dladdr(&here, &facts) != 0 && facts.dli_fname != nullptr &&
        std::strchr(facts.dli_fname, '/') != nullptr) {
        auto path = std::filesystem::canonical(facts.dli_fname, code);
        if (!code) return path.parent_path();
    }
    // A program that was found on the PATH is named without its folder.
    return std::filesystem::read_symlink("/proc/self/exe", code).parent_path();
}

}  // namespace

std::string program_part(std::string_view file) {
    const std::filesystem::path folder = own_folder();
    std::error_code code;
    if (std::filesystem::exists(folder / file, code)) return (folder / file).string();
    return (folder.parent_path() / "lib" / file).string();
}

Result<void*> load_part(const std::string& file, const char* symbol, std::string_view purpose,
                        std::string_view package) {
    void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return fail(ErrorKind::configuration,
                    fmt::format("{} needs {}, which cannot be loaded ({}); it belongs beside the program or "
                                "into ../lib, and needs Debian's package {}",
                                purpose, file, ::dlerror(), package));
    void* found = ::dlsym(handle, symbol);
    if (found == nullptr)
        return fail(ErrorKind::configuration,
                    fmt::format("{} has nothing called {}: it is not this program's; put the one there that "
                                "was built with it",
                                file, symbol));
    return found;
}

}  // namespace tristrata::core
