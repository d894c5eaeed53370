#include "tables.hpp"

#include <arrow/api.h>

namespace tristrata::sources {
namespace {

using dataset::Type;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Folder : public testing::Tables {};

TEST_F(Folder, files_are_one_table_in_the_order_of_their_names) {
    file("t/b.csv", "x\n3\n4\n");
    file("t/a.csv", "x\n1\n2\n");
    file("t/notes.txt", "not read");
    const auto source = testing::opened(path("t"));
    ASSERT_TRUE(source);
    EXPECT_THAT(testing::column(*source, "x").numbers, ElementsAre(1.0, 2.0, 3.0, 4.0));
    EXPECT_THAT(source->name(), HasSubstr("(2 files; 1 of no such format left out)"));
}

TEST_F(Folder, what_is_not_read_is_counted_and_a_link_to_itself_harms_nobody) {
    file("t/a.csv", "x\n1\n");
    file("t/b.csv.bz2", "?");
    std::filesystem::create_symlink("loop.csv", path("t/loop.csv"));
    std::filesystem::create_symlink("nowhere.csv", path("t/dangling.csv"));
    const auto source = testing::opened(path("t"));
    ASSERT_TRUE(source);
    EXPECT_THAT(source->name(), HasSubstr("(1 file; 3 of no such format left out)"));
}

TEST_F(Folder, a_column_missing_or_of_another_type_is_named_with_its_file) {
    file("missing/a.csv", "x,y\n1,2\n");
    file("missing/b.csv", "x\n1\n");
    EXPECT_THAT(testing::refusal(path("missing")), AllOf(HasSubstr("b.csv"), HasSubstr("\"y\"")));
    file("more/a.csv", "x\n1\n");
    file("more/b.csv", "x,extra\n1,2\n");
    EXPECT_THAT(testing::refusal(path("more")), AllOf(HasSubstr("b.csv"), HasSubstr("\"extra\"")));
    file("type/a.csv", "x\n1\n");
    file("type/b.csv", "x\nword\n");
    EXPECT_THAT(testing::refusal(path("type")), AllOf(HasSubstr("b.csv"), HasSubstr("\"x\"")));
}

TEST_F(Folder, a_column_without_values_agrees_with_any_type) {
    file("t/a.csv", "x,s\n,\n,\n");
    file("t/b.csv", "x,s\n1.5,word\n");
    const auto source = testing::opened(path("t"));
    ASSERT_TRUE(source);
    const auto x = testing::column(*source, "x");
    EXPECT_EQ(x.type, Type::real);
    EXPECT_EQ(x.rows, 3u);
    EXPECT_EQ(x.missing, 2u);
    EXPECT_THAT(testing::labels(testing::column(*source, "s")),
                ElementsAre("<missing>", "<missing>", "word"));
}

TEST_F(Folder, whole_numbers_in_one_file_and_fractions_in_the_next_are_numbers) {
    file("t/a.csv", "x\n1\n");
    file("t/b.csv", "x\n1.5\n");
    const auto source = testing::opened(path("t"));
    ASSERT_TRUE(source);
    EXPECT_THAT(testing::column(*source, "x").numbers, ElementsAre(1.0, 1.5));
}

TEST_F(Folder, parquet_files_know_their_rows) {
    arrow::DoubleBuilder x;
    ASSERT_TRUE(x.AppendValues({1.0, 2.0}).ok());
    const auto table =
        arrow::Table::Make(arrow::schema({arrow::field("x", arrow::float64())}), {x.Finish().ValueOrDie()});
    parquet_file("t/a.parquet", *table);
    parquet_file("t/b.parquet", *table);
    const auto source = testing::opened(path("t"));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->rows(), 4u);
    EXPECT_EQ(source->access(), dataset::Access::by_column);
    EXPECT_THAT(testing::column(*source, "x").numbers, ElementsAre(1.0, 2.0, 1.0, 2.0));
}

TEST_F(Folder, a_folder_without_tables_says_what_it_looked_for) {
    file("t/notes.txt", "not read");
    EXPECT_THAT(testing::refusal(path("t")), AllOf(HasSubstr("/t"), HasSubstr(".parquet")));
}

TEST_F(Folder, formats_are_not_mixed) {
    file("t/a.csv", "x\n1\n");
    arrow::DoubleBuilder x;
    ASSERT_TRUE(x.Append(1.0).ok());
    parquet_file("t/b.parquet", *arrow::Table::Make(arrow::schema({arrow::field("x", arrow::float64())}),
                                                    {x.Finish().ValueOrDie()}));
    EXPECT_THAT(testing::refusal(path("t")), AllOf(HasSubstr("b.parquet"), HasSubstr("one format")));
}

TEST_F(Folder, the_digest_follows_names_and_bytes_and_not_the_place) {
    file("here/a.csv", "x\n1\n");
    file("there/a.csv", "x\n1\n");
    file("renamed/b.csv", "x\n1\n");
    file("changed/a.csv", "x\n2\n");
    const auto digest = [&](const std::string& name) { return *testing::opened(path(name))->digest({}); };
    EXPECT_EQ(digest("here"), digest("there"));
    EXPECT_NE(digest("here"), digest("renamed"));
    EXPECT_NE(digest("here"), digest("changed"));
}

}  // namespace
}  // namespace tristrata::sources
