// One terminal from its start to its end: login, Algo Trading button, charts with their programs, terminal globals.
// `main` owns it, calls `tick` every few milliseconds, and hands on what its window hears. Nothing here knows of
// windows, so that Linux and Windows differ only in their main.
#pragma once
#include "core/behaviour.h"
#include "core/broker.h"
#include "core/charts.h"
#include "core/journal.h"
#include "core/market.h"
#include "core/startConfig.h"
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace shim {

constexpr int BUILD = 5830;

struct GlobalVariable {
	double value = 0;
	bool isTemporary = false;
};

class Terminal {
public:
	/** @param args MetaTrader's switches, e.g. `/portable` */
	Terminal(std::filesystem::path instance, std::filesystem::path brokerDir, const std::vector<std::string> &args);
	~Terminal();
	Terminal(const Terminal &) = delete;
	Terminal &operator=(const Terminal &) = delete;

	/** Does what is due; returns at once. */
	void tick();
	/** Saves what the real terminal saves, and ends. The process is to end with exit code 0. */
	void requestClose();
	bool hasEnded() const { return hasEnded_; }
	/** False before the start-up delay is over: there is no window yet. */
	bool hasWindow() const { return hasWindow_; }
	/** Else the real one shows "Open an Account". */
	bool knowsAccount() const { return !config_.login.empty(); }
	void toggleAlgoTrading();
	/** Stands still for good: neither programs nor window do anything. */
	void hang() { isHung_ = true; }
	bool isHung() const { return isHung_; }
	void silenceBridge(long long ms);
	void dropBroker(long long ms);
	void blockButton(long long ms);
	void logOut();

	// What the MQL5 functions see.
	std::filesystem::path instance() const { return instance_; }
	BrokerAccount *account() { return account_.get(); }
	Market &market() { return market_; }
	Journal &journal() { return journal_; }
	const std::string &login() const { return login_; }
	const std::string &server() const { return server_; }
	bool isConnected() const { return isConnected_; }
	bool isAlgoTradingOn() const { return isAlgoTradingOn_; }
	bool isLiveTradingAllowed() const { return config_.isLiveTradingAllowed; }
	std::map<std::string, GlobalVariable> &globals() { return globals_; }
	std::vector<std::unique_ptr<Chart>> &charts() { return charts_; }
	Chart *findChart(long long id);
	/** The chart whose program runs now; null outside of programs. */
	Chart *current() { return current_; }
	long long openChart(const std::string &symbol, int period);
	/** Queued, as in the real terminal. */
	void closeChart(long long id);
	void applyTemplate(long long id, const std::filesystem::path &file);
	int lastError = 0;

private:
	struct Task {
		unsigned long long atMs;
		std::function<void()> work;
	};
	void after(long long ms, std::function<void()> work);
	void begin();
	void logIn();
	void authorise(const std::string &login, const SavedAccount &saved);
	void tellAuthorised();
	void loadCharts();
	void saveProfile();
	void loadGlobals();
	void saveGlobals();
	void load(Chart &chart, const std::string &path, bool mayTrade, const mql::Inputs &inputs, long long initDelayMs);
	void takeTemplate(long long id, const std::string &bytes);
	void remove(Chart &chart, int reason);
	void init(Chart &chart);
	/** Calls into a program; one that breaks off is removed. */
	bool run(Chart &chart, const std::function<void()> &call);
	void runPrograms(bool isTick);
	Behaviour behaviour();
	std::optional<SavedAccount> credentials() const;
	std::string titleOf(const Chart &chart) const;
	void warn(const std::string &message);

	std::filesystem::path instance_;
	std::filesystem::path brokerDir_;
	StartConfig config_;
	Journal journal_;
	Market market_;
	BehaviourFile behaviours_;
	std::unique_ptr<BrokerAccount> account_;
	std::string login_ = "0";
	std::string server_;
	bool isConnected_ = false;
	bool isAlgoTradingOn_ = false;
	bool isHung_ = false;
	bool hasEnded_ = false;
	bool hasWindow_ = false;
	bool isLoggedInOnce_ = false;
	unsigned long long silentUntilMs_ = 0;
	unsigned long long blockedUntilMs_ = 0;
	unsigned long long nextTickAtMs_ = 0;
	long long nextChart_ = 131938528530213456LL;
	std::map<std::string, GlobalVariable> globals_;
	std::vector<std::unique_ptr<Chart>> charts_;
	std::vector<Task> tasks_;
	Chart *current_ = nullptr;
};

/** The one terminal of this process, for the MQL5 functions. */
Terminal &terminal();

} // namespace shim
