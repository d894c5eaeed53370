#include "memory_file_system.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>

namespace tristrata::faults {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::uint64_t sector_bytes = 512;

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

void overlay(std::string& bytes, std::uint64_t offset, std::string_view part) {
    if (bytes.size() < offset + part.size()) bytes.resize(offset + part.size(), '\0');
    std::ranges::copy(part, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

class MemoryFileSystem::OpenFile final : public spool::File {
public:
    OpenFile(MemoryFileSystem& system, NodePointer node)
        : system_(system), node_(std::move(node)), epoch_(system.epoch_) {}

    core::Result<std::string> read(std::uint64_t offset, std::uint64_t bytes_max) override {
        const std::lock_guard held(system_.mutex_);
        if (gone()) return propagate(system_.refuse("read"));
        if (offset >= node_->seen.size()) return std::string();
        return node_->seen.substr(offset, bytes_max);
    }
    core::Status write(std::uint64_t offset, std::string_view bytes) override {
        const std::lock_guard held(system_.mutex_);
        if (gone()) return system_.refuse("write");
        const Fault fault = system_.begin();
        if (fault == Fault::fail) return system_.refuse("write");
        const std::uint64_t grown = std::max<std::uint64_t>(node_->seen.size(), offset + bytes.size());
        if (system_.bytes_used() + grown - node_->seen.size() > system_.bytes_max_)
            return fail(ErrorKind::storage, "no space left", std::to_string(ENOSPC));
        if (fault == Fault::none) {
            system_.put(*node_, offset, bytes);
            return {};
        }
        system_.put(*node_, offset, bytes.substr(0, system_.draw_() % (bytes.size() + 1)));
        return fault == Fault::fail_midway ? system_.refuse("write") : system_.stop(fault);
    }
    core::Status sync() override {
        if (system_.before_sync_) system_.before_sync_();
        const std::lock_guard held(system_.mutex_);
        if (gone()) return system_.refuse("sync");
        ++system_.syncs_;
        switch (const Fault fault = system_.begin()) {
            case Fault::none:
                if (system_.forgets_syncs_) return {};
                for (const Write& write : node_->unsynced) overlay(node_->durable, write.offset, write.bytes);
                node_->unsynced.clear();
                return {};
            case Fault::fail:
            case Fault::fail_midway:
                system_.survive(*node_);
                return system_.refuse("sync");
            default:
                return system_.stop(fault);
        }
    }
    core::Status preallocate(std::uint64_t bytes) override {
        const std::lock_guard held(system_.mutex_);
        if (gone()) return system_.refuse("preallocate");
        const Fault fault = system_.begin();
        if (fault == Fault::fail || fault == Fault::fail_midway) return system_.refuse("preallocate");
        if (bytes > node_->seen.size()) {
            const std::uint64_t more = bytes - node_->seen.size();
            if (system_.bytes_used() + more > system_.bytes_max_)
                return fail(ErrorKind::storage, "no space left", std::to_string(ENOSPC));
            system_.put(*node_, node_->seen.size(), std::string(more, '\0'));
        }
        return fault == Fault::none ? core::Status{} : system_.stop(fault);
    }
    bool has_name() override {
        const std::lock_guard held(system_.mutex_);
        return std::ranges::any_of(system_.seen_, [&](const auto& named) { return named.second == node_; });
    }

private:
    [[nodiscard]] bool gone() const { return system_.stopped_ != Fault::none || epoch_ != system_.epoch_; }
    MemoryFileSystem& system_;
    NodePointer node_;
    std::uint64_t epoch_;
};

class MemoryFileSystem::HeldLock final : public spool::Lock {
public:
    HeldLock(MemoryFileSystem& system, std::string path)
        : system_(system), path_(std::move(path)), epoch_(system.epoch_) {}
    ~HeldLock() override {
        const std::lock_guard held(system_.mutex_);
        if (epoch_ == system_.epoch_) system_.locks_.erase(path_);
    }
    HeldLock(const HeldLock&) = delete;
    HeldLock& operator=(const HeldLock&) = delete;

private:
    MemoryFileSystem& system_;
    std::string path_;
    std::uint64_t epoch_;
};

Fault MemoryFileSystem::begin() {
    ++operations_;
    const auto found = faults_.find(operations_);
    return found == faults_.end() ? Fault::none : found->second;
}

core::Status MemoryFileSystem::stop(Fault fault) {
    stopped_ = fault;
    return refuse("go on");
}

core::Status MemoryFileSystem::refuse(const char* what) const {
    return fail(
        ErrorKind::storage,
        fmt::format("cannot {}: {}", what, stopped_ != Fault::none ? "stopped" : "input/output error"),
        std::to_string(EIO));
}

std::uint64_t MemoryFileSystem::bytes_used() const {
    std::uint64_t bytes = 0;
    for (const auto& [name, node] : seen_) bytes += node->seen.size();
    return bytes;
}

void MemoryFileSystem::put(Node& node, std::uint64_t offset, std::string_view bytes) {
    overlay(node.seen, offset, bytes);
    node.unsynced.push_back({offset, std::string(bytes)});
}

/// Of what was not synced, each sector of each write by itself reaches the disk or not.
void MemoryFileSystem::survive(Node& node) {
    for (const Write& write : node.unsynced)
        for (std::uint64_t done = 0; done < write.bytes.size();) {
            const std::uint64_t at = write.offset + done;
            const std::uint64_t part =
                std::min(write.bytes.size() - done, (at / sector_bytes + 1) * sector_bytes - at);
            if (coin()) overlay(node.durable, at, std::string_view(write.bytes).substr(done, part));
            done += part;
        }
    node.unsynced.clear();
}

void MemoryFileSystem::settle(const NameChange& change) {
    if (!change.removed.empty()) durable_.erase(change.removed);
    if (!change.added.empty()) durable_[change.added] = change.node;
}

core::Status MemoryFileSystem::change_name(NameChange change) {
    const Fault fault = begin();
    if (fault == Fault::fail) return refuse("change a name");
    if (fault != Fault::power_loss && fault != Fault::process_kill) {
        if (!change.removed.empty()) seen_.erase(change.removed);
        if (!change.added.empty()) seen_[change.added] = change.node;
    }
    unsynced_.push_back(std::move(change));
    if (fault == Fault::none) return {};
    return fault == Fault::fail_midway ? refuse("change a name") : stop(fault);
}

core::Result<std::unique_ptr<spool::File>> MemoryFileSystem::open(const std::string& path, Open how) {
    const std::lock_guard held(mutex_);
    if (stopped_ != Fault::none) return propagate(refuse("open"));
    if (!seen_.contains(path)) {
        // A lock's file is there while it is held; what is written to it is of no account.
        if (locks_.contains(path)) return std::make_unique<OpenFile>(*this, std::make_shared<Node>());
        if (how == Open::existing || !folders_.contains(folder_of(path)))
            return fail(ErrorKind::not_found, path + " is not there", std::to_string(ENOENT));
        const auto node = std::make_shared<Node>();
        if (auto made = change_name({folder_of(path), "", path, node}); !made) return propagate(made);
    }
    return std::make_unique<OpenFile>(*this, seen_[path]);
}

core::Result<std::unique_ptr<spool::Lock>> MemoryFileSystem::lock(const std::string& path) {
    const std::lock_guard held(mutex_);
    if (stopped_ != Fault::none) return propagate(refuse("lock"));
    if (!locks_.insert(path).second) return std::unique_ptr<spool::Lock>();
    return std::make_unique<HeldLock>(*this, path);
}

core::Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard held(mutex_);
    if (stopped_ != Fault::none) return refuse("rename");
    const auto found = seen_.find(from);
    if (found == seen_.end()) return fail(ErrorKind::not_found, from + " is not there");
    return change_name({folder_of(to), from, to, found->second});
}

core::Status MemoryFileSystem::remove(const std::string& path) {
    const std::lock_guard held(mutex_);
    if (stopped_ != Fault::none) return refuse("remove");
    if (!seen_.contains(path)) return {};
    return change_name({folder_of(path), path, "", nullptr});
}

core::Status MemoryFileSystem::make_folder(const std::string& path) {
    const std::lock_guard held(mutex_);
    if (stopped_ != Fault::none) return refuse("make a folder");
    folders_.insert(path);  // Folders survive: their loss takes nothing that a lost name does not.
    return {};
}

core::Status MemoryFileSystem::sync_folder(const std::string& path) {
    if (before_sync_) before_sync_();
    const std::lock_guard held(mutex_);
    if (stopped_ != Fault::none) return refuse("sync a folder");
    const Fault fault = begin();
    if (fault == Fault::fail || fault == Fault::fail_midway) return refuse("sync a folder");
    if (fault != Fault::none) return stop(fault);
    if (forgets_syncs_) return {};
    std::erase_if(unsynced_, [&](const NameChange& change) {
        if (change.folder != path) return false;
        settle(change);
        return true;
    });
    return {};
}

core::Result<std::vector<spool::FolderEntry>> MemoryFileSystem::list(const std::string& path) {
    const std::lock_guard held(mutex_);
    if (stopped_ != Fault::none) return propagate(refuse("list"));
    if (!folders_.contains(path)) return fail(ErrorKind::not_found, path + " is not there");
    std::vector<spool::FolderEntry> entries;
    for (const auto& [name, node] : seen_)
        if (folder_of(name) == path) entries.push_back({name.substr(path.size() + 1), node->seen.size()});
    for (const auto& name : folders_)
        if (name != path && folder_of(name) == path)
            entries.push_back({name.substr(path.size() + 1), 0, false, true});
    std::ranges::sort(entries, {}, &spool::FolderEntry::name);
    return entries;
}

core::Result<std::uint64_t> MemoryFileSystem::bytes_free(const std::string&) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t used = bytes_used();
    return used > bytes_max_ ? 0 : bytes_max_ - used;
}

core::Result<spool::FileSystemKind> MemoryFileSystem::kind(const std::string&) { return kind_; }

void MemoryFileSystem::fault_at(std::uint64_t operation, Fault fault) {
    const std::lock_guard held(mutex_);
    faults_[operation] = fault;
}

void MemoryFileSystem::no_more_faults() {
    const std::lock_guard held(mutex_);
    faults_.clear();
}

std::uint64_t MemoryFileSystem::operations() const {
    const std::lock_guard held(mutex_);
    return operations_;
}

bool MemoryFileSystem::stopped() const {
    const std::lock_guard held(mutex_);
    return stopped_ != Fault::none;
}

std::uint64_t MemoryFileSystem::syncs() const {
    const std::lock_guard held(mutex_);
    return syncs_;
}

void MemoryFileSystem::restart() {
    const std::lock_guard held(mutex_);
    if (stopped_ == Fault::power_loss) {
        for (const NameChange& change : unsynced_)
            if (coin()) settle(change);
        unsynced_.clear();
        std::set<NodePointer> nodes;
        for (const auto& [name, node] : durable_) nodes.insert(node);
        for (const auto& [name, node] : seen_) nodes.insert(node);
        for (const auto& node : nodes) {
            survive(*node);
            node->seen = node->durable;
        }
        seen_ = durable_;
    }
    stopped_ = Fault::none;
    faults_.clear();
    locks_.clear();
    ++epoch_;
}

std::string MemoryFileSystem::content(const std::string& path) const {
    const std::lock_guard held(mutex_);
    const auto found = seen_.find(path);
    return found == seen_.end() ? std::string() : found->second->seen;
}

void MemoryFileSystem::replace(const std::string& path, std::string bytes) {
    const std::lock_guard held(mutex_);
    folders_.insert(folder_of(path));
    const auto node = std::make_shared<Node>();
    node->seen = node->durable = std::move(bytes);
    seen_[path] = durable_[path] = node;
}

}  // namespace tristrata::faults
