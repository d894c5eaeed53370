#include "tristrata/report/display.hpp"

#include <utf8proc.h>
#include <algorithm>

namespace tristrata::report {
namespace {

/// A character as people see it: a base with what combines with it, or several emoji joined into one.
struct Cluster {
    std::string_view bytes;
    std::size_t cells = 0;
};

std::vector<Cluster> clusters_of(std::string_view text) {
    constexpr utf8proc_int32_t emoji_presentation = 0xFE0F;
    std::vector<Cluster> clusters;
    utf8proc_int32_t before = 0, state = 0;
    for (std::size_t at = 0; at < text.size();) {
        utf8proc_int32_t character = 0;
        const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
        const auto length =
            utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &character);
        const std::size_t taken = length > 0 ? static_cast<std::size_t>(length) : 1;
        const bool valid = length > 0;
        const auto cells = valid ? static_cast<std::size_t>(std::max(0, utf8proc_charwidth(character))) : 1;
        const bool breaks =
            clusters.empty() || !valid || utf8proc_grapheme_break_stateful(before, character, &state);
        if (breaks) clusters.push_back({text.substr(at, 0), 0});
        Cluster& cluster = clusters.back();
        cluster.bytes = {cluster.bytes.data(), cluster.bytes.size() + taken};
        // Two regional indicators of one cell each are a flag of two; what else is joined takes the widest's
        // room.
        const bool flag = cells == 1 && cluster.cells == 1 && character >= 0x1F1E6 && character <= 0x1F1FF;
        cluster.cells = flag || character == emoji_presentation ? 2 : std::max(cluster.cells, cells);
        before = character;
        at += taken;
    }
    return clusters;
}

std::size_t width_of(const std::vector<Cluster>& clusters) {
    std::size_t cells = 0;
    for (const Cluster& cluster : clusters) cells += cluster.cells;
    return cells;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return ascii ? text.size() : width_of(clusters_of(text));
}

std::string shortened(std::string_view text, std::size_t cells) {
    const auto clusters = clusters_of(text);
    if (width_of(clusters) <= cells) return std::string(text);
    if (cells == 0) return "";
    const std::size_t room = cells - 1, before = room - room / 2;
    std::string head, tail;
    std::size_t used = 0, from = clusters.size();
    for (const Cluster& cluster : clusters) {
        if (used + cluster.cells > before) break;
        used += cluster.cells;
        head += cluster.bytes;
    }
    for (; from > 0 && used + clusters[from - 1].cells <= room; --from) used += clusters[from - 1].cells;
    for (; from < clusters.size(); ++from) tail += clusters[from].bytes;
    return head + "…" + tail;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t hanging) {
    std::string out, line;
    std::size_t used = 0;
    const auto flush = [&] {
        out += std::string(indent, ' ') + line + "\n";
        if (out.size() == indent + line.size() + 1) indent += hanging;
        line.clear();
        used = 0;
    };
    const auto room = [&] { return std::max<std::size_t>(8, width > indent ? width - indent : 0); };
    while (!text.empty()) {
        const auto space = text.find(' ');
        const auto word = text.substr(0, space);
        const std::size_t cells = display_width(word);
        if (!line.empty() && used + 1 + cells > room()) flush();
        if (!line.empty()) {
            line += ' ';
            ++used;
        }
        if (cells <= room()) {
            line += word;
            used += cells;
        } else {
            for (const Cluster& cluster : clusters_of(word)) {
                if (used + cluster.cells > room()) flush();
                line += cluster.bytes;
                used += cluster.cells;
            }
        }
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    if (!line.empty()) flush();
    return out;
}

std::string aligned(const std::vector<std::string>& headings,
                    const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::vector<std::string>> lines{headings};
    for (const auto& row : rows) {
        auto& line = lines.emplace_back();
        for (const auto& cell : row) line.push_back(printable(cell));
    }
    std::vector<std::size_t> width(headings.size(), 0);
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size() && i < width.size(); ++i)
            width[i] = std::max(width[i], display_width(line[i]));
    std::string text;
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size() && i < width.size(); ++i)
            text += line[i] + std::string(width[i] - display_width(line[i]) + 2, ' ');
        while (!text.empty() && text.back() == ' ') text.pop_back();
        text += '\n';
    }
    return text;
}

}  // namespace tristrata::report
