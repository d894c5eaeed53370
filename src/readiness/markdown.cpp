#include "markdown.hpp"

#include "html.hpp"
#include "letters.hpp"
#include "tristrata/core/ascii.hpp"
#include "tristrata/core/text.hpp"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <string>

namespace tristrata::readiness {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::size_t paragraph_bytes_max = 32'768;
constexpr std::size_t openings_max = 64;

/// Where a thread's parser gets its many small blocks: they go all at once, with what was read. cmark's own
/// arena is one for all threads.
class Blocks {
public:
    static void* zeroed(std::size_t count, std::size_t bytes) {
        void* const block = raw(count * bytes);
        return std::memset(block, 0, count * bytes);
    }
    static void* grown(void* old, std::size_t bytes) {
        void* const block = raw(bytes);
        if (old == nullptr) return block;
        std::size_t held = 0;
        std::memcpy(&held, static_cast<std::byte*>(old) - header, sizeof held);
        return std::memcpy(block, old, std::min(held, bytes));
    }
    static void left(void* /*block*/) {}
    /// Gives all of them back.
    ~Blocks() { of_thread().release(); }

private:
    /// Before each block: how long it is.
    static constexpr std::size_t header = alignof(std::max_align_t);
    static std::pmr::monotonic_buffer_resource& of_thread() {
        static thread_local std::pmr::monotonic_buffer_resource blocks(std::size_t{64} << 10U);
        return blocks;
    }
    static void* raw(std::size_t bytes) {
        auto* const block = static_cast<std::byte*>(of_thread().allocate(bytes + header, header));
        std::memcpy(block, &bytes, sizeof bytes);
        return block + header;
    }
};
/// "Owner\u00a0:" as French keyboards type it: nobody sees that it is another space.
std::string with_plain_spaces(std::string_view text) {
    constexpr std::array<std::string_view, 2> spaces{"\u00a0", "\u202f"};
    std::string plain(text);
    if (is_ascii(text)) return plain;
    for (const auto space : spaces)
        for (auto at = plain.find(space); at != std::string::npos; at = plain.find(space, at + 1))
            plain.replace(at, space.size(), " ");
    return plain;
}

/// How many lists and quotes a line opens at its beginning.
std::size_t openings(std::string_view line) {
    std::size_t count = 0, at = 0;
    while (at < line.size()) {
        const char c = line[at];
        if (c == ' ' || c == '\t') {
            ++at;
        } else if (c == '>') {
            ++count, ++at;
        } else if (c == '-' || c == '*' || c == '+') {
            if (at + 1 < line.size() && line[at + 1] != ' ' && line[at + 1] != '\t') return count;
            ++count, ++at;
        } else if (c >= '0' && c <= '9') {
            std::size_t end = at;
            while (end < line.size() && line[end] >= '0' && line[end] <= '9') ++end;
            if (end == line.size() || (line[end] != '.' && line[end] != ')')) return count;
            ++count, at = end + 1;
        } else {
            return count;
        }
    }
    return count;
}

/// What keeps the parser linear: its cost grows with the square of a paragraph and with depth times lines.
core::Status bounded(std::string_view text, std::string_view name) {
    std::size_t number = 1, paragraph = 0;
    for (std::size_t at = 0; at < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        paragraph = line.find_first_not_of(" \t\r") == std::string_view::npos ? 0 : paragraph + line.size();
        if (paragraph > paragraph_bytes_max)
            return fail(
                ErrorKind::limit_exceeded,
                fmt::format("{}:{}: a paragraph of more than 32 KiB; a plan is about a page: break it "
                            "up with empty lines",
                            name, number));
        if (openings(line) > openings_max)
            return fail(
                ErrorKind::limit_exceeded,
                fmt::format("{}:{}: a line that opens more than {} lists or quotes; at most that many "
                            "are read",
                            name, number, openings_max));
        at = end + 1;
    }
    return {};
}

core::Status readable_text(std::string_view text, std::string_view name) {
    if (text.size() > plan_bytes_max)
        return fail(ErrorKind::limit_exceeded,
                    fmt::format("{} has {} KB; a plan is about a page, and more than "
                                "256 KiB is not read",
                                name, text.size() / 1000));
    const bool marked = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
    const auto nul = text.find('\0');
    if (marked || (nul < 2 && text.size() % 2 == 0))
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} is UTF-16; expected UTF-8: iconv -f UTF-16 -t UTF-8", name));
    if (nul != std::string_view::npos)
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} has a NUL at byte {}; expected a text in UTF-8", name, nul));
    if (!core::is_utf8(text))
        return fail(ErrorKind::invalid_input, fmt::format("{} is not UTF-8; save it in that encoding", name));
    return {};
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const char* literal(cmark_node* node) {
    const char* text = cmark_node_get_literal(node);
    return text == nullptr ? "" : text;
}

