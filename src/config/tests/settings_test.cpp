#include "tristrata/config/settings.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

using namespace tristrata::config;
using tristrata::core::ErrorKind;
using tristrata::core::Secret;

namespace {

class SettingsTest : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("settings_test_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }
    std::filesystem::path folder_;
};

}  // namespace

TEST_F(SettingsTest, arguments_stand_above_the_environment_and_that_above_the_file) {
    const auto file = write(
        "t.toml", "kpi_url = \"sqlite:///from_file\"\ndrift_url = \"sqlite:///d\"\nenvironment = \"test\"\n");
    const auto settings = read_settings(
        {{"TRISTRATA_KPI_URL", "sqlite:///from_environment"}, {"TRISTRATA_DRIFT_URL", "sqlite:///e"}}, file,
        {{"drift_url", "sqlite:///from_argument"}, {"tags", ""}});
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->text("kpi_url"), "sqlite:///from_environment");
    EXPECT_EQ(settings->find("kpi_url")->origin, "TRISTRATA_KPI_URL");
    EXPECT_EQ(settings->text("drift_url"), "sqlite:///from_argument");
    EXPECT_EQ(settings->text("environment"), "test");
    EXPECT_EQ(settings->find("tags"), nullptr);
}

TEST_F(SettingsTest, a_missing_setting_names_the_variable_and_an_example) {
    const auto settings = read_settings({}, write("t.toml", ""), {});
    const auto missing = settings->require("kpi_url");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::configuration);
    EXPECT_NE(missing.error().message.find("TRISTRATA_KPI_URL is not set"), std::string::npos);
    EXPECT_NE(missing.error().message.find("sqlite:///kpi.db"), std::string::npos);
}

TEST_F(SettingsTest, a_variable_that_no_setting_reads_is_told_with_the_one_that_may_be_meant) {
    const auto settings = read_settings({{"TRISTRATA_KPI_ULR", "sqlite:///SECRET"},
                                         {"TRISTRATA_DRIFT_URL_FIEL", "x"},
                                         {"TRISTRATA_SPOOL_FILE", "x"},
                                         {"TRISTRATA_TRACING_ENDPOINT", "x"},
                                         {"TRISTRATA_READ_URL_FILE", ""},
                                         {"TRISTRATA_TAGS", ""},
                                         {"KPI_ULR", "x"}},
                                        write("t.toml", ""), {});
    ASSERT_TRUE(settings) << settings.error().message;
    std::map<std::string, std::string> unknown;
    for (const auto& [name, nearest] : settings->unknown()) unknown[name] = nearest;
    const std::map<std::string, std::string> wanted{{"TRISTRATA_KPI_ULR", "TRISTRATA_KPI_URL"},
                                                    {"TRISTRATA_DRIFT_URL_FIEL", "TRISTRATA_DRIFT_URL_FILE"},
                                                    {"TRISTRATA_SPOOL_FILE", "TRISTRATA_SPOOL_LEVEL"},
                                                    {"TRISTRATA_TRACING_ENDPOINT", ""}};
    EXPECT_EQ(unknown, wanted);
    const auto end = [&](const char* key) {
        const std::string message = settings->require(key).error().message;
        EXPECT_EQ(message.find("SECRET"), std::string::npos);
        return message.substr(std::min(message.find("tristrata.toml"), message.size()));
    };
    EXPECT_EQ(end("kpi_url"),
              "tristrata.toml; TRISTRATA_KPI_ULR is set, which is no setting: is TRISTRATA_KPI_URL meant?");
    EXPECT_EQ(end("drift_url"),
              "tristrata.toml; TRISTRATA_DRIFT_URL_FIEL is set, which is no setting: is "
              "TRISTRATA_DRIFT_URL_FILE meant?");
    EXPECT_EQ(end("archive"), "tristrata.toml");
}

TEST_F(SettingsTest, a_mounted_secret_is_read_without_its_newline_and_never_beside_its_twin) {
    const auto secret = write("secret", "sqlite:///mounted\n");
    const auto file = write("t.toml", "");
    const auto settings = read_settings({{"TRISTRATA_KPI_URL_FILE", secret.string()}}, file, {});
    EXPECT_EQ(settings->text("kpi_url"), "sqlite:///mounted");
    EXPECT_FALSE(read_settings(
        {{"TRISTRATA_KPI_URL_FILE", secret.string()}, {"TRISTRATA_KPI_URL", "sqlite:///x"}}, file, {}));
    EXPECT_FALSE(read_settings({{"TRISTRATA_KPI_URL_FILE", "/nonexistent"}}, file, {}));
}

TEST_F(SettingsTest, a_password_on_the_command_line_is_refused_however_its_option_is_written) {
    for (const char* url :
         {"postgresql://u:hunter2@h/d", "postgresql://u@h/d?password=hunter2",
          "postgresql://u@h/d?pass%77ord=hunter2", "postgresql://u@h/d?%70assword=hunter2"}) {
        const auto settings = read_settings({}, write("t.toml", ""), {{"kpi_url", url}});
        ASSERT_FALSE(settings) << url;
        EXPECT_EQ(settings.error().kind, ErrorKind::usage);
        EXPECT_EQ(settings.error().message.find("hunter2"), std::string::npos);
    }
    EXPECT_TRUE(read_settings({}, write("t.toml", ""), {{"kpi_url", "postgresql://u@h/d%2"}}));
}

