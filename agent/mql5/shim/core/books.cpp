#include "core/books.h"
#include "core/text.h"
#include <stdexcept>

namespace shim {
namespace {

constexpr std::size_t KEPT_DEALS = 1000;

const Json &memberOf(const Json &object, const char *name) {
	const Json *value = object.find(name);
	if(!value) throw std::runtime_error(std::string("no ") + name);
	return *value;
}
long long wholeOf(const Json &object, const char *name) { return memberOf(object, name).whole; }
std::string textOf(const Json &object, const char *name) { return memberOf(object, name).text; }
bool isBuyOf(const Json &object) { return textOf(object, "side") == "buy"; }
std::optional<long long> optionalOf(const Json &object, const char *name) {
	const Json &value = memberOf(object, name);
	return value.is(Json::Kind::null) ? std::nullopt : std::optional(value.whole);
}

Json sideJson(bool isBuy) { return Json::of(isBuy ? "buy" : "sell"); }
Json optionalJson(const std::optional<long long> &value) { return value ? Json::of(*value) : Json::null(); }

Json toJson(const Position &each) {
	return Json::object()
		.set("ticket", Json::of(each.ticket))
		.set("symbol", Json::of(each.symbol))
		.set("side", sideJson(each.isBuy))
		.set("volume", Json::of(each.volume))
		.set("openPoints", Json::of(each.openPoints))
		.set("stopLossPoints", optionalJson(each.stopLossPoints))
		.set("takeProfitPoints", optionalJson(each.takeProfitPoints))
		.set("magic", Json::of(each.magic))
		.set("openedAtMs", Json::of(each.openedAtMs));
}

Json toJson(const PendingOrder &each) {
	return Json::object()
		.set("ticket", Json::of(each.ticket))
		.set("symbol", Json::of(each.symbol))
		.set("side", sideJson(each.isBuy))
		.set("volume", Json::of(each.volume))
		.set("pricePoints", Json::of(each.pricePoints))
		.set("magic", Json::of(each.magic))
		.set("placedAtMs", Json::of(each.placedAtMs));
}

Json toJson(const Deal &each) {
	return Json::object()
		.set("ticket", Json::of(each.ticket))
		.set("positionId", Json::of(each.positionId))
		.set("entry", Json::of(each.entry))
		.set("symbol", Json::of(each.symbol))
		.set("side", sideJson(each.isBuy))
		.set("volume", Json::of(each.volume))
		.set("points", Json::of(each.points))
		.set("profitCents", Json::of(each.profitCents))
		.set("magic", Json::of(each.magic))
		.set("reason", Json::of(each.reason))
		.set("atMs", Json::of(each.atMs))
		.set("commissionCents", Json::of(each.commissionCents));
}

template <typename T> Json listJson(const std::vector<T> &items) {
	Json list = Json::list();
	for(const T &item : items) list.items.push_back(toJson(item));
	return list;
}

Books booksOf(const Json &json) {
	Books books;
	books.balanceCents = wholeOf(json, "balanceCents");
	books.creditCents = json.find("creditCents") ? wholeOf(json, "creditCents") : 0;
	books.currency = textOf(json, "currency");
	books.nextTicket = wholeOf(json, "nextTicket");
	for(const Json &item : memberOf(json, "positions").items)
		books.positions.push_back({wholeOf(item, "ticket"), textOf(item, "symbol"), isBuyOf(item), wholeOf(item, "volume"),
											wholeOf(item, "openPoints"), optionalOf(item, "stopLossPoints"),
											optionalOf(item, "takeProfitPoints"), wholeOf(item, "magic"),
											wholeOf(item, "openedAtMs")});
	for(const Json &item : memberOf(json, "orders").items)
		books.orders.push_back({wholeOf(item, "ticket"), textOf(item, "symbol"), isBuyOf(item), wholeOf(item, "volume"),
										wholeOf(item, "pricePoints"), wholeOf(item, "magic"),
										item.find("placedAtMs") ? wholeOf(item, "placedAtMs") : 0});
	for(const Json &item : memberOf(json, "deals").items)
		books.deals.push_back({wholeOf(item, "ticket"), wholeOf(item, "positionId"), textOf(item, "entry"),
									  textOf(item, "symbol"), isBuyOf(item), wholeOf(item, "volume"), wholeOf(item, "points"),
									  wholeOf(item, "profitCents"), wholeOf(item, "magic"), textOf(item, "reason"),
									  wholeOf(item, "atMs"), item.find("commissionCents") ? wholeOf(item, "commissionCents") : 0});
	return books;
}

} // namespace

AccountFile::AccountFile(const std::filesystem::path &brokerDir, const std::string &server, const std::string &login,
								 const std::function<Books()> &open,
								 const std::function<void(const std::string &)> &onProblem)
	 : path_(brokerDir / std::filesystem::u8path(server) / (login + ".json")) {
	std::filesystem::create_directories(path_.parent_path());
	bool isThere = false;
	try {
		isThere = read();
	} catch(const std::exception &) {
		onProblem("the broker's books of " + login + " are unreadable, put aside and opened anew");
		std::filesystem::path broken = path_;
		broken += ".broken";
		std::error_code error;
		std::filesystem::rename(path_, broken, error);
	}
	if(isThere) return;
	books_ = open();
	save();
}

Books &AccountFile::books() {
	read();
	return books_;
}

void AccountFile::save() {
	if(books_.deals.size() > KEPT_DEALS)
		books_.deals.erase(books_.deals.begin(), books_.deals.end() - static_cast<std::ptrdiff_t>(KEPT_DEALS));
	Json json = Json::object();
	json.set("balanceCents", Json::of(books_.balanceCents))
		.set("creditCents", Json::of(books_.creditCents))
		.set("currency", Json::of(books_.currency))
		.set("nextTicket", Json::of(books_.nextTicket))
		.set("positions", listJson(books_.positions))
		.set("orders", listJson(books_.orders))
		.set("deals", listJson(books_.deals));
	if(!replaceFile(path_, json.write())) throw std::runtime_error("the broker's books cannot be written");
	stamp_ = fileStamp(path_);
}

bool AccountFile::read() {
	std::string stamp = fileStamp(path_);
	if(stamp.empty() || stamp == stamp_) return !stamp.empty();
	books_ = booksOf(Json::read(readFile(path_).value_or("")));
	stamp_ = stamp;
	return true;
}

} // namespace shim
