#include "kept_source.hpp"

namespace tristrata::sources {
namespace {

class RenamedStream final : public dataset::BatchStream {
public:
    RenamedStream(std::unique_ptr<dataset::BatchStream> inner, std::string path, std::string name)
        : inner_(std::move(inner)), path_(std::move(path)), name_(std::move(name)) {}
    core::Result<std::optional<dataset::Batch>> next() override {
        auto batch = inner_->next();
        if (!batch) return tl::unexpected(renamed(batch.error(), path_, name_));
        return batch;
    }

private:
    std::unique_ptr<dataset::BatchStream> inner_;
    std::string path_, name_;
};

class RenamedSource final : public dataset::Source {
public:
    RenamedSource(std::shared_ptr<const void> kept, std::unique_ptr<dataset::Source> inner, std::string path,
                  std::string place, std::string name)
        : kept_(std::move(kept)),
          inner_(std::move(inner)),
          path_(std::move(path)),
          place_(std::move(place)),
          name_(std::move(name)) {}

    const std::string& name() const noexcept override { return name_; }
    const dataset::Schema& schema() const noexcept override { return inner_->schema(); }
    dataset::Access access() const noexcept override { return inner_->access(); }
    std::optional<std::uint64_t> rows() const noexcept override { return inner_->rows(); }
    std::uint64_t rows_expected() const noexcept override { return inner_->rows_expected(); }
    core::Result<std::string> digest(const core::Task& task) override {
        auto found = inner_->digest(task);
        if (!found) return tl::unexpected(renamed(found.error(), path_, place_));
        return found;
    }
    core::Result<std::unique_ptr<dataset::BatchStream>> open(std::span<const std::size_t> fields,
                                                             const core::Task& task) override {
        auto opened = inner_->open(fields, task);
        if (!opened) return tl::unexpected(renamed(opened.error(), path_, place_));
        return std::unique_ptr<dataset::BatchStream>(
            std::make_unique<RenamedStream>(std::move(*opened), path_, place_));
    }

private:
    std::shared_ptr<const void> kept_;  // Outlives the source that reads it.
    std::unique_ptr<dataset::Source> inner_;
    std::string path_, place_, name_;
};

}  // namespace

core::Error renamed(core::Error error, const std::string& path, const std::string& name) {
    for (auto at = error.message.find(path); at != std::string::npos;
         at = error.message.find(path, at + name.size()))
        error.message.replace(at, path.size(), name);
    return error;
}

std::unique_ptr<dataset::Source> renamed_source(std::shared_ptr<const void> kept,
                                                std::unique_ptr<dataset::Source> inner, std::string path,
                                                std::string place, std::string name) {
    return std::make_unique<RenamedSource>(std::move(kept), std::move(inner), std::move(path),
                                           std::move(place), std::move(name));
}

std::unique_ptr<dataset::Source> kept_source(KeptFile file, std::unique_ptr<dataset::Source> inner,
                                             std::string name) {
    auto kept = std::make_shared<const KeptFile>(std::move(file));
    std::string path = kept->path();
    std::string place = name;
    return renamed_source(std::move(kept), std::move(inner), std::move(path), std::move(place),
                          std::move(name));
}

}  // namespace tristrata::sources
