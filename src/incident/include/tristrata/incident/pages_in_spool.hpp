#pragma once

#include "tristrata/core/error.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/spool/file_system.hpp"

#include <set>
#include <string>
#include <vector>

namespace tristrata::incident {

/// Incidents whose page stands in a spool, or in its folder of what receivers are owed, where nobody has
/// taken it yet: they are paged by their history, and nobody was told.
struct PagesInSpool {
    std::set<std::string> incidents;  ///< Their ids.
    std::set<std::string> ends;       ///< Of those whose end waits.
    std::vector<core::Error> unread;  ///< Of what could not be read it is not known.
};

/// Of the spool in this folder, beside whoever writes and drains it. Nothing where there is none, or where
/// the folder's name is empty.
///
/// Cost    Reads what is pending of class alert, and what is owed.
[[nodiscard]] PagesInSpool pages_in_spool(spool::FileSystem& files, const std::string& root,
                                          core::Timestamp now);

/// "HOST:/var/spool/tristrata#…": this folder and no other, also where a machine's name and paths are those
/// of another. Empty where the folder's name is.
[[nodiscard]] std::string place_of_spool(const std::string& root);

}  // namespace tristrata::incident
