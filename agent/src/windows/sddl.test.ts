import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	accessEntries,
	areWritesDenied,
	checkSid,
	denyingWrites,
	onlyFor,
	rightsOf,
	WRITE_RIGHTS
} from './sddl.ts';

const USER = 'S-1-5-21-1111111111-2222222222-3333333333-1001';
const OTHER = 'S-1-5-21-1111111111-2222222222-3333333333-1002';
const INHERITED = 'D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;0x1200a9;;;BU)';

describe('access lists in text form', () => {
	it('reads entries with rights as numbers and as letters', () => {
		expect(accessEntries('O:BAG:SYD:PAI(D;OICI;DCLCRPCR;;;WD)(A;;FA;;;SY)')).toEqual([
			{ type: 'D', flags: ['OI', 'CI'], rights: WRITE_RIGHTS, who: 'WD' },
			{ type: 'A', flags: [], rights: 0x1f_01ff, who: 'SY' }
		]);
		expect(rightsOf('FW') & WRITE_RIGHTS).toBe(WRITE_RIGHTS);
		expect(rightsOf('GW') & WRITE_RIGHTS).toBe(WRITE_RIGHTS);
		expect(rightsOf('nonsense')).toBe(0);
	});

	it('puts the denial before every permission, and keeps those', () => {
		const denied = denyingWrites(INHERITED, USER);
		expect(denied).toBe(`D:AI(D;OICI;0x116;;;${USER})${INHERITED.slice('D:AI'.length)}`);
		expect(areWritesDenied(denied, USER)).toBe(true);
		expect(accessEntries(denied).slice(1)).toEqual(accessEntries(INHERITED));
	});

	it('leaves out owner and group, which are not its to set', () => {
		expect(denyingWrites(`O:BAG:SY${INHERITED}`, USER)).toBe(denyingWrites(INHERITED, USER));
	});

	it.each([
		['of somebody else', `D:(D;OICI;0x116;;;${OTHER})`],
		['that allows', `D:(A;OICI;0x116;;;${USER})`],
		['of a part of writing', `D:(D;OICI;0x2;;;${USER})`],
		['that files inside do not get', `D:(D;CI;0x116;;;${USER})`],
		['that is only for what lies below', `D:(D;OICIIO;0x116;;;${USER})`],
		['in no list at all', 'O:BAG:SY']
	])('sees no denial in an entry %s', (_, sddl) => {
		expect(areWritesDenied(sddl, USER)).toBe(false);
	});

	it('sees a denial where nobody but the system has a right of writing', () => {
		const readOnly = `(A;OICI;0x1200a9;;;${USER})(A;OICI;0x1200a9;;;WD)`;
		expect(areWritesDenied(`D:(A;OICI;FA;;;SY)${readOnly}`, USER)).toBe(true);
		// An administrator may be the user.
		expect(areWritesDenied(`D:(A;OICI;FA;;;BA)${readOnly}`, USER)).toBe(false);
		expect(areWritesDenied(`D:(A;OICI;0x2;;;WD)${readOnly}`, USER)).toBe(false);
		expect(areWritesDenied('D:(A;OICI;FA;;;SY)', USER)).toBe(false);
	});

	it('leaves a folder to system, administrators and one user, and nothing comes from above', () => {
		const entries = accessEntries(onlyFor(USER));
		expect(entries.map(({ who }) => who)).toEqual(['SY', 'BA', USER]);
		expect(onlyFor(USER)).toMatch(/^D:P\(/);
	});

	it('takes only a security identifier for one', () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				expect(() => checkSid(`S-1-5-21)(A;;FA;;;${text}`)).toThrow();
				expect(() => denyingWrites(INHERITED, `${text})`)).toThrow();
				expect(() => onlyFor(`${USER}\n${text}`)).toThrow();
			})
		);
	});
});
