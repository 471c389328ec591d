import type { App } from '../app.ts';
import { notFound } from '../errors.ts';

/** Notes that the trader put a command's result list away, on this device and so on all. @throws AppError NOT_FOUND */
export async function putAway(app: App, userId: string, commandId: string): Promise<void> {
	const { count } = await app.db.prisma.eaCommand.updateMany({
		where: { id: commandId, userId },
		data: { readAt: app.now() }
	});
	if (count === 0) throw notFound('The command');
}
