import { error } from '@sveltejs/kit';
import { z } from 'zod';
import { readAgents } from '#lib/server/agents/readAgents.ts';
import { readMachine } from '#lib/server/agents/readMachine.ts';
import { AppError } from '#lib/server/errors.ts';
import { readLeftovers, readMoves } from '#lib/server/moves/readMoves.ts';

export const load = async ({ locals, params, depends }) => {
	depends('app:agents');
	const agentId = z.uuid().safeParse(params.agentId);
	if (locals.user?.role !== 'OPERATOR' || !agentId.success) error(404, 'This page does not exist.');
	try {
		const { app } = locals;
		const [machine, agents, moves, leftovers] = await Promise.all([
			readMachine(app, agentId.data),
			readAgents(app),
			readMoves(app),
			readLeftovers(app)
		]);
		return { ...machine, agents, moves, leftovers, asksForPasswords: app.config.credentials === 'agent' };
	} catch (refusal) {
		if (refusal instanceof AppError && refusal.code === 'NOT_FOUND') error(404, 'This agent does not exist.');
		throw refusal;
	}
};
