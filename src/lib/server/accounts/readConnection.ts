import type { ConnectionStatusView } from '#lib/domain/views.ts';
import type { App } from '../app.ts';
import { requireAccountView } from './readAccountViews.ts';

/** How an account is connected, as far as it may be claimed now. @throws AppError NOT_FOUND */
export async function readConnection(
	app: App,
	userId: string,
	accountId: string
): Promise<ConnectionStatusView> {
	const view = await requireAccountView(app, userId, accountId);
	const { connection, isConnectionWanted, retries, seenAt, state, fault, activity, agent } = view;
	const { currency, balance, equity, figures } = view;
	return {
		accountId,
		connection,
		isConnectionWanted,
		retries,
		seenAt,
		state,
		fault,
		activity,
		agent,
		currency,
		balance,
		equity,
		marginLevel: figures?.marginLevel ?? null
	};
}
