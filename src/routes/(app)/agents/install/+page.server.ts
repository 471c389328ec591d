import { error } from '@sveltejs/kit';
import { readAgents } from '#lib/server/agents/readAgents.ts';

export const load = async ({ locals, depends }) => {
	depends('app:agents');
	if (locals.user?.role !== 'OPERATOR') error(404, 'This page does not exist.');
	return { agents: await readAgents(locals.app) };
};
