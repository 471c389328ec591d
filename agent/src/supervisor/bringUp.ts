/**
 * Brings one account's terminal up: directories, configuration, process, login, bridge. Whoever needs it
 * joins the one flight that is under way; leaving it does not stop it, since a terminal left half way up
 * would be in nobody's hands.
 *
 * The first login carries the password, and is a start of its own (firstLogin.ts); the terminal saves the login,
 * and every other start carries no secret and brings the bridge. A refused login is not tried again before the
 * credentials change.
 */
import { type BridgeStatus } from '../bridge/contract.ts';
import { childOf, unlessAborted } from '../abort.ts';
import { type Clock } from '../clock.ts';
import { type Fence, type Fences } from '../link/fences.ts';
import { type Logger } from '../logger.ts';
import { type CredentialMark, type PoolAccount } from './account.ts';
import { logInFirst } from './firstLogin.ts';
import { isFailureCode, StepFailure, type FailureCode } from './failures.ts';
import { type Instance } from './instance.ts';
import { type ProcessIdentity } from '../terminal/ports.ts';
import { type Slots } from './slots.ts';
import { type Timings } from './timings.ts';

export interface BringUpDependencies {
	instance: Instance;
	account: () => PoolAccount;
	fences: Fences;
	mark: CredentialMark;
	slots: Slots;
	clock: Clock;
	logger: Logger;
	timings: Timings;
}

interface Flight {
	promise: Promise<void>;
	/** Aborting it takes the flight out of the queue for a slot, and lets it go on at once. */
	hurry: AbortController;
}

const LOGIN_POLL_MS = 50;

export class BringUp {
	readonly #deps: BringUpDependencies;
	readonly #lifetime: AbortSignal;
	#flight: Flight | null = null;
	#stage: string | null = null;

	/** @param lifetime aborted when the agent ends; the terminal goes on then */
	constructor(deps: BringUpDependencies, lifetime: AbortSignal) {
		this.#deps = deps;
		this.#lifetime = lifetime;
	}

	get isUnderWay(): boolean {
		return this.#flight !== null;
	}

	/** How far the terminal's directory is being prepared, in words; null when it is not. */
	get stage(): string | null {
		return this.#stage;
	}

	/**
	 * A terminal that an earlier agent left in its first login has no bridge, and nothing trades in it: it is ended,
	 * and its password wiped. @returns whether there was one
	 */
	async endFirstLogin(): Promise<boolean> {
		const { instance, timings } = this.#deps;
		if (!(await instance.terminal.files.wipeStartIni(instance.dir))) return false;
		await instance.end(timings.closeMs);
		return true;
	}

	/** Resolves when nothing is under way any more: after the end of the lifetime, no terminal comes up by it. */
	async settled(): Promise<void> {
		await this.#flight?.promise.catch(() => {});
	}

	/** Why nothing is tried with the present credentials; null when nothing stands against it. */
	get block(): FailureCode | null {
		const { fences, mark, account } = this.#deps;
		const { refused } = fences.of(account().accountId);
		if (!refused || refused.mark !== mark(account())) return null;
		return isFailureCode(refused.code) ? refused.code : 'login_refused';
	}

