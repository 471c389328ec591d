/** Traders who press buttons, and press again when they are refused; an operator who unlocks agents. */
import { type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { issueCommand } from '#lib/server/commands/issueCommand.ts';
import { type Chance } from './random.ts';
import { type World } from './world.ts';

const MEAN_PAUSE_MS = 9_000;

/** Until the faults end. */
export function keepPressing(world: World, endMs: number): void {
	const { timeline } = world;
	const chance = world.chance.fork('people');
	const next = (): void => {
		timeline.after(chance.exponential(MEAN_PAUSE_MS), () => {
			if (timeline.nowMs > endMs) return;
			press(world, chance, endMs);
			// Now and then two at once, or one right after the other.
			if (chance.hits(0.3))
				timeline.after(chance.between(0, chance.pick([5, 1_500])), () => press(world, chance, endMs));
			next();
		});
	};
	next();
}

interface Press {
	userId: string;
	kind: CommandKind;
	key: string;
}

function press(world: World, chance: Chance, endMs: number, again: Press | null = null): void {
	const { web, timeline, history, userIds } = world;
	const userId = again?.userId ?? chance.pick(userIds);
	const kind =
		again?.kind ?? chance.pick(['start_ea', 'start_ea', 'start_ea', 'pause_ea', 'stop_ea'] as const);
	const closes = kind === 'stop_ea' && chance.hits(0.4);
	const key = again?.key ?? `key-of-press-${world.nextNumber()}`;
	if (!web || timeline.nowMs > endMs) return;
	history.note(`trader ${userIds.indexOf(userId) + 1} presses ${kind}${again ? ' again' : ''}`);
	const input = { command: kind, ...(closes && !again ? { closePositions: true } : {}) };
	issueCommand(web.core, { userId, origin: { ip: null, userAgent: null }, session: null }, input, key).then(
		(view) => {
			for (const { accountId } of view.accounts)
				if (!world.isOwn(userId, accountId)) world.checker.leaked('a trader', `account ${accountId}`);
		},
		(error: unknown) => {
			history.note(`refused: ${error instanceof Error ? error.message : String(error)}`);
			if (!again && chance.hits(0.5))
				timeline.after(chance.between(500, 5_000), () => press(world, chance, endMs, { userId, kind, key }));
		}
	);
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
