/** What the routes of uploaded EAs answer: src/lib/domain/expertViews.ts says what each field means. */
import { z } from 'zod';
import { EXPERT_PLACES, type ExpertListView, type ExpertView } from '#lib/domain/expertViews.ts';
import { accountKind, moment } from './common.ts';
import { exactly } from './exactly.ts';

const digest = z.string().meta({ description: 'SHA-256 in hex' });

export const expertSchema = exactly<ExpertView>()(
	z
		.strictObject({
			id: z.uuid(),
			name: z.string(),
			sha256: digest,
			bytes: z.int(),
			set: z.strictObject({ name: z.string(), inputs: z.int() }).nullable(),
			createdAt: moment,
			accountIds: z.array(z.uuid()).meta({ description: 'Accounts that are to run it' })
		})
		.meta({ id: 'Expert' })
);

export const expertListSchema = exactly<ExpertListView>()(
	z
		.strictObject({
			experts: z.array(expertSchema),
			accounts: z.array(
				z.strictObject({
					id: z.uuid(),
					name: z.string(),
					accountNumber: z.string(),
					broker: z.string(),
					kind: accountKind,
					path: z.string(),
					expertId: z.uuid().nullable(),
					place: z.enum(EXPERT_PLACES).nullable().meta({
						description: 'What was seen in the terminal’s directory; null without an uploaded version'
					}),
					seenSha256: digest.nullable(),
					isLoaded: z.boolean().nullable().meta({
						description:
							'The EA on the chart runs with this version and the present settings; null: there is none, or it is not known'
					}),
					obstacle: z.enum(['no_agent', 'agent_away', 'agent_too_old']).nullable()
				})
			),
			mostExperts: z.int(),
			mostBytes: z.int()
		})
		.meta({ id: 'ExpertList' })
);
