#pragma once

#include "tristrata/objects/object_store.hpp"
#include "tristrata/store/retention.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tristrata::archive {

/// A process that dies at one of the moments just before and just after each call that it makes of the store
/// or of the archive; from there on nothing of it reaches either.
class Life {
public:
    explicit Life(int moments) : left_(moments) {}
    /// Does something of another process's at the same moments, and lives on.
    static Life beside(int moment, std::function<void()> other) {
        Life life(std::numeric_limits<int>::max());
        life.until_other_ = moment;
        life.other_ = std::move(other);
        return life;
    }
    /// Whether the other process's moment came.
    [[nodiscard]] bool other_ran() const { return until_other_ < 0; }
    /// False: dead.
    bool passes() {
        if (until_other_ >= 0 && other_ && until_other_-- == 0) other_();
        if (left_ > 0) --left_;
        else dead_ = true;
        return !dead_;
    }
    [[nodiscard]] bool dead() const { return dead_; }
    template <class Call>
    auto through(const Call& call) -> decltype(call()) {
        if (!passes()) return core::fail(core::ErrorKind::unavailable, "died before");
        auto result = call();
        if (!passes()) return core::fail(core::ErrorKind::unavailable, "died behind");
        return result;
    }

private:
    int left_;
    bool dead_ = false;
    int until_other_ = 0;
    std::function<void()> other_;
};

class MortalObjects final : public objects::ObjectStore {
public:
    MortalObjects(objects::ObjectStore& real, Life& life) : real_(real), life_(life) {}
    core::Result<objects::Put> put_new(const std::string& key, std::string_view bytes) override {
        return life_.through([&] { return real_.put_new(key, bytes); });
    }
    core::Result<objects::Put> put_file(const std::string& key, const std::string& path) override {
        return life_.through([&] { return real_.put_file(key, path); });
    }
    core::Result<std::string> get(const std::string& key) override {
        return life_.through([&] { return real_.get(key); });
    }
    core::Status fetch_file(const std::string& key, const std::string& path) override {
        return life_.through([&] { return real_.fetch_file(key, path); });
    }
    core::Result<std::optional<objects::ObjectInfo>> stat(const std::string& key) override {
        return life_.through([&] { return real_.stat(key); });
    }
    core::Result<std::vector<objects::ObjectInfo>> list(const std::string& prefix) override {
        return life_.through([&] { return real_.list(prefix); });
    }
    core::Status remove(const std::string& key) override {
        return life_.through([&] { return real_.remove(key); });
    }
    [[nodiscard]] std::string where() const override { return real_.where(); }

private:
    objects::ObjectStore& real_;
    Life& life_;
};

class MortalRetention final : public store::Retention {
public:
    MortalRetention(store::Retention& real, Life& life) : real_(real), life_(life) {}
    core::Result<Witness> witness() override {
        return life_.through([&] { return real_.witness(); });
    }
    core::Result<Cleared> clear_parked() override {
        return life_.through([&] { return real_.clear_parked(); });
    }
    core::Result<std::vector<store::Leaf>> leaves() override {
        return life_.through([&] { return real_.leaves(); });
    }
    core::Result<std::uint64_t> count(const store::Leaf& leaf) override {
        return life_.through([&] { return real_.count(leaf); });
    }
    core::Status detach(store::Leaf& leaf) override {
        return life_.through([&] { return real_.detach(leaf); });
    }
    core::Result<std::unique_ptr<store::EventRows>> rows(const store::Leaf& leaf) override {
        return life_.through([&] { return real_.rows(leaf); });
    }
    core::Status record(std::span<const store::ArchivePart> parts) override {
        return life_.through([&] { return real_.record(parts); });
    }
    core::Result<std::uint64_t> drop(const store::Leaf& leaf) override {
        return life_.through([&] { return real_.drop(leaf); });
    }
    core::Result<bool> dropped(const store::Leaf& leaf) override {
        return life_.through([&] { return real_.dropped(leaf); });
    }
    core::Result<store::Erased> erase(const store::Erasure& erasure, bool dry_run) override {
        return life_.through([&] { return real_.erase(erasure, dry_run); });
    }
    core::Status forget_pushes(std::span<const store::PushedReport> reports) override {
        return life_.through([&] { return real_.forget_pushes(reports); });
    }
    core::Result<bool> names_payload(std::string_view sha256) override {
        return life_.through([&] { return real_.names_payload(sha256); });
    }
    core::Status replace(const store::ArchivePart& part,
                         const std::optional<store::ArchivePart>& successor) override {
        return life_.through([&] { return real_.replace(part, successor); });
    }
    core::Result<std::vector<store::ArchivePart>> parts() override {
        return life_.through([&] { return real_.parts(); });
    }
    [[nodiscard]] const std::string& where() const override { return real_.where(); }

private:
    store::Retention& real_;
    Life& life_;
};

}  // namespace tristrata::archive
