#include "payload.hpp"

#include <nlohmann/json.hpp>

namespace tristrata::archive {

std::optional<std::string> payload_of(const store::EventRow& row, store::Layer layer) {
    if (layer != store::Layer::drift) return std::nullopt;
    const auto* text = std::get_if<std::string>(&row[store::time_column(layer) - 1]);
    if (text == nullptr || text->find("\"payload_sha256\"") == std::string::npos) return std::nullopt;
    const auto document = nlohmann::json::parse(*text, nullptr, false);
    if (!document.is_object()) return std::nullopt;
    const auto found = document.find("payload_sha256");
    if (found == document.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

}  // namespace tristrata::archive
