import { machineAccountsSchema } from '#lib/server/answers/operators.ts';
import { json } from '@sveltejs/kit';
import { readMachineAccounts } from '#lib/server/moves/readMoves.ts';
import { api } from '#lib/server/http/api.ts';
import { idParam, requireOperator } from '#lib/server/http/caller.ts';

export const GET = api(
	{
		tag: 'Operators',
		summary: 'The accounts on one machine, whoever owns them',
		answer: machineAccountsSchema
	},
	async (event) => {
		requireOperator(event);
		const agentId = idParam(event.params['agentId'], 'The agent');
		return json({ accounts: await readMachineAccounts(event.locals.app, agentId) });
	}
);
