/** `agent expert`: the traders' own EAs that the terminals of this machine have. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { type StateDir } from '../stateDir.ts';
import {
	addExpert,
	expertFiles,
	expertIn,
	expertNameOf,
	ExpertUnfit,
	removeExpert
} from '../terminal/provision/experts.ts';
import { type TreeFile } from '../terminal/provision/fileTree.ts';
import { readInstallMark } from '../terminal/provision/installMark.ts';

type Say = (line: string) => void;

const versionOf = ({ sha256 }: TreeFile): string => sha256.slice(0, 12);

/** Refusals become a sentence. */
async function concluding(say: Say, work: () => Promise<ExitCode>): Promise<ExitCode> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof ExpertUnfit)) throw error;
		say(`BAD   ${error.message}`);
		return EXIT.unhealthy;
	}
}

export const expertAdd = (
	{ experts }: StateDir,
	file: string,
	name: string | undefined,
	say: Say
): Promise<ExitCode> =>
	concluding(say, async () => {
		const added = await addExpert(experts, file, name ?? basename(file).replace(/\.ex5$/i, ''));
		say(`Added “${expertNameOf(added)}”, version ${versionOf(added)}. Traders name it so on their accounts.`);
		say('Terminals get it when they start next; “agent golden renew” restarts those whose algo is stopped.');
		return EXIT.ok;
	});

export const expertRemove = ({ experts }: StateDir, name: string, say: Say): Promise<ExitCode> =>
	concluding(say, async () => {
		if (await removeExpert(experts, name)) {
			say(`Removed “${name}”. Terminals that have it keep it.`);
			return EXIT.ok;
		}
		say(`There is no EA “${name}”; “agent expert list” names them.`);
		return EXIT.unhealthy;
	});

/** Each with its version, and the terminals that do not have that one. */
export async function expertList({ experts, instances }: StateDir, say: Say): Promise<ExitCode> {
	const all = await expertFiles(experts);
	const names = (await readdir(instances).catch(() => [])).sort();
	const installed: string[] = [];
	for (const name of names) if (await readInstallMark(join(instances, name))) installed.push(name);
	for (const expert of all) {
		say(`${expertNameOf(expert)}  version ${versionOf(expert)}  ${Math.ceil(expert.bytes / 1024)} KB`);
		let same = 0;
		for (const name of installed) {
			const state = await expertIn(join(instances, name), expert);
			if (state === 'same') same += 1;
			else
				say(`      ${name}: ${state === 'other' ? 'another version' : 'not yet'}; gets it at its next start`);
		}
		say(`      in ${same} of ${installed.length} terminals`);
	}
	if (all.length === 0) say('There is no EA yet. Add one: agent expert add <file.ex5>');
	return EXIT.ok;
}
