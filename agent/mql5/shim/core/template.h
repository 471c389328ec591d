// Reading a chart template as the terminal does, as far as Quintet writes one: agent/src/terminal/templateText.ts.
#pragma once
#include <map>
#include <optional>
#include <string>

namespace shim {

struct Template {
	std::map<std::string, std::string> chart;
	/** No value: the template loads no EA. */
	std::optional<std::map<std::string, std::string>> expert;
	std::map<std::string, std::string> inputs;
};

/** No value when the terminal would ignore the file: without byte order mark it does, silently. */
std::optional<Template> readTemplate(const std::string &bytes);

} // namespace shim
