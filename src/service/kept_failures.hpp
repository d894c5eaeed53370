#pragma once

#include "tristrata/analyzer/failures.hpp"
#include "tristrata/service/log.hpp"
#include "tristrata/spool/file_system.hpp"

#include <memory>
#include <string>

namespace tristrata::service {

/// Failures in a row that a file keeps across a restart. One that cannot be read begins anew, and one that
/// cannot be written is said once: what analyzers and checks find counts all the same.
[[nodiscard]] std::shared_ptr<analyzer::Failures> kept_failures(spool::FileSystem& files, std::string path,
                                                                std::shared_ptr<Log> log);

}  // namespace tristrata::service
