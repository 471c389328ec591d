#include "mql/program.h"
#include "core/text.h"
#include <cstdlib>

namespace mql {
namespace {

std::map<std::string, MakeProgram> &programs() {
	static std::map<std::string, MakeProgram> known;
	return known;
}

} // namespace

Registration::Registration(const char *name, MakeProgram make) { programs()[name] = std::move(make); }

std::unique_ptr<Program> makeProgram(const std::string &name) {
	auto found = programs().find(name);
	return found == programs().end() ? nullptr : found->second();
}

const std::string *Inputs::find(const char *name) const {
	auto found = values.find(name);
	return found == values.end() ? nullptr : &found->second;
}
void Inputs::take(const char *name, string &input) const {
	if(const std::string *value = find(name)) input = string(shim::fromUtf8(*value));
}
void Inputs::take(const char *name, bool &input) const {
	if(const std::string *value = find(name)) input = *value == "true" || *value == "1";
}
void Inputs::take(const char *name, int &input) const {
	if(const std::string *value = find(name)) input = std::atoi(value->c_str());
}
void Inputs::take(const char *name, mlong &input) const {
	if(const std::string *value = find(name)) input = std::atoll(value->c_str());
}
void Inputs::take(const char *name, double &input) const {
	if(const std::string *value = find(name)) input = std::atof(value->c_str());
}

} // namespace mql
