/**
 * Deals from the account's history, oldest first, page by page. The history is the truth; the receiver asks
 * with an overlap and goes by the deal's ticket, since the broker may add to the past.
 */
#ifndef QUINTET_DEALS_MQH
#define QUINTET_DEALS_MQH

#include <Quintet/Decimal.mqh>
#include <Quintet/JsonWriter.mqh>
#include <Quintet/ServerTime.mqh>

#define DEALS_A_PAGE 200

/** A place in the history: everything after this time and, at this time, after this ticket. */
struct DealPlace {
	long timeMsc;
	ulong ticket;
};

/** A deal that still lacks its position's magic number. */
struct OpenDeal {
	string json;
	long position;
	long magic;
};

bool IsAfter(const DealPlace &place, const DealPlace &other) {
	if(place.timeMsc != other.timeMsc)
		return place.timeMsc > other.timeMsc;
	return place.ticket > other.ticket;
}

/** Inserts in order, and drops the last one of too many. @returns true when one was dropped */
bool InsertPlace(DealPlace &places[], const DealPlace &place) {
	int count = ArraySize(places);
	if(count == DEALS_A_PAGE && IsAfter(place, places[count - 1]))
		return true;
	bool isFull = count == DEALS_A_PAGE;
	int at = count;
	if(isFull)
		at = count - 1;
	else
		ArrayResize(places, count + 1, DEALS_A_PAGE);
	while(at > 0 && IsAfter(places[at - 1], place)) {
		places[at] = places[at - 1];
		at--;
	}
	places[at] = place;
	return isFull;
}

string EntryText(const long entry) {
	if(entry == DEAL_ENTRY_IN)
		return "in";
	if(entry == DEAL_ENTRY_INOUT)
		return "inout";
	if(entry == DEAL_ENTRY_OUT_BY)
		return "out_by";
	return "out";
}

bool IsTradeDeal(const ulong ticket) {
	long type = HistoryDealGetInteger(ticket, DEAL_TYPE);
	return type == DEAL_TYPE_BUY || type == DEAL_TYPE_SELL;
}

/**
 * Magic number of the position's entry: that of a closing deal may be another one, or none. Selects another
 * part of the history; what is not found there keeps the deal's own.
 */
long PositionMagic(const long position, const long ownMagic) {
	if(!HistorySelectByPosition(position))
		return ownMagic;
	for(int i = 0; i < HistoryDealsTotal(); i++) {
		ulong ticket = HistoryDealGetTicket(i);
		if(HistoryDealGetInteger(ticket, DEAL_ENTRY) == DEAL_ENTRY_IN)
			return HistoryDealGetInteger(ticket, DEAL_MAGIC);
	}
	return ownMagic;
}

/** All of a deal but its position's magic number, which needs another part of the history. */
string OpenDealJson(const ulong ticket) {
	string symbol = HistoryDealGetString(ticket, DEAL_SYMBOL);
	int digits = (int)SymbolInfoInteger(symbol, SYMBOL_DIGITS);
	string json = JsonBegin();
	JsonAddTicket(json, "ticket", ticket);
	JsonAddTicket(json, "order", (ulong)HistoryDealGetInteger(ticket, DEAL_ORDER));
	JsonAddTicket(json, "positionId", (ulong)HistoryDealGetInteger(ticket, DEAL_POSITION_ID));
	JsonAddWhole(json, "timeMs", HistoryDealGetInteger(ticket, DEAL_TIME_MSC));
	JsonAddText(json, "side", HistoryDealGetInteger(ticket, DEAL_TYPE) == DEAL_TYPE_BUY ? "buy" : "sell");
	JsonAddText(json, "entry", EntryText(HistoryDealGetInteger(ticket, DEAL_ENTRY)));
	JsonAddText(json, "symbol", Bounded(symbol, 32));
	JsonAddText(json, "lots", LotsText(HistoryDealGetDouble(ticket, DEAL_VOLUME)));
	JsonAddText(json, "price", DecimalText(HistoryDealGetDouble(ticket, DEAL_PRICE), digits > 8 ? 8 : digits));
	JsonAddText(json, "profit", MoneyText(HistoryDealGetDouble(ticket, DEAL_PROFIT)));
	JsonAddText(json, "swap", MoneyText(HistoryDealGetDouble(ticket, DEAL_SWAP)));
	JsonAddText(json, "commission", MoneyText(HistoryDealGetDouble(ticket, DEAL_COMMISSION)));
	JsonAddText(json, "fee", MoneyText(HistoryDealGetDouble(ticket, DEAL_FEE)));
	JsonAddWhole(json, "magic", HistoryDealGetInteger(ticket, DEAL_MAGIC));
	JsonAddWhole(json, "reason", HistoryDealGetInteger(ticket, DEAL_REASON));
	return json;
}

