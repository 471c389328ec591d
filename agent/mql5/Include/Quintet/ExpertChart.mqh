/**
 * The trading chart and the EA on it. The bridge has its own chart; whatever EA runs on another one is told
 * of in the status and goes with `unload`, also when a person put it there.
 */
#ifndef QUINTET_EXPERT_CHART_MQH
#define QUINTET_EXPERT_CHART_MQH

#include <Quintet/State.mqh>
#include <Quintet/Symbols.mqh>
#include <Quintet/Template.mqh>

#define CHARTS_AT_MOST 100

bool HasChart(const long chart) {
	long each = ChartFirst();
	for(int i = 0; i < CHARTS_AT_MOST && each >= 0; i++) {
		if(each == chart)
			return true;
		each = ChartNext(each);
	}
	return false;
}

string ExpertOn(const long chart) {
	return ChartGetString(chart, CHART_EXPERT_NAME);
}

/** The chart whose EA is told of: the one that was opened for it, or else any other that has one. 0: none. */
long TradingChart(const BridgeState &state) {
	if(state.chart != 0 && HasChart(state.chart) && ExpertOn(state.chart) != "")
		return state.chart;
	long own = ChartID();
	long each = ChartFirst();
	for(int i = 0; i < CHARTS_AT_MOST && each >= 0; i++) {
		if(each != own && ExpertOn(each) != "")
			return each;
		each = ChartNext(each);
	}
	return 0;
}

void ForgetSigns(const long chart) {
	GlobalVariableDel(ChartGlobal(EA_READY_GLOBAL, chart));
	GlobalVariableDel(ChartGlobal(EA_HEARTBEAT_GLOBAL, chart));
	GlobalVariableDel(ChartGlobal(EA_GENERATION_GLOBAL, chart));
	GlobalVariableDel(ChartGlobal(EA_MAY_TRADE_GLOBAL, chart));
	GlobalVariableDel(PauseGlobal(chart));
}

/** Closes every chart but the bridge's own, and with them their EAs. */
void CloseOtherCharts() {
	long charts[];
	long own = ChartID();
	long each = ChartFirst();
	while(each >= 0 && ArraySize(charts) < CHARTS_AT_MOST) {
		int count = ArraySize(charts);
		if(each != own) {
			ArrayResize(charts, count + 1, 16);
			charts[count] = each;
		}
		each = ChartNext(each);
	}
	for(int i = 0; i < ArraySize(charts); i++) {
		ForgetSigns(charts[i]);
		ChartClose(charts[i]);
	}
}

/** Takes the EA off; the magic number stays, as its positions do. */
void UnloadExpert(BridgeState &state) {
	CloseOtherCharts();
	state.chart = 0;
	state.path = "";
	state.generation = 0;
	state.settingsHash = "";
	StateSave(state);
}

/** @returns false when the terminal opens no chart, or does not take the template. */
bool LoadExpert(BridgeState &state, const string name, const TemplateFacts &facts, const string symbol, const ENUM_TIMEFRAMES timeframe) {
	UnloadExpert(state);
	SymbolSelect(symbol, true);
	long chart = ChartOpen(symbol, timeframe);
	if(chart == 0)
		return false;
	ForgetSigns(chart);
	FileDelete(ERRORS_FILE);
	state.chart = chart;
	state.path = facts.path;
	state.symbol = symbol;
	state.timeframe = TimeframeText(timeframe);
	state.magic = facts.magic;
	state.generation = facts.generation;
	state.settingsHash = facts.settingsHash;
	state.hasMagic = true;
	// Saved first: an EA that runs and is not known would be worse than one that is known and does not run.
	if(!StateSave(state) || !ChartApplyTemplate(chart, "\\Files\\" + TEMPLATE_FOLDER + name)) {
		ChartClose(chart);
		return false;
	}
	return true;
}

/** Age in ms of a time that the EA put into a terminal global; -1 when it is not there or not of this session. */
long SignAgeMs(const string prefix, const long chart) {
	double since = 0;
	double now = (double)GetTickCount64();
	if(!GlobalVariableGet(ChartGlobal(prefix, chart), since) || since <= 0 || since > now)
		return -1;
	return (long)(now - since);
}

/** Asks an EA made from the template to open nothing more; it obeys until it is loaded anew. */
void PauseExpert(const BridgeState &state) {
	long chart = TradingChart(state);
	if(chart != 0)
		GlobalVariableSet(PauseGlobal(chart), 1);
}

#endif
