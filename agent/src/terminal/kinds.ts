/** Which kinds of terminal this build of the agent can drive. */
import { type TerminalKindName } from '../config.ts';
import { mt5Terminal } from './mt5.ts';
import { type TerminalKind } from './ports.ts';
import { simulatedTerminal } from './simulated.ts';

/** @returns null when it cannot drive that kind on this machine */
export function openTerminalKind(name: TerminalKindName): TerminalKind | null {
	if (name === 'simulated') return simulatedTerminal();
	return process.platform === 'win32' ? mt5Terminal(useWhatIsThere) : null;
}

/** Terminals are put into their directories by hand so far. */
async function useWhatIsThere(): Promise<void> {}
