/** The real kind of terminal: MetaTrader 5 on Windows, one portable install per account. */
import { openFileChannel } from '../bridge/channel.ts';
import { diskFiles } from './instanceFiles.ts';
import { type TerminalKind } from './ports.ts';
import { windowsLauncher } from './windows/launcher.ts';
import { windowsWindow } from './windows/window.ts';

/** @param install puts a terminal into an instance directory; nothing else of it differs between machines */
export function mt5Terminal(install: TerminalKind['install']): TerminalKind {
	return {
		name: 'mt5',
		files: diskFiles,
		launcher: windowsLauncher,
		window: windowsWindow(),
		openChannel: (instanceDir) => openFileChannel(instanceDir),
		install
	};
}
