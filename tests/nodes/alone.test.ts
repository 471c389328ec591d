import { aloneContract } from './aloneContract.ts';
import { startInProcessRig } from './inProcessRig.ts';
import { startProcessesRig } from './processesRig.ts';

aloneContract('in one process', () => startInProcessRig({ isAlone: true }));
aloneContract('as processes', () => startProcessesRig());
