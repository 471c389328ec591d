#include "core/template.h"
#include "core/text.h"

namespace shim {

std::optional<Template> readTemplate(const std::string &bytes) {
	if(!hasUtf16Mark(bytes)) return std::nullopt;
	Template result;
	std::string place;
	for(const std::string &line : split(toUtf8(decodeText(bytes)), "\r\n")) {
		if(line.empty()) continue;
		if(line.front() == '<' && line.back() == '>') {
			bool isClosing = line[1] == '/';
			std::string name = "/" + line.substr(isClosing ? 2 : 1, line.size() - (isClosing ? 3 : 2));
			if(!isClosing) {
				place += name;
				if(place == "/chart/expert") result.expert.emplace();
				continue;
			}
			if(place.size() < name.size() || place.substr(place.size() - name.size()) != name) return std::nullopt;
			place.resize(place.size() - name.size());
			continue;
		}
		auto equals = line.find('=');
		if(equals == std::string::npos || equals == 0) return std::nullopt;
		auto &target = place == "/chart/expert/inputs" ? result.inputs : result.chart;
		if(place == "/chart/expert") (*result.expert)[line.substr(0, equals)] = line.substr(equals + 1);
		else if(place == "/chart" || place == "/chart/expert/inputs") target[line.substr(0, equals)] = line.substr(equals + 1);
	}
	if(!place.empty() || result.chart.empty()) return std::nullopt;
	return result;
}

} // namespace shim
