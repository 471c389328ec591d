/** What goes wrong in a world, and when: every world has its own mixture, from calm to dreadful. */
import { type World } from './world.ts';

/** @param leftMs until the end of all faults: what lasts must be over then */
type Fault = (world: World, leftMs: number) => void;

const FAULTS: Record<string, Fault> = {
	cut: ({ network, agents, chance }) =>
		// One end in three does not notice, until its pings go unanswered.
		network.cut(chance.pick(agents).name, () => (chance.hits(0.3) ? null : chance.between(5, 2_000))),
	silence: ({ network, agents, chance, timeline, history }, leftMs) => {
		const { name } = chance.pick(agents);
		const ms = chance.hits(0.3) ? chance.between(20_000, 70_000) : chance.between(1_000, 20_000);
		network.weatherOf(name).silentUntilMs = timeline.nowMs + Math.min(ms, leftMs);
		history.note(`network: nothing passes to ${name} for ${Math.round(ms)} ms`);
	},
	slowLine: ({ network, agents, chance, timeline }) => {
		const weather = network.weatherOf(chance.pick(agents).name);
		weather.latencyMs = chance.between(100, 3_000);
		timeline.after(chance.between(5_000, 20_000), () => (weather.latencyMs = 20));
	},
	agentCrash: (world) => world.killAgent(world.chance.pick(world.agents), 'crashes'),
	agentRestart: ({ agents, chance }) => chance.pick(agents).askToEnd(chance.between(1_000, 6_000)),
	reboot: ({ agents, machines, chance, timeline, history }) => {
		const agent = chance.pick(agents);
		history.note(`${agent.name}: the machine reboots`);
		agent.kill('loses its power', false);
		machines[agents.indexOf(agent)]?.reboot();
		timeline.after(chance.between(5_000, 25_000), () => agent.start());
	},
	stall: ({ agents, chance, history }, leftMs) => {
		const agent = chance.pick(agents);
		const ms = Math.min(chance.between(1_000, 40_000), leftMs);
		if (!agent.process) return;
		agent.process.holdUp(ms);
		history.note(`${agent.name}: the agent is held up for ${Math.round(ms)} ms`);
	},
	/** The whole machine sleeps; its monotonic clock may have slept too. */
	suspend: ({ agents, machines, chance, timeline, history }, leftMs) => {
		const agent = chance.pick(agents);
		const ms = Math.min(chance.between(5_000, 90_000), leftMs);
		const isClockStopped = chance.hits(0.5);
		agent.process?.holdUp(ms, isClockStopped);
		machines[agents.indexOf(agent)]?.suspend(timeline.nowMs + ms);
		history.note(`${agent.name}: the machine sleeps for ${Math.round(ms)} ms`);
	},
	clockJump: ({ agents, chance, timeline, history }) => {
		const agent = chance.pick(agents);
		// Nobody sets the clock of a machine that sleeps; both of its clocks wrong at once is what nobody could notice.
		if ((agent.process?.stalledUntilMs ?? 0) > timeline.nowMs) return;
		agent.skewMs = chance.hits(0.3) ? chance.between(-3_600_000, 3_600_000) : chance.between(-20_000, 20_000);
		history.note(`${agent.name}: its clock is ${Math.round(agent.skewMs)} ms wrong now`);
	},
	fullDisk: ({ agents, chance, timeline, history }) => {
		const { disk, name } = chance.pick(agents);
		disk.isFull = true;
		history.note(`${name}: the disk is full`);
		timeline.after(chance.between(2_000, 20_000), () => (disk.isFull = false));
	},
	webCrash: ({ servers, chance }) => {
		const web = servers.pick(chance);
		if (web) servers.kill(web, 'crashes');
	},
	webRestart: ({ servers, chance }) => {
		const web = servers.pick(chance);
		if (web) servers.restart(web);
	},
	/** Stopped and continued: it wakes with all that came meanwhile still unread. */
	webStall: ({ servers, chance, history }, leftMs) => {
		const ms = Math.min(chance.between(1_000, 45_000), leftMs);
		history.note(`web: one server is held up for ${Math.round(ms)} ms`);
		servers.pick(chance)?.process.holdUp(ms);
	},
	busAway: ({ servers, chance, timeline, history }) => {
		if (!servers.areSeveral) return;
		history.note('bus: away');
		servers.exchange.change(false);
		timeline.after(chance.between(500, 20_000), () => servers.exchange.change(true));
	},
	busSwallows: ({ servers, chance, timeline, history }) => {
		if (!servers.areSeveral) return;
		history.note('bus: swallows everything');
		servers.exchange.isSwallowing = true;
		timeline.after(chance.between(500, 20_000), () => (servers.exchange.isSwallowing = false));
	},
	databaseAway: ({ databaseWeather, chance, timeline, history }) => {
		databaseWeather.isDown = true;
		history.note('database: away');
		timeline.after(chance.between(500, 15_000), () => (databaseWeather.isDown = false));
	},
	databaseSlow: ({ databaseWeather, chance, timeline }) => {
		databaseWeather.latencyMs = chance.between(200, 3_000);
		timeline.after(chance.between(3_000, 15_000), () => (databaseWeather.latencyMs = 5));
	},
	terminalCrash: (world) => terminalOf(world)?.end('crashed', false),
	terminalHang: (world, leftMs) =>
		terminalOf(world)?.hang(Math.min(world.chance.between(2_000, 90_000), leftMs)),
	terminalSilent: (world, leftMs) =>
		terminalOf(world)?.fallSilent(Math.min(world.chance.between(2_000, 90_000), leftMs)),
	brokerLost: (world) => terminalOf(world)?.loseBroker(world.chance.between(1_000, 40_000)),
	terminalRestart: (world) => terminalOf(world)?.restartItself(),
	marketClosed: ({ broker, accountIds, chance }, leftMs) =>
		broker.closeMarket(chance.pick(accountIds), Math.min(chance.between(5_000, 40_000), leftMs))
};

