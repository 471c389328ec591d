// An MQL5 program as the shim runs it: translate.ts makes one class of each .mq5.
#pragma once
#include "mql/types.h"
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace mql {

/** The values of inputs by name, as a template or a .set file has them (UTF-8). */
class Inputs {
public:
	std::map<std::string, std::string> values;
	void take(const char *name, string &input) const;
	void take(const char *name, bool &input) const;
	void take(const char *name, int &input) const;
	void take(const char *name, mlong &input) const;
	void take(const char *name, double &input) const;

private:
	const std::string *find(const char *name) const;
};

class Program {
public:
	virtual ~Program() = default;
	virtual void bindInputs(const Inputs &inputs) = 0;
	virtual int callInit() { return 0; }
	virtual void callDeinit(int) {}
	virtual void callTimer() {}
	virtual void callTick() {}
};

using MakeProgram = std::function<std::unique_ptr<Program>()>;

/** Makes a program known by its name below Experts, e.g. `Quintet\QuintetBridge`. */
struct Registration {
	Registration(const char *name, MakeProgram make);
};

/** Null when there is no such program. */
std::unique_ptr<Program> makeProgram(const std::string &name);

} // namespace mql
