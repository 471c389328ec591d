import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStreamQueue } from './streamQueue.ts';

const text = (chunk: Uint8Array | null) => (chunk === null ? null : new TextDecoder().decode(chunk));

describe('the queue of a stream', () => {
	it('gives everything in order, once', () => {
		const queue = createStreamQueue();
		for (const part of ['a', 'b', 'ç']) queue.push(part, () => 'never');
		expect(text(queue.take())).toBe('abç');
		expect(queue.take()).toBeNull();
	});

	it.each([
		['bytes', { bytes: 10, events: 1_000 }],
		['events', { bytes: 1_000, events: 3 }]
	])('drops everything for one message when there are too many %s, and goes on', (_what, limits) => {
		const queue = createStreamQueue(limits);
		for (const part of ['aaa', 'bbb', 'ccc', 'ddd']) queue.push(part, () => 'resync');
		queue.push('next', () => 'resync');
		expect(text(queue.take())).toBe('resyncnext');
	});

	it('is bounded whatever comes', () => {
		fc.assert(
			fc.property(fc.array(fc.string({ maxLength: 50 })), (parts) => {
				const queue = createStreamQueue({ bytes: 100, events: 5 });
				for (const part of parts) {
					queue.push(part, () => 'resync');
					expect(queue.bytes).toBeLessThanOrEqual(100);
				}
			})
		);
	});
});
