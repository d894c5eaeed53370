#include "tristrata/core/program_part.hpp"

#include <dlfcn.h>
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

}  // namespace tristrata::core
