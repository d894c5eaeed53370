#include "tristrata/spool/fork_generation.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#include <array>
#include <atomic>

namespace tristrata::spool {
namespace {

using Generation = std::atomic<std::uint64_t>;
static_assert(Generation::is_always_lock_free);

/// The generation in the high half, the descriptor + 1 in the low one; 0 is a free place.
std::array<Generation, 4096> descriptors{};
/// The last generation given out; copied by a fork, where the page below is wiped.
Generation last_given{1};

constexpr std::uint64_t entry_of(std::uint64_t generation, int descriptor) {
    return (generation << 32U) | (static_cast<std::uint64_t>(static_cast<std::uint32_t>(descriptor)) + 1);
}

Generation* wiped_page() {
    const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* page = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        static Generation plain{1};  // Then the fork handler alone notices.
        return &plain;
    }
    ::madvise(page, bytes, MADV_WIPEONFORK);
    auto* generation = new (page) Generation(1);
    return generation;
}

Generation& current() {
    static Generation* page = [] {
        Generation* made = wiped_page();
        ::pthread_atfork(nullptr, nullptr, [] {
            current().store(0);
            (void)fork_generation();
        });
        return made;
    }();
    return *page;
}

void close_inherited(std::uint64_t generation) noexcept {
    for (auto& place : descriptors) {
        std::uint64_t entry = place.load();
        if (entry == 0 || (entry >> 32U) >= generation) continue;
        if (place.compare_exchange_strong(entry, 0))
            ::close(static_cast<int>(static_cast<std::uint32_t>(entry) - 1));
    }
}

}  // namespace

std::uint64_t fork_generation() noexcept {
    Generation& page = current();
    const std::uint64_t now = page.load(std::memory_order_acquire);
    if (now != 0) return now;
    const std::uint64_t next = last_given.load() + 1;
    std::uint64_t wiped = 0;
    if (!page.compare_exchange_strong(wiped, next)) return wiped;
    last_given.store(next);
    close_inherited(next);
    return next;
}

int remember_descriptor(int descriptor) noexcept {
    const std::uint64_t entry = entry_of(fork_generation(), descriptor);
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
        std::uint64_t free = 0;
        if (descriptors[i].compare_exchange_strong(free, entry)) return static_cast<int>(i);
    }
    return -1;
}

bool forget_descriptor(int ticket, int descriptor) noexcept {
    if (ticket < 0) return true;
    std::uint64_t entry = entry_of(fork_generation(), descriptor);
    return descriptors[static_cast<std::size_t>(ticket)].compare_exchange_strong(entry, 0);
}

}  // namespace tristrata::spool
