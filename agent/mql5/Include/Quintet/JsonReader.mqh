/**
 * Reading JSON (RFC 8259), strictly: anything that is not JSON, a member named twice, or nesting deeper than
 * an envelope needs is refused as a whole. The result is flat: `{"args":{"magic":7}}` is the field
 * `args.magic` with the text `7`.
 */
#ifndef QUINTET_JSON_READER_MQH
#define QUINTET_JSON_READER_MQH

enum ENUM_JSON_KIND {
	JSON_OBJECT,
	JSON_LIST,
	JSON_TEXT,
	JSON_NUMBER,
	JSON_FLAG,
	JSON_NULL
};

struct JsonField {
	string path;
	ENUM_JSON_KIND kind;
	/** The text itself, or a number, `true` or `false` as it was written. */
	string text;
};

#define JSON_DEEPEST 6
#define JSON_MOST_FIELDS 2000

void JsonSkipBlanks(const string json, int &at) {
	while(at < StringLen(json)) {
		ushort character = StringGetCharacter(json, at);
		if(character != ' ' && character != '\t' && character != '\n' && character != '\r')
			return;
		at++;
	}
}

bool JsonIsAt(const string json, const int at, const ushort wanted) {
	return at < StringLen(json) && StringGetCharacter(json, at) == wanted;
}

bool JsonIsDigit(const string json, const int at) {
	if(at >= StringLen(json))
		return false;
	ushort character = StringGetCharacter(json, at);
	return character >= '0' && character <= '9';
}

int JsonHexDigit(const ushort character) {
	if(character >= '0' && character <= '9')
		return character - '0';
	if(character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	if(character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	return -1;
}

/** The character that the escape at `at` (after the backslash) stands for; -1 when there is no such escape. */
int JsonEscape(const string json, int &at) {
	ushort mark = StringGetCharacter(json, at);
	at++;
	switch(mark) {
		case '"': return '"';
		case '\\': return '\\';
		case '/': return '/';
		case 'b': return 8;
		case 'f': return 12;
		case 'n': return 10;
		case 'r': return 13;
		case 't': return 9;
		case 'u': break;
		default: return -1;
	}
	if(at + 4 > StringLen(json))
		return -1;
	int character = 0;
	for(int i = 0; i < 4; i++) {
		int digit = JsonHexDigit(StringGetCharacter(json, at + i));
		if(digit < 0)
			return -1;
		character = character * 16 + digit;
	}
	at += 4;
	// A zero would end the string in the functions that take a terminated one.
	return character == 0 ? -1 : character;
}

bool JsonReadText(const string json, int &at, string &text) {
	if(!JsonIsAt(json, at, '"'))
		return false;
	at++;
	text = "";
	int length = StringLen(json);
	while(at < length) {
		int character = StringGetCharacter(json, at);
		at++;
		if(character == '"')
			return true;
		if(character < 32)
			return false;
		if(character == '\\') {
			if(at >= length)
				return false;
			character = JsonEscape(json, at);
			if(character < 0)
				return false;
		}
		text += ShortToString((ushort)character);
	}
	return false;
}

bool JsonReadDigits(const string json, int &at) {
	int from = at;
	while(JsonIsDigit(json, at))
		at++;
	return at > from;
}

bool JsonReadNumber(const string json, int &at, string &text) {
	int from = at;
	if(JsonIsAt(json, at, '-'))
		at++;
	bool isZero = JsonIsAt(json, at, '0');
	int whole = at;
	if(!JsonReadDigits(json, at) || (isZero && at > whole + 1))
		return false;
	if(JsonIsAt(json, at, '.')) {
		at++;
		if(!JsonReadDigits(json, at))
			return false;
	}
	if(JsonIsAt(json, at, 'e') || JsonIsAt(json, at, 'E')) {
		at++;
		if(JsonIsAt(json, at, '+') || JsonIsAt(json, at, '-'))
			at++;
		if(!JsonReadDigits(json, at))
			return false;
	}
	text = StringSubstr(json, from, at - from);
	return true;
}

int JsonFind(const JsonField &fields[], const string path) {
	for(int i = 0; i < ArraySize(fields); i++) {
		if(fields[i].path == path)
			return i;
	}
	return -1;
}

bool JsonAddField(JsonField &fields[], const string path, const ENUM_JSON_KIND kind, const string text) {
	int count = ArraySize(fields);
	if(count >= JSON_MOST_FIELDS || JsonFind(fields, path) >= 0)
		return false;
	ArrayResize(fields, count + 1, 64);
	fields[count].path = path;
	fields[count].kind = kind;
	fields[count].text = text;
	return true;
}

bool JsonReadWord(const string json, int &at, const string word) {
	if(StringSubstr(json, at, StringLen(word)) != word)
		return false;
	at += StringLen(word);
	return true;
}

/** The members of an object or the elements of a list, from after its opening bracket on. */
bool JsonReadInside(const string json, int &at, const string path, const bool isList, const int depth, JsonField &fields[]) {
	ushort closing = isList ? ']' : '}';
	JsonSkipBlanks(json, at);
	if(JsonIsAt(json, at, closing)) {
		at++;
		return true;
	}
	for(int count = 0;; count++) {
		string name = IntegerToString(count);
		JsonSkipBlanks(json, at);
		if(!isList) {
			// A point in a name could make two different members one path.
			if(!JsonReadText(json, at, name) || name == "" || StringFind(name, ".") >= 0)
				return false;
			JsonSkipBlanks(json, at);
			if(!JsonIsAt(json, at, ':'))
				return false;
			at++;
		}
		if(!JsonReadValue(json, at, path == "" ? name : path + "." + name, depth, fields))
			return false;
		JsonSkipBlanks(json, at);
		if(JsonIsAt(json, at, closing)) {
			at++;
			return true;
		}
		if(!JsonIsAt(json, at, ','))
			return false;
		at++;
	}
	return false;
}

bool JsonReadValue(const string json, int &at, const string path, const int depth, JsonField &fields[]) {
	JsonSkipBlanks(json, at);
	if(at >= StringLen(json))
		return false;
	ushort first = StringGetCharacter(json, at);
	string text = "";
	if(first == '{' || first == '[') {
		bool isList = first == '[';
		at++;
		return depth < JSON_DEEPEST && JsonAddField(fields, path, isList ? JSON_LIST : JSON_OBJECT, "") &&
				 JsonReadInside(json, at, path, isList, depth + 1, fields);
	}
	if(first == '"')
		return JsonReadText(json, at, text) && JsonAddField(fields, path, JSON_TEXT, text);
	if(first == 't')
		return JsonReadWord(json, at, "true") && JsonAddField(fields, path, JSON_FLAG, "true");
	if(first == 'f')
		return JsonReadWord(json, at, "false") && JsonAddField(fields, path, JSON_FLAG, "false");
	if(first == 'n')
		return JsonReadWord(json, at, "null") && JsonAddField(fields, path, JSON_NULL, "");
	return JsonReadNumber(json, at, text) && JsonAddField(fields, path, JSON_NUMBER, text);
}

/** @returns false when `json` is anything but one whole JSON object. */
bool JsonRead(const string json, JsonField &fields[]) {
	ArrayResize(fields, 0);
	int at = 0;
	if(!JsonReadValue(json, at, "", 0, fields) || fields[0].kind != JSON_OBJECT)
		return false;
	JsonSkipBlanks(json, at);
	return at == StringLen(json);
}

#endif
