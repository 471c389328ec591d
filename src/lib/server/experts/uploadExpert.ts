import { createHash } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { whyNoEx5 } from '#lib/domain/expertFile.ts';
import type { ExpertView } from '#lib/domain/expertViews.ts';
import { MOST_EXPERTS } from '#lib/domain/limits.ts';
import { inputsText, parseSet, SetUnfit, type EaInput } from '#lib/domain/setFile.ts';
import type { App, Caller } from '../app.ts';
import { writeAudit } from '../audit/writeAudit.ts';
import { AppError } from '../errors.ts';
import type { UploadExpertInput } from './expertInput.ts';

const sha256Of = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');

/**
 * Keeps a version of the trader's EA. Nothing runs it before it is deployed.
 * @throws AppError VALIDATION, EXPERT_EXISTS, EXPERT_LIMIT
 */
export async function uploadExpert(
	app: App,
	{ userId, origin }: Caller,
	{ name, ex5, set }: UploadExpertInput
): Promise<ExpertView> {
	const problem = whyNoEx5(ex5);
	if (problem !== null) throw unfit('ex5', problem);
	const inputs = set ? inputsOf(set.content) : [];
	const plain = inputsText(inputs);
	const sha256 = sha256Of(ex5);
	const inputsSha256 = set ? sha256Of(plain) : '';
	const id = uuidv7();
	const createdAt = app.now();
	await app.db.traderTransaction(userId, async (tx) => {
		const same = { userId, sha256, inputsSha256 };
		const twin = await tx.expertFile.findFirst({ where: same, select: { name: true } });
		if (twin)
			throw new AppError(
				'EXPERT_EXISTS',
				`You have this very version already, as ${twin.name}. Deploy that one, or upload another file.`
			);
		if ((await tx.expertFile.count({ where: { userId } })) >= MOST_EXPERTS)
			throw new AppError(
				'EXPERT_LIMIT',
				`You keep ${MOST_EXPERTS} versions already. Delete one that no account uses first.`
			);
		await tx.expertFile.create({
			data: {
				...{ id, ...same, name, createdAt },
				...{ bytes: ex5.length, ex5: new Uint8Array(ex5), setName: set?.name ?? null, inputs: plain }
			}
		});
		await writeAudit(tx, {
			userId,
			action: 'expert.upload',
			target: { type: 'expert', id },
			origin,
			detail: { name, sha256, inputs: inputs.length }
		});
	});
	return {
		...{ id, name, sha256, bytes: ex5.length },
		set: set ? { name: set.name, inputs: inputs.length } : null,
		...{ createdAt: createdAt.toISOString(), accountIds: [] }
	};
}

function inputsOf(content: Uint8Array): EaInput[] {
	try {
		return parseSet(content);
	} catch (error) {
		if (error instanceof SetUnfit) throw unfit('set', error.message);
		throw error;
	}
}

const unfit = (field: string, sentence: string): AppError =>
	new AppError('VALIDATION', sentence, { fields: { [field]: sentence } });
