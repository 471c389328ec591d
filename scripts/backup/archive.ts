/**
 * The backup's file: gzip of lines of JSON. The first says what it is; then each table with its rows, one a line, as
 * PostgreSQL prints them; the last has the SHA-256 of everything before it. Written beside its place and renamed when it
 * is whole: what has the name is a backup.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';

export const FORMAT = 1;

const headSchema = z.strictObject({
	quintet: z.literal('backup'),
	format: z.literal(FORMAT),
	takenAt: z.iso.datetime(),
	/** Of the program that took it. */
	version: z.string(),
	/** Names of the migrations that made these tables. */
	migrations: z.array(z.string()),
	/** Rows by table, in an order in which they can be inserted. */
	tables: z.array(z.strictObject({ name: z.string(), rows: z.int().min(0) }))
});
export type BackupHead = z.infer<typeof headSchema>;

const tailSchema = z.strictObject({ end: z.literal(true), sha256: z.string() });

export type BackupLine = { kind: 'table'; name: string } | { kind: 'row'; text: string };

/** Nothing is written to the database after this. */
export class DamagedBackup extends Error {}

/** @param lines rows come as text, and are written as they are */
export async function writeArchive(
	path: string,
	head: BackupHead,
	lines: AsyncIterable<BackupLine>
): Promise<void> {
	const unfinished = `${path}.unfinished`;
	const hash = createHash('sha256');
	const gzip = createGzip();
	const file = createWriteStream(unfinished, { mode: 0o600 });
	const written = finished(gzip.pipe(file));
	const write = async (text: string): Promise<void> => {
		hash.update(`${text}\n`);
		if (!gzip.write(`${text}\n`)) await Promise.race([once(gzip, 'drain'), written]);
	};
	try {
		await write(JSON.stringify(head));
		for await (const line of lines)
			await write(line.kind === 'row' ? line.text : JSON.stringify({ table: line.name }));
		gzip.end(`${JSON.stringify({ end: true, sha256: hash.digest('hex') })}\n`);
		await written;
		await rename(unfinished, path);
	} catch (error) {
		file.destroy();
		await written.catch(() => {});
		await rm(unfinished, { force: true });
		throw error;
	}
}

/**
 * Reads all of it and believes nothing before its end: digest, tables and their rows must be as its head says.
 * @throws DamagedBackup
 */
export async function verifyArchive(path: string): Promise<BackupHead> {
	const hash = createHash('sha256');
	let head: BackupHead | null = null;
	let last: string | null = null;
	const counted: { name: string; rows: number }[] = [];
	for await (const line of textLines(path)) {
		if (last !== null) {
			hash.update(`${last}\n`);
			head ??= parseHead(last);
			if (last.startsWith('{"table":')) counted.push({ name: tableOf(last), rows: 0 });
			else if (counted.length > 0) (counted.at(-1) ?? { rows: 0 }).rows += 1;
		}
		last = line;
	}
	const tail = tailSchema.safeParse(last === null ? null : json(last));
	if (!head || !tail.success) throw new DamagedBackup('The backup has no end: it was cut off.');
	if (tail.data.sha256 !== hash.digest('hex'))
		throw new DamagedBackup('The backup is damaged: its digest is another one.');
	if (JSON.stringify(counted) !== JSON.stringify(head.tables))
		throw new DamagedBackup('The backup is damaged: it has not the rows that its head names.');
	return head;
}

/** The tables and rows of an archive that was verified. */
export async function* readArchive(path: string): AsyncGenerator<BackupLine> {
	let isHead = true;
	for await (const text of textLines(path)) {
		if (isHead) isHead = false;
		else if (text.startsWith('{"table":')) yield { kind: 'table', name: tableOf(text) };
		else if (!text.startsWith('{"end":')) yield { kind: 'row', text };
	}
}

async function* textLines(path: string): AsyncGenerator<string> {
	const gunzip = createGunzip();
	const file = createReadStream(path).on('error', (error) => gunzip.destroy(error));
	const decoder = new StringDecoder('utf8');
	let rest = '';
	try {
		for await (const chunk of file.pipe(gunzip)) {
			// At line feeds alone: what is printed on one line may hold other separators within its strings.
			const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
			rest = lines.pop() ?? '';
			yield* lines;
		}
		if (rest !== '') yield rest;
	} catch (error) {
		const { code = '' } = error as NodeJS.ErrnoException;
		if (!code.startsWith('Z_')) throw error;
		throw new DamagedBackup('The backup is damaged: it does not unpack.', { cause: error });
	} finally {
		file.destroy();
	}
}

function parseHead(text: string): BackupHead {
	const head = headSchema.safeParse(json(text));
	if (!head.success) throw new DamagedBackup('This is no backup of Quintet, or one of a newer version.');
	return head.data;
}

const tableOf = (text: string): string => z.object({ table: z.string() }).parse(JSON.parse(text)).table;

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
