#pragma once

#include <string>
#include <string_view>

namespace tristrata::python {

/// Keeps a sentence that any thread has to say; none of them may wait for the interpreter, which may be
/// ending.
void keep_notice(std::string_view sentence);

/// Gives what was kept to the logger "tristrata", as warnings. The GIL is held. What a logging handler raises
/// is written as an exception that nobody could take; Ctrl-C and an exit are the program's, and are thrown.
/// Where Python may not run (process_session.hpp) it stays kept.
void log_notices();

/// A forked child has none of its parent's, and a lock of its own.
void forget_inherited_notices();

}  // namespace tristrata::python
