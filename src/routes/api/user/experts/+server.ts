import { json } from '@sveltejs/kit';
import { MAX_UPLOAD_BODY_BYTES } from '#lib/domain/limits.ts';
import { expertListSchema, expertSchema } from '#lib/server/answers/experts.ts';
import { uploadExpertSchema } from '#lib/server/experts/expertInput.ts';
import { readExperts } from '#lib/server/experts/readExperts.ts';
import { uploadExpert } from '#lib/server/experts/uploadExpert.ts';
import { api } from '#lib/server/http/api.ts';
import { requireCaller } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Experts',
		summary: 'Your uploaded EAs, and which accounts have them',
		details:
			'A version is the digest of its file. What an account has is compared with what it is to run; only what its agent saw just now is said.',
		answer: expertListSchema
	},
	async (event) => json(await readExperts(event.locals.app, requireCaller(event).userId))
);

export const POST = api(
	{
		tag: 'Experts',
		summary: 'Upload a version of your EA, with or without its inputs',
		details:
			'The compiled .ex5, and the .set with values for its own inputs, as base64. Nothing runs it before it is deployed.',
		body: uploadExpertSchema,
		mostBodyBytes: MAX_UPLOAD_BODY_BYTES,
		answer: expertSchema,
		status: 201,
		refusals: ['EXPERT_EXISTS', 'EXPERT_LIMIT']
	},
	async (event, readBody) => {
		const caller = requireCaller(event);
		return json(await uploadExpert(event.locals.app, caller, await readBody()), { status: 201 });
	}
);
