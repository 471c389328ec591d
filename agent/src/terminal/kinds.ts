/** Which kinds of terminal this build of the agent can drive. */
import { type TerminalKindName } from '../config.ts';
import { type TerminalKind } from './ports.ts';
import { simulatedTerminal } from './simulated.ts';

/** @returns null when it cannot drive that kind on this machine */
export function openTerminalKind(name: TerminalKindName): TerminalKind | null {
	return name === 'simulated' ? simulatedTerminal() : null;
}
