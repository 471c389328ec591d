// The charts' side of the terminal: opening, templates, loading and running programs, the saved profile.
#include "core/charts.h"
#include "core/platform.h"
#include "core/terminal.h"
#include "core/text.h"
#include "core/template.h"
#include "mql/enums.h"
#include <cstdlib>

namespace fs = std::filesystem;

namespace shim {
namespace {

/** A template is queued, and applied a little later. */
constexpr int TEMPLATE_DELAY_MS = 60;
constexpr int LEAST_TIMER_MS = 10;
const char *const BRIDGE = "Quintet\\QuintetBridge";
/** What stands in for an EA that this program was not built with. */
const char *const ANY_EXPERT = "Quintet\\EATemplate";

fs::path profileOf(const fs::path &instance) { return instance / "MQL5" / "Profiles" / "Charts" / "Default"; }
fs::path globalsFile(const fs::path &instance) { return instance / "Bases" / "gvariables.dat"; }

} // namespace

std::string timeframeName(int period) {
	static const std::map<int, std::string> names{
		{mql::PERIOD_M1, "M1"}, {mql::PERIOD_M5, "M5"}, {mql::PERIOD_M15, "M15"},
		{mql::PERIOD_M30, "M30"}, {mql::PERIOD_H1, "H1"}, {mql::PERIOD_H4, "H4"},
		{mql::PERIOD_D1, "D1"}, {mql::PERIOD_W1, "W1"}, {mql::PERIOD_MN1, "MN1"}};
	auto name = names.find(period);
	return name == names.end() ? "CURRENT" : name->second;
}

Chart *Terminal::findChart(long long id) {
	for(auto &chart : charts_)
		if(chart->id == id) return chart.get();
	return nullptr;
}

long long Terminal::openChart(const std::string &symbol, int period) {
	if(!account_ || !account_->hasSymbol(symbol)) return 0;
	auto chart = std::make_unique<Chart>();
	chart->id = nextChart_++;
	chart->symbol = symbol;
	chart->period = period == 0 ? static_cast<int>(mql::PERIOD_H1) : period;
	charts_.push_back(std::move(chart));
	return charts_.back()->id;
}

void Terminal::closeChart(long long id) {
	after(0, [this, id] {
		for(std::size_t i = 0; i < charts_.size(); i++) {
			if(charts_[i]->id != id) continue;
			remove(*charts_[i], 4);
			charts_.erase(charts_.begin() + static_cast<std::ptrdiff_t>(i));
			return;
		}
	});
}

void Terminal::applyTemplate(long long id, const fs::path &file) {
	auto bytes = readFile(file);
	after(TEMPLATE_DELAY_MS, [this, id, bytes = bytes.value_or("")] { takeTemplate(id, bytes); });
}

void Terminal::takeTemplate(long long id, const std::string &bytes) {
	Chart *chart = findChart(id);
	auto read = readTemplate(bytes);
	if(!chart || !read) return;
	remove(*chart, 7);
	chart->templateBytes = bytes;
	if(!read->expert) return;
	std::string path = (*read->expert)["path"];
	if(path.compare(0, 8, "Experts\\") == 0) path = path.substr(8);
	if(path.size() > 4 && path.substr(path.size() - 4) == ".ex5") path.resize(path.size() - 4);
	mql::Inputs inputs;
	inputs.values = read->inputs;
	const std::string mode = (*read->expert)["expertmode"];
	const int only = behaviour().tradingExpertMode;
	const bool mayTrade = only == 0 ? mode != "0" : mode == std::to_string(only);
	load(*chart, path, mayTrade, inputs, behaviour().eaReadyDelayMs);
}

void Terminal::load(Chart &chart, const std::string &path, bool mayTrade, const mql::Inputs &inputs,
						  long long initDelayMs) {
	auto expert = std::make_unique<Expert>();
	expert->path = path;
	expert->mayTrade = mayTrade;
	expert->inputs = inputs;
	expert->initAtMs = platform::monotonicMs() + static_cast<unsigned long long>(initDelayMs);
	// Names that let a test see what a missing file and a failing OnInit look like.
	if(expert->name().compare(0, 7, "Missing") == 0) return warn("cannot open file 'Experts\\" + path + ".ex5' [2]");
	std::string title = "expert " + expert->name() + " (" + chart.symbol + "," + timeframeName(chart.period) + ")";
	if(expert->name().compare(0, 6, "Broken") == 0) return warn(title + " initialization failed");
	chart.expert = std::move(expert);
	journal_.terminal("Experts", title + " loaded successfully");
}

std::string Terminal::titleOf(const Chart &chart) const {
	return (chart.expert ? chart.expert->name() : "") + " (" + chart.symbol + "," + timeframeName(chart.period) + ")";
}

void Terminal::remove(Chart &chart, int reason) {
	if(!chart.expert) return;
	std::string title = titleOf(chart);
	if(chart.expert->program) run(chart, [&] { chart.expert->program->callDeinit(reason); });
	chart.expert.reset();
	journal_.terminal("Experts", "expert " + title + " removed");
}

void Terminal::init(Chart &chart) {
	Expert &expert = *chart.expert;
	expert.timerMs = 0;
	expert.program = mql::makeProgram(expert.path);
	if(!expert.program) expert.program = mql::makeProgram(ANY_EXPERT);
	expert.program->bindInputs(expert.inputs);
	int result = 0;
	if(!run(chart, [&] { result = chart.expert->program->callInit(); }) || result == 0) return;
	std::string title = titleOf(chart);
	chart.expert.reset();
	warn("expert " + title + " initialization failed");
}

bool Terminal::run(Chart &chart, const std::function<void()> &call) {
	Chart *outer = current_;
	current_ = &chart;
	bool isDone = true;
	try {
		call();
	} catch(const mql::CriticalError &error) {
		journal_.program(titleOf(chart), error.what());
		isDone = false;
	}
	current_ = outer;
	if(!isDone) {
		std::string title = titleOf(chart);
		chart.expert.reset();
		warn("expert " + title + " stopped by a critical error");
	}
	return isDone;
}

void Terminal::runPrograms(bool isTick) {
	// By id: a program opens charts while it runs.
	std::vector<long long> ids;
	for(auto &chart : charts_) ids.push_back(chart->id);
	for(long long id : ids) {
		unsigned long long now = platform::monotonicMs();
		Chart *chart = findChart(id);
		if(!chart || !chart->expert) continue;
		if(chart->expert->isBridge() && now < silentUntilMs_) continue;
		if(!chart->expert->program) {
			if(now >= chart->expert->initAtMs) init(*chart);
			continue;
		}
		if(isTick) run(*chart, [&] { chart->expert->program->callTick(); });
		if(!chart->expert || chart->expert->timerMs == 0 || now < chart->expert->timerAtMs) continue;
		chart->expert->timerAtMs = now + static_cast<unsigned long long>(std::max(chart->expert->timerMs, LEAST_TIMER_MS));
		run(*chart, [&] { chart->expert->program->callTimer(); });
	}
}

/** After the login: what the profile holds comes back, as in the real terminal, and then the start-up chart. */
void Terminal::loadCharts() {
	if(isLoggedInOnce_) return;
	isLoggedInOnce_ = true;
	fs::path profile = profileOf(instance_);
	for(const std::string &name : namesIn(profile)) {
		std::string bytes = readFile(profile / name).value_or("");
		auto read = readTemplate(bytes);
		if(!read) continue;
		long long id = openChart(read->chart["symbol"], 0);
		if(id != 0) takeTemplate(id, bytes);
	}
	std::string symbol = config_.startUpSymbol.empty() ? account_->symbols().front() : config_.startUpSymbol;
	// A symbol that the broker does not have opens no chart, and nobody is told.
	long long id = openChart(symbol, 0);
	if(id == 0) return;
	mql::Inputs inputs;
	std::string statusMs = platform::environment("QUINTET_SIM_STATUS_MS");
	if(auto wanted = behaviour().statusMs) statusMs = std::to_string(*wanted);
	if(!statusMs.empty()) inputs.values["StatusMs"] = statusMs;
	load(*findChart(id), config_.startUpExpert.empty() ? BRIDGE : config_.startUpExpert, true, inputs, 0);
}

void Terminal::saveProfile() {
	fs::path profile = profileOf(instance_);
	fs::create_directories(profile);
	for(const std::string &name : namesIn(profile)) fs::remove(profile / name);
	int count = 0;
	for(auto &chart : charts_) {
		if(chart->templateBytes.empty() || !chart->expert) continue;
		std::string number = std::to_string(++count);
		replaceFile(profile / ("chart" + std::string(number.size() < 2 ? 1 : 0, '0') + number + ".chr"), chart->templateBytes);
	}
}

void Terminal::loadGlobals() {
	for(const std::string &line : split(readFile(globalsFile(instance_)).value_or(""), "\n")) {
		auto parts = split(line, "\t");
		if(parts.size() == 2) globals_[parts[0]] = {std::strtod(parts[1].c_str(), nullptr), false};
	}
}

/** The temporary ones end with the terminal. */
void Terminal::saveGlobals() {
	std::string lines;
	for(const auto &[name, variable] : globals_)
		if(!variable.isTemporary) lines += name + "\t" + std::to_string(variable.value) + "\n";
	fs::create_directories(globalsFile(instance_).parent_path());
	replaceFile(globalsFile(instance_), lines);
}

} // namespace shim
