#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tristrata::sources {

/// Looks at the bytes of a CSV, block after block, for quotes that swallow rows and for where rows end: Arrow
/// takes a quote that is never closed for one that closes with the file, and reads text behind a closing
/// quote as part of the field.
///
/// A quote opens a field only at its beginning; two quotes in a quoted field are one. Cost: a search for the
/// next quote, little where there are none. Threads: one.
class QuoteWatch {
public:
    /// How many bytes of this block end with the last row end that no quote holds; 0 without one. A row ends
    /// with a line feed; where a block has none, with a carriage return before its last byte.
    std::size_t look(std::string_view block);

    /// Whether a quote stands in the block looked at last.
    [[nodiscard]] bool in_block() const { return in_block_; }

    /// At the end of the bytes: whether a quote was left open, or a field that spans lines went on behind its
    /// closing quote.
    [[nodiscard]] bool swallowed() const { return misquoted_ || state_ == State::quoted; }

private:
    enum class State : std::uint8_t { plain, quoted, after_quote };

    State state_ = State::plain;
    char last_ = '\n';          ///< Of the block before: what stands before the first byte begins a field.
    bool spans_lines_ = false;  ///< The open field holds a line end.
    bool misquoted_ = false;
    bool began_ = false;
    bool in_block_ = false;
};

}  // namespace tristrata::sources
