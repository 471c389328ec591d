// The main window where there is none: the folder `sim-window/` of agent/simulator/windowFolder.ts. Whoever would
// post a window message writes `<id>.json` with a verb; `pump.json` shows that messages are still taken.
#pragma once
#include "core/terminal.h"
#include <filesystem>

namespace shim {

class WindowFolder {
public:
	explicit WindowFolder(Terminal &terminal);
	/** Takes what was posted; returns at once. */
	void tick();
	void close();

private:
	void open();
	void pump();
	void take();
	void carryOut(const std::string &bytes);
	Terminal &terminal_;
	std::filesystem::path folder_;
	bool isOpen_ = false;
	unsigned long long pumpAtMs_ = 0;
	unsigned long long takeAtMs_ = 0;
};

} // namespace shim
