#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// What a reader of the rendered page sees of its HTML: no tags, whatever their attributes say, no comments,
/// nothing within <del>, and of a closed <details> its summary alone. A tag that HTML does not know stays as
/// it is written: it is a template's "<metric>".
class SeenHtml {
public:
    /// The text that a piece of HTML shows; its line feeds stay. What it leaves open holds for what follows.
    /// Linear.
    [[nodiscard]] std::string seen(std::string_view html);

    /// Whether what follows is not seen: within what is taken out, a closed <details>, a comment or a tag.
    [[nodiscard]] bool is_hidden() const {
        const bool in_summary = hiding_.size() == 1 && hiding_.front() == "details" && summary_;
        return ending_ != Ending::none || (!hiding_.empty() && !in_summary);
    }

    /// Text that is taken out within a line is so until the line's paragraph ends.
    void begin_paragraph() {
        while (hiding_.size() > of_blocks_) hiding_.pop_back();
    }
    void end_block() { of_blocks_ = hiding_.size(); }

private:
    enum class Ending : unsigned char { none, comment, tag, single_quote, double_quote };

    void take_tag(std::string_view tag, std::string& shown);

    std::vector<std::string> hiding_;  // names of elements that are open and show nothing
    std::size_t of_blocks_ = 0;        // those of them that a block opened
    std::string tag_;                  // the beginning of one that is not closed yet
    bool summary_ = false;
    Ending ending_ = Ending::none;
};

}  // namespace tristrata::readiness
