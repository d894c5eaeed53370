#include "tristrata/dataset/derived.hpp"

#include "batch_struct.hpp"
#include "tristrata/core/text.hpp"
#include "tristrata/core/time.hpp"
#include "tristrata/dataset/column.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace tristrata::dataset {
namespace {

using core::ErrorKind;
using core::fail;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::array derivations{Derivation::log, Derivation::log_ratio, Derivation::change,
                                 Derivation::log_change};

double log_of(double x) { return x < 0.0 ? missing : std::log(x); }

/// ln (a / b) without the quotient: it may overflow where its logarithm does not.
double log_ratio_of(double a, double b) { return log_of(a) - log_of(b); }

/// A derived column with the positions of what it is made of.
struct Recipe {
    Derived derived;
    std::vector<std::size_t> inputs;  ///< Fields of the source.
};

/// What a batch of ours points at: the source's batch, and the numbers that were made from it.
struct Parts {
    std::optional<Batch> base;
    std::vector<std::vector<double>> numbers;
    std::vector<std::array<const void*, 2>> buffers;
    std::vector<ArrowSchema> schemas;
    std::vector<ArrowArray> arrays;
    std::vector<ArrowSchema*> schema_pointers;
    std::vector<ArrowArray*> array_pointers;
};
using Shared = std::shared_ptr<Parts>;

/// One child of a struct that is put together: the source's own, or the numbers of a recipe.
struct Child {
    std::optional<std::size_t> base;  ///< Position in the source's batch.
    std::size_t numbers = 0;          ///< Position in Parts::numbers otherwise.
    const std::string* name = nullptr;
};

Batch batch_of(const Shared& parts, const std::vector<Child>& children, std::int64_t rows) {
    const std::uint64_t first_row = parts->base->first_row();
    const std::size_t made = parts->numbers.size();
    parts->buffers.resize(made);
    parts->schemas.reserve(made);
    parts->arrays.reserve(made);
    for (const Child& child : children) {
        if (child.base) {
            parts->schema_pointers.push_back(parts->base->schema().children[*child.base]);
            parts->array_pointers.push_back(parts->base->array().children[*child.base]);
            continue;
        }
        auto& buffers = parts->buffers[child.numbers];
        buffers = {nullptr, parts->numbers[child.numbers].data()};
        parts->schemas.push_back(
            {"g", child.name->c_str(), nullptr, 0, 0, nullptr, nullptr, &release_child, nullptr});
        parts->arrays.push_back(
            {rows, 0, 0, 2, 0, buffers.data(), nullptr, nullptr, &release_child, nullptr});
        parts->schema_pointers.push_back(&parts->schemas.back());
        parts->array_pointers.push_back(&parts->arrays.back());
    }
    return batch_struct(parts, parts->schema_pointers, parts->array_pointers, rows, first_row);
}

/// Says of each row whether it has a time, and refuses a time that lies before the last one seen. The unit of
/// an epoch does not matter for that.
class OrderOfTime {
public:
    OrderOfTime(std::string source, std::string column)
        : source_(std::move(source)), column_(std::move(column)) {}

    core::Result<std::vector<bool>> rows_with_time(const Field& field, const Batch& batch,
                                                   std::size_t child) {
        ColumnBuilder builder(field);
        if (auto status = builder.update(batch, child); !status) return propagate(status);
        const Column column = builder.finish();
        std::vector<std::int64_t> moments(column.labels.size(), Column::missing_time);
        for (std::size_t i = 0; i < column.labels.size(); ++i)
            if (const auto parsed = core::parse_timestamp(column.labels[i]))
                moments[i] = parsed->microseconds;
        std::vector<bool> present(column.rows, false);
        for (std::size_t i = 0; i < column.rows; ++i) {
            std::int64_t time = Column::missing_time;
            if (!column.times.empty()) time = column.times[i];
            else if (!column.codes.empty() && column.codes[i] != Column::missing_code)
                time = moments[column.codes[i]];
            else if (!column.numbers.empty() && std::isfinite(column.numbers[i]))
                time = static_cast<std::int64_t>(std::clamp(column.numbers[i], -9.2e18, 9.2e18));
            if (time == Column::missing_time) continue;
            present[i] = true;
            if (time < last_)
                return fail(ErrorKind::invalid_input,
                            fmt::format("{}, row {}: its {} lies before that of a row above it, so nobody "
                                        "knows which row a change is taken from; sort the file by {}",
                                        source_, batch.first_row() + i, core::quoted(column_),
                                        core::quoted(column_)));
            last_ = time;
        }
        return present;
    }

private:
    std::string source_, column_;
    std::int64_t last_ = INT64_MIN + 1;
};

/// Makes one derived column, batch by batch.
class Maker {
public:
    explicit Maker(const Recipe& recipe) : recipe_(&recipe) {}

