// What a terminal knows when it starts, as agent/simulator/startConfig.ts: the same files in the same form.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace shim {

struct StartConfig {
	std::string login;
	std::string server;
	/** Empty: the saved one. */
	std::string password;
	bool keepsPrivate = true;
	bool isAlgoTradingOn = false;
	bool isLiveTradingAllowed = false;
	bool offOnAccountChange = true;
	/** What goes on the start-up chart; empty: the bridge. */
	std::string startUpExpert;
	std::string startUpSymbol;
	/** Line for the journal; empty without `/config:`. */
	std::string configLine;
};

struct SavedAccount {
	std::string server;
	std::string digest;
};

StartConfig readStartConfig(const std::filesystem::path &instance, const std::vector<std::string> &args);
void saveCommonIni(const std::filesystem::path &instance, const StartConfig &config, bool isAlgoTradingOn);
std::string passwordDigest(const std::string &server, const std::string &login, const std::string &password);
std::optional<SavedAccount> findSavedAccount(const std::filesystem::path &instance, const std::string &login);
void saveAccount(const std::filesystem::path &instance, const std::string &login, const SavedAccount &account);

} // namespace shim
