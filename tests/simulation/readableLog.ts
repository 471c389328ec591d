/** The real code's log, as lines for a reader. */
import { type Logger } from '#lib/server/logger.ts';

export function loggerTo(onLog: (line: string) => void): Logger {
	const log =
		(level: string) =>
		(fields: unknown, message?: string): void => {
			const text = typeof fields === 'string' ? fields : `${message} ${JSON.stringify(fields, readable)}`;
			onLog(`${level}: ${text}`);
		};
	const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
	return Object.fromEntries(levels.map((level) => [level, log(level)])) as unknown as Logger;
}

const readable = (_key: string, value: unknown): unknown =>
	value instanceof Error ? `${value.name}: ${value.message}` : value;
