#pragma once

#include "tristrata/core/error.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/spool/file_system.hpp"

#include <set>
#include <string>
#include <vector>

namespace tristrata::incident {

/// Incidents whose page stands in a spool, where nobody has taken it yet: they are paged by their history,
/// and nobody was told.
struct PagesInSpool {
    std::set<std::string> incidents;  ///< Their ids.
    std::vector<core::Error> unread;  ///< Of what could not be read it is not known.
};

/// Of the spool in this folder, beside whoever writes and drains it. Nothing where there is none, or where
/// the folder's name is empty.
///
/// Cost    Reads what is pending of class alert.
[[nodiscard]] PagesInSpool pages_in_spool(spool::FileSystem& files, const std::string& root,
                                          core::Timestamp now);

}  // namespace tristrata::incident
