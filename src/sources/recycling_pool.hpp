#pragma once

#include <arrow/memory_pool.h>

namespace tristrata::sources {

/// Memory for what a reader needs block after block: what is freed is kept, by the core that freed it, and
/// given out again, the latest first. A general allocator hands pages back and asks for new ones, which the
/// system zeroes. What is held at the end is what was in use at once, of each size, up to 4 MB; sizes are
/// rounded up by at most a quarter. Alignment: 64 bytes. Threads: any.
[[nodiscard]] arrow::MemoryPool& recycling_pool();

}  // namespace tristrata::sources
