import { nodesContract } from './contract.ts';
import { startRedisRig } from './processesRig.ts';

nodesContract('as processes with Redis', () => startRedisRig());
