#include "quote_watch.hpp"

#include <arrow/buffer.h>
#include <arrow/status.h>
#include <string_view>

namespace tristrata::sources {
namespace {

bool ends_a_field(char c) { return c == ',' || c == '\n' || c == '\r'; }

}  // namespace

void QuoteWatch::look(std::string_view block) {
    if (block.empty()) return;
    std::size_t at = 0;
    if (!began_ && block.starts_with("\xEF\xBB\xBF"))
        at = 3;  // A byte order mark stands before the first field.
    const std::size_t first = at;
    began_ = true;
    const auto before = [&](std::size_t here) { return here > first ? block[here - 1] : last_; };
    while (at < block.size()) {
        switch (state_) {
            case State::plain: {
                at = block.find('"', at);
                if (at == std::string_view::npos) break;
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
}

arrow::Result<std::int64_t> QuoteWatch::Read(std::int64_t count, void* out) {
    auto got = bytes_->Read(count, out);
    if (got.ok()) look({static_cast<const char*>(out), static_cast<std::size_t>(*got)});
    return got;
}

arrow::Result<std::shared_ptr<arrow::Buffer>> QuoteWatch::Read(std::int64_t count) {
    auto got = bytes_->Read(count);
    if (got.ok())
        look({reinterpret_cast<const char*>((*got)->data()), static_cast<std::size_t>((*got)->size())});
    return got;
}

}  // namespace tristrata::sources
