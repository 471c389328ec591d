/**
 * The bridge: an EA on a chart of its own through which the agent sees and drives this terminal, over files
 * in MQL5\Files\quintet (agent/src/bridge/contract.ts). It trades nothing by itself; it loads and unloads
 * the trader's EA on another chart, and closes what it is told to.
 */
#property copyright "Quintet"
#property version "1.00"
#property description "Lets the Quintet agent see and drive this terminal. Needs no DLL."

#include <Quintet/Requests.mqh>

input int StatusMs = 1000;      // Between two statuses, in ms
input int RequestPollMs = 50;   // Between two looks for requests, in ms

/**
 * True in a new terminal, and not when a new authorisation initialised the bridge again: the temporary global lives as
 * long as the terminal. Of two bridges that the profile and the start-up brought, only one can make it; it closes the
 * other's chart.
 */
bool IsNewSession() {
	if(GlobalVariableCheck(SESSION_GLOBAL))
		return false;
	return GlobalVariableTemp(SESSION_GLOBAL) || !GlobalVariableCheck(SESSION_GLOBAL);
}

/** Since nothing of an earlier terminal counts any more: an EA that came back with the profile goes. */
void BeginSession() {
	DropRequests();
	CloseOtherCharts();
	GlobalVariablesDeleteAll(EA_READY_GLOBAL);
	GlobalVariablesDeleteAll(EA_HEARTBEAT_GLOBAL);
	GlobalVariablesDeleteAll(EA_GENERATION_GLOBAL);
	GlobalVariablesDeleteAll(PAUSE_GLOBAL);
	GlobalVariableTemp(SEQ_GLOBAL);
	g_state.chart = 0;
	g_state.path = "";
	g_state.generation = 0;
	g_state.settingsHash = "";
	StateSave(g_state);
}

int OnInit() {
	FolderCreate("quintet");
	FolderCreate("quintet\\req");
	FolderCreate("quintet\\res");
	FolderCreate("quintet\\tpl");
	g_statusMs = StatusMs;
	StateLoad(g_state);
	if(IsNewSession())
		BeginSession();
	if(!GlobalVariableGet(SEQ_GLOBAL, g_seq))
		g_seq = 0;
	if(!EventSetMillisecondTimer(RequestPollMs))
		return INIT_FAILED;
	WriteStatus();
	return INIT_SUCCEEDED;
}

void OnDeinit(const int reason) {
	EventKillTimer();
}

void OnTimer() {
	KeepTellingStatus();
	HandleRequests();
}
