#pragma once

#include "tristrata/config/sensitive.hpp"
#include "tristrata/core/task.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/dataset/source.hpp"
#include "tristrata/detection/check.hpp"
#include "tristrata/detection/plan.hpp"
#include "tristrata/drift/report.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::detection {

/// One partition of a profile: the rows of one source, of one window of it where there is a time column.
struct ProfileWindow {
    std::string source;                    ///< As it was shown when the profile was made.
    core::TimeRange asked;                 ///< The window that was asked for; unbounded without one.
    std::optional<core::Timestamp> first;  ///< The earliest and the latest time of its rows.
    std::optional<core::Timestamp> last;
    std::uint64_t rows = 0;
    std::uint64_t left_out = 0;  ///< Rows of the source without a time: in no window.
    bool was_sorted = true;      ///< The rows are kept in order of time; whether they came so.
    bool operator==(const ProfileWindow&) const = default;
};

/// A reference, saved: a map of windows to the state of each column, with the schema, the roles and the edges
/// it was made with. A check against it is the check against the data it was made from; what it saves is
/// reading and ordering them (docs/profiles.md, docs/formats/profile.md).
///
/// Exact     Up to ProfileOptions::column_bytes a column and window keep every value in order of its row, and
///           the report is the one from the data to the byte, but for the reference's version.
/// Sketch    Beyond it a column of numbers keeps whole counts on stored edges, its moments and its ends, and
///           a column of labels a count a label: what needs rows is not_tested then.
/// Version   SHA-256 over everything that a check can read of it: the same rows under the same plan are the
///           same version, and a merge of the same partitions in any order too.
/// Threads   Immutable and cheap to copy: safe to read from any thread.
class Profile {
public:
    struct Contents;
    explicit Profile(std::shared_ptr<const Contents> contents);

    [[nodiscard]] const std::string& version() const noexcept;
    /// The data it was made from: "march.csv", "2 merged profiles (a.csv, b.csv)", "30 merged profiles
    /// (a.csv, b.csv, c.csv and 27 more)"; each is named once, in the order of the windows.
    [[nodiscard]] const std::string& source() const noexcept;
    [[nodiscard]] const dataset::Schema& schema() const noexcept;
    /// What it was made under: time, columns, and what the plan said of each; the rest stands at its
    /// defaults.
    [[nodiscard]] const Plan& plan() const noexcept;
    [[nodiscard]] std::vector<ProfileWindow> windows() const;
    /// Rows of all windows.
    [[nodiscard]] std::uint64_t rows() const noexcept;
    /// Whether every value of the column is there; false for one that the plan left out.
    [[nodiscard]] bool exact(std::size_t field) const noexcept;
    /// Whether the column was profiled at all.
    [[nodiscard]] bool kept(std::size_t field) const noexcept;
    /// Bytes that each column takes, over all windows.
    [[nodiscard]] std::vector<std::uint64_t> column_bytes() const;
    /// The file's bytes: docs/formats/profile.md.
    [[nodiscard]] std::string bytes() const;
    [[nodiscard]] const Contents& contents() const noexcept { return *contents_; }

private:
    std::shared_ptr<const Contents> contents_;
};

struct ProfileOptions {
    /// Bytes that a column of a window may take and still be kept value by value. The time column that orders
    /// the rows always is.
    std::size_t column_bytes = 64u << 20u;
    /// Labels that a column beyond it counts one by one; the rest, by frequency, is one sum.
    std::size_t labels = 100'000;
    /// A profile whose edges are taken over, so that the two can be merged whatever their size.
    const Profile* like = nullptr;
};

/// The profile of one side: one window. The plan's time column orders its rows, its `columns` and `ignore`
/// choose what is kept. Labels of a sensitive column are hashed; a key keeps only which rows miss it.
///
/// Memory    The columns of a by-column source one a thread, those of others in groups that fit task.limits;
///           and the profile itself.
/// Errors    As check() of the same side.
[[nodiscard]] core::Result<Profile> profile(const CheckSide& side, const Plan& plan,
                                            const ProfileOptions& options, const core::Task& task);

