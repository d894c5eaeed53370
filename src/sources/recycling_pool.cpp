#include "recycling_pool.hpp"

#include <arrow/status.h>
#include <sched.h>
#include <sys/mman.h>
#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

namespace tristrata::sources {
namespace {

constexpr std::size_t alignment_max = 64;
constexpr std::size_t steps_a_doubling = 4;
constexpr std::size_t class_bytes_min = 256;
constexpr std::size_t classes = steps_a_doubling * 48;
/// Blocks are cut from slabs of large pages, which the system hands out at a fraction of the cost.
constexpr std::size_t large_page_bytes = 2u << 20u;
constexpr std::size_t slab_bytes = 32u << 20u;
/// Larger blocks come from the heap and go back to it.
constexpr std::size_t kept_bytes_max = slab_bytes / 8;
/// Lists of free blocks; more cores than these share them.
constexpr std::size_t lists = 8;

/// Of a size: steps of a quarter of the power of two below it.
std::size_t class_of(std::size_t bytes) {
    const std::size_t last = std::max(bytes, class_bytes_min) - 1;
    const auto power = static_cast<std::size_t>(std::bit_width(last)) - 1;
    const std::size_t step = last >> (power - 2) & (steps_a_doubling - 1);
    return (power - 7) * steps_a_doubling + step;
}

std::size_t bytes_of(std::size_t size_class) {
    const std::size_t power = size_class / steps_a_doubling + 7, step = size_class % steps_a_doubling;
    return (steps_a_doubling + step + 1) << (power - 2);
}

/// Stands before each block, so that one that shrinks stays where it is.
struct alignas(alignment_max) Head {
    std::size_t size_class = 0;
    Head* next = nullptr;  ///< Of the free ones of its class.
};

/// With its head, in whole alignments.
std::size_t block_bytes(std::size_t size_class) {
    return sizeof(Head) + (bytes_of(size_class) + alignment_max - 1) / alignment_max * alignment_max;
}

Head* head_of(std::uint8_t* block) { return reinterpret_cast<Head*>(block) - 1; }

/// Where a block of no bytes is.
alignas(alignment_max) std::uint8_t nothing[1];

/// A block that one core wrote last is slow to write for another: each core has free blocks of its own.
std::size_t list_here() { return static_cast<std::size_t>(std::max(sched_getcpu(), 0)) % lists; }

class RecyclingPool final : public arrow::MemoryPool {
public:
    arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override {
        if (size < 0 || alignment > static_cast<std::int64_t>(alignment_max))
            return arrow::Status::Invalid("no block of ", size, " bytes, aligned to ", alignment);
        if (size == 0) {
            *out = nothing;
            return arrow::Status::OK();
        }
        const std::scoped_lock lock(mutex_);
        Head* head = taken(class_of(static_cast<std::size_t>(size)));
        if (head == nullptr) return arrow::Status::OutOfMemory("no memory for ", size, " bytes");
        *out = reinterpret_cast<std::uint8_t*>(head + 1);
        ++allocations_;
        count(size);
        return arrow::Status::OK();
    }

    arrow::Status Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment,
                             std::uint8_t** block) override {
        if (*block != nothing && new_size > 0 &&
            static_cast<std::size_t>(new_size) <= bytes_of(head_of(*block)->size_class)) {
            const std::scoped_lock lock(mutex_);
            count(new_size - old_size);
            return arrow::Status::OK();
        }
        std::uint8_t* moved = nullptr;
        ARROW_RETURN_NOT_OK(Allocate(new_size, alignment, &moved));
        std::memcpy(moved, *block, static_cast<std::size_t>(std::min(old_size, new_size)));
        Free(*block, old_size, alignment);
        *block = moved;
        return arrow::Status::OK();
    }

    void Free(std::uint8_t* block, std::int64_t size, std::int64_t) override {
        if (block == nothing) return;
        Head* head = head_of(block);
        const std::scoped_lock lock(mutex_);
        bytes_ -= size;
        if (block_bytes(head->size_class) > kept_bytes_max) {
            std::free(head);
            return;
        }
        Head*& first = free_[list_here()][head->size_class];
        head->next = first;
        first = head;
    }

    std::int64_t bytes_allocated() const override { return locked(bytes_); }
    std::int64_t max_memory() const override { return locked(bytes_max_); }
    std::int64_t total_bytes_allocated() const override { return locked(bytes_ever_); }
    std::int64_t num_allocations() const override { return locked(allocations_); }
    std::string backend_name() const override { return "recycling"; }

private:
    std::int64_t locked(const std::int64_t& count) const {
        const std::scoped_lock lock(mutex_);
        return count;
    }

    Head* taken(std::size_t size_class) {
        const std::size_t here = list_here();
        for (std::size_t i = 0; i < lists; ++i)
            if (Head*& first = free_[(here + i) % lists][size_class]; first != nullptr)
                return std::exchange(first, first->next);
        void* memory = cut(block_bytes(size_class));
        return memory == nullptr ? nullptr : new (memory) Head{size_class};
    }

    void* cut(std::size_t bytes) {
        if (bytes > kept_bytes_max) return std::aligned_alloc(alignment_max, bytes);
        if (bytes > left_) {
            void* slab = std::aligned_alloc(large_page_bytes, slab_bytes);
            if (slab == nullptr) return nullptr;
            (void)madvise(slab, slab_bytes, MADV_HUGEPAGE);  // Refused, it only takes longer.
            at_ = static_cast<std::byte*>(slab);
            left_ = slab_bytes;
        }
        left_ -= bytes;
        return std::exchange(at_, at_ + bytes);
    }

    void count(std::int64_t more) {
        bytes_ += more;
        bytes_max_ = std::max(bytes_max_, bytes_);
        if (more > 0) bytes_ever_ += more;
    }

    mutable std::mutex mutex_;
    std::array<std::array<Head*, classes>, lists> free_{};
    std::byte* at_ = nullptr;  ///< Of the slab that is being cut.
    std::size_t left_ = 0;
    std::int64_t bytes_ = 0, bytes_max_ = 0, bytes_ever_ = 0, allocations_ = 0;
};

}  // namespace

arrow::MemoryPool& recycling_pool() {
    // Never taken down: a batch may be freed after everything else.
    static auto* const pool = new RecyclingPool;
    return *pool;
}

}  // namespace tristrata::sources
