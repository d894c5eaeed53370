#include "foreign_type.hpp"

#include "tristrata/dataset/column.hpp"

#include <gtest/gtest.h>
#include <utility>

using namespace tristrata::dataset;

namespace {

ArrowSchema of(const char* format) {
    ArrowSchema schema{};
    schema.format = format;
    return schema;
}

}  // namespace

TEST(ForeignType, a_type_has_the_name_that_arrow_prints) {
    const std::pair<const char*, const char*> expected[]{{"l", "int64"},
                                                         {"C", "uint8"},
                                                         {"e", "halffloat"},
                                                         {"g", "double"},
                                                         {"U", "large_string"},
                                                         {"tdD", "date32[day]"},
                                                         {"tsu:", "timestamp[us]"},
                                                         {"tsn:Asia/Tokyo", "timestamp[ns, tz=Asia/Tokyo]"},
                                                         {"d:21,1", "decimal128(21, 1)"},
                                                         {"d:21,1,128", "decimal128(21, 1)"},
                                                         {"d:40,2,256", "decimal256(40, 2)"},
                                                         {"tDn", "duration[ns]"},
                                                         {"w:16", "fixed_size_binary[16]"},
                                                         {"+w:3", "fixed_size_list"},
                                                         {"+ud:0,1", "union"},
                                                         {"?", "?"}};
    for (const auto& [format, name] : expected) EXPECT_EQ(foreign_type_of(of(format)), name);
}

TEST(ForeignType, a_dictionary_names_its_values) {
    ArrowSchema words = of("u"), codes = of("c");
    codes.dictionary = &words;
    EXPECT_EQ(foreign_type_of(codes), "dictionary<values=string, indices=int8, ordered=0>");
    codes.flags = ARROW_FLAG_DICTIONARY_ORDERED;
    EXPECT_EQ(foreign_type_of(codes), "dictionary<values=string, indices=int8, ordered=1>");
}

TEST(ForeignType, a_field_s_metadata_may_say_what_its_values_were) {
    ArrowSchema column = of("+s");
    const std::string metadata = metadata_of_type("object (int and str)");
    column.metadata = metadata.c_str();
    EXPECT_EQ(foreign_type_of(column), "object (int and str)");
    // Behind another key, as Arrow lays them out; alone, the other one says nothing.
    std::string two("\2\0\0\0\3\0\0\0key\5\0\0\0value", 20);
    two.append(metadata, 4);
    column.metadata = two.c_str();
    EXPECT_EQ(foreign_type_of(column), "object (int and str)");
    two[0] = 1;
    EXPECT_EQ(foreign_type_of(column), "struct");
}

TEST(ForeignType, a_decimal_of_128_bits_is_a_number_with_or_without_saying_so) {
    EXPECT_EQ(type_of(of("d:21,1")), Type::real);
    EXPECT_EQ(type_of(of("d:21,1,128")), Type::real);
    EXPECT_EQ(type_of(of("d:40,2,256")), Type::unsupported);
    EXPECT_EQ(type_of(of("d:9,2,32")), Type::unsupported);
}
