// The terminal double on Linux: started in place of terminal64.exe with the same switches, it owns the folder its
// program lies in. Environment: QUINTET_SIM_BROKER_DIR, QUINTET_SIM_STATUS_MS, as the simulator's.
#include "core/platform.h"
#include "core/terminal.h"
#include "core/windowFolder.h"
#include <csignal>

namespace {

constexpr int LOOP_MS = 10;
constexpr int DIRECTORY_GONE = 4;
volatile std::sig_atomic_t isAskedToEnd = 0;

} // namespace

int main(int count, char **values) {
	namespace platform = shim::platform;
	std::filesystem::path instance = platform::programPath().parent_path();
	// The real one hands over to the running copy: nothing is read, nothing is journalled.
	if(!platform::claimFolder(instance)) return 0;
	std::signal(SIGTERM, [](int) { isAskedToEnd = 1; });
	std::string brokers = platform::environment("QUINTET_SIM_BROKER_DIR");
	std::filesystem::path brokerDir = brokers.empty() ? instance.parent_path() / ".sim-brokers" : std::filesystem::u8path(brokers);
	shim::Terminal terminal(instance, brokerDir, std::vector<std::string>(values + 1, values + count));
	shim::WindowFolder window(terminal);
	try {
		while(!terminal.hasEnded()) {
			if(isAskedToEnd) terminal.requestClose();
			terminal.tick();
			window.tick();
			platform::sleepMs(LOOP_MS);
		}
	} catch(const std::exception &error) {
		if(!std::filesystem::exists(instance)) return DIRECTORY_GONE;
		terminal.journal().terminal("Terminal", std::string("failed: ") + error.what(), 2);
		return 1;
	}
	window.close();
	return 0;
}
