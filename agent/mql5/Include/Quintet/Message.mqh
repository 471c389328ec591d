/**
 * The frame of every file between agent and bridge; agent/src/bridge/contract.ts states it:
 *
 *   <bytes of json> <crc32 of json, 8 hex digits> <id>\n<json>\n#END <id>\n
 *
 * A file that does not check out is no news: it is being written, or was torn.
 */
#ifndef QUINTET_MESSAGE_MQH
#define QUINTET_MESSAGE_MQH

#include <Quintet/Crc32.mqh>

#define MESSAGE_LARGEST_BYTES 4194304
#define MESSAGE_LONGEST_ID 40
/** The other side may hold the old file open: then the rename fails for a moment. */
#define MOVE_TRIES 10
#define MOVE_PAUSE_MS 5

/** UTF-8 bytes of a text, without the zero at its end. @returns how many */
int Utf8Bytes(const string text, uchar &bytes[]) {
	int count = StringToCharArray(text, bytes, 0, -1, CP_UTF8);
	while(count > 0 && bytes[count - 1] == 0)
		count--;
	ArrayResize(bytes, count);
	return count;
}

/** Writes `<path>.tmp` and renames it over `path`. */
bool ReplaceFile(const string path, const uchar &bytes[]) {
	string temporary = path + ".tmp";
	int file = FileOpen(temporary, FILE_WRITE | FILE_BIN);
	if(file == INVALID_HANDLE)
		return false;
	int size = ArraySize(bytes);
	uint written = FileWriteArray(file, bytes, 0, size);
	FileClose(file);
	if(written != (uint)size)
		return false;
	for(int attempt = 0; attempt < MOVE_TRIES; attempt++) {
		if(FileMove(temporary, 0, path, FILE_REWRITE))
			return true;
		Sleep(MOVE_PAUSE_MS);
	}
	FileDelete(temporary);
	return false;
}

bool MessageWrite(const string path, const string id, const string json) {
	uchar body[];
	int size = Utf8Bytes(json, body);
	string head = IntegerToString(size) + " " + HexText(Crc32Of(body, 0, size), 8) + " " + id + "\n";
	uchar bytes[];
	uchar tail[];
	Utf8Bytes(head, bytes);
	Utf8Bytes("\n#END " + id + "\n", tail);
	ArrayCopy(bytes, body, ArraySize(bytes));
	ArrayCopy(bytes, tail, ArraySize(bytes));
	return ReplaceFile(path, bytes);
}

bool IsMessageId(const string id) {
	int length = StringLen(id);
	if(length < 1 || length > MESSAGE_LONGEST_ID)
		return false;
	for(int i = 0; i < length; i++) {
		ushort character = StringGetCharacter(id, i);
		bool isLetter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
		bool isDigit = character >= '0' && character <= '9';
		if(!isLetter && !isDigit && character != '_' && character != '-')
			return false;
	}
	return true;
}

/** @returns false when the bytes are not one whole message, and nothing but that. */
bool MessageDecode(const uchar &bytes[], string &id, string &json) {
	int size = ArraySize(bytes);
	int headEnd = 0;
	while(headEnd < size && bytes[headEnd] != '\n')
		headEnd++;
	if(headEnd == size || headEnd > 80)
		return false;
	string parts[];
	string head = CharArrayToString(bytes, 0, headEnd, CP_UTF8);
	if(StringSplit(head, ' ', parts) != 3 || StringLen(parts[0]) > 9 || !IsMessageId(parts[2]))
		return false;
	int count = (int)StringToInteger(parts[0]);
	if(count < 2 || IntegerToString(count) != parts[0])
		return false;
	id = parts[2];
	uchar tail[];
	int tailSize = Utf8Bytes("\n#END " + id + "\n", tail);
	int bodyEnd = headEnd + 1 + count;
	if(bodyEnd + tailSize != size)
		return false;
	for(int i = 0; i < tailSize; i++) {
		if(bytes[bodyEnd + i] != tail[i])
			return false;
	}
	if(HexText(Crc32Of(bytes, headEnd + 1, count), 8) != parts[1])
		return false;
	json = CharArrayToString(bytes, headEnd + 1, count, CP_UTF8);
	return true;
}

/** Reads a whole message from a file; false is no news. */
bool MessageRead(const string path, string &id, string &json) {
	int file = FileOpen(path, FILE_READ | FILE_BIN | FILE_SHARE_READ | FILE_SHARE_WRITE);
	if(file == INVALID_HANDLE)
		return false;
	uchar bytes[];
	ulong size = FileSize(file);
	if(size > 0 && size <= MESSAGE_LARGEST_BYTES)
		FileReadArray(file, bytes, 0, (int)size);
	FileClose(file);
	return MessageDecode(bytes, id, json);
}

#endif
