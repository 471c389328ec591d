import { error } from '@sveltejs/kit';
import { readLeftovers, readMoves } from '#lib/server/moves/readMoves.ts';
import { readAgents } from '#lib/server/agents/readAgents.ts';

export const load = async ({ locals, depends }) => {
	depends('app:agents');
	// Operators' pages do not exist for others.
	if (locals.user?.role !== 'OPERATOR') error(404, 'This page does not exist.');
	const { app } = locals;
	const [agents, moves, leftovers] = await Promise.all([readAgents(app), readMoves(app), readLeftovers(app)]);
	return { agents, moves, leftovers, asksForPasswords: app.config.credentials === 'agent' };
};
