#include "kinds.hpp"
#include "tables.hpp"

#include <arrow/api.h>
#include <fcntl.h>
#include <unistd.h>
#include <fstream>
#include <iterator>

namespace tristrata::sources {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StandardInput : public testing::Tables {
public:
    core::Result<std::unique_ptr<dataset::Source>> piped(const std::string& path) {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        EXPECT_GE(descriptor, 0) << path;
        auto source = open_standard_input(descriptor, {}, {});
        ::close(descriptor);
        return source;
    }
};

std::shared_ptr<arrow::Table> one_column() {
    arrow::DoubleBuilder builder;
    EXPECT_TRUE(builder.AppendValues({1.5, 2.5, 3.5}).ok());
    return arrow::Table::Make(arrow::schema({arrow::field("x", arrow::float64())}), {*builder.Finish()});
}

TEST_F(StandardInput, every_format_is_told_by_its_first_bytes) {
    const std::string csv = "x\n1.5\n2.5\n3.5\n";
    const auto table = one_column();
    for (const auto& path :
         {file("a.csv", csv), gzip_file("a.csv.gz", csv), parquet_file("a.parquet", *table),
          ipc_file("a.arrow", *table, Ipc::file), ipc_file("s.arrow", *table, Ipc::stream)}) {
        const auto source = piped(path);
        ASSERT_TRUE(source.has_value()) << path << ": " << source.error().message;
        EXPECT_EQ((*source)->name(), "standard input");
        EXPECT_THAT(testing::column(**source, "x").numbers, ElementsAre(1.5, 2.5, 3.5)) << path;
        EXPECT_THAT(testing::column(**source, "x").numbers, ElementsAre(1.5, 2.5, 3.5)) << "a second time";
    }
}

TEST_F(StandardInput, the_same_bytes_have_the_same_digest_as_the_file) {
    const auto path = file("a.csv", "x\n1\n2\n");
    const auto source = piped(path);
    ASSERT_TRUE(source.has_value());
    EXPECT_EQ(*(*source)->digest({}), *testing::opened(path)->digest({}));
}

TEST_F(StandardInput, an_error_names_standard_input_and_not_where_it_was_kept) {
    for (const auto& bytes : {std::string(), std::string("x,y\n1,2\n3\n"), std::string("PAR1 and no more")}) {
        const auto source = piped(file("bad", bytes));
        std::string message;
        if (!source) {
            message = source.error().message;
        } else {
            const std::size_t all[]{0};
            auto stream = (*source)->open(all, {});
            while (stream) {
                const auto batch = (*stream)->next();
                if (!batch) message = batch.error().message;
                if (!batch || !*batch) break;
            }
        }
        EXPECT_THAT(message, HasSubstr("standard input"));
        EXPECT_THAT(message, Not(HasSubstr("/proc")));
    }
}

TEST_F(StandardInput, half_a_gzip_file_is_refused) {
    const auto whole = gzip_file("a.csv.gz", std::string("x\n") + std::string(5000, '1') + "\n");
    std::ifstream in(whole, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto source = piped(file("half.gz", bytes.substr(0, bytes.size() / 2)));
    ASSERT_FALSE(source.has_value());
    EXPECT_THAT(source.error().message, HasSubstr("standard input"));
}

}  // namespace
}  // namespace tristrata::sources
