#include "core/windowFolder.h"
#include "core/json.h"
#include "core/platform.h"
#include "core/text.h"

namespace fs = std::filesystem;

namespace shim {
namespace {

constexpr int MESSAGE_POLL_MS = 50;
constexpr int PUMP_MS = 500;
constexpr int CRASHED = 3;
const char *const PUMP_FILE = "pump.json";

} // namespace

WindowFolder::WindowFolder(Terminal &terminal) : terminal_(terminal), folder_(terminal.instance() / "sim-window") {}

void WindowFolder::tick() {
	if(terminal_.isHung() || terminal_.hasEnded() || !terminal_.hasWindow()) return;
	if(!isOpen_) open();
	unsigned long long now = platform::monotonicMs();
	if(now >= pumpAtMs_) {
		pumpAtMs_ = now + PUMP_MS;
		pump();
	}
	if(now >= takeAtMs_) {
		takeAtMs_ = now + MESSAGE_POLL_MS;
		take();
	}
}

/** What was posted to an earlier window is thrown away. */
void WindowFolder::open() {
	isOpen_ = true;
	fs::create_directories(folder_);
	std::error_code error;
	for(const std::string &name : namesIn(folder_)) fs::remove(folder_ / fs::u8path(name), error);
}

void WindowFolder::close() {
	std::error_code error;
	fs::remove(folder_ / PUMP_FILE, error);
}

void WindowFolder::pump() {
	replaceFile(folder_ / PUMP_FILE, Json::object().set("pid", Json::of(platform::processId())).write());
}

void WindowFolder::take() {
	for(const std::string &name : namesIn(folder_)) {
		if(name == PUMP_FILE || name.size() < 5 || name.substr(name.size() - 5) != ".json") continue;
		fs::path path = folder_ / fs::u8path(name);
		auto bytes = readFile(path);
		std::error_code error;
		fs::remove(path, error);
		if(bytes) carryOut(*bytes);
		if(terminal_.isHung() || terminal_.hasEnded()) return;
	}
}

void WindowFolder::carryOut(const std::string &bytes) {
	Json message;
	try {
		message = Json::read(bytes);
	} catch(const std::exception &) {
		return;
	}
	const Json *verb = message.find("verb");
	const Json *time = message.find("ms");
	long long ms = time ? time->whole : 0;
	if(!verb) return;
	if(verb->text == "toggle_algo") terminal_.toggleAlgoTrading();
	else if(verb->text == "close") terminal_.requestClose();
	else if(verb->text == "crash") platform::endNow(CRASHED);
	else if(verb->text == "hang") terminal_.hang();
	else if(verb->text == "silence_bridge") terminal_.silenceBridge(ms);
	else if(verb->text == "drop_broker") terminal_.dropBroker(ms);
	else if(verb->text == "block_button") terminal_.blockButton(ms);
	else if(verb->text == "logout") terminal_.logOut();
}

} // namespace shim
