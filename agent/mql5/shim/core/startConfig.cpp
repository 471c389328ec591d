#include "core/startConfig.h"
#include "core/ini.h"
#include "core/sha256.h"
#include "core/text.h"

namespace fs = std::filesystem;

namespace shim {
namespace {

std::string switchValue(const std::vector<std::string> &args, const std::string &name) {
	std::string head = "/" + name + ":";
	for(const std::string &arg : args)
		if(arg.compare(0, head.size(), head) == 0) return arg.substr(head.size());
	return "";
}

/** A wrong value silently falls back to the default. */
bool flagOf(const Ini &ini, const std::string &section, const std::string &key, bool whenAbsent) {
	std::string value = iniValue(ini, section, key);
	return value == "1" || (value != "0" && whenAbsent);
}

fs::path commonIni(const fs::path &instance) { return instance / "config" / "common.ini"; }
fs::path accountsFile(const fs::path &instance) { return instance / "config" / "accounts.dat"; }

} // namespace

StartConfig readStartConfig(const fs::path &instance, const std::vector<std::string> &args) {
	StartConfig config;
	std::string path = switchValue(args, "config");
	std::optional<std::string> given = path.empty() ? std::nullopt : readFile(fs::u8path(path));
	if(!path.empty())
		config.configLine = given ? "launched with " + path : "cannot load config \"" + path + "\" at start";
	if(!given) given = readFile(commonIni(instance));
	Ini ini = readIni(given.value_or(""));
	config.login = switchValue(args, "login");
	if(config.login.empty()) config.login = iniValue(ini, "Common", "Login");
	config.server = iniValue(ini, "Common", "Server");
	config.password = iniValue(ini, "Common", "Password");
	config.keepsPrivate = flagOf(ini, "Common", "KeepPrivate", true);
	config.isAlgoTradingOn = flagOf(ini, "Experts", "Enabled", false);
	config.isLiveTradingAllowed = flagOf(ini, "Experts", "AllowLiveTrading", false);
	config.offOnAccountChange = flagOf(ini, "Experts", "Account", true);
	config.startUpExpert = iniValue(ini, "StartUp", "Expert");
	config.startUpSymbol = iniValue(ini, "StartUp", "Symbol");
	return config;
}

void saveCommonIni(const fs::path &instance, const StartConfig &config, bool isAlgoTradingOn) {
	auto bit = [](bool value) { return std::string(value ? "1" : "0"); };
	std::string text = "[Common]\r\n";
	if(!config.login.empty()) text += "Login=" + config.login + "\r\n";
	text += "Server=" + config.server + "\r\nKeepPrivate=" + bit(config.keepsPrivate) + "\r\n[Experts]\r\nEnabled=" +
			  bit(isAlgoTradingOn) + "\r\nAllowLiveTrading=" + bit(config.isLiveTradingAllowed) +
			  "\r\nAllowDllImport=0\r\nAccount=" + bit(config.offOnAccountChange) + "\r\nProfile=0\r\nChart=0\r\n";
	fs::create_directories(instance / "config");
	replaceFile(commonIni(instance), "\xff\xfe" + utf16Bytes(fromUtf8(text)));
}

std::string passwordDigest(const std::string &server, const std::string &login, const std::string &password) {
	return sha256Hex(server + "\n" + login + "\n" + password);
}

std::optional<SavedAccount> findSavedAccount(const fs::path &instance, const std::string &login) {
	for(const std::string &line : split(readFile(accountsFile(instance)).value_or(""), "\n")) {
		auto parts = split(line, "\t");
		if(parts.size() == 3 && parts[0] == login) return SavedAccount{parts[1], parts[2]};
	}
	return std::nullopt;
}

void saveAccount(const fs::path &instance, const std::string &login, const SavedAccount &account) {
	std::string lines;
	for(const std::string &line : split(readFile(accountsFile(instance)).value_or(""), "\n"))
		if(!line.empty() && line.compare(0, login.size() + 1, login + "\t") != 0) lines += line + "\n";
	fs::create_directories(instance / "config");
	replaceFile(accountsFile(instance), lines + login + "\t" + account.server + "\t" + account.digest + "\n");
}

} // namespace shim
