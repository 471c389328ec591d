/** Any text of the agent comes back as it was: through the frame, the JSON module, and the terminal's UTF-16. */
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawRequests } from './rawRequest.ts';
import { type MakeRig } from './rig.ts';
import { useRigs } from './useRigs.ts';

const TEXTS = 150;

export function describeTexts(name: string, makeRig: MakeRig): void {
	describe(`texts: ${name}`, () => {
		const { running } = useRigs(makeRig);

		it('come through whole, whatever characters they hold', async () => {
			const { rig } = await running();
			rig.channel.close();
			const raw = rawRequests(rig);
			writeFileSync(raw.path('tpl', 'any.tpl'), '\ufeff<chart>\r\nsymbol=EURUSD\r\n</chart>\r\n', 'utf16le');
			const symbols = fc.sample(
				fc
					.oneof(
						fc.string({ unit: 'binary', minLength: 1, maxLength: 16 }),
						fc.string({
							unit: fc.constantFrom('"', '\\', '/', '\n', '\t', '\u007f', 'é', '😀', '\ud800', 'u')
						})
					)
					// A zero ends a string in MQL5, and is refused.
					.filter((text) => text !== '' && text.length <= 32 && !text.includes('\0')),
				{ numRuns: TEXTS, seed: 4711 }
			);
			const answers = await Promise.all(
				symbols.map((symbol) =>
					raw.ask((id) => ({
						id,
						verb: 'load_ea',
						args: { template: 'any.tpl', symbol, timeframe: 'H1' }
					}))
				)
			);
			expect(answers).toMatchObject(
				symbols.map((symbol) => ({
					code: 'unknown_symbol',
					message: `the broker has no symbol ${symbol}`
				}))
			);
		});
	});
}
