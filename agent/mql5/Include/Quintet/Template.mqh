/** Reading the chart template that the agent wrote: what the bridge reports of the EA stands in it. */
#ifndef QUINTET_TEMPLATE_MQH
#define QUINTET_TEMPLATE_MQH

#include <Quintet/JsonFields.mqh>
#include <Quintet/Paths.mqh>

struct TemplateFacts {
	/** Relative to Experts, without ending; empty when the template loads no EA. */
	string path;
	long magic;
	long generation;
	string settingsHash;
};

/** 1-60 letters, digits, `_` or `-`, and `.tpl`: nothing that could leave the folder. */
bool IsTemplateName(const string name) {
	int length = StringLen(name) - 4;
	return length >= 1 && length <= 60 && StringSubstr(name, length) == ".tpl" && IsPlainName(StringSubstr(name, 0, length));
}

bool IsPlainName(const string name) {
	for(int i = 0; i < StringLen(name); i++) {
		ushort character = StringGetCharacter(name, i);
		bool isLetter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
		bool isDigit = character >= '0' && character <= '9';
		if(!isLetter && !isDigit && character != '_' && character != '-')
			return false;
	}
	return true;
}

/** `Experts\Sub\MyEA.ex5` without its ends. */
string ExpertPath(const string path) {
	string result = path;
	if(StringFind(result, "Experts\\") == 0)
		result = StringSubstr(result, 8);
	int end = StringLen(result) - 4;
	if(end > 0 && StringSubstr(result, end) == ".ex5")
		result = StringSubstr(result, 0, end);
	return result;
}

/** One line of the template, inside the sections that `place` names. */
void TemplateTake(const string place, const string line, TemplateFacts &facts) {
	int equals = StringFind(line, "=");
	if(equals < 1)
		return;
	string key = StringSubstr(line, 0, equals);
	string value = equals + 1 < StringLen(line) ? StringSubstr(line, equals + 1) : "";
	if(place == "/chart/expert" && key == "path")
		facts.path = ExpertPath(value);
	if(place != "/chart/expert/inputs")
		return;
	if(key == "QuintetMagic")
		facts.magic = StringToInteger(value);
	else if(key == "QuintetGeneration")
		facts.generation = StringToInteger(value);
	else if(key == "QuintetSettingsHash")
		facts.settingsHash = value;
}

/** @returns false when the file cannot be read. */
bool TemplateRead(const string name, TemplateFacts &facts) {
	facts.path = "";
	facts.magic = 0;
	facts.generation = 0;
	facts.settingsHash = "";
	int file = FileOpen(TEMPLATE_FOLDER + name, FILE_READ | FILE_TXT | FILE_UNICODE | FILE_SHARE_READ | FILE_SHARE_WRITE);
	if(file == INVALID_HANDLE)
		return false;
	string place = "";
	while(!FileIsEnding(file)) {
		string line = FileReadString(file);
		if(StringGetCharacter(line, 0) == 0xFEFF)
			line = StringSubstr(line, 1);
		int length = StringLen(line);
		if(length < 3 || StringGetCharacter(line, 0) != '<') {
			TemplateTake(place, line, facts);
			continue;
		}
		if(StringGetCharacter(line, 1) != '/') {
			place += "/" + StringSubstr(line, 1, length - 2);
			continue;
		}
		string closing = "/" + StringSubstr(line, 2, length - 3);
		int parent = StringLen(place) - StringLen(closing);
		if(parent >= 0 && StringSubstr(place, parent) == closing)
			place = parent == 0 ? "" : StringSubstr(place, 0, parent);
	}
	FileClose(file);
	return true;
}

#endif
