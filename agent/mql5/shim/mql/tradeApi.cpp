// Account, positions, orders, history and OrderSend over the broker's books.
#include "core/terminal.h"
#include "core/text.h"
#include "mql/api.h"
#include <optional>

namespace mql {
namespace {

std::optional<shim::Position> selectedPosition;
std::optional<shim::PendingOrder> selectedOrder;
std::vector<shim::Deal> selectedDeals;

constexpr mlong OFFSET_MS = shim::GMT_OFFSET_MIN * 60000LL;

string textOf(const std::string &utf8) { return string(shim::fromUtf8(utf8)); }
double lotsOf(mlong hundredths) { return static_cast<double>(hundredths) / 100; }
shim::Books *books() {
	shim::BrokerAccount *account = shim::terminal().account();
	return account ? &account->books() : nullptr;
}

const shim::Deal *dealOf(mulong ticket) {
	for(const shim::Deal &deal : selectedDeals)
		if(static_cast<mulong>(deal.ticket) == ticket) return &deal;
	return nullptr;
}

/** The simulated broker keeps none: an EA's trades have one, a person's have none. */
string commentOf(mlong magic) { return textOf(magic == 0 ? "" : "quintet"); }

double priceOf(const std::string &symbol, mlong points) {
	const shim::SymbolSpec *spec = shim::findSpec(symbol);
	return spec ? static_cast<double>(points) * shim::pointOf(*spec) : 0;
}

/** Why the request does not leave the terminal; 0 when it does. */
uint localRefusal() {
	if(!shim::terminal().isConnected()) return TRADE_RETCODE_CONNECTION;
	if(!shim::terminal().isAlgoTradingOn() || !MQLInfoInteger(MQL_TRADE_ALLOWED)) return TRADE_RETCODE_CLIENT_DISABLES_AT;
	return 0;
}

} // namespace

mlong AccountInfoInteger(ENUM_ACCOUNT_INFO_INTEGER property) {
	shim::BrokerAccount *account = shim::terminal().account();
	switch(property) {
		case ACCOUNT_LOGIN: return std::strtoll(shim::terminal().login().c_str(), nullptr, 10);
		case ACCOUNT_TRADE_ALLOWED:
		case ACCOUNT_TRADE_EXPERT: return shim::terminal().isConnected();
		case ACCOUNT_MARGIN_MODE:
			return !account || account->behaviour().hedging ? ACCOUNT_MARGIN_MODE_RETAIL_HEDGING : ACCOUNT_MARGIN_MODE_RETAIL_NETTING;
		case ACCOUNT_CURRENCY_DIGITS: return 2;
	}
	return 0;
}

double AccountInfoDouble(ENUM_ACCOUNT_INFO_DOUBLE property) {
	shim::BrokerAccount *account = shim::terminal().account();
	if(!account) return 0;
	shim::Valuation value = account->value();
	mlong equity = value.equityCents();
	switch(property) {
		case ACCOUNT_BALANCE: return lotsOf(value.balanceCents);
		case ACCOUNT_CREDIT: return lotsOf(value.creditCents);
		case ACCOUNT_EQUITY: return lotsOf(equity);
		case ACCOUNT_MARGIN: return lotsOf(value.marginCents);
		case ACCOUNT_MARGIN_FREE: return lotsOf(equity - value.marginCents);
		case ACCOUNT_MARGIN_LEVEL:
			return value.marginCents == 0 ? 0 : 100 * static_cast<double>(equity) / static_cast<double>(value.marginCents);
	}
	return 0;
}

string AccountInfoString(ENUM_ACCOUNT_INFO_STRING property) {
	switch(property) {
		case ACCOUNT_SERVER: return textOf(shim::terminal().server());
		case ACCOUNT_CURRENCY: return books() ? textOf(books()->currency) : string();
	}
	return string();
}

int PositionsTotal() { return books() ? static_cast<int>(books()->positions.size()) : 0; }

mulong PositionGetTicket(int place) {
	selectedPosition.reset();
	if(place < 0 || place >= PositionsTotal()) return 0;
	selectedPosition = books()->positions[static_cast<std::size_t>(place)];
	return static_cast<mulong>(selectedPosition->ticket);
}

bool PositionSelectByTicket(mulong ticket) {
	selectedPosition.reset();
	for(int i = 0; i < PositionsTotal(); i++)
		if(PositionGetTicket(i) == ticket) return true;
	selectedPosition.reset();
	return false;
}

mlong PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER property) {
	if(!selectedPosition) return 0;
	switch(property) {
		case POSITION_MAGIC: return selectedPosition->magic;
		case POSITION_TYPE: return selectedPosition->isBuy ? POSITION_TYPE_BUY : POSITION_TYPE_SELL;
		case POSITION_TIME_MSC: return selectedPosition->openedAtMs + OFFSET_MS;
	}
	return 0;
}

double PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE property) {
	if(!selectedPosition || !shim::terminal().account()) return 0;
	switch(property) {
		case POSITION_VOLUME: return lotsOf(selectedPosition->volume);
		case POSITION_PRICE_OPEN: return priceOf(selectedPosition->symbol, selectedPosition->openPoints);
		case POSITION_PRICE_CURRENT:
			return priceOf(selectedPosition->symbol, shim::terminal().account()->closingPoints(*selectedPosition));
		case POSITION_TP: return priceOf(selectedPosition->symbol, selectedPosition->takeProfitPoints.value_or(0));
		case POSITION_PROFIT: return lotsOf(shim::terminal().account()->profitOf(*selectedPosition));
		case POSITION_SWAP: return 0;
		case POSITION_SL: return priceOf(selectedPosition->symbol, selectedPosition->stopLossPoints.value_or(0));
	}
	return 0;
}

string PositionGetString(ENUM_POSITION_PROPERTY_STRING property) {
	if(!selectedPosition) return string();
	return property == POSITION_SYMBOL ? textOf(selectedPosition->symbol) : commentOf(selectedPosition->magic);
}

int OrdersTotal() { return books() ? static_cast<int>(books()->orders.size()) : 0; }

mulong OrderGetTicket(int place) {
	selectedOrder.reset();
	if(place < 0 || place >= OrdersTotal()) return 0;
	selectedOrder = books()->orders[static_cast<std::size_t>(place)];
	return static_cast<mulong>(selectedOrder->ticket);
}

mlong OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER property) {
	if(!selectedOrder) return 0;
	switch(property) {
		case ORDER_TYPE: return selectedOrder->isBuy ? ORDER_TYPE_BUY_LIMIT : ORDER_TYPE_SELL_LIMIT;
		case ORDER_MAGIC: return selectedOrder->magic;
		case ORDER_STATE: return ORDER_STATE_PLACED;
		case ORDER_TIME_SETUP_MSC: return selectedOrder->placedAtMs + OFFSET_MS;
	}
	return 0;
}

double OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE property) {
	if(!selectedOrder || !shim::terminal().account()) return 0;
	switch(property) {
		case ORDER_VOLUME_CURRENT: return lotsOf(selectedOrder->volume);
		case ORDER_PRICE_OPEN: return priceOf(selectedOrder->symbol, selectedOrder->pricePoints);
		case ORDER_PRICE_CURRENT:
			return priceOf(selectedOrder->symbol, shim::terminal().account()->openingPoints(*selectedOrder));
		case ORDER_SL:
		case ORDER_TP:
		case ORDER_PRICE_STOPLIMIT: return 0;
	}
	return 0;
}

string OrderGetString(ENUM_ORDER_PROPERTY_STRING property) {
	if(!selectedOrder) return string();
	return property == ORDER_SYMBOL ? textOf(selectedOrder->symbol) : commentOf(selectedOrder->magic);
}

bool HistorySelect(datetime from, datetime to) {
	selectedDeals.clear();
	if(!books()) return false;
	for(const shim::Deal &deal : books()->deals) {
		mlong time = (deal.atMs + OFFSET_MS) / 1000;
		if(time >= from && time <= to) selectedDeals.push_back(deal);
	}
	return true;
}

