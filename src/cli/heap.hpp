#pragma once

namespace tristrata::cli {

/// How the program gets its memory from the system: one heap for all threads, that keeps what is freed and
/// begins with large pages. To be called once, before anything else. Large blocks of operator new are of
/// large pages too. All of it is advice: refused, nothing changes but the time.
void settle_heap();

/// For work of many small blocks in several threads, which would wait for one another at the one heap: each
/// thread that starts from now on has a heap of its own. To be called before the first of them starts.
void give_threads_heaps();

}  // namespace tristrata::cli