/// "<br>", "<br />".
bool is_break(std::string_view tag) {
    return tag.size() >= 4 && core::lowered(tag.substr(0, 3)) == "<br" &&
           (tag[3] == '>' || tag[3] == ' ' || tag[3] == '/');
}

/// Gathers entries from one walk over the tree.
class Gatherer {
public:
    explicit Gatherer(std::string_view text) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            source_.push_back(text.substr(at, end - at));
            at = end + 1;
        }
    }

    void enter(cmark_node* node, cmark_node_type type) {
        const std::string_view kind = cmark_node_get_type_string(node);
        if (kind == "strikethrough") ++struck_;
        // What is struck out is not there; its line ends are.
        if (struck_ > 0 && type != CMARK_NODE_SOFTBREAK && type != CMARK_NODE_LINEBREAK) return;
        if (type == CMARK_NODE_LIST) {
            ++lists_;
        } else if (kind == "table") {
            ++table_;
        } else if (kind == "table_header" || kind == "table_row") {
            begin(kind == "table_row" ? Entry::Kind::row : Entry::Kind::columns, node);
            entry_.table = table_;
        } else if (kind == "table_cell") {
            entry_.cells.emplace_back();
        } else if (type == CMARK_NODE_HEADING) {
            begin(Entry::Kind::heading, node);
            entry_.level = cmark_node_get_heading_level(node);
        } else if (type == CMARK_NODE_PARAGRAPH) {
            const auto* parent = cmark_node_parent(node);
            const bool item =
                parent != nullptr && cmark_node_get_type(cmark_node_parent(node)) == CMARK_NODE_ITEM;
            begin(item ? Entry::Kind::item : Entry::Kind::text, node);
            // A second paragraph of an item stands below it, as an item of a list within it does.
            if (item) entry_.level = lists_ + (cmark_node_previous(node) != nullptr ? 1 : 0);
            if (item && cmark_node_previous(node) == nullptr) entry_.box = box_at(node);
        } else if (type == CMARK_NODE_CODE_BLOCK) {
            if (!html_.is_hidden())
                lines(literal(node),
                      line_of(node) + (cmark_node_get_fenced(node, &unused_, &unused_, &letter_) ? 1 : 0),
                      Entry::Kind::code, line_of(node));
        } else if (type == CMARK_NODE_HTML_BLOCK) {
            lines(html_.seen(literal(node)), line_of(node), Entry::Kind::text);
            html_.end_block();
        } else if (type == CMARK_NODE_TEXT) {
            add(literal(node));
        } else if (type == CMARK_NODE_HTML_INLINE) {
            const std::string shown = html_.seen(literal(node));
            if (is_break(literal(node))) add_break();
            (entry_.cells.empty() ? entry_.text : entry_.cells.back()) += shown;
        } else if (type == CMARK_NODE_CODE) {
            add(literal(node));
            if (is_seen()) add_code(trimmed(literal(node)));
        } else if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) {
            // In the place of an image's words there is the image.
            if (type == CMARK_NODE_IMAGE) ++images_;
            else if (const char* address = cmark_node_get_url(node); address != nullptr) add_address(address);
        } else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK) {
            // GitHub shows a wrapped item as one line.
            const bool wrapped = type == CMARK_NODE_SOFTBREAK && entry_.kind == Entry::Kind::item;
            if (wrapped || !entry_.cells.empty() || entry_.kind == Entry::Kind::heading) {
                add_break();
                add(" ");
            } else {
                Entry next;
                next.kind = entry_.kind == Entry::Kind::item ? Entry::Kind::text : entry_.kind;
                next.line = entry_.line + 1;
                finish();
                entry_ = std::move(next);
            }
        }
    }

    void leave(cmark_node* node, cmark_node_type type) {
        const std::string_view kind = cmark_node_get_type_string(node);
        if (kind == "strikethrough") --struck_;
        if (struck_ > 0) return;
        if (type == CMARK_NODE_IMAGE && images_ > 0) --images_;
        if (type == CMARK_NODE_LIST) --lists_;
        if (type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING || kind == "table_row" ||
            kind == "table_header")
            finish();
    }

    [[nodiscard]] std::vector<Entry> take() { return std::move(entries_); }

