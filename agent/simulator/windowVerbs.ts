/** What can be posted to a simulated terminal's window: its real verbs, and faults. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../src/terminal/replaceFile.ts';

export const WINDOW_FOLDER = 'sim-window';
export const PUMP_FILE = 'pump.json';
/** Title of the dialog that the simulated terminal shows; also in its pump file while it is open. */
export const DIALOG_TITLE = 'Open an Account';

export type WindowVerb =
	| { verb: 'toggle_algo' }
	| { verb: 'close' }
	/** Ends at once with exit code 3, saving nothing. */
	| { verb: 'crash' }
	/** The process lives on, but pumps no messages, writes no status and runs no EA. */
	| { verb: 'hang' }
	/** The bridge neither writes nor reads for a while; the EA goes on. */
	| { verb: 'silence_bridge'; ms: number }
	| { verb: 'drop_broker'; ms: number }
	/** A dialog is in the way: the Algo Trading button takes no press for a while. */
	| { verb: 'block_button'; ms: number }
	| { verb: 'logout' }
	/** A modal dialog comes up: until it is closed the button takes no press and the bridge stands still. */
	| { verb: 'show_dialog' }
	/** Closes every dialog. */
	| { verb: 'close_dialogs' }
	/** The EA stays on its chart, but its timer does not fire any more: no heartbeat, no trade. */
	| { verb: 'freeze_ea' };

const PLAIN = [
	'toggle_algo',
	'close',
	'crash',
	'hang',
	'logout',
	'show_dialog',
	'close_dialogs',
	'freeze_ea'
] as const;
const TIMED = ['silence_bridge', 'drop_broker', 'block_button'] as const;

/** The verb in a message file; null when there is none in it. */
export function readVerb(content: string): WindowVerb | null {
	let message: { verb?: unknown; ms?: unknown } | null;
	try {
		message = JSON.parse(content);
	} catch {
		return null;
	}
	const { verb, ms } = message ?? {};
	const plain = PLAIN.find((name) => name === verb);
	if (plain) return { verb: plain };
	const timed = TIMED.find((name) => name === verb);
	return timed && typeof ms === 'number' && ms >= 0 ? { verb: timed, ms } : null;
}

let posted = 0;

/** Posts a verb to the terminal of an instance; like PostMessage, it does not wait for the effect. */
export async function postVerb(instanceDir: string, verb: WindowVerb): Promise<void> {
	const folder = join(instanceDir, WINDOW_FOLDER);
	await mkdir(folder, { recursive: true });
	posted += 1;
	// Taken in the order of their names, which is the order of their posting.
	const name = `${Date.now()}-${posted.toString().padStart(8, '0')}-${process.pid}.json`;
	await replaceFile(join(folder, name), Buffer.from(JSON.stringify(verb)));
}
