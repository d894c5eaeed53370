#include "content_store.hpp"

namespace tristrata::objects {

core::Result<Put> ContentStore::put_new(const std::string& key, std::string_view bytes) {
    ContentOfBytes content(bytes);
    return put(key, content);
}

core::Result<Put> ContentStore::put_file(const std::string& key, const std::string& path) {
    auto content = ContentOfFile::open(path);
    if (!content) return propagate(content);
    return put(key, *content);
}

}  // namespace tristrata::objects
