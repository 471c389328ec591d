/** N1–N4, N7–N10, N13: a bad network between a real web server and a real agent. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import type { Message, Verdict } from './support/faultProxy.ts';
import { Plant, type PlantOptions } from './support/plant.ts';

/** Ping and death of a line somewhat faster than in production; an end that is held up for a while is not taken for dead. */
const RHYTHM = { QUINTET_PING_INTERVAL_MS: '2000', QUINTET_LINE_DEAD_MS: '8000' };

let web: WebServer;
let plant: Plant;
beforeAll(async () => {
	web = await startWebServer(RHYTHM);
});
afterAll(() => web.stop());
afterEach(() => plant.dispose());

async function connected(options: PlantOptions = {}) {
	plant = await Plant.build(web, { ...options, isBehindProxy: true });
	plant.startAgent();
	await plant.ready();
}
const gone = () =>
	waitFor('the agent to be shown as away', async () => (await plant.view()).agent?.isConnected === false);

/** Passes everything but what `verdict` says of the first message of this type. */
function once(type: string, verdict: Verdict): (message: Message) => Verdict {
	let isOver = false;
	return ({ text }) => {
		if (isOver || !text.includes(`"type":"${type}"`)) return 'pass';
		isOver = true;
		return verdict;
	};
}

/** To be called before the present line ends, which may be up again sooner than anybody looks. */
function nextLine(): () => Promise<void> {
	const { dialled } = plant.proxy;
	return async () => {
		await waitFor('the next line', () => plant.proxy.dialled > dialled);
		await plant.ready();
	};
}

/** The line is dialled anew, so that the proxy reads its frames from the beginning. */
async function judged(direction: 'up' | 'down', judge: (message: Message) => Verdict) {
	plant.proxy[direction].judge = judge;
	const next = nextLine();
	plant.proxy.cut();
	await next();
}

describe('N1: the line is down before a command', () => {
	it('fails a Start at once and for good; keeps a Stop, and delivers it within 5 s of the reconnect', async () => {
		await connected();
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'success' });
		plant.proxy.accepts = false;
		plant.proxy.cut();
		await gone();
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'agent_offline', isFinal: true });
		const stop = await plant.press('stop_ea');
		plant.proxy.accepts = true;
		expect(await plant.settled(stop)).toMatchObject([{ status: 'success' }]);
		// By the agent's own clock: when somebody looks is no matter of the product.
		const backAt = await plant.saidAtMs('the server accepted this agent');
		const doneAt = await plant.saidAtMs('command finished', stop);
		expect(doneAt - backAt).toBeLessThan(5_000);
		await plant.shows('stopped');
		expect(await plant.loads()).toBe(1);
	});
});

describe('N2: the line is lost between sending and receiving', () => {
	it.each([
		['start_ea', 'expired', 0],
		['stop_ea', 'success', 0]
	] as const)('%s ends %s', async (kind, status, loads) => {
		await connected();
		plant.proxy.down.isBlackHole = true;
		const commandId = await plant.press(kind);
		await gone();
		plant.proxy.down.isBlackHole = false;
		expect(await plant.settled(commandId)).toMatchObject([{ status }]);
		await plant.shows('stopped');
		expect(await plant.loads()).toBe(loads);
	});
});

describe('N3, N4: the outcome is lost on its way', () => {
	it('N3: it comes with the next line, and nothing is done twice', async () => {
		await connected();
		await judged('up', once('result', 'freeze'));
		const commandId = await plant.press('start_ea');
		const next = nextLine();
		await waitFor('the Start to have its effect', async () => (await plant.loads()) === 1);
		await next();
		expect(await plant.settled(commandId)).toMatchObject([{ status: 'success' }]);
		await plant.shows('running');
		expect(await plant.loads()).toBe(1);
	});

	it('N4: it comes from the journal of the next agent, and nothing is done twice', async () => {
		await connected();
		await judged('up', once('result', 'freeze'));
		const commandId = await plant.press('start_ea');
		await waitFor('the outcome', () => plant.agentLog.includes('command finished'));
		await plant.endAgent('SIGKILL');
		plant.startAgent();
		expect(await plant.settled(commandId)).toMatchObject([{ status: 'success' }]);
		await plant.shows('running');
		expect(await plant.loads()).toBe(1);
	});
});

describe('N5, N6: frames twice and out of order', () => {
	it('N5: a command that arrives twice is carried out once', async () => {
		await connected();
		await judged('down', once('command', 'twice'));
		expect(await plant.carryOut('start_ea')).toMatchObject({ status: 'success' });
		await plant.shows('running');
		expect(await plant.loads()).toBe(1);
	});

	it('N6: a Start that arrives after the later Stop is superseded', async () => {
		await connected();
		// Whatever else goes by, the Start comes after the Stop.
		let held = false;
		await judged('down', ({ text }) => {
			if (!text.includes('"type":"command"')) return 'aside';
			const isStart = !held && text.includes('"start_ea"');
			held ||= isStart;
			return isStart ? 'after_next' : 'pass';
		});
		const start = await plant.press('start_ea');
		const stop = await plant.press('stop_ea');
		expect(await plant.settled(stop)).toMatchObject([{ status: 'success' }]);
		expect(await plant.settled(start)).toMatchObject([{ status: 'superseded' }]);
		await plant.shows('stopped');
		expect(await plant.loads()).toBe(0);
	});
});

