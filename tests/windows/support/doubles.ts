/** Doubles of terminal64.exe in instance directories on Windows' C: drive. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type WineParts } from './wineRoot.ts';
import { type WineSession } from './wineSession.ts';

export const INSTANCES = 'C:\\Quintet\\instances';

export interface DoubleState {
	pid: number;
	algo: boolean;
	toggles: number;
	closes: number;
	args: string;
}

export type DoubleOrder = 'hang' | 'dialog' | 'stubborn' | 'update';

export interface Double {
	/** As Windows names its directory. */
	dir: string;
	order(order: DoubleOrder, content?: string): Promise<void>;
	/** Null before it has shown any. */
	state(): Promise<DoubleState | null>;
}

export async function placeDouble(
	session: WineSession,
	parts: WineParts,
	dir = `${INSTANCES}\\${randomUUID()}`
): Promise<Double> {
	const folder = session.path(dir);
	await mkdir(join(folder, 'double'), { recursive: true });
	await copyFile(join(parts.parts, 'terminal64.exe'), join(folder, 'terminal64.exe'));
	return {
		dir,
		order: (order, content = '') => writeFile(join(folder, 'double', order), content),
		async state() {
			const text = await readFile(join(folder, 'double', 'state.json'), 'utf8').catch(() => null);
			return text === null ? null : (JSON.parse(text) as DoubleState);
		}
	};
}
