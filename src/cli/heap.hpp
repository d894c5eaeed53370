#pragma once

namespace tristrata::cli {

/// How the program gets its memory from the system: one heap for all threads, that keeps what is freed and
/// begins with large pages. To be called once, before anything else. Large blocks of operator new are of
/// large pages too. All of it is advice: refused, nothing changes but the time.
void settle_heap();

}  // namespace tristrata::cli
