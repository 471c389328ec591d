/** The real kind of terminal: MetaTrader 5 on Windows, one portable install per account. */
import { openFileChannel } from '../bridge/channel.ts';
import { diskFiles } from './instanceFiles.ts';
import { type TerminalKind } from './ports.ts';
import { type BuildFacts } from './provision/buildFacts.ts';
import { windowsLauncher } from './windows/launcher.ts';
import { windowsWindow } from './windows/window.ts';

export interface Mt5Parts extends Pick<TerminalKind, 'install' | 'beforeLaunch' | 'renewal'> {
	/** What is known of the build in this directory. */
	factsOf?: (instanceDir: string) => Promise<BuildFacts>;
}

/** @param parts how terminals come into their directories; nothing else of it differs between machines */
export function mt5Terminal({ install, beforeLaunch, renewal, factsOf }: Mt5Parts): TerminalKind {
	return {
		name: 'mt5',
		files: diskFiles(factsOf),
		launcher: windowsLauncher,
		window: windowsWindow(factsOf && (async (instanceDir) => (await factsOf(instanceDir)).toggleCommand)),
		openChannel: (instanceDir) => openFileChannel(instanceDir),
		install,
		beforeLaunch,
		...(renewal && { renewal })
	};
}
