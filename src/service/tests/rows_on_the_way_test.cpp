#include "rows_on_the_way.hpp"

#include "logged_test.hpp"
#include "tristrata/session/session.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>

namespace tristrata::service {
namespace {

class RowsOnTheWayTest : public LoggedTest {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder);
        settings.set("spool", {core::Secret((folder / "spool").string()), "TRISTRATA_SPOOL"});
        settings.set("kpi_url",
                     {core::Secret("sqlite:///" + (folder / "kpi.db").string()), "TRISTRATA_KPI_URL"});
        settings.set("drift_url",
                     {core::Secret("sqlite:///" + (folder / "drift.db").string()), "TRISTRATA_DRIFT_URL"});
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("rows_on_the_way_test_" + std::to_string(::getpid()));
};

}  // namespace

TEST_F(RowsOnTheWayTest, what_waits_is_known_by_its_store_and_no_later_than_it_is_asked_for) {
    session::Session session(settings, clock, [](std::string_view) {}, session::Carry::later);
    RowsOnTheWay rows(spool::posix_file_system(), clock, (folder / "spool").string());
    EXPECT_EQ(rows.since("kpi", clock.now()), std::nullopt) << "there is no spool";
    const core::Timestamp emitted = clock.now();
    execution::KpiRequest request;
    request.module = "features";
    request.metrics = {{"n", 1.0}};
    ASSERT_TRUE(session.emit_kpi(request, "caller"));
    EXPECT_EQ(rows.since("kpi", emitted), std::nullopt) << "looked up at that very moment";
    clock.advance({1});
    const auto since = rows.since("kpi", clock.now());
    ASSERT_TRUE(since);
    EXPECT_LE(*since, emitted);
    EXPECT_GE(*since, core::Timestamp{emitted.microseconds - 10'000'000});
    EXPECT_EQ(rows.since("drift", clock.now()), std::nullopt);
    EXPECT_EQ(rows.since("analyzer", clock.now()), since) << "it may be the database of either";
}

}  // namespace tristrata::service
