/**
 * Operators who move accounts between machines, change their minds, and declare a machine gone that lost its power;
 * it comes back later all the same.
 */
import { type AgentNode } from './agentNode.ts';
import { type Chance } from './random.ts';
import { type WebNode } from './webNode.ts';
import { type World } from './world.ts';

const OPERATOR = { userId: 'the operator', name: 'Operator', ip: null, userAgent: null };
const MEAN_PAUSE_MS = 22_000;

/** Until the faults end. */
export function keepMoving(world: World, endMs: number): void {
	const { timeline } = world;
	const chance = world.chance.fork('moves');
	if (chance.hits(0.5)) return;
	const next = (): void => {
		timeline.after(chance.exponential(MEAN_PAUSE_MS), () => {
			if (timeline.nowMs >= endMs) return;
			if (chance.hits(0.2)) loseMachine(world, chance, endMs);
			else moveOne(world, chance);
			next();
		});
	};
	next();
}

function moveOne(world: World, chance: Chance): void {
	const accountId = chance.pick(world.accountIds);
	const account = world.database.accounts.get(accountId);
	if (!account) return;
	const isCancelled = account.moveToAgentId !== null && chance.hits(0.5);
	const target = world.agents.find(({ id }) => id !== account.agentId);
	if (!target) return;
	order(
		world,
		chance,
		`${isCancelled ? 'cancels the move of' : 'moves'} ${world.nameOf(accountId)}`,
		({ core }) =>
			isCancelled
				? core.moves.cancel(accountId, OPERATOR)
				: core.moves.begin({ accountId, toAgentId: target.id, isMachineGone: false, operator: OPERATOR })
	);
}

/** Its power is gone; whoever sees that declares it gone for good, and is wrong about that: it comes back. */
function loseMachine(world: World, chance: Chance, endMs: number): void {
	const { timeline, history, machines, agents } = world;
	const agent = chance.pick(agents);
	const machine = machines[agents.indexOf(agent)];
	const offMs = Math.min(chance.between(12_000, 40_000), endMs - timeline.nowMs);
	if (!machine || agent.isSwitchedOff) return;
	history.note(`${agent.name}: the machine is switched off`);
	agent.switchOff();
	machine.reboot();
	timeline.after(offMs * chance.between(0.3, 0.9), () => declareGone(world, chance, agent));
	timeline.after(offMs, () => {
		history.note(`${agent.name}: the machine is switched on again`);
		agent.switchOn();
	});
}

function declareGone(world: World, chance: Chance, agent: AgentNode): void {
	const target = world.agents.find(({ id }) => id !== agent.id);
	if (!target || target.isSwitchedOff) return;
	for (const { id: accountId, agentId } of [...world.database.accounts.values()]) {
		if (agentId !== agent.id) continue;
		order(world, chance, `declares the machine of ${world.nameOf(accountId)} gone`, async ({ core }) => {
			// As the route does it: a machine that is heard is not gone.
			if (!agent.isSwitchedOff || core.agents.routeOf(agent.id) !== 'none') return;
			await core.moves.begin({ accountId, toAgentId: target.id, isMachineGone: true, operator: OPERATOR });
		});
	}
}

function order(world: World, chance: Chance, what: string, deed: (web: WebNode) => Promise<void>): void {
	const web = world.servers.pick(chance);
	if (!web) return;
	world.history.note(`operator: ${what}`);
	web.process.after(0, () => {
		deed(web).catch((error: unknown) => world.history.note(`refused to the operator: ${String(error)}`));
	});
}
