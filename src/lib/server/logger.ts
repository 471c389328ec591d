import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Fields that could hold a secret. */
const SECRET_FIELDS = [
	'password',
	'newPassword',
	'currentPassword',
	'passwordHash',
	'sealedPassword',
	'secret',
	'totpSecret',
	'recoveryCodes',
	'token',
	'cookie',
	'["set-cookie"]',
	'authorization'
];

/** Structured logs, one JSON line each. Fields that could hold a secret are cut out, down to the third level. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
	const at = (prefix: string) =>
		SECRET_FIELDS.map((field) =>
			field.startsWith('[') ? `${prefix.slice(0, -1)}${field}` : `${prefix}${field}`
		);
	const options = {
		level,
		base: { program: 'web' },
		redact: { paths: ['', '*.', '*.*.'].flatMap(at), censor: '[secret]' }
	};
	return destination ? pino(options, destination) : pino(options);
}
