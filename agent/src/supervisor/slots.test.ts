import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

describe('Slots', () => {
	it('lets so many in, and the next one when a slot is given back', async () => {
		const slots = new Slots(1);
		const release = await slots.acquire(never);
		let isIn = false;
		const second = slots.acquire(never).then((give) => {
			isIn = true;
			return give;
		});
		await Promise.resolve();
		expect(isIn).toBe(false);
		release();
		release();
		(await second)();
		(await slots.acquire(never))();
	});

	it('who gives up waiting leaves the queue and takes no slot', async () => {
		const slots = new Slots(1);
		const release = await slots.acquire(never);
		const impatient = new AbortController();
		const waiting = slots.acquire(impatient.signal);
		impatient.abort(new Error('gave up'));
		await expect(waiting).rejects.toThrow('gave up');
		release();
		(await slots.acquire(never))();
	});
});
