/**
 * The agent's Windows code on Windows programs under Wine: the double shows what MetaTrader shows outwardly. What
 * this cannot prove stands in docs/decisions (koffi and the service).
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ProcessIdentity } from '../../agent/src/terminal/ports.ts';
import { waitFor } from '../support/waitFor.ts';
import { INSTANCES, placeDouble, type Double } from './support/doubles.ts';
import { WineSession } from './support/wineSession.ts';
import { startDriver, type WindowsDriver } from './support/windowsDriver.ts';

const parts = inject('wine');
let session: WineSession;
let windows: WindowsDriver;

beforeAll(async () => {
	session = await WineSession.open(parts);
	windows = await startDriver(session);
});
afterAll(() => session?.close());

const place = (dir?: string): Promise<Double> => placeDouble(session, parts, dir);
const ARGS = ['/portable', '/login:84076984'];

async function launch(double: Double, driver = windows): Promise<ProcessIdentity> {
	const process = await driver.launch(double.dir, ARGS);
	await waitFor('the window', async () => (await double.state())?.pid === process.pid);
	return process;
}
async function isGone(process: ProcessIdentity, driver = windows): Promise<void> {
	await waitFor('its end', async () => !(await driver.isAlive(process)));
}

describe('the process of a terminal', () => {
	it('is started with its switches, and found again by the path of its program', async () => {
		const double = await place();
		const process = await launch(double);
		expect((await double.state())?.args).toBe(ARGS.join(' '));
		expect(await windows.find(double.dir)).toEqual(process);
		expect(await windows.find(double.dir.toUpperCase())).toMatchObject({ pid: process.pid });
		expect(await windows.isAlive(process)).toBe(true);
		await windows.kill(process);
	});

	it('runs from a path with blanks and accents too', async () => {
		const double = await place('C:\\Börse und Händel\\terminal é');
		const process = await launch(double);
		expect(await windows.find(double.dir)).toEqual(process);
		await windows.kill(process);
	});

	it('is no other process with the same pid, or from another directory', async () => {
		const [double, other] = [await place(), await place()];
		const process = await launch(double);
		expect(await windows.find(other.dir)).toBeNull();
		expect(await windows.isAlive({ ...process, createdAt: '1' })).toBe(false);
		expect(await windows.isAlive({ ...process, instanceDir: other.dir })).toBe(false);
		await windows.kill({ ...process, createdAt: '1' });
		await windows.kill({ ...process, instanceDir: other.dir });
		expect(await windows.isAlive(process)).toBe(true);
		await windows.kill(process);
	});

	it('is ended without being asked, proven, and fine when it ended before', async () => {
		const double = await place();
		const process = await launch(double);
		await windows.kill(process);
		expect(await windows.isAlive(process)).toBe(false);
		expect(await windows.find(double.dir)).toBeNull();
		expect((await double.state())?.closes).toBe(0);
		await windows.kill(process);
	});

	it('is said to have ended when there is no program to start', async () => {
		await expect(windows.launch(`${INSTANCES}\\nothing`, ARGS)).rejects.toThrow();
	});

	it('gets no argument that MetaTrader could read as two', async () => {
		const double = await place();
		await expect(windows.launch(double.dir, ['/config:C:\\a b.ini'])).rejects.toThrow('argument 1');
		expect(await windows.find(double.dir)).toBeNull();
	});

	it('shows what it takes of the machine', async () => {
		const double = await place();
		const process = await launch(double);
		const resources = await windows.resources(process);
		expect(resources?.workingSetMb).toBeGreaterThan(0);
		expect(resources).toMatchObject({ gdiHandles: expect.any(Number), userHandles: expect.any(Number) });
		await windows.kill(process);
		expect(await windows.resources(process)).toBeNull();
	});
});

describe('the window of a terminal', () => {
	it('takes the Algo Trading command, each terminal its own', async () => {
		const [one, two] = [await place(), await place()];
		const [first, second] = [await launch(one), await launch(two)];
		await windows.toggleAlgoTrading(first);
		await waitFor('the button of the first', async () => (await one.state())?.algo === true);
		expect((await two.state())?.toggles).toBe(0);
		await windows.toggleAlgoTrading(second);
		await windows.toggleAlgoTrading(first);
		await waitFor('both buttons', async () => {
			const states = [await one.state(), await two.state()];
			return states[0]?.toggles === 2 && states[0].algo === false && states[1]?.algo === true;
		});
		await windows.kill(first);
		await windows.kill(second);
		await expect(windows.toggleAlgoTrading(first)).rejects.toThrow('no window');
	});

	it('closes when it is asked to', async () => {
		const double = await place();
		const process = await launch(double);
		await windows.requestClose(process);
		await isGone(process);
		expect((await double.state())?.closes).toBe(1);
	});

	it('that ignores being asked is still there to be killed', async () => {
		const double = await place();
		await double.order('stubborn');
		const process = await launch(double);
		await windows.requestClose(process);
		await waitFor('the question', async () => (await double.state())?.closes === 1);
		expect(await windows.isAlive(process)).toBe(true);
		await windows.kill(process);
		expect(await windows.isAlive(process)).toBe(false);
	});

	it('that hangs is known as hung, ignores being asked, and is killed; its neighbour is well', async () => {
		const [double, neighbour] = [await place(), await place()];
		const [hung, well] = [await launch(double), await launch(neighbour)];
		expect(await windows.isHung(hung)).toBe(false);
		await double.order('hang');
		await waitFor('the verdict', () => windows.isHung(hung));
		expect(await windows.isHung(well)).toBe(false);
		expect(await windows.titles(hung.pid)).toContain(
			'MetaQuotes::MetaTrader::5.00|84076984 - Quintet-Demo - Hedge'
		);
		await windows.requestClose(hung);
		expect(await windows.isAlive(hung)).toBe(true);
		await windows.kill(hung);
		expect(await windows.isHung(hung)).toBe(false);
		await windows.requestClose(well);
		await isGone(well);
	});

	it('has its dialogs swept, and nobody else’s', async () => {
		const [double, neighbour] = [await place(), await place()];
		const [blocked, other] = [await launch(double), await launch(neighbour)];
		for (const each of [double, neighbour]) await each.order('dialog');
		const hasDialog = async ({ pid }: ProcessIdentity) =>
			(await windows.titles(pid)).includes('#32770|Open an Account');
		await waitFor('both dialogs', async () => (await hasDialog(blocked)) && (await hasDialog(other)));
		// A dialog is there for a moment before it is shown.
		const swept = await waitFor('the sweep', async () => {
			const titles = await windows.closeDialogs(blocked);
			return titles.length > 0 && titles;
		});
		expect(swept).toEqual(['Open an Account']);
		await waitFor('the dialog to go', async () => !(await hasDialog(blocked)));
		expect(await hasDialog(other)).toBe(true);
		expect(await windows.closeDialogs(blocked)).toEqual([]);
		await windows.toggleAlgoTrading(blocked);
		await waitFor('the button', async () => (await double.state())?.algo === true);
		// Closing sweeps by itself.
		await windows.requestClose(other);
		await isGone(other);
		await windows.kill(blocked);
	});
});

describe('LiveUpdate', () => {
	it('that runs its own copy in the terminal’s place is not taken for the terminal', async () => {
		const double = await place();
		await double.order('update');
		const process = await windows.launch(double.dir, ARGS);
		await isGone(process);
		const [updater] = await waitFor('the updater', async () => {
			const running = await windows.updaters();
			return running.length > 0 && running;
		});
		expect(updater?.path.toLowerCase()).toContain('\\liveupdate\\terminal64.exe');
		expect(await windows.find(double.dir)).toBeNull();
		expect(await windows.find(updater?.path.replace(/\\[^\\]+$/, '') ?? '')).toBeNull();
		const neighbour = await launch(await place());
		// At work, as far as anybody can tell; and then, stuck.
		expect(await windows.endStuckUpdaters(600_000)).toBe(0);
		expect(await windows.updaters()).toHaveLength(1);
		expect(await windows.endStuckUpdaters(0)).toBe(1);
		await waitFor('its end', async () => (await windows.updaters()).length === 0);
		expect(await windows.isAlive(neighbour)).toBe(true);
		await windows.kill(neighbour);
	});
});

describe('many terminals', () => {
	it('twenty at once are started, pressed and closed, each for itself', { timeout: 300_000 }, async () => {
		const doubles = await Promise.all(Array.from({ length: 20 }, () => place()));
		const processes = await Promise.all(doubles.map((double) => launch(double)));
		expect(new Set(processes.map(({ pid }) => pid)).size).toBe(20);
		for (const process of processes) await windows.toggleAlgoTrading(process);
		await waitFor('every button', async () =>
			(await Promise.all(doubles.map((double) => double.state()))).every((state) => state?.algo === true)
		);
		expect(await Promise.all(processes.map((process) => windows.isHung(process)))).not.toContain(true);
		const [killed, ...others] = processes;
		if (killed) await windows.kill(killed);
		expect(await Promise.all(others.map((process) => windows.isAlive(process)))).not.toContain(false);
		for (const process of others) await windows.requestClose(process);
		for (const process of others) await isGone(process);
	});

	it('outlive an agent that is ended by force, and the next one finds the same processes', async () => {
		const doubles = [await place(), await place(), await place()];
		const agent = await startDriver(session);
		const processes = await Promise.all(doubles.map((double) => launch(double, agent)));
		await windows.endProcess(await agent.pid());
		await agent.closed;
		const next = await startDriver(session);
		expect(await Promise.all(doubles.map(({ dir }) => next.find(dir)))).toEqual(processes);
		for (const process of processes) await next.requestClose(process);
		for (const process of processes) await isGone(process, next);
		await next.exit();
	});
});

describe('Windows itself', () => {
	it('is Wine here, in a session with windows', async () => {
		expect(await windows.isWine()).toBe(true);
		expect(await windows.session()).toBe(1);
		expect(await windows.koffi()).toBe('3.3.4');
	});

	it('says whose desktop this is, and knows users by name and by security identifier', async () => {
		const [sid, desktop] = [await windows.userSid(), await windows.sessionUser()];
		expect(desktop).toMatch(/\S/);
		expect(await windows.sidOfUser(desktop ?? '')).toBe(sid);
		expect((await windows.nameOfUser(sid))?.split('\\').at(-1)).toBe(desktop?.split('\\').at(-1));
		expect(await windows.nameOfUser('S-1-5-21-1-2-3-4')).toBeNull();
		await expect(windows.sidOfUser('nobody of this name')).rejects.toThrow('nobody is called');
		await expect(windows.nameOfUser('S-1-5;x')).rejects.toThrow('not a security identifier');
	});

	it('takes access lists and gives them back; that it holds them is for a real Windows to show', async () => {
		const sid = await windows.userSid();
		expect(sid).toMatch(/^S-1-5-21-/);
		await windows.keepFor('C:\\Quintet', sid);
		expect(await windows.readAccess('C:\\Quintet')).toContain(`(A;OICI;FA;;;${sid})`);
		expect(await windows.denyWrites('C:\\users', sid)).toBe(true);
	});
});
