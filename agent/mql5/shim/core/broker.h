// One login at the simulated broker, with the trade server's rules that agent/mql5 must get right: filling types,
// volume limits, partial fills, FIFO, netting. Whether a request leaves the terminal at all is the terminal's affair.
#pragma once
#include "core/behaviour.h"
#include "core/books.h"
#include "core/market.h"
#include <functional>

namespace shim {

constexpr int GMT_OFFSET_MIN = 120;

/** Of a trade request, what the server looks at. */
struct TradeOrder {
	std::string symbol;
	bool isBuy = true;
	/** Hundredths of a lot. */
	long long volume = 0;
	double price = 0;
	unsigned long long deviationPoints = 0;
	/** 0 FOK, 1 IOC, 2 RETURN. */
	int filling = 0;
	long long position = 0;
	long long magic = 0;
};

struct TradeAnswer {
	unsigned code = 0;
	long long volume = 0;
	double price = 0;
	long long deal = 0;
};

struct Valuation {
	long long balanceCents = 0;
	long long creditCents = 0;
	long long floatingCents = 0;
	long long marginCents = 0;

	long long equityCents() const { return balanceCents + creditCents + floatingCents; }
};

class BrokerAccount {
public:
	BrokerAccount(const std::filesystem::path &brokerDir, const std::string &server, const std::string &login,
					  Market &market, std::function<Behaviour()> behaviour,
					  const std::function<void(const std::string &)> &onProblem);

	Books &books() { return file_.books(); }
	Behaviour behaviour() const { return behaviour_(); }
	/** Every symbol by the broker's own name. */
	std::vector<std::string> symbols() const;
	bool hasSymbol(const std::string &name) const;
	TradeAnswer trade(const TradeOrder &order);
	unsigned deleteOrder(long long ticket);
	/** Closes what has reached its stop-loss or take-profit. */
	void runStops();
	long long profitOf(const Position &position);
	long long closingPoints(const Position &position);
	long long openingPoints(const PendingOrder &order);
	Valuation value();

private:
	unsigned refusal(const TradeOrder &order, const Position *position);
	TradeAnswer closePart(Position &position, long long volume, long long points, const std::string &reason, long long magic);
	TradeAnswer open(const TradeOrder &order);
	Books openBooks(const std::string &login);
	Position newPosition(Books &books, const Seed &seed);
	void addDeal(Books &books, const Position &position, const std::string &entry, long long volume, long long points,
					 long long profit, const std::string &reason, long long magic);

	Market &market_;
	std::function<Behaviour()> behaviour_;
	AccountFile file_;
};

} // namespace shim
