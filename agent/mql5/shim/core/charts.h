// The terminal's charts, and the MQL programs that run on them.
#pragma once
#include "mql/program.h"
#include <memory>
#include <string>
#include <vector>

namespace shim {

/** A program on its chart, from its attaching on. */
struct Expert {
	/** Below Experts, without ending. */
	std::string path;
	bool mayTrade = false;
	mql::Inputs inputs;
	/** Null until OnInit begins. */
	std::unique_ptr<mql::Program> program;
	/** Monotonic time at which OnInit is through. */
	unsigned long long initAtMs = 0;
	int timerMs = 0;
	unsigned long long timerAtMs = 0;
	bool isBridge() const { return path == "Quintet\\QuintetBridge"; }
	std::string name() const { return path.substr(path.rfind('\\') + 1); }
};

struct Chart {
	long long id = 0;
	std::string symbol;
	/** ENUM_TIMEFRAMES. */
	int period = 0;
	std::unique_ptr<Expert> expert;
	/** Bytes of the template that was applied last, for the profile. */
	std::string templateBytes;
};

/** `M15`, `H1` and so on. */
std::string timeframeName(int period);

} // namespace shim
