#include "tristrata/readiness/plan.hpp"

#include "golden_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>
#include <cstdlib>
#include <ctime>

using namespace tristrata;
using namespace tristrata::readiness;

TEST(Plan, knows_header_and_sections_with_their_lines) {
    const auto plan = parse_plan(right_plan(), "plan.md");
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->title.line, 1u);
    EXPECT_EQ(plan->story.value, "CVN-N001-EF-S07");
    EXPECT_EQ(plan->owner.value, "@maria");
    EXPECT_EQ(plan->owner.line, 4u);
    EXPECT_EQ(plan->sections.size(), 7u);
    const Section* alerting = plan->find(Part::alerting);
    ASSERT_NE(alerting, nullptr);
    EXPECT_EQ(alerting->line, 18u);
    ASSERT_EQ(alerting->entries.size(), 3u);
    EXPECT_EQ(alerting->entries[0].kind, Entry::Kind::columns);
    EXPECT_EQ(alerting->entries[0].line, 20u);
    EXPECT_EQ(alerting->entries[1].cells[0], "VarianceDispersionDead");
    EXPECT_EQ(alerting->entries[1].line, 22u);
    EXPECT_EQ(alerting->entries[2].line, 23u);
}

TEST(Plan, carriage_returns_and_a_byte_order_mark_change_nothing) {
    std::string other = "\xEF\xBB\xBF";
    for (const char c : right_plan()) other += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const auto outcome = judged(other);
    EXPECT_TRUE(outcome.findings.empty());
    EXPECT_EQ(parse_plan(other, "plan.md")->find(Part::owner)->line,
              parse_plan(right_plan(), "plan.md")->find(Part::owner)->line);
}

