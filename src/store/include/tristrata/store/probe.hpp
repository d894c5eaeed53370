#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::store {

/// What a server is, as far as a store goes: TimescaleDB with all it has, TimescaleDB of the Apache edition
/// (managed servers: no compression, no jobs), or PostgreSQL alone.
enum class ServerKind : std::uint8_t { plain, timescaledb_apache, timescaledb };
[[nodiscard]] std::string_view name(ServerKind kind) noexcept;

/// What a URL's user is for, and so which rights are needed and which are too many.
/// `reader` is also who analyzers ask as, `responder` who keeps incidents. `kill_switch` needs to read alone:
/// whether it also engages and disengages is said in `may`.
enum class Purpose : std::uint8_t { kpi_writer, drift_writer, reader, responder, kill_switch, administrator };

struct ServerProbe {
    std::string setting;  ///< "TRISTRATA_KPI_URL"
    std::string where;    ///< Host, port, database.
    std::string user;
    ServerKind kind = ServerKind::plain;
    std::string version;   ///< "15.18"
    std::string encoding;  ///< "UTF8"; anything else is said in `remarks`.
    std::string tls;       ///< "TLSv1.3", or empty.
    std::string sslmode;   ///< "verify-full", …
    bool pooler = false;   ///< Another process answers than the one that was dialled.
    bool temporary_tables = false;
    std::vector<std::pair<std::string, std::string>>
        extensions;                    ///< Installed ones that matter: name, version.
    std::vector<std::string> missing;  ///< Rights that it needs and has not.
    std::vector<std::string> excess;   ///< Rights that it has and should not have.
    std::vector<std::string> remarks;
    std::string may;  ///< Of the kill switch's user: "may read and engage, not disengage". Empty for others.
};

/// Asks the server, and changes nothing.
[[nodiscard]] core::Result<ServerProbe> probe_postgres(const core::SecretSource& url, Purpose purpose);

/// The probe as a JSON object.
[[nodiscard]] std::string to_json(const ServerProbe& probe);

/// Keeps the answers in the probes of the stores that are there: `<schema>.probes`, as who owns them. Returns
/// in how many.
[[nodiscard]] core::Result<int> record_probes(const core::SecretSource& admin,
                                              const std::vector<ServerProbe>& probes);

}  // namespace tristrata::store
