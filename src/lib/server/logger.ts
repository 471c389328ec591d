import { pino, type Logger } from 'pino';

export type { Logger };

/** Structured logs, one JSON line each. Fields that could hold a secret are cut out, wherever they stand. */
export function createLogger(level: string): Logger {
	return pino({
		level,
		base: { program: 'web' },
		redact: {
			paths: [
				'password',
				'*.password',
				'*.*.password',
				'headers.cookie',
				'headers.authorization',
				'*.headers.cookie'
			],
			censor: '[secret]'
		}
	});
}
