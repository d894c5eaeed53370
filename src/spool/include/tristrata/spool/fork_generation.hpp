#pragma once

#include <cstdint>

namespace tristrata::spool {

/// A number that differs in a forked child from every one that it inherited; noticed for the price of a load,
/// also where no fork handler ran (a page that the kernel wipes in the child). The first to notice closes the
/// descriptors that were inherited: the parent's locks stay the parent's.
[[nodiscard]] std::uint64_t fork_generation() noexcept;

/// Descriptors that a forked child closes. Without locks: a lock may be held by a thread that a fork did not
/// copy.
/// Returns   A ticket for forget_descriptor(), or a negative number where the table is full: then the child
///           keeps the descriptor, which holds the parent's lock for as long as the child lives.
[[nodiscard]] int remember_descriptor(int descriptor) noexcept;
/// True where the descriptor is still this process's to close.
[[nodiscard]] bool forget_descriptor(int ticket, int descriptor) noexcept;

}  // namespace tristrata::spool