TEST_F(SettingsTest, a_mounted_secret_is_a_regular_file_of_at_most_64_kib) {
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const auto longest = write("longest", std::string(65'536, 'x')),
               longer = write("longer", std::string(65'537, 'x')), empty = write("empty", "\n");
    for (const std::string& path :
         {pipe.string(), std::string("/dev/zero"), folder_.string(), longer.string(), empty.string()}) {
        const auto settings = read_settings({{"TRISTRATA_KPI_URL_FILE", path}}, write("t.toml", ""), {});
        ASSERT_FALSE(settings) << path;
        EXPECT_EQ(settings.error().kind, ErrorKind::configuration);
        EXPECT_NE(settings.error().message.find(path), std::string::npos) << settings.error().message;
        EXPECT_NE(settings.error().message.find("regular file"), std::string::npos)
            << settings.error().message;
    }
    const auto whole = read_settings({{"TRISTRATA_KPI_URL_FILE", longest.string()}}, write("t.toml", ""), {});
    EXPECT_EQ(whole->text("kpi_url").size(), 65'536u);
}

TEST_F(SettingsTest, an_unknown_key_of_the_file_is_refused) {
    const auto settings = read_settings({}, write("t.toml", "kpi_ur = \"x\"\n"), {});
    ASSERT_FALSE(settings);
    EXPECT_NE(settings.error().message.find("did you mean \"kpi_url\"?"), std::string::npos);
}

TEST_F(SettingsTest, further_stores_stand_in_the_file_by_name) {
    const auto file = write("t.toml", "[stores.features]\nurl = \"sqlite:///features.db\"\n");
    const auto settings = read_settings({{"TRISTRATA_READ_URL", "sqlite:///read.db"}}, file, {});
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(require_store(*settings, "features")->value.reveal(), "sqlite:///features.db");
    EXPECT_NE(require_store(*settings, "features")->origin.find("t.toml:2"), std::string::npos);
    EXPECT_EQ(require_store(*settings, "read")->value.reveal(), "sqlite:///read.db");
    const auto absent = require_store(*settings, "featurs");
    ASSERT_FALSE(absent);
    EXPECT_NE(absent.error().message.find("kpi, drift, read, features"), std::string::npos);
    EXPECT_FALSE(require_store(*settings, "kpi"));
}

TEST_F(SettingsTest, a_store_needs_a_url_and_a_name_that_sql_can_say) {
    for (const char* text :
         {"[stores.kpi]\nurl = \"sqlite:///x\"\n", "[stores.\"a b\"]\nurl = \"sqlite:///x\"\n",
          "[stores.a]\n", "[stores.a]\nurl = \"sqlite:///x\"\nuri = \"y\"\n"}) {
        const auto settings = read_settings({}, write("t.toml", text), {});
        ASSERT_FALSE(settings) << text;
        EXPECT_NE(settings.error().message.find("t.toml:"), std::string::npos) << settings.error().message;
    }
}

TEST(StoreUrl, three_slashes_are_relative_and_four_absolute) {
    EXPECT_EQ(parse_store_url({Secret("sqlite:///kpi.db"), "x"})->path, "kpi.db");
    EXPECT_EQ(parse_store_url({Secret("sqlite:////var/kpi.db"), "x"})->path, "/var/kpi.db");
    EXPECT_EQ(parse_store_url({Secret("postgresql://u:p@h/d"), "x"})->backend, Backend::postgresql);
}

TEST(StoreUrl, what_is_no_url_is_refused_without_being_shown) {
    for (const char* text : {"hunter2", "mysql://u:hunter2@h/d", "sqlite:///"}) {
        const auto url = parse_store_url({Secret(text), "TRISTRATA_KPI_URL"});
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos);
    }
}

TEST(Shown, hides_everything_behind_the_scheme_but_sqlites_path) {
    const auto& name = setting_names().front();
    EXPECT_EQ(shown(name, {Secret("sqlite:///kpi.db"), ""}), "sqlite:///kpi.db");
    EXPECT_EQ(shown(name, {Secret("postgresql://u:p%40ss@h/d"), ""}), "postgresql://[hidden]");
    EXPECT_EQ(shown(name, {Secret("hunter2"), ""}), "[hidden]");
}

TEST(Shown, a_place_of_objects_is_whole_unless_a_secret_was_put_before_it) {
    const auto& names = setting_names();
    const auto name = std::ranges::find(names, "archive", &SettingName::key);
    ASSERT_NE(name, names.end());
    EXPECT_EQ(shown(*name, {Secret("s3://bucket/prefix"), ""}), "s3://bucket/prefix");
    EXPECT_EQ(shown(*name, {Secret("s3://bucket/x?encryption=aws:kms&kms_key=arn:aws:kms:1"), ""}),
              "s3://bucket/x?encryption=aws:kms&kms_key=arn:aws:kms:1");
    for (const char* place : {"s3://key:hunter2@bucket", "s3://key:hunter2/bucket",
                              "s3://bucket/x?secret=hunter2", "s3://bucket/x?encryption=AES256&hunter2"})
        EXPECT_EQ(shown(*name, {Secret(place), ""}), "s3://[hidden]") << place;
    EXPECT_EQ(shown(*name, {Secret("hunter2://x"), ""}), "[hidden]");
}

TEST_F(SettingsTest, a_rooms_own_table_is_left_to_it_and_each_reading_begins_anew) {
    const auto settings = read_settings({}, write("t.toml", "[incident]\nclose = 3\nclsoe = 4\n"), {});
    ASSERT_TRUE(settings) << settings.error().message;
    for (int reading = 0; reading < 2; ++reading) {
        auto section = settings->section("incident");
        ASSERT_TRUE(section);
        EXPECT_EQ(section->integer("close")->value_or(0), 3);
        ASSERT_FALSE(section->finish());
        EXPECT_NE(section->finish().error().message.find("did you mean \"close\"?"), std::string::npos);
    }
    EXPECT_FALSE(settings->section("nothing"));
}
