import { describeBridge } from './bridgeContract.ts';
import { simulatedRig } from './simulatedRig.ts';

describeBridge('simulated terminal', simulatedRig);
