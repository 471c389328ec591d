/** The web servers of a world: one, or two on one bus; each is started again when it ended. */
import { createAloneBus } from '#lib/server/bus/inProcessBus.ts';
import { type Logger } from '#lib/server/logger.ts';
import { Exchange } from './bus.ts';
import { openPage } from './pages.ts';
import { type Chance } from './random.ts';
import { type SimProcess } from './timeline.ts';
import { startWeb, type WebNode } from './webNode.ts';
import { type World } from './world.ts';

/** Clocks of servers are kept by NTP: so far they may be apart. */
const CLOCK_MS = 100;

interface Seat {
	readonly name: string;
	readonly skewMs: number;
	web: WebNode | null;
}

export class Servers {
	readonly exchange: Exchange;
	readonly #world: World;
	readonly #chance: Chance;
	readonly #logger: Logger;
	readonly #onWritten: () => void;
	readonly #seats: Seat[];

	constructor(world: World, { logger, onWritten }: { logger: Logger; onWritten: () => void }) {
		this.#world = world;
		this.#chance = world.chance.fork('servers');
		this.#logger = logger;
		this.#onWritten = onWritten;
		this.exchange = new Exchange(world.timeline, world.chance.fork('bus'));
		const names = this.#chance.hits(0.4) ? ['web 1', 'web 2'] : ['web'];
		this.#seats = names.map((name) => ({
			name,
			skewMs: names.length > 1 ? this.#chance.between(-CLOCK_MS, CLOCK_MS) : 0,
			web: null
		}));
	}

	get areSeveral(): boolean {
		return this.#seats.length > 1;
	}

	/** Those that run just now, held up or not. */
	get running(): WebNode[] {
		return this.#seats.flatMap(({ web }) => web ?? []);
	}

	/** Where a request or an agent comes out. */
	pick(chance: Chance): WebNode | null {
		const { running } = this;
		return running.length > 0 ? chance.pick(running) : null;
	}

	isConnected(agentId: string): boolean {
		return this.running.some(({ core }) => core.gateway.isConnected(agentId));
	}

	startAll(): void {
		for (const seat of this.#seats) this.#start(seat);
	}

	/** At once, in the middle of whatever it was doing. */
	kill(web: WebNode, how: string): void {
		const seat = this.#seatOf(web);
		if (!seat) return;
		const { timeline, network, history } = this.#world;
		history.note(`${seat.name}: the server ${how}`);
		seat.web = null;
		web.kill();
		network.processEnded(web.process, this.#chance.hits(0.8));
		timeline.after(this.#chance.between(500, 8_000), () => this.#start(seat));
	}

	/** As the service manager does it. */
	restart(web: WebNode): void {
		const seat = this.#seatOf(web);
		if (!seat) return;
		this.#world.history.note(`${seat.name}: the server is asked to restart`);
		seat.web = null;
		void web.close();
		this.#world.timeline.after(this.#chance.between(1_500, 6_000), () => this.#start(seat));
	}

	#seatOf(web: WebNode): Seat | undefined {
		return this.#seats.find((seat) => seat.web === web);
	}

	#start(seat: Seat): void {
		if (seat.web) return;
		const world = this.#world;
		world.history.note(`${seat.name}: the server starts`);
		world.noteComeBack();
		const web = startWeb({
			timeline: world.timeline,
			database: world.database,
			weather: world.databaseWeather,
			chance: world.chance.fork(`web ${world.nextNumber()}`),
			skewMs: seat.skewMs,
			nodeId: world.newId(),
			connectBus: this.areSeveral ? (process) => this.exchange.connect(process) : createAloneBus,
			areNeighbours: !this.areSeveral,
			newId: () => world.newId(),
			logger: this.#logger,
			mayCrash: (process, point) => this.#mayCrash(process, point),
			onWritten: this.#onWritten
		});
		seat.web = web;
		for (const userId of world.userIds) openPage(world, web, userId);
	}

	#mayCrash(process: SimProcess, point: string): void {
		if (process.isDead || !this.#chance.hits(this.#world.crashes.web)) return;
		const web = this.running.find((each) => each.process === process);
		if (web) this.kill(web, `crashes ${point}`);
	}
}
