/**
 * What the bridge knows of the EA it loaded, kept in a file: the terminal initialises every EA anew when it
 * is authorised again, and then nothing in memory is left.
 */
#ifndef QUINTET_STATE_MQH
#define QUINTET_STATE_MQH

#include <Quintet/JsonFields.mqh>
#include <Quintet/JsonWriter.mqh>
#include <Quintet/Message.mqh>
#include <Quintet/Paths.mqh>

struct BridgeState {
	/** The trading chart; 0 when there is none. */
	long chart;
	/** As the template named it: relative to Experts, without ending. */
	string path;
	/** The broker's own name of it, with its suffix. */
	string symbol;
	string timeframe;
	long magic;
	long generation;
	string settingsHash;
	/** An EA was loaded at some time, so that `magic` is the scope of `eaPositions`, also without chart. */
	bool hasMagic;
};

void StateClear(BridgeState &state) {
	state.chart = 0;
	state.path = "";
	state.symbol = "";
	state.timeframe = "";
	state.magic = 0;
	state.generation = 0;
	state.settingsHash = "";
	state.hasMagic = false;
}

bool StateSave(const BridgeState &state) {
	string json = JsonBegin();
	JsonAddText(json, "chart", IntegerToString(state.chart));
	JsonAddText(json, "path", state.path);
	JsonAddText(json, "symbol", state.symbol);
	JsonAddText(json, "timeframe", state.timeframe);
	JsonAddWhole(json, "magic", state.magic);
	JsonAddWhole(json, "generation", state.generation);
	JsonAddText(json, "settingsHash", state.settingsHash);
	JsonAddFlag(json, "hasMagic", state.hasMagic);
	return MessageWrite(STATE_FILE, "state", JsonEnd(json));
}

/** Nothing that checks out: as if no EA had ever been loaded. */
void StateLoad(BridgeState &state) {
	StateClear(state);
	string id = "";
	string json = "";
	JsonField fields[];
	if(!MessageRead(STATE_FILE, id, json) || !JsonRead(json, fields))
		return;
	BridgeState read;
	StateClear(read);
	ulong chart = 0;
	bool isWhole = JsonTakeDigits(fields, "chart", chart) && JsonTakeText(fields, "path", read.path) &&
						JsonTakeText(fields, "symbol", read.symbol) && JsonTakeText(fields, "timeframe", read.timeframe) &&
						JsonTakeWhole(fields, "magic", read.magic) &&
						JsonTakeWhole(fields, "generation", read.generation) &&
						JsonTakeText(fields, "settingsHash", read.settingsHash);
	if(!isWhole)
		return;
	read.chart = (long)chart;
	int place = JsonFind(fields, "hasMagic");
	read.hasMagic = place >= 0 && fields[place].text == "true";
	state = read;
}

#endif