/// Whether windows may hold rows of one another.
enum class Overlap : std::uint8_t { refused, allowed };

/// The union of the windows, in order of time; the same bytes in whatever order they come. A window that
/// stands in several of them is kept once.
///
/// Errors    conflict: another schema, plan or set of edges, with what differs named; and, where overlap is
///           refused, what rows_twice() says of the union.
[[nodiscard]] core::Result<Profile> merge(std::span<const Profile> profiles,
                                          Overlap overlap = Overlap::refused);

/// Which windows hold rows that count twice, as a sentence; empty where none do. Windows of the same values
/// do, whatever their source is called; and windows that cover a stretch of the same time, which are meant to
/// be parts of one series. Windows that meet in one moment do not overlap.
[[nodiscard]] std::string rows_twice(const Profile& profile);

/// One window of all rows of `parts`, which are what several processes each made of a part of one table: what
/// profile() of the whole table is, where each moment has one row. `left_out` are rows in no part: those of
/// parts that had no time at all; a table in parts has no order that its rows could have come in. Parts that
/// are equal to the byte are rows of their own; labels that one of them hashed, or that `patterns` match, are
/// hashed in all.
///
/// Order     The same bytes in whatever order the parts come. Rows of one moment, and all rows without a time
///           column, stand by part, and the parts by what they hold.
/// Counts    A column that is counted in one part is counted in all, on the same edges. What its rows are
///           worth beside their neighbours is taken over only where parts follow one another in time.
/// Errors    conflict: the parts were made otherwise or are counted on different edges.
[[nodiscard]] core::Result<Profile> join(std::span<const Profile> parts, const std::string& name,
                                         std::uint64_t left_out,
                                         const config::SensitivePatterns& patterns = {});

/// The profile with these columns as counts: those of numbers on the edges of `like`, or on their own. The
/// time column that orders the rows stays as it is.
///
/// Errors    invalid_input: one of them is counted already; conflict: `like` was made otherwise.
[[nodiscard]] core::Result<Profile> counted(const Profile& profile, std::span<const std::size_t> fields,
                                            const Profile* like);

/// A profile without rows, for counted(): on its edges the columns that are counted in all parts, each on its
/// own edges, can be counted alike. The same in any order of the parts.
///
/// Errors    conflict: the parts were made otherwise.
[[nodiscard]] core::Result<Profile> common_edges(std::span<const Profile> parts);

/// Reads a profile from its bytes, which `owner` keeps alive; `name` is where they came from. Every byte is
/// covered by a checksum, and all of them are checked here.
///
/// Errors    invalid_input: not a profile, cut short or damaged; conflict: a format this program does not
///           read.
[[nodiscard]] core::Result<Profile> read_profile(std::span<const std::byte> bytes,
                                                 const std::shared_ptr<const void>& owner,
                                                 const std::string& name, const core::Task& task);
[[nodiscard]] core::Result<Profile> read_profile(std::string bytes, const std::string& name,
                                                 const core::Task& task);

/// Whether bytes begin as a profile does, of whatever format: eight of them tell.
[[nodiscard]] bool begins_as_profile(std::string_view bytes) noexcept;

/// The plan of a check against the profile: its time column, columns and roles where `asked` names none.
/// conflict where `asked` names others.
[[nodiscard]] core::Result<Plan> plan_against(const Profile& profile, Plan asked);

/// The columns that are kept value by value, as a table; opening another one is an error of kind
/// invalid_input.
[[nodiscard]] std::unique_ptr<dataset::Source> open_source(const Profile& profile);

/// check() with a saved reference in place of one side. `plan` should come from plan_against().
[[nodiscard]] core::Result<drift::Report> check(const Profile& reference, const CheckSide& current,
                                                const Plan& plan, core::Timestamp created_at,
                                                const core::Task& task);

/// The same with current saved, too: its rows are needed, and `plan` should come from plan_against() of both.
///
/// Errors    usage: current keeps a column as counts that the reference has, too.
[[nodiscard]] core::Result<drift::Report> check(const Profile& reference, const Profile& current,
                                                const Plan& plan, core::Timestamp created_at,
                                                const core::Task& task);

}  // namespace tristrata::detection
