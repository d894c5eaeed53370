#include "heap.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace tristrata::cli {
namespace {

constexpr std::size_t large_page = 2u << 20u;

/// Small pages, fetched from the system one by one, took a twentieth of a check, and of tables of ten million
/// rows a fifth.
void advise_large_pages(void* block, std::size_t bytes) {
    const auto before = (large_page - reinterpret_cast<std::uintptr_t>(block) % large_page) % large_page;
    if (bytes < before + large_page) return;
    madvise(static_cast<std::byte*>(block) + before, (bytes - before) / large_page * large_page,
            MADV_HUGEPAGE);
}

}  // namespace

void settle_heap(Heaps heaps) {
    constexpr std::size_t first = 64u << 20u;
    // One column after another is of the same size: to ask the system for it again cost a tenth of a check of
    // large files.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    // Asked for once for all: the C library keeps what it finds when the first thread begins, and Arrow
    // starts one before main.
    if (heaps == Heaps::shared) mallopt(M_ARENA_MAX, 1);
    mallopt(M_TOP_PAD, static_cast<int>(first));
    // More than a new heap holds: it grows, and by the padding more.
    const std::unique_ptr<void, decltype(&std::free)> grown(std::malloc(large_page), std::free);
    const auto begin = reinterpret_cast<std::uintptr_t>(grown.get());
    const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
    if (begin != 0 && end >= begin + first && end <= begin + 2 * first)
        advise_large_pages(grown.get(), end - begin);
}

}  // namespace tristrata::cli

// What libstdc++ does, and the advice.
void* operator new(std::size_t bytes) {
    void* block = std::malloc(bytes > 0 ? bytes : 1);
    if (block == nullptr) throw std::bad_alloc();
    if (bytes >= 2 * tristrata::cli::large_page) tristrata::cli::advise_large_pages(block, bytes);
    return block;
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
