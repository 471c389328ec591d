/** What the routes of sign-in and security answer. */
import { z } from 'zod';
import type { SecondFactorView, SessionView, TotpSetupView } from '#lib/domain/views.ts';
import type { SessionUser } from '../auth/session.ts';
import { moment } from './common.ts';
import { exactly } from './exactly.ts';

const user = exactly<SessionUser>()(
	z
		.strictObject({
			id: z.string(),
			email: z.string(),
			name: z.string(),
			role: z.enum(['TRADER', 'OPERATOR'])
		})
		.meta({ id: 'User' })
);

export const signedInSchema = z.strictObject({ user });
export const signInSchema = z.union([
	signedInSchema,
	z.strictObject({ isSecondFactorRequired: z.literal(true) })
]);

export const sessionListSchema = z.strictObject({
	sessions: z.array(
		exactly<SessionView>()(
			z
				.strictObject({
					id: z.uuid(),
					device: z.string(),
					ip: z.string().nullable(),
					createdAt: moment,
					lastUsedAt: moment,
					expiresAt: moment,
					isCurrent: z.boolean()
				})
				.meta({ id: 'Session' })
		)
	)
});
export const endedSessionsSchema = z.strictObject({ endedSessions: z.int() });

export const secondFactorViewSchema = exactly<SecondFactorView>()(
	z
		.strictObject({ isOn: z.boolean(), since: moment.nullable(), recoveryCodesLeft: z.int() })
		.meta({ id: 'SecondFactor' })
);
export const totpSetupSchema = exactly<TotpSetupView>()(
	z
		.strictObject({
			secret: z.string(),
			uri: z.string(),
			qr: z.strictObject({ path: z.string(), size: z.number() })
		})
		.meta({ id: 'TotpSetup' })
);
export const recoveryCodesSchema = z.strictObject({ recoveryCodes: z.array(z.string()) });