function terminalOf({ machines, chance }: World) {
	const live = machines.flatMap(({ terminals }) => [...terminals.values()].filter((each) => each.process));
	return live.length > 0 ? chance.pick(live) : null;
}

/** @returns ends them all: everything is well from then on, as soon as what is broken has come back */
export function startFaults(world: World, endMs: number): () => void {
	const { timeline, agents, network, databaseWeather, temper, servers } = world;
	const chance = world.chance.fork('faults');
	const names = Object.keys(FAULTS).filter(() => chance.hits(0.4));
	const meanMs = chance.between(3_000, 25_000);
	temper.badness = chance.hits(0.6) ? chance.next() : 0;
	world.crashes.agent = chance.hits(0.3) ? chance.between(0.005, 0.05) : 0;
	world.crashes.web = chance.hits(0.3) ? chance.between(0.005, 0.05) : 0;
	databaseWeather.unknownCommits = chance.hits(0.2) ? chance.between(0.01, 0.1) : 0;
	for (const { name } of agents)
		network.weatherOf(name).duplicates = chance.hits(0.4) ? chance.between(0.02, 0.3) : 0;
	for (const agent of agents) if (chance.hits(0.5)) agent.skewMs = chance.between(-20_000, 20_000);
	const next = (): void => {
		timeline.after(chance.exponential(meanMs), () => {
			if (timeline.nowMs >= endMs) return;
			const name = names.length > 0 ? chance.pick(names) : null;
			if (name !== null) {
				world.history.note(`fault: ${name}`);
				FAULTS[name]?.(world, endMs - timeline.nowMs);
			}
			next();
		});
	};
	next();
	return () => {
		world.crashes = { agent: 0, web: 0 };
		temper.badness = 0;
		Object.assign(databaseWeather, { isDown: false, latencyMs: 5, unknownCommits: 0 });
		for (const agent of agents) {
			Object.assign(network.weatherOf(agent.name), { silentUntilMs: 0, latencyMs: 20, duplicates: 0 });
			agent.disk.isFull = false;
			if (agent.process) agent.process.stalledUntilMs = 0;
		}
		servers.exchange.change(true);
		servers.exchange.isSwallowing = false;
		for (const { process } of servers.running) process.stalledUntilMs = 0;
		for (const { terminals } of world.machines) for (const terminal of terminals.values()) terminal.recover();
	};
}
