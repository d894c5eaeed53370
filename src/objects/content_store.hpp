#pragma once

#include "local_file.hpp"
#include "tristrata/objects/object_store.hpp"

#include <string>
#include <string_view>

namespace tristrata::objects {

/// A store to which bytes and a file are the same.
class ContentStore : public ObjectStore {
public:
    [[nodiscard]] core::Result<Put> put_new(const std::string& key, std::string_view bytes) final;
    [[nodiscard]] core::Result<Put> put_file(const std::string& key, const std::string& path) final;

private:
    [[nodiscard]] virtual core::Result<Put> put(const std::string& key, Content& content) = 0;
};

}  // namespace tristrata::objects