describe('N7: a Start that lay in a buffer beyond its deadline', () => {
	it('is refused when it is flushed after all, although the line never broke', async () => {
		// A line whose silence is not noticed: both ends are patient.
		await web.restart('SIGTERM', { QUINTET_PING_INTERVAL_MS: '60000', QUINTET_LINE_DEAD_MS: '120000' });
		await connected();
		const dialled = plant.proxy.dialled;
		plant.proxy.down.hold();
		const commandId = await plant.press('start_ea');
		const { deadline } = await waitFor('the deadline to pass', async () => {
			const { createdAt } = await plant.command(commandId);
			const deadlineMs = Date.parse(createdAt) + 16_000;
			return Date.now() > deadlineMs && { deadline: deadlineMs };
		});
		plant.proxy.down.release();
		expect(await plant.settled(commandId)).toMatchObject([{ status: 'expired' }]);
		expect(deadline).toBeLessThan(Date.now());
		expect(plant.proxy.dialled).toBe(dialled);
		expect(await plant.loads()).toBe(0);
		await plant.shows('stopped');
		await web.restart();
	});
});

describe('N8: a half-open line', () => {
	it('is noticed by both ends, and dialled anew', async () => {
		await connected();
		const frozenAt = performance.now();
		plant.proxy.up.isBlackHole = true;
		plant.proxy.down.isBlackHole = true;
		await gone();
		await waitFor('the agent to notice', () => plant.agentLog.includes('the line is dead'));
		// The bound for production, where a line is given twice as long.
		expect(performance.now() - frozenAt).toBeLessThan(25_000);
		expect((await plant.view()).state).toBe('unknown');
		plant.proxy.up.isBlackHole = false;
		plant.proxy.down.isBlackHole = false;
		await plant.shows('stopped');
	});
});

describe('N9: a line of 1 KB/s that cuts every frame to pieces', () => {
	it('stays up, and carries a command to its end', async () => {
		// As in production: what is heard late is heard.
		await web.restart('SIGTERM', { QUINTET_PING_INTERVAL_MS: '5000', QUINTET_LINE_DEAD_MS: '15000' });
		await connected({ accounts: 3 });
		const dialled = plant.proxy.dialled;
		for (const direction of [plant.proxy.up, plant.proxy.down]) {
			direction.bytesPerSecond = 1_024;
			direction.sliceBytes = 7;
		}
		const results = await plant.settled(await plant.press('start_ea'));
		expect(results.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
		expect(plant.proxy.dialled).toBe(dialled);
		await web.restart();
	});
});

describe('N10: a line that is cut fifty times', () => {
	it('loses no command and runs none twice', async () => {
		await connected();
		let isOver = false;
		const accepted = () => plant.agentLog.split('the server accepted this agent').length;
		const cuts = (async () => {
			let [dialledBefore, acceptedBefore] = [0, 0];
			for (let cut = 0; cut < 50; cut++) {
				await waitFor('the next line', () => plant.proxy.dialled > dialledBefore);
				// Every second one comes up first, on however slow a machine.
				if (cut % 2) await waitFor('it to be up', () => accepted() > acceptedBefore);
				// Into whatever the line is doing just now: handshake, command, result, or nothing.
				await new Promise((done) => setTimeout(done, Math.random() * 400));
				[dialledBefore, acceptedBefore] = [plant.proxy.dialled, accepted()];
				plant.proxy.cut();
			}
			isOver = true;
		})();
		let starts = 0;
		const statuses: string[] = [];
		while (!isOver) {
			const kind = statuses.length % 2 ? ('stop_ea' as const) : ('start_ea' as const);
			const { status } = await plant.carryOut(kind);
			statuses.push(status);
			if (kind === 'start_ea' && status === 'success') starts += 1;
		}
		await cuts;
		await plant.ready();
		expect(await plant.carryOut('stop_ea')).toMatchObject({ status: 'success' });
		await plant.shows('stopped');
		for (const status of statuses)
			expect(['success', 'agent_offline', 'expired', 'superseded', 'indeterminate']).toContain(status);
		expect(starts).toBeGreaterThan(0);
		expect(await plant.loads()).toBeGreaterThanOrEqual(starts);
		expect(await plant.loads()).toBeLessThanOrEqual(statuses.length / 2 + 1);
	}, 300_000);
});
