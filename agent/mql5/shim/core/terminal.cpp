#include "core/terminal.h"
#include "core/platform.h"
#include "core/text.h"
#include <algorithm>
#include <cstdlib>

namespace fs = std::filesystem;

namespace shim {
namespace {

constexpr int TICK_MS = 400;
Terminal *theTerminal = nullptr;

} // namespace

Terminal &terminal() { return *theTerminal; }

Terminal::Terminal(fs::path instance, fs::path brokerDir, const std::vector<std::string> &args)
	 : instance_(std::move(instance)), brokerDir_(std::move(brokerDir)), config_(readStartConfig(instance_, args)),
		journal_(instance_), behaviours_(brokerDir_, [this](const std::string &problem) { warn(problem); }) {
	theTerminal = this;
	isAlgoTradingOn_ = config_.isAlgoTradingOn;
	fs::create_directories(instance_ / "MQL5" / "Files");
	loadGlobals();
	after(behaviour().startDelayMs, [this] { begin(); });
}

Terminal::~Terminal() { theTerminal = nullptr; }

void Terminal::after(long long ms, std::function<void()> work) {
	tasks_.push_back({platform::monotonicMs() + static_cast<unsigned long long>(ms), std::move(work)});
}

void Terminal::tick() {
	if(isHung_ || hasEnded_) return;
	unsigned long long now = platform::monotonicMs();
	// What becomes due meanwhile waits for the next time: so the window opens before the login, and nothing that is
	// posted to it once the bridge answers is lost.
	std::vector<Task> waiting;
	std::vector<Task> due;
	for(Task &task : tasks_) (task.atMs <= now ? due : waiting).push_back(std::move(task));
	tasks_ = std::move(waiting);
	for(Task &task : due) {
		task.work();
		if(isHung_ || hasEnded_) return;
	}
	bool isTick = false;
	if(account_ && isConnected_ && now >= nextTickAtMs_ && !account_->behaviour().isMarketClosed) {
		nextTickAtMs_ = now + TICK_MS;
		isTick = true;
		for(const SymbolSpec &spec : symbolSpecs()) market_.tick(spec);
		account_->runStops();
	}
	runPrograms(isTick);
}

void Terminal::begin() {
	hasWindow_ = true;
	journal_.terminal("Terminal", "MetaTrader 5 x64 build " + std::to_string(BUILD) + " started for Quintet Simulated Broker");
	if(!config_.configLine.empty()) journal_.terminal("Startup", config_.configLine);
	journal_.terminal("Experts", std::string("automated trading is ") + (isAlgoTradingOn_ ? "enabled" : "disabled"));
	if(!config_.login.empty()) after(behaviour().loginDelayMs, [this] { logIn(); });
}

void Terminal::requestClose() {
	if(hasEnded_ || isHung_) return;
	saveProfile();
	for(auto &chart : charts_) remove(*chart, 9);
	saveGlobals();
	saveCommonIni(instance_, config_, isAlgoTradingOn_);
	journal_.terminal("Terminal", "exit with code 0");
	hasEnded_ = true;
}

void Terminal::toggleAlgoTrading() {
	if(isHung_ || platform::monotonicMs() < blockedUntilMs_) return;
	isAlgoTradingOn_ = !isAlgoTradingOn_;
	journal_.terminal("Experts", std::string("automated trading is ") + (isAlgoTradingOn_ ? "enabled" : "disabled"));
}

void Terminal::silenceBridge(long long ms) {
	silentUntilMs_ = platform::monotonicMs() + static_cast<unsigned long long>(ms);
}

void Terminal::blockButton(long long ms) {
	blockedUntilMs_ = platform::monotonicMs() + static_cast<unsigned long long>(ms);
}

void Terminal::dropBroker(long long ms) {
	if(!isConnected_) return;
	isConnected_ = false;
	journal_.terminal("Network", "'" + login_ + "': connection to " + server_ + " lost", 1);
	after(ms, [this, login = login_] {
		if(login_ != login || isConnected_) return;
		tellAuthorised();
		isConnected_ = true;
		// Authorised again, the terminal initialises every EA anew, also for the same account.
		for(auto &chart : charts_) {
			if(!chart->expert || !chart->expert->program) continue;
			run(*chart, [&] { chart->expert->program->callDeinit(6); });
			if(chart->expert) init(*chart);
		}
	});
}

void Terminal::logOut() {
	if(login_ == "0") return;
	journal_.terminal("Network", "'" + login_ + "': disconnected from " + server_, 1);
	isConnected_ = false;
	login_ = "0";
	server_.clear();
	account_.reset();
}

std::optional<SavedAccount> Terminal::credentials() const {
	if(config_.password.empty() || config_.server.empty()) return findSavedAccount(instance_, config_.login);
	return SavedAccount{config_.server, passwordDigest(config_.server, config_.login, config_.password)};
}

Behaviour Terminal::behaviour() {
	if(config_.login.empty()) return {};
	auto saved = credentials();
	return behaviours_.of(saved ? saved->server : "", config_.login);
}

void Terminal::logIn() {
	auto saved = credentials();
	auto refuse = [&](const std::string &server, const std::string &reason) {
		journal_.terminal("Network", "'" + config_.login + "': authorization on " + server + " failed (" + reason + ")", 2);
	};
	if(!saved) return refuse(config_.server, "Invalid account");
	auto wanted = behaviour().password;
	bool isRight = wanted ? saved->digest == passwordDigest(saved->server, config_.login, *wanted)
								 : config_.password.compare(0, 5, "wrong") != 0;
	if(!isRight) return refuse(saved->server, "Invalid password");
	authorise(config_.login, *saved);
}

void Terminal::authorise(const std::string &login, const SavedAccount &saved) {
	std::string opensAs = behaviour().opensAs;
	login_ = opensAs.empty() ? login : opensAs;
	server_ = saved.server;
	account_ = std::make_unique<BrokerAccount>(
		brokerDir_, server_, login, market_, [this] { return behaviour(); }, [this](const std::string &problem) { warn(problem); });
	isConnected_ = true;
	tellAuthorised();
	if(config_.keepsPrivate && !config_.password.empty()) saveAccount(instance_, login, saved);
	if(config_.offOnAccountChange && isAlgoTradingOn_) {
		isAlgoTradingOn_ = false;
		journal_.terminal("Experts", "automated trading is disabled because the account has been changed", 1);
	}
	loadCharts();
}

void Terminal::tellAuthorised() {
	const Books &books = account_->books();
	auto tell = [&](const std::string &message) { journal_.terminal("Network", "'" + login_ + "': " + message); };
	tell("authorized on " + server_ + " through Simulator (ping: 1.00 ms, build " + std::to_string(BUILD) + ")");
	tell("terminal synchronized with Quintet Simulated Broker: " + std::to_string(books.positions.size()) + " positions, " +
		  std::to_string(books.orders.size()) + " orders, 5 symbols, 0 spreads");
	tell(std::string("trading has been enabled - ") + (account_->behaviour().hedging ? "hedging" : "netting") + " mode");
}

void Terminal::warn(const std::string &message) { journal_.terminal("Experts", message, 2); }

} // namespace shim
