/** What the bridge does on each request. Arguments are checked here; what is wrong is refused by name. */
#ifndef QUINTET_VERBS_MQH
#define QUINTET_VERBS_MQH

#include <Quintet/CloseOne.mqh>
#include <Quintet/ClosePass.mqh>
#include <Quintet/Status.mqh>

struct VerbResult {
	bool isOk;
	/** JSON object. */
	string answer;
	/** One of BRIDGE_REFUSALS in agent/src/bridge/contract.ts. */
	string code;
	string message;
};

void Answer(VerbResult &result, const string answer) {
	result.isOk = true;
	result.answer = answer;
	result.code = "";
	result.message = "";
}

void Refuse(VerbResult &result, const string code, const string message) {
	result.isOk = false;
	result.answer = "";
	result.code = code;
	result.message = message;
}

void LoadVerb(const JsonField &fields[], VerbResult &result) {
	string name = "";
	string wanted = "";
	string period = "";
	ENUM_TIMEFRAMES timeframe = PERIOD_CURRENT;
	if(!JsonTakeText(fields, "args.template", name) || !IsTemplateName(name)) {
		Refuse(result, "bad_request", "template is wrong");
		return;
	}
	if(!JsonTakeBounded(fields, "args.symbol", 32, wanted)) {
		Refuse(result, "bad_request", "symbol is wrong");
		return;
	}
	if(!JsonTakeText(fields, "args.timeframe", period) || !TimeframeOf(period, timeframe)) {
		Refuse(result, "bad_request", "timeframe is wrong");
		return;
	}
	TemplateFacts facts;
	if(!FileIsExist(TEMPLATE_FOLDER + name) || !TemplateRead(name, facts)) {
		Refuse(result, "template_missing", "there is no " + name);
		return;
	}
	string candidates = "";
	string symbol = ResolveSymbol(wanted, candidates);
	if(symbol == "" && candidates != "") {
		Refuse(result, "unknown_symbol", "the broker has several symbols like " + wanted + ": " + candidates + "; name one of them");
		return;
	}
	if(symbol == "") {
		Refuse(result, "unknown_symbol", "the broker has no symbol " + wanted);
		return;
	}
	if(!LoadExpert(g_state, name, facts, symbol, timeframe)) {
		Refuse(result, "chart_refused", "the terminal opened no chart with the EA (error " + IntegerToString(GetLastError()) + ")");
		return;
	}
	Answer(result, "{}");
}

bool TakeScope(const JsonField &fields[], Scope &scope, VerbResult &result) {
	scope.magic = 0;
	scope.hasMagic = !JsonIsNull(fields, "args.magic");
	if(scope.hasMagic && !JsonTakeWhole(fields, "args.magic", scope.magic)) {
		Refuse(result, "bad_request", "magic is wrong");
		return false;
	}
	if(AccountInfoInteger(ACCOUNT_LOGIN) == 0) {
		Refuse(result, "not_logged_in", "the terminal is not logged in");
		return false;
	}
	return true;
}

void ListVerb(const JsonField &fields[], VerbResult &result) {
	Scope scope;
	if(!TakeScope(fields, scope, result))
		return;
	OpenItem orders[];
	OpenItem positions[];
	OrdersIn(scope, orders);
	PositionsIn(scope, positions);
	string json = JsonBegin();
	JsonAddRaw(json, "items", ItemsJson(orders, positions));
	Answer(result, JsonEnd(json));
}

bool TakeDeviation(const JsonField &fields[], long &deviation, VerbResult &result) {
	if(JsonTakeWhole(fields, "args.deviationPoints", deviation) && deviation >= 0 && deviation <= 10000)
		return true;
	Refuse(result, "bad_request", "deviationPoints is wrong");
	return false;
}

void CloseVerb(const JsonField &fields[], VerbResult &result) {
	Scope scope;
	long deviation = 0;
	if(!TakeDeviation(fields, deviation, result) || !TakeScope(fields, scope, result))
		return;
	// The agent unloads the EA first. One that is there all the same must not open what is closed here.
	PauseExpert(g_state);
	CloseResult closed;
	RunClosePass(scope, (ulong)deviation, closed);
	string json = JsonBegin();
	JsonAddWhole(json, "closedPositions", closed.closedPositions);
	JsonAddWhole(json, "deletedOrders", closed.deletedOrders);
	JsonAddRaw(json, "residuals", closed.residuals);
	if(closed.marketOpensIn >= 0)
		JsonAddWhole(json, "marketOpensInMs", closed.marketOpensIn * 1000);
	Answer(result, JsonEnd(json));
}

void CloseOneVerb(const JsonField &fields[], VerbResult &result) {
	ulong ticket = 0;
	long deviation = 0;
	if(!JsonTakeDigits(fields, "args.ticket", ticket)) {
		Refuse(result, "bad_request", "ticket is wrong");
		return;
	}
	if(!TakeDeviation(fields, deviation, result))
		return;
	if(AccountInfoInteger(ACCOUNT_LOGIN) == 0) {
		Refuse(result, "not_logged_in", "the terminal is not logged in");
		return;
	}
	CloseOneResult closed;
	RunCloseOne(ticket, (ulong)deviation, closed);
	string json = JsonBegin();
	JsonAddText(json, "done", closed.done);
	JsonAddRaw(json, "residual", closed.residual);
	Answer(result, JsonEnd(json));
}

void DealsVerb(const JsonField &fields[], VerbResult &result) {
	DealPlace since;
	if(!JsonTakeWhole(fields, "args.sinceMs", since.timeMsc) || since.timeMsc < 0 ||
		!JsonTakeDigits(fields, "args.afterTicket", since.ticket)) {
		Refuse(result, "bad_request", "sinceMs or afterTicket is wrong");
		return;
	}
	if(AccountInfoInteger(ACCOUNT_LOGIN) == 0) {
		Refuse(result, "not_logged_in", "the terminal is not logged in");
		return;
	}
	Answer(result, DealsJson(since));
}

void CarryOut(const string json, VerbResult &result) {
	JsonField fields[];
	string verb = "";
	int args = -1;
	if(JsonRead(json, fields))
		args = JsonFind(fields, "args");
	if(args < 0 || fields[args].kind != JSON_OBJECT || !JsonTakeText(fields, "verb", verb)) {
		Refuse(result, "bad_request", "the request is not known");
		return;
	}
	// To the second: that is all the terminal knows of the clock.
	long notAfterMs = 0;
	if(JsonTakeWhole(fields, "notAfterMs", notAfterMs) && (long)TimeGMT() > notAfterMs / 1000) {
		Refuse(result, "expired", "nobody waits for this any more");
		return;
	}
	if(verb == "load_ea") {
		LoadVerb(fields, result);
	} else if(verb == "unload_ea") {
		UnloadExpert(g_state);
		Answer(result, "{}");
	} else if(verb == "list_open") {
		ListVerb(fields, result);
	} else if(verb == "close_pass") {
		CloseVerb(fields, result);
	} else if(verb == "close_one") {
		CloseOneVerb(fields, result);
	} else if(verb == "deals") {
		DealsVerb(fields, result);
	} else {
		Refuse(result, "bad_request", "the request is not known");
	}
}

#endif