TEST(Plan, says_what_it_cannot_read) {
    std::string wide = "\xFF\xFE", bare;
    for (const char c : right_plan()) {
        (wide += c) += '\0';
        (bare += c) += '\0';
    }
    for (const auto& [text, word] :
         std::vector<std::pair<std::string, std::string>>{{wide, "UTF-16"},
                                                          {bare, "UTF-16"},
                                                          {right_plan() + '\0', "NUL"},
                                                          {right_plan() + "\xFF", "not UTF-8"},
                                                          {std::string(8'000'000, 'a'), "256 KiB"},
                                                          {std::string(40'000, 'a'), "32 KiB"},
                                                          {std::string(10'000, '>'), "64 lists or quotes"}}) {
        const auto plan = parse_plan(text, "plan.md");
        ASSERT_FALSE(plan) << word;
        EXPECT_THAT(plan.error().message, testing::HasSubstr(word));
        EXPECT_EQ(core::traits(plan.error().kind).exit_code, 3) << word;
    }
}

TEST(Plan, headings_in_code_and_in_comments_are_none) {
    const auto plan = parse_plan(
        "# MLOps readiness — X\n\n```\n## 4. Staged rollout (MUST)\n```\n\n<!--\n## 5. Rollback plan "
        "(MUST)\n-->\n\n    ## 6. Owner & DRI (MUST)\n",
        "plan.md");
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->sections.empty());
    EXPECT_TRUE(parse_plan("<!--\n" + right_plan() + "\n-->\n", "plan.md")->sections.empty());
}

TEST(Plan, of_an_issue_ends_where_another_heading_begins) {
    std::string body = "# The story\n\nText\n\n## MLOps readiness\n\n";
    std::istringstream lines(right_plan().substr(right_plan().find("Story:")));
    for (std::string line; std::getline(lines, line);)
        body += (line.starts_with("## ") ? "#" : "") + line + "\n";
    body += "\n## Acceptance\n\n- [ ] not a box of the sign-off\n";
    const auto plan = parse_issue(body, "issue.md");
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->line, 5u);
    EXPECT_EQ(plan->sections.size(), 7u);
    const Policy policy = Policy::defaults();
    CheckOptions options;
    options.now = the_day();
    options.policy = &policy;
    EXPECT_THAT(found_in(check(*plan, options)), testing::IsEmpty());
    EXPECT_FALSE(parse_issue("# The story\n", "issue.md"));
}

TEST(Plan, is_not_taken_through_a_link_that_leads_out) {
    std::string pattern = (std::filesystem::temp_directory_path() / "readiness-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(folder / "inside/real");
    std::ofstream(folder / "outside.md") << "# secret\n";
    std::ofstream(folder / "inside/real/plan.md") << "# plan\n";
    std::filesystem::create_symlink(folder / "outside.md", folder / "inside/out.md");
    std::filesystem::create_symlink("real/plan.md", folder / "inside/in.md");
    EXPECT_EQ(*read_text(folder / "inside/in.md", folder / "inside"), "# plan\n");
    const auto out = read_text(folder / "inside/out.md", folder / "inside");
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().kind, core::ErrorKind::refused);
    EXPECT_EQ(read_text(folder / "inside/../outside.md", folder / "inside").error().kind,
              core::ErrorKind::refused);
    EXPECT_EQ(read_text(folder / "inside/real", folder / "inside").error().kind, core::ErrorKind::refused);
    EXPECT_EQ(read_text(folder / "inside/none.md", folder / "inside").error().kind,
              core::ErrorKind::not_found);
    std::filesystem::remove_all(folder);
}

// What makes parsers of Markdown slow: so many times as much of it takes some so many times as long, or
// is refused.
TEST(Plan, takes_no_quadratic_time) {
    // Of the processor, not of the wall: others use the machine too.
    const auto seconds = [](const std::string& text) {
        const std::clock_t begin = std::clock();
        (void)judged(text);
        return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    };
    const std::pair<const char*, const char*> begun[]{{"### Canary\n\n", "AB aa BTC "},
                                                      {"", "|a|\n|-|\n\n"},
                                                      {"", "not redeploy "},
                                                      {"", "- PSI 0.3 / 0.6\n\n"},
                                                      {"", "- Shadow: 7 days (a b c d "},
                                                      {"", "- PSI: (1 "}};
    std::vector<std::pair<std::string, std::string>> cases;
    for (const auto& [heading, piece] : begun)
        for (const char* section : {"## 3. Drift detection (MUST)\n\n", "## 4. Staged rollout (MUST)\n\n",
                                    "## 5. Rollback plan (MUST)\n\n"})
            cases.emplace_back(std::string(section) + heading, piece);
    for (const std::string piece : {"![[]()",
                                    "[a](",
                                    "**a",
                                    "<!A",
                                    "<?",
                                    "`a``",
                                    "> ",
                                    "- \n\n",
                                    "|a|\n|-|\n",
                                    "|x",
                                    "[^1]: a\n\n",
                                    "\\",
                                    "&amp",
                                    "_a__",
                                    "<a@",
                                    "1) \n\n",
                                    "# 4. rollout\n",
                                    "@a ",
                                    "Shadow: 1 d\n\n",
                                    "[x]: a\n\n",
                                    "~~~\n"})
        cases.emplace_back("", piece);
    for (const auto& [heading, piece] : cases) {
        std::string small, large;
        const auto filled = [&](std::size_t bytes) {
            std::string text = heading;
            while (text.size() + piece.size() + 2 < bytes) {
                text += piece;
                if (text.size() % 30'000 < piece.size()) text += "\n\n";
            }
            return text;
        };
        // The parser's own cost grows within a paragraph, whose length is limited: the small text has a whole
        // one. A rule's may not: eight KB, a part of one, against all that is read.
        const std::size_t parts = heading.empty() ? 8 : 32;
        small = filled(plan_bytes_max / parts), large = filled(plan_bytes_max - 8);
        try {
            (void)judged(large);
        } catch (const std::runtime_error&) {
            continue;  // Refused by a limit.
        }
        double one = std::max(seconds(small), 0.002), all = seconds(large);
        // Linear: 8 or 32; quadratic: 64 or 1,024, and 110 where it is so within each paragraph.
        const double most = heading.empty() ? 30.0 : 70.0;
        if (all >= most * one) {  // Once more: others may have had the core's caches meanwhile.
            one = std::max(one, seconds(small));
            all = std::min(all, seconds(large));
        }
        EXPECT_LT(all, most * one) << heading << piece;
    }
}

RC_GTEST_PROP(Plan, no_text_ends_it, ()) {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "## 4. Staged rollout (MUST)\n", "- Shadow: ", "7 days", "| a | b |\n", "|---|---|\n", "\n", "```\n",
        "<!--", "-->", "**SKIP — JUSTIFICATION**:", "<x>", "\u202e", "@a", "2026-05-01", "Owner :", "> ",
        "  - ", "\t", "&#0;"));
    std::string text;
    for (const auto& piece : pieces) text += piece;
    const auto plan = parse_plan(text, "plan.md");
    RC_ASSERT(plan.has_value());
    const auto outcome = judged(text);
    for (const auto& finding : outcome.findings)
        RC_ASSERT(finding.line <= static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1);
}
