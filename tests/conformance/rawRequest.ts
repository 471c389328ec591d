/**
 * Requests written by hand, as no agent would write them. The rig's channel is closed first: it would take the
 * answers away.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { BRIDGE_FOLDER } from '../../agent/src/bridge/folder.ts';
import { decodeMessage, encodeMessage } from '../../agent/src/bridge/message.ts';
import { waitFor } from '../support/waitFor.ts';
import { type BridgeRig } from './rig.ts';

/** A frame that checks out around any text. */
export function frameText(id: string, text: string): Buffer {
	const body = Buffer.from(text, 'utf8');
	const crc = crc32(body).toString(16).padStart(8, '0');
	return Buffer.concat([Buffer.from(`${body.length} ${crc} ${id}\n`), body, Buffer.from(`\n#END ${id}\n`)]);
}

export function rawRequests(rig: BridgeRig) {
	const path = (...names: string[]): string => join(rig.instanceDir, ...BRIDGE_FOLDER, ...names);
	let count = 0;
	const newId = (): string => `raw-${++count}`;
	const answer = async (id: string): Promise<unknown> => {
		const message = await waitFor(`the answer to ${id}`, () =>
			existsSync(path('res', `${id}.msg`)) ? decodeMessage(readFileSync(path('res', `${id}.msg`))) : null
		);
		rmSync(path('res', `${id}.msg`));
		return message.body;
	};
	return {
		path,
		newId,
		write: (id: string, bytes: Buffer): void => writeFileSync(path('req', `${id}.msg`), bytes),
		isWaiting: (id: string): boolean => existsSync(path('req', `${id}.msg`)),
		isAnswered: (id: string): boolean => existsSync(path('res', `${id}.msg`)),
		answer,
		/** Sends any body, and waits for the answer. */
		async ask(body: (id: string) => unknown): Promise<unknown> {
			const id = newId();
			writeFileSync(path('req', `${id}.msg`), encodeMessage(id, body(id)));
			return answer(id);
		}
	};
}