    std::vector<double> make(const std::vector<const std::vector<double>*>& inputs,
                             const std::vector<bool>& has_time) {
        const std::vector<double>& x = *inputs[0];
        std::vector<double> out(x.size(), missing);
        switch (recipe_->derived.by) {
            case Derivation::log:
                std::ranges::transform(x, out.begin(), log_of);
                break;
            case Derivation::log_ratio:
                std::ranges::transform(x, *inputs[1], out.begin(), log_ratio_of);
                break;
            case Derivation::change:
            case Derivation::log_change:
                for (std::size_t i = 0; i < x.size(); ++i) {
                    if (!has_time[i]) continue;
                    const double now = recipe_->derived.by == Derivation::change ? x[i] : log_of(x[i]);
                    out[i] = now - before_;
                    before_ = now;
                }
                break;
        }
        return out;
    }
    [[nodiscard]] const Recipe& recipe() const { return *recipe_; }

private:
    const Recipe* recipe_;
    double before_ = missing;
};

/// A pass over a projection: what of it is the source's goes through, what is derived is made.
struct Projection {
    std::vector<std::size_t> base;  ///< Fields asked of the source: those asked for, and the inputs.
    std::vector<Child> children;
    std::vector<const Recipe*> recipes;
    std::optional<std::size_t> time;  ///< Position in `base`, where a recipe needs the order.
};

class DerivedStream final : public BatchStream {
public:
    DerivedStream(std::unique_ptr<BatchStream> base, Projection projection, const Source& source,
                  std::string time)
        : base_(std::move(base)),
          projection_(std::move(projection)),
          source_(source),
          order_(source.name(), std::move(time)) {
        for (const auto* recipe : projection_.recipes) makers_.emplace_back(*recipe);
    }

    core::Result<std::optional<Batch>> next() override {
        auto batch = base_->next();
        if (!batch || !*batch) return batch;
        const auto parts = std::make_shared<Parts>();
        parts->base.emplace(std::move(**batch));
        const Batch& base = *parts->base;
        std::vector<bool> has_time;
        if (projection_.time) {
            const auto& field = source_.schema().fields[projection_.base[*projection_.time]];
            auto present = order_.rows_with_time(field, base, *projection_.time);
            if (!present) return propagate(present);
            has_time = std::move(*present);
        }
        std::vector<std::optional<Column>> read(projection_.base.size());
        for (Maker& maker : makers_) {
            std::vector<const std::vector<double>*> inputs;
            for (const std::size_t field : maker.recipe().inputs) {
                const auto at = static_cast<std::size_t>(std::ranges::find(projection_.base, field) -
                                                         projection_.base.begin());
                if (!read[at]) {
                    ColumnBuilder builder(numbers_field(field));
                    if (auto status = builder.update(base, at); !status) return propagate(status);
                    read[at] = builder.finish();
                }
                inputs.push_back(&read[at]->numbers);
            }
            parts->numbers.push_back(maker.make(inputs, has_time));
        }
        return batch_of(parts, projection_.children, base.rows());
    }

private:
    /// A column without a value anywhere is read as missing numbers.
    [[nodiscard]] Field numbers_field(std::size_t field) const {
        Field numbers = source_.schema().fields[field];
        numbers.type = Type::real;
        return numbers;
    }

    std::unique_ptr<BatchStream> base_;
    Projection projection_;
    const Source& source_;
    OrderOfTime order_;
    std::vector<Maker> makers_;
};

class DerivedSource final : public Source {
public:
    DerivedSource(std::unique_ptr<Source> source, std::vector<Recipe> recipes,
                  std::optional<std::size_t> time)
        : source_(std::move(source)), recipes_(std::move(recipes)), time_(time), schema_(source_->schema()) {
        for (const auto& recipe : recipes_)
            schema_.fields.push_back({recipe.derived.name, Type::real, std::string(name_of(recipe))});
    }
    [[nodiscard]] const std::string& name() const noexcept override { return source_->name(); }
    [[nodiscard]] const Schema& schema() const noexcept override { return schema_; }
    [[nodiscard]] Access access() const noexcept override { return source_->access(); }
    [[nodiscard]] core::Result<std::string> digest(const core::Task& task) override {
        return source_->digest(task);
    }
    [[nodiscard]] std::optional<std::uint64_t> rows() const noexcept override { return source_->rows(); }
    [[nodiscard]] std::uint64_t rows_expected() const noexcept override { return source_->rows_expected(); }

