/** The files of instances on this machine's disk. */
import { readdir, rm } from 'node:fs/promises';
import { wipeStartIni, writeCommonIni, writeStartIni } from './ini.ts';
import { journalBytes, openJournalTail } from './journalTail.ts';
import { type InstanceFiles } from './ports.ts';
import { errorCode } from './replaceFile.ts';
import { writeEaTemplate } from './template.ts';

export const diskFiles: InstanceFiles = {
	async list(instancesDir) {
		try {
			return await readdir(instancesDir);
		} catch (error) {
			if (errorCode(error) === 'ENOENT') return [];
			throw error;
		}
	},
	remove: (instanceDir) => rm(instanceDir, { recursive: true, force: true, maxRetries: 10 }),
	writeCommonIni,
	writeStartIni,
	wipeStartIni,
	writeEaTemplate,
	journalBytes: async (instanceDir) => journalBytes(instanceDir),
	followJournal: (instanceDir, onEvent) => openJournalTail(instanceDir, { onEvent })
};
