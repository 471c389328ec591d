/** Bounds on how often something may be tried, per key, in memory of this web node. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../errors.ts';

export interface RateLimit {
	/** @throws AppError RATE_LIMITED with the seconds to wait */
	consume(key: string): Promise<void>;
	forget(key: string): Promise<void>;
}

export function createRateLimit(perMinute: number, sentence: string): RateLimit {
	const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
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
