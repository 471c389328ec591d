// How the broker treats a login: brokers.json, with the keys of agent/simulator/behaviour.ts.
#pragma once
#include "core/json.h"
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace shim {

struct Seed {
	std::string symbol;
	bool isBuy = true;
	/** Hundredths of a lot. */
	long long volume = 0;
	long long magic = 0;
	bool hasStopLoss = true;
};

struct Behaviour {
	std::optional<std::string> password;
	long long balanceCents = 1000000;
	std::string currency = "USD";
	long long startDelayMs = 0;
	long long loginDelayMs = 0;
	long long eaReadyDelayMs = 0;
	bool isMarketClosed = false;
	/** Of a closed market: when the calendar has the next session, from whenever it is asked. */
	std::optional<long long> marketOpensInMs;
	std::optional<long long> closeCode;
	std::vector<Seed> seedPositions;
	std::vector<Seed> seedOrders;
	bool hedging = true;
	std::string opensAs;
	std::optional<long long> statusMs;
	std::string symbolSuffix;
	/** Largest volume of an order, hundredths of a lot. */
	std::optional<long long> volumeMax;
	/** Largest volume that is filled at once. */
	std::optional<long long> partialFill;
	/** SYMBOL_FILLING_MODE: 1 FOK, 2 IOC. */
	long long fillingFlags = 3;
	/** market, instant or exchange. */
	std::string execution = "market";
	bool isFifo = false;
	std::optional<long long> depositCents;
	/** A credit in the history of a new login: of the equity, not of the balance. */
	std::optional<long long> creditCents;
	/** What the broker takes for every deal. */
	std::optional<long long> commissionCents;
	/** How long the trade server takes for every order. */
	long long tradeDelayMs = 0;
	/** Of the first position, order or deal of a new login; its bits as the MQL5 functions have them. */
	std::optional<unsigned long long> firstTicket;
	/** The terminal opens no chart that a program asks for. */
	bool refusesCharts = false;
	/** The only `expertmode` with which an EA may trade; 0: any other than 0. */
	int tradingExpertMode = 0;
};

/** Hundredths of "12.3" or "-12.34". */
std::optional<long long> toHundredths(const std::string &text);

class BehaviourFile {
public:
	BehaviourFile(const std::filesystem::path &brokerDir, std::function<void(const std::string &)> onProblem);
	Behaviour of(const std::string &server, const std::string &login);

private:
	void refresh();
	void complain(const std::string &message);
	std::filesystem::path path_;
	std::function<void(const std::string &)> onProblem_;
	std::string stamp_ = "none";
	Json content_ = Json::object();
	std::set<std::string> complained_;
};

} // namespace shim
