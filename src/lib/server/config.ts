/** The web server's settings, read from the environment once, at start. .env.example tells them all. */
import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((v) => v === 'true');

const environmentSchema = z.object({
	DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
	/** Keys that seal MT5 passwords: `<key id>:<base64 of 32 bytes>` lines, the newest first. */
	QUINTET_KEY_FILE: z.string().min(1),
	/** The Ed25519 key that agents obey, PEM. Default: beside the key file, made at the first start. */
	QUINTET_SIGNING_KEY_FILE: z.string().min(1).optional(),
	/**
	 * Who can open MT5 passwords. agent: the one agent they are sealed to, and not the server. server: the key file,
	 * so that an operator can move accounts between agents without asking the traders.
	 */
	QUINTET_CREDENTIALS: z.enum(['agent', 'server']).default('agent'),
	/** The address in the browser's bar, when a proxy stands in front. */
	ORIGIN: z.url().optional(),
	QUINTET_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
	QUINTET_DB_POOL: z.coerce.number().int().min(2).max(200).default(20),
	QUINTET_STARTS_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(120),
	QUINTET_LOGINS_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(5),
	/** The rhythm of the agents' lines; tests make it fast. */
	QUINTET_PING_INTERVAL_MS: z.coerce.number().int().min(50).max(60_000).optional(),
	QUINTET_LINE_DEAD_MS: z.coerce.number().int().min(100).max(120_000).optional(),
	/** Several web servers on one database find each other here. */
	REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
	/** The package that the install page hands out: what `npm run agent -- package` made. */
	QUINTET_AGENT_PACKAGE: z.string().min(1).default('dist/quintet-agent-win-x64.zip'),
	/** What Prometheus shows at /metrics; without it there is nothing at that address. */
	QUINTET_METRICS_TOKEN: z.string().min(16).optional(),
	/** Lets traders' alerts go to private addresses and by plain http: for a network of one's own. */
	QUINTET_ALERTS_TO_PRIVATE: flag.default(false),
	/** How long something must last before it is told. */
	QUINTET_ALERT_AFTER_MS: z.coerce.number().int().min(100).max(3_600_000).default(30_000),
	/** The first pause after a message that was not taken; tests make it short. */
	QUINTET_ALERT_RETRY_MS: z.coerce.number().int().min(50).max(600_000).default(10_000),
	QUINTET_REGISTRATION: flag.default(true)
});

export interface Config {
	databaseUrl: string;
	keyFile: string;
	credentials: 'agent' | 'server';
	/** Undefined: beside the key file. */
	signingKeyFile: string | undefined;
	origin: string | undefined;
	/** Cookies are `Secure` and `__Host-` when the page is served over https. */
	isSecureOrigin: boolean;
	logLevel: string;
	dbPoolSize: number;
	startsPerMinute: number;
	loginsPerMinute: number;
	pingIntervalMs: number | undefined;
	lineDeadMs: number | undefined;
	redisUrl: string | undefined;
	/** Path of the agent's package for Windows; there need not be one. */
	agentPackage: string;
	metricsToken: string | undefined;
	alerts: { allowsPrivate: boolean; afterMs: number; retryMs: number };
	isRegistrationOpen: boolean;
}

/**
 * @throws Error that names every variable that is missing or wrong
 */
export function loadConfig(environment: Record<string, string | undefined>): Config {
	const parsed = environmentSchema.safeParse(environment);
	if (!parsed.success) {
		const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
		throw new Error(`The environment is not complete (see .env.example):\n${lines.join('\n')}`);
	}
	const env = parsed.data;
	return {
		databaseUrl: env.DATABASE_URL,
		keyFile: env.QUINTET_KEY_FILE,
		credentials: env.QUINTET_CREDENTIALS,
		signingKeyFile: env.QUINTET_SIGNING_KEY_FILE,
		origin: env.ORIGIN,
		isSecureOrigin: env.ORIGIN?.startsWith('https://') ?? false,
		logLevel: env.QUINTET_LOG_LEVEL,
		dbPoolSize: env.QUINTET_DB_POOL,
		startsPerMinute: env.QUINTET_STARTS_PER_MINUTE,
		loginsPerMinute: env.QUINTET_LOGINS_PER_MINUTE,
		pingIntervalMs: env.QUINTET_PING_INTERVAL_MS,
		lineDeadMs: env.QUINTET_LINE_DEAD_MS,
		redisUrl: env.REDIS_URL,
		agentPackage: env.QUINTET_AGENT_PACKAGE,
		metricsToken: env.QUINTET_METRICS_TOKEN,
		alerts: {
			allowsPrivate: env.QUINTET_ALERTS_TO_PRIVATE,
			afterMs: env.QUINTET_ALERT_AFTER_MS,
			retryMs: env.QUINTET_ALERT_RETRY_MS
		},
		isRegistrationOpen: env.QUINTET_REGISTRATION
	};
}
