import type { AccountView } from '#lib/domain/views.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { requireStepUp } from '../auth/stepUp.ts';
import type { Mt5Account, Prisma } from '../generated/prisma/client.ts';
import type { Tx } from '../db.ts';
import { AppError, notFound } from '../errors.ts';
import { appendAccountsEvent } from '../live/appendEvent.ts';
import type { UpdateAccountInput } from './accountInput.ts';
import { requireNoCommandSince, requireStandstill } from './algoGuard.ts';
import { assignUnassigned } from './assignAccounts.ts';
import { passwordOwner } from './passwordOwner.ts';
import { requireAccountView } from './readAccountViews.ts';
import { requireSealedFor, sealAtTheDoor } from './sealPassword.ts';

/**
 * Changes an account. Server, password, policy and status reach the agent at once; EA settings with the next
 * Start. Deactivating and changing the server need a proven standstill; another server needs the password again,
 * since the one that is stored is sealed for the old server.
 * @throws AppError NOT_FOUND, VALIDATION, ALGO_RUNNING, ACCOUNT_EXISTS, STEP_UP_REQUIRED, AGENT_CHANGED
 */
export async function updateAccount(
	app: App,
	caller: Caller,
	accountId: string,
	input: UpdateAccountInput
): Promise<AccountView> {
	const { userId } = caller;
	const still =
		input.status === 'INACTIVE'
			? await requireStandstill(app, userId, accountId, 'deactivate it')
			: input.serverName !== undefined
				? await requireStandstill(app, userId, accountId, 'change its server')
				: null;
	const { publish, login } = await app.db.traderTransaction(userId, async (tx) => {
		const account = await tx.mt5Account.findFirst({ where: { id: accountId, userId } });
		if (!account) throw notFound('The account');
		if (still) await requireNoCommandSince(tx, still);
		if (input.password !== undefined || input.sealed !== undefined)
			requireStepUp(app, caller, 'account_password');
		// Else the question before a real Start could be had away with by calling the account a demo one.
		if (account.kind === 'REAL' && input.kind === 'DEMO') requireStepUp(app, caller, 'real_start');
		if (input.sealed !== undefined)
			await requireSealedFor(app, tx, input.sealed, { id: accountId, isNew: false });
		if (input.serverName !== undefined && input.serverName !== account.serverName)
			await requireMovable(tx, account, input, input.serverName);
		if (input.isPrimary) await tx.mt5Account.updateMany({ where: { userId }, data: { isPrimary: false } });
		await tx.mt5Account.update({ where: { id: accountId }, data: changes(app, account, input) });
		await writeAudit(tx, {
			userId,
			action: 'account.update',
			target: { type: 'account', id: accountId },
			origin: caller.origin,
			// Names of what was changed; a password's name is said, its value never.
			detail: { fields: Object.keys(input) }
		});
		const change = { reason: 'updated' as const, accountIds: [accountId] };
		return {
			publish: await appendAccountsEvent(tx, app.hub, userId, change),
			login: loginOf(account, input)
		};
	});
	await app.db.transaction((sql) => assignUnassigned(sql, app.agents.connectedIds(), accountId));
	if (input.password !== undefined && app.config.credentials === 'agent')
		await sealAtTheDoor(app, userId, login, input.password);
	publish();
	await app.agents.syncAccounts([accountId]);
	return requireAccountView(app, userId, accountId);
}

/** Where the account logs in after the change. */
const loginOf = ({ id, accountNumber, serverName }: Mt5Account, input: UpdateAccountInput) => ({
	id,
	accountNumber,
	serverName: input.serverName ?? serverName
});

async function requireMovable(
	tx: Tx,
	{ userId, accountNumber, serverName }: Mt5Account,
	{ password, sealed }: UpdateAccountInput,
	nextServer: string
): Promise<void> {
	const twin = { userId, accountNumber, serverName: nextServer };
	if (await tx.mt5Account.findFirst({ where: twin, select: { id: true } }))
		throw new AppError('ACCOUNT_EXISTS', `You have account ${accountNumber} on this server already.`);
	if (password === undefined && sealed === undefined) {
		const sentence = `Enter the password again: the stored one is sealed for ${serverName} and does not open for another server.`;
		throw new AppError('VALIDATION', sentence, { fields: { password: sentence } });
	}
}

function changes(app: App, account: Mt5Account, input: UpdateAccountInput): Prisma.Mt5AccountUpdateInput {
	const { password, sealed, overrides, policy, expert, ...plain } = input;
	const data: Prisma.Mt5AccountUpdateInput = {};
	for (const [key, value] of Object.entries({ ...plain, ...overrides, ...policy }))
		if (value !== undefined) Object.assign(data, { [key]: value });
	if (sealed !== undefined) data.sealedPassword = sealed;
	else if (password !== undefined && app.config.credentials === 'server')
		data.sealedPassword = app.secretBox.seal(password, passwordOwner(loginOf(account, input)));
	// The old one is for the old server: until the new one is sealed, there is none.
	else if (input.serverName !== undefined && input.serverName !== account.serverName)
		data.sealedPassword = null;
	if (input.status === 'INACTIVE') data.isEnabledForTrading = false;
	if (expert?.path !== undefined && expert.path !== account.expertPath) {
		data.expertPath = expert.path;
		// What was uploaded lies at a path of its own.
		data.expertFile = { disconnect: true };
	}
	if (expert?.symbol !== undefined) data.expertSymbol = expert.symbol;
	if (expert?.timeframe !== undefined) data.expertTimeframe = expert.timeframe;
	if (expert?.magic !== undefined) data.expertMagic = expert.magic;
	return data;
}
