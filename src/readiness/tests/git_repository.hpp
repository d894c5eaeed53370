#pragma once

#include "golden_plan.hpp"
#include "tristrata/readiness/changes.hpp"
#include "tristrata/readiness/gate.hpp"

#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace tristrata::readiness {

namespace fs = std::filesystem;

/// A repository of its own, gone at the end.
class Repository {
public:
    Repository() {
        std::string pattern = (fs::temp_directory_path() / "readiness-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
    }
    ~Repository() { fs::remove_all(root_); }
    Repository(const Repository&) = delete;
    Repository& operator=(const Repository&) = delete;

    [[nodiscard]] const fs::path& root() const { return root_; }
    void write(const std::string& path, const std::string& text) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << text;
    }
    void git(const std::string& words) const {
        const std::string line =
            "git -C '" + root_.string() +
            "' -c user.name='Maria Silva' -c user.email=m@example.com -c init.defaultBranch=main "
            "-c commit.gpgsign=false -c protocol.file.allow=always " +
            words + " >/dev/null 2>&1";
        if (std::system(line.c_str()) != 0) throw std::runtime_error(line);
    }
    void commit(const std::string& why) const {
        git("add -A");
        git("commit -q --allow-empty -m '" + why + "'");
    }

private:
    fs::path root_;
};

inline constexpr const char* story = "CVN-N001-EF-S07";
inline const std::string plan_path = "documentation/stories/CVN-N001-EF-S07/mlops_readiness.md";

inline GateRequest request_of(const Repository& repository) {
    GateRequest request;
    request.root = repository.root();
    request.now = the_day();
    return request;
}

inline Verdict evaluated(const GateRequest& request, const Policy& policy = Policy::defaults()) {
    auto verdict = evaluate(request, policy, nullptr);
    if (!verdict) throw std::runtime_error(verdict.error().message);
    return *verdict;
}

/// The right plan is merged at `main`; a branch `work` goes on from there.
struct Merged {
    Repository repository;
    explicit Merged(const std::string& plan = right_plan()) {
        repository.git("init -q");
        repository.write(plan_path, plan);
        repository.write("src/training/fit.py", "x\n");
        repository.commit("first");
        repository.git("checkout -q -b work");
    }
    [[nodiscard]] GateRequest request(const std::string& day = "2026-06-01") const {
        repository.commit("second");
        auto request = request_of(repository);
        request.changed = *changed_paths(repository.root(), "main", "HEAD");
        request.ancestor = *ancestor_of(repository.root(), "main", "HEAD");
        request.now = *core::parse_timestamp(day);
        return request;
    }
    [[nodiscard]] Verdict verdict(const std::string& day = "2026-06-01") const {
        return evaluated(request(day));
    }
    [[nodiscard]] std::string base() const {
        return ancestor_of(repository.root(), "main", "HEAD")->substr(0, 12);
    }
};

}  // namespace tristrata::readiness
