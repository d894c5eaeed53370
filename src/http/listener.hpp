#pragma once

#include "tristrata/http/server.hpp"

#include <cerrno>
#include <functional>
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

/// What is served, and to whom.
struct Service {
    Options options;
    Answer answer;
    /// The status with which somebody is refused who shows this as Authorization, 0: nobody is.
    std::function<int(const std::string& authorization)> refusal;
};

/// What errno says where TLS's files cannot be used.
inline constexpr int wrong_tls = EKEYREJECTED;

/// The caller's to delete. No listener where the address cannot be had: then errno says why.
using ListenFunction = Listener* (*)(const Service&);
inline constexpr const char* listen_function = "tristrata_http_listen";
inline constexpr const char* listener_file = "tristrata_http_listener.so";

/// Loads the part from this file. configuration: it cannot be loaded, or is of another build.
[[nodiscard]] core::Result<ListenFunction> load_listener(const std::string& file);

}  // namespace tristrata::http
