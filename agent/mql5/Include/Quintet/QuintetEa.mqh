/**
 * For traders: what an EA needs so that Quintet can start, watch and stop it. Include this file and call
 * QuintetInit last in OnInit, QuintetDeinit in OnDeinit, QuintetBeat in OnTimer and OnTick, and ask
 * QuintetMayOpen before every opening. docs/ea-template.md explains it in ten lines.
 */
#ifndef QUINTET_EA_MQH
#define QUINTET_EA_MQH

#include <Quintet/Message.mqh>
#include <Quintet/Paths.mqh>
#include <Quintet/ServerTime.mqh>

input group "Quintet fills these in"
input long QuintetGeneration = 0;        // Number of the Start that this EA was loaded for
input string QuintetSettingsHash = "";   // Fingerprint of the settings
input double QuintetMaxLotSize = 0.01;   // Largest volume of one order, in lots
input double QuintetMaxLoss = 0;         // Opens nothing more after this loss; 0: no limit
input string QuintetSafetyMode = "RED";  // GREEN, AMBER (half the volume) or RED (opens nothing)
input long QuintetMagic = 0;             // Magic number of this EA's orders

#define QUINTET_BEAT_MS 1000
#define QUINTET_ERRORS_AT_MOST 10

ulong g_quintetBeatMs = 0;
datetime g_quintetSince = 0;
double g_quintetFloatingAtStart = 0;
string g_quintetErrors[];

/** Floating result of this EA's positions. */
double QuintetFloating() {
	double sum = 0;
	for(int i = 0; i < PositionsTotal(); i++) {
		ulong ticket = PositionGetTicket(i);
		if(ticket != 0 && PositionGetInteger(POSITION_MAGIC) == QuintetMagic)
			sum += PositionGetDouble(POSITION_PROFIT) + PositionGetDouble(POSITION_SWAP);
	}
	return sum;
}

/** Result since the EA was started: closed deals and what floats. */
double QuintetResult() {
	double sum = QuintetFloating() - g_quintetFloatingAtStart;
	HistorySelect(g_quintetSince, HistoryEnd());
	for(int i = 0; i < HistoryDealsTotal(); i++) {
		ulong ticket = HistoryDealGetTicket(i);
		if(HistoryDealGetInteger(ticket, DEAL_MAGIC) != QuintetMagic)
			continue;
		sum += HistoryDealGetDouble(ticket, DEAL_PROFIT) + HistoryDealGetDouble(ticket, DEAL_SWAP) +
				 HistoryDealGetDouble(ticket, DEAL_COMMISSION) + HistoryDealGetDouble(ticket, DEAL_FEE);
	}
	return sum;
}

/** A sign of life, at most once a second; call it from OnTimer and OnTick. */
void QuintetBeat() {
	ulong now = GetTickCount64();
	if(g_quintetBeatMs != 0 && now - g_quintetBeatMs < QUINTET_BEAT_MS - 100)
		return;
	g_quintetBeatMs = now;
	GlobalVariableSet(ChartGlobal(EA_HEARTBEAT_GLOBAL, ChartID()), (double)now);
	GlobalVariableSet(ChartGlobal(EA_MAY_TRADE_GLOBAL, ChartID()), MQLInfoInteger(MQL_TRADE_ALLOWED) != 0 ? 1 : 0);
	uchar line[];
	Utf8Bytes(IntegerToString((long)TimeGMT()) + "\n", line);
	ReplaceFile(HEARTBEAT_FILE, line);
}

/** Says that the EA is ready, and begins to beat: the last call of OnInit. @returns false on wrong inputs */
bool QuintetInit() {
	if(QuintetMaxLotSize < 0 || QuintetMaxLoss < 0 || QuintetGeneration < 0)
		return false;
	if(QuintetSafetyMode != "GREEN" && QuintetSafetyMode != "AMBER" && QuintetSafetyMode != "RED")
		return false;
	FolderCreate("quintet");
	g_quintetBeatMs = 0;
	g_quintetSince = TimeTradeServer();
	g_quintetFloatingAtStart = QuintetFloating();
	if(!EventSetTimer(1))
		return false;
	GlobalVariableSet(ChartGlobal(EA_GENERATION_GLOBAL, ChartID()), (double)QuintetGeneration);
	GlobalVariableSet(ChartGlobal(EA_READY_GLOBAL, ChartID()), (double)GetTickCount64());
	QuintetBeat();
	return true;
}

void QuintetDeinit() {
	EventKillTimer();
	GlobalVariableDel(ChartGlobal(EA_READY_GLOBAL, ChartID()));
	GlobalVariableDel(ChartGlobal(EA_HEARTBEAT_GLOBAL, ChartID()));
	GlobalVariableDel(ChartGlobal(EA_GENERATION_GLOBAL, ChartID()));
	GlobalVariableDel(ChartGlobal(EA_MAY_TRADE_GLOBAL, ChartID()));
	FileDelete(HEARTBEAT_FILE);
}

/** Somebody asked for no new positions: for this chart, or for the whole terminal. */
bool QuintetIsPaused() {
	double flag = 0;
	if(GlobalVariableGet(PauseGlobal(ChartID()), flag) && flag != 0)
		return true;
	return GlobalVariableGet(PAUSE_GLOBAL, flag) && flag != 0;
}

/** Ask before every opening. Closing and moving stops needs no asking. */
bool QuintetMayOpen() {
	if(QuintetIsPaused() || QuintetSafetyMode == "RED")
		return false;
	if(!TerminalInfoInteger(TERMINAL_TRADE_ALLOWED) || !MQLInfoInteger(MQL_TRADE_ALLOWED))
		return false;
	return QuintetMaxLoss <= 0 || QuintetResult() > -QuintetMaxLoss;
}

/** The volume that may be opened when `wished` would be: within the limits, in the symbol's steps; 0: none. */
double QuintetLots(const double wished) {
	double largest = QuintetSafetyMode == "AMBER" ? QuintetMaxLotSize / 2 : QuintetMaxLotSize;
	double lots = MathMin(wished, MathMin(largest, SymbolInfoDouble(Symbol(), SYMBOL_VOLUME_MAX)));
	double step = SymbolInfoDouble(Symbol(), SYMBOL_VOLUME_STEP);
	if(step > 0)
		lots = NormalizeDouble(MathFloor(lots / step + 0.000001) * step, 8);
	return lots < SymbolInfoDouble(Symbol(), SYMBOL_VOLUME_MIN) ? 0 : lots;
}

/** Shows an error on the account's page; the last ten are kept. */
void QuintetReport(const string text) {
	Print(text);
	int count = ArraySize(g_quintetErrors);
	if(count < QUINTET_ERRORS_AT_MOST) {
		ArrayResize(g_quintetErrors, count + 1);
	} else {
		for(int i = 1; i < count; i++)
			g_quintetErrors[i - 1] = g_quintetErrors[i];
		count--;
	}
	string line = text;
	StringReplace(line, "\r", " ");
	StringReplace(line, "\n", " ");
	g_quintetErrors[count] = line;
	string all = "";
	for(int i = 0; i < ArraySize(g_quintetErrors); i++)
		all += g_quintetErrors[i] + "\r\n";
	uchar bytes[];
	Utf8Bytes(all, bytes);
	ReplaceFile(ERRORS_FILE, bytes);
}

#endif
