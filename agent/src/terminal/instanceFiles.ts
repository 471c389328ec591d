/** The files of instances on this machine's disk, written as the build of each instance wants them. */
import { readdir } from 'node:fs/promises';
import { hasSavedLogin, wipeStartIni, writeCommonIni, writeLaunchIni, writeStartIni } from './ini.ts';
import { journalBytes, openJournalTail } from './journalTail.ts';
import { type InstanceFiles } from './ports.ts';
import { DEFAULT_FACTS, type BuildFacts } from './provision/buildFacts.ts';
import { removeInstance } from './provision/clone.ts';
import { errorCode } from './replaceFile.ts';
import { writeEaTemplate } from './template.ts';
import { findExpert, putExpert } from './uploadedExpert.ts';

/** @param factsOf what is known of the build in this directory */
export function diskFiles(
	factsOf: (instanceDir: string) => Promise<BuildFacts> = async () => DEFAULT_FACTS
): InstanceFiles {
	return {
		async list(instancesDir) {
			try {
				return await readdir(instancesDir);
			} catch (error) {
				if (errorCode(error) === 'ENOENT') return [];
				throw error;
			}
		},
		remove: removeInstance,
		writeCommonIni: async (dir, values) => writeCommonIni(dir, values, (await factsOf(dir)).iniEncoding),
		writeStartIni: async (dir, values) => writeStartIni(dir, values, (await factsOf(dir)).iniEncoding),
		writeLaunchIni: async (dir, values) => writeLaunchIni(dir, values, (await factsOf(dir)).iniEncoding),
		wipeStartIni,
		hasSavedLogin,
		writeEaTemplate: async (dir, name, settings, generation, inputs) =>
			writeEaTemplate(dir, name, settings, generation, { inputs, ...(await factsOf(dir)) }),
		findExpert,
		putExpert,
		journalBytes: async (instanceDir) => journalBytes(instanceDir),
		followJournal: (instanceDir, onEvent) => openJournalTail(instanceDir, { onEvent })
	};
}
