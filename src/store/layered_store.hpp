#pragma once

#include "references.hpp"
#include "tristrata/store/store.hpp"

#include <string_view>
#include <utility>

namespace tristrata::store {

/// What a store is on every database: one layer of it, and references over a table of its own. `References`
/// is that table, made from the database.
template <class Database, class References>
class LayeredStore : public Store {
public:
    core::Result<Reference> promote(const Promotion& promotion) override {
        if (auto status = require(Layer::drift); !status) return propagate(status);
        References references(database_);
        return store::promote(references, promotion);
    }
    core::Result<Reference> roll_back(const Rollback& rollback) override {
        if (auto status = require(Layer::drift); !status) return propagate(status);
        References references(database_);
        return store::roll_back(references, rollback);
    }
    core::Result<Page<Reference>> query(const ReferenceQuery& query) override {
        if (auto status = require(Layer::drift); !status) return propagate(status);
        References references(database_);
        return store::query(references, query);
    }
    core::Result<Reference> current_reference(std::string_view module) override {
        if (auto status = require(Layer::drift); !status) return propagate(status);
        References references(database_);
        return store::current_reference(references, module);
    }
    core::Result<std::string> profile(std::string_view profile_sha256) override {
        if (auto status = require(Layer::drift); !status) return propagate(status);
        References references(database_);
        return store::profile(references, profile_sha256);
    }

protected:
    LayeredStore(Database database, Layer layer) : database_(std::move(database)), layer_(layer) {}
    /// An error where this is the store of another layer.
    [[nodiscard]] virtual core::Status require(Layer layer) const = 0;

    Database database_;
    Layer layer_;
};

}  // namespace tristrata::store
