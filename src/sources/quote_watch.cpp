#include "quote_watch.hpp"

#include "byte_order_mark.hpp"

#include <algorithm>

namespace tristrata::sources {
namespace {

bool ends_a_field(char c) { return c == ',' || c == '\n' || c == '\r'; }

/// Row ends among bytes that no quote holds, as counts of the block's bytes up to them.
struct RowEnds {
    std::size_t line_feed = 0, carriage_return = 0;

    void update(std::string_view block, std::size_t from, std::size_t to) {
        const auto plain = block.substr(from, to - from);
        if (const auto at = plain.rfind('\n'); at != std::string_view::npos) line_feed = from + at + 1;
        if (line_feed > 0) return;
        // A line feed may follow the block's last byte.
        const auto known = block.substr(from, std::min(to, block.size() - 1) - from);
        if (const auto at = known.rfind('\r'); at != std::string_view::npos) carriage_return = from + at + 1;
    }
    [[nodiscard]] std::size_t last() const { return line_feed > 0 ? line_feed : carriage_return; }
};

}  // namespace

std::size_t QuoteWatch::look(std::string_view block) {
    // A quote left open before came with a block before; it and its end decide about this one.
    in_block_ = state_ != State::plain;
    if (block.empty()) return 0;
    RowEnds ends;
    std::size_t at = 0;
    if (!began_ && block.starts_with(byte_order_mark)) at = byte_order_mark.size();
    const std::size_t first = at;
    began_ = true;
    const auto before = [&](std::size_t here) { return here > first ? block[here - 1] : last_; };
    while (at < block.size()) {
        switch (state_) {
            case State::plain: {
                const std::size_t begin = at;
                at = block.find('"', at);
                ends.update(block, begin, std::min(at, block.size()));
                if (at == std::string_view::npos) break;
                in_block_ = true;
                if (ends_a_field(before(at))) {
                    state_ = State::quoted;
                    spans_lines_ = false;
                }
                ++at;
                break;
            }
            case State::quoted: {
                const auto quote = block.find('"', at);
                spans_lines_ = spans_lines_ ||
                               block.substr(at, quote - at).find_first_of("\r\n") != std::string_view::npos;
                at = quote;
                if (at == std::string_view::npos) break;
                state_ = State::after_quote;
                ++at;
                break;
            }
            case State::after_quote:
                if (block[at] == '"') {
                    state_ = State::quoted;
                    ++at;
                    break;
                }
                misquoted_ = misquoted_ || (spans_lines_ && !ends_a_field(block[at]));
                state_ = State::plain;
                break;
        }
    }
    last_ = block.back();
    return ends.last();
}

}  // namespace tristrata::sources