private:
    static std::size_t line_of(cmark_node* node) {
        return static_cast<std::size_t>(std::max(1, cmark_node_get_start_line(node)));
    }
    void begin(Entry::Kind kind, cmark_node* node) {
        entry_ = Entry{};
        entry_.kind = kind;
        entry_.line = line_of(node);
        html_.begin_paragraph();
    }
    /// The box that GitHub shows before an item: of the source, where \[x] is none, and with a text behind
    /// it.
    [[nodiscard]] Entry::Box box_at(cmark_node* node) const {
        const std::size_t line = line_of(node);
        const auto column = static_cast<std::size_t>(std::max(1, cmark_node_get_start_column(node)));
        if (line > source_.size() || column > source_[line - 1].size()) return Entry::Box::none;
        const std::string_view text = source_[line - 1].substr(column - 1);
        if (text.size() < 5 || text[0] != '[' || text[2] != ']' || (text[3] != ' ' && text[3] != '\t'))
            return Entry::Box::none;
        if (trimmed(text.substr(3)).empty()) return Entry::Box::none;
        if (text[1] == ' ') return Entry::Box::open;
        return text[1] == 'x' || text[1] == 'X' ? Entry::Box::ticked : Entry::Box::none;
    }
    /// Whether a reader of the rendered page sees what is added now.
    [[nodiscard]] bool is_seen() const { return images_ == 0 && !html_.is_hidden(); }
    void add(std::string_view text) {
        if (!is_seen()) return;
        (entry_.cells.empty() ? entry_.text : entry_.cells.back()) += with_plain_spaces(text);
    }
    void add_break() {
        if (entry_.kind == Entry::Kind::item && is_seen()) entry_.breaks.push_back(entry_.text.size());
    }
    void add_code(std::string_view code) {
        entry_.code.push_back(with_plain_spaces(code));
        if (!entry_.cells.empty()) entry_.code_cells.push_back(entry_.cells.size() - 1);
    }
    void add_address(const char* address) {
        if (html_.is_hidden()) return;
        entry_.addresses.emplace_back(address);
        if (!entry_.cells.empty()) entry_.address_cells.push_back(entry_.cells.size() - 1);
    }
    void lines(std::string_view text, std::size_t line, Entry::Kind kind, std::size_t opens = 0) {
        for (std::size_t at = 0; at < text.size(); ++line) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            entry_ = Entry{};
            entry_.kind = kind;
            entry_.line = line;
            entry_.opens = opens;
            entry_.text = text.substr(at, end - at);
            finish();
            at = end + 1;
        }
    }
    void finish() {
        for (auto& cell : entry_.cells) {
            cell = std::string(trimmed(cell));
            if (!entry_.text.empty()) entry_.text += " | ";
            entry_.text += cell;
        }
        entry_.text = std::string(trimmed(entry_.text));
        if (!entry_.text.empty()) entries_.push_back(std::move(entry_));
        entry_ = Entry{};
    }

    std::vector<Entry> entries_;
    Entry entry_;
    std::size_t table_ = 0;
    std::vector<std::string_view> source_;  // its lines
    SeenHtml html_;
    int struck_ = 0;
    int images_ = 0;
    int lists_ = 0;  // that are open
    int unused_ = 0;
    char letter_ = 0;
};

}  // namespace

std::string without_comments(std::string_view text) {
    std::string left;
    for (std::size_t at = 0; at < text.size();) {
        const auto open = text.find("<!--", at);
        left += text.substr(at, std::min(open, text.size()) - at);
        if (open == std::string_view::npos) break;
        const auto close = text.find("-->", open + 4);
        const std::size_t end = close == std::string_view::npos ? text.size() : close + 3;
        for (const char c : text.substr(open, end - open))
            if (c == '\n') left += c;
        at = end;
    }
    return left;
}

core::Result<std::vector<Entry>> read_entries(std::string_view text, std::string_view name) {
    if (auto fine = readable_text(text, name); !fine) return propagate(fine);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (auto fine = bounded(text, name); !fine) return propagate(fine);
    static cmark_syntax_extension* const tables = [] {
        cmark_gfm_core_extensions_ensure_registered();
        return cmark_find_syntax_extension("table");
    }();
    static cmark_syntax_extension* const strikes = cmark_find_syntax_extension("strikethrough");
    static cmark_mem memory{Blocks::zeroed, Blocks::grown, Blocks::left};
    const Blocks blocks;
    cmark_parser* const parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, &memory);
    if (parser == nullptr || tables == nullptr || strikes == nullptr)
        return fail(ErrorKind::internal, "cmark-gfm has no parser of tables, or none of what is struck out");
    cmark_parser_attach_syntax_extension(parser, tables);
    cmark_parser_attach_syntax_extension(parser, strikes);
    cmark_parser_feed(parser, text.data(), text.size());
    cmark_node* const document = cmark_parser_finish(parser);
    if (document == nullptr)
        return fail(ErrorKind::invalid_input, fmt::format("{} cannot be read as Markdown", name));
    cmark_iter* const iterator = cmark_iter_new(document);
    Gatherer gatherer(text);
    for (auto event = cmark_iter_next(iterator); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(iterator)) {
        cmark_node* const node = cmark_iter_get_node(iterator);
        const auto type = cmark_node_get_type(node);
        if (event == CMARK_EVENT_ENTER) gatherer.enter(node, type);
        else gatherer.leave(node, type);
    }
    return gatherer.take();
}

}  // namespace tristrata::readiness
