#include "tristrata/dataset/derived.hpp"
#include "tristrata/dataset/column.hpp"
#include "tristrata/dataset/memory_source.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <cmath>
#include <limits>
#include <numbers>

using namespace tristrata;
using namespace tristrata::dataset;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double none = std::numeric_limits<double>::quiet_NaN();

std::unique_ptr<Source> table(std::vector<MemoryColumn> columns) {
    return std::make_unique<MemorySource>(std::move(columns));
}

std::vector<std::int64_t> ascending(std::size_t rows) {
    std::vector<std::int64_t> times(rows);
    for (std::size_t i = 0; i < rows; ++i) times[i] = static_cast<std::int64_t>(i) * 1'000'000;
    return times;
}

/// Tables one after another, a batch each.
class Several final : public Source {
public:
    explicit Several(std::vector<std::unique_ptr<Source>> parts) : parts_(std::move(parts)) {}
    const std::string& name() const noexcept override { return parts_.front()->name(); }
    const Schema& schema() const noexcept override { return parts_.front()->schema(); }
    Access access() const noexcept override { return Access::by_pass; }
    core::Result<std::string> digest(const core::Task& task) override { return parts_.front()->digest(task); }
    std::optional<std::uint64_t> rows() const noexcept override { return std::nullopt; }
    core::Result<std::unique_ptr<BatchStream>> open(std::span<const std::size_t> fields,
                                                    const core::Task& task) override {
        auto stream = std::make_unique<Stream>();
        for (auto& part : parts_) stream->parts.push_back(std::move(*part->open(fields, task)));
        return stream;
    }

private:
    struct Stream final : BatchStream {
        core::Result<std::optional<Batch>> next() override {
            while (at < parts.size()) {
                auto batch = parts[at]->next();
                if (!batch || *batch) return batch;
                ++at;
            }
            return std::optional<Batch>();
        }
        std::vector<std::unique_ptr<BatchStream>> parts;
        std::size_t at = 0;
    };
    std::vector<std::unique_ptr<Source>> parts_;
};

/// One derived column of the table, read through.
core::Result<Column> made(std::vector<MemoryColumn> columns, Derivation by, std::vector<std::string> of) {
    auto source = derive(table(std::move(columns)), {{"d", by, std::move(of)}}, "t");
    if (!source) return propagate(source);
    const std::size_t field[]{*(*source)->schema().find("d")};
    auto read = read_columns(**source, field, {});
    if (!read) return propagate(read);
    return std::move((*read)[0]);
}

core::Result<Column> of_x(std::vector<double> x, Derivation by) {
    const std::size_t rows = x.size();
    return made({{"t", ascending(rows)}, {"x", std::move(x)}}, by, {"x"});
}

void expect_numbers(const core::Result<Column>& column, const std::vector<double>& wanted) {
    ASSERT_TRUE(column) << column.error().message;
    ASSERT_EQ(column->numbers.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (std::isnan(wanted[i])) EXPECT_TRUE(std::isnan(column->numbers[i])) << i;
        else EXPECT_DOUBLE_EQ(column->numbers[i], wanted[i]) << i;
    }
}

}  // namespace

TEST(Derived, worked_example_a_log_change) {
    constexpr double e = std::numbers::e;
    const auto column = of_x({1, e, e * e, 0}, Derivation::log_change);
    expect_numbers(column, {none, 1, 1, -inf});
    EXPECT_EQ(column->missing, 1u) << "the first row has no change";
    EXPECT_EQ(column->infinite, 1u);
}

TEST(Derived, logarithms_of_zero_are_infinite_and_of_negative_numbers_missing) {
    expect_numbers(of_x({1, 0, -1, none, inf}, Derivation::log), {0, -inf, none, none, inf});
    expect_numbers(made({{"t", ascending(5)},
                         {"a", std::vector<double>{2, 0, 1, 0, -1}},
                         {"b", std::vector<double>{2, 1, 0, 0, 1}}},
                        Derivation::log_ratio, {"a", "b"}),
                   {0, -inf, inf, none, none});
    expect_numbers(made({{"a", std::vector<double>{1e300}}, {"b", std::vector<double>{1e-300}}},
                        Derivation::log_ratio, {"a", "b"}),
                   {600 * std::numbers::ln10});
}

TEST(Derived, a_change_is_from_the_row_before_and_what_is_missing_stays_missing) {
    expect_numbers(of_x({1, 3, none, 4, 9}, Derivation::change), {none, 2, none, none, 5});
    expect_numbers(of_x({inf, inf, 1}, Derivation::change), {none, none, -inf});
    expect_numbers(of_x({0, 0, 1}, Derivation::log_change), {none, none, inf});
    expect_numbers(of_x({}, Derivation::change), {});
}

TEST(Derived, a_change_needs_rows_in_order_of_time) {
    const std::vector<double> x{1, 2, 4};
    const auto change = [&](std::vector<std::int64_t> times) {
        return made({{"t", std::move(times)}, {"x", x}}, Derivation::change, {"x"});
    };
    expect_numbers(change({10, 10, 20}), {none, 1, 2});
    expect_numbers(change({10, Column::missing_time, 20}), {none, none, 3});
    const auto disorder = change({10, 30, 20});
    ASSERT_FALSE(disorder);
    EXPECT_EQ(disorder.error().kind, core::ErrorKind::invalid_input);
    EXPECT_NE(disorder.error().message.find("row 3"), std::string::npos) << disorder.error().message;
    expect_numbers(made({{"t", std::vector<std::int64_t>{30, 10, 20}}, {"x", x}}, Derivation::log, {"x"}),
                   {0, std::log(2.0), std::log(4.0)});
    const auto untimed = derive(table({{"x", x}}), {{"d", Derivation::change, {"x"}}}, "");
    ASSERT_FALSE(untimed);
    EXPECT_NE(untimed.error().message.find("--time"), std::string::npos);
}

