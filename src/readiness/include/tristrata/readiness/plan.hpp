#pragma once

#include "tristrata/core/result.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::readiness {

/// The parts of a plan that rules speak of: six sections, what stands above them, and what stands below.
enum class Part : std::uint8_t {
    header,
    monitoring,
    alerting,
    drift_detection,
    rollout,
    rollback,
    owner,
    sign_off,
};
inline constexpr std::array sections_of_a_plan{Part::monitoring, Part::alerting, Part::drift_detection,
                                               Part::rollout,    Part::rollback, Part::owner};
/// 1 to 6 of a section, 0 of the rest.
[[nodiscard]] int number_of(Part part) noexcept;
/// "Production monitoring", as the template heads it.
[[nodiscard]] std::string_view title_of(Part part) noexcept;

/// One thing that a plan says: a line of a paragraph, an item of a list, a row of a table.
struct Entry {
    enum class Kind : std::uint8_t { text, item, heading, columns, row, code };
    enum class Box : std::uint8_t {
        none,
        open,
        ticked
    };  ///< As GitHub shows one: "\[x]" and "[x]" alone are none.
    Kind kind = Kind::text;
    std::size_t line = 0;                         ///< From 1.
    std::string text;                             ///< Without markup; of a row its cells, apart by " | ".
    std::vector<std::string> cells;               ///< Of a row, and of the row of its column names (columns).
    std::vector<std::string> code;                ///< What stands between backticks.
    std::vector<std::string> addresses;           ///< Of links.
    std::size_t table = 0;                        ///< Which table of the plan, from 1.
    int level = 0;                                ///< Of a heading; of an item, in how many lists it is.
    std::size_t opens = 0;                        ///< Of code: the line on which its block opens.
    std::vector<std::size_t> address_cells = {};  ///< Of a row: in which cell each address stands.
    std::vector<std::size_t> code_cells = {};     ///< Of a row: in which cell each piece of code stands.
    Box box = Box::none;                          ///< Of an item.
    std::vector<std::size_t> breaks = {};         ///< Of an item: behind which bytes a line of it ends.
};

struct Section {
    Part part = Part::header;
    std::size_t line = 0;
    std::string heading;
    std::optional<int> number = {};  ///< As the heading has it.
    std::vector<Entry> entries = {};
};

/// "## 4. Appendix": a number of a section's, on a heading that is none.
struct NumberedHeading {
    int number = 0;
    std::size_t line = 0;
};

/// A line "Owner: @maria" above the sections; line 0: there is none.
struct Field {
    std::string value;
    std::size_t line = 0;
};

/// A section's heading where Markdown sees none.
struct Swallowed {
    Part part = Part::header;
    std::string_view by;   ///< "code block", "comment", "closed <details>"
    std::size_t line = 0;  ///< On which that opens.
};

/// A filled plan as it was written. What it lacks is absent: judging is for check().
struct Plan {
    std::string name;  ///< Of its file, for messages.
    std::size_t line = 1;
    Field title, story, owner, filled_on, reviewed;
    Field asked;  ///< "Sections asked for: §1, §2, §5": what the change asked of it at its merge.
    std::vector<Entry> header;
    std::vector<Section> sections;  ///< In the order of the file; a part may stand twice.
    std::vector<NumberedHeading> others;
    std::vector<Swallowed> swallowed;
    bool in_issue = false;  ///< A section of an issue's text: it has no title of its own.

    /// The first of that part.
    [[nodiscard]] const Section* find(Part part) const noexcept;
};

/// Larger plans are not read: one page is some 4 KB.
inline constexpr std::size_t plan_bytes_max = 262'144;

/// Reads Markdown as GitHub does: headings in code and in comments are none. A byte order mark and CRLF are
/// taken.
///
/// Errors    invalid_input: UTF-16, other bytes that are no UTF-8, a NUL; limit_exceeded: more than 256 KiB,
/// a
///           paragraph of more than 32 KiB, a line that opens more than 64 lists or quotes.
/// Cost      Linear; the limits keep it so.
[[nodiscard]] core::Result<Plan> parse_plan(std::string_view text, std::string name);
/// The part "## MLOps readiness" of an issue's text, to the next heading that is none of a plan's. not_found:
/// there is none.
[[nodiscard]] core::Result<Plan> parse_issue(std::string_view text, std::string name);

/// A file's text, of a plan or an issue. not_found; refused: a link that leads out of `root`, or no regular
/// file; limit_exceeded: more than 256 KiB, which is not read.
[[nodiscard]] core::Result<std::string> read_text(const std::filesystem::path& file,
                                                  const std::filesystem::path& root);

}  // namespace tristrata::readiness