/** A deposit, a credit, a charge: money that no trade made. */
string OperationJson(const ulong ticket) {
	string json = JsonBegin();
	JsonAddTicket(json, "ticket", ticket);
	JsonAddWhole(json, "timeMs", HistoryDealGetInteger(ticket, DEAL_TIME_MSC));
	JsonAddWhole(json, "type", HistoryDealGetInteger(ticket, DEAL_TYPE));
	JsonAddText(json, "amount", MoneyText(HistoryDealGetDouble(ticket, DEAL_PROFIT)));
	JsonAddText(json, "comment", Bounded(HistoryDealGetString(ticket, DEAL_COMMENT), 64));
	return JsonEnd(json);
}

/** The page after `since`. */
string DealsJson(const DealPlace &since) {
	datetime from = (datetime)(since.timeMsc / 1000);
	HistorySelect(from, HistoryEnd());
	int total = HistoryDealsTotal();
	bool hasMore = false;
	DealPlace places[];
	for(int i = 0; i < total; i++) {
		DealPlace place;
		place.ticket = HistoryDealGetTicket(i);
		place.timeMsc = HistoryDealGetInteger(place.ticket, DEAL_TIME_MSC);
		if(place.ticket != 0 && IsAfter(place, since) && InsertPlace(places, place))
			hasMore = true;
	}
	// Two rounds, because a position's magic number selects another part of the history.
	int count = ArraySize(places);
	OpenDeal open[];
	string operations = "";
	for(int i = 0; i < count; i++) {
		ulong ticket = places[i].ticket;
		if(!IsTradeDeal(ticket)) {
			JsonAddElement(operations, OperationJson(ticket));
			continue;
		}
		int size = ArraySize(open);
		ArrayResize(open, size + 1, DEALS_A_PAGE);
		open[size].json = OpenDealJson(ticket);
		open[size].position = HistoryDealGetInteger(ticket, DEAL_POSITION_ID);
		open[size].magic = HistoryDealGetInteger(ticket, DEAL_MAGIC);
	}
	string deals = "";
	for(int i = 0; i < ArraySize(open); i++) {
		JsonAddWhole(open[i].json, "positionMagic", PositionMagic(open[i].position, open[i].magic));
		JsonAddElement(deals, JsonEnd(open[i].json));
	}
	string next = "null";
	if(hasMore) {
		next = JsonBegin();
		JsonAddWhole(next, "sinceMs", places[count - 1].timeMsc);
		JsonAddTicket(next, "afterTicket", places[count - 1].ticket);
		next = JsonEnd(next);
	}
	string json = JsonBegin();
	JsonAddRaw(json, "deals", "[" + deals + "]");
	JsonAddRaw(json, "operations", "[" + operations + "]");
	JsonAddRaw(json, "next", next);
	JsonAddWhole(json, "historyDeals", total);
	JsonAddWhole(json, "serverTime", (long)TimeTradeServer());
	JsonAddWhole(json, "gmtOffsetMin", GmtOffsetMin());
	return JsonEnd(json);
}

/** Result of the trades since the broker's midnight: profit, swap, commission and fee, without deposits. */
double DayClosedProfit() {
	double sum = 0;
	HistorySelect(ServerMidnight(), HistoryEnd());
	for(int i = 0; i < HistoryDealsTotal(); i++) {
		ulong ticket = HistoryDealGetTicket(i);
		if(!IsTradeDeal(ticket))
			continue;
		sum += HistoryDealGetDouble(ticket, DEAL_PROFIT) + HistoryDealGetDouble(ticket, DEAL_SWAP) +
				 HistoryDealGetDouble(ticket, DEAL_COMMISSION) + HistoryDealGetDouble(ticket, DEAL_FEE);
	}
	return sum;
}

#endif