TEST(Derived, times_may_be_text_or_an_epoch) {
    const std::vector<double> x{1, 2};
    expect_numbers(made({{"t", std::vector<std::string>{"2023-01-01", "2023-01-02"}}, {"x", x}},
                        Derivation::change, {"x"}),
                   {none, 1});
    expect_numbers(
        made({{"t", std::vector<double>{1679443200, 1679443201}}, {"x", x}}, Derivation::change, {"x"}),
        {none, 1});
    EXPECT_FALSE(
        made({{"t", std::vector<double>{1679443201, 1679443200}}, {"x", x}}, Derivation::change, {"x"}));
}

TEST(Derived, stands_behind_the_columns_of_the_source_in_any_projection) {
    auto source = derive(table({{"t", ascending(3)},
                                {"word", std::vector<std::string>{"a", "b", "a"}},
                                {"x", std::vector<double>{1, 2, 4}}}),
                         {{"step", Derivation::change, {"x"}}, {"log_x", Derivation::log, {"x"}}}, "t");
    ASSERT_TRUE(source) << source.error().message;
    const auto& schema = (*source)->schema();
    ASSERT_EQ(schema.fields.size(), 5u);
    EXPECT_EQ(schema.fields[3].name, "step");
    EXPECT_EQ(schema.fields[4].type, Type::real);
    EXPECT_EQ((*source)->rows(), 3u);
    const std::size_t fields[]{4, 1, 3, 2};
    const auto columns = read_columns(**source, fields, {});
    ASSERT_TRUE(columns) << columns.error().message;
    EXPECT_DOUBLE_EQ((*columns)[0].numbers[2], std::log(4.0));
    EXPECT_EQ((*columns)[1].labels, (std::vector<std::string>{"a", "b"}));
    EXPECT_DOUBLE_EQ((*columns)[2].numbers[2], 2.0);
    EXPECT_DOUBLE_EQ((*columns)[3].numbers[2], 4.0);
    const std::size_t own[]{1};
    EXPECT_EQ((*read_columns(**source, own, {}))[0].codes.size(), 3u);
}

TEST(Derived, a_change_goes_on_from_one_batch_to_the_next) {
    std::vector<std::unique_ptr<Source>> parts;
    const std::vector<double> x{1, 2, 4, 7, 11};
    for (std::size_t i = 0; i < x.size(); ++i)
        parts.push_back(table({{"t", std::vector<std::int64_t>{static_cast<std::int64_t>(i)}},
                               {"x", std::vector<double>{x[i]}}}));
    auto source =
        derive(std::make_unique<Several>(std::move(parts)), {{"d", Derivation::change, {"x"}}}, "t");
    ASSERT_TRUE(source) << source.error().message;
    const std::size_t fields[]{2};
    const auto columns = read_columns(**source, fields, {});
    ASSERT_TRUE(columns) << columns.error().message;
    EXPECT_TRUE(std::isnan((*columns)[0].numbers[0]));
    EXPECT_EQ(std::vector<double>((*columns)[0].numbers.begin() + 1, (*columns)[0].numbers.end()),
              (std::vector<double>{1, 2, 3, 4}));
}

TEST(Derived, what_cannot_be_made_is_refused_in_words) {
    const auto refused = [](std::vector<Derived> derived) {
        auto source = derive(table({{"t", ascending(1)},
                                    {"close", std::vector<double>{1}},
                                    {"word", std::vector<std::string>{"a"}}}),
                             std::move(derived), "t");
        return source ? std::string("accepted") : source.error().message;
    };
    EXPECT_NE(refused({{"d", Derivation::log, {"clsoe"}}}).find("did you mean \"close\"?"),
              std::string::npos);
    EXPECT_NE(refused({{"d", Derivation::log, {"word"}}}).find("expected numbers"), std::string::npos);
    EXPECT_NE(refused({{"close", Derivation::log, {"close"}}}).find("already has"), std::string::npos);
    EXPECT_NE(refused({{"d", Derivation::log_ratio, {"close"}}}).find("takes 2 columns"), std::string::npos);
    EXPECT_NE(refused({{"d", Derivation::log, {"close"}}, {"d", Derivation::change, {"close"}}}).find("two"),
              std::string::npos);
    EXPECT_NE(parse_derivation("sqrt").error().message.find("log, log_ratio, change"), std::string::npos);
    for (const auto by : {Derivation::log, Derivation::log_ratio, Derivation::change, Derivation::log_change})
        EXPECT_EQ(*parse_derivation(name(by)), by);
}

RC_GTEST_PROP(Derived, log_changes_add_up_to_the_log_of_the_whole, (const std::vector<std::uint8_t>& steps)) {
    std::vector<double> price{100.0};
    for (const auto step : steps) price.push_back(price.back() * (0.9 + 0.2 * step / 255.0));
    const auto changes = of_x(price, Derivation::log_change);
    RC_ASSERT(changes.has_value());
    double sum = 0.0;
    for (std::size_t i = 1; i < price.size(); ++i) sum += changes->numbers[i];
    RC_ASSERT(std::abs(sum - std::log(price.back() / 100.0)) < 1e-9);
}
