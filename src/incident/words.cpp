#include "connection.hpp"
#include "tristrata/core/blank.hpp"
#include "tristrata/core/identifier.hpp"
#include "tristrata/incident/incident_store.hpp"

#include <fmt/format.h>

namespace tristrata::incident {

core::Result<Word> IncidentStore::say(const Word& word) {
    if (core::is_blank(word.who) || core::is_blank(word.why))
        return core::fail(core::ErrorKind::usage,
                          "somebody must say it, and what was found: --who NAME --why TEXT");
    const std::string stored = stored_time(word.at);
    // The same word at the same moment is one.
    const core::Uuid id =
        core::uuid_v5(core::tristrata_namespace(),
                      fmt::format("word {} {} {} {}", word.hypothesis, stored, word.who, word.why));
    auto written = database_->query(
        "INSERT INTO response.words (word_id, hypothesis, at, who, why) VALUES ($1, $2, $3, $4, $5) ON "
        "CONFLICT DO NOTHING",
        {core::to_string(id), word.hypothesis, stored, word.who, word.why});
    if (!written) return propagate(written);
    return word;
}

core::Result<std::vector<Word>> IncidentStore::words(core::Timestamp until) {
    auto rows = database_->query(
        fmt::format("SELECT hypothesis, {}, who, why FROM response.words WHERE at <= $1 ORDER BY at, word_id",
                    database_->time("at")),
        {stored_time(until)});
    if (!rows) return propagate(rows);
    std::vector<Word> words;
    for (const Row& row : *rows) {
        auto at = time_of(row[1]);
        if (!at) return propagate(at);
        words.push_back({row[0].value_or(""), *at, row[2].value_or(""), row[3].value_or("")});
    }
    return words;
}

}  // namespace tristrata::incident
