// The broker's books of one login: `<brokerDir>/<server>/<login>.json`, as agent/simulator/accountFile.ts keeps them.
// They lie outside of the terminal, so killing it loses nothing; every change is on disk before anyone hears of it.
#pragma once
#include "core/behaviour.h"
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace shim {

struct Position {
	long long ticket = 0;
	std::string symbol;
	bool isBuy = true;
	long long volume = 0;
	long long openPoints = 0;
	std::optional<long long> stopLossPoints;
	std::optional<long long> takeProfitPoints;
	long long magic = 0;
	long long openedAtMs = 0;
};

struct PendingOrder {
	long long ticket = 0;
	std::string symbol;
	bool isBuy = true;
	long long volume = 0;
	long long pricePoints = 0;
	long long magic = 0;
	long long placedAtMs = 0;
};

struct Deal {
	long long ticket = 0;
	long long positionId = 0;
	/** in, out, balance or credit. */
	std::string entry;
	std::string symbol;
	bool isBuy = true;
	long long volume = 0;
	long long points = 0;
	long long profitCents = 0;
	long long magic = 0;
	/** expert, sl, tp or client. */
	std::string reason;
	long long atMs = 0;
	/** What the broker took for the deal. */
	long long commissionCents = 0;
};

struct Books {
	long long balanceCents = 0;
	/** What the broker lends. */
	long long creditCents = 0;
	std::string currency = "USD";
	long long nextTicket = 1;
	std::vector<Position> positions;
	std::vector<PendingOrder> orders;
	/** Newest last. */
	std::vector<Deal> deals;
};

class AccountFile {
public:
	AccountFile(const std::filesystem::path &brokerDir, const std::string &server, const std::string &login,
					const std::function<Books()> &open, const std::function<void(const std::string &)> &onProblem);
	/** The books as they are now, whoever wrote them last. Call `save` after changing them. */
	Books &books();
	void save();

private:
	bool read();
	std::filesystem::path path_;
	std::string stamp_;
	Books books_;
};

} // namespace shim
