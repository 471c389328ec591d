import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from './message.ts';

const BODY = { text: 'Größe “1”', list: [1, 2.5, null], nested: { is: true } };

describe('messages of the bridge channel', () => {
	it('come out as they went in', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (body) => {
				// JSON has no -0.
				expect(decodeMessage(encodeMessage('r-1', body))?.body).toEqual(JSON.parse(JSON.stringify(body)));
			})
		);
	});

	it('are no news when cut off at any byte', () => {
		const file = encodeMessage('r-1', BODY);
		for (let length = 0; length < file.length; length++)
			expect(decodeMessage(file.subarray(0, length)), `cut at ${length}`).toBeNull();
	});

	it('are no news when something follows the end', () => {
		expect(decodeMessage(Buffer.concat([encodeMessage('r-1', BODY), Buffer.from('x')]))).toBeNull();
		const two = Buffer.concat([encodeMessage('r-1', BODY), encodeMessage('r-2', BODY)]);
		expect(decodeMessage(two)).toBeNull();
	});

	it('are no news when any one bit of any byte is flipped', () => {
		const file = encodeMessage('r-1', BODY);
		for (let place = 0; place < file.length; place++)
			for (let bit = 0; bit < 8; bit++) {
				const changed = Buffer.from(file);
				changed.writeUInt8(changed.readUInt8(place) ^ (1 << bit), place);
				expect(decodeMessage(changed), `bit ${bit} of byte ${place}`).toBeNull();
			}
	});
});
