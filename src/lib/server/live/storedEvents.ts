/** Reads the stored events that a stream missed. */
import { z } from 'zod';
import { readCommandsById } from '../commands/commandRows.ts';
import type { Database } from '../db.ts';
import type { StoredMessage } from './eventHub.ts';

/** More than this is not replayed one by one; the page asks for everything again. */
const MAX_REPLAY = 500;

const accountsPayload = z.object({ reason: z.string(), accountIds: z.array(z.string()) });
const commandPayload = z.object({ commandIds: z.array(z.string()) });

export interface Replay {
	/** False: something in between is gone, so nothing was replayed. */
	isComplete: boolean;
	/** Number of the newest event there is. */
	newest: bigint;
	messages: StoredMessage[];
}

/**
 * Everything of this user after event `after`. Commands come as they are now, once each: what happened to them
 * in between is part of what they are.
 */
export async function replayEvents(db: Database, userId: string, after: bigint): Promise<Replay> {
	const { rows: users } = await db.pool.query<{ eventSeq: string }>(
		`SELECT "eventSeq" FROM "User" WHERE id = $1`,
		[userId]
	);
	const newest = BigInt(users[0]?.eventSeq ?? 0);
	if (after === newest) return { isComplete: true, newest, messages: [] };
	const { rows } = await db.pool.query<{ seq: string; type: string; payload: unknown }>(
		`SELECT seq, type, payload FROM "LiveEvent" WHERE "userId" = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`,
		[userId, String(after), String(newest), MAX_REPLAY + 1]
	);
	const isComplete = after < newest && BigInt(rows.length) === newest - after && rows.length <= MAX_REPLAY;
	if (!isComplete) return { isComplete: false, newest, messages: [] };

	const messages: StoredMessage[] = [];
	const commandIds = new Set<string>();
	for (const row of rows) {
		if (row.type === 'accounts')
			messages.push({ name: 'accounts', body: accountsPayload.parse(row.payload) });
		else for (const id of commandPayload.parse(row.payload).commandIds) commandIds.add(id);
	}
	const commands = commandIds.size > 0 ? await readCommandsById(db.pool, userId, [...commandIds]) : [];
	commands.sort((a, b) => (a.commandId < b.commandId ? -1 : 1));
	for (const body of commands) messages.push({ name: 'command', body });
	return { isComplete: true, newest, messages };
}
