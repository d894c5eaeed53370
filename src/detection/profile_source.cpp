#include "tristrata/detection/profile.hpp"

#include "profile_state.hpp"
#include "tristrata/dataset/column_batch.hpp"

namespace tristrata::detection {
namespace {

/// The columns of a profile as a table. With `counts_too`, a column that is kept as counts is one without
/// values.
class ProfileSource final : public dataset::Source {
public:
    ProfileSource(Profile profile, bool counts_too) : profile_(std::move(profile)), counts_too_(counts_too) {}

    const std::string& name() const noexcept override { return profile_.source(); }
    const dataset::Schema& schema() const noexcept override { return profile_.schema(); }
    dataset::Access access() const noexcept override { return dataset::Access::by_column; }
    core::Result<std::string> digest(const core::Task&) override { return profile_.version(); }
    std::optional<std::uint64_t> rows() const noexcept override { return profile_.rows(); }

    core::Result<std::unique_ptr<dataset::BatchStream>> open(std::span<const std::size_t> fields,
                                                             const core::Task& task) override {
        auto columns = whole_columns(fields, task);
        if (!columns) return propagate(columns);
        std::vector<std::string> names;
        for (const auto field : fields) names.push_back(schema().fields[field].name);
        return dataset::single_batch(dataset::batch_of(std::move(names), std::move(**columns)));
    }

    core::Result<std::optional<std::vector<dataset::Column>>> whole_columns(
        std::span<const std::size_t> fields, const core::Task& task) override {
        std::vector<dataset::Column> columns;
        for (const auto field : fields) {
            if (auto status = task.check(); !status) return propagate(status);
            auto column = counts_too_ && profile_.kept(field) && !profile_.exact(field)
                              ? column_without_rows(profile_, field)
                              : whole_column(profile_, field);
            if (!column) return propagate(column);
            columns.push_back(std::move(*column));
        }
        return std::optional(std::move(columns));
    }

private:
    Profile profile_;
    bool counts_too_;
};

}  // namespace

std::unique_ptr<dataset::Source> open_source(const Profile& profile) {
    return std::make_unique<ProfileSource>(profile, false);
}

std::unique_ptr<dataset::Source> open_for_check(const Profile& profile) {
    return std::make_unique<ProfileSource>(profile, true);
}

}  // namespace tristrata::detection
