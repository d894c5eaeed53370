#include "tristrata/spool/spool.hpp"

#include "appender.hpp"
#include "tristrata/core/before_wait.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/spool/fork_generation.hpp"
#include "tristrata/spool/inspection.hpp"

#include <fmt/format.h>

namespace tristrata::spool {

using core::ErrorKind;
using core::fail;

std::string_view name(Level level) noexcept {
    switch (level) {
        case Level::sync:
            return "sync";
        case Level::group:
            return "group";
        case Level::async:
            return "async";
    }
    return "unknown";
}

core::Result<Level> parse_level(std::string_view text) {
    for (const Level level : {Level::sync, Level::group, Level::async})
        if (name(level) == text) return level;
    return fail(ErrorKind::configuration,
                fmt::format("{} is no level of a spool; expected sync, group or async", core::quoted(text)));
}

/// A slot that was taken, and by which process of a line of forks.
class Spool::Slot {
public:
    Slot(std::shared_ptr<Appender> appender, std::uint64_t generation)
        : appender_(std::move(appender)), generation_(generation) {}
    [[nodiscard]] Appender& appender() noexcept { return *appender_; }
    [[nodiscard]] bool inherited() const noexcept { return generation_ != fork_generation(); }

private:
    std::shared_ptr<Appender> appender_;
    std::uint64_t generation_;
};

Spool::Spool(FileSystem& files, core::Clock& clock, Options options)
    : files_(files), clock_(clock), options_(std::move(options)) {}

Spool::~Spool() {
    // The parent's: its mutexes may be held by threads that the fork did not copy.
    Slot* taken = slot_.load();
    if (taken == nullptr || taken->inherited()) return;
    taken->appender().close();
    delete taken;
}

core::Result<std::unique_ptr<Spool>> Spool::open(FileSystem& files, core::Clock& clock, Options options) {
    if (options.segment_bytes < 2 * segment_head_bytes || options.bytes_max < 2 * options.segment_bytes)
        return fail(ErrorKind::configuration,
                    fmt::format("a spool of {} bytes in segments of {}: expected segments of {} bytes or "
                                "more, and room for two of them",
                                options.bytes_max, options.segment_bytes, 2 * segment_head_bytes));
    std::unique_ptr<Spool> spool(new Spool(files, clock, std::move(options)));
    const Options& given = spool->options_;
    const auto say = [&given](std::string_view sentence) {
        if (given.notice) given.notice(sentence);
    };
    if (auto made = files.make_folder(given.root); !made) return propagate(made);
    if (auto own = files.require_own(given.root); !own) return propagate(own);
    // A folder of other things was named by mistake: what was emitted there, nobody would look for.
    if (auto ours = slots(files, given.root); !ours) return propagate(ours);
    auto kind = files.kind(given.root);
    if (!kind) return propagate(kind);
    spool->in_memory_ = *kind == FileSystemKind::memory;
    if (!given.any_file_system)
        if (auto trusted = require_trusted(*kind, given.root); !trusted) return propagate(trusted);
    if (*kind == FileSystemKind::memory)
        say(fmt::format("{} is in memory: what is spooled there survives the process, not the power",
                        given.root));
    if (*kind == FileSystemKind::overlay)
        say(fmt::format("{} is a container's own layer and goes with it: mount a volume there", given.root));
    auto slot = spool->take_slot();
    if (!slot) return propagate(slot);
    spool->slot_.store(*slot);
    return spool;
}

core::Result<Spool::Slot*> Spool::take_slot() {
    const std::uint64_t generation = fork_generation();
    std::optional<core::Error> newer;
    for (std::size_t index = 0; index < options_.slots_max; ++index) {
        const std::string folder = slot_folder(options_.root, index);
        if (auto made = files_.make_folder(folder); !made) return propagate(made);
        auto lock = files_.lock(folder + "/writer.lock");
        if (!lock) return propagate(lock);
        if (*lock == nullptr) continue;
        if (auto named = files_.sync_folder(options_.root); !named) return propagate(named);
        auto writer = SlotWriter::open(files_, folder, std::move(*lock),
                                       {options_.segment_bytes, options_.bytes_max, in_memory_}, clock_);
        if (!writer && writer.error().kind == ErrorKind::conflict) {
            if (options_.notice) options_.notice(writer.error().message);
            newer = writer.error();
            continue;
        }
        if (!writer) return propagate(writer);
        if (options_.notice)
            for (const auto& note : (*writer)->notes()) options_.notice(note);
        return new Slot(std::make_shared<Appender>(std::move(*writer), options_.level, in_memory_,
                                                   std::chrono::microseconds(options_.budget.microseconds)),
                        generation);
    }
    if (newer) return tl::unexpected<core::Error>(*newer);
    return fail(ErrorKind::unavailable, fmt::format("all {} slots of {} are held by other processes",
                                                    options_.slots_max, options_.root));
}

core::Result<Spool::Slot*> Spool::slot() {
    Slot* taken = slot_.load();
    if (!taken->inherited()) return taken;
    core::BeforeWait::say();
    auto made = take_slot();
    if (!made) return propagate(made);
    // The parent's slot is left as it is: nothing of it may be closed here, and its memory goes with the
    // child.
    if (slot_.compare_exchange_strong(taken, *made)) return *made;
    (*made)->appender().close();
    delete *made;
    return slot_.load();
}

core::Result<sink::Acknowledgement> Spool::append(std::span<const sink::Record> records) {
    std::uint64_t bytes = 0;
    for (const auto& record : records) {
        bytes += record.bytes.size();
        if (record.rows == 0)
            return fail(ErrorKind::refused,
                        fmt::format("a record of class {} with no rows", sink::name(record.record_class)));
    }
    if (bytes > options_.append_bytes_max)
        return fail(
            ErrorKind::limit_exceeded,
            fmt::format("one emit of {} bytes is more than the spool {} takes, which is {}; emit it in "
                        "parts, or keep what is large as a file and emit where it is",
                        bytes, options_.root, options_.append_bytes_max));
    auto taken = slot();
    if (!taken) return propagate(taken);
    if (records.empty()) return sink::Acknowledgement{};
    return (*taken)->appender().append(records);
}

core::Status Spool::flush() {
    auto taken = slot();
    if (!taken) return propagate(taken);
    return (*taken)->appender().flush();
}

core::Result<std::string> Spool::folder() {
    auto taken = slot();
    if (!taken) return propagate(taken);
    return (*taken)->appender().folder();
}

}  // namespace tristrata::spool
