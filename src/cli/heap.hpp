#pragma once

namespace tristrata::cli {

/// `shared`: one heap for all threads, that keeps what is freed, as large columns want it. `own`: one for
/// each thread, for work of many small blocks in several, which would wait for one another at the one.
enum class Heaps { shared, own };

/// How the program gets its memory from the system: from heaps that begin with large pages. To be called
/// once, before anything else. Large blocks of operator new are of large pages too. All of it is advice:
/// refused, nothing changes but the time.
void settle_heap(Heaps heaps);

}  // namespace tristrata::cli
