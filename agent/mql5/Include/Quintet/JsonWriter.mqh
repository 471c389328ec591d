/**
 * Writing JSON: an object is a string that begins with JsonBegin and gets its members one by one. Every
 * character that JSON does not take as it is comes out escaped, half surrogates too, so that the text always
 * survives the way to UTF-8 and back.
 */
#ifndef QUINTET_JSON_WRITER_MQH
#define QUINTET_JSON_WRITER_MQH

#include <Quintet/Crc32.mqh>

string JsonQuote(const string text) {
	string result = "\"";
	int length = StringLen(text);
	for(int i = 0; i < length; i++) {
		ushort character = StringGetCharacter(text, i);
		if(character == '"')
			result += "\\\"";
		else if(character == '\\')
			result += "\\\\";
		else if(character < 32 || character == 127 || (character >= 0xD800 && character <= 0xDFFF))
			result += "\\u" + HexText(character, 4);
		else
			result += ShortToString(character);
	}
	return result + "\"";
}

/** The first `limit` characters: the contract bounds its texts. */
string Bounded(const string text, const int limit) {
	if(StringLen(text) <= limit)
		return text;
	return StringSubstr(text, 0, limit);
}

/** Adds `raw`, which is JSON already, as a member of the object. */
void JsonAddRaw(string &object, const string name, const string raw) {
	if(object != "{")
		object += ",";
	object += JsonQuote(name) + ":" + raw;
}

string JsonBegin() {
	return "{";
}

string JsonEnd(const string object) {
	return object + "}";
}

void JsonAddText(string &object, const string name, const string text) {
	JsonAddRaw(object, name, JsonQuote(text));
}

void JsonAddWhole(string &object, const string name, const long value) {
	JsonAddRaw(object, name, IntegerToString(value));
}

/** Digits as text: IntegerToString takes a long, and would write the upper half of the tickets as negative. */
string TicketText(const ulong ticket) {
	string last = IntegerToString((long)(ticket % 10));
	return ticket < 10 ? last : IntegerToString((long)(ticket / 10)) + last;
}

void JsonAddTicket(string &object, const string name, const ulong ticket) {
	JsonAddText(object, name, TicketText(ticket));
}

void JsonAddFlag(string &object, const string name, const bool flag) {
	JsonAddRaw(object, name, flag ? "true" : "false");
}

/** An element of a list; the list is `[` + elements + `]`. */
void JsonAddElement(string &elements, const string raw) {
	if(elements != "")
		elements += ",";
	elements += raw;
}

#endif
