#pragma once

#include "tristrata/http/server.hpp"

#include <memory>
#include <string>

namespace tristrata::http {

/// What the part that is loaded when first used gives: a server that listens.
class Listener {
public:
    virtual ~Listener() = default;
    [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
    /// No request is taken any more; those under way end.
    virtual void stop() = 0;
};

/// The caller's to delete. No listener where the address cannot be had: then errno says why.
using ListenFunction = Listener* (*)(const Options&, const Answer&);
inline constexpr const char* listen_function = "tristrata_http_listen";
inline constexpr const char* listener_file = "tristrata_http_listener.so";

/// Loads the part from this file. configuration: it cannot be loaded, or is of another build.
[[nodiscard]] core::Result<ListenFunction> load_listener(const std::string& file);

}  // namespace tristrata::http
