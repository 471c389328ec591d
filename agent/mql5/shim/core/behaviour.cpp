#include "core/behaviour.h"
#include "core/text.h"
#include <stdexcept>

namespace shim {
namespace {

[[noreturn]] void wrong(const std::string &key) { throw std::runtime_error(key + " has a wrong value"); }

std::string textOf(const std::string &key, const Json &value) {
	if(value.is(Json::Kind::null)) return "";
	if(!value.is(Json::Kind::text)) wrong(key);
	return value.text;
}

long long countOf(const std::string &key, const Json &value) {
	if(!value.is(Json::Kind::number) || value.whole < 0) wrong(key);
	return value.whole;
}

std::optional<long long> optionalCount(const std::string &key, const Json &value) {
	if(value.is(Json::Kind::null)) return std::nullopt;
	return countOf(key, value);
}

bool flagOf(const std::string &key, const Json &value) {
	if(!value.is(Json::Kind::flag)) wrong(key);
	return value.flag;
}

std::optional<long long> hundredthsOf(const std::string &key, const Json &value) {
	if(value.is(Json::Kind::null)) return std::nullopt;
	auto hundredths = toHundredths(textOf(key, value));
	if(!hundredths) wrong(key);
	return hundredths;
}

std::optional<unsigned long long> ticketOf(const std::string &key, const Json &value) {
	if(value.is(Json::Kind::null)) return std::nullopt;
	std::string text = textOf(key, value);
	if(text.empty() || text.find_first_not_of("0123456789") != std::string::npos) wrong(key);
	return std::stoull(text);
}

std::vector<Seed> seedsOf(const std::string &key, const Json &value) {
	std::vector<Seed> seeds;
	if(!value.is(Json::Kind::list)) wrong(key);
	for(const Json &item : value.items) {
		Seed seed;
		const Json *side = item.find("side");
		const Json *lots = item.find("lots");
		const Json *symbol = item.find("symbol");
		if(!side || !lots || !symbol) wrong(key);
		seed.symbol = textOf(key, *symbol);
		seed.isBuy = side->text == "buy";
		seed.volume = hundredthsOf(key, *lots).value_or(0);
		if(const Json *magic = item.find("magic")) seed.magic = countOf(key, *magic);
		if(const Json *stop = item.find("hasStopLoss")) seed.hasStopLoss = flagOf(key, *stop);
		seeds.push_back(seed);
	}
	return seeds;
}

void overlay(Behaviour &to, const Json &entry) {
	for(const auto &[key, value] : entry.members) {
		if(key == "password") to.password = value.is(Json::Kind::null) ? std::nullopt : std::optional(textOf(key, value));
		else if(key == "balance") to.balanceCents = hundredthsOf(key, value).value_or(0);
		else if(key == "currency") to.currency = textOf(key, value);
		else if(key == "startDelayMs") to.startDelayMs = countOf(key, value);
		else if(key == "loginDelayMs") to.loginDelayMs = countOf(key, value);
		else if(key == "eaReadyDelayMs") to.eaReadyDelayMs = countOf(key, value);
		else if(key == "eaOpenEveryMs") countOf(key, value); // The EA template opens nothing.
		else if(key == "isMarketClosed") to.isMarketClosed = flagOf(key, value);
		else if(key == "marketOpensInMs") to.marketOpensInMs = optionalCount(key, value);
		else if(key == "closeCode") to.closeCode = optionalCount(key, value);
		else if(key == "seedPositions") to.seedPositions = seedsOf(key, value);
		else if(key == "seedOrders") to.seedOrders = seedsOf(key, value);
		else if(key == "hedging") to.hedging = flagOf(key, value);
		else if(key == "opensAs") to.opensAs = textOf(key, value);
		else if(key == "statusMs") to.statusMs = optionalCount(key, value);
		else if(key == "symbolSuffix") to.symbolSuffix = textOf(key, value);
		else if(key == "volumeMax") to.volumeMax = hundredthsOf(key, value);
		else if(key == "partialFill") to.partialFill = hundredthsOf(key, value);
		else if(key == "fillingFlags") to.fillingFlags = countOf(key, value);
		else if(key == "execution") to.execution = textOf(key, value);
		else if(key == "isFifo") to.isFifo = flagOf(key, value);
		else if(key == "deposit") to.depositCents = hundredthsOf(key, value);
		else if(key == "credit") to.creditCents = hundredthsOf(key, value);
		else if(key == "commission") to.commissionCents = hundredthsOf(key, value);
		else if(key == "tradeDelayMs") to.tradeDelayMs = countOf(key, value);
		else if(key == "firstTicket") to.firstTicket = ticketOf(key, value);
		else if(key == "tradingExpertMode") to.tradingExpertMode = static_cast<int>(countOf(key, value));
		else if(key == "refusesCharts") to.refusesCharts = flagOf(key, value);
		else throw std::runtime_error(key + " is not known");
	}
}

} // namespace

std::optional<long long> toHundredths(const std::string &text) {
	bool isNegative = !text.empty() && text[0] == '-';
	auto parts = split(text.substr(isNegative ? 1 : 0), ".");
	if(parts.size() > 2 || parts[0].empty() || parts[0].size() > 12) return std::nullopt;
	std::string fraction = parts.size() == 2 ? parts[1] : "";
	if(fraction.size() > 2 || (parts.size() == 2 && fraction.empty())) return std::nullopt;
	fraction.resize(2, '0');
	for(char c : parts[0] + fraction)
		if(c < '0' || c > '9') return std::nullopt;
	long long value = std::stoll(parts[0]) * 100 + std::stoll(fraction);
	return isNegative ? -value : value;
}

BehaviourFile::BehaviourFile(const std::filesystem::path &brokerDir, std::function<void(const std::string &)> onProblem)
	 : path_(brokerDir / "brokers.json"), onProblem_(std::move(onProblem)) {}

Behaviour BehaviourFile::of(const std::string &server, const std::string &login) {
	refresh();
	Behaviour behaviour;
	for(const std::string &serverKey : {std::string("*"), server}) {
		const Json *logins = content_.find(serverKey);
		for(const std::string &loginKey : {std::string("*"), login}) {
			const Json *entry = logins ? logins->find(loginKey) : nullptr;
			if(!entry) continue;
			try {
				Behaviour laid = behaviour;
				overlay(laid, *entry);
				behaviour = laid;
			} catch(const std::exception &error) {
				complain(serverKey + "/" + loginKey + ": " + error.what());
			}
		}
	}
	return behaviour;
}

void BehaviourFile::complain(const std::string &message) {
	if(complained_.insert(message).second) onProblem_("brokers.json is ignored in part: " + message);
}

void BehaviourFile::refresh() {
	std::string stamp = fileStamp(path_);
	if(stamp == stamp_) return;
	auto bytes = readFile(path_);
	try {
		content_ = bytes ? Json::read(*bytes) : Json::object();
		stamp_ = stamp;
		complained_.clear();
	} catch(const std::exception &error) {
		complain(error.what());
	}
}

} // namespace shim
