// The terminal's journal and the log of MQL programs, as agent/simulator/journal.ts writes them.
#pragma once
#include <filesystem>
#include <string>

namespace shim {

class Journal {
public:
	explicit Journal(const std::filesystem::path &instance);
	/** level: 0 information, 1 warning, 2 error. */
	void terminal(const std::string &source, const std::string &message, int level = 0);
	/** A line that an MQL program printed; source is `<name> (<symbol>,<timeframe>)`. */
	void program(const std::string &source, const std::string &message);

private:
	void write(const std::filesystem::path &folder, const std::string &source, const std::string &message, int level);
	std::filesystem::path terminalFolder_;
	std::filesystem::path programFolder_;
	int count_ = 0;
};

/** Milliseconds since 1970, GMT. */
long long wallMs();

} // namespace shim
