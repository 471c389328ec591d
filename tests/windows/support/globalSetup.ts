/** Prepares Wine once for all files; one run at a time on this machine, since they share the root. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestProject } from 'vitest/node';
import { lockStateDir } from '../../../agent/src/lock.ts';
import { waitFor } from '../../support/waitFor.ts';
import { prepareWine, whyNoWine, wineDir, type WineParts } from './wineRoot.ts';

declare module 'vitest' {
	interface ProvidedContext {
		wine: WineParts;
	}
}

const OTHER_RUN_MS = 20 * 60_000;

export default async function setup(project: TestProject): Promise<() => void> {
	const reason = await whyNoWine();
	if (reason !== null) throw new Error(`There is no Wine here: ${reason}.`);
	mkdirSync(wineDir(), { recursive: true });
	const lock = await waitFor(
		'another run of the Windows tests to end',
		() => lockStateDir(join(wineDir(), 'lock.db'), 1_000),
		{ timeoutMs: OTHER_RUN_MS }
	);
	project.provide('wine', await prepareWine((line) => console.log(line)));
	return () => lock.release();
}
