import { describe, expect, it } from 'vitest';
import { DIALOG_CLASS, dialogsOf, MAIN_WINDOW_CLASS, mainWindowOf, type WindowFacts } from './dialogs.ts';
import { HangTest, type HangSenses } from './hangTest.ts';

const facts = (change: Partial<WindowFacts<number>>): WindowFacts<number> => ({
	window: 1,
	pid: 100,
	className: MAIN_WINDOW_CLASS,
	isVisible: true,
	...change
});

describe('the windows of a terminal', () => {
	const windows = [
		facts({ window: 1, className: 'IME' }),
		facts({ window: 2, pid: 200 }),
		facts({ window: 3 }),
		facts({ window: 4, className: DIALOG_CLASS }),
		facts({ window: 5, className: DIALOG_CLASS, pid: 200 }),
		facts({ window: 6, className: DIALOG_CLASS, isVisible: false })
	];

	it('finds the main window by process and class', () => {
		expect(mainWindowOf(windows, 100)).toBe(3);
		expect(mainWindowOf(windows, 200)).toBe(2);
		expect(mainWindowOf(windows, 300)).toBeNull();
	});

	it('E/dialogs: closes the visible dialogs of this process, and nobody else’s', () => {
		expect(dialogsOf(windows, 100)).toEqual([4]);
		expect(dialogsOf(windows, 300)).toEqual([]);
	});
});

describe('the hang test', () => {
	function rig() {
		let nowMs = 0;
		const pings: number[] = [];
		const test = new HangTest(() => nowMs);
		const senses = (answers: () => boolean, isHung = false): HangSenses => ({
			isHung: () => isHung,
			async ping(timeoutMs) {
				pings.push(nowMs);
				if (!answers()) nowMs += timeoutMs;
				return answers();
			}
		});
		return { test, senses, pings, pass: (ms: number) => (nowMs += ms) };
	}

	it('believes Windows at once', async () => {
		const { test, senses, pings } = rig();
		expect(
			await test.isHung(
				'1',
				senses(() => true, true)
			)
		).toBe(true);
		expect(pings).toEqual([]);
	});

	it('calls a window hung when it answered nothing for five seconds, and not before', async () => {
		const { test, senses, pass } = rig();
		const silent = senses(() => false);
		const verdicts: boolean[] = [];
		for (let look = 0; look < 4; look += 1) {
			verdicts.push(await test.isHung('1', silent));
			pass(1_000);
		}
		expect(verdicts).toEqual([false, false, true, true]);
	});

	it('takes it back when the window answers', async () => {
		const { test, senses, pass } = rig();
		let answers = false;
		const sense = senses(() => answers);
		for (let look = 0; look < 6; look += 1) await test.isHung('1', sense);
		expect(await test.isHung('1', sense)).toBe(true);
		answers = true;
		pass(1_000);
		expect(await test.isHung('1', sense)).toBe(false);
	});

	it('does not ask a window again that answered a moment ago', async () => {
		const { test, senses, pings, pass } = rig();
		const sense = senses(() => true);
		for (let look = 0; look < 12; look += 1) {
			await test.isHung('1', sense);
			pass(1_000);
		}
		expect(pings).toEqual([0, 10_000]);
	});

	it('pings one window at a time, so that hung terminals do not hold up the others', async () => {
		const { test } = rig();
		let underway = 0;
		let most = 0;
		const answers: (() => void)[] = [];
		const slow: HangSenses = {
			isHung: () => false,
			ping: () => {
				most = Math.max(most, (underway += 1));
				return new Promise((resolve) =>
					answers.push(() => {
						underway -= 1;
						resolve(false);
					})
				);
			}
		};
		const first = test.isHung('1', slow);
		expect(await Promise.all(['2', '3', '4'].map((key) => test.isHung(key, slow)))).toEqual([
			false,
			false,
			false
		]);
		answers.forEach((answer) => answer());
		await first;
		expect(most).toBe(1);
	});

	it('knows nothing of the process that had the same key before it was forgotten', async () => {
		const { test, senses } = rig();
		for (let look = 0; look < 7; look += 1)
			await test.isHung(
				'1',
				senses(() => false)
			);
		test.forget('1');
		expect(
			await test.isHung(
				'1',
				senses(() => true)
			)
		).toBe(false);
	});
});
