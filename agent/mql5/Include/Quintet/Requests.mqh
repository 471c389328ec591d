/**
 * The agent's requests: found, checked, deleted, carried out, answered, in this order, so that whatever
 * happens none is carried out twice.
 */
#ifndef QUINTET_REQUESTS_MQH
#define QUINTET_REQUESTS_MQH

#include <Quintet/Verbs.mqh>

/** A file that is still no whole message after so many looks is thrown away. */
#define LOOKS_AT_MOST 40
#define REQUESTS_A_LOOK 64

struct TornFile {
	string name;
	int looks;
};
TornFile g_torn[];

/** Names of the requests that lie there. */
int RequestNames(string &names[]) {
	ArrayResize(names, 0);
	string name = "";
	long search = FileFindFirst(REQUEST_FOLDER + "*.msg", name);
	if(search == INVALID_HANDLE)
		return 0;
	do {
		int count = ArraySize(names);
		ArrayResize(names, count + 1, 16);
		names[count] = name;
	} while(ArraySize(names) < REQUESTS_A_LOOK && FileFindNext(search, name));
	FileFindClose(search);
	return ArraySize(names);
}

/** What an agent asked of an earlier terminal: an order of yesterday must not be carried out. */
void DropRequests() {
	string names[];
	while(RequestNames(names) > 0) {
		bool isAnyGone = false;
		for(int i = 0; i < ArraySize(names); i++) {
			if(FileDelete(REQUEST_FOLDER + names[i]))
				isAnyGone = true;
		}
		if(!isAnyGone)
			return;
	}
}

void ForgetTorn(const string name) {
	for(int i = 0; i < ArraySize(g_torn); i++) {
		if(g_torn[i].name != name)
			continue;
		int last = ArraySize(g_torn) - 1;
		g_torn[i] = g_torn[last];
		ArrayResize(g_torn, last);
		return;
	}
}

/** Counts a look at a torn file. @returns true when it was looked at often enough */
bool IsGivenUp(const string name) {
	int count = ArraySize(g_torn);
	for(int i = 0; i < count; i++) {
		if(g_torn[i].name == name) {
			g_torn[i].looks++;
			return g_torn[i].looks >= LOOKS_AT_MOST;
		}
	}
	ArrayResize(g_torn, count + 1, 16);
	g_torn[count].name = name;
	g_torn[count].looks = 1;
	return false;
}

string ResponseJson(const string id, const VerbResult &result) {
	string json = JsonBegin();
	JsonAddText(json, "id", id);
	JsonAddWhole(json, "statusSeq", (long)g_seq);
	JsonAddFlag(json, "ok", result.isOk);
	if(result.isOk) {
		JsonAddRaw(json, "answer", result.answer);
	} else {
		JsonAddText(json, "code", result.code);
		JsonAddText(json, "message", Bounded(result.message, 300));
	}
	return JsonEnd(json);
}

void HandleRequest(const string name) {
	string path = REQUEST_FOLDER + name;
	string id = "";
	string json = "";
	if(!MessageRead(path, id, json)) {
		if(IsGivenUp(name) && FileDelete(path))
			ForgetTorn(name);
		return;
	}
	ForgetTorn(name);
	// Still held by the other side: carried out once it can be taken away, and not before.
	if(!FileDelete(path))
		return;
	VerbResult result;
	CarryOut(json, result);
	// The agent sees the effect with the answer, not a second later.
	WriteStatus();
	MessageWrite(RESPONSE_FOLDER + id + ".msg", id, ResponseJson(id, result));
}

void HandleRequests() {
	string names[];
	int count = RequestNames(names);
	for(int i = 0; i < count; i++)
		HandleRequest(names[i]);
}

#endif
