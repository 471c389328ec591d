/** The agent's log: JSON lines. Secrets are objects that show nothing; the redaction is a second net. */
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

export function createLogger(level: string, destination?: DestinationStream): Logger {
	const options = {
		level,
		base: { program: 'agent' },
		redact: {
			paths: ['password', '*.password', '*.*.password', 'joinCode', 'privateKey', '*.privateKey'],
			censor: '[secret]'
		}
	};
	return destination ? pino(options, destination) : pino(options);
}
