#include "tristrata/execution/tag_uses.hpp"

#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sstream>

namespace tristrata::execution {
namespace {

namespace fs = std::filesystem;
constexpr std::uintmax_t file_bytes_max = 4u << 20u;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool stands_in(const std::string& text, const std::string& word) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const bool begins = at == 0 || !is_word(text[at - 1]);
        const bool ends = at + word.size() == text.size() || !is_word(text[at + word.size()]);
        if (begins && ends) return true;
    }
    return false;
}

}  // namespace

core::Result<std::vector<TagFinding>> check_uses(const TagPolicy& policy, const fs::path& folder) {
    std::error_code code;
    if (!fs::is_directory(folder, code))
        return core::fail(
            core::ErrorKind::not_found,
            fmt::format("{} is no folder; expected the code that uses the tags", folder.string()));
    std::set<std::string> unused;
    for (const auto& key : policy.keys()) unused.insert(key.key);
    for (auto entry =
             fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, code);
         entry != fs::recursive_directory_iterator() && !unused.empty(); entry.increment(code)) {
        if (code) break;
        if (entry->path().filename().string().starts_with('.')) {
            if (entry->is_directory(code)) entry.disable_recursion_pending();
            continue;
        }
        if (!entry->is_regular_file(code) || entry->file_size(code) > file_bytes_max ||
            entry->path().filename() == "tags.toml")
            continue;
        std::ifstream stream(entry->path(), std::ios::binary);
        std::stringstream text;
        text << stream.rdbuf();
        std::erase_if(unused,
                      [content = text.str()](const std::string& key) { return stands_in(content, key); });
    }
    if (code)
        return core::fail(core::ErrorKind::invalid_input,
                          fmt::format("{} cannot be read whole: {}", folder.string(), code.message()));
    std::vector<TagFinding> findings;
    for (const auto& key : policy.keys()) {
        if (key.reason.empty()) findings.push_back({key.key, key.where, "has no reason"});
        if (unused.contains(key.key))
            findings.push_back(
                {key.key, key.where, fmt::format("is used nowhere below {}", folder.string())});
    }
    return findings;
}

}  // namespace tristrata::execution
