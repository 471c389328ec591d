import { error } from '@sveltejs/kit';
import { z } from 'zod';
import { readMachine } from '#lib/server/agents/readMachine.ts';
import { AppError } from '#lib/server/errors.ts';

export const load = async ({ locals, params, depends }) => {
	depends('app:agents');
	const agentId = z.uuid().safeParse(params.agentId);
	if (locals.user?.role !== 'OPERATOR' || !agentId.success) error(404, 'This page does not exist.');
	try {
		return await readMachine(locals.app, agentId.data);
	} catch (refusal) {
		if (refusal instanceof AppError && refusal.code === 'NOT_FOUND') error(404, 'This agent does not exist.');
		throw refusal;
	}
};
