import { nodesContract } from './contract.ts';
import { startRedisRig } from './redisRig.ts';

nodesContract('as processes with Redis', () => startRedisRig());
