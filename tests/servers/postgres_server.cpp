#include "postgres_server.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace tristrata::servers {

PostgresServer::PostgresServer(const std::vector<std::string>& arguments) {
    int in[2]{}, out[2]{};
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    std::vector<std::string> words{TRISTRATA_PYTHON, TRISTRATA_SERVERS "/postgres.py"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    process_ = ::fork();
    if (process_ < 0) throw std::runtime_error("no process");
    if (process_ == 0) {
        ::dup2(in[0], 0);
        ::dup2(out[1], 1);
        ::execv(pointers[0], pointers.data());
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = in[1];
    from_ = out[0];
    const auto said = nlohmann::json::parse(read_line());
    port_ = said.at("port").get<int>();
    pooler_port_ = said.value("pooler_port", 0);
    password_ = said.at("password").get<std::string>();
    encoded_password_ = said.at("password_encoded").get<std::string>();
    authority_ = said.value("authority", std::string());
    folder_ = said.at("folder").get<std::string>();
}

PostgresServer::~PostgresServer() {
    ::close(to_);  // The end of its input.
    ::close(from_);
    int status = 0;
    ::waitpid(process_, &status, 0);
}

std::string PostgresServer::read_line() {
    while (true) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        char bytes[4096];
        const auto size = ::read(from_, bytes, sizeof bytes);
        if (size <= 0) throw std::runtime_error("the server did not come up; what it said is above");
        buffer_.append(bytes, static_cast<std::size_t>(size));
    }
}

void PostgresServer::command(const std::string& word) {
    const std::string line = word + "\n";
    if (::write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size()) || read_line() != word)
        throw std::runtime_error("the server did not obey: " + word);
}

std::string PostgresServer::url(const std::string& database, const std::string& query) const {
    return url_of("postgres", encoded_password_, database) + query;
}

std::string PostgresServer::url_of(const std::string& user, const std::string& encoded_password,
                                   const std::string& database) const {
    return "postgresql://" + user + ":" + encoded_password + "@127.0.0.1:" + std::to_string(port_) + "/" +
           database;
}

std::string PostgresServer::pooler_url(const std::string& database) const {
    return "postgresql://postgres:" + encoded_password_ + "@127.0.0.1:" + std::to_string(pooler_port_) + "/" +
           database;
}

std::vector<std::string> PostgresServer::full_disk() { return {"--full-disk", TRISTRATA_FULL_DISK}; }

std::string PostgresServer::log() const {
    std::stringstream text;
    text << std::ifstream(folder_ + "/postgres.log").rdbuf();
    return text.str();
}

}  // namespace tristrata::servers
