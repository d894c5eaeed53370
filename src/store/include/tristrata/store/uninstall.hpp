#pragma once

#include "tristrata/core/result.hpp"
#include "tristrata/core/secret.hpp"
#include "tristrata/core/task.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tristrata::store {

struct Uninstalled {
    struct Table {
        std::string name;        ///< "kpi.events"
        std::uint64_t rows = 0;  ///< Counted in the database, under the lock.
        std::string file;        ///< The SQLite store that has them now.
    };
    std::vector<Table> tables;
    std::uint64_t twice = 0;         ///< Rows that were parked and among the events: one each in the files.
    std::vector<std::string> roles;  ///< They are the whole server's, and stay.
    std::vector<std::string>
        restored;     ///< Schemas of `store restore`, which stay: the archive has what is in them.
    std::string sql;  ///< What takes those out, for who knows that nothing else needs them.
};

/// Takes the stores out of the database that `admin` names, as who owns them: in one transaction that keeps
/// writers out, everything is copied into SQLite stores in `folder` (kpi.db, drift.db), read back and
/// compared, and then the schemas are dropped. `folder` is not there before, and appears whole or not at all:
/// until then it is called `folder`.unfinished.
///
/// Events that stand in two places (parked, and sent again later) become one row. Left behind are what
/// describes the server (probes) and the moment at which a row was parked. Nothing that is not Tristrata's is
/// dropped.
///
/// Errors    Each leaves the database as it was, and says so: not_found (no store there), usage (the folder
/// is there
///           already), conflict (leaves are under way to the archive; something else stands in the schemas or
///           hangs on them), storage (the folder), and those of Postgres. possibly_persisted: the connection
///           was lost while committing; the folder is whole.
/// Threads   One caller at a time; two processes wait for each other, and the second finds nothing.
[[nodiscard]] core::Result<Uninstalled> uninstall_postgres(const core::SecretSource& admin,
                                                           const std::string& folder, const core::Task& task);

}  // namespace tristrata::store
