#include "tristrata/config/document.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <filesystem>
#include <string>

using namespace tristrata;

namespace {
config::Reader root_of(std::string_view text) { return config::parse_document(text, "plan.toml")->root(); }
}  // namespace

TEST(Reader, reads_every_type_and_leaves_absent_what_is_absent) {
    auto reader = root_of(
        "a = \"x\"\nb = 3\nc = 2.5\nd = true\ne = [\"p\", \"q\"]\n[t]\nk = 1\n[[s]]\nz = 1\n[[s]]\nz = 2\n");
    EXPECT_EQ(**reader.text("a"), "x");
    EXPECT_EQ(**reader.integer("b"), 3);
    EXPECT_EQ(**reader.number("b"), 3.0);
    EXPECT_EQ(**reader.number("c"), 2.5);
    EXPECT_TRUE(**reader.flag("d"));
    EXPECT_EQ((**reader.texts("e")).size(), 2u);
    EXPECT_EQ(**(**reader.table("t")).integer("k"), 1);
    auto tables = reader.tables("s");
    ASSERT_EQ(tables->size(), 2u);
    for (auto& table : *tables) EXPECT_TRUE(table.integer("z")->has_value());
    EXPECT_FALSE(reader.text("nothing")->has_value());
    EXPECT_TRUE(reader.finish());
}

TEST(Reader, an_unknown_key_names_place_and_nearest_known_one) {
    auto reader = root_of("time = \"t\"\nalhpa = 0.05\n");
    (void)reader.text("time");
    (void)reader.number("alpha");
    const auto status = reader.finish();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, core::ErrorKind::configuration);
    EXPECT_EQ(status.error().message, "plan.toml:2:9: unknown key \"alhpa\"; did you mean \"alpha\"?");
}

TEST(Reader, an_unknown_key_of_an_inner_table_is_found_too) {
    auto reader = root_of("[column.trades]\nrole = \"feature\"\nuint = \"x\"\n");
    auto column = **reader.table("column");
    auto trades = **column.table("trades");
    (void)trades.text("role");
    (void)trades.text("unit");
    const auto status = reader.finish();
    ASSERT_FALSE(status);
    EXPECT_NE(status.error().message.find("did you mean \"unit\"?"), std::string::npos)
        << status.error().message;
}

TEST(Reader, a_value_of_another_type_says_what_was_expected) {
    auto reader = root_of("alpha = \"high\"\n");
    const auto alpha = reader.number("alpha");
    ASSERT_FALSE(alpha);
    EXPECT_EQ(alpha.error().message, "plan.toml:1:9: alpha is a string; expected a number");
}

TEST(Document, what_is_not_toml_names_line_and_column) {
    const auto document = config::parse_document("a = \n", "plan.toml");
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().message.rfind("plan.toml:1:", 0), 0u) << document.error().message;
}

TEST(Document, a_text_that_its_line_does_not_end_is_told_as_that) {
    const auto document = config::parse_document("a = \"x\nb = 2\n", "plan.toml");
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().message.rfind("plan.toml:1:", 0), 0u) << document.error().message;
    EXPECT_NE(document.error().message.find("is the quote missing"), std::string::npos)
        << document.error().message;
}

TEST(Document, a_missing_file_and_a_folder_are_errors_of_their_own) {
    EXPECT_EQ(config::read_document("/nonexistent/plan.toml").error().kind, core::ErrorKind::configuration);
    EXPECT_NE(config::read_document("/").error().message.find("is a folder"), std::string::npos);
}

TEST(Document, a_pipe_that_nobody_writes_to_is_not_waited_for) {
    const std::string pipe = testing::TempDir() + "/tristrata_document_pipe.toml";
    std::filesystem::remove(pipe);
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const auto document = config::read_document(pipe);
    std::filesystem::remove(pipe);
    ASSERT_FALSE(document);
    EXPECT_NE(document.error().message.find("is a pipe"), std::string::npos) << document.error().message;
}
