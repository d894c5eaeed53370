#include "libpq.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <mutex>

namespace tristrata::database {
namespace {

constexpr const char* shared_object = "libpq.so.5";

/// The library, for good; null before it is loaded.
void* loaded = nullptr;
std::mutex loading;

template <class Function>
Function* function(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(loaded, name));
}

}  // namespace

core::Status load_libpq(const char* file) {
    void* handle = ::dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return core::fail(
            core::ErrorKind::unavailable,
            fmt::format("PostgreSQL needs libpq, and {} cannot be loaded ({}); install Debian's "
                        "package libpq5",
                        file, ::dlerror()));
    // The youngest of the functions below.
    if (::dlsym(handle, "PQsslAttribute") == nullptr) {
        ::dlclose(handle);
        return core::fail(
            core::ErrorKind::unavailable,
            fmt::format("{} has no function PQsslAttribute: it is not libpq of PostgreSQL 9.5 or newer; "
                        "install Debian's package libpq5",
                        file));
    }
    const std::scoped_lock lock(loading);
    loaded = handle;
    return {};
}

core::Status load_libpq() {
    {
        const std::scoped_lock lock(loading);
        if (loaded != nullptr) return {};
    }
    return load_libpq(shared_object);
}

}  // namespace tristrata::database

// The functions of libpq that are used, each handed on to the library: to its callers nothing is unusual.
using tristrata::database::function;

int PQbackendPID(const PGconn* conn) {
    static auto* const real = function<decltype(PQbackendPID)>("PQbackendPID");
    return real(conn);
}
void PQclear(PGresult* res) {
    static auto* const real = function<decltype(PQclear)>("PQclear");
    real(res);
}
char* PQcmdStatus(PGresult* res) {
    static auto* const real = function<decltype(PQcmdStatus)>("PQcmdStatus");
    return real(res);
}
char* PQcmdTuples(PGresult* res) {
    static auto* const real = function<decltype(PQcmdTuples)>("PQcmdTuples");
    return real(res);
}
PQconninfoOption* PQconndefaults() {
    static auto* const real = function<decltype(PQconndefaults)>("PQconndefaults");
    return real();
}
PostgresPollingStatusType PQconnectPoll(PGconn* conn) {
    static auto* const real = function<decltype(PQconnectPoll)>("PQconnectPoll");
    return real(conn);
}
PGconn* PQconnectStartParams(const char* const* keywords, const char* const* values, int expand) {
    static auto* const real = function<decltype(PQconnectStartParams)>("PQconnectStartParams");
    return real(keywords, values, expand);
}
void PQconninfoFree(PQconninfoOption* options) {
    static auto* const real = function<decltype(PQconninfoFree)>("PQconninfoFree");
    real(options);
}
int PQconsumeInput(PGconn* conn) {
    static auto* const real = function<decltype(PQconsumeInput)>("PQconsumeInput");
    return real(conn);
}
char* PQerrorMessage(const PGconn* conn) {
    static auto* const real = function<decltype(PQerrorMessage)>("PQerrorMessage");
    return real(conn);
}
void PQfinish(PGconn* conn) {
    static auto* const real = function<decltype(PQfinish)>("PQfinish");
    real(conn);
}
int PQflush(PGconn* conn) {
    static auto* const real = function<decltype(PQflush)>("PQflush");
    return real(conn);
}
char* PQfname(const PGresult* res, int column) {
    static auto* const real = function<decltype(PQfname)>("PQfname");
    return real(res, column);
}
Oid PQftype(const PGresult* res, int column) {
    static auto* const real = function<decltype(PQftype)>("PQftype");
    return real(res, column);
}
PGresult* PQgetResult(PGconn* conn) {
    static auto* const real = function<decltype(PQgetResult)>("PQgetResult");
    return real(conn);
}
int PQgetisnull(const PGresult* res, int row, int column) {
    static auto* const real = function<decltype(PQgetisnull)>("PQgetisnull");
    return real(res, row, column);
}
int PQgetlength(const PGresult* res, int row, int column) {
    static auto* const real = function<decltype(PQgetlength)>("PQgetlength");
    return real(res, row, column);
}
char* PQgetvalue(const PGresult* res, int row, int column) {
    static auto* const real = function<decltype(PQgetvalue)>("PQgetvalue");
    return real(res, row, column);
}
int PQisBusy(PGconn* conn) {
    static auto* const real = function<decltype(PQisBusy)>("PQisBusy");
    return real(conn);
}
int PQnfields(const PGresult* res) {
    static auto* const real = function<decltype(PQnfields)>("PQnfields");
    return real(res);
}
int PQntuples(const PGresult* res) {
    static auto* const real = function<decltype(PQntuples)>("PQntuples");
    return real(res);
}
int PQputCopyData(PGconn* conn, const char* bytes, int size) {
    static auto* const real = function<decltype(PQputCopyData)>("PQputCopyData");
    return real(conn, bytes, size);
}
int PQputCopyEnd(PGconn* conn, const char* reason) {
    static auto* const real = function<decltype(PQputCopyEnd)>("PQputCopyEnd");
    return real(conn, reason);
}
char* PQresultErrorField(const PGresult* res, int field) {
    static auto* const real = function<decltype(PQresultErrorField)>("PQresultErrorField");
    return real(res, field);
}
ExecStatusType PQresultStatus(const PGresult* res) {
    static auto* const real = function<decltype(PQresultStatus)>("PQresultStatus");
    return real(res);
}
int PQsendQuery(PGconn* conn, const char* query) {
    static auto* const real = function<decltype(PQsendQuery)>("PQsendQuery");
    return real(conn, query);
}
int PQsendQueryParams(PGconn* conn, const char* query, int count, const Oid* types, const char* const* values,
                      const int* lengths, const int* formats, int format) {
    static auto* const real = function<decltype(PQsendQueryParams)>("PQsendQueryParams");
    return real(conn, query, count, types, values, lengths, formats, format);
}
int PQserverVersion(const PGconn* conn) {
    static auto* const real = function<decltype(PQserverVersion)>("PQserverVersion");
    return real(conn);
}
PGVerbosity PQsetErrorVerbosity(PGconn* conn, PGVerbosity verbosity) {
    static auto* const real = function<decltype(PQsetErrorVerbosity)>("PQsetErrorVerbosity");
    return real(conn, verbosity);
}
PQnoticeReceiver PQsetNoticeReceiver(PGconn* conn, PQnoticeReceiver receiver, void* argument) {
    static auto* const real = function<decltype(PQsetNoticeReceiver)>("PQsetNoticeReceiver");
    return real(conn, receiver, argument);
}
int PQsetSingleRowMode(PGconn* conn) {
    static auto* const real = function<decltype(PQsetSingleRowMode)>("PQsetSingleRowMode");
    return real(conn);
}
int PQsetnonblocking(PGconn* conn, int on) {
    static auto* const real = function<decltype(PQsetnonblocking)>("PQsetnonblocking");
    return real(conn, on);
}
int PQsocket(const PGconn* conn) {
    static auto* const real = function<decltype(PQsocket)>("PQsocket");
    return real(conn);
}
const char* PQsslAttribute(PGconn* conn, const char* name) {
    static auto* const real = function<decltype(PQsslAttribute)>("PQsslAttribute");
    return real(conn, name);
}
int PQsslInUse(PGconn* conn) {
    static auto* const real = function<decltype(PQsslInUse)>("PQsslInUse");
    return real(conn);
}
ConnStatusType PQstatus(const PGconn* conn) {
    static auto* const real = function<decltype(PQstatus)>("PQstatus");
    return real(conn);
}
