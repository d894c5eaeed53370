#pragma once

#include <string>

namespace tristrata::python {

/// The name of the module that calls: of the innermost Python frame that belongs neither to this package nor
/// to what only passes calls on (functools, contextlib, threading, concurrent.futures, asyncio). For a
/// program that was started it is the name of its file ("train.py"), with python -m the module's; "__main__"
/// where there is neither, as in a notebook. Where no other frame is left (a thread whose target is the call
/// itself) it is what passed the call on.
///
/// Cost      Some 0.1 us a frame. The GIL is held.
[[nodiscard]] std::string call_site();

}  // namespace tristrata::python
