/** What the status says of the trader's EA. */
#ifndef QUINTET_EXPERT_STATUS_MQH
#define QUINTET_EXPERT_STATUS_MQH

#include <Quintet/ExpertChart.mqh>

#define ERRORS_AT_MOST 10
#define ERROR_LONGEST 200

/** The errors that the EA wrote down, as JSON list. */
string ExpertErrors() {
	string elements = "";
	if(!FileIsExist(ERRORS_FILE))
		return "[]";
	int file = FileOpen(ERRORS_FILE, FILE_READ | FILE_TXT | FILE_ANSI | FILE_SHARE_READ | FILE_SHARE_WRITE, '\t', CP_UTF8);
	if(file == INVALID_HANDLE)
		return "[]";
	for(int told = 0; told < ERRORS_AT_MOST && !FileIsEnding(file); told++) {
		string line = FileReadString(file);
		if(line != "")
			JsonAddElement(elements, JsonQuote(Bounded(line, ERROR_LONGEST)));
	}
	FileClose(file);
	return "[" + elements + "]";
}

/** Age as a JSON value; -1 is unknown. */
string AgeJson(const long ageMs) {
	return ageMs < 0 ? "null" : IntegerToString(ageMs);
}

/** Last part of a path with backslashes. */
string LastPart(const string path) {
	int at = StringFind(path, "\\");
	string rest = path;
	while(at >= 0) {
		rest = StringSubstr(rest, at + 1);
		at = StringFind(rest, "\\");
	}
	return rest;
}

/** True when the EA on the trading chart is the one that the bridge put there. */
bool IsOurs(const BridgeState &state, const long chart) {
	return chart == state.chart && state.path != "" && StringFind(ExpertOn(chart), LastPart(state.path)) >= 0;
}

/** The EA that runs, as JSON; `null` without one. Somebody else's has generation 0. */
string ExpertJson(const BridgeState &state) {
	long chart = TradingChart(state);
	if(chart == 0)
		return "null";
	bool isOurs = IsOurs(state, chart);
	long generation = isOurs ? state.generation : 0;
	// An EA made from the template says itself which inputs it runs with; its word counts.
	double said = 0;
	if(isOurs && GlobalVariableGet(ChartGlobal(EA_GENERATION_GLOBAL, chart), said))
		generation = (long)said;
	string json = JsonBegin();
	JsonAddText(json, "path", Bounded(isOurs ? state.path : ExpertOn(chart), 120));
	JsonAddText(json, "symbol", Bounded(isOurs ? state.symbol : ChartSymbol(chart), 32));
	JsonAddText(json, "timeframe", isOurs ? state.timeframe : TimeframeText(ChartPeriod(chart)));
	JsonAddWhole(json, "magic", isOurs ? state.magic : 0);
	JsonAddWhole(json, "generation", generation);
	JsonAddText(json, "settingsHash", isOurs ? Bounded(state.settingsHash, 64) : "");
	JsonAddRaw(json, "readyAgeMs", AgeJson(SignAgeMs(EA_READY_GLOBAL, chart)));
	JsonAddRaw(json, "heartbeatAgeMs", AgeJson(SignAgeMs(EA_HEARTBEAT_GLOBAL, chart)));
	JsonAddRaw(json, "errors", ExpertErrors());
	double mayTrade = 0;
	bool hasSaid = GlobalVariableGet(ChartGlobal(EA_MAY_TRADE_GLOBAL, chart), mayTrade);
	JsonAddRaw(json, "mayTrade", !hasSaid ? "null" : mayTrade != 0 ? "true" : "false");
	return JsonEnd(json);
}

#endif
