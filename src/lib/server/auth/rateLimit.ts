/**
 * Bounds on how often something may be tried, per key: over all web nodes where they share a Redis, else in
 * memory of this one. While Redis is away each node counts for itself, so that a bound is loosened, never lost.
 */
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';

export interface RateLimit {
	/** @throws AppError RATE_LIMITED with the seconds to wait */
	consume(key: string): Promise<void>;
	forget(key: string): Promise<void>;
}

const HOUR_SECONDS = 3_600;

/** The Redis of all nodes, and the bound's name in it. */
export interface SharedCount {
	redis: Redis;
	name: string;
}

/**
 * @param sentence what was too much; how long to wait is added
 * @param shared null counts in memory
 */
export function createRateLimit(
	points: number,
	sentence: string,
	durationSeconds = 60,
	shared: SharedCount | null = null
): RateLimit {
	const bounds = { points, duration: durationSeconds };
	const inMemory = new RateLimiterMemory(bounds);
	const limiter = shared
		? new RateLimiterRedis({
				...bounds,
				storeClient: shared.redis,
				keyPrefix: `quintet-limit:${shared.name}`,
				rejectIfRedisNotReady: true,
				insuranceLimiter: inMemory
			})
		: inMemory;
	return {
		async consume(key) {
			try {
				await limiter.consume(key);
			} catch (refusal) {
				if (!(refusal instanceof RateLimiterRes)) throw refusal;
				const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
				throw new AppError('RATE_LIMITED', `${sentence} Try again in ${retryAfterSeconds} s.`, {
					retryAfterSeconds
				});
			}
		},
		async forget(key) {
			await limiter.delete(key);
		}
	};
}

export interface AppLimits {
	/** Per address and account: a short burst… */
	login: RateLimit;
	/** …and how far somebody gets who keeps on. */
	loginSustained: RateLimit;
	/** Per account, from all devices it does not know: against guesses that come from everywhere. */
	loginAccount: RateLimit;
	/** Per user and address: codes of the second factor. */
	secondFactor: RateLimit;
	/** Per user: password or code given again within a session. */
	confirm: RateLimit;
	register: RateLimit;
	start: RateLimit;
	enrol: RateLimit;
}

/** @param redis where all nodes count together; null for a node alone */
export function createAppLimits(
	{ loginsPerMinute: logins, startsPerMinute }: Pick<Config, 'loginsPerMinute' | 'startsPerMinute'>,
	redis: Redis | null
): AppLimits {
	const SIGN_IN = 'Too many attempts to sign in.';
	const limit = (name: keyof AppLimits, points: number, sentence: string, durationSeconds?: number) =>
		createRateLimit(points, sentence, durationSeconds, redis && { redis, name });
	return {
		login: limit('login', logins, SIGN_IN),
		loginSustained: limit('loginSustained', logins * 8, SIGN_IN, HOUR_SECONDS),
		loginAccount: limit('loginAccount', logins * 6, SIGN_IN),
		secondFactor: limit('secondFactor', logins, 'Too many codes.'),
		confirm: limit('confirm', logins, 'Too many attempts to confirm.'),
		register: limit('register', logins * 12, 'Too many registrations from here.'),
		start: limit('start', startsPerMinute, 'Too many Starts. Pause and Stop are never limited.'),
		enrol: limit('enrol', 30, 'Too many attempts to enrol an agent.')
	};
}
