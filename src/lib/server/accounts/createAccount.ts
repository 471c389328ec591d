import { uuidv7 } from 'uuidv7';
import type { AccountView } from '#lib/domain/views.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError } from '../errors.ts';
import { appendAccountsEvent } from '../live/appendEvent.ts';
import type { CreateAccountInput } from './accountInput.ts';
import { assignUnassigned } from './assignAccounts.ts';
import { requireAccountView } from './readAccountViews.ts';
import { passwordOwner } from './passwordOwner.ts';
import { requireSealedFor, sealAtTheDoor } from './sealPassword.ts';

/**
 * Adds an account; the trader's first one becomes the primary. An agent with a free slot logs it in at once,
 * and the account shows what came of it.
 * @throws AppError ACCOUNT_EXISTS, AGENT_CHANGED
 */
export async function createAccount(
	app: App,
	caller: Caller,
	input: CreateAccountInput
): Promise<AccountView> {
	const id = input.sealed?.accountId ?? uuidv7();
	const { userId } = caller;
	const login = { accountNumber: input.accountNumber, serverName: input.serverName };
	const publish = await app.db.traderTransaction(userId, async (tx) => {
		const twin = { userId, ...login };
		if (await tx.mt5Account.findFirst({ where: twin, select: { id: true } }))
			throw new AppError(
				'ACCOUNT_EXISTS',
				`You have account ${input.accountNumber} on ${input.serverName} already.`,
				{
					fields: { accountNumber: 'You have this account already.' }
				}
			);
		const sealedFor = input.sealed
			? await requireSealedFor(app, tx, input.sealed.text, { id, isNew: true })
			: null;
		if (input.sealed && (await tx.mt5Account.findFirst({ where: { id }, select: { id: true } })))
			throw new AppError(
				'AGENT_CHANGED',
				'This was sent already. Look at your accounts before you repeat it.'
			);
		const isFirst = (await tx.mt5Account.findFirst({ where: { userId }, select: { id: true } })) === null;
		await tx.mt5Account.create({
			data: {
				id,
				...twin,
				broker: input.broker,
				name: input.name ?? `${input.broker} ${input.accountNumber}`.slice(0, 60),
				kind: input.kind ?? 'DEMO',
				currency: input.currency ?? 'USD',
				tags: input.tags ?? [],
				isPrimary: isFirst,
				sealedPassword: storedAtOnce(app, id, input),
				...(sealedFor === null ? {} : { assignment: { create: { agentId: sealedFor } } }),
				state: { create: {} }
			}
		});
		await writeAudit(tx, {
			userId,
			action: 'account.create',
			target: { type: 'account', id },
			origin: caller.origin,
			detail: { accountNumber: input.accountNumber, serverName: input.serverName }
		});
		return appendAccountsEvent(tx, app.hub, userId, { reason: 'created', accountIds: [id] });
	});
	await app.db.transaction((sql) => assignUnassigned(sql, app.agents.connectedIds(), id));
	// Without an agent there is nobody to seal it to: it is not kept, and the account asks for it.
	if (input.password !== undefined && app.config.credentials === 'agent')
		await sealAtTheDoor(app, userId, { id, ...login }, input.password);
	publish();
	await app.agents.syncAccounts([id]);
	return requireAccountView(app, userId, id);
}

/** What can be stored before the account has an agent. */
function storedAtOnce(app: App, id: string, input: CreateAccountInput): string | null {
	const { password, sealed, accountNumber, serverName } = input;
	if (sealed) return sealed.text;
	return password !== undefined && app.config.credentials === 'server'
		? app.secretBox.seal(password, passwordOwner({ id, accountNumber, serverName }))
		: null;
}
