/**
 * The one door to Windows' own functions: koffi, found beside the packaged agent or in node_modules, and the
 * libraries of Windows, opened at first use. Nothing here is loaded on other systems.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type default as Koffi } from 'koffi';

let koffi: typeof Koffi | null = null;

/** @throws Error on another system than Windows */
export function openKoffi(): typeof Koffi {
	if (process.platform !== 'win32') throw new Error('these functions are those of Windows');
	if (koffi) return koffi;
	const require = createRequire(import.meta.url);
	// The package brings the native half alone; the other half only looks for it.
	const packaged = join(import.meta.dirname, 'koffi.node');
	koffi = require(existsSync(packaged) ? packaged : 'koffi') as typeof Koffi;
	return koffi;
}

/** Any value that a declared type takes or gives: numbers, texts, buffers, callbacks. */
type Native = (...given: never[]) => unknown;
type Parameter = string | ReturnType<typeof Koffi.pointer>;

/**
 * Wine's way into its kernel reads stack arguments 5 and 6 whether a function has them or not, and koffi's stack
 * may end right there: the call then spins for ever. Functions are declared with six arguments at least, which
 * means nothing to Windows on x64.
 */
const LEAST_ARGUMENTS = 6;

/** Declares functions of one library. The type argument of each says what the declared types are in TypeScript. */
export function openLibrary(library: string): {
	declare<F extends Native>(name: string, result: string, parameters: readonly Parameter[]): F;
	/** The call runs in a thread of its own: for those that wait. */
	declareAsync<F extends Native>(
		name: string,
		result: string,
		parameters: readonly Parameter[]
	): (...given: Parameters<F>) => Promise<ReturnType<F>>;
} {
	const opened = openKoffi().load(library);
	const padded = (name: string, result: string, parameters: readonly Parameter[]) => {
		const padding = Array<string>(Math.max(0, LEAST_ARGUMENTS - parameters.length)).fill('intptr_t');
		return { native: opened.func(name, result, [...parameters, ...padding]), zeros: padding.map(() => 0) };
	};
	return {
		declare<F extends Native>(name: string, result: string, parameters: readonly Parameter[]): F {
			const { native, zeros } = padded(name, result, parameters);
			return ((...given: unknown[]) => native(...given, ...zeros)) as unknown as F;
		},
		declareAsync(name, result, parameters) {
			const { native, zeros } = padded(name, result, parameters);
			return (...given) =>
				new Promise((resolve, reject) => {
					native.async(...given, ...zeros, (error: unknown, value: never) =>
						error ? reject(error) : resolve(value)
					);
				});
		}
	};
}

/** A call that Windows refused, with its own number for the reason. */
export class WindowsError extends Error {
	readonly code: number;
	constructor(call: string, code: number) {
		super(`${call} failed: Windows error ${code}`);
		this.code = code;
	}
}

/** A text that Windows wrote into `buffer`, which ends at its first NUL. */
export function wideText(buffer: Buffer, characters = buffer.length / 2): string {
	const text = buffer.toString('utf16le', 0, characters * 2);
	const end = text.indexOf('\0');
	return end < 0 ? text : text.slice(0, end);
}
