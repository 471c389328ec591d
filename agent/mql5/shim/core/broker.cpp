#include "core/broker.h"
#include "core/journal.h"
#include "core/platform.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace shim {
namespace {

constexpr long long STOP_DISTANCE_STEPS = 60;

// The trade server's return codes.
constexpr unsigned REQUOTE = 10004, DONE = 10009, DONE_PARTIAL = 10010, INVALID = 10013, INVALID_VOLUME = 10014,
						 MARKET_CLOSED = 10018, NO_MONEY = 10019, INVALID_FILL = 10030, POSITION_CLOSED = 10036,
						 CLOSE_VOLUME = 10038, FIFO_CLOSE = 10045;

} // namespace

BrokerAccount::BrokerAccount(const std::filesystem::path &brokerDir, const std::string &server,
									  const std::string &login, Market &market, std::function<Behaviour()> behaviour,
									  const std::function<void(const std::string &)> &onProblem)
	 : market_(market), behaviour_(std::move(behaviour)),
		file_(brokerDir, server, login, [&] { return openBooks(login); }, onProblem) {}

std::vector<std::string> BrokerAccount::symbols() const {
	std::vector<std::string> names;
	std::string suffix = behaviour_().symbolSuffix;
	for(const SymbolSpec &spec : symbolSpecs()) names.push_back(spec.name + suffix);
	return names;
}

bool BrokerAccount::hasSymbol(const std::string &name) const {
	auto names = symbols();
	return std::find(names.begin(), names.end(), name) != names.end();
}

/** Why the server would not take the order; 0 when it would. */
unsigned BrokerAccount::refusal(const TradeOrder &order, const Position *position) {
	Behaviour behaviour = behaviour_();
	const SymbolSpec *spec = findSpec(order.symbol);
	if(!spec || !hasSymbol(order.symbol)) return INVALID;
	if(order.volume <= 0 || (behaviour.volumeMax && order.volume > *behaviour.volumeMax)) return INVALID_VOLUME;
	// Market takes only what its flags say; exchange takes RETURN beside its flags; instant takes everything.
	bool isFlagged = order.filling < 2 && (behaviour.fillingFlags & (1 << order.filling)) != 0;
	bool isReturnTaken = order.filling == 2 && behaviour.execution != "market";
	if(behaviour.execution != "instant" && !isFlagged && !isReturnTaken) return INVALID_FILL;
	if(behaviour.isMarketClosed) return MARKET_CLOSED;
	if(order.position != 0) {
		if(behaviour.closeCode && *behaviour.closeCode != DONE) return static_cast<unsigned>(*behaviour.closeCode);
		if(!position) return POSITION_CLOSED;
		if(position->symbol != order.symbol || position->isBuy == order.isBuy) return INVALID;
		if(order.volume > position->volume) return CLOSE_VOLUME;
		if(behaviour.isFifo)
			for(const Position &other : file_.books().positions)
				if(other.symbol == order.symbol && other.ticket < position->ticket) return FIFO_CLOSE;
	}
	if(behaviour.execution == "instant") {
		const Quote &quote = market_.quote(*spec);
		long long points = std::llround(order.price / pointOf(*spec));
		long long away = std::llabs(points - (order.isBuy ? quote.askPoints : quote.bidPoints));
		if(away > static_cast<long long>(order.deviationPoints)) return REQUOTE;
	}
	return 0;
}

TradeAnswer BrokerAccount::trade(const TradeOrder &order) {
	platform::sleepMs(static_cast<int>(behaviour_().tradeDelayMs));
	Books &books = file_.books();
	auto position = std::find_if(books.positions.begin(), books.positions.end(),
										  [&](const Position &each) { return each.ticket == order.position; });
	bool isThere = order.position != 0 && position != books.positions.end();
	unsigned code = refusal(order, isThere ? &*position : nullptr);
	if(code != 0) return {code, 0, 0, 0};
	if(!isThere) return open(order);
	return closePart(*position, order.volume, closingPoints(*position), "expert", order.magic);
}

TradeAnswer BrokerAccount::closePart(Position &position, long long volume, long long points, const std::string &reason,
												 long long magic) {
	Books &books = file_.books();
	auto limit = behaviour_().partialFill;
	long long filled = limit && reason == "expert" ? std::min(*limit, volume) : volume;
	const SymbolSpec &spec = *findSpec(position.symbol);
	long long profit = profitCents(spec, position.isBuy, position.openPoints, points, filled);
	books.balanceCents += profit;
	addDeal(books, position, "out", filled, points, profit, reason, magic);
	TradeAnswer answer{filled < volume ? DONE_PARTIAL : DONE, filled, static_cast<double>(points) * pointOf(spec),
							 books.deals.back().ticket};
	position.volume -= filled;
	if(position.volume == 0)
		books.positions.erase(books.positions.begin() + (&position - books.positions.data()));
	file_.save();
	return answer;
}

/** On a netting account it meets the position of its symbol. */
TradeAnswer BrokerAccount::open(const TradeOrder &order) {
	Books &books = file_.books();
	Seed seed{order.symbol, order.isBuy, order.volume, order.magic, false};
	Position position = newPosition(books, seed);
	Valuation now = value();
	long long margin = marginCents(*findSpec(order.symbol), position.openPoints, position.volume);
	if(margin > now.equityCents() - now.marginCents) return {NO_MONEY, 0, 0, 0};
	if(!behaviour_().hedging) {
		for(Position &other : books.positions) {
			if(other.symbol != order.symbol) continue;
			if(other.isBuy != order.isBuy) {
				long long volume = std::min(other.volume, order.volume);
				return closePart(other, volume, closingPoints(other), "expert", order.magic);
			}
			addDeal(books, position, "in", position.volume, position.openPoints, 0, "expert", order.magic);
			other.openPoints = (other.openPoints * other.volume + position.openPoints * position.volume) /
									 (other.volume + position.volume);
			other.volume += position.volume;
			file_.save();
			return {DONE, order.volume, 0, books.deals.back().ticket};
		}
	}
	addDeal(books, position, "in", position.volume, position.openPoints, 0, "expert", order.magic);
	books.positions.push_back(position);
	file_.save();
	return {DONE, order.volume, 0, books.deals.back().ticket};
}

