#include "recycling_pool.hpp"

#include <arrow/status.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace tristrata::sources {
namespace {

constexpr std::int64_t aligned = 64;

/// One core: what it frees is what it is given.
class OnOneCore {
public:
    OnOneCore() {
        sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(sched_getcpu(), &one);
        sched_setaffinity(0, sizeof one, &one);
    }
    ~OnOneCore() { sched_setaffinity(0, sizeof before_, &before_); }
    OnOneCore(const OnOneCore&) = delete;
    OnOneCore& operator=(const OnOneCore&) = delete;

private:
    cpu_set_t before_{};
};

std::uint8_t* block_of(std::int64_t size) {
    std::uint8_t* block = nullptr;
    EXPECT_TRUE(recycling_pool().Allocate(size, aligned, &block).ok());
    return block;
}

TEST(RecyclingPool, the_block_that_was_freed_last_is_given_first) {
    const OnOneCore pinned;
    auto* first = block_of(100'000);
    auto* second = block_of(100'000);
    recycling_pool().Free(first, 100'000, aligned);
    recycling_pool().Free(second, 100'000, aligned);
    EXPECT_EQ(block_of(99'000), second);
    EXPECT_EQ(block_of(100'000), first);
    recycling_pool().Free(first, 100'000, aligned);
    recycling_pool().Free(second, 99'000, aligned);
}

TEST(RecyclingPool, blocks_are_aligned_apart_and_keep_their_bytes_when_they_grow_and_shrink) {
    std::mt19937 draw(7);
    SCOPED_TRACE("seed 7");
    struct Block {
        std::uint8_t* bytes;
        std::int64_t size;
        std::uint8_t fill;
    };
    std::vector<Block> blocks;
    auto& pool = recycling_pool();
    const auto before = pool.bytes_allocated();
    const auto holds = [](const Block& block, std::int64_t size) {
        for (std::int64_t i = 0; i < size; ++i)
            if (block.bytes[i] != block.fill) return false;
        return true;
    };
    std::int64_t held = 0;
    for (int step = 0; step < 1500; ++step) {
        const auto size = static_cast<std::int64_t>(draw() % (1u << draw() % 24));
        if (blocks.size() < 20 || draw() % 3 == 0) {
            blocks.push_back({block_of(size), size, static_cast<std::uint8_t>(draw())});
            held += size;
        } else {
            auto& block = blocks[draw() % blocks.size()];
            ASSERT_TRUE(holds(block, block.size));
            held += size - block.size;
            if (draw() % 2 == 0) {
                ASSERT_TRUE(pool.Reallocate(block.size, size, aligned, &block.bytes).ok());
                ASSERT_TRUE(holds(block, std::min(size, block.size)));
            } else {
                pool.Free(block.bytes, block.size, aligned);
                block.bytes = block_of(size);
            }
            block.size = size;
        }
        for (auto& block : blocks) {
            ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block.bytes) % aligned, 0u);
            if (block.size == size)
                std::memset(block.bytes, block.fill, static_cast<std::size_t>(block.size));
        }
        ASSERT_EQ(pool.bytes_allocated() - before, held);
    }
    for (const auto& block : blocks) {
        ASSERT_TRUE(holds(block, block.size));
        pool.Free(block.bytes, block.size, aligned);
    }
    EXPECT_EQ(pool.bytes_allocated(), before);
    EXPECT_GE(pool.max_memory(), before);
}

TEST(RecyclingPool, a_block_may_be_freed_by_another_thread) {
    const auto before = recycling_pool().bytes_allocated();
    std::atomic<int> intact = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([i, &intact] {
                for (int turn = 0; turn < 2000; ++turn) {
                    const int fill = (turn + 64 * i) % 256;
                    auto* block = block_of(5000);
                    std::memset(block, fill, 5000);
                    std::jthread([block, fill, &intact] {
                        // A block that two threads were given would hold another's bytes.
                        intact +=
                            std::all_of(block, block + 5000, [&](std::uint8_t byte) { return byte == fill; });
                        recycling_pool().Free(block, 5000, aligned);
                    });
                    if (turn % 50 != 0) continue;
                    auto* large = block_of(20 << 20);
                    recycling_pool().Free(large, 20 << 20, aligned);
                }
            });
    }
    EXPECT_EQ(intact, 4 * 2000);
    EXPECT_EQ(recycling_pool().bytes_allocated(), before) << "what others freed is not counted as in use";
}

TEST(RecyclingPool, what_cannot_be_given_is_an_error) {
    std::uint8_t* block = nullptr;
    EXPECT_TRUE(recycling_pool().Allocate(-1, aligned, &block).IsInvalid());
    EXPECT_TRUE(recycling_pool().Allocate(8, 4096, &block).IsInvalid());
}

}  // namespace
}  // namespace tristrata::sources
