#include "tristrata/dataset/schema.hpp"

namespace tristrata::dataset {

std::string_view name(Type type) noexcept {
    switch (type) {
        case Type::integer:
            return "integer";
        case Type::real:
            return "real";
        case Type::boolean:
            return "boolean";
        case Type::text:
            return "text";
        case Type::timestamp:
            return "timestamp";
        case Type::null:
            return "null";
        case Type::unsupported:
            return "unsupported";
    }
    return "unsupported";
}

std::optional<std::size_t> Schema::find(std::string_view wanted) const noexcept {
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name == wanted) return i;
    return std::nullopt;
}

}  // namespace tristrata::dataset
