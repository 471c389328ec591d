/** Taking members out of a JSON object that was read; each tells whether the member is there and has its kind. */
#ifndef QUINTET_JSON_FIELDS_MQH
#define QUINTET_JSON_FIELDS_MQH

#include <Quintet/JsonReader.mqh>

bool JsonIsNull(const JsonField &fields[], const string path) {
	int place = JsonFind(fields, path);
	return place >= 0 && fields[place].kind == JSON_NULL;
}

bool JsonTakeText(const JsonField &fields[], const string path, string &text) {
	int place = JsonFind(fields, path);
	if(place < 0 || fields[place].kind != JSON_TEXT)
		return false;
	text = fields[place].text;
	return true;
}

/** A text that is not empty and not longer than `limit`. */
bool JsonTakeBounded(const JsonField &fields[], const string path, const int limit, string &text) {
	return JsonTakeText(fields, path, text) && text != "" && StringLen(text) <= limit;
}

/** Whole numbers of at most fifteen digits, which a double and JavaScript hold exactly. */
bool JsonTakeWhole(const JsonField &fields[], const string path, long &value) {
	int place = JsonFind(fields, path);
	if(place < 0 || fields[place].kind != JSON_NUMBER)
		return false;
	string text = fields[place].text;
	int digits = StringLen(text);
	for(int i = 0; i < StringLen(text); i++) {
		ushort character = StringGetCharacter(text, i);
		if(i == 0 && character == '-')
			digits--;
		else if(character < '0' || character > '9')
			return false;
	}
	if(digits > 15)
		return false;
	value = StringToInteger(text);
	return true;
}

/**
 * Digits only, as tickets and chart ids are sent: JavaScript's numbers do not hold them all. Everything that a ulong
 * holds; StringToInteger would stop at the largest long.
 */
bool JsonTakeDigits(const JsonField &fields[], const string path, ulong &value) {
	string text = "";
	if(!JsonTakeText(fields, path, text) || text == "" || StringLen(text) > 20)
		return false;
	ulong sum = 0;
	for(int i = 0; i < StringLen(text); i++) {
		ushort character = StringGetCharacter(text, i);
		if(character < '0' || character > '9')
			return false;
		ulong next = sum * 10 + (ulong)(character - '0');
		// What does not fit wraps around, and then this does not come out.
		if(next / 10 != sum)
			return false;
		sum = next;
	}
	value = sum;
	return true;
}

#endif