    [[nodiscard]] core::Result<std::unique_ptr<BatchStream>> open(std::span<const std::size_t> fields,
                                                                  const core::Task& task) override {
        const std::size_t own = source_->schema().fields.size();
        if (std::ranges::all_of(fields, [&](std::size_t field) { return field < own; }))
            return source_->open(fields, task);
        Projection projection;
        const auto base_at = [&](std::size_t field) {
            const auto found = std::ranges::find(projection.base, field);
            const auto at = static_cast<std::size_t>(found - projection.base.begin());
            if (found == projection.base.end()) projection.base.push_back(field);
            return at;
        };
        for (const std::size_t field : fields) {
            Child child;
            if (field < own) {
                child.base = base_at(field);
            } else {
                const Recipe& recipe = recipes_[field - own];
                for (const std::size_t input : recipe.inputs) base_at(input);
                if (needs_order(recipe.derived.by)) projection.time = base_at(*time_);
                child.numbers = projection.recipes.size();
                child.name = &recipe.derived.name;
                projection.recipes.push_back(&recipe);
            }
            projection.children.push_back(child);
        }
        auto base = source_->open(projection.base, task);
        if (!base) return propagate(base);
        const std::string time = time_ ? source_->schema().fields[*time_].name : "";
        return std::make_unique<DerivedStream>(std::move(*base), std::move(projection), *source_, time);
    }

private:
    static std::string_view name_of(const Recipe& recipe) { return dataset::name(recipe.derived.by); }

    std::unique_ptr<Source> source_;
    std::vector<Recipe> recipes_;
    std::optional<std::size_t> time_;
    Schema schema_;
};

tl::unexpected<core::Error> no_such_input(const Source& source, const Derived& derived,
                                          const std::string& wanted) {
    std::vector<std::string> known;
    for (const auto& field : source.schema().fields) known.push_back(field.name);
    const auto near = core::nearest(wanted, known);
    return fail(ErrorKind::usage,
                fmt::format("{} has no column {}, which {} is made of{}", source.name(), core::quoted(wanted),
                            core::quoted(derived.name),
                            near.empty() ? "; name one of its columns"
                                         : fmt::format("; did you mean {}?", core::quoted(near))));
}

core::Result<Recipe> recipe_of(const Source& source, Derived derived) {
    if (source.schema().find(derived.name))
        return fail(ErrorKind::usage,
                    fmt::format("{} already has a column {}; give the derived one another name",
                                source.name(), core::quoted(derived.name)));
    if (derived.of.size() != inputs_of(derived.by))
        return fail(ErrorKind::usage,
                    fmt::format("{} is made by {}, which takes {} column{}, not {}",
                                core::quoted(derived.name), name(derived.by), inputs_of(derived.by),
                                inputs_of(derived.by) == 1 ? "" : "s", derived.of.size()));
    Recipe recipe;
    for (const auto& wanted : derived.of) {
        const auto field = source.schema().find(wanted);
        if (!field) return no_such_input(source, derived, wanted);
        const auto type = source.schema().fields[*field].type;
        if (type != Type::integer && type != Type::real && type != Type::null)
            return fail(ErrorKind::invalid_input,
                        fmt::format("{}, column {}: expected numbers to make {} of, found {}", source.name(),
                                    core::quoted(wanted), core::quoted(derived.name), name(type)));
        recipe.inputs.push_back(*field);
    }
    recipe.derived = std::move(derived);
    return recipe;
}

}  // namespace

std::string_view name(Derivation derivation) noexcept {
    switch (derivation) {
        case Derivation::log:
            return "log";
        case Derivation::log_ratio:
            return "log_ratio";
        case Derivation::change:
            return "change";
        case Derivation::log_change:
            return "log_change";
    }
    return "log";
}

core::Result<Derivation> parse_derivation(std::string_view text) {
    std::string known;
    for (const auto one : derivations) {
        if (name(one) == text) return one;
        known += (known.empty() ? "" : ", ") + std::string(name(one));
    }
    return fail(ErrorKind::usage,
                fmt::format("the derivation is {}; expected one of {}", core::quoted(text), known));
}

std::size_t inputs_of(Derivation derivation) noexcept { return derivation == Derivation::log_ratio ? 2 : 1; }

bool needs_order(Derivation derivation) noexcept {
    return derivation == Derivation::change || derivation == Derivation::log_change;
}

core::Result<std::unique_ptr<Source>> derive(std::unique_ptr<Source> source, std::vector<Derived> derived,
                                             const std::string& time) {
    if (derived.empty()) return source;
    std::vector<Recipe> recipes;
    std::optional<std::size_t> time_field;
    if (!time.empty()) time_field = source->schema().find(time);
    for (auto& one : derived) {
        if (needs_order(one.by) && !time_field)
            return fail(
                ErrorKind::usage,
                fmt::format("{} is made by {}, which needs the row before in time; name the column of "
                            "{} that holds the time with --time",
                            core::quoted(one.name), name(one.by), source->name()));
        const auto same = [&](const Recipe& made) { return made.derived.name == one.name; };
        if (std::ranges::any_of(recipes, same))
            return fail(ErrorKind::usage,
                        fmt::format("two derived columns are named {}", core::quoted(one.name)));
        auto recipe = recipe_of(*source, std::move(one));
        if (!recipe) return propagate(recipe);
        recipes.push_back(std::move(*recipe));
    }
    return std::make_unique<DerivedSource>(std::move(source), std::move(recipes), time_field);
}

}  // namespace tristrata::dataset
