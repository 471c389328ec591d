import { nodesContract } from './contract.ts';
import { startInProcessRig } from './inProcessRig.ts';

nodesContract('in one process', () => startInProcessRig());
