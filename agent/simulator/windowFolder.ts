/**
 * The simulated terminal's main window: a folder `sim-window/` in the instance. Whoever would post a window
 * message writes `<id>.json` with a verb; the terminal consumes it, and shows in `pump.json` that it still
 * takes messages.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFileSync } from '../src/terminal/replaceFile.ts';
import { type Rhythm } from './rhythm.ts';
import { DIALOG_TITLE, PUMP_FILE, readVerb, WINDOW_FOLDER, type WindowVerb } from './windowVerbs.ts';

const MESSAGE_POLL_MS = 50;
const PUMP_MS = 500;

export class WindowFolder {
	readonly #folder: string;
	readonly #rhythm: Rhythm;
	#hasDialog = false;

	constructor(instanceDir: string, rhythm: Rhythm) {
		this.#folder = join(instanceDir, WINDOW_FOLDER);
		this.#rhythm = rhythm;
	}

	/** Opens the window: what was posted to an earlier one is thrown away. */
	open(onVerb: (verb: WindowVerb) => void): void {
		mkdirSync(this.#folder, { recursive: true });
		for (const name of readdirSync(this.#folder)) rmSync(join(this.#folder, name), { force: true });
		this.#pump();
		this.#rhythm.every(PUMP_MS, () => this.#pump());
		this.#rhythm.every(MESSAGE_POLL_MS, () => this.#take(onVerb));
	}

	/** What is seen of the window from outside changes at once. */
	set hasDialog(hasDialog: boolean) {
		this.#hasDialog = hasDialog;
		this.#pump();
	}

	close(): void {
		rmSync(join(this.#folder, PUMP_FILE), { force: true });
	}

	#pump(): void {
		const dialogs = this.#hasDialog ? [DIALOG_TITLE] : [];
		replaceFileSync(join(this.#folder, PUMP_FILE), JSON.stringify({ pid: process.pid, dialogs }));
	}

	#take(onVerb: (verb: WindowVerb) => void): void {
		const names = readdirSync(this.#folder).filter((name) => name.endsWith('.json') && name !== PUMP_FILE);
		for (const name of names.sort()) {
			const path = join(this.#folder, name);
			const content = readFileSync(path, 'utf8');
			rmSync(path, { force: true });
			const verb = readVerb(content);
			if (verb) onVerb(verb);
		}
	}
}