	/**
	 * Resolves when the bridge answers on the right login. Urgent callers do not queue for a slot.
	 * @throws StepFailure when it does not come to that; the signal's reason
	 */
	async ensure({ isUrgent, signal }: { isUrgent: boolean; signal: AbortSignal }): Promise<void> {
		signal.throwIfAborted();
		const { block } = this;
		if (block) throw new StepFailure(block);
		if (this.#flight === null) {
			const { fresh } = this.#deps.instance;
			if (fresh && this.isRight(fresh)) return;
			const hurry = new AbortController();
			const promise = this.#lift(hurry.signal).finally(() => (this.#flight = null));
			promise.catch(() => {});
			this.#flight = { promise, hurry };
		}
		if (isUrgent) this.#flight.hurry.abort();
		await unlessAborted(this.#flight.promise, signal);
	}

	isRight(status: BridgeStatus): boolean {
		const { accountNumber, serverName } = this.#deps.account();
		return status.login === accountNumber && status.server === serverName;
	}

	async #lift(hurry: AbortSignal): Promise<void> {
		const { instance, timings } = this.#deps;
		if (instance.process ?? (await instance.adopt())) {
			// Somebody else's launch: an earlier agent's, or one that took too long before.
			if (!(await this.endFirstLogin())) {
				const silentMs = Math.max(0, timings.silentMs - instance.silentForMs);
				const refusal = await this.#awaitLogin(silentMs, () => null, 'bridge_silent');
				if (refusal === null) return;
			}
		}
		if (this.#deps.account().isRemembered) throw new StepFailure('server_unheard');
		// Copying a terminal takes minutes: nobody else's launch waits for it.
		await this.#install();
		const release = await this.#slot(hurry);
		try {
			await this.#launchAndLogIn();
		} finally {
			release();
		}
	}

	async #install(): Promise<void> {
		const { instance, account } = this.#deps;
		const { broker, serverName: server } = account();
		try {
			await instance.terminal.install(
				instance.dir,
				{ broker, server },
				{ onStage: (stage) => (this.#stage = stage), signal: this.#lifetime }
			);
		} finally {
			this.#stage = null;
		}
	}

	async #slot(hurry: AbortSignal): Promise<() => void> {
		const { controller, release } = childOf(this.#lifetime);
		const skip = (): void => controller.abort();
		if (hurry.aborted) skip();
		hurry.addEventListener('abort', skip, { once: true });
		try {
			return await this.#deps.slots.acquire(controller.signal);
		} catch (error) {
			this.#lifetime.throwIfAborted();
			if (!hurry.aborted) throw error;
			return () => {};
		} finally {
			release();
			hurry.removeEventListener('abort', skip);
		}
	}

	async #launchAndLogIn(): Promise<void> {
		const { fences, mark, logger, instance, timings } = this.#deps;
		const account = this.#deps.account();
		const present = mark(account);
		const { accountId } = account;
		// The journal may speak of a directory that was removed since: without the terminal's own file there is no login.
		const isSaved = await instance.terminal.files.hasSavedLogin(instance.dir);
		const loginMark = isSaved ? fences.of(accountId).loginMark : null;
		// Without a password there is only what the terminal saved; it is not thrown away for being refused once.
		if (account.password === null) {
			if (loginMark !== null && (await this.#launch(account)) === null) return;
			if (loginMark !== null) await instance.end(timings.closeMs);
			throw new StepFailure('password_needed');
		}
		if (loginMark === present) {
			const refusal = await this.#launch(account);
			if (refusal === null) return;
			logger.warn({ accountId, refusal }, 'the saved login was refused; trying once with the password');
			await instance.end(timings.closeMs);
			this.#note({ loginMark: null });
		}
		await this.#beforeLaunch(account);
		const { clock } = this.#deps;
		const onLaunched = (process: ProcessIdentity): void => this.#noteLaunch(process, true);
		const first = await logInFirst(
			{ instance, clock, timings, lifetime: this.#lifetime, onLaunched },
			account,
			account.password
		);
		if (first.kind === 'other_account') return this.#refuseAccount(first.login);
		const refusal = first.kind === 'refused' ? first.reason : null;
		if (refusal === null) {
			this.#note({ loginMark: present, refused: null });
			if ((await this.#launch(account)) === null) return;
			await instance.end(timings.closeMs);
		}
		this.#note({ loginMark: null, refused: { mark: present, code: 'login_refused' } });
		throw new StepFailure('login_refused', refusal);
	}

	/** Nothing of an earlier terminal is left, and the next one comes up with Algo Trading off: only a Start
	 * switches it on. */
	async #beforeLaunch({ accountNumber: login, serverName: server }: PoolAccount): Promise<void> {
		const { instance } = this.#deps;
		const { dir, terminal } = instance;
		await instance.reset();
		await terminal.files.writeCommonIni(dir, { login, server, isAlgoTradingOn: false });
		await terminal.beforeLaunch(dir);
	}

	#noteLaunch({ pid, createdAt }: ProcessIdentity, withPassword: boolean): void {
		this.#note({ process: { pid, createdAt } });
		const { accountId } = this.#deps.account();
		this.#deps.logger.info({ accountId, pid, withPassword }, 'terminal launched');
	}

	/** With the saved login. @returns the broker's reason when it refused it, null when the bridge answers */
	async #launch(account: PoolAccount): Promise<string | null> {
		const { instance, timings } = this.#deps;
		const { dir, terminal } = instance;
		const { accountNumber: login, serverName: server } = account;
		await this.#beforeLaunch(account);
		const config = await terminal.files.writeLaunchIni(dir, { login, server, isAlgoTradingOn: false });
		let refusal: string | null = null;
		const tail = terminal.files.followJournal(dir, (event) => {
			if (event.kind === 'refused' && event.login === login) refusal ??= event.reason;
		});
		try {
			const args = ['/portable', `/config:${config}`, `/login:${login}`];
			const launched = await terminal.launcher.launch(dir, args);
			instance.hold(launched);
			this.#noteLaunch(launched, false);
			return await this.#awaitLogin(timings.loginMs, () => refusal, 'login_timeout');
		} finally {
			tail.close();
		}
	}

	async #awaitLogin(
		limitMs: number,
		refusal: () => string | null,
		onTimeout: FailureCode
	): Promise<string | null> {
		const { instance, clock } = this.#deps;
		const deadline = clock.monotonicMs() + limitMs;
		for (;;) {
			const reason = refusal();
			if (reason !== null) return reason;
			const { fresh } = instance;
			if (fresh && this.isRight(fresh)) return null;
			if (fresh && fresh.login !== '0') return this.#refuseAccount(`${fresh.login} on ${fresh.server}`);
			if (!instance.process || (await instance.look()) === 'ended')
				throw new StepFailure('terminal_start', refusal() ?? 'it ended before it was logged in');
			if (clock.monotonicMs() >= deadline) throw new StepFailure(onTimeout);
			await clock.sleep(LOGIN_POLL_MS, this.#lifetime);
		}
	}

	async #refuseAccount(opened: string): Promise<never> {
		const { instance, mark, timings, account } = this.#deps;
		await instance.end(timings.closeMs);
		this.#note({ loginMark: null, refused: { mark: mark(account()), code: 'wrong_account' } });
		throw new StepFailure('wrong_account', opened);
	}

	/** Bookkeeping: a full disk must not keep a Stop from reaching its terminal. */
	#note(change: Partial<Fence>): void {
		const { fences, logger, account } = this.#deps;
		const { accountId } = account();
		try {
			fences.change(accountId, change);
		} catch (error) {
			logger.error({ err: error, accountId }, 'the state of the login could not be journalled');
			fences.changeInMemory(accountId, change);
		}
	}
}
