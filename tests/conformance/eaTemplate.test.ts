/**
 * The EA template's include file, under an EA that trades (agent/mql5/shim/programs): inside the limits that were
 * set, and not while it is paused. Needs g++: `npm run test:conformance`.
 */
import { describe, expect, it } from 'vitest';
import { buildShim } from '../../agent/mql5/shim/build.ts';
import { type EaSettings } from '#lib/domain/eaSettings.ts';
import { waitFor } from '../support/waitFor.ts';
import { SETTINGS, type BridgeRig } from './rig.ts';
import { simulatedRig } from './simulatedRig.ts';
import { useRigs } from './useRigs.ts';

const executable = await buildShim();
const LIMIT = { timeoutMs: 30_000 };
const trading = (changes: Partial<EaSettings> = {}): EaSettings => ({
	...SETTINGS,
	...changes,
	expert: { ...SETTINGS.expert, path: 'Quintet\\TradingEa' }
});

describe('EA template', () => {
	const { running } = useRigs((setup) => simulatedRig(setup, executable));
	const lotsOf = async (rig: BridgeRig): Promise<string[]> => {
		const { items } = await rig.channel.request('list_open', { magic: 777 }, LIMIT);
		return items.map(({ lots }) => lots);
	};
	/** Long enough for an EA that wants to trade to have done so: ticks come every 400 ms. */
	const ticks = async (rig: BridgeRig): Promise<void> => {
		const seen = new Set<number>();
		await waitFor('some ticks', () => {
			const { tickAgeMs, seq } = rig.channel.newest?.status ?? { tickAgeMs: null, seq: 0 };
			// The age falls back to nothing with each tick.
			if (tickAgeMs !== null && tickAgeMs < 150) seen.add(seq);
			return seen.size >= 6;
		});
	};

	it.each([
		['GREEN', '0.50', '0.50'],
		['AMBER', '0.50', '0.25'],
		['GREEN', '5.00', '1.00']
	] as const)('in %s with at most %s lots opens %s', async (safetyMode, maxLotSize, lots) => {
		const { rig } = await running({ broker: { balance: '1000000' } });
		await rig.loadEa(1, trading({ safetyMode, maxLotSize }));
		await rig.status('three positions', (status) => status.eaPositions === 3);
		expect(await lotsOf(rig)).toEqual([lots, lots, lots]);
	});

	it('opens nothing in RED', async () => {
		const { rig } = await running();
		await rig.loadEa(1, trading({ safetyMode: 'RED' }));
		await rig.status('a beat', (status) => typeof status.ea?.heartbeatAgeMs === 'number');
		await ticks(rig);
		expect(await lotsOf(rig)).toEqual([]);
	});

	it('opens nothing more once the largest loss is reached', async () => {
		// More than any price does to half a lot within these seconds.
		const { rig } = await running({ broker: { balance: '1000000', commission: '5000.00' } });
		await rig.loadEa(1, trading({ maxLoss: '9000' }));
		await rig.status('two positions', (status) => status.eaPositions === 2);
		await ticks(rig);
		expect(await lotsOf(rig)).toEqual(['0.50', '0.50']);
	});

	it('opens nothing while Algo Trading is off, and goes on when it is on', async () => {
		const { rig, process } = await running({}, false);
		await rig.loadEa(1, trading());
		await rig.status('a beat', (status) => typeof status.ea?.heartbeatAgeMs === 'number');
		await ticks(rig);
		expect(await lotsOf(rig)).toEqual([]);
		await rig.kind.window.toggleAlgoTrading(process);
		await rig.status('three positions', (status) => status.eaPositions === 3);
	});

	it('opens nothing any more after a close pass, until it is loaded anew', async () => {
		const { rig } = await running({ broker: { balance: '1000000' } });
		await rig.loadEa(1, trading());
		await rig.status('three positions', (status) => status.eaPositions === 3);
		const answer = await rig.channel.request('close_pass', { magic: 777, deviationPoints: 20 }, LIMIT);
		expect(answer).toMatchObject({ closedPositions: 3, residuals: [] });
		await ticks(rig);
		expect(await lotsOf(rig)).toEqual([]);
		await rig.loadEa(2, trading());
		await rig.status('three positions again', (status) => status.eaPositions === 3);
	});

	it('goes on after one of its positions was closed', async () => {
		const { rig } = await running({ broker: { balance: '1000000' } });
		await rig.loadEa(1, trading());
		await rig.status('three positions', (status) => status.eaPositions === 3);
		const { items } = await rig.channel.request('list_open', { magic: 777 }, LIMIT);
		const ticket = items[0]?.ticket ?? '';
		const answer = await rig.channel.request('close_one', { ticket, deviationPoints: 20 }, LIMIT);
		expect(answer).toEqual({ done: 'position_closed', residual: null });
		await waitFor('another one in its place', async () => (await lotsOf(rig)).length === 3);
	});

	it('shows its errors, the last ten', async () => {
		const { rig } = await running({ broker: { balance: '1' } });
		await rig.loadEa(1, trading());
		const { ea } = await rig.status('ten errors', (status) => status.ea?.errors.length === 10);
		expect(new Set(ea?.errors)).toEqual(new Set(['buy 0.50: 10019']));
	});
});
