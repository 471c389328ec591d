#include "core/ini.h"
#include "core/text.h"

namespace shim {

Ini readIni(const std::string &bytes) {
	Ini ini;
	std::map<std::string, std::string> *current = nullptr;
	for(const std::string &line : split(toUtf8(decodeText(bytes)), "\r\n\v\f")) {
		if(line.empty() || line[0] == ';') continue;
		if(line.front() == '[' && line.back() == ']') {
			current = &ini[line.substr(1, line.size() - 2)];
			continue;
		}
		auto equals = line.find('=');
		if(!current) continue;
		current->emplace(line.substr(0, equals), equals == std::string::npos ? "" : line.substr(equals + 1));
	}
	return ini;
}

std::string iniValue(const Ini &ini, const std::string &section, const std::string &key) {
	auto keys = ini.find(section);
	if(keys == ini.end()) return "";
	auto value = keys->second.find(key);
	return value == keys->second.end() ? "" : value->second;
}

} // namespace shim
