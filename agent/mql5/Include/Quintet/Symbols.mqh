/** The broker's symbols: finding the one that is meant, its sessions, its ticks. */
#ifndef QUINTET_SYMBOLS_MQH
#define QUINTET_SYMBOLS_MQH

bool HasSymbol(const string name) {
	bool isCustom = false;
	return SymbolExist(name, isCustom);
}

/** What brokers put behind a name: `.raw`, `_i`, `#`, `m`, `pro`; but US30 does not make US300. */
bool IsSuffix(const string suffix) {
	int length = StringLen(suffix);
	if(length < 1 || length > 8)
		return false;
	ushort first = StringGetCharacter(suffix, 0);
	if(first == '.' || first == '_' || first == '-' || first == '#' || first == '!' || first == '+')
		return true;
	for(int i = 0; i < length; i++) {
		ushort character = StringGetCharacter(suffix, i);
		if(character < 'a' || character > 'z')
			return false;
	}
	return length <= 5;
}

/**
 * The broker's name of `wanted`: the name itself, or the one symbol that is it with a suffix. Empty when there
 * is none; `candidates` says what there is when it could be several, since a guess would trade the wrong one.
 */
string ResolveSymbol(const string wanted, string &candidates) {
	candidates = "";
	if(HasSymbol(wanted))
		return wanted;
	string result = "";
	int found = 0;
	int tradeable = 0;
	int total = SymbolsTotal(false);
	for(int i = 0; i < total; i++) {
		string name = SymbolName(i, false);
		if(StringFind(name, wanted) != 0 || !IsSuffix(StringSubstr(name, StringLen(wanted))))
			continue;
		found++;
		if(found <= 5)
			candidates += (candidates == "" ? "" : ", ") + name;
		bool canTrade = SymbolInfoInteger(name, SYMBOL_TRADE_MODE) == SYMBOL_TRADE_MODE_FULL;
		if(canTrade)
			tradeable++;
		if(canTrade || result == "")
			result = name;
	}
	bool isClear = found == 1 || tradeable == 1;
	return isClear ? result : "";
}

/** @returns false when there is no such timeframe. */
bool TimeframeOf(const string name, ENUM_TIMEFRAMES &timeframe) {
	if(name == "M1")
		timeframe = PERIOD_M1;
	else if(name == "M5")
		timeframe = PERIOD_M5;
	else if(name == "M15")
		timeframe = PERIOD_M15;
	else if(name == "M30")
		timeframe = PERIOD_M30;
	else if(name == "H1")
		timeframe = PERIOD_H1;
	else if(name == "H4")
		timeframe = PERIOD_H4;
	else if(name == "D1")
		timeframe = PERIOD_D1;
	else if(name == "W1")
		timeframe = PERIOD_W1;
	else if(name == "MN1")
		timeframe = PERIOD_MN1;
	else
		return false;
	return true;
}

string TimeframeText(const ENUM_TIMEFRAMES timeframe) {
	// PERIOD_M15 and so on: what comes after the underscore.
	return StringSubstr(EnumToString(timeframe), 7);
}

/** Whether the broker's calendar has a trading session of the symbol now. */
bool IsMarketOpen(const string symbol) {
	long mode = SymbolInfoInteger(symbol, SYMBOL_TRADE_MODE);
	if(mode == SYMBOL_TRADE_MODE_DISABLED)
		return false;
	datetime now = TimeTradeServer();
	MqlDateTime parts;
	TimeToStruct(now, parts);
	long second = parts.hour * 3600 + parts.min * 60 + parts.sec;
	datetime from = 0;
	datetime to = 0;
	ENUM_DAY_OF_WEEK day = (ENUM_DAY_OF_WEEK)parts.day_of_week;
	for(uint session = 0; SymbolInfoSessionTrade(symbol, day, session, from, to); session++) {
		if(second >= (long)from && second < (long)to)
			return true;
	}
	return false;
}

/**
 * Seconds until the next trading session that the broker's calendar has of the symbol. 0: it has one now, whatever
 * the broker says (a holiday, its rollover). -1: none within a week.
 */
long SessionOpensIn(const string symbol) {
	if(IsMarketOpen(symbol))
		return 0;
	MqlDateTime parts;
	TimeToStruct(TimeTradeServer(), parts);
	long second = parts.hour * 3600 + parts.min * 60 + parts.sec;
	datetime from = 0;
	datetime to = 0;
	for(int ahead = 0; ahead <= 7; ahead++) {
		ENUM_DAY_OF_WEEK day = (ENUM_DAY_OF_WEEK)((parts.day_of_week + ahead) % 7);
		long soonest = -1;
		for(uint session = 0; SymbolInfoSessionTrade(symbol, day, session, from, to); session++) {
			long opensIn = ahead * 86400 + (long)from - second;
			if(opensIn > 0 && (soonest < 0 || opensIn < soonest))
				soonest = opensIn;
		}
		if(soonest >= 0)
			return soonest;
	}
	return -1;
}

/** Of the tick that was seen last, and when (GetTickCount64) it was first seen. */
string g_tickSymbol = "";
long g_tickTimeMsc = 0;
ulong g_tickSeenMs = 0;

/** Age of the symbol's newest tick in ms; -1 when it never had one. */
long TickAgeMs(const string symbol) {
	MqlTick tick;
	if(!SymbolInfoTick(symbol, tick) || tick.time == 0)
		return -1;
	ulong now = GetTickCount64();
	if(symbol != g_tickSymbol) {
		// Seen for the first time: it may be an old one, and server time has whole seconds only.
		long ageMs = ((long)TimeTradeServer() - (long)tick.time) * 1000;
		g_tickSymbol = symbol;
		g_tickTimeMsc = tick.time_msc;
		g_tickSeenMs = now - (ulong)MathMin(MathMax(ageMs, 0), (long)now);
	} else if(tick.time_msc != g_tickTimeMsc) {
		g_tickTimeMsc = tick.time_msc;
		g_tickSeenMs = now;
	}
	return (long)(now - g_tickSeenMs);
}

#endif
