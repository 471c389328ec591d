import { describeContract } from './contract.ts';
import { simulatedRig } from './simulatedRig.ts';

describeContract('simulated terminal', (setup) => simulatedRig(setup));
