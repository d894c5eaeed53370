#include "tristrata/technical/event_catalogue.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

using namespace tristrata;
using namespace tristrata::technical;

namespace {

class CatalogueFiles : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("catalogue_test_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] core::Result<EventCatalogue> read(const std::string& text) const {
        std::ofstream(folder_ / "events.toml") << text;
        return EventCatalogue::read(folder_ / "events.toml");
    }
    void refuses(const std::string& text, std::string_view words) const {
        const auto catalogue = read(text);
        ASSERT_FALSE(catalogue) << text;
        EXPECT_EQ(catalogue.error().kind, core::ErrorKind::configuration);
        EXPECT_NE(catalogue.error().message.find(words), std::string::npos) << catalogue.error().message;
    }
    std::filesystem::path folder_;
};

}  // namespace

TEST(EventCatalogue, the_default_one_knows_the_event_of_the_design_and_has_no_name_twice) {
    const EventCatalogue catalogue = EventCatalogue::defaults();
    const auto kind = catalogue.require("training_fold_complete");
    ASSERT_TRUE(kind) << kind.error().message;
    EXPECT_EQ((*kind)->severity, EventSeverity::info);
    for (const auto& one : catalogue.kinds()) {
        EXPECT_TRUE(is_plain_name(one.name)) << one.name;
        EXPECT_FALSE(one.meaning.empty()) << one.name;
        EXPECT_EQ(*catalogue.require(one.name), &one) << one.name << " stands twice";
    }
}

TEST(EventCatalogue, an_unknown_name_is_refused_and_the_nearest_known_one_named) {
    const auto kind = EventCatalogue::defaults().require("training_fold_completed");
    ASSERT_FALSE(kind);
    EXPECT_EQ(kind.error().kind, core::ErrorKind::refused);
    EXPECT_NE(kind.error().message.find("did you mean \"training_fold_complete\"?"), std::string::npos)
        << kind.error().message;
    EXPECT_NE(kind.error().message.find("TRISTRATA_EVENTS"), std::string::npos);
    const auto far = EventCatalogue::defaults().require("x");
    ASSERT_FALSE(far);
    EXPECT_NE(far.error().message.find("known are run_started, "), std::string::npos) << far.error().message;
}

TEST_F(CatalogueFiles, a_file_stands_in_place_of_the_default_ones_with_severity_and_fields) {
    const auto catalogue = read(
        "[events.order_sent]\nmeaning = \"an order went out\"\nseverity = \"warn\"\nfields = [\"venue\", "
        "\"n\"]\n"
        "[events.\"gateway.up\"]\nmeaning = \"the gateway answers\"\n");
    ASSERT_TRUE(catalogue) << catalogue.error().message;
    ASSERT_EQ(catalogue->kinds().size(), 2u);
    const auto order = catalogue->require("order_sent");
    ASSERT_TRUE(order);
    EXPECT_EQ((*order)->severity, EventSeverity::warn);
    EXPECT_EQ((*order)->fields, (std::vector<std::string>{"venue", "n"}));
    EXPECT_NE((*order)->where.find("events.toml:1"), std::string::npos) << (*order)->where;
    EXPECT_TRUE(catalogue->require("gateway.up"));
    EXPECT_FALSE(catalogue->require("run_started")) << "the built-in ones are replaced";
}

TEST_F(CatalogueFiles, what_is_no_catalogue_is_an_error_with_its_place) {
    refuses("", "[events.NAME]");
    refuses("[events.a]\n", "has no meaning");
    refuses("[events.\"a b\"]\nmeaning = \"x\"\n", "is no name of an event");
    refuses("[events.\"1a\"]\nmeaning = \"x\"\n", "is no name of an event");
    refuses("[events.a]\nmeaning = \"x\"\nseverity = \"crit\"\n", "expected debug, info, warn or error");
    refuses("[events.a]\nmeaning = \"x\"\nfields = [\"a=b\"]\n", "is no name of a field");
    refuses("[events.a]\nmeaning = \"x\"\nsevertiy = \"info\"\n", "severity");
    const auto none = EventCatalogue::read(folder_ / "nowhere.toml");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, core::ErrorKind::configuration);
}
