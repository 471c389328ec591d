/** Watches what is committed, and says at the end what became of it all. */
import { isFinal } from '#lib/domain/commandLifecycle.ts';
import { KIND_OF_DB } from '#lib/server/commands/commandRows.ts';
import { shownOf } from './pages.ts';
import { EPOCH_MS } from './timeline.ts';
import { type World } from './world.ts';

/** An agent that was locked as a copy asks again only so much later. */
const LOCKED_OUT_MS = 65_000;
/**
 * From the end of the faults, and of all that they did: from then on nothing is broken. Back-off of a line or a
 * terminal, then a whole deployment.
 */
const FINAL_WITHIN_MS = 60_000;
/** A Start given last thing: its deadline, its deployment, its undoing. */
const START_WITHIN_MS = 100_000;
/** From the last change of what is true; what changes without end is judged all the same. */
const VIEW_WITHIN_MS = 20_000;
const MOST_CHANGES_MS = 60_000;

export class Verdict {
	commands = 0;
	readonly #world: World;
	readonly #told = new Set<string>();

	constructor(world: World) {
		this.#world = world;
	}

	/** After every write: what became final, and what was given. */
	lookAtResults(): void {
		const { database, history, checker } = this.#world;
		for (const [key, result] of database.results) {
			const command = database.commands.get(result.commandId);
			if (!command) continue;
			const kind = KIND_OF_DB[command.kind];
			const { accountId, generation, status } = result;
			const name = this.#world.nameOf(accountId);
			if (!this.#told.has(`given ${key}`)) {
				this.#told.add(`given ${key}`);
				this.commands += 1;
				const notAfterMs = (command.deadlineAt?.getTime() ?? EPOCH_MS) - EPOCH_MS;
				history.note(`web: ${kind} ${generation} of ${name} is ${status}`);
				checker.issued(command.id, kind, accountId, generation, notAfterMs);
				const pressedAtMs = this.#world.pressedAtMs.get(command.idempotencyKey ?? '');
				if (kind === 'start_ea' && generation > 0 && pressedAtMs !== undefined)
					checker.pressed(accountId, generation, pressedAtMs);
			}
			if (!isFinal(status) || this.#told.has(key)) continue;
			this.#told.add(key);
			const why = result.errorCode === null ? '' : ` (${result.errorCode})`;
			history.note(`web: ${kind} ${generation} of ${name} ended: ${status}${why}`);
			if (generation > 0) checker.ended(kind, accountId, generation, status, 'web');
		}
	}

	/** From the end of the faults on: runs the world until everything is decided, or should be. */
	async decide(): Promise<void> {
		const { timeline } = this.#world;
		const faultsEndMs = timeline.nowMs;
		await this.#untilFinal(faultsEndMs, FINAL_WITHIN_MS);
		this.#checkFinal(START_WITHIN_MS);
		await this.#untilFinal(faultsEndMs, START_WITHIN_MS);
		this.#checkFinal(0);
		await this.#untilSettled(timeline.nowMs);
		this.#checkAccounts();
		this.#checkAudit();
	}

	/** Stops early when everything is decided, and those who wait for nothing have had time to come back. */
	async #untilFinal(faultsEndMs: number, ms: number): Promise<void> {
		const world = this.#world;
		const { timeline, database, agents } = world;
		const endMs = (): number =>
			Math.max(faultsEndMs, world.cameBackAtMs, world.unlockedAtMs + LOCKED_OUT_MS) + ms;
		const isOpen = (): boolean =>
			[...database.results.values()].some(({ status }) => !isFinal(status)) ||
			[...database.accounts.values()].some(({ moveToAgentId }) => moveToAgentId !== null);
		const isAway = (): boolean =>
			agents.some(({ id, process }) => !process || !world.servers.isConnected(id));
		while (timeline.nowMs < endMs() && (isOpen() || isAway()))
			await timeline.runUntil(Math.min(endMs(), timeline.nowMs + 5_000));
	}

	async #untilSettled(decidedAtMs: number): Promise<void> {
		const world = this.#world;
		const { timeline } = world;
		const settledAtMs = (): number => {
			// A line that nobody has found dead yet hides that an agent which was locked out is still away.
			const letInAtMs = world.unlockedAtMs + LOCKED_OUT_MS;
			const changedAtMs = Math.max(decidedAtMs, world.cameBackAtMs, world.changedAtMs, letInAtMs);
			return Math.min(changedAtMs, decidedAtMs + MOST_CHANGES_MS) + VIEW_WITHIN_MS;
		};
		while (timeline.nowMs < settledAtMs()) await timeline.runUntil(settledAtMs());
	}

	/** @param youngMs commands given so shortly before the end of the faults may go on for a while */
	#checkFinal(youngMs: number): void {
		const { database, timeline, checker } = this.#world;
		for (const result of database.results.values()) {
			const command = database.commands.get(result.commandId);
			if (!command || isFinal(result.status)) continue;
			const ageMs = EPOCH_MS + timeline.nowMs - result.createdAtMs;
			if (ageMs < youngMs) continue;
			checker.unfinished(result.accountId, KIND_OF_DB[command.kind], result.generation, result.status);
		}
	}

	#checkAccounts(): void {
		const { accountIds, machines, agents, checker, database } = this.#world;
		for (const accountId of accountIds) {
			const account = database.accounts.get(accountId);
			if (account?.moveToAgentId) checker.unmoved(accountId);
			for (const [i, machine] of machines.entries())
				if (agents[i]?.id !== account?.agentId && machine.isUp(accountId)) checker.strayed(accountId);
			const states = shownOf(this.#world, accountId);
			// A terminal that is just logging in, or whose bridge is mute, cannot be seen: that is said, and is right.
			const canBeSeen = !machines.some((machine) => machine.isMute(accountId, VIEW_WITHIN_MS / 2));
			if (states.length === 0) checker.settledView(accountId, 'no page');
			for (const state of states) if (canBeSeen || state !== 'unknown') checker.settledView(accountId, state);
			checker.settledTruth(accountId, database.accounts.get(accountId)?.wanted ?? 'STOPPED');
		}
	}

	#checkAudit(): void {
		const { database, checker } = this.#world;
		for (const { commandId, accountId, status, generation, dispatchedAtMs } of database.results.values()) {
			const rows = database.audit.filter((row) => row.commandId === commandId);
			if (!rows.some((row) => row.targetId === commandId)) checker.unaudited(`command ${commandId}`);
			const wasSent = dispatchedAtMs !== null;
			if (wasSent && isFinal(status) && !rows.some((row) => row.targetId === accountId))
				checker.unaudited(`generation ${generation} of ${this.#world.nameOf(accountId)}`);
		}
	}
}