unsigned BrokerAccount::deleteOrder(long long ticket) {
	Behaviour behaviour = behaviour_();
	platform::sleepMs(static_cast<int>(behaviour.tradeDelayMs));
	if(behaviour.isMarketClosed) return MARKET_CLOSED;
	if(behaviour.closeCode && *behaviour.closeCode != DONE) return static_cast<unsigned>(*behaviour.closeCode);
	auto &orders = file_.books().orders;
	auto order = std::find_if(orders.begin(), orders.end(), [&](const PendingOrder &each) { return each.ticket == ticket; });
	if(order == orders.end()) return INVALID;
	orders.erase(order);
	file_.save();
	return DONE;
}

void BrokerAccount::runStops() {
	if(behaviour_().isMarketClosed) return;
	for(std::size_t i = 0; i < file_.books().positions.size();) {
		Position &position = file_.books().positions[i];
		long long points = closingPoints(position);
		long long up = position.isBuy ? 1 : -1;
		bool isStop = position.stopLossPoints && (points - *position.stopLossPoints) * up <= 0;
		bool isTarget = position.takeProfitPoints && (points - *position.takeProfitPoints) * up >= 0;
		if(isStop || isTarget) closePart(position, position.volume, points, isStop ? "sl" : "tp", position.magic);
		else i++;
	}
}

long long BrokerAccount::openingPoints(const PendingOrder &order) {
	const Quote &quote = market_.quote(*findSpec(order.symbol));
	return order.isBuy ? quote.askPoints : quote.bidPoints;
}

long long BrokerAccount::closingPoints(const Position &position) {
	const Quote &quote = market_.quote(*findSpec(position.symbol));
	return position.isBuy ? quote.bidPoints : quote.askPoints;
}

long long BrokerAccount::profitOf(const Position &position) {
	return profitCents(*findSpec(position.symbol), position.isBuy, position.openPoints, closingPoints(position),
							 position.volume);
}

Valuation BrokerAccount::value() {
	Books &books = file_.books();
	Valuation value{books.balanceCents, books.creditCents, 0, 0};
	for(const Position &position : books.positions) {
		value.floatingCents += profitOf(position);
		value.marginCents += marginCents(*findSpec(position.symbol), position.openPoints, position.volume);
	}
	return value;
}

Books BrokerAccount::openBooks(const std::string &login) {
	Behaviour behaviour = behaviour_();
	Books books;
	books.balanceCents = behaviour.balanceCents;
	books.currency = behaviour.currency;
	books.nextTicket = 1000000 + std::strtoll(login.c_str(), nullptr, 10) % 1000 * 1000;
	if(behaviour.firstTicket) books.nextTicket = static_cast<long long>(*behaviour.firstTicket);
	if(behaviour.depositCents)
		addDeal(books, Position{}, "balance", 0, 0, *behaviour.depositCents, "client", 0);
	if(behaviour.creditCents) {
		books.creditCents = *behaviour.creditCents;
		addDeal(books, Position{}, "credit", 0, 0, *behaviour.creditCents, "client", 0);
	}
	for(Seed seed : behaviour.seedPositions) {
		seed.symbol += behaviour.symbolSuffix;
		books.positions.push_back(newPosition(books, seed));
		const Position &position = books.positions.back();
		addDeal(books, position, "in", position.volume, position.openPoints, 0, "expert", position.magic);
	}
	for(Seed seed : behaviour.seedOrders) {
		seed.symbol += behaviour.symbolSuffix;
		Position each = newPosition(books, seed);
		books.orders.push_back({each.ticket, each.symbol, each.isBuy, each.volume, each.openPoints, each.magic, each.openedAtMs});
	}
	return books;
}

Position BrokerAccount::newPosition(Books &books, const Seed &seed) {
	const SymbolSpec &spec = *findSpec(seed.symbol);
	const Quote &quote = market_.quote(spec);
	Position position;
	position.ticket = books.nextTicket++;
	position.symbol = seed.symbol;
	position.isBuy = seed.isBuy;
	position.volume = seed.volume;
	position.openPoints = seed.isBuy ? quote.askPoints : quote.bidPoints;
	position.magic = seed.magic;
	position.openedAtMs = wallMs();
	if(seed.hasStopLoss) {
		long long away = std::llround(spec.stepPoints * STOP_DISTANCE_STEPS) * (seed.isBuy ? 1 : -1);
		position.stopLossPoints = position.openPoints - away;
		position.takeProfitPoints = position.openPoints + away;
	}
	return position;
}

void BrokerAccount::addDeal(Books &books, const Position &position, const std::string &entry, long long volume,
									 long long points, long long profit, const std::string &reason, long long magic) {
	bool isBuy = entry == "out" ? !position.isBuy : position.isBuy;
	bool isOperation = entry == "balance" || entry == "credit";
	long long commission = isOperation ? 0 : behaviour_().commissionCents.value_or(0);
	books.balanceCents -= commission;
	books.deals.push_back({books.nextTicket++, position.ticket, entry, position.symbol, isBuy, volume, points, profit,
								  magic, reason, wallMs(), commission});
}

} // namespace shim