bool HistorySelectByPosition(mlong position) {
	selectedDeals.clear();
	if(!books()) return false;
	for(const shim::Deal &deal : books()->deals)
		if(deal.positionId == position) selectedDeals.push_back(deal);
	return !selectedDeals.empty();
}

int HistoryDealsTotal() { return static_cast<int>(selectedDeals.size()); }

mulong HistoryDealGetTicket(int place) {
	if(place < 0 || place >= HistoryDealsTotal()) return 0;
	return static_cast<mulong>(selectedDeals[static_cast<std::size_t>(place)].ticket);
}

mlong HistoryDealGetInteger(mulong ticket, ENUM_DEAL_PROPERTY_INTEGER property) {
	const shim::Deal *deal = dealOf(ticket);
	if(!deal) return 0;
	switch(property) {
		case DEAL_ORDER: return deal->ticket;
		case DEAL_TIME_MSC: return deal->atMs + OFFSET_MS;
		case DEAL_TYPE:
			if(deal->entry == "balance") return DEAL_TYPE_BALANCE;
			if(deal->entry == "credit") return DEAL_TYPE_CREDIT;
			return deal->isBuy ? DEAL_TYPE_BUY : DEAL_TYPE_SELL;
		case DEAL_ENTRY: return deal->entry == "out" ? DEAL_ENTRY_OUT : DEAL_ENTRY_IN;
		case DEAL_MAGIC: return deal->magic;
		case DEAL_REASON:
			return deal->reason == "sl" ? DEAL_REASON_SL : deal->reason == "tp" ? DEAL_REASON_TP
					 : deal->reason == "expert" ? DEAL_REASON_EXPERT : DEAL_REASON_CLIENT;
		case DEAL_POSITION_ID: return deal->positionId;
	}
	return 0;
}

double HistoryDealGetDouble(mulong ticket, ENUM_DEAL_PROPERTY_DOUBLE property) {
	const shim::Deal *deal = dealOf(ticket);
	if(!deal) return 0;
	switch(property) {
		case DEAL_VOLUME: return lotsOf(deal->volume);
		case DEAL_PRICE: return priceOf(deal->symbol, deal->points);
		case DEAL_PROFIT: return lotsOf(deal->profitCents);
		case DEAL_COMMISSION: return -lotsOf(deal->commissionCents);
		case DEAL_SWAP:
		case DEAL_FEE: return 0;
	}
	return 0;
}

string HistoryDealGetString(mulong ticket, ENUM_DEAL_PROPERTY_STRING property) {
	const shim::Deal *deal = dealOf(ticket);
	return deal && property == DEAL_SYMBOL ? textOf(deal->symbol) : string();
}

bool OrderSend(const MqlTradeRequest &request, MqlTradeResult &result) {
	result = MqlTradeResult();
	result.retcode = localRefusal();
	shim::BrokerAccount *account = shim::terminal().account();
	if(result.retcode != 0 || !account) return false;
	if(request.action == TRADE_ACTION_REMOVE) {
		result.retcode = account->deleteOrder(static_cast<mlong>(request.order));
	} else if(request.action == TRADE_ACTION_DEAL) {
		shim::TradeOrder order;
		order.symbol = shim::toUtf8(request.symbol.text());
		order.isBuy = request.type == ORDER_TYPE_BUY;
		order.volume = std::llround(request.volume * 100);
		order.price = request.price;
		order.deviationPoints = request.deviation;
		order.filling = request.type_filling;
		order.position = static_cast<mlong>(request.position);
		order.magic = static_cast<mlong>(request.magic);
		shim::TradeAnswer answer = account->trade(order);
		result.retcode = answer.code;
		result.volume = lotsOf(answer.volume);
		result.price = answer.price;
		result.deal = static_cast<mulong>(answer.deal);
	} else {
		result.retcode = TRADE_RETCODE_INVALID;
	}
	return result.retcode == TRADE_RETCODE_DONE || result.retcode == TRADE_RETCODE_DONE_PARTIAL;
}

} // namespace mql
