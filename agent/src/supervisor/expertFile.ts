/**
 * The uploaded EA of one account: fetched as soon as it is deployed, so that a Start need not wait for it, and looked
 * at again and again, so that what is told of it was seen. Owns a loop; what a Start needs it sees to itself (`ensure`).
 */
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { parseInputsText, type EaInput } from '#lib/domain/setFile.ts';
import { type SeenState } from '#lib/protocol/seen.ts';
import { withinMs } from '../abort.ts';
import { type Clock } from '../clock.ts';
import { ExpertRefused, type ExpertPost } from '../experts/expertPost.ts';
import { type Logger } from '../logger.ts';
import { errorCode } from '../terminal/replaceFile.ts';
import { type ExpertFound } from '../terminal/uploadedExpert.ts';
import { Waker } from '../waker.ts';
import { type PoolAccount } from './account.ts';
import { StepFailure } from './failures.ts';
import { type Instance } from './instance.ts';
import { Slots } from './slots.ts';
import { type Timings } from './timings.ts';

export interface ExpertFileDependencies {
	instance: Instance;
	account: () => PoolAccount;
	post: ExpertPost;
	clock: Clock;
	logger: Logger;
	timings: Timings;
}

/** Without an uploaded EA there is nothing to look at; a newer word of the server wakes the loop. */
const IDLE_MS = 600_000;

export class ExpertFile {
	readonly #deps: ExpertFileDependencies;
	readonly #waker: Waker<'account_changed'>;
	#found: { path: string; file: ExpertFound | null } | null = null;
	/** The loop and a Start do not write the same file at the same time. */
	readonly #placing = new Slots(1);
	#notBeforeMs = 0;

	constructor(deps: ExpertFileDependencies) {
		this.#deps = deps;
		this.#waker = new Waker(deps.clock);
	}

	/** What lies where the account's uploaded EA belongs; undefined while that was not looked at. */
	get seen(): SeenState['expertFile'] {
		const { path, file } = this.#deps.account().settings.expert;
		if (!file || this.#found?.path !== path) return undefined;
		return { path, sha256: this.#found.file?.sha256 ?? null };
	}

	/** Another file lies in its place; that none is there, or none was looked for, is no difference. */
	get isOther(): boolean {
		const { file } = this.#deps.account().settings.expert;
		const found = this.seen?.sha256 ?? null;
		return file !== undefined && found !== null && found !== file.sha256;
	}

	accountChanged(): void {
		this.#notBeforeMs = 0;
		this.#waker.wake('account_changed');
	}

	async run(signal: AbortSignal): Promise<void> {
		const { account, timings } = this.#deps;
		for (;;) {
			const { settings } = account();
			if (settings.expert.file) await this.#tend(settings, signal);
			await this.#waker.wait(settings.expert.file ? timings.observeMs : IDLE_MS, signal);
		}
	}

	/**
	 * Sees to it that the very file, and its inputs, are there; another one in its place is replaced.
	 * @returns values for the EA's own inputs; none when the settings name no uploaded EA
	 * @throws StepFailure `expert_file`; the signal's reason
	 */
	async ensure(settings: EaSettings, limitMs: number, signal: AbortSignal): Promise<readonly EaInput[]> {
		const { path, file } = settings.expert;
		if (!file) return [];
		try {
			return await withinMs(limitMs, this.#deps.clock, signal, async (limited) => {
				if ((await this.#look(path))?.sha256 !== file.sha256) await this.#put(settings, limited);
				if (file.inputs === null) return [];
				return parseInputsText((await this.#obtain(file.inputs, limited)).toString('utf8'));
			});
		} catch (error) {
			signal.throwIfAborted();
			this.#deps.logger.warn({ err: error, path }, 'an uploaded EA could not be had');
			throw new StepFailure('expert_file', reasonOf(error));
		}
	}

	/** While the terminal runs, its directory is whole. What lies there already is left alone until a Start. */
	async #tend(settings: EaSettings, signal: AbortSignal): Promise<void> {
		const { instance, clock, timings, logger, account } = this.#deps;
		try {
			const found = await this.#look(settings.expert.path);
			if (found || !instance.process || clock.monotonicMs() < this.#notBeforeMs) return;
			await withinMs(timings.expertMs, clock, signal, (limited) => this.#put(settings, limited));
		} catch (error) {
			signal.throwIfAborted();
			if (clock.monotonicMs() < this.#notBeforeMs) return;
			this.#notBeforeMs = clock.monotonicMs() + timings.expertAgainMs;
			const { accountId } = account();
			logger.warn({ err: error, accountId }, 'an uploaded EA was not fetched; it is tried again');
		}
	}

	async #put({ expert: { path, file } }: EaSettings, signal: AbortSignal): Promise<void> {
		if (!file) return;
		const { instance } = this.#deps;
		const isThere = async (): Promise<boolean> => (await this.#look(path))?.sha256 === file.sha256;
		const release = await this.#placing.acquire(signal);
		try {
			// The loop may have put it there while a Start waited for its turn.
			if (await isThere()) return;
			const content = await this.#obtain(file, signal);
			signal.throwIfAborted();
			await instance.terminal.files.putExpert(instance.dir, path, content);
			if (!(await isThere()))
				throw new ExpertRefused('the terminal’s directory shows another file than was put there');
		} finally {
			release();
		}
	}

	#obtain({ sha256, bytes }: { sha256: string; bytes: number }, signal: AbortSignal): Promise<Buffer> {
		const { accountId, epoch } = this.#deps.account();
		return this.#deps.post.obtain({ accountId, epoch, sha256, bytes }, signal);
	}

	async #look(path: string): Promise<ExpertFound | null> {
		const { instance } = this.#deps;
		const before = this.#found?.path === path ? this.#found.file : null;
		const file = await instance.terminal.files.findExpert(instance.dir, path, before);
		this.#found = { path, file };
		return file;
	}
}

function reasonOf(error: unknown): string {
	if (error instanceof ExpertRefused) return error.message;
	const code = errorCode(error);
	return code === ''
		? 'it did not come from the server in time'
		: `the machine’s disk did not take it: ${code}`;
}
