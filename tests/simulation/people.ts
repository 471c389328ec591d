/**
 * Traders who press buttons, and press again when they are refused; operators who stop a whole machine, from the
 * web or on the machine itself, and unlock agents.
 */
import { type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { type CommandView } from '#lib/domain/views.ts';
import { isDatabaseAway } from '#lib/server/databaseAway.ts';
import { issueCommand } from '#lib/server/commands/issueCommand.ts';
import { stopAccounts } from '#lib/server/commands/stopMachine.ts';
import { type Chance } from './random.ts';
import { type WebNode } from './webNode.ts';
import { type World } from './world.ts';

const MEAN_PAUSE_MS = 9_000;
/** Whose answer did not come by then presses again. */
const PATIENCE_MS = 5_000;

interface Press {
	userId: string;
	kind: CommandKind;
	closes: boolean;
	/** Null: all that are switched on. */
	accountIds: string[] | null;
	key: string;
}

/** Until the faults end. */
export function keepPressing(world: World, endMs: number): void {
	const { timeline } = world;
	const chance = world.chance.fork('people');
	const next = (): void => {
		timeline.after(chance.exponential(MEAN_PAUSE_MS), () => {
			if (timeline.nowMs > endMs) return;
			act(world, chance, endMs);
			// Now and then two at once, or one right after the other.
			if (chance.hits(0.3))
				timeline.after(chance.between(0, chance.pick([5, 1_500])), () => act(world, chance, endMs));
			next();
		});
	};
	next();
}

/** Of whom there is one in every tenth world: presses Start, and takes it back before it is even sent. */
export function keepTakingBack(world: World, endMs: number): void {
	const { timeline } = world;
	const chance = world.chance.fork('second thoughts');
	const next = (): void => {
		timeline.after(chance.exponential(MEAN_PAUSE_MS), () => {
			const userId = chance.pick(world.userIds);
			const give = (kind: CommandKind): void =>
				press(world, chance, endMs, {
					userId,
					kind,
					closes: false,
					accountIds: null,
					key: `key-of-press-${world.nextNumber()}`
				});
			give('start_ea');
			timeline.after(chance.between(0, 30), () => give(chance.pick(['stop_ea', 'pause_ea'] as const)));
			if (timeline.nowMs < endMs) next();
		});
	};
	next();
}

function act(world: World, chance: Chance, endMs: number): void {
	if (world.timeline.nowMs > endMs) return;
	if (chance.hits(0.04)) return stopMachineFromWeb(world, chance);
	if (chance.hits(0.03)) return chance.pick(world.agents).askToStopAll();
	const userId = chance.pick(world.userIds);
	const kind = chance.pick(['start_ea', 'start_ea', 'start_ea', 'pause_ea', 'stop_ea'] as const);
	const own = world.accountIds.filter((accountId) => world.isOwn(userId, accountId));
	press(world, chance, endMs, {
		userId,
		kind,
		closes: kind === 'stop_ea' && chance.hits(0.4),
		accountIds: chance.hits(0.15) ? [chance.pick(own)] : null,
		key: `key-of-press-${world.nextNumber()}`
	});
}

function press(world: World, chance: Chance, endMs: number, pressed: Press, isAgain = false): void {
	const { servers, timeline, history, userIds } = world;
	const web = servers.pick(chance);
	const { userId, kind, accountIds } = pressed;
	if (!web || timeline.nowMs > endMs) return;
	const which = accountIds ? ` on ${accountIds.map((accountId) => world.nameOf(accountId)).join()}` : '';
	history.note(`trader ${userIds.indexOf(userId) + 1} presses ${kind}${which}${isAgain ? ' again' : ''}`);
	world.pressedAtMs.set(pressed.key, timeline.nowMs);
	let isAnswered = false;
	const again = (): void => {
		if (isAgain || !chance.hits(0.5)) return;
		timeline.after(chance.between(500, 5_000), () => press(world, chance, endMs, pressed, true));
	};
	// A server that is held up reads the request when it goes on.
	web.process.after(0, () => {
		request(web, pressed).then(
			(view) => {
				isAnswered = true;
				for (const { accountId } of view.accounts)
					if (!world.isOwn(userId, accountId)) world.checker.leaked('a trader', `account ${accountId}`);
			},
			(error: unknown) => {
				isAnswered = true;
				history.note(`refused: ${error instanceof Error ? error.message : String(error)}`);
				again();
			}
		);
	});
	timeline.after(PATIENCE_MS, () => {
		if (!isAnswered && web.process.isDead) again();
	});
}

/** As the route does it: without the database Stop goes its own way, and nothing else goes. */
async function request(
	{ core }: WebNode,
	{ userId, kind, closes, accountIds, key }: Press
): Promise<CommandView> {
	const caller = { userId, origin: { ip: null, userAgent: null }, session: null };
	const input = {
		command: kind,
		...(accountIds ? { accountIds } : {}),
		...(closes ? { closePositions: true } : {})
	};
	try {
		return await issueCommand(core, caller, input, key);
	} catch (error) {
		if (kind !== 'stop_ea' || !isDatabaseAway(error)) throw error;
		return core.emergencies.stop(caller, input, key);
	}
}

/** The kill switch over a machine. */
function stopMachineFromWeb(world: World, chance: Chance): void {
	const { servers, database, history } = world;
	const web = servers.pick(chance);
	const agent = chance.pick(world.agents);
	if (!web) return;
	history.note(`operator: stops everything on the machine of ${agent.name}`);
	const accounts = [...database.accounts.values()]
		.filter(({ agentId }) => agentId === agent.id)
		.map(({ id: accountId, userId }) => ({ accountId, userId }));
	const operator = { userId: 'the operator', origin: { ip: null, userAgent: null }, session: null };
	web.process.after(0, () => {
		stopAccounts({ core: web.core, logger: world.logger }, operator, 'Operator', accounts).then(
			({ failures }) => {
				for (const { message } of failures) history.note(`refused to the operator: ${message}`);
			},
			(error: unknown) => history.note(`refused to the operator: ${String(error)}`)
		);
	});
}

/** An agent that lost the number of its connection with a full disk is locked; an operator looks, and lets it in. */
export function unlockAgents(world: World): void {
	for (const agent of world.database.agents.values()) {
		if (agent.lockReason === null) continue;
		world.history.note(`operator: unlocks ${agent.name}, ${agent.lockReason}`);
		agent.lockReason = null;
		agent.counter.confirmed = 0;
		world.unlockedAtMs = world.timeline.nowMs;
	}
}
