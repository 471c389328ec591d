#include "core/journal.h"
#include "core/text.h"
#include <chrono>
#include <cstdio>
#include <ctime>

namespace fs = std::filesystem;

namespace shim {

long long wallMs() {
	using namespace std::chrono;
	return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Journal::Journal(const fs::path &instance)
	 : terminalFolder_(instance / "logs"), programFolder_(instance / "MQL5" / "Logs") {
	fs::create_directories(terminalFolder_);
	fs::create_directories(programFolder_);
}

void Journal::terminal(const std::string &source, const std::string &message, int level) {
	write(terminalFolder_, source, message, level);
}

void Journal::program(const std::string &source, const std::string &message) {
	write(programFolder_, source, message, 0);
}

void Journal::write(const fs::path &folder, const std::string &source, const std::string &message, int level) {
	long long now = wallMs();
	auto seconds = static_cast<std::time_t>(now / 1000);
	std::tm local = *std::localtime(&seconds);
	char name[32];
	char time[32];
	std::strftime(name, sizeof name, "%Y%m%d.log", &local);
	std::strftime(time, sizeof time, "%H:%M:%S", &local);
	char stamp[48];
	std::snprintf(stamp, sizeof stamp, "%s.%03d", time, static_cast<int>(now % 1000));
	// The real terminal begins a line with two letters of a checksum; nothing depends on them.
	count_ = (count_ + 7) % 676;
	std::string mark{static_cast<char>('A' + count_ / 26), static_cast<char>('A' + count_ % 26)};
	std::string line = mark + "\t" + std::to_string(level) + "\t" + stamp + "\t" + source + "\t" + message + "\r\n";
	fs::path path = folder / name;
	std::string bytes = utf16Bytes(fromUtf8(line));
	appendFile(path, fs::exists(path) ? bytes : "\xff\xfe" + bytes);
}

} // namespace shim
